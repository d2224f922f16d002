"""Products and quotients of two operators that are an operator of a simple kind; all others are compositions."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.engine import _operators as operators
from addax.tf._linear_operators import _arrays as arrays
from addax.tf._linear_operators._block_diag import LinearOperatorBlockDiag
from addax.tf._linear_operators._checks import broadcast_shapes
from addax.tf._linear_operators._circulant import BaseCirculant
from addax.tf._linear_operators._composition import LinearOperatorComposition
from addax.tf._linear_operators._dense import LinearOperatorLowerTriangular
from addax.tf._linear_operators._diag import LinearOperatorDiag
from addax.tf._linear_operators._identity import LinearOperatorIdentity, LinearOperatorScaledIdentity
from addax.tf._linear_operators._wrapped import LinearOperatorInversion
from addax.tf._linear_operators._zeros import LinearOperatorZeros


def product(left: Any, right: Any) -> Any:
    """`left @ right` as one operator."""
    if isinstance(left, LinearOperatorIdentity) and _covers(right, left):
        return right
    if isinstance(right, LinearOperatorIdentity) and _covers(left, right):
        return left
    if isinstance(left, LinearOperatorZeros) or isinstance(right, LinearOperatorZeros):
        return _zeros(left, right)
    return _of_one_kind(left, right, False) or LinearOperatorComposition([left, right])


def quotient(left: Any, right: Any) -> Any:
    """The inverse of `left`, times `right`, as one operator."""
    if isinstance(left, LinearOperatorIdentity) and _covers(right, left):
        return right
    if isinstance(right, LinearOperatorIdentity) and _covers(left, right):
        return left.inverse()
    if isinstance(left, LinearOperatorInversion):
        return product(left.operator, right)
    return _of_one_kind(left, right, True) or LinearOperatorComposition([left.inverse(), right])


def _covers(one: Any, other: Any) -> bool:
    """Whether the batch of one operator is that of both together."""
    return broadcast_shapes("matmul", one.batch_shape, other.batch_shape) == tuple(one.batch_shape)


def _zeros(left: Any, right: Any) -> LinearOperatorZeros:
    for zeros, other in ((left, right), (right, left)):
        if isinstance(zeros, LinearOperatorZeros) and other.is_square and _covers(zeros, other):
            return zeros
    rows, columns = left.range_dimension, right.domain_dimension
    square = rows == columns
    return LinearOperatorZeros(
        rows,
        columns,
        batch_shape=broadcast_shapes("matmul", left.batch_shape, right.batch_shape),
        dtype=left.dtype or right.dtype,
        is_square=square,
        is_self_adjoint=square,
    )


def _of_one_kind(left: Any, right: Any, inverse: bool) -> Any:
    """The product (or quotient) of two operators of kinds that are closed under it; None for other kinds."""
    hints = commuting_hints(left, right)
    kinds = (type(left), type(right))
    diagonal = (LinearOperatorDiag, LinearOperatorScaledIdentity)
    if all(kind in diagonal for kind in kinds):
        return _diagonal(left, right, hints, inverse)
    if kinds == (LinearOperatorDiag, LinearOperatorLowerTriangular):
        tril = arrays.scaled_rows(left.diag, right.tril, inverse=inverse)
        return LinearOperatorLowerTriangular(tril, is_non_singular=hints["is_non_singular"])
    if kinds == (LinearOperatorLowerTriangular, LinearOperatorDiag) and not inverse:
        tril = operators.multiply(left.tril, ops.expand_dims(right.diag, -2))
        return LinearOperatorLowerTriangular(tril, is_non_singular=hints["is_non_singular"])
    if isinstance(left, BaseCirculant) and kinds[0] is kinds[1] and left.block_shape == right.block_shape:
        return left._with(_pointwise(left.spectrum, right.spectrum, inverse), **hints)
    if kinds == (LinearOperatorBlockDiag,) * 2 and _fit(left, right):
        return _blocks(left, right, inverse)
    return None


def _diagonal(left: Any, right: Any, hints: dict, inverse: bool) -> Any:
    if all(type(x) is LinearOperatorScaledIdentity for x in (left, right)):
        size = left.domain_dimension
        return LinearOperatorScaledIdentity(
            size, _pointwise(left.multiplier, right.multiplier, inverse), **hints
        )
    a, b = (
        x.diag if type(x) is LinearOperatorDiag else ops.expand_dims(x.multiplier, -1) for x in (left, right)
    )
    return LinearOperatorDiag(_pointwise(a, b, inverse), **hints)


def _fit(left: Any, right: Any) -> bool:
    return left._blocks()[1] == right._blocks()[0]


def _blocks(left: Any, right: Any, inverse: bool) -> Any:
    pairs = list(zip(left.operators, right.operators, strict=True))
    blocks = [a.solve(b) if inverse else a.matmul(b) for a, b in pairs]
    square = all(x.is_square for x in blocks)
    return LinearOperatorBlockDiag(
        blocks, is_non_singular=_both(left, right, "is_non_singular"), is_square=square
    )


def _pointwise(left: Any, right: Any, inverse: bool) -> Any:
    return operators.divide(right, left) if inverse else operators.multiply(left, right)


def commuting_hints(left: Any, right: Any) -> dict:
    """What is known of the product of two operators that commute."""
    self_adjoint = _both(left, right, "is_self_adjoint")
    return {
        "is_non_singular": _both(left, right, "is_non_singular"),
        "is_self_adjoint": self_adjoint,
        "is_positive_definite": _both(left, right, "is_positive_definite") if self_adjoint else None,
        "is_square": True,
    }


def _both(left: Any, right: Any, hint: str) -> bool | None:
    return True if getattr(left, hint) and getattr(right, hint) else None

"""Matrices with three diagonals, whose products, systems and determinants take linear time."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jnp, lax
from addax.tf._linear_operators import _arrays as arrays
from addax.tf._linear_operators._base import LinearOperator
from addax.tf._linear_operators._checks import broadcast_shapes, check_same_dtype, fixed, parameter
from addax.tf._linear_operators._dense import require_square

_FORMATS = ("compact", "sequence", "matrix")
_OWNER = "LinearOperatorTridiag"


class LinearOperatorTridiag(LinearOperator):
    """Square matrices with zeros off three diagonals: the main one, that above it and that below it.

    Args:
        diagonals: `"compact"`: a tensor of shape `(..., 3, n)` with the elements above, on and below the diagonal,
            where the last one above and the first one below do not count; `"sequence"`: a list of the three, of which
            the outer ones may have one element less; `"matrix"`: a tensor of shape `(..., n, n)`.
        diagonals_format: In which form the diagonals come.
        is_non_singular: A hint, see `LinearOperator`.
        is_self_adjoint: A hint.
        is_positive_definite: A hint.
        is_square: A hint, which can only be True.
        name: A name.

    Raises:
        ValueError: If the form is unknown or the shapes do not fit it, or a hint cannot be true.

    Example:
        >>> import addax.tf as tf
        >>> operator = tf.linalg.LinearOperatorTridiag([[1.0, 0.0], [2.0, 2.0], [0.0, 1.0]])
        >>> operator.solvevec([3.0, 3.0]).numpy().tolist()
        [1.0, 1.0]
    """

    def __init__(
        self,
        diagonals: Any,
        diagonals_format: str = "compact",
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorTridiag",
    ) -> None:
        fixed(_OWNER, "It is square.", {"is_square": (is_square, True)})
        if diagonals_format not in _FORMATS:
            raise ValueError(
                message(
                    "Unknown `diagonals_format`.",
                    expected=", ".join(_FORMATS),
                    received=f"{diagonals_format}",
                )
            )
        self._diagonals_format = diagonals_format
        self._diagonals: Any = _sequence(diagonals) if diagonals_format == "sequence" else _whole(diagonals)
        self._ranks = {"diagonals": 1 if diagonals_format == "sequence" else 2}
        if diagonals_format == "matrix":
            require_square(_OWNER, "diagonals", self._diagonals)
        elif diagonals_format == "compact" and self._diagonals.shape[-2] != 3:
            raise _wrong_shape("shape (..., 3, n)", self._diagonals.shape)
        first = self._diagonals[1] if diagonals_format == "sequence" else self._diagonals
        super().__init__(
            first.dtype,
            is_non_singular=is_non_singular,
            is_self_adjoint=is_self_adjoint,
            is_positive_definite=is_positive_definite,
            is_square=True,
            name=name,
        )

    @property
    def diagonals(self) -> Any:
        """The diagonals, in the form in which they came."""
        return self._diagonals

    @property
    def diagonals_format(self) -> str:
        """The form of the diagonals."""
        return self._diagonals_format

    def _shape(self) -> Any:
        given = self._diagonals
        if self._diagonals_format == "sequence":
            batch = broadcast_shapes(_OWNER, *[part.shape[:-1] for part in given])
            return (*batch, given[1].shape[-1], given[1].shape[-1])
        return (*given.shape[:-2], given.shape[-1], given.shape[-1])

    def _bands(self) -> Any:
        """The compact form."""
        if self._diagonals_format == "sequence":
            return _from_sequence(*self._diagonals)
        return _from_matrix(self._diagonals) if self._diagonals_format == "matrix" else self._diagonals

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return _product(self._bands(), arrays.turned(x, adjoint_arg), adjoint=adjoint)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return _solution(self._bands(), arrays.turned(rhs, adjoint_arg), adjoint=adjoint)

    def _to_dense(self) -> Any:
        return _dense(self._bands())

    def _diag_part(self) -> Any:
        if self._diagonals_format == "sequence":
            middle = ops.convert_to_tensor(self._diagonals[1])
            return arrays.spread_over(middle, tuple(self.shape[:-1]))
        return ops.convert_to_tensor(self._bands())[..., 1, :]

    def _determinant(self) -> Any:
        sign, log = _determinants(self._bands())
        return ops.multiply(sign, ops.cast(ops.exp(log), self.dtype))

    def _log_abs_determinant(self) -> Any:
        return ops.cast(_determinants(self._bands())[1], self.dtype)


def _whole(diagonals: Any) -> Any:
    return parameter(diagonals, _OWNER, "diagonals", 2)


def _sequence(diagonals: Any) -> list:
    if not isinstance(diagonals, (list, tuple)) or len(diagonals) != 3:
        raise _wrong_shape("a list of three tensors", getattr(diagonals, "shape", len(diagonals)))
    parts = [parameter(part, _OWNER, "diagonals", 1) for part in diagonals]
    check_same_dtype(_OWNER, parts)
    size = parts[1].shape[-1]
    if any(part.shape[-1] not in (size, size - 1) for part in parts[::2]):
        raise _wrong_shape(f"outer diagonals of {size - 1} or {size} elements", [p.shape for p in parts])
    return parts


def _wrong_shape(expected: str, received: Any) -> ValueError:
    return ValueError(
        message(f"`diagonals` of {_OWNER} do not fit.", expected=expected, received=f"{received}")
    )


@op(name="tridiagonal_bands")
def _from_sequence(above: Any, middle: Any, below: Any) -> Any:
    above, middle, below = jnp.asarray(above), jnp.asarray(middle), jnp.asarray(below)
    size = middle.shape[-1]
    batch = jnp.broadcast_shapes(above.shape[:-1], middle.shape[:-1], below.shape[:-1])

    def filled(part: Any, first: bool) -> Any:
        gap = size - part.shape[-1]
        sides = (gap, 0) if first else (0, gap)
        return jnp.broadcast_to(jnp.pad(part, (*[(0, 0)] * (part.ndim - 1), sides)), (*batch, size))

    return jnp.stack([filled(above, False), filled(middle, False), filled(below, True)], axis=-2)


@op(name="bands_of_matrix")
def _from_matrix(matrix: Any) -> Any:
    above, middle, below = (jnp.diagonal(matrix, k, -2, -1) for k in (1, 0, -1))
    none = [(0, 0)] * (middle.ndim - 1)
    return jnp.stack([jnp.pad(above, (*none, (0, 1))), middle, jnp.pad(below, (*none, (1, 0)))], axis=-2)


def _clean(bands: Any, adjoint: bool = False) -> tuple[Any, Any, Any]:
    """What is above, on and below the diagonal, with zeros where nothing is; of the adjoint if asked for."""
    bands = jnp.asarray(bands)
    above, middle, below = (bands[..., k, :] for k in range(3))
    n = jnp.arange(middle.shape[-1])
    above, below = jnp.where(n == n.size - 1, 0, above), jnp.where(n == 0, 0, below)
    if adjoint:
        above, below = jnp.roll(below.conj(), -1, axis=-1), jnp.roll(above.conj(), 1, axis=-1)
        middle = middle.conj()
    return above, middle, below


@op(name="tridiagonal_product")
def _product(bands: Any, x: Any, adjoint: bool = False) -> Any:
    above, middle, below = (part[..., None] for part in _clean(bands, adjoint))
    return above * jnp.roll(x, -1, axis=-2) + middle * x + below * jnp.roll(x, 1, axis=-2)


@op(name="tridiagonal_system")
@arrays.in_single
def _solution(bands: Any, rhs: Any, adjoint: bool = False) -> Any:
    bands, rhs = arrays.together(jnp.asarray(bands), jnp.asarray(rhs))
    above, middle, below = _clean(bands, adjoint)
    return lax.linalg.tridiagonal_solve(below, middle, above, rhs)


@op(name="tridiagonal_matrix")
def _dense(bands: Any) -> Any:
    above, middle, below = _clean(bands)
    n = jnp.arange(middle.shape[-1])
    matrix = jnp.zeros((*middle.shape, middle.shape[-1]), middle.dtype).at[..., n, n].set(middle)
    matrix = matrix.at[..., n[:-1], n[1:]].set(above[..., :-1])
    return matrix.at[..., n[1:], n[:-1]].set(below[..., 1:])


@op(name="tridiagonal_determinant")
def _determinants(bands: Any) -> Any:
    """Sign and logarithm, by the recurrence of the leading minors, each step of which is scaled to size 1."""
    above, middle, below = _clean(bands)
    steps = middle, below * jnp.roll(above, 1, axis=-1)
    one = jnp.ones(middle.shape[:-1], middle.dtype)

    def step(state: Any, part: Any) -> Any:
        before, now, log = state
        following = part[0] * now - part[1] * before
        size = lax.stop_gradient(jnp.maximum(jnp.abs(following), jnp.abs(now)))
        size = jnp.where(size == 0, 1, size)
        return (now / size, following / size, log + jnp.log(size)), None

    start = jnp.zeros_like(one), one, jnp.zeros(one.shape, jnp.abs(one).dtype)
    (_, last, log), _ = lax.scan(step, start, tuple(jnp.moveaxis(part, -1, 0) for part in steps))
    size = jnp.abs(last)
    return last / jnp.where(size == 0, 1, size), log + jnp.log(size)

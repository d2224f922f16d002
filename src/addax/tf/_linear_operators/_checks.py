"""What the operators demand of their arguments, and the errors that say so."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core import dtypes
from addax.core.errors import describe, message
from addax.engine import SymbolicTensor, Tensor, Variable


def parameter(
    value: Any, owner: str, what: str, rank: int, numbers: str = "any", dtype: Any = None
) -> Tensor | Variable:
    """An array that an operator is made of: a variable as it is, anything else as a tensor.

    Args:
        value: The array.
        owner: The class of the operator, for errors.
        what: The name of the argument.
        rank: The rank it has at least.
        numbers: `"any"`, `"inexact"` (float or complex) or `"integer"`.
        dtype: A dtype for Python values.
    """
    if value is None:
        raise ValueError(message(f"{owner} needs `{what}`.", expected="a tensor", received="None"))
    tensor = value
    if not isinstance(value, (Variable, SymbolicTensor)):
        tensor = ops.convert_to_tensor(value, None if hasattr(value, "dtype") else dtype)
    check_kind(tensor, owner, what, numbers)
    if len(tensor.shape) < rank:
        raise ValueError(
            message(
                f"`{what}` of {owner} has too few axes.",
                expected=f"rank {rank} or more",
                received=f"shape {tuple(tensor.shape)}",
            )
        )
    return tensor


def check_kind(tensor: Any, owner: str, what: str, numbers: str) -> None:
    """Raise TypeError unless a tensor holds numbers of a kind."""
    kind = dtypes.standardize(tensor.dtype).name
    inexact = dtypes.is_float(kind) or kind.startswith("complex")
    if numbers == "any" and kind not in ("bool", "string") or numbers == "inexact" and inexact:
        return
    if numbers == "integer" and kind.startswith(("int", "uint")):
        return
    expected = {"any": "numbers", "inexact": "a float or complex dtype", "integer": "an integer dtype"}
    raise TypeError(
        message(
            f"`{what}` of {owner} has the wrong dtype.",
            expected=expected[numbers],
            received=kind,
            hint="Convert it with tf.cast.",
        )
    )


def is_complex(dtype: Any) -> bool:
    """Whether a dtype has an imaginary part."""
    return dtypes.standardize(dtype).name.startswith("complex")


def known_dtype(dtype: Any) -> Any:
    """A dtype as tensors have it here, where 64 bits may be 32; None stays None."""
    return None if dtype is None else dtypes.standardize(dtypes.narrow(dtypes.standardize(dtype).name))


def settled(owner: str, non_singular: Any, self_adjoint: Any, definite: Any, square: Any) -> tuple:
    """The four hints, with what follows from each other.

    Raises:
        ValueError: If they contradict each other.
    """
    if definite and non_singular is False:
        raise contradiction(owner, "A positive definite matrix has an inverse.", "is_non_singular")
    non_singular = True if definite else non_singular
    if square is False and (non_singular or self_adjoint or definite):
        raise contradiction(
            owner, "A matrix that is self-adjoint, or has an inverse, is square.", "is_square"
        )
    square = True if non_singular or self_adjoint or definite else square
    return non_singular, self_adjoint, definite, square


def contradiction(owner: str, law: str, hint: str) -> ValueError:
    """The error for a hint that cannot be true."""
    return ValueError(
        message(
            f"The hints of {owner} contradict each other, or what it is. {law}",
            received=f"a hint `{hint}` that says otherwise",
            hint=f"Leave `{hint}` out.",
        )
    )


def fixed(owner: str, law: str, given: dict[str, tuple[Any, bool]]) -> None:
    """Raise ValueError if one of the hints is given, and not what it always is for a kind of operator."""
    for hint, (value, always) in given.items():
        if value is not None and bool(value) is not always:
            raise contradiction(owner, law, hint)


def unsupported(operator: Any, method: str, because: str, hint: str | None = None) -> NotImplementedError:
    """The error of an operator that does not have what a method computes."""
    return NotImplementedError(
        message(
            f"{type(operator).__name__}.{method}(): {because}",
            received=f"an operator of shape {tuple(operator.shape)}",
            hint=hint,
        )
    )


def check_same_dtype(owner: str, operators: Any) -> Any:
    """The dtype of operators, which have to share one.

    Raises:
        TypeError: If they differ.
    """
    found = {str(x.dtype): x for x in operators if x.dtype is not None}
    if len(found) > 1:
        raise TypeError(
            message(
                f"{owner}: what it is made of has different dtypes.",
                expected="one dtype",
                received=", ".join(f"{type(x).__name__} of {dtype}" for dtype, x in found.items()),
                hint="Convert the tensors that they are made of with tf.cast.",
            )
        )
    return next(iter(found.values())).dtype if found else None


def check_operators(owner: str, operators: Any) -> list:
    """A list of operators, at least one.

    Raises:
        ValueError: If it is empty.
        TypeError: If something else is in it.
    """
    found = list(operators)
    if not found:
        raise ValueError(message(f"{owner} is made of operators.", expected="one or more", received="none"))
    for x in found:
        check_operator(owner, x)
    return found


def check_operator(owner: str, x: Any) -> Any:
    """An operator, as it is.

    Raises:
        TypeError: If it is something else.
    """
    if not hasattr(x, "_linop_matmul"):
        raise TypeError(
            message(
                f"{owner} is made of operators.",
                expected="a tf.linalg.LinearOperator",
                received=describe(x),
                hint="Wrap a matrix in tf.linalg.LinearOperatorFullMatrix.",
            )
        )
    return x


def broadcast_shapes(owner: str, *shapes: Any) -> tuple:
    """The shape that several broadcast to; an unknown size stays unknown unless another one tells it.

    Raises:
        ValueError: If they do not fit.
    """
    rank = max(map(len, shapes), default=0)
    found = []
    for sizes in zip(*[(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes], strict=True):
        known = {size for size in sizes if size not in (1, None)}
        if len(known) > 1:
            raise ValueError(
                message(
                    f"{owner}: the batches do not broadcast.",
                    expected="equal sizes, or 1",
                    received=" and ".join(str(tuple(shape)) for shape in shapes),
                )
            )
        found.append(known.pop() if known else (None if None in sizes else 1))
    return tuple(found)

"""What functions of `tf.linalg` do when one of their arguments is an operator."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message


def is_operator(x: Any) -> bool:
    """Whether something is a `tf.linalg.LinearOperator`."""
    return hasattr(type(x), "_linop_matmul")


def product(a: Any, b: Any, transposed: bool, adjoint_a: bool, adjoint_b: bool) -> Any:
    """`tf.matmul` where one of the factors is an operator, or both are.

    Raises:
        ValueError: If a factor is to be transposed without its conjugate.
    """
    if transposed:
        raise ValueError(
            message(
                "tf.matmul() does not transpose linear operators.",
                expected="adjoint_a or adjoint_b",
                received="transpose_a or transpose_b",
                hint="Write the matrix out with its method to_dense().",
            )
        )
    if is_operator(a):
        return a.matmul(b, adjoint=adjoint_a, adjoint_arg=adjoint_b)
    found = b.matmul(a, adjoint=not adjoint_b, adjoint_arg=not adjoint_a)
    return ops.swapaxes(ops.conj(found), -1, -2)

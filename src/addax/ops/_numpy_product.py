"""Products of tensors: dot, outer, tensordot, einsum and their kin."""

from __future__ import annotations

from typing import Any

from addax.engine._jax import jnp
from addax.engine._op import op
from addax.ops._dtypes import known_axis


@op
def dot(x1: Any, x2: Any) -> Any:
    """Dot product over the last axis of `x1` and the last but one (the only one, for a vector) of `x2`."""
    return jnp.dot(x1, x2)


@op
def outer(x1: Any, x2: Any) -> Any:
    """Products of every element of `x1` with every one of `x2`: shape `(x1.size, x2.size)`."""
    return jnp.outer(x1, x2)


@op
def tensordot(x1: Any, x2: Any, axes: Any = 2) -> Any:
    """Sum of products over axes.

    Args:
        x1: A tensor.
        x2: A tensor.
        axes: How many of the last axes of `x1` meet the first ones of `x2`, or a pair of lists of axes.

    Returns:
        A tensor with the axes of `x1`, then those of `x2`, that are not summed over.
    """
    return jnp.tensordot(x1, x2, known_axis(axes))


@op(static=("subscripts",))
def einsum(subscripts: str, *operands: Any, **kwargs: Any) -> Any:
    """Sum of products by Einstein's convention.

    Args:
        subscripts: The axes of each operand and of the result, such as `"bij,bjk->bik"`.
        *operands: Tensors.
        **kwargs: `optimize`, as `numpy.einsum` has it.

    Example:
        >>> import addax as keras
        >>> keras.ops.einsum("ij,j->i", [[1, 2], [3, 4]], [1, 1]).numpy()
        array([3, 7], dtype=int32)
    """
    arrays = [jnp.asarray(x) for x in operands]
    if all(x.dtype == jnp.int8 for x in arrays):
        kwargs["preferred_element_type"] = jnp.int32
    return jnp.einsum(subscripts, *arrays, **kwargs)


@op
def inner(x1: Any, x2: Any) -> Any:
    """Sums of products over the last axes of both tensors."""
    return jnp.inner(x1, x2)


@op
def vdot(x1: Any, x2: Any) -> Any:
    """Dot product of the flattened tensors, the first one conjugated."""
    return jnp.vdot(x1, x2)


@op
def kron(x1: Any, x2: Any) -> Any:
    """Kronecker product: every element of `x1` times the whole of `x2`."""
    return jnp.kron(x1, x2)


@op
def cross(
    x1: Any, x2: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    """Cross product of vectors with 2 or 3 components.

    Args:
        x1: A tensor.
        x2: A tensor of a shape that broadcasts.
        axisa: The axis of the components in `x1`.
        axisb: The axis of the components in `x2`.
        axisc: The axis of the components in the result.
        axis: All three at once.
    """
    return jnp.cross(jnp.asarray(x1), jnp.asarray(x2), axisa, axisb, axisc, axis)

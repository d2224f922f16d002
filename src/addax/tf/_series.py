"""`tf.math`: polynomials, permutations, Sobol's points, roughly the largest values."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core import dtypes
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.engine import op
from addax.engine._jax import jnp, lax


def polyval(coeffs: Any, x: Any, name: str | None = None) -> Any:
    """A polynomial, element-wise.

    Args:
        coeffs: A list of numbers or tensors, that of the highest power first.
        x: A tensor.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If `coeffs` is no list.

    Example:
        >>> import addax.tf as tf
        >>> tf.math.polyval([1.0, 0.0, 2.0], 3.0).numpy()
        np.float32(11.0)
    """
    if not isinstance(coeffs, list):
        raise ValueError(message("`coeffs` must be a list.", received=type(coeffs).__name__))
    x = ops.convert_to_tensor(x)
    found = ops.zeros_like(x)
    for coefficient in coeffs:
        found = operators.add(operators.multiply(found, x), coefficient)
    return found


def invert_permutation(x: Any, name: str | None = None) -> Any:
    """Where each number is in a permutation.

    Args:
        x: The numbers from 0 to n - 1 in any order, shape `(n,)`.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.math.invert_permutation([2, 0, 1]).numpy()
        array([1, 2, 0], dtype=int32)
    """
    return _inverted(x)


@op(name="invert_permutation")
def _inverted(x: Any) -> Any:
    x = jnp.asarray(x)
    return jnp.zeros_like(x).at[x].set(jnp.arange(x.shape[0], dtype=x.dtype))


def sobol_sample(
    dim: int, num_results: int, skip: int = 0, dtype: Any = "float32", name: str | None = None
) -> Any:
    """Points in the unit cube that fill it evenly (Joe and Kuo, 2008).

    Args:
        dim: The number of dimensions.
        num_results: The number of points.
        skip: How many points of the sequence to leave out, after the corner at 0, which is never given.
        dtype: A float dtype.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of shape `(num_results, dim)`.

    Example:
        >>> import addax.tf as tf
        >>> tf.math.sobol_sample(2, 3).numpy().tolist()
        [[0.5, 0.5], [0.75, 0.25], [0.25, 0.75]]
    """
    from scipy.stats import qmc

    sequence = qmc.Sobol(int(dim), scramble=False)
    sequence.fast_forward(int(skip) + 1)
    return ops.convert_to_tensor(sequence.random(int(num_results)).astype(dtypes.numpy_dtype(dtype)))


def approx_max_k(
    operand: Any,
    k: int,
    reduction_dimension: int = -1,
    recall_target: float = 0.95,
    reduction_input_size_override: int = -1,
    aggregate_to_topk: bool = True,
    name: str | None = None,
) -> tuple[Any, Any]:
    """The k largest values along an axis, and their indices; on accelerators a few of them may be missed.

    Args:
        operand: A float tensor.
        k: How many.
        reduction_dimension: The axis.
        recall_target: Which share of them has to be found.
        reduction_input_size_override: The size that `recall_target` counts for; that of the axis if negative.
        aggregate_to_topk: Whether exactly k values are given.
        name: Accepted for TensorFlow's sake.

    Returns:
        `(values, indices)`.
    """
    options = (int(k), int(reduction_dimension), float(recall_target), reduction_input_size_override)
    return _approximately(operand, options=options, aggregate=aggregate_to_topk, largest=True)


def approx_min_k(
    operand: Any,
    k: int,
    reduction_dimension: int = -1,
    recall_target: float = 0.95,
    reduction_input_size_override: int = -1,
    aggregate_to_topk: bool = True,
    name: str | None = None,
) -> tuple[Any, Any]:
    """The k smallest values along an axis; arguments as for `approx_max_k`."""
    options = (int(k), int(reduction_dimension), float(recall_target), reduction_input_size_override)
    return _approximately(operand, options=options, aggregate=aggregate_to_topk, largest=False)


@op(name="approximate_top_k")
def _approximately(x: Any, options: tuple = (), aggregate: bool = True, largest: bool = True) -> Any:
    find = lax.approx_max_k if largest else lax.approx_min_k
    return tuple(find(jnp.asarray(x), *options, aggregate_to_topk=aggregate))


__all__ = ["approx_max_k", "approx_min_k", "invert_permutation", "polyval", "sobol_sample"]

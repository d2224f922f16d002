"""Statistics: medians and quantiles, counts and histograms, correlations."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine._jax import jnp
from addax.engine._op import op
from addax.engine._operators import known_ints
from addax.ops._dtypes import known_axis, refuse_tracer


@op
def median(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Middle element over axes (the mean of the two middle ones of an even number); integers give floats."""
    return jnp.median(x, axis=known_axis(axis), keepdims=keepdims)


@op
def nanmedian(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Middle element over axes of what is not NaN."""
    return jnp.nanmedian(x, axis=known_axis(axis), keepdims=keepdims)


@op
def quantile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """Values that a share `q` of the elements lies below.

    Args:
        x: A tensor.
        q: Shares from 0 to 1, a number or a tensor of rank 1.
        axis: An axis or several; all if None.
        method: Between two elements: `"linear"`, `"lower"`, `"higher"`, `"midpoint"` or `"nearest"`.
        keepdims: Whether reduced axes stay, with size 1.

    Returns:
        A tensor, with a first axis for `q` if that has one.

    Example:
        >>> import addax as keras
        >>> keras.ops.quantile([1.0, 2.0, 4.0], [0.5, 0.75]).numpy()
        array([2., 3.], dtype=float32)
    """
    return jnp.quantile(x, jnp.asarray(q), axis=known_axis(axis), method=method, keepdims=keepdims)


@op
def nanquantile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """Values that a share `q` of what is not NaN lies below; see `quantile`."""
    return jnp.nanquantile(x, jnp.asarray(q), axis=known_axis(axis), method=method, keepdims=keepdims)


@op
def percentile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """Values that `q` percent of the elements lie below; see `quantile`, which has `q` from 0 to 1."""
    return jnp.percentile(x, jnp.asarray(q), axis=known_axis(axis), method=method, keepdims=keepdims)


@op
def nanpercentile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """Values that `q` percent of what is not NaN lie below; see `quantile`, which has `q` from 0 to 1."""
    return jnp.nanpercentile(x, jnp.asarray(q), axis=known_axis(axis), method=method, keepdims=keepdims)


# Counts


@op(compilable=False, dynamic=("weights",))
def bincount(x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False) -> Any:
    """How often each of the integers 0, 1, 2, ... stands in a tensor.

    Args:
        x: Non-negative integers, of shape `(n,)`, or `(b, n)` to count each row by itself.
        weights: What each element counts, of the shape of `x`; 1 if None.
        minlength: The least length of the result.
        sparse: Accepted for Keras's sake; the result is dense.

    Returns:
        A tensor of length `max(x) + 1`, or `minlength` if that is more, for each row.

    Raises:
        TypeError: Inside a compiled function, where the length is not known.

    Example:
        >>> import addax as keras
        >>> keras.ops.bincount([1, 1, 3]).numpy()
        array([0, 2, 0, 1], dtype=int32)
    """
    refuse_tracer(x, "bincount", "Sum one_hot(x, length) over its first axis.")
    x = jnp.asarray(x)
    length = max(int(np.max(x, initial=-1)) + 1, known_ints(minlength, "minlength"))
    if x.ndim == 1:
        return jnp.bincount(x, weights, length=length)
    rows = [None] * x.shape[0] if weights is None else jnp.asarray(weights)
    return jnp.stack([jnp.bincount(row, w, length=length) for row, w in zip(x, rows, strict=True)])


@op
def histogram(x: Any, bins: int = 10, range: tuple | None = None) -> Any:
    """How many elements fall between equally distant edges.

    Args:
        x: A tensor of rank 1.
        bins: The number of bins.
        range: The lowest and the highest edge; those of the elements if None.

    Returns:
        A tuple of the counts, of shape `(bins,)`, and the edges, of shape `(bins + 1,)`.

    Raises:
        TypeError: If `bins` is no integer.
        ValueError: If it is negative, `range` is no rising pair, or `x` has another rank.
    """
    if not isinstance(bins, int):
        raise TypeError(
            message("`bins` of histogram() is a number of bins.", expected="an int", received=bins)
        )
    if bins < 0:
        raise ValueError(message("`bins` of histogram() is negative.", received=bins))
    if range and (len(range) != 2 or range[1] < range[0]):
        raise ValueError(
            message("Wrong `range` of histogram().", expected="a pair (lowest, highest)", received=range)
        )
    if np.ndim(x) > 1:
        raise ValueError(
            message(
                "histogram() counts the elements of a vector.",
                expected="rank 1",
                received=x,
                hint="Use ravel().",
            )
        )
    return tuple(jnp.histogram(x, bins=bins, range=range or None))


@op
def digitize(x: Any, bins: Any) -> Any:
    """For each element the int32 number of edges in `bins`, a rising vector, that do not exceed it."""
    return jnp.digitize(jnp.asarray(x), jnp.asarray(bins))


@op
def searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> Any:
    """Where elements would have to be inserted into a sorted vector to keep it sorted, as int32.

    Args:
        sorted_sequence: A rising tensor of rank 1.
        values: The elements, a tensor.
        side: Before (`"left"`) or after (`"right"`) equal ones.

    Raises:
        ValueError: If `sorted_sequence` has another rank.
    """
    sequence = jnp.asarray(sorted_sequence)
    if sequence.ndim != 1:
        raise ValueError(
            message(
                "searchsorted() searches one vector.",
                expected="sorted_sequence of rank 1",
                received=f"shape {tuple(sequence.shape)}",
                hint="Use vectorized_map to search many.",
            )
        )
    return jnp.searchsorted(sequence, jnp.asarray(values), side=side)


# Correlations


@op
def corrcoef(x: Any) -> Any:
    """Correlation coefficients of the rows of a matrix, each a variable: a matrix of shape `(rows, rows)`."""
    return jnp.corrcoef(x)


@op
def correlate(x1: Any, x2: Any, mode: str = "valid") -> Any:
    """Cross-correlation of two vectors.

    Args:
        x1: A tensor of rank 1.
        x2: A tensor of rank 1.
        mode: `"valid"` for full overlap, `"same"` for the length of the longer one, `"full"` for any overlap.
    """
    return jnp.correlate(x1, x2, mode)


@op
def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    """Differences of neighbours along an axis, taken `n` times."""
    return jnp.diff(jnp.asarray(a), n=n, axis=known_axis(axis))


@op(dynamic=("x", "dx"))
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """Integral along an axis by the trapezoidal rule.

    Args:
        y: The values of the function.
        x: Where they were taken; at equal distances `dx` if None.
        dx: The distance.
        axis: The axis.
    """
    return jnp.trapezoid(
        jnp.asarray(y), None if x is None else jnp.asarray(x), jnp.asarray(dx), known_axis(axis)
    )

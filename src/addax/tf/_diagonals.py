"""Diagonals of matrices, one or a band of them: `tf.linalg.diag`, `diag_part`, `set_diag`.

A band is a tensor whose last two axes are the diagonals, the topmost first, and the places on them. Shorter diagonals
are filled up: `align` says, for those above the main one and for those under it, to which side they are pushed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jnp
from addax.tf._linear_operators._dispatch import is_operator

_ALIGNS = ("RIGHT_LEFT", "LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT")


def diag(
    diagonal: Any,
    name: str = "diag",
    k: Any = 0,
    num_rows: int = -1,
    num_cols: int = -1,
    padding_value: Any = 0,
    align: str = "RIGHT_LEFT",
) -> Any:
    """Matrices with the last axis on their (k-th) diagonal, or the last two axes on a band of diagonals.

    Args:
        diagonal: A tensor of shape `(..., n)`, or `(..., diagonals, n)` for a band.
        name: Accepted for TensorFlow's sake.
        k: The number of the diagonal: above 0 right of the main one, below 0 under it. Two numbers are the lowest and
            the highest of a band.
        num_rows: The height of the matrices; -1 for square ones or, if `num_cols` is given, for as few as possible.
        num_cols: The width, likewise.
        padding_value: What is outside of the diagonals.
        align: To which side diagonals above the main one, and those under it, are pushed in `diagonal`:
            `"RIGHT_LEFT"`, `"LEFT_RIGHT"`, `"LEFT_LEFT"` or `"RIGHT_RIGHT"`.

    Raises:
        ValueError: If `k` is no range, `align` is another word, or the sizes do not fit.

    Example:
        >>> import addax.tf as tf
        >>> tf.linalg.diag([1, 2], k=1).numpy().tolist()
        [[0, 1, 0], [0, 0, 2], [0, 0, 0]]
        >>> tf.linalg.diag([[0, 1], [2, 3], [4, 0]], k=(-1, 1)).numpy().tolist()
        [[2, 1], [4, 3]]
    """
    low, high = _range(k)
    return _diag(
        diagonal,
        low=low,
        high=high,
        rows=int(num_rows),
        columns=int(num_cols),
        padding=padding_value,
        align=_known(align),
    )


def diag_part(
    input: Any, name: str = "diag_part", k: Any = 0, padding_value: Any = 0, align: str = "RIGHT_LEFT"
) -> Any:
    """The (k-th) diagonal of matrices, or a band of diagonals.

    Args:
        input: Matrices of shape `(..., m, n)`.
        name: Accepted for TensorFlow's sake.
        k: The number of the diagonal: above 0 right of the main one, below 0 under it. Two numbers are the lowest and
            the highest of a band.
        padding_value: What shorter diagonals of a band are filled up with.
        align: To which side diagonals above the main one, and those under it, are pushed: `"RIGHT_LEFT"`,
            `"LEFT_RIGHT"`, `"LEFT_LEFT"` or `"RIGHT_RIGHT"`.

    Returns:
        A tensor of shape `(..., length)`, or `(..., diagonals, length of the longest)` for a band.

    Raises:
        ValueError: If `k` is no range, lies outside of the matrices, or `align` is another word.

    Example:
        >>> import addax.tf as tf
        >>> tf.linalg.diag_part([[1, 2], [3, 4]]).numpy().tolist()
        [1, 4]
        >>> tf.linalg.diag_part([[1, 2], [3, 4]], k=(-1, 1)).numpy().tolist()
        [[0, 2], [1, 4], [3, 0]]
    """
    low, high = _range(k)
    if is_operator(input):
        if low == high == 0:
            return input.diag_part()
        input = input.to_dense()
    return _diag_part(input, low=low, high=high, padding=padding_value, align=_known(align))


def set_diag(input: Any, diagonal: Any, name: str = "set_diag", k: Any = 0, align: str = "RIGHT_LEFT") -> Any:
    """Matrices with another (k-th) diagonal, or another band of diagonals.

    Args:
        input: Matrices of shape `(..., m, n)`.
        diagonal: The new values, of shape `(..., length)`, or `(..., diagonals, length of the longest)` for a band.
        name: Accepted for TensorFlow's sake.
        k: The number of the diagonal: above 0 right of the main one, below 0 under it. Two numbers are the lowest and
            the highest of a band.
        align: To which side diagonals above the main one, and those under it, are pushed in `diagonal`:
            `"RIGHT_LEFT"`, `"LEFT_RIGHT"`, `"LEFT_LEFT"` or `"RIGHT_RIGHT"`.

    Raises:
        ValueError: If `k` is no range, lies outside of the matrices, or `align` is another word, or if the diagonals
            have another length.

    Example:
        >>> import addax.tf as tf
        >>> tf.linalg.set_diag([[1, 2], [3, 4]], [0, 0]).numpy().tolist()
        [[0, 2], [3, 0]]
        >>> tf.linalg.set_diag([[1, 2], [3, 4]], [[0, 8], [9, 9]], k=(0, 1)).numpy().tolist()
        [[9, 8], [3, 9]]
    """
    low, high = _range(k)
    return _set_diag(input, diagonal, low=low, high=high, align=_known(align))


def _range(k: Any) -> tuple[int, int]:
    numbers = [int(n) for n in np.ravel(k)]
    if len(numbers) not in (1, 2) or numbers[0] > numbers[-1]:
        raise ValueError(
            message(
                "These are no diagonals.",
                expected="an integer k, or the lowest and highest",
                received=f"k={k!r}",
            )
        )
    return numbers[0], numbers[-1]


def _known(align: str) -> str:
    if align not in _ALIGNS:
        raise ValueError(message("`align` is wrong.", expected=" or ".join(_ALIGNS), received=align))
    return align


def _longest(rows: int, columns: int, low: int, high: int) -> int:
    length = min(rows + min(high, 0), columns - max(low, 0))
    if low <= -rows and low != 0 or high >= columns and high != 0 or length <= 0:
        raise ValueError(
            message(
                "The matrices do not have these diagonals.",
                expected=f"numbers above {-rows} and below {columns}",
                received=f"k=({low}, {high})",
            )
        )
    return length


def _offset(d: Any, rows: int, columns: int, longest: int, align: str) -> Any:
    """How far the diagonals `d` are pushed to the right."""
    length = np.minimum(columns - np.maximum(d, 0), rows + np.minimum(d, 0))
    above, under = (side == "RIGHT" for side in align.split("_"))
    return np.where(((d >= 0) & above) | ((d <= 0) & under), longest - length, 0)


def _places(rows: int, columns: int, low: int, high: int, longest: int, align: str) -> tuple:
    """For each place of a matrix: whether the band covers it, the diagonal in the band, and the place on that."""
    i, j = np.arange(rows)[:, None], np.arange(columns)[None]
    d = np.clip(j - i, low, high)
    on = np.minimum(i, j) + _offset(d, rows, columns, longest, align)
    return d == j - i, high - d, np.clip(on, 0, longest - 1)


@op(name="matrix_diag")
def _diag(
    x: Any,
    low: int = 0,
    high: int = 0,
    rows: int = -1,
    columns: int = -1,
    padding: Any = 0,
    align: str = "RIGHT_LEFT",
) -> Any:
    x = _as_band(jnp.asarray(x), low, high)
    longest = x.shape[-1]
    height, width = longest - min(high, 0), longest + max(low, 0)
    if rows < 0 and columns < 0:
        rows = columns = max(height, width)
    # If one of them is given, the other one is as small as can be.
    rows, columns = height if rows < 0 else rows, width if columns < 0 else columns
    if _longest(rows, columns, low, high) != longest:
        raise ValueError(
            message(
                "The diagonals do not fit the matrices.",
                expected=f"{_longest(rows, columns, low, high)} places for {rows} rows and {columns} columns",
                received=f"{longest}",
            )
        )
    inside, band, on = _places(rows, columns, low, high, longest, align)
    return jnp.where(inside, x[..., band, on], jnp.asarray(padding, x.dtype))


@op(name="matrix_diag_part")
def _diag_part(x: Any, low: int = 0, high: int = 0, padding: Any = 0, align: str = "RIGHT_LEFT") -> Any:
    x = jnp.asarray(x)
    rows, columns = x.shape[-2:]
    longest = _longest(rows, columns, low, high)
    d = np.arange(high, low - 1, -1)[:, None]
    n = np.arange(longest)[None] - _offset(d, rows, columns, longest, align)
    i, j = n + np.maximum(-d, 0), n + np.maximum(d, 0)
    inside = (n >= 0) & (i < rows) & (j < columns)
    values = x[..., np.clip(i, 0, rows - 1), np.clip(j, 0, columns - 1)]
    band = jnp.where(inside, values, jnp.asarray(padding, x.dtype))
    return band[..., 0, :] if low == high else band


@op(name="matrix_set_diag")
def _set_diag(x: Any, diagonal: Any, low: int = 0, high: int = 0, align: str = "RIGHT_LEFT") -> Any:
    x = jnp.asarray(x)
    rows, columns = x.shape[-2:]
    new = _as_band(jnp.asarray(diagonal), low, high).astype(x.dtype)
    longest = _longest(rows, columns, low, high)
    if new.shape[-1] != longest:
        raise ValueError(
            message(
                "The new diagonal has the wrong length.", expected=f"{longest}", received=f"{new.shape[-1]}"
            )
        )
    inside, band, on = _places(rows, columns, low, high, longest, align)
    return jnp.where(inside, new[..., band, on], x)


def _as_band(x: Any, low: int, high: int) -> Any:
    if low == high:
        return x[..., None, :]
    if x.ndim < 2 or x.shape[-2] != high - low + 1:
        raise ValueError(
            message(
                "The band has another number of diagonals.",
                expected=f"shape (..., {high - low + 1}, n) for k=({low}, {high})",
                received=f"{tuple(x.shape)}",
            )
        )
    return x

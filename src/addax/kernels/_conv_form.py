"""What the lowerings of convolutions share: the form of one, XLA's own operations, and pieces of arrays."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

from addax.engine._jax import jax, jnp, lax


class Form(NamedTuple):
    """What a convolution is besides its arrays.

    Attributes:
        strides: Steps between windows, for each spatial axis.
        padding: Zeros before and after each; negative ones are cut off.
        dilation: Distance of neighbours in a window.
        groups: Number of groups of channels.
    """

    strides: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]
    groups: int


# As XLA has them --------------------------------------------------------------------------------------
def dimension_numbers(rank: int) -> Any:
    data = (0, rank + 1, *range(1, rank + 1))
    return lax.ConvDimensionNumbers(data, (rank + 1, rank, *range(rank)), data)


def whole(x: Any, w: Any, form: Form) -> Any:
    x, form = cropped(x, form)
    return lax.conv_general_dilated(
        x,
        w,
        form.strides,
        form.padding,
        rhs_dilation=form.dilation,
        dimension_numbers=dimension_numbers(x.ndim - 2),
        feature_group_count=form.groups,
    )


def whole_x(dy: Any, w: Any, form: Form, space: tuple[int, ...]) -> Any:
    spec = jax.ShapeDtypeStruct((dy.shape[0], *space, w.shape[-2] * form.groups), dy.dtype)
    return jax.linear_transpose(lambda x: whole(x, w, form), spec)(dy)[0]


def whole_w(x: Any, dy: Any, form: Form, window: tuple[int, ...]) -> Any:
    spec = jax.ShapeDtypeStruct((*window, x.shape[-1] // form.groups, dy.shape[-1]), dy.dtype)
    return jax.linear_transpose(lambda w: whole(x, w, form), spec)(dy)[0]


def cropped(x: Any, form: Form) -> tuple[Any, Form]:
    """The same convolution without negative padding, with which XLA's call of Eigen reads what lies outside."""
    if all(low >= 0 and high >= 0 for low, high in form.padding):
        return x, form
    x = pad(x, [(min(low, 0), min(high, 0)) for low, high in form.padding])
    return x, form._replace(padding=tuple((max(low, 0), max(high, 0)) for low, high in form.padding))


# Pieces -----------------------------------------------------------------------------------------------
def pad(x: Any, padding: Sequence[tuple[int, int]]) -> Any:
    """Pad (or cut, where negative) the spatial axes."""
    if not any(low or high for low, high in padding):
        return x
    return lax.pad(
        x, jnp.zeros((), x.dtype), [(0, 0, 0), *((low, high, 0) for low, high in padding), (0, 0, 0)]
    )


def outputs(x: Any, window: Sequence[int], form: Form) -> tuple[int, ...]:
    """The sizes of the result for padded inputs."""
    spans = [(k - 1) * d + 1 for k, d in zip(window, form.dilation, strict=True)]
    return tuple((n - k) // s + 1 for n, k, s in zip(x.shape[1:-1], spans, form.strides, strict=True))


def tap(x: Any, at: Sequence[int], out: Sequence[int], form: Form) -> Any:
    """What one element of the kernel meets, of padded inputs."""
    starts = [i * d for i, d in zip(at, form.dilation, strict=True)]
    ends = [a + (n - 1) * s + 1 for a, n, s in zip(starts, out, form.strides, strict=True)]
    return lax.slice(x, (0, *starts, 0), (x.shape[0], *ends, x.shape[-1]), (1, *form.strides, 1))


def taps(window: Sequence[int]) -> Any:
    return itertools.product(*map(range, window))


def wide(array: Any) -> Any:
    """In a type whose sums do not lose what the terms have."""
    return array.astype(jnp.promote_types(array.dtype, jnp.float32))

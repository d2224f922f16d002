"""Convolution on a CPU: by oneDNN where it can be called (`_onednn.py`), else as XLA runs it well, in loops too.

A convolution and its two gradients are three primitives, each bilinear, and the transposes of each are the other
two. So derivatives of every order and in both modes, `vmap` and `jit` meet only these programs. Batch comes first
and channels last; kernels are `(*window, in, out)`.

What was measured of XLA (one Zen 4 core, float32, milliseconds; `benchmarks/kernels/conv.py` prints such a table):

* A plain convolution is XLA's call of Eigen, 45 to 65 GFLOP/s also inside of a loop. Patches times a matrix needs
  as long for the product alone, and as much again to write the patches.
* The gradient for the inputs is one too if the kernel is turned and transposed by operations of their own: 3.3
  against 57 in a loop for 32x32x16, batch 32. JAX's own permutes the dimension numbers of the kernel instead, which
  XLA gives to Eigen only outside of loops. With strides it is one convolution for each place within a stride, so
  that no zeros are multiplied: 1.8 against 4.3 (16 to 32 channels, stride 2), 30 with JAX's in a loop.
* The gradient for the kernel is one too, of arrays whose axes were swapped before: on two cores of a Zen 5 machine
  0.8 against 0.9 for 16x16x32, and 88 with JAX's in a loop; patches times errors, in pieces, need 1.2. The images
  are taken a few at a time: 1.0 against 1.7 for 16x16x32, and a step of ResNet-20 is a sixth faster.
* XLA's other library for convolutions, YNNPACK, uses one core only: 2.1 against 1.25 for 28x28x32. See `_jax.py`.
* Depthwise convolutions are multiplications of shifted images, 1.2 against 33 (32x32x32); the gradient for their
  kernels 2.9 against 19, and 1,200 in a loop.
* Few groups are so many convolutions, 8.5 against 39 for four of them.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

from addax.engine._jax import jnp, lax
from addax.kernels._conv_form import Form, outputs, pad, tap, taps, whole, whole_w, whole_x, wide
from addax.kernels._conv_narrow import few_inputs, few_outputs, in_pairs, shifted_sum
from addax.kernels._native import lowered
from addax.kernels._onednn import onednn_conv, suits
from addax.kernels._primitive import define

__all__ = ["conv", "conv_transpose"]

_SPLIT = 32  # at most so many groups become convolutions of their own
_PHASES = 16  # at most so many places within a stride do
_PARTS, _PART = (
    8,
    8,
)  # a gradient for a kernel is computed in at most so many parts, of at least so many images


def _depthwise(channels: int, form: Form) -> bool:
    return form.groups == channels > 1


def _split(array: Any, groups: int, axis: int = -1) -> list:
    return jnp.split(array, groups, axis)


def _turned(w: Any) -> Any:
    """The kernel of the convolution back to the inputs."""
    return jnp.swapaxes(jnp.flip(w, range(w.ndim - 2)), -1, -2)


# Forwards --------------------------------------------------------------------------------------------------------


def _forward(x: Any, w: Any, form: Form) -> Any:
    if not _of_points(w, form) and suits(x, w, form):
        return onednn_conv(x, w, form)
    if _depthwise(x.shape[-1], form):
        return _shifted(x, w, form)
    if 1 < form.groups <= _SPLIT:
        parts = zip(_split(x, form.groups), _split(w, form.groups), strict=True)
        return jnp.concatenate([_forward(a, b, form._replace(groups=1)) for a, b in parts], -1)
    if _of_points(w, form):
        x = pad(x, form.padding)
        return _product(tap(x, (0,) * (x.ndim - 2), outputs(x, w.shape[:-2], form), form), w)
    if few_inputs(w, form):
        return shifted_sum(x, w, form)
    return in_pairs(x, w, form) if few_outputs(x, w, form) else whole(x, w, form)


def _of_points(w: Any, form: Form) -> bool:
    return form.groups == 1 and math.prod(w.shape[:-2]) == 1


def _product(x: Any, w: Any) -> Any:
    """A window of one element: a matrix product over the channels."""
    flat = lax.dot(x.reshape(-1, x.shape[-1]), w.reshape(w.shape[-2:]))
    return flat.reshape((*x.shape[:-1], w.shape[-1]))


def _shifted(x: Any, w: Any, form: Form) -> Any:
    """A depthwise convolution: the sum of shifted inputs, each times its element of the kernel."""
    channels = x.shape[-1]
    factors = wide(w).reshape((*w.shape[:-2], channels, -1))
    x = pad(x, form.padding)
    out = outputs(x, w.shape[:-2], form)
    if factors.shape[-1] == 1:
        total = sum(wide(tap(x, at, out, form)) * factors[at][:, 0] for at in taps(w.shape[:-2]))
    else:
        total = sum(wide(tap(x, at, out, form))[..., None] * factors[at] for at in taps(w.shape[:-2]))
    return jnp.asarray(total).astype(x.dtype).reshape((x.shape[0], *out, -1))


# Back to the inputs ------------------------------------------------------------------------------------------


def _backward(dy: Any, w: Any, form: Form, space: tuple[int, ...]) -> Any:
    channels, window = w.shape[-2] * form.groups, w.shape[:-2]
    if 1 < form.groups <= _SPLIT and not _depthwise(channels, form):
        parts = zip(_split(dy, form.groups), _split(w, form.groups), strict=True)
        return jnp.concatenate([_backward(a, b, form._replace(groups=1), space) for a, b in parts], -1)
    if form.groups == 1 and all(k <= s for k, s in zip(window, form.strides, strict=True)):
        if max(form.dilation) == 1 or max(window) == 1:
            return _apart(dy, w, form, space)
    crossed = any(s > 1 and d > 1 for s, d in zip(form.strides, form.dilation, strict=True))
    if crossed or math.prod(form.strides) > _PHASES or form.groups > 1 and not _depthwise(channels, form):
        return whole_x(dy, w, form, space)
    return _in_phases(dy, w, form, space)


def _apart(dy: Any, w: Any, form: Form, space: tuple[int, ...]) -> Any:
    """Windows that do not meet: each is a row of one product."""
    window, rank = w.shape[:-2], dy.ndim - 2
    flat = lax.dot_general(dy.reshape(-1, dy.shape[-1]), w.reshape(-1, w.shape[-1]), (((1,), (1,)), ((), ())))
    out = flat.reshape((*dy.shape[:-1], *window, w.shape[-2]))
    missing = [(0, s - k, 0) for s, k in zip(form.strides, window, strict=True)]
    out = lax.pad(out, jnp.zeros((), out.dtype), [(0, 0, 0)] * (rank + 1) + missing + [(0, 0, 0)])
    return _cut(_interleaved(out, rank), [low for low, _ in form.padding], space)


def _interleaved(x: Any, rank: int) -> Any:
    """From `(batch, *places, *within, channels)` to `(batch, *(places x within), channels)`."""
    order = [axis for i in range(rank) for axis in (1 + i, 1 + rank + i)]
    sizes = [x.shape[1 + i] * x.shape[1 + rank + i] for i in range(rank)]
    return x.transpose((0, *order, x.ndim - 1)).reshape((x.shape[0], *sizes, x.shape[-1]))


def _cut(x: Any, starts: Sequence[int], space: Sequence[int]) -> Any:
    """The part of this size from these places on; zeros where there is nothing."""
    return pad(x, [(-a, a + n - have) for a, n, have in zip(starts, space, x.shape[1:-1], strict=True)])


def _in_phases(dy: Any, w: Any, form: Form, space: tuple[int, ...]) -> Any:
    """A convolution without strides for each place that inputs have within a stride."""
    rank, strides = dy.ndim - 2, form.strides
    lows = [low for low, _ in form.padding]
    first = [low // s for low, s in zip(lows, strides, strict=True)]
    last = [-(-(low + n) // s) for low, n, s in zip(lows, space, strides, strict=True)]
    sizes = [b - a for a, b in zip(first, last, strict=True)]
    parts = []
    for at in taps(strides):
        part = w[tuple(slice(a, None, s) for a, s in zip(at, strides, strict=True))]
        if 0 in part.shape:
            parts.append(jnp.zeros((dy.shape[0], *sizes, w.shape[-2] * form.groups), dy.dtype))
            continue
        reach = [(k - 1) * d for k, d in zip(part.shape[:-2], form.dilation, strict=True)]
        pads = [(r - a, b - n) for r, a, b, n in zip(reach, first, last, dy.shape[1:-1], strict=True)]
        parts.append(_phase(dy, part, Form((1,) * rank, tuple(pads), form.dilation, form.groups)))
    if len(parts) == 1:
        return parts[0]
    stacked = jnp.stack(parts, rank + 1).reshape((dy.shape[0], *sizes, *strides, parts[0].shape[-1]))
    starts = [low - a * s for low, a, s in zip(lows, first, strides, strict=True)]
    return _cut(_interleaved(stacked, rank), starts, space)


def _phase(dy: Any, w: Any, form: Form) -> Any:
    if form.groups == 1:
        return _forward(dy, _turned(w), form)
    multiplier = w.shape[-1] // form.groups
    flipped = jnp.flip(w, range(w.ndim - 2))
    if multiplier == 1:
        return onednn_conv(dy, flipped, form) if suits(dy, flipped, form) else _shifted(dy, flipped, form)
    shape = (*w.shape[:-2], 1, form.groups, multiplier)
    dy = dy.reshape((*dy.shape[:-1], form.groups, multiplier))
    parts = [_shifted(dy[..., m], flipped.reshape(shape)[..., m], form) for m in range(multiplier)]
    return functools.reduce(lax.add, parts)


# Back to the kernel ------------------------------------------------------------------------------------------


def _kernel(x: Any, dy: Any, form: Form, window: tuple[int, ...]) -> Any:
    if _depthwise(x.shape[-1], form):
        return _kernel_depthwise(pad(x, form.padding), dy, form, window)
    if form.groups == 1 and x.dtype.itemsize <= 4:
        if math.prod(window) == 1:
            return _kernel_of_points(pad(x, form.padding), dy, form, window)
        return _kernel_by_convolution(x, dy, form, window)
    if 1 < form.groups <= _SPLIT:
        parts = zip(_split(x, form.groups), _split(dy, form.groups), strict=True)
        return jnp.concatenate([_kernel(a, b, form._replace(groups=1), window) for a, b in parts], -1)
    patches = _patches(pad(x, form.padding), window, dy.shape[1:-1], form)
    patches = patches.reshape((-1, math.prod(window), form.groups, x.shape[-1] // form.groups))
    grouped = dy.reshape((-1, form.groups, dy.shape[-1] // form.groups))
    out = jnp.einsum("mtgi,mgo->tigo", patches, grouped, preferred_element_type=wide(dy[:0]).dtype)
    return out.astype(dy.dtype).reshape((*window, x.shape[-1] // form.groups, dy.shape[-1]))


def _kernel_of_points(x: Any, dy: Any, form: Form, window: tuple[int, ...]) -> Any:
    rows = tap(x, (0,) * len(window), dy.shape[1:-1], form).reshape(-1, x.shape[-1])
    dimensions = (((0,), (0,)), ((), ()))
    dtype = wide(dy[:0]).dtype
    out = lax.dot_general(rows, dy.reshape(-1, dy.shape[-1]), dimensions, preferred_element_type=dtype)
    return out.astype(dy.dtype).reshape((*window, *out.shape))


def _kernel_by_convolution(x: Any, dy: Any, form: Form, window: tuple[int, ...]) -> Any:
    """The errors are the kernel of a convolution whose batch are the channels, and whose channels are the batch."""
    rank, dtype = len(window), dy.dtype
    spans = zip(dy.shape[1:-1], form.strides, window, form.dilation, strict=True)
    reach = [(n - 1) * s + (k - 1) * d + 1 for n, s, k, d in spans]
    # Behind the last window nothing counts. The padding is left to the convolution, since it makes a transpose slow.
    rest = [r - low - n for r, (low, _), n in zip(reach, form.padding, x.shape[1:-1], strict=True)]
    x = pad(x, [(min(low, 0), min(high, 0)) for (low, _), high in zip(form.padding, rest, strict=True)])
    padding = tuple((max(low, 0), max(high, 0)) for (low, _), high in zip(form.padding, rest, strict=True))
    space = range(1, rank + 1)
    form = Form(form.dilation, padding, form.strides, 1)

    def part(x: Any, dy: Any) -> Any:
        inputs = wide(x).transpose((rank + 1, *space, 0))
        errors = wide(dy).transpose((*space, 0, rank + 1))
        # Between barriers, lest XLA renames the axes of the convolution, which it does not give to Eigen in loops.
        inputs, errors = lax.optimization_barrier((inputs, errors))
        found = lax.optimization_barrier(whole(inputs, errors, form))
        return found.transpose((*space, 0, rank + 1))

    # In parts, whose transposes stay in the caches.
    count = max(n for n in range(1, _PARTS + 1) if n == 1 or x.shape[0] % n == 0 and x.shape[0] // n >= _PART)
    pieces = zip(_split(x, count, 0), _split(dy, count, 0), strict=True)
    return functools.reduce(lax.add, [part(a, b) for a, b in pieces]).astype(dtype)


def _patches(x: Any, window: Sequence[int], out: Sequence[int], form: Form) -> Any:
    """Windows of padded inputs, side by side: `(batch, *out, *window, channels)`."""
    images = [tap(x, at, out, form) for at in taps(window)]
    return jnp.stack(images, -2).reshape((x.shape[0], *out, *window, x.shape[-1]))


def _kernel_depthwise(x: Any, dy: Any, form: Form, window: tuple[int, ...]) -> Any:
    """Products of shifted inputs and errors, some images summed as they are made, the rest in one reduction."""
    channels = x.shape[-1]
    multiplier = dy.shape[-1] // channels
    some = max(n for n in range(1, 9) if dy.shape[0] % n == 0)

    def summed(image: Any, errors: Any) -> Any:
        product = (wide(image) * wide(errors)).reshape((some, -1, *errors.shape[1:]))
        return functools.reduce(lax.add, [product[i] for i in range(some)])

    out = dy.shape[1:-1]
    errors = dy.reshape((*dy.shape[:-1], channels, multiplier))
    parts = [summed(tap(x, at, out, form), errors[..., m]) for at in taps(window) for m in range(multiplier)]
    stacked = lax.optimization_barrier(jnp.stack(parts))
    total = jnp.sum(stacked, range(1, dy.ndim)).astype(dy.dtype)
    return jnp.swapaxes(total.reshape((*window, multiplier, channels)), -1, -2).reshape((*window, 1, -1))


# The primitives ----------------------------------------------------------------------------------------------


@functools.cache
def _primitives() -> tuple[Any, Any, Any]:
    """Convolution, its transpose for the inputs, its transpose for the kernel."""

    def forward_x(ct: Any, x: Any, w: Any, form: Form) -> Any:
        return inputs.bind(ct, w, form=form, space=tuple(x.aval.shape[1:-1]))

    def forward_w(ct: Any, x: Any, w: Any, form: Form) -> Any:
        return kernel.bind(x, ct, form=form, window=tuple(w.aval.shape[:-2]))

    def inputs_dy(ct: Any, dy: Any, w: Any, form: Form, space: Any) -> Any:
        return forward.bind(ct, w, form=form)

    def inputs_w(ct: Any, dy: Any, w: Any, form: Form, space: Any) -> Any:
        return kernel.bind(ct, dy, form=form, window=tuple(w.aval.shape[:-2]))

    def kernel_x(ct: Any, x: Any, dy: Any, form: Form, window: Any) -> Any:
        return inputs.bind(dy, ct, form=form, space=tuple(x.aval.shape[1:-1]))

    def kernel_dy(ct: Any, x: Any, dy: Any, form: Form, window: Any) -> Any:
        return forward.bind(x, ct, form=form)

    forward = define("addax_conv", _forward, whole, (forward_x, forward_w), _fold(lambda: forward))
    inputs = define("addax_conv_inputs", _backward, whole_x, (inputs_dy, inputs_w), _fold(lambda: inputs))
    kernel = define("addax_conv_kernel", _kernel, whole_w, (kernel_x, kernel_dy))
    return forward, inputs, kernel


def _fold(primitive: Any) -> Any:
    """Batches of inputs under one kernel are one batch."""

    def fold(size: int, arrays: Sequence, batched: Sequence[bool], **params: Any) -> Any:
        if batched[1]:
            return None
        first = arrays[0].reshape((-1, *arrays[0].shape[2:]))
        out = primitive().bind(first, arrays[1], **params)
        return out.reshape((size, -1, *out.shape[1:]))

    return fold


def _last(x: Any) -> Any:
    return jnp.moveaxis(x, 1, -1)


def _form(strides: Any, padding: Any, dilation: Any, groups: int) -> Form:
    return Form(tuple(strides), tuple((int(a), int(b)) for a, b in padding), tuple(dilation), int(groups))


def conv(
    x: Any, w: Any, strides: Sequence[int], padding: Any, dilation: Sequence[int], groups: int, last: bool
) -> Any:
    """A convolution in the way that is fast on the device at hand.

    Args:
        x: Array `(batch, *space, channels)`, or channels second.
        w: Array `(*window, channels / groups, filters)` of the same dtype.
        strides: Steps between windows, for each spatial axis.
        padding: `"SAME"`, `"VALID"` or pairs.
        dilation: Distances of neighbours in a window.
        groups: Number of groups of channels.
        last: Whether channels come last.

    Returns:
        Array `(batch, *new_space, filters)`, or channels second.
    """
    if not lowered(x, w):
        rank = x.ndim - 2
        data = (0, rank + 1, *range(1, rank + 1)) if last else tuple(range(rank + 2))
        return lax.conv_general_dilated(
            x,
            w,
            strides,
            padding,
            rhs_dilation=dilation,
            dimension_numbers=lax.ConvDimensionNumbers(data, (rank + 1, rank, *range(rank)), data),
            feature_group_count=groups,
        )
    x = x if last else _last(x)
    if isinstance(padding, str):
        spans = [(k - 1) * d + 1 for k, d in zip(w.shape[:-2], dilation, strict=True)]
        padding = lax.padtype_to_pads(x.shape[1:-1], spans, strides, padding)
    form = _form(strides, padding, dilation, groups)
    spaces = zip(x.shape[1:-1], w.shape[:-2], form.padding, form.dilation, strict=True)
    if any(n + low + high < (k - 1) * d + 1 for n, k, (low, high), d in spaces):
        out = whole(x, w, form)  # nothing fits: an empty result
    else:
        out = _primitives()[0].bind(x, w, form=form)
    return out if last else jnp.moveaxis(out, -1, 1)


def conv_transpose(
    x: Any,
    w: Any,
    strides: Sequence[int],
    padding: Sequence[tuple[int, int]],
    dilation: Sequence[int],
    last: bool,
) -> Any:
    """A transposed convolution in the way that is fast on the device at hand.

    Args:
        x: Array `(batch, *space, channels)`, or channels second.
        w: Array `(*window, filters, channels)` of the same dtype.
        strides: How far inputs are spread.
        padding: Pairs of zeros around the inputs once they are spread.
        dilation: Distances of neighbours in a window.
        last: Whether channels come last.

    Returns:
        Array `(batch, *new_space, filters)`, or channels second.
    """
    rank = x.ndim - 2
    if not lowered(x, w):
        data = (0, rank + 1, *range(1, rank + 1)) if last else tuple(range(rank + 2))
        return lax.conv_transpose(
            x,
            w,
            strides,
            padding=padding,
            rhs_dilation=dilation,
            dimension_numbers=lax.ConvDimensionNumbers(data, (rank + 1, rank, *range(rank)), data),
            transpose_kernel=True,
        )
    x = x if last else _last(x)
    spans = [(k - 1) * d + 1 for k, d in zip(w.shape[:-2], dilation, strict=True)]
    sizes = [(n - 1) * s + 1 for n, s in zip(x.shape[1:-1], strides, strict=True)]
    space = [n + low + high - k + 1 for n, k, (low, high) in zip(sizes, spans, padding, strict=True)]
    # The convolution that this is the gradient of, with as much padding behind as its windows need.
    lows = [k - 1 - low for k, (low, _) in zip(spans, padding, strict=True)]
    pads = [(a, n + k - 1 - a - m) for a, n, k, m in zip(lows, sizes, spans, space, strict=True)]
    form = _form(strides, pads, dilation, 1)
    out = _primitives()[1].bind(x, w, form=form, space=tuple(space))
    return out if last else jnp.moveaxis(out, -1, 1)

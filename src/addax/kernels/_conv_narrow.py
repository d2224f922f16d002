"""Convolutions of few channels on a CPU, for which Eigen spends its time elsewhere than on the products.

Measured on two cores (Zen 5, float32, batch 32, microseconds):

* From one or a few channels, to gather the windows takes longer than to multiply them. A sum of shifted images, each
  times its row of the kernel, is one loop that writes the result once: 159 against 709 for 28x28, 1 to 32 channels,
  312 against 1,077 for 32x32, 3 to 16. It is kept apart: XLA would compute it again in each loop that reads it, on the
  way back too (steps of the CNN and ResNet-20 take 2 to 4 % less, of the separable net with oneDNN 8 to 16 %).
* Up to 16 channels that come out fill one vector register, too few for the multiplications to overlap. Two neighbours
  are computed as one place of twice the channels, by a kernel that is wider by one: 1,274 against 1,505 for 32x32x16.
"""

from __future__ import annotations

import functools
import math
from typing import Any

from addax.engine._jax import jnp, lax
from addax.kernels._conv_form import Form, outputs, pad, tap, taps, whole, wide
from addax.kernels._native import once

__all__ = ["few_inputs", "few_outputs", "in_pairs", "shifted_sum"]

_TERMS = 36  # of the sum for each result, at most: the loop's body is as long
_REGISTER = 16  # float32 numbers, with AVX-512


def few_inputs(w: Any, form: Form) -> bool:
    """Whether `shifted_sum` is the faster way."""
    return form.groups == 1 and math.prod(w.shape[:-1]) <= _TERMS and w.shape[-2] <= 4 and w.shape[-1] >= 8


def shifted_sum(x: Any, w: Any, form: Form) -> Any:
    """The sum of shifted images, each times its row of the kernel.

    Args:
        x: Images `(batch, *space, channels)`.
        w: The kernel `(*window, channels, filters)`.
        form: What the convolution is besides.
    """
    return once(functools.partial(_shifted_sum, form=form), x, w)


def _shifted_sum(x: Any, w: Any, form: Form) -> Any:
    x, factors = pad(x, form.padding), wide(w)
    out = outputs(x, w.shape[:-2], form)
    images = ((at, wide(tap(x, at, out, form))) for at in taps(w.shape[:-2]))
    total = sum(image[..., c, None] * factors[at][c] for at, image in images for c in range(w.shape[-2]))
    return jnp.asarray(total).astype(x.dtype)


def few_outputs(x: Any, w: Any, form: Form) -> bool:
    """Whether `in_pairs` is the faster way, and possible: an even number of places, one beside the other."""
    width = x.shape[-2] + sum(form.padding[-1]) - w.shape[-3] + 1
    near = form.groups == form.strides[-1] == form.dilation[-1] == 1
    return (
        near and w.shape[-3] >= 3 and w.shape[-1] <= _REGISTER <= 2 * w.shape[-1] and width > 0 == width % 2
    )


def in_pairs(x: Any, w: Any, form: Form) -> Any:
    """Two neighbours of the last axis at once, as one place with twice the channels.

    Args:
        x: Images `(batch, *space, channels)`.
        w: The kernel `(*window, channels, filters)`.
        form: What the convolution is besides.
    """
    beside = [[(0, 0)] * (w.ndim - 3) + [(i, 1 - i), (0, 0), (0, 0)] for i in (0, 1)]
    both = lax.optimization_barrier(jnp.concatenate([jnp.pad(w, widths) for widths in beside], -1))
    out = whole(x, both, form._replace(strides=(*form.strides[:-1], 2)))
    return out.reshape((*out.shape[:-2], 2 * out.shape[-2], w.shape[-1]))

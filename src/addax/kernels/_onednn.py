"""Convolutions by oneDNN, which jaxlib for Linux on x86-64 has inside but XLA does not call by itself.

PyTorch and TensorFlow compute their convolutions with the same library. By itself it is twice as fast as XLA's call
of Eigen with 16 channels and six times with depthwise ones (`benchmarks/kernels/conv.py`); inside of a net less is
left, since XLA computes other things beside Eigen's. Steps with and without it, milliseconds on two cores of a Zen 4:
480 and 1,225 for ResNet-50 over 64x64 (batch 16), 228 and 286 for EfficientNetB0 (160x160, batch 8), 17 to 18 and 21
for the separable net; of a Sapphire Rapids: 300 and 1,145, 267 and 291, as long with and without. Few channels gained
less than what it costs to compile them in each process, and wide ones nothing (ResNet-50 over 160x160, 705 and 695).
`engine/_work.py` holds the rule.

The call is a custom call of XLA whose config is a message of `xla/service/cpu/onednn_config.proto`. A config that is
not consistent ends the process, so that what is called is decided here by the shapes alone, and only where the version
of jaxlib is one that was tried. XLA cannot write programs with such calls to the disk; see `engine/_cache.py`.
`ADDAX_ONEDNN=0` leaves everything to XLA.
"""

from __future__ import annotations

import contextlib
import functools
import json
import math
import os
import platform
import sys
from typing import Any

from addax.engine._jax import jax, jnp
from addax.engine._work import libraries_allowed, seconds_saved
from addax.kernels._conv_form import Form, cropped, outputs
from addax.kernels._primitive import translated

__all__ = ["available", "onednn_conv", "suits"]

_TRIED = ("0.10.0", "0.10.1", "0.10.2")  # versions of jaxlib whose config is as it is written here


@functools.cache
def available() -> bool:
    """Whether this process can call oneDNN: on one CPU device, since such a call cannot be divided among several.

    Example:
        >>> available() in (True, False)
        True
    """
    if os.environ.get("ADDAX_ONEDNN") == "0" or not sys.platform.startswith("linux"):
        return False
    if platform.machine() != "x86_64" or not _has_avx2():
        return False
    from jaxlib.version import __version__

    return __version__ in _TRIED and jax.default_backend() == "cpu" and jax.device_count() == 1


def _has_avx2() -> bool:
    """Below it oneDNN has other programs, which were not tried."""
    with contextlib.suppress(OSError), open("/proc/cpuinfo") as file:
        return any(line.startswith("flags") and " avx2 " in line for line in file)
    return False


def suits(x: Any, w: Any, form: Form) -> bool:
    """Whether oneDNN is the faster way for a convolution.

    Args:
        x: Images `(batch, *space, channels)`.
        w: The kernel `(*window, channels / groups, filters)`.
        form: What the convolution is besides.

    Returns:
        Never true but in the translation of a primitive: the call has neither a derivative nor a rule for `vmap`.
    """
    if not (translated() and libraries_allowed() and available()):
        return False
    if x.dtype != jnp.float32 or w.dtype != jnp.float32:
        return False
    if x.shape[-1] == 1 or form.groups != 1 and not _plain_depthwise(x, w, form):
        return False  # from one channel, `shifted_sum` is faster
    padded = [n + low + high for n, (low, high) in zip(x.shape[1:-1], form.padding, strict=True)]
    spans = [(k - 1) * d + 1 for k, d in zip(w.shape[:-2], form.dilation, strict=True)]
    if min(*x.shape, *w.shape) < 1 or any(n < k for n, k in zip(padded, spans, strict=True)):
        return False
    if padded == spans or any(max(pads) >= k for pads, k in zip(form.padding, spans, strict=True)):
        return False  # a product, and windows of nothing but padding: oneDNN computes these by other programs
    places = x.shape[0] * math.prod(
        (n - k) // s + 1 for n, k, s in zip(padded, spans, form.strides, strict=True)
    )
    return seconds_saved(2.0 * places * math.prod(w.shape), places, form.groups > 1) > 0


def _plain_depthwise(x: Any, w: Any, form: Form) -> bool:
    """Those that oneDNN does not compute as products, for which it would wait for XLA's threads, and they for it."""
    large = all(n >= k for n, k in zip(x.shape[1:-1], w.shape[:-2], strict=True))
    return form.groups == x.shape[-1] == w.shape[-1] and x.ndim == 4 and max(form.dilation) == 1 and large


def onednn_conv(x: Any, w: Any, form: Form) -> Any:
    """The convolution that `suits` has allowed.

    Args:
        x: Images `(batch, *space, channels)`.
        w: The kernel `(*window, channels / groups, filters)`.
        form: What the convolution is besides.

    Returns:
        Array `(batch, *new_space, filters)`.
    """
    x, form = cropped(x, form)
    sizes = [n + low + high for n, (low, high) in zip(x.shape[1:-1], form.padding, strict=True)]
    space = outputs(jax.ShapeDtypeStruct((x.shape[0], *sizes, x.shape[-1]), x.dtype), w.shape[:-2], form)
    out = jax.ShapeDtypeStruct((x.shape[0], *space, w.shape[-1]), x.dtype)
    config = json.dumps({"onednn_conv_config": _config(w.shape[:-2], form)})
    call = jax.ffi.ffi_call(
        "__onednn$convolution",
        out,
        custom_call_api_version=2,
        legacy_backend_config=config,
    )
    return call(x, w)


def _config(window: tuple[int, ...], form: Form) -> dict:
    rank = len(window)
    images = {"data": {"batch_dim": 0, "feature_dim": rank + 1, "spatial_dims": list(range(1, rank + 1))}}
    kernel = {"input_feature_dim": rank, "output_feature_dim": rank + 1, "spatial_dims": list(range(rank))}
    return {
        "dims": rank + 2,
        "input": images,
        "kernel": {"filter": {**kernel, "shape": list(window)}},
        "output": images,
        "window": {
            "size": list(window),
            "pad_left": [low for low, _ in form.padding],
            "pad_right": [high for _, high in form.padding],
            "strides": list(form.strides),
            "window_dilations": list(form.dilation),
        },
        "feature_groups": form.groups,
    }

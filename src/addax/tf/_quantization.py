"""`tf.quantization`: numbers rounded to a few steps, as they are when a model is quantized.

The formulas are those of TensorFlow's kernels (Jacob et al., arXiv:1712.05877, for the fake ones).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from addax import ops
from addax.core import dtypes
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.engine import op
from addax.engine._jax import jax, jnp

_INFINITE = float(np.finfo(np.float32).max)


# Fake ----------------------------------------------------------------------------------------------------
def fake_quant_with_min_max_args(
    inputs: Any,
    min: float = -6,  # noqa: A002
    max: float = 6,  # noqa: A002
    num_bits: int = 8,
    narrow_range: bool = False,
    name: str | None = None,
) -> Any:
    """Numbers rounded to steps between two fixed ends; gradients pass where a number was between them.

    Args:
        inputs: A float32 tensor.
        min: The lower end; both are moved a little so that 0 is a step.
        max: The upper end.
        num_bits: The steps are `2**num_bits` many, 2 to 16.
        narrow_range: Whether there is one step less.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If `min` is not below `max`, or `num_bits` is out of range.

    Example:
        >>> import addax.tf as tf
        >>> tf.quantization.fake_quant_with_min_max_args([-1.0, 0.26, 9.0], min=0, max=1.5, num_bits=2).numpy()
        array([0. , 0.5, 1.5], dtype=float32)
    """
    if not min < max:
        raise ValueError(message("The range is empty.", expected="min < max", received=f"{min} and {max}"))
    return _fake(inputs, float(min), float(max), bits=_bits(num_bits), narrow=bool(narrow_range))


def fake_quant_with_min_max_vars(
    inputs: Any,
    min: Any,  # noqa: A002
    max: Any,  # noqa: A002
    num_bits: int = 8,
    narrow_range: bool = False,
    name: str | None = None,
) -> Any:
    """`fake_quant_with_min_max_args` with ends that can be learned.

    Args:
        inputs: A float32 tensor.
        min: The lower end, a scalar tensor or variable; its gradient is that of the numbers below it.
        max: The upper end, likewise.
        num_bits: As in `fake_quant_with_min_max_args`.
        narrow_range: As in `fake_quant_with_min_max_args`.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If `num_bits` is out of range.
    """
    return _fake(inputs, min, max, bits=_bits(num_bits), narrow=bool(narrow_range))


def fake_quant_with_min_max_vars_per_channel(
    inputs: Any,
    min: Any,  # noqa: A002
    max: Any,  # noqa: A002
    num_bits: int = 8,
    narrow_range: bool = False,
    name: str | None = None,
) -> Any:
    """`fake_quant_with_min_max_vars` with ends for each channel.

    Args:
        inputs: A float32 tensor of shape `(..., channels)`.
        min: The lower ends, of shape `(channels,)`.
        max: The upper ends, of shape `(channels,)`.
        num_bits: As in `fake_quant_with_min_max_args`.
        narrow_range: As in `fake_quant_with_min_max_args`.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If there are not as many ends as channels, or `num_bits` is out of range.
    """
    inputs = ops.convert_to_tensor(inputs)
    shapes = tuple(tuple(ops.convert_to_tensor(end).shape) for end in (min, max))
    if set(shapes) != {tuple(inputs.shape[-1:])}:
        raise ValueError(
            message(
                "Each channel has a lower and an upper end.",
                expected=f"shape {tuple(inputs.shape[-1:])} for both",
                received=f"{shapes[0]} and {shapes[1]}",
            )
        )
    return _fake(inputs, min, max, bits=_bits(num_bits), narrow=bool(narrow_range))


def fake_quant_with_min_max_args_gradient(
    gradients: Any,
    inputs: Any,
    min: float = -6,  # noqa: A002
    max: float = 6,  # noqa: A002
    num_bits: int = 8,
    narrow_range: bool = False,
    name: str | None = None,
) -> Any:
    """The gradient of `fake_quant_with_min_max_args` by its input; see `fake_quant_with_min_max_args`.

    Args:
        gradients: The gradient of its result.
        inputs: Its input.
        min: Its lower end.
        max: Its upper end.
        num_bits: Its number of bits.
        narrow_range: Whether it has one step less.
        name: Accepted for TensorFlow's sake.
    """
    ends = float(min), float(max)
    return _fake_gradient(gradients, inputs, *ends, bits=_bits(num_bits), narrow=bool(narrow_range))[0]


def fake_quant_with_min_max_vars_gradient(
    gradients: Any,
    inputs: Any,
    min: Any,  # noqa: A002
    max: Any,  # noqa: A002
    num_bits: int = 8,
    narrow_range: bool = False,
    name: str | None = None,
) -> tuple[Any, Any, Any]:
    """The gradients of `fake_quant_with_min_max_vars` by its input and ends.

    Args:
        gradients: The gradient of its result.
        inputs: Its input.
        min: Its lower end, or ends by channel.
        max: Its upper end, or ends by channel.
        num_bits: Its number of bits.
        narrow_range: Whether it has one step less.
        name: Accepted for TensorFlow's sake.
    """
    return _fake_gradient(gradients, inputs, min, max, bits=_bits(num_bits), narrow=bool(narrow_range))


fake_quant_with_min_max_vars_per_channel_gradient = fake_quant_with_min_max_vars_gradient


def _bits(value: Any) -> int:
    bits = int(value)
    if not 2 <= bits <= 16:
        raise ValueError(message("Wrong `num_bits`.", expected="from 2 to 16", received=str(value)))
    return bits


@op(name="fake_quantization")
def _fake(x: Any, low: Any, high: Any, bits: int = 8, narrow: bool = False) -> Any:
    x, low, high = (jnp.asarray(v, jnp.float32) for v in (x, low, high))
    least, most = float(narrow), float(2**bits - 1)
    nothing = (low == 0) & (high == 0)  # ends that nobody has set yet
    step = jnp.where(nothing, 1.0, (high - low) / (most - least))
    zero = jnp.clip(jnp.floor(least - low / step + 0.5), least, most)
    first, last = (least - zero) * step, (most - zero) * step
    rounded = jnp.floor((jnp.clip(x, first, last) - first) * (1 / step) + 0.5) * step + first
    # What gradients see: the input, or the end that it was cut to.
    seen = jnp.where(nothing, x, jnp.where(x < first, low, jnp.where(x > last, high, x)))
    return seen + jax.lax.stop_gradient(jnp.where(nothing, 0.0, rounded) - seen)


@op(name="fake_quantization_gradient")
def _fake_gradient(
    gradients: Any, x: Any, low: Any, high: Any, bits: int = 8, narrow: bool = False
) -> tuple[Any, ...]:
    floats = [jnp.asarray(v, jnp.float32) for v in (x, low, high)]
    back = jax.vjp(lambda *values: _fake.op.fn(*values, bits=bits, narrow=narrow), *floats)[1]
    return back(jnp.asarray(gradients, jnp.float32))


# Real ----------------------------------------------------------------------------------------------------
class Quantized(NamedTuple):
    """Integers, and the numbers that their lowest and highest value stand for."""

    output: Any
    output_min: Any
    output_max: Any


def quantize(
    input: Any,
    min_range: Any,
    max_range: Any,
    T: Any,  # noqa: N803
    mode: str = "MIN_COMBINED",
    round_mode: str = "HALF_AWAY_FROM_ZERO",
    name: str | None = None,
    narrow_range: bool = False,
    axis: int | None = None,
    ensure_minimum_range: float = 0.01,
) -> Quantized:
    """Floats as integers of few bits.

    Args:
        input: A float tensor.
        min_range: What the lowest integer stands for (of shape `(input.shape[axis],)` if there is an axis).
        max_range: What the highest one stands for.
        T: The dtype of the integers: `tf.quint8`, `tf.qint8`, `tf.quint16`, `tf.qint16` or `tf.qint32`, which are
            plain integer dtypes here.
        mode: `"MIN_COMBINED"` spreads them over the range, `"MIN_FIRST"` so that 0 is one of them, `"SCALED"` so that 0
            stands for 0.
        round_mode: `"HALF_AWAY_FROM_ZERO"`, or `"HALF_TO_EVEN"` for `"SCALED"`.
        name: Accepted for TensorFlow's sake.
        narrow_range: Whether the lowest integer is left out in mode `"SCALED"`.
        axis: An axis along which ranges differ, or None.
        ensure_minimum_range: Ranges are at least so wide, as a share of their ends.

    Returns:
        `(output, output_min, output_max)`.

    Raises:
        ValueError: If the mode, the way of rounding or the dtype is unknown.

    Example:
        >>> import addax.tf as tf
        >>> tf.quantization.quantize([-1.0, 0.0, 0.5, 1.0], -1.0, 1.0, tf.qint8, mode="SCALED").output.numpy()
        array([-127,    0,   64,  127], dtype=int8)
    """
    _check_mode(mode, round_mode)
    return Quantized(
        *_quantize(
            input, min_range, max_range, dtype=_integers(T), mode=mode, even=round_mode == "HALF_TO_EVEN",
            narrow=bool(narrow_range), axis=None if axis in (None, -1) else int(axis),
            least=float(ensure_minimum_range),
        )
    )  # fmt: skip


def dequantize(
    input: Any,
    min_range: Any,
    max_range: Any,
    mode: str = "MIN_COMBINED",
    name: str | None = None,
    axis: int | None = None,
    narrow_range: bool = False,
    dtype: Any = "float32",
) -> Any:
    """The inverse of `quantize`.

    Args:
        input: Integers, as `quantize` gives them.
        min_range: The `output_min` of `quantize`.
        max_range: The `output_max` of `quantize`.
        mode: As in `quantize`.
        name: Accepted for TensorFlow's sake.
        axis: As in `quantize`.
        narrow_range: As in `quantize`.
        dtype: The dtype of the result, float32 or bfloat16.

    Raises:
        ValueError: If the mode or the dtype of the input is unknown.
    """
    _check_mode(mode, "HALF_AWAY_FROM_ZERO")
    numbers = ops.convert_to_tensor(input)
    found = _dequantize(
        numbers, min_range, max_range, dtype=_integers(numbers.dtype), mode=mode, narrow=bool(narrow_range),
        axis=None if axis in (None, -1) else int(axis),
    )  # fmt: skip
    return ops.cast(found, dtype)


def quantize_and_dequantize_v2(
    input: Any,
    input_min: Any,
    input_max: Any,
    signed_input: bool = True,
    num_bits: int = 8,
    range_given: bool = False,
    round_mode: str = "HALF_TO_EVEN",
    name: str | None = None,
    narrow_range: bool = False,
    axis: int | None = None,
) -> Any:
    """Floats rounded as if they had been integers of few bits; gradients pass inside of the range.

    Args:
        input: A float tensor.
        input_min: What the lowest integer stands for.
        input_max: What the highest one stands for.
        signed_input: Whether the integers have a sign.
        num_bits: How many bits they have.
        range_given: Whether the range is the one given; otherwise it is that of the input.
        round_mode: `"HALF_TO_EVEN"` or `"HALF_UP"`.
        name: Accepted for TensorFlow's sake.
        narrow_range: Whether the lowest integer is left out.
        axis: An axis along which ranges differ, or None.

    Raises:
        ValueError: If the way of rounding is unknown.

    Example:
        >>> import addax.tf as tf
        >>> tf.quantization.quantize_and_dequantize_v2([0.1, 0.6, 1.0], 0.0, 1.0, num_bits=2).numpy()
        array([0., 1., 1.], dtype=float32)
    """
    if round_mode not in ("HALF_TO_EVEN", "HALF_UP"):
        raise ValueError(
            message("Unknown `round_mode`.", expected="HALF_TO_EVEN or HALF_UP", received=str(round_mode))
        )
    return _there_and_back(
        input, input_min, input_max, signed=bool(signed_input), bits=int(num_bits), given=bool(range_given),
        even=round_mode == "HALF_TO_EVEN", narrow=bool(narrow_range),
        axis=None if axis in (None, -1) else int(axis),
    )  # fmt: skip


def quantize_and_dequantize(
    input: Any,
    input_min: Any,
    input_max: Any,
    signed_input: bool = True,
    num_bits: int = 8,
    range_given: bool = False,
    round_mode: str = "HALF_TO_EVEN",
    name: str | None = None,
    narrow_range: bool = False,
    axis: int | None = None,
) -> Any:
    """`quantize_and_dequantize_v2`, but gradients pass everywhere; see `quantize_and_dequantize_v2`."""
    options = (signed_input, num_bits, range_given, round_mode, name, narrow_range, axis)
    x = ops.convert_to_tensor(input)
    change = operators.subtract(quantize_and_dequantize_v2(x, input_min, input_max, *options), x)
    return operators.add(x, ops.stop_gradient(change))


def _check_mode(mode: str, round_mode: str) -> None:
    if mode not in ("MIN_COMBINED", "MIN_FIRST", "SCALED"):
        raise ValueError(
            message("Unknown mode.", expected="MIN_COMBINED, MIN_FIRST or SCALED", received=str(mode))
        )
    if round_mode != "HALF_AWAY_FROM_ZERO" and (round_mode, mode) != ("HALF_TO_EVEN", "SCALED"):
        raise ValueError(
            message(
                "Unknown `round_mode`.",
                expected="HALF_AWAY_FROM_ZERO, or HALF_TO_EVEN in mode SCALED",
                received=f"{round_mode} in mode {mode}",
            )
        )


def _integers(dtype: Any) -> str:
    name = dtypes.standardize(dtype).name
    if name not in ("int8", "uint8", "int16", "uint16", "int32"):
        raise ValueError(
            message(
                "Quantized numbers are integers.", expected="such as tf.quint8 or tf.qint8", received=name
            )
        )
    return name


def _along(value: Any, axis: int | None, rank: int) -> Any:
    """An end of a range, or the ends along an axis, so that they broadcast."""
    value = jnp.asarray(value, jnp.float32)
    if axis is None or not value.ndim:
        return value
    return value.reshape([-1 if i == axis % rank else 1 for i in range(rank)])


def _away(x: Any) -> Any:
    return jnp.sign(x) * jnp.floor(jnp.abs(x) + 0.5)


def _scales(low: Any, high: Any, first: float, last: float) -> tuple[Any, Any]:
    """Steps by number and number by step, if 0 stands for 0 and both ends are there."""
    below = jnp.where(first * low > 0, first / jnp.where(low == 0, 1, low), _INFINITE)
    above = jnp.where(last * high > 0, last / jnp.where(high == 0, 1, high), _INFINITE)
    scale = jnp.minimum(below, above)
    return scale, jnp.where(below < above, low / (first or 1), high / last)


@op(name="quantize")
def _quantize(
    x: Any, low: Any, high: Any, dtype: str = "", mode: str = "", even: bool = False, narrow: bool = False,
    axis: int | None = None, least: float = 0.0,
) -> Any:  # fmt: skip
    x = jnp.asarray(x, jnp.float32)
    limits = np.iinfo(dtype)
    first, last = float(limits.min), float(limits.max)
    low, high = jnp.asarray(low, jnp.float32), jnp.asarray(high, jnp.float32)
    room = jnp.maximum(1.0, jnp.maximum(jnp.abs(low), jnp.abs(high))) * least
    low = jnp.minimum(low, 0.0)
    high = jnp.maximum(jnp.maximum(high, low + room), 0.0)
    a, b = _along(low, axis, x.ndim), _along(high, axis, x.ndim)
    if mode == "SCALED":
        first = first + 1 if narrow else first
        scale, inverse = _scales(a, b, first, last)
        steps = jnp.clip(x, first * inverse, last * inverse) * scale
        steps = jnp.round(steps) if even else _away(steps)
        low, high = (jnp.reshape(end * inverse, low.shape) for end in (first, last))
    elif mode == "MIN_COMBINED":
        steps = (jnp.clip(x, a, b) - a) * ((last - first) / (b - a))
        steps = _away(steps + first) if first else jnp.floor(steps + 0.5)
    else:
        width = (b - a) * (2.0**limits.bits / (2.0**limits.bits - 1))
        scale = 2.0**limits.bits / width
        steps = _away(x * scale) - _away(a * scale) + first
    return jnp.clip(steps, first, last).astype(dtype), low, high


@op(name="dequantize")
def _dequantize(
    x: Any,
    low: Any,
    high: Any,
    dtype: str = "",
    mode: str = "",
    narrow: bool = False,
    axis: int | None = None,
) -> Any:
    x = jnp.asarray(x)
    limits = np.iinfo(dtype)
    first, last = float(limits.min), float(limits.max)
    a, b = _along(low, axis, x.ndim), _along(high, axis, x.ndim)
    steps = x.astype(jnp.float32)
    if mode == "SCALED":
        return steps * jnp.maximum(a / (first + narrow) if first else 0.0, b / last)
    if mode == "MIN_COMBINED":
        half = (last - first + 1) / 2 if first else 0.0
        return (steps + half) * ((b - a) / (last - first)) + a
    width = (b - a) * (2.0**limits.bits / (2.0**limits.bits - 1))
    scale = width / 2.0**limits.bits
    return jnp.where(a == b, a, _away(a / scale) * scale + (steps - first) * scale)


@op(name="quantize_and_dequantize")
def _there_and_back(
    x: Any, low: Any, high: Any, signed: bool = True, bits: int = 8, given: bool = False, even: bool = True,
    narrow: bool = False, axis: int | None = None,
) -> Any:  # fmt: skip
    x = jnp.asarray(x)
    ends = [_along(end, axis, x.ndim).astype(x.dtype) for end in (low, high)]
    if given:
        a, b = ends
    else:
        others = None if axis is None else tuple(i for i in range(x.ndim) if i != axis % x.ndim)
        a, b = x.min(others, keepdims=True), x.max(others, keepdims=True)
    first = float(-(2 ** (bits - 1)) + narrow) if signed else 0.0
    last = float(2 ** (bits - 1) - 1 if signed else 2**bits - 1)
    scale, inverse = _scales(a, b, first, last)
    steps = (jnp.clip(x, first * inverse, last * inverse) if given else x) * scale
    rounded = (jnp.round(steps) if even else jnp.floor(steps + 0.5)) * inverse
    seen = jnp.where(x < ends[0], ends[0], jnp.where(x > ends[1], ends[1], x)) if given else x
    return (seen + jax.lax.stop_gradient(rounded - seen)).astype(x.dtype)


__all__ = [
    "dequantize",
    "fake_quant_with_min_max_args",
    "fake_quant_with_min_max_args_gradient",
    "fake_quant_with_min_max_vars",
    "fake_quant_with_min_max_vars_gradient",
    "fake_quant_with_min_max_vars_per_channel",
    "fake_quant_with_min_max_vars_per_channel_gradient",
    "quantize",
    "quantize_and_dequantize",
    "quantize_and_dequantize_v2",
]

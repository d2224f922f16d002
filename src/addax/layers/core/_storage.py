"""How a layer keeps its weights in few bits, and multiplies by them: one class for each mode."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.quantizers import AbsMaxQuantizer, QuantizationConfig, pack_int4, unpack_int4
from addax.quantizers import abs_max_quantize_grouped_with_zero_point as by_blocks
from addax.quantizers._groups import dequantize_groups


class Weight(NamedTuple):
    """A weight that can be stored in few bits.

    Args:
        name: The name of the attribute.
        shape: The shape as floats.
        summed: The axes that a product with it sums over; the others have a scale each.
        packed: The axis of the matrix along which two neighbours share a byte.
        order: The other axes in the order that the scale has them; as they come if None.
        scale_shape: The shape that the scale is broadcast from; the sizes of these axes if None.
        zero_name: The name of the variable of unsigned zero points.
    """

    name: str
    shape: tuple[int, ...]
    summed: tuple[int, ...] = (0,)
    packed: int = 1
    order: tuple[int, ...] | None = None
    scale_shape: tuple[int, ...] | None = None
    zero_name: str = "kernel_zero"

    @property
    def channels(self) -> list[int]:
        """The axes that are not summed over, in the order that the scale has them."""
        kept = [axis for axis in range(len(self.shape)) if axis not in self.summed]
        return kept if self.order is None else list(self.order)

    @property
    def group_axis(self) -> int:
        """The axis of the matrix that is summed over."""
        return 1 if self.summed == (1,) else 0

    @property
    def matrix(self) -> tuple[int, int]:
        """The shape as a matrix."""
        if self.group_axis == 1:
            return self.shape[0], self.shape[1]
        rows = math.prod(self.shape[axis] for axis in self.summed)
        return rows, math.prod(self.shape) // rows

    def stored_scale_shape(self) -> tuple[int, ...]:
        """The shape of a scale with one number for each channel."""
        return self.scale_shape or tuple(self.shape[axis] for axis in self.channels)

    def stored_scale(self, scale: Any) -> Any:
        """A scale with size 1 in the summed axes, in the form that it is stored in."""
        kept = sorted(self.channels)
        scale = np.reshape(np.asarray(scale), [self.shape[axis] for axis in kept])
        return scale.transpose([kept.index(a) for a in self.channels]).reshape(self.stored_scale_shape())

    def full_scale(self, stored: Any) -> Any:
        """Undo `stored_scale`."""
        scale = ops.reshape(stored, [self.shape[axis] for axis in self.channels])
        scale = ops.transpose(scale, [int(i) for i in np.argsort(self.channels)])
        return ops.reshape(scale, [1 if i in self.summed else n for i, n in enumerate(self.shape)])


class Storage:
    """The base: which variables a layer has for a weight in a mode, and what they are worth.

    `saved` are the attributes in the order of files, with `{}` for the name of the weight.
    """

    mode = ""
    keeps_floats = False  # whether the float weight stays beside the variables of the mode
    merges = True  # whether a LoRA product can be added to the weight when it is saved
    saved: tuple[str, ...] = ("{}", "bias", "{}_scale", "{}_zero", "g_idx")
    inputs_quantizer: Any = None

    def build(self, layer: Any, weight: Weight) -> None:
        """Create the variables."""

    def encode(self, weight: Weight, value: np.ndarray) -> dict[str, Any]:
        """The values of the variables (by attribute) for a float weight."""
        return {}

    def decode(self, layer: Any, weight: Weight) -> Any:
        """The weight as floats of the compute dtype."""
        return ops.cast(layer._raw(weight.name), layer.compute_dtype)

    def completed(self, layer: Any, names: list[str], store: Any) -> Any:
        """What a file has for the layer, with what can be known of variables that it lacks.

        Args:
            layer: The layer.
            names: Attributes of its variables, in the order of files.
            store: Key -> array.
        """
        return store

    def shown(self, layer: Any, weight: Weight) -> Any:
        """What the attribute of the weight gives: the integers, in its shape."""
        return layer._raw(weight.name)

    def multiply(self, layer: Any, inputs: Any, weight: Weight, transposed: bool = False) -> Any:
        """The product of inputs and weight."""
        kernel = self.decode(layer, weight)
        return layer._product(inputs, ops.transpose(kernel) if transposed else kernel)

    def lookup(self, layer: Any, weight: Weight, indices: Any) -> Any:
        """Rows of the weight, for integers of any shape."""
        return ops.take(self.decode(layer, weight), indices, axis=0)

    def bias(self, layer: Any) -> Any:
        """What is added to the product."""
        return layer.bias


def _quantized(quantizer: Any, value: np.ndarray, axes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Integers and scale by a quantizer of weights; one that names no axes gets those that fit."""
    named = getattr(quantizer, "axis", axes)
    options = {"axis": axes} if named is None else {}
    integers, scale = quantizer(value, to_numpy=True, **options)
    integers, scale = np.asarray(integers), np.asarray(scale)
    channels = math.prod(n for axis, n in enumerate(value.shape) if axis not in axes)
    if scale.size != channels:
        raise ValueError(
            message(
                "The quantizer of weights gives scales of another shape.",
                expected=f"one for each of {channels} channels, that is axis={axes}",
                received=f"shape {scale.shape}",
            )
        )
    return integers, scale


class Int8(Storage):
    """A byte for each number, and a scale for each channel; inputs become bytes too."""

    mode = "int8"

    def __init__(self, config: Any) -> None:
        self.inputs_quantizer = QuantizationConfig.activation_quantizer_or_default(config, AbsMaxQuantizer())
        self.weight_quantizer = QuantizationConfig.weight_quantizer_or_default(config, AbsMaxQuantizer())

    def build(self, layer: Any, weight: Weight) -> None:
        name = weight.name
        _integers(layer, name, name, weight.shape)
        _scale(layer, f"{name}_scale", weight.stored_scale_shape())

    def encode(self, weight: Weight, value: np.ndarray) -> dict[str, Any]:
        integers, scale = _quantized(self.weight_quantizer, value, weight.summed)
        return {weight.name: integers, f"{weight.name}_scale": weight.stored_scale(scale)}

    def decode(self, layer: Any, weight: Weight) -> Any:
        integers = ops.cast(layer._raw(weight.name), layer.compute_dtype)
        return integers / weight.full_scale(layer._raw(f"{weight.name}_scale"))

    def lookup(self, layer: Any, weight: Weight, indices: Any) -> Any:
        rows, scale = (ops.take(layer._raw(weight.name + end), indices, axis=0) for end in ("", "_scale"))
        return ops.cast(rows, layer.compute_dtype) / ops.expand_dims(scale, -1)

    def multiply(self, layer: Any, inputs: Any, weight: Weight, transposed: bool = False) -> Any:
        kernel, scale = layer._raw(weight.name), layer._raw(f"{weight.name}_scale")
        kernel, scale = (ops.convert_to_tensor(x) for x in (kernel, scale))
        kernel = ops.transpose(kernel) if transposed else kernel
        if self.inputs_quantizer is None:
            return layer._product(inputs, ops.cast(kernel, layer.compute_dtype)) / scale
        floats = self.decode(layer, weight)
        floats = ops.transpose(floats) if transposed else floats
        return _rounded_product(layer, self.inputs_quantizer, inputs, floats, kernel, scale)


class Int4(Storage):
    """Half a byte for each number; a scale and a zero point for each block, or a scale for each channel."""

    mode = "int4"

    def __init__(self, config: Any, block_size: int | None) -> None:
        self.block_size = None if block_size == -1 else block_size
        self.inputs_quantizer = QuantizationConfig.activation_quantizer_or_default(config, None)
        default = AbsMaxQuantizer(value_range=(-8, 7))
        self.weight_quantizer = QuantizationConfig.weight_quantizer_or_default(config, default)

    def build(self, layer: Any, weight: Weight) -> None:
        name, shape, axis = weight.name, list(weight.matrix), weight.group_axis
        inputs = shape[axis]
        packed = [math.ceil(n / 2) if i == weight.packed else n for i, n in enumerate(shape)]
        _integers(layer, name, name, packed)
        if self.block_size is None:
            return _scale(layer, f"{name}_scale", (shape[1 - axis],))
        shape[axis] = math.ceil(inputs / self.block_size)
        _scale(layer, f"{name}_scale", shape)
        dtype = None if weight.packed == 0 else "int8"  # the way back of an embedding has floats there
        zero = layer.add_weight(
            name=f"{name}_zero", shape=shape, initializer="zeros", dtype=dtype, trainable=False
        )
        setattr(layer, f"{name}_zero", zero)
        if "g_idx" not in layer.__dict__:
            _group_index(layer, inputs, self.block_size)

    def encode(self, weight: Weight, value: np.ndarray) -> dict[str, Any]:
        name, axis = weight.name, weight.group_axis
        value = value.reshape(weight.matrix)
        if self.block_size is None:
            integers, scale = _quantized(self.weight_quantizer, value, (axis,))
            found = {"_scale": scale.reshape(-1)}
        else:
            columns = value if axis == 0 else value.T
            parts = (np.asarray(x) for x in by_blocks(columns, self.block_size, to_numpy=True))
            integers, scale, zero = parts if axis == 0 else (x.T for x in parts)
            found = {"_scale": scale, "_zero": zero}
        packed = pack_int4(integers, axis=weight.packed)[0]
        return {name: packed, **{name + end: array for end, array in found.items()}}

    def shown(self, layer: Any, weight: Weight) -> Any:
        packed = ops.convert_to_tensor(layer._raw(weight.name))
        integers = unpack_int4(packed, weight.matrix[weight.packed], axis=weight.packed)
        return ops.reshape(integers, weight.shape)

    def decode(self, layer: Any, weight: Weight) -> Any:
        integers = ops.reshape(self.shown(layer, weight), weight.matrix)
        ends = ("_scale",) if self.block_size is None else ("_scale", "_zero")
        arrays = [layer._raw(weight.name + end) for end in ends]
        return ops.reshape(self._floats(layer, integers, arrays, weight.group_axis), weight.shape)

    def lookup(self, layer: Any, weight: Weight, indices: Any) -> Any:
        ends = ("", "_scale") if self.block_size is None else ("", "_scale", "_zero")
        rows, *arrays = (ops.take(layer._raw(weight.name + end), indices, axis=0) for end in ends)
        return self._floats(layer, unpack_int4(rows, weight.shape[1], axis=-1), arrays, -1)

    def _floats(self, layer: Any, integers: Any, arrays: list, axis: int) -> Any:
        if self.block_size is None:
            return ops.cast(integers, layer.compute_dtype) / ops.expand_dims(arrays[0], axis)
        scale, zero = arrays
        floats = dequantize_groups(integers, scale, zero, layer.g_idx, axis=axis)
        return ops.cast(floats, layer.compute_dtype)

    def multiply(self, layer: Any, inputs: Any, weight: Weight, transposed: bool = False) -> Any:
        if self.inputs_quantizer is None:
            return super().multiply(layer, inputs, weight, transposed)
        floats = self.decode(layer, weight)
        floats = ops.transpose(floats) if transposed else floats
        return _rounded_product(layer, self.inputs_quantizer, inputs, floats)


def _rounded_product(layer: Any, quantizer: Any, inputs: Any, floats: Any, *stored: Any) -> Any:
    """The product of rounded inputs with a kernel; its gradient is that of the product with `floats`.

    `stored` are the integers of the kernel and their scale; without them, the floats are multiplied.
    """

    def rounded(x: Any, floats: Any, *stored: Any) -> tuple:
        integers, found = quantizer(x, axis=layer._input_axes)
        scale = layer._input_scale(found)
        if stored:
            kernel, scale = stored[0], scale * stored[1]
        else:
            kernel, integers = floats, ops.cast(integers, layer.compute_dtype)
        y = ops.cast(layer._product(integers, kernel), layer.compute_dtype) / scale
        return y, lambda dy: (layer._product_gradient(dy, floats), None, *(None for _ in stored))

    return ops.custom_gradient(rounded)(inputs, floats, *stored)


def _integers(layer: Any, attribute: str, name: str, shape: Any, dtype: str = "int8") -> None:
    variable = layer.add_weight(name=name, shape=shape, initializer="zeros", dtype=dtype, trainable=False)
    setattr(layer, attribute, variable)


def _scale(layer: Any, name: str, shape: Any) -> None:
    setattr(layer, name, layer.add_weight(name=name, shape=shape, initializer="ones", trainable=False))


def _group_index(layer: Any, inputs: int, group_size: int) -> None:
    groups = (np.arange(inputs) // group_size).astype(np.float32)
    layer.g_idx = layer.add_weight(
        name="g_idx", shape=(inputs,), initializer=lambda *_, **__: groups, dtype="float32", trainable=False
    )

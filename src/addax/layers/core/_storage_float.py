"""The modes that begin with the float weight: float8, for training, and those that look at data, GPTQ and AWQ."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.core import context
from addax.core.errors import message
from addax.layers.core._storage import Storage, Weight, _group_index, _integers, _scale
from addax.quantizers import (
    _awq,
    _gptq,
    compute_float8_amax_history,
    compute_float8_scale,
    pack_int4,
    quantize_and_dequantize,
    unpack_int4,
)
from addax.quantizers._groups import dequantize_groups, group_count

_LARGEST = {"float8_e4m3fn": 448.0, "float8_e5m2": 57344.0}


class Float8(Storage):
    """Inputs, kernel and gradients of outputs are rounded to float8; their scales follow what was met before.

    Scales and histories are trainable: their "gradients" are their next values.
    """

    mode = "float8"
    keeps_floats = True
    saved = (
        "{}",
        "bias",
        "inputs_scale",
        "inputs_amax_history",
        "{}_scale",
        "{}_amax_history",
        "outputs_grad_scale",
        "outputs_grad_amax_history",
    )

    def __init__(self, history: int) -> None:
        self.history = history

    def build(self, layer: Any, weight: Weight) -> None:
        for what in ("inputs", weight.name, "outputs_grad"):
            for name, shape, start in (
                (f"{what}_scale", (), "ones"),
                (f"{what}_amax_history", (self.history,), "zeros"),
            ):
                variable = layer.add_weight(
                    name=name,
                    shape=shape,
                    initializer=start,
                    dtype="float32",
                    autocast=False,
                    overwrite_with_gradient=True,
                )
                setattr(layer, name, variable)

    def multiply(self, layer: Any, inputs: Any, weight: Weight, transposed: bool = False) -> Any:
        kernel = ops.convert_to_tensor(layer._raw(weight.name))
        x = _rounded(layer, inputs, "inputs")
        return _with_rounded_gradient(layer, layer._product(x, _rounded(layer, kernel, weight.name)))

    def bias(self, layer: Any) -> Any:
        if layer.compute_dtype != "float32":
            return layer.bias
        return ops.cast(ops.cast(layer.bias, "bfloat16"), "float32")  # as fused kernels have it


def _float8_state(layer: Any, what: str) -> list:
    return [ops.convert_to_tensor(getattr(layer, f"{what}_{name}")) for name in ("scale", "amax_history")]


def _next_state(x: Any, scale: Any, history: Any, dtype: str) -> tuple[Any, Any]:
    scale = compute_float8_scale(ops.max(history, axis=0), scale, _LARGEST[dtype])
    return scale, compute_float8_amax_history(x, history)


def _rounded(layer: Any, x: Any, what: str) -> Any:
    """`x` rounded on the way forward; the gradient passes as it is."""
    training = bool(context.current().training)

    def rounded(x: Any, scale: Any, history: Any) -> tuple:
        state = _next_state(x, scale, history, "float8_e4m3fn") if training else (scale, history)
        y = quantize_and_dequantize(x, scale, "float8_e4m3fn", str(layer.compute_dtype))
        return y, lambda dy: (dy, *state)

    return ops.custom_gradient(rounded)(x, *_float8_state(layer, what))


def _with_rounded_gradient(layer: Any, y: Any) -> Any:
    """`y` as it is; its gradient is rounded on the way back."""

    def passed(y: Any, scale: Any, history: Any) -> tuple:
        def gradient(dy: Any) -> tuple:
            rounded = quantize_and_dequantize(dy, scale, "float8_e5m2", str(layer.compute_dtype))
            return (rounded, *_next_state(dy, scale, history, "float8_e5m2"))

        return y, gradient

    return ops.custom_gradient(passed)(y, *_float8_state(layer, "outputs_grad"))


class Calibrated(Storage):
    """The base of modes that look at the layer's inputs first: until `calibrate`, the floats are used.

    The integers are kept transposed, with a scale and a zero point for each output and group of inputs.
    """

    keeps_floats = True
    merges = False
    saved = ("bias", "quantized_{}", "{}_scale", "{}_zero", "g_idx")

    config: Any

    def __init__(self, config: Any, bits: int, group_size: int) -> None:
        self.config = config
        self.bits, self.group_size = bits, group_size
        self.observed: Any = None  # what is known about the inputs while data runs through

    def build(self, layer: Any, weight: Weight) -> None:
        inputs, outputs = weight.matrix
        name, groups = weight.name, group_count(inputs, self.group_size)
        rows = (outputs + 1) // 2 if self.bits == 4 else outputs
        _integers(layer, f"quantized_{name}", name, (rows, inputs), "uint8")
        _scale(layer, f"{name}_scale", (outputs, groups))
        _integers(layer, f"{name}_zero", weight.zero_name, (outputs, groups), "uint8")
        self._build_more(layer, inputs)
        _group_index(layer, inputs, inputs if self.group_size == -1 else self.group_size)

    def _build_more(self, layer: Any, inputs: int) -> None:
        """Variables of the subclass."""

    def encode(self, weight: Weight, value: np.ndarray) -> dict[str, Any]:
        if weight.summed != tuple(range(len(weight.summed))):
            raise ValueError(
                message(
                    f"A kernel whose first axes are not summed over cannot be quantized to '{self.mode}'.",
                    received=f"shape {weight.shape}, summed over axes {weight.summed}",
                )
            )
        return {}

    def completed(self, layer: Any, names: list[str], store: Any) -> Any:
        """Put the zero points where Keras 3.15 leaves them out of its files, which it cannot read itself.

        Raises:
            ValueError: If they are not the same for all weights, so that nobody knows them any more.
        """
        if len(store.keys()) != len(names) - 1:
            return store
        place = next(i for i, name in enumerate(names) if name.endswith("_zero"))
        variable = getattr(layer, names[place])
        if not getattr(layer.quantization_config, "symmetric", False):
            raise ValueError(
                message(
                    f"The file lacks the zero points of layer '{layer.name}', without which its weights mean nothing.",
                    expected=f"{len(names)} variables: {', '.join(names)}",
                    received=f"{len(store.keys())}; Keras 3.15 leaves '{names[place]}' out when it saves",
                    hint="Save the floats there and quantize here; or use GPTQConfig(symmetric=True), whose zero "
                    "points are all alike.",
                )
            )
        zero = np.full(variable.shape, 2 ** (self.bits - 1), "uint8")
        found = [np.asarray(store[str(i)]) for i in range(len(names) - 1)]
        if not found[place - 2].any() and (found[place - 1] == 1).all():
            raise ValueError(
                message(
                    f"The file does not have the weights of layer '{layer.name}'.",
                    received="zeros; Keras 3.15 writes them for a layer that was in no block that saw data",
                    hint="Save the floats there and quantize here; or leave the layer out by `filters`.",
                )
            )
        return {str(i): x for i, x in enumerate([*found[:place], zero, *found[place:]])}

    def calibrated(self, layer: Any, weight: Weight) -> bool:
        """Whether the integers are there; the floats are dropped then."""
        return f"_{weight.name}" not in layer.__dict__

    def start(self, weight: Weight) -> None:
        """From now on, calls of the layer are observed."""
        self.observed = self._statistics(weight.matrix[0])

    def _statistics(self, inputs: int) -> Any:
        raise AssertionError

    def _quantize(self, matrix: np.ndarray) -> Any:
        raise AssertionError

    def calibrate(self, layer: Any, weight: Weight) -> None:
        """Store the weight in the way that suits the inputs observed; the floats are dropped."""
        name = weight.name
        matrix = np.asarray(layer._raw(name)).astype(np.float32).reshape(weight.matrix)
        found: dict[str, Any] = dict(self._quantize(matrix.T)._asdict())
        integers = found.pop("integers")
        packed = pack_int4(integers, axis=0, dtype="uint8")[0] if self.bits == 4 else integers
        layer._drop_weight(name)
        getattr(layer, f"quantized_{name}").assign(packed)
        for key, array in found.items():
            getattr(layer, f"{name}_{key}" if key in ("scale", "zero") else key).assign(array)
        self.observed = self.config = None

    def shown(self, layer: Any, weight: Weight) -> Any:
        if not self.calibrated(layer, weight):
            return layer._raw(weight.name)
        integers = ops.convert_to_tensor(getattr(layer, f"quantized_{weight.name}"))
        if self.bits == 4:
            integers = unpack_int4(integers, weight.matrix[1], axis=0, dtype="uint8")
        return integers

    def decode(self, layer: Any, weight: Weight) -> Any:
        integers = self.shown(layer, weight)
        if not self.calibrated(layer, weight):
            return integers
        scale, zero = (getattr(layer, f"{weight.name}_{end}") for end in ("scale", "zero"))
        floats = ops.transpose(dequantize_groups(integers, scale, zero, layer.g_idx))
        return ops.cast(ops.reshape(self._restored(layer, floats), weight.shape), layer.compute_dtype)

    def _restored(self, layer: Any, floats: Any) -> Any:
        """The matrix of shape `(inputs, outputs)` without the scaling of the inputs."""
        return floats

    def multiply(self, layer: Any, inputs: Any, weight: Weight, transposed: bool = False) -> Any:
        if self.observed is not None:
            rows = np.asarray(layer._input_rows(inputs)).astype(np.float32)
            self.observed.add(rows.reshape(-1, weight.matrix[0]))
        return super().multiply(layer, inputs, weight, transposed)


class GPTQ(Calibrated):
    """Integers whose rounding errors make up for each other."""

    mode = "gptq"

    def _statistics(self, inputs: int) -> Any:
        return _gptq.Hessian(inputs)

    def _quantize(self, matrix: np.ndarray) -> Any:
        config = self.config
        return _gptq.quantize(
            matrix,
            self.observed.matrix,
            self.bits,
            self.group_size,
            config.symmetric,
            config.per_channel,
            config.activation_order,
            config.hessian_damping,
        )


class AWQ(Calibrated):
    """4-bit integers of weights that were scaled by the size of their inputs."""

    mode = "awq"
    saved = ("bias", "quantized_{}", "{}_scale", "{}_zero", "awq_scales", "g_idx")

    def _build_more(self, layer: Any, inputs: int) -> None:
        _scale(layer, "awq_scales", (inputs,))

    def _statistics(self, inputs: int) -> Any:
        return _awq.Magnitudes(inputs)

    def _quantize(self, matrix: np.ndarray) -> Any:
        return _awq.quantize(matrix, self.observed.vector, self.group_size, self.config.num_grid_points)

    def _restored(self, layer: Any, floats: Any) -> Any:
        return floats / ops.expand_dims(layer.awq_scales, -1)

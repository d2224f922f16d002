"""`EinsumDense`: a product with a kernel by any equation."""

from __future__ import annotations

import re
import string
from typing import Any, NamedTuple

from addax import activations, constraints, initializers, ops, quantizers, regularizers
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers.core._low_rank import AdaptedWeight
from addax.layers.core._quantizable import QuantizableLayer, Weight

_FORM = re.compile(r"(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?")


class EinsumDense(QuantizableLayer):
    """`activation(einsum(equation, inputs, kernel) + bias)`.

    Args:
        equation: Axes of the input, of the kernel and of the output, as in `"abc,cd->abd"`. Input and output
            may begin or end with `...`, for any number of axes.
        output_shape: The shape of the output without the batch axis and without the axes of `...`; None for
            sizes that follow from the input.
        activation: A name or a function; None for none.
        bias_axes: Axes of the output that the bias has, such as `"d"`; None for no bias.
        kernel_initializer: Initializer of `kernel`.
        bias_initializer: Initializer of `bias`.
        kernel_regularizer: Penalty on `kernel`.
        bias_regularizer: Penalty on `bias`.
        kernel_constraint: Constraint on `kernel`.
        bias_constraint: Constraint on `bias`.
        lora_rank: Rank of an adaptation of the frozen kernel (see `enable_lora`).
        lora_alpha: Strength of that adaptation; `lora_rank` if None.
        gptq_unpacked_column_size: Accepted, as files of Keras have it; it follows from the shapes.
        quantization_config: How `quantize` stores the kernel.
        activity_regularizer: Penalty on the output.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If the equation has another form, or does not fit the shapes.

    Example:
        >>> import addax as keras
        >>> layer = keras.layers.EinsumDense("abc,cd->abd", output_shape=(None, 64), bias_axes="d")
        >>> layer(keras.ops.ones((2, 5, 32))).shape
        TensorShape([2, 5, 64])
    """

    kernel = AdaptedWeight()
    _modes = ("int8", "int4", "float8", "gptq", "awq")
    _optional_arguments = ("lora_rank", "lora_alpha", "gptq_unpacked_column_size")
    _renamed_arguments = {"output_shape": "partial_output_shape"}

    def __init__(
        self,
        equation: str,
        output_shape: Any,
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        gptq_unpacked_column_size: int | None = None,
        quantization_config: Any = None,
        *,
        activity_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.equation = equation
        self.partial_output_shape = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        self.bias_axes = bias_axes
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.gptq_unpacked_column_size = gptq_unpacked_column_size
        self.quantization_config = quantizers.get(quantization_config)
        self._take_lora(lora_rank, lora_alpha)

    def build(self, input_shape: Any) -> None:
        """Create `kernel` and `bias`."""
        kernel_shape, bias_shape = _weight_shapes(self, tuple(input_shape))
        self._axes = _spelled_out(_parse(self, tuple(input_shape)), len(input_shape))
        self._input_axes = tuple(i for i, a in enumerate(self._axes.inputs) if a not in self._axes.outputs)
        if self._build_storage(_stored_kernel(self._axes, kernel_shape)):
            self.kernel = self.add_weight(
                name="kernel",
                shape=kernel_shape,
                initializer=self.kernel_initializer,
                regularizer=self.kernel_regularizer,
                constraint=self.kernel_constraint,
            )
        self.bias = None
        if bias_shape is not None:
            self.bias = self.add_weight(
                name="bias",
                shape=bias_shape,
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self._finish_build()

    def call(self, inputs: Any) -> Any:
        """Apply the layer to a tensor with the axes that the equation names."""
        return self._finished(self._multiplied(inputs))

    def _product(self, inputs: Any, kernel: Any) -> Any:
        return ops.einsum(self.equation, inputs, kernel)

    def _product_gradient(self, upstream: Any, kernel: Any) -> Any:
        inputs, weights, outputs = self._axes[:3]
        return ops.einsum(f"{outputs},{weights}->{inputs}", upstream, kernel)

    def _input_scale(self, scale: Any) -> Any:
        inputs, _, outputs = self._axes[:3]
        scale = ops.squeeze(scale, self._input_axes)
        kept = [a for a in inputs if a in outputs]
        scale = ops.transpose(scale, [kept.index(a) for a in outputs if a in inputs])
        return ops.expand_dims(scale, [i for i, a in enumerate(outputs) if a not in inputs])

    def _input_rows(self, inputs: Any) -> Any:
        axes = self._axes
        order = [i for i, a in enumerate(axes.inputs) if a in axes.outputs]
        summed = [axes.inputs.index(a) for a in axes.weights if a in axes.inputs and a not in axes.outputs]
        return ops.transpose(inputs, [*order, *summed])

    def _low_rank_product(self, inputs: Any, a: Any, b: Any) -> Any:
        if self._axes.weights[-1] != self._axes.outputs[-1]:
            return self._product(inputs, ops.matmul(a, b))
        return super()._low_rank_product(inputs, a, b)


class _Equation(NamedTuple):
    """The axes of the operands of an equation, and where `...` stands."""

    inputs: str
    weights: str
    outputs: str
    before: bool
    after: bool


def _parse(layer: EinsumDense, input_shape: tuple) -> _Equation:
    found = _FORM.fullmatch(layer.equation.replace(" ", ""))
    before, inputs, after, weights, before_out, outputs, after_out = found.groups("") if found else ("",) * 7
    if not found or before != before_out or after != after_out or (before and after):
        expected = "'ab,bc->ac', '...ab,bc->...ac' or 'ab...,bc->ac...'"
        raise _error(layer, "The equation is wrong.", expected, input_shape)
    elided = len(input_shape) - len(inputs)
    if elided < 0 or (elided and not (before or after)):
        expected = f"an input with the axes '{inputs}'"
        raise _error(layer, "The equation does not fit the input.", expected, input_shape)
    for letter in outputs:
        if letter not in inputs and letter not in weights:
            problem = f"Axis '{letter}' of the output is in no operand."
            raise _error(layer, problem, "it in input or kernel", input_shape)
    return _Equation(inputs, weights, outputs, bool(before), bool(after))


def _spelled_out(equation: _Equation, rank: int) -> _Equation:
    """The equation with a letter for each axis of `...`."""
    inputs, weights, outputs, before, after = equation
    free = [a for a in string.ascii_letters if a not in inputs + weights + outputs]
    more = "".join(free[: rank - len(inputs)])
    if before:
        inputs, outputs = more + inputs, more + outputs
    elif after:
        inputs, outputs = inputs + more, outputs + more
    return _Equation(inputs, weights, outputs, False, False)


def _stored_kernel(equation: _Equation, shape: tuple) -> Weight:
    """The kernel as `quantize` sees it; its scales have the axes of the output."""
    _, weights, outputs, _, _ = equation
    return Weight(
        "kernel",
        shape,
        summed=tuple(i for i, a in enumerate(weights) if a not in outputs),
        order=tuple(weights.index(a) for a in outputs if a in weights),
        scale_shape=tuple(shape[weights.index(a)] if a in weights else 1 for a in outputs),
        zero_name="zero_point",
    )


def _weight_shapes(layer: EinsumDense, input_shape: tuple) -> tuple[tuple, tuple | None]:
    """The shapes of kernel and bias, from the equation and the shapes of input and output."""
    inputs, weights, outputs, before, after = _parse(layer, input_shape)
    elided = len(input_shape) - len(inputs)
    full_output = (input_shape[0], *layer.partial_output_shape)
    in_sizes = _sizes(inputs, input_shape, before)
    out_sizes = _sizes(outputs, full_output, before)
    kernel_shape = tuple(_size(layer, letter, in_sizes, out_sizes, input_shape) for letter in weights)
    if layer.bias_axes is None:
        return kernel_shape, None
    for letter in layer.bias_axes:
        if letter not in outputs:
            raise _error(
                layer, f"Axis '{letter}' of the bias is not in the output.", f"'{outputs}'", input_shape
            )
    first = min(outputs.index(letter) for letter in layer.bias_axes)
    bias_shape = tuple(
        _size(layer, letter, in_sizes, out_sizes, input_shape) if letter in layer.bias_axes else 1
        for letter in outputs[first:]
    )
    return kernel_shape, bias_shape + (1,) * (elided if after else 0)


def _sizes(letters: str, shape: tuple, from_the_end: bool) -> dict[str, Any]:
    used = shape[-len(letters) :] if from_the_end else shape[: len(letters)]
    return dict(zip(letters, used, strict=False))


def _size(layer: EinsumDense, letter: str, in_sizes: dict, out_sizes: dict, input_shape: tuple) -> int:
    found = in_sizes.get(letter), out_sizes.get(letter)
    known = [size for size in found if size is not None]
    if len(set(known)) > 1:
        raise _error(
            layer, f"Axis '{letter}' has two sizes.", f"{found[0]} in the output as in the input", input_shape
        )
    if not known:
        raise _error(
            layer,
            f"Axis '{letter}' has no known size.",
            "it in the input or output, with a size",
            input_shape,
        )
    return known[0]


def _error(layer: EinsumDense, problem: str, expected: str, input_shape: tuple) -> ValueError:
    return ValueError(
        message(
            problem,
            where=layer.path,
            expected=expected,
            received=f"equation='{layer.equation}', inputs of shape {_arguments.shown(input_shape)}, "
            f"output_shape={layer.partial_output_shape}, bias_axes={layer.bias_axes}",
        )
    )

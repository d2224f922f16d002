"""What `quantize` is to do with the weights of a layer."""

from __future__ import annotations

from typing import Any

from addax.core import serial
from addax.core.errors import message
from addax.quantizers._abs_max import AbsMaxQuantizer


class QuantizationConfig:
    """The base of the configs: how weights and inputs of layers are quantized. Subclasses say their `mode`.

    Args:
        weight_quantizer: The quantizer of weights; the mode's own if None.
        activation_quantizer: The quantizer of inputs; None for none.
    """

    def __init__(self, weight_quantizer: Any = None, activation_quantizer: Any = None) -> None:
        self.weight_quantizer = weight_quantizer
        self.activation_quantizer = activation_quantizer

    @property
    def mode(self) -> str:
        """The name of the mode, such as `"int8"`."""
        raise NotImplementedError(
            message(
                "A QuantizationConfig alone has no mode.",
                expected="one of its subclasses",
                received=type(self),
            )
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor, as plain data."""
        return {
            "weight_quantizer": serial.serialize(self.weight_quantizer),
            "activation_quantizer": serial.serialize(self.activation_quantizer),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A config from what `get_config` gave."""
        packages = ("addax.quantizers",)
        return cls(**{key: serial.deserialize(value, packages=packages) for key, value in config.items()})

    @staticmethod
    def weight_quantizer_or_default(config: QuantizationConfig | None, default: Any) -> Any:
        """The quantizer of weights that a config names, or `default`."""
        named = None if config is None else config.weight_quantizer
        return default if named is None else named

    @staticmethod
    def activation_quantizer_or_default(config: QuantizationConfig | None, default: Any) -> Any:
        """The quantizer of inputs that a config names (None among them), or `default` without a config."""
        return default if config is None else config.activation_quantizer


class Int8QuantizationConfig(QuantizationConfig):
    """Weights in int8 with a scale for each output channel.

    Args:
        weight_quantizer: The quantizer of weights; the mode's own if None.
        activation_quantizer: The quantizer of inputs; `AbsMaxQuantizer()` if `"default"`, None for none.

    Raises:
        ValueError: If the quantizer of weights does not give int8.

    Example:
        >>> import addax as keras
        >>> keras.quantizers.Int8QuantizationConfig(activation_quantizer=None).mode
        'int8'
    """

    def __init__(self, weight_quantizer: Any = None, activation_quantizer: Any = "default") -> None:
        if isinstance(activation_quantizer, str) and activation_quantizer == "default":
            activation_quantizer = AbsMaxQuantizer()
        super().__init__(weight_quantizer, activation_quantizer)
        _check_int8(weight_quantizer)

    @property
    def mode(self) -> str:
        """`"int8"`."""
        return "int8"


class Int4QuantizationConfig(QuantizationConfig):
    """Weights in 4 bits, two in a byte, with a scale for each block of inputs, or for each output channel.

    Args:
        weight_quantizer: The quantizer of weights, with the range (-8, 7); the mode's own if None.
        activation_quantizer: The quantizer of inputs; None, which `"default"` means too, for none.
        block_size: How many inputs share a scale; None or -1 for all.

    Raises:
        ValueError: If the block size is 0 or less than -1, or the quantizers do not fit.

    Example:
        >>> import addax as keras
        >>> keras.quantizers.Int4QuantizationConfig().block_size
        128
    """

    def __init__(
        self,
        weight_quantizer: Any = None,
        activation_quantizer: Any = "default",
        block_size: int | None = 128,
    ) -> None:
        if isinstance(activation_quantizer, str) and activation_quantizer == "default":
            activation_quantizer = None
        super().__init__(weight_quantizer, activation_quantizer)
        if block_size is not None and block_size != -1 and block_size <= 0:
            raise ValueError(
                message("Invalid block_size.", expected="None, -1 or a positive integer", received=block_size)
            )
        self.block_size = block_size
        in_blocks = block_size is not None and block_size > 0
        if in_blocks and (weight_quantizer is not None or activation_quantizer is not None):
            raise ValueError(
                message(
                    "Blocks come with their own quantizer.",
                    expected="block_size=None (one scale for each channel) where you name quantizers",
                    received=f"block_size={block_size}",
                )
            )
        _check_int8(weight_quantizer)
        if weight_quantizer is not None and tuple(weight_quantizer.value_range) != (-8, 7):
            raise ValueError(
                message(
                    "The quantizer of 4-bit weights has another range.",
                    expected="value_range=(-8, 7)",
                    received=weight_quantizer.value_range,
                )
            )

    @property
    def mode(self) -> str:
        """`"int4"`."""
        return "int4"

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor, as plain data."""
        return {**super().get_config(), "block_size": self.block_size}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A config from what `get_config` gave; older ones, without a block size, have one scale a channel."""
        return super().from_config({"block_size": None, **config})


def _check_int8(quantizer: Any) -> None:
    if quantizer is not None and quantizer.output_dtype != "int8":
        raise ValueError(
            message(
                "The quantizer of weights gives another dtype.",
                expected="output_dtype='int8'",
                received=quantizer.output_dtype,
            )
        )


class Float8QuantizationConfig(QuantizationConfig):
    """Products in float8, for training; the scales are learned on the way.

    Example:
        >>> import addax as keras
        >>> keras.quantizers.Float8QuantizationConfig().mode
        'float8'
    """

    def __init__(self) -> None:
        super().__init__()

    @property
    def mode(self) -> str:
        """`"float8"`."""
        return "float8"

    def get_config(self) -> dict[str, Any]:
        """Nothing: there are no arguments."""
        return {}


class _Calibrated(QuantizationConfig):
    """A config whose method runs the model on data. The data and the tokenizer are not saved with it."""

    _mode = ""
    _saved: tuple[str, ...] = ()
    weight_bits: int
    group_size: int

    def _keep(self, allowed_bits: tuple[int, ...], **arguments: Any) -> None:
        """Check the arguments that the methods share, and keep all."""
        super().__init__()
        if arguments["weight_bits"] not in allowed_bits:
            raise ValueError(
                message(
                    "Unsupported weight_bits.",
                    expected=f"one of {allowed_bits}",
                    received=arguments["weight_bits"],
                )
            )
        for name in ("num_samples", "sequence_length", "num_grid_points"):
            if arguments.get(name, 1) <= 0:
                raise ValueError(message(f"{name} must be a positive integer.", received=arguments[name]))
        size = arguments["group_size"]
        if size < -1 or size == 0:
            raise ValueError(
                message("Invalid group_size.", expected="-1 or a positive integer", received=size)
            )
        self.__dict__.update(arguments)

    @property
    def mode(self) -> str:
        """The name of the mode."""
        return self._mode

    def dtype_policy_string(self) -> str:
        """The name of the dtype policy of a layer that was quantized so."""
        return f"{self._mode}/{self.weight_bits}/{self.group_size}"

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor, without data and tokenizer."""
        return {"dataset": None, "tokenizer": None, **{name: getattr(self, name) for name in self._saved}}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A config from what `get_config` gave."""
        return cls(**config)


class GPTQConfig(_Calibrated):
    """Weights quantized one by one, each error made up for by the weights that follow (Frantar et al., 2022).

    Args:
        dataset: Samples to run the model on: strings, or arrays of tokens.
        tokenizer: Turns strings into tokens.
        weight_bits: 2, 3, 4 or 8.
        num_samples: How many samples to use.
        per_channel: Whether each output channel has its own scale.
        sequence_length: The length of a sample.
        hessian_damping: What is added to the diagonal of the Hessian, as a part of its mean.
        group_size: How many inputs share a scale; -1 for all.
        symmetric: Whether zero is in the middle of the range.
        activation_order: Whether inputs with large activations are quantized first.
        quantization_layer_structure: `{"pre_block_layers": [...], "sequential_blocks": [...]}`; asked of the
            model if None.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
        >>> import addax as keras
        >>> keras.quantizers.GPTQConfig(["text"], str.split, group_size=64).dtype_policy_string()
        'gptq/4/64'
    """

    _mode = "gptq"
    _saved = (
        "weight_bits",
        "num_samples",
        "per_channel",
        "sequence_length",
        "hessian_damping",
        "group_size",
        "symmetric",
        "activation_order",
        "quantization_layer_structure",
    )

    def __init__(
        self,
        dataset: Any,
        tokenizer: Any,
        *,
        weight_bits: int = 4,
        num_samples: int = 128,
        per_channel: bool = True,
        sequence_length: int = 512,
        hessian_damping: float = 0.01,
        group_size: int = 128,
        symmetric: bool = False,
        activation_order: bool = False,
        quantization_layer_structure: dict | None = None,
    ) -> None:
        if not 0 <= hessian_damping <= 1:
            raise ValueError(
                message("Invalid hessian_damping.", expected="a number from 0 to 1", received=hessian_damping)
            )
        self._keep(
            (2, 3, 4, 8),
            dataset=dataset,
            tokenizer=tokenizer,
            weight_bits=weight_bits,
            num_samples=num_samples,
            per_channel=per_channel,
            sequence_length=sequence_length,
            hessian_damping=hessian_damping,
            group_size=group_size,
            symmetric=symmetric,
            activation_order=activation_order,
            quantization_layer_structure=quantization_layer_structure,
        )


class AWQConfig(_Calibrated):
    """4-bit weights, scaled before by the size of the inputs that they meet (Lin et al., 2023).

    Args:
        dataset: Samples to run the model on: strings, or arrays of tokens.
        tokenizer: Turns strings into tokens.
        weight_bits: 4.
        num_samples: How many samples to use.
        sequence_length: The length of a sample.
        group_size: How many inputs share a scale; -1 for all.
        num_grid_points: How many exponents of the input's size are tried.
        quantization_layer_structure: See `GPTQConfig`.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
        >>> import addax as keras
        >>> keras.quantizers.AWQConfig(["text"], str.split).dtype_policy_string()
        'awq/4/128'
    """

    _mode = "awq"
    _saved = (
        "weight_bits",
        "num_samples",
        "sequence_length",
        "group_size",
        "num_grid_points",
        "quantization_layer_structure",
    )

    def __init__(
        self,
        dataset: Any,
        tokenizer: Any,
        *,
        weight_bits: int = 4,
        num_samples: int = 128,
        sequence_length: int = 512,
        group_size: int = 128,
        num_grid_points: int = 20,
        quantization_layer_structure: dict | None = None,
    ) -> None:
        self._keep(
            (4,),
            dataset=dataset,
            tokenizer=tokenizer,
            weight_bits=weight_bits,
            num_samples=num_samples,
            sequence_length=sequence_length,
            group_size=group_size,
            num_grid_points=num_grid_points,
            quantization_layer_structure=quantization_layer_structure,
        )

"""Policies of layers whose weights are quantized."""

from __future__ import annotations

from typing import Any

from addax.core.errors import message
from addax.dtype_policies._policy import DTypePolicy, _global_name, parse_name

QUANTIZATION_MODES = ("int8", "float8", "int4", "gptq", "awq")


class QuantizedDTypePolicy(DTypePolicy):
    """A policy with quantized weights.

    Args:
        mode: `"int8"`, `"int4"`, `"float8"`, `"gptq"` or `"awq"`.
        source_name: The name of the policy that the layer had before; the global policy's if None.

    Raises:
        ValueError: If the mode is unknown, or int8 is combined with float16.

    Example:
        >>> import addax as keras
        >>> keras.dtype_policies.QuantizedDTypePolicy("int8", "float32")
        <QuantizedDTypePolicy "int8_from_float32">
    """

    def __init__(self, mode: str, source_name: str | None = None) -> None:
        source_name = _global_name() if source_name is None else source_name
        self._name = f"{mode}_from_{source_name}"
        self._source_name = source_name
        self._compute_dtype, self._variable_dtype = parse_name(source_name)
        if mode not in QUANTIZATION_MODES:
            raise ValueError(
                message("Invalid quantization mode.", expected=" or ".join(QUANTIZATION_MODES), received=mode)
            )
        if self._compute_dtype == "float16" and mode == "int8":
            raise ValueError(
                message(
                    "Quantization mode 'int8' does not work well with compute_dtype 'float16'.",
                    hint="Use 'mixed_bfloat16' or 'float32'.",
                )
            )
        self._quantization_mode = mode

    def _identity(self) -> tuple:
        return (self._quantization_mode, self._source_name)

    def __eq__(self, other: Any) -> bool:
        return super().__eq__(other) and self._identity() == other._identity()

    __hash__ = DTypePolicy.__hash__

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {"mode": self._quantization_mode, "source_name": self._source_name}


class QuantizedFloat8DTypePolicy(QuantizedDTypePolicy):
    """A policy for training with float8 products.

    Args:
        mode: `"float8"`.
        source_name: The name of the policy that the layer had before; the global policy's if None.
        amax_history_length: How many steps the scales look back.

    Raises:
        TypeError: If `amax_history_length` is not an integer.

    Example:
        >>> import addax as keras
        >>> keras.dtype_policies.QuantizedFloat8DTypePolicy("float8", "float32").amax_history_length
        1024
    """

    default_amax_history_length = 1024

    def __init__(self, mode: str, source_name: str | None = None, amax_history_length: int = 1024) -> None:
        super().__init__(mode, source_name)
        if not isinstance(amax_history_length, int):
            raise TypeError(
                message("`amax_history_length` must be an integer.", received=amax_history_length)
            )
        self._amax_history_length = amax_history_length

    @property
    def amax_history_length(self) -> int:
        """How many steps the scales look back."""
        return self._amax_history_length

    def _identity(self) -> tuple:
        return (*super()._identity(), self._amax_history_length)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {**super().get_config(), "amax_history_length": self.amax_history_length}


def _numbers(mode: str, prefix: str, form: str) -> list[int]:
    """The integers in a mode such as `gptq/4/128`."""
    parts = mode.split("/")
    count = form.count("<")
    try:
        numbers = [int(part) for part in parts[1:]]
    except ValueError:
        numbers = []
    if parts[0] != prefix or len(numbers) != count:
        raise ValueError(message("Invalid mode.", expected=f"the form '{form}' with integers", received=mode))
    return numbers


def _check_size(size: int, mode: str) -> int:
    if size < -1 or size == 0:
        raise ValueError(
            message("Invalid size of groups.", expected="-1 (no groups) or a positive integer", received=mode)
        )
    return size


class Int4DTypePolicy(QuantizedDTypePolicy):
    """A policy with 4-bit weights in blocks.

    Args:
        mode: `"int4/<block_size>"`; -1 is one block for each channel.
        source_name: The name of the policy that the layer had before; the global policy's if None.

    Raises:
        ValueError: If the mode is malformed.

    Example:
        >>> import addax as keras
        >>> keras.dtype_policies.Int4DTypePolicy("int4/128", "float32").block_size
        128
    """

    def __init__(self, mode: str, source_name: str | None = None) -> None:
        (self.block_size,) = _numbers(mode, "int4", "int4/<block_size>")
        _check_size(self.block_size, mode)
        super().__init__("int4", source_name)
        self.mode = "int4"
        self._name = f"{mode}_from_{self._source_name}"

    def _identity(self) -> tuple:
        return (*super()._identity(), self.block_size)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {**super().get_config(), "mode": f"{self.mode}/{self.block_size}"}


class GPTQDTypePolicy(QuantizedDTypePolicy):
    """A policy with weights quantized by GPTQ (Frantar et al., 2022).

    Args:
        mode: `"gptq/<weight_bits>/<group_size>"`, with 2, 3, 4 or 8 bits; a group size of -1 is one group.
        source_name: The name of the policy that the layer had before; the global policy's if None.

    Raises:
        ValueError: If the mode is malformed.

    Example:
        >>> import addax as keras
        >>> policy = keras.dtype_policies.GPTQDTypePolicy("gptq/4/128", "float32")
        >>> policy.weight_bits, policy.group_size
        (4, 128)
    """

    _prefix = "gptq"
    _bits: tuple[int, ...] = (2, 3, 4, 8)

    def __init__(self, mode: str, source_name: str | None = None) -> None:
        prefix = self._prefix
        self.weight_bits, self.group_size = _numbers(mode, prefix, f"{prefix}/<weight_bits>/<group_size>")
        if self.weight_bits not in self._bits:
            raise ValueError(
                message("Invalid weight_bits in mode.", expected=f"one of {self._bits}", received=mode)
            )
        _check_size(self.group_size, mode)
        super().__init__(prefix, source_name)
        self.mode = prefix
        self._name = f"{mode}_from_{self._source_name}"

    def _identity(self) -> tuple:
        return (*super()._identity(), self.weight_bits, self.group_size)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {**super().get_config(), "mode": f"{self.mode}/{self.weight_bits}/{self.group_size}"}


class AWQDTypePolicy(GPTQDTypePolicy):
    """A policy with 4-bit weights quantized by AWQ (Lin et al., 2023).

    Args:
        mode: `"awq/4/<group_size>"`; a group size of -1 is one group for each channel.
        source_name: The name of the policy that the layer had before; the global policy's if None.

    Raises:
        ValueError: If the mode is malformed.

    Example:
        >>> import addax as keras
        >>> keras.dtype_policies.AWQDTypePolicy("awq/4/128", "float32").group_size
        128
    """

    _prefix = "awq"
    _bits = (4,)


def quantized_from_name(name: str) -> QuantizedDTypePolicy:
    """The quantized policy that a name such as `"int8_from_float32"` stands for.

    Raises:
        ValueError: If the name is malformed.
    """
    mode, found, source_name = name.partition("_from_")
    if not found or not source_name:
        raise ValueError(
            message(
                "Unknown quantized dtype policy.",
                expected="a name such as 'int8_from_float32'",
                received=name,
            )
        )
    if mode.startswith("float8"):
        return QuantizedFloat8DTypePolicy(mode, source_name)
    if mode.startswith("gptq"):
        return GPTQDTypePolicy(mode, source_name)
    if mode.startswith("awq"):
        return AWQDTypePolicy(mode, source_name)
    if mode.startswith("int4") and "/" in mode:
        return Int4DTypePolicy(mode, source_name)
    return QuantizedDTypePolicy(mode, source_name)

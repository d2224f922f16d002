"""What the arguments of `quantize` mean: the mode's config, and which layers are meant."""

from __future__ import annotations

import re
from typing import Any

from addax.core.errors import message, suggest
from addax.quantizers._configs import (
    Float8QuantizationConfig,
    Int4QuantizationConfig,
    Int8QuantizationConfig,
    QuantizationConfig,
)

MODES = ("int8", "int4", "float8", "gptq", "awq")
_DEFAULTS = {
    "int8": Int8QuantizationConfig,
    "int4": Int4QuantizationConfig,
    "float8": Float8QuantizationConfig,
}


def resolve(mode: Any, config: Any) -> QuantizationConfig:
    """The config that `mode` and `config` name together.

    Args:
        mode: One of `MODES`, or None if the config says it.
        config: A `QuantizationConfig`, the name of a mode, or None for the mode's defaults.

    Raises:
        ValueError: If neither says a mode, both say another one, or the mode needs a config.
    """
    if isinstance(config, str):
        mode, config = config, None
    if mode is not None and mode not in MODES:
        hint = suggest(mode, MODES) if isinstance(mode, str) else None
        raise ValueError(
            message(
                "Invalid quantization mode.", expected=f"one of {MODES}", received=mode, hint=hint or None
            )
        )
    if config is None and mode in _DEFAULTS:
        return _DEFAULTS[mode]()
    if config is None and mode is not None:
        name = f"{mode.upper()}Config"
        raise ValueError(
            message(
                f"Mode '{mode}' needs data to run the model on.",
                expected=f"config=keras.quantizers.{name}(dataset, tokenizer, ...)",
                received="config=None",
            )
        )
    if not isinstance(config, QuantizationConfig):
        expected = "a QuantizationConfig" if config is not None else f"a mode among {MODES}, or a config"
        raise ValueError(message("`quantize` does not know what to do.", expected=expected, received=config))
    if mode is not None and config.mode != mode:
        raise ValueError(
            message("Mode and config differ.", expected=f"a config of '{mode}'", received=config.mode)
        )
    return config


def check_filters(filters: Any) -> None:
    """Raise unless `filters` is None, a pattern, a list of patterns, or a function.

    Raises:
        ValueError: If it is something else.
    """
    if filters is not None and not isinstance(filters, (str, list, tuple)) and not callable(filters):
        raise ValueError(
            message(
                "`filters` is wrong.",
                expected="a regular expression for names of layers, a list of them, or a function of a layer",
                received=filters,
            )
        )


def selected(layer: Any, filters: Any) -> bool:
    """Whether the filters let a layer through: any pattern is found in its name, or the function says so."""
    if filters is None:
        return True
    if isinstance(filters, (str, list, tuple)):
        patterns = [filters] if isinstance(filters, str) else filters
        return any(re.search(pattern, layer.name) for pattern in patterns)
    return bool(filters(layer))

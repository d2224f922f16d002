"""The settings of a process: float dtype, epsilon, image layout, and switches for debugging."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from addax.core.errors import message


@dataclasses.dataclass
class _Settings:
    floatx: str = "float32"
    epsilon: float = 1e-7
    image_data_format: str = "channels_last"
    run_eagerly: bool = False
    traceback_filtering: bool = True
    interactive_logging: bool = True
    flash_attention: bool | None = None
    max_epochs: int | None = None
    max_steps_per_epoch: int | None = None
    unsafe_deserialization: bool = False


_settings = _Settings()
_listeners: list[Callable[[], None]] = []


def on_change(listener: Callable[[], None]) -> None:
    """Call `listener` when a setting changes that ops look at: compiled code has the old value in it."""
    _listeners.append(listener)


def _change(name: str, value: Any) -> None:
    if getattr(_settings, name) != value:
        setattr(_settings, name, value)
        for listener in _listeners:
            listener()


def _load_user_file() -> None:
    """Take floatx, epsilon and image_data_format from the user's `keras.json`, if there is one."""
    path = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "keras.json"
    try:
        values = json.loads(path.read_text())
    except (OSError, ValueError):
        return
    if values.get("floatx") in ("bfloat16", "float16", "float32", "float64"):
        _settings.floatx = values["floatx"]
    if isinstance(values.get("epsilon"), float):
        _settings.epsilon = values["epsilon"]
    if values.get("image_data_format") in ("channels_first", "channels_last"):
        _settings.image_data_format = values["image_data_format"]


_load_user_file()


def floatx() -> str:
    """The default float dtype of weights and of numbers without a dtype, `"float32"` unless changed.

    Example:
        >>> floatx()
        'float32'
    """
    return _settings.floatx


def set_floatx(value: str) -> None:
    """Set the default float dtype.

    Args:
        value: `"float16"`, `"bfloat16"`, `"float32"` or `"float64"`.

    Raises:
        ValueError: If it is none of these.
    """
    if value not in ("bfloat16", "float16", "float32", "float64"):
        raise ValueError(
            message("Unknown floatx.", expected="bfloat16, float16, float32 or float64", received=value)
        )
    _change("floatx", str(value))


def epsilon() -> float:
    """The small constant that keeps divisions and logarithms finite, 1e-7 unless changed."""
    return _settings.epsilon


def set_epsilon(value: float) -> None:
    """Set the small constant of numeric expressions."""
    _change("epsilon", float(value))


def image_data_format() -> str:
    """`"channels_last"` or `"channels_first"`: the default layout of images."""
    return _settings.image_data_format


def set_image_data_format(data_format: str) -> None:
    """Set the default layout of images.

    Raises:
        ValueError: If it is neither `"channels_last"` nor `"channels_first"`.
    """
    _change("image_data_format", standardize_data_format(data_format))


def standardize_data_format(data_format: Any) -> str:
    """Check a `data_format` argument; None gives the default.

    Raises:
        ValueError: If it is neither `"channels_last"` nor `"channels_first"`.
    """
    if data_format is None:
        return _settings.image_data_format
    value = str(data_format).lower()
    if value not in ("channels_first", "channels_last"):
        raise ValueError(
            message(
                "Unknown data_format.", expected='"channels_last" or "channels_first"', received=data_format
            )
        )
    return value


def backend() -> str:
    """The name of the engine, always `"jax"`."""
    return "jax"


def set_backend(backend: str) -> None:
    """Accept `"jax"`, the only engine.

    Raises:
        ValueError: For any other engine.
    """
    if backend != "jax":
        raise ValueError(message("Addax runs on JAX only.", expected='"jax"', received=backend))


def get(name: str) -> Any:
    """A setting by its field name."""
    return getattr(_settings, name)


def put(name: str, value: Any) -> None:
    """Change a setting by its field name.

    Raises:
        AttributeError: If there is no such setting.
    """
    if not hasattr(_settings, name):
        raise AttributeError(f"There is no setting {name!r}.")
    setattr(_settings, name, value)


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Run `function`s and training steps op by op, for debugging."""
    _settings.run_eagerly = bool(run_eagerly)


def is_interactive_logging_enabled() -> bool:
    """Whether progress is printed to standard output."""
    return _settings.interactive_logging


def enable_interactive_logging() -> None:
    """Print progress to standard output (the default)."""
    _settings.interactive_logging = True


def disable_interactive_logging() -> None:
    """Send progress to `logging` instead of standard output."""
    _settings.interactive_logging = False


def is_traceback_filtering_enabled() -> bool:
    """Whether tracebacks leave out frames of JAX."""
    return _settings.traceback_filtering


def enable_traceback_filtering() -> None:
    """Leave frames of JAX out of tracebacks (the default)."""
    _settings.traceback_filtering = True


def disable_traceback_filtering() -> None:
    """Show every frame in tracebacks."""
    _settings.traceback_filtering = False


def enable_flash_attention() -> None:
    """Let attention use the fused kernels of the platform where they fit (the default)."""
    _change("flash_attention", None)


def disable_flash_attention() -> None:
    """Compute attention without fused kernels, unless a call asks for them."""
    _change("flash_attention", False)


def is_flash_attention_enabled() -> bool | None:
    """False after `disable_flash_attention`; else None: each call uses a fused kernel where one fits."""
    return _settings.flash_attention


def is_nnx_enabled() -> bool:
    """Whether layers are modules of Flax NNX: never, as layers are modules of Addax."""
    return False


def max_epochs() -> int | None:
    """The cap on epochs of every `fit`, or None."""
    return _settings.max_epochs


def set_max_epochs(max_epochs: int | None) -> None:
    """Cap the epochs of every `fit`, for quick tests."""
    _settings.max_epochs = max_epochs


def max_steps_per_epoch() -> int | None:
    """The cap on steps of every epoch, or None."""
    return _settings.max_steps_per_epoch


def set_max_steps_per_epoch(max_steps_per_epoch: int | None) -> None:
    """Cap the steps of every epoch, for quick tests."""
    _settings.max_steps_per_epoch = max_steps_per_epoch


def enable_unsafe_deserialization() -> None:
    """Let files run code (lambdas) when they are loaded, for files that you trust."""
    _settings.unsafe_deserialization = True

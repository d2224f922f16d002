"""The `preprocess_input` of each family."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addax.applications.imagenet_utils import _MODES, preprocess_input


def preprocessor(module: str, mode: str | None) -> Callable[..., Any]:
    """The `preprocess_input` of a family: one mode, or None where the model does it itself."""

    def preprocess(x: Any, data_format: str | None = None) -> Any:
        return x if mode is None else preprocess_input(x, data_format, mode)

    does, note = "images are returned as they are, because the model scales them", ""
    if mode is not None:
        does, note = _MODES[mode], " An array of floats is written over."
    preprocess.__module__, preprocess.__name__, preprocess.__qualname__ = module, *["preprocess_input"] * 2
    preprocess.__doc__ = (
        f"Make images ready for the models of this module: {does}.\n\n"
        "Args:\n"
        "    x: Images, an array or tensor of rank 3 or 4 with 3 channels (RGB), pixels from 0 to 255.\n"
        '    data_format: `"channels_last"`, `"channels_first"`, or None for the setting.\n\n'
        f"Returns:\n    The images, an array for an array.{note}\n"
    )
    return preprocess

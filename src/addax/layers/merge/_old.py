"""`merge(inputs, mode="concat")`, as Keras 1 had it: the name is that of this package, which can be called for it."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from addax.core.errors import message
from addax.layers.merge import _functions as functions

_MODES = {
    "sum": functions.add,
    "mul": functions.multiply,
    "ave": functions.average,
    "max": functions.maximum,
    "min": functions.minimum,
    "sub": functions.subtract,
}


def merge(
    inputs: Any, mode: str = "sum", concat_axis: int = -1, dot_axes: Any = -1, name: str | None = None
) -> Any:
    """Tensors made one, by the names that Keras 1 had for it.

    Args:
        inputs: A list of tensors.
        mode: `"sum"`, `"mul"`, `"ave"`, `"max"`, `"min"`, `"sub"`, `"concat"`, `"dot"` or `"cos"`.
        concat_axis: The axis of `"concat"`.
        dot_axes: The axis (or the two) that `"dot"` and `"cos"` sum over.
        name: The layer's name.

    Returns:
        A tensor.

    Raises:
        ValueError: For another mode.
    """
    options = {} if name is None else {"name": name}
    if mode == "concat":
        return functions.concatenate(inputs, axis=concat_axis, **options)
    if mode in ("dot", "cos"):
        return functions.dot(inputs, axes=dot_axes, normalize=mode == "cos", **options)
    if mode not in _MODES:
        expected = ", ".join(f'"{known}"' for known in (*_MODES, "concat", "dot", "cos"))
        raise ValueError(message("merge() got an unknown `mode`.", expected=expected, received=mode))
    return _MODES[mode](inputs, **options)


class _Merge(ModuleType):
    """The package, which can be called."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return merge(*args, **kwargs)


sys.modules["addax.layers.merge"].__class__ = _Merge

"""`tf.compat.v1.strings`: `tf.strings`; `split` gives a sparse tensor unless asked for a ragged one."""

from __future__ import annotations

from typing import Any

from addax.core.errors import message
from addax.tf import strings as _today


def split(
    input: Any = None,
    sep: str | None = None,
    maxsplit: int = -1,
    result_type: str = "SparseTensor",
    source: Any = None,
    name: str | None = None,
) -> Any:
    """Parts of strings.

    Args:
        input: Strings of shape `(batch,)`.
        sep: What stands between the parts; runs of white space if None.
        maxsplit: The most splits of a string, -1 for all.
        result_type: `"SparseTensor"` or `"RaggedTensor"`.
        source: An older name of `input`.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: For another `result_type`.
    """
    if result_type not in ("SparseTensor", "RaggedTensor"):
        raise ValueError(
            message("Unknown result_type.", expected="'SparseTensor' or 'RaggedTensor'", received=result_type)
        )
    found = _today.split(source if input is None else input, sep, maxsplit)
    return found.to_sparse() if result_type == "SparseTensor" else found


__all__ = list(_today.__all__)


def __getattr__(name: str) -> Any:
    return getattr(_today, name)


def __dir__() -> list[str]:
    return __all__

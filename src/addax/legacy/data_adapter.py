"""`data_adapter` of TensorFlow 2.2: what steps of training that were written by hand took from it."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core import tree
from addax.utils import pack_x_y_sample_weight, unpack_x_y_sample_weight


def expand_1d(data: Any) -> Any:
    """A nest of tensors, those of rank 1 with a second axis of size 1.

    Args:
        data: The nest.

    Example:
        >>> import addax as keras
        >>> expand_1d((keras.ops.ones(3), None))[0].shape
        TensorShape([3, 1])
    """

    def expand(x: Any) -> Any:
        return ops.expand_dims(x, -1) if len(getattr(x, "shape", ())) == 1 else x

    return tree.map_structure(expand, data)


__all__ = ["expand_1d", "pack_x_y_sample_weight", "unpack_x_y_sample_weight"]

"""`tf.compat.v1.image`: `tf.image`, but for what computes something else today."""

from __future__ import annotations

from typing import Any

from addax.core.errors import MissingName
from addax.tf import image as _today

_CHANGED = {
    "resize": "tf.image.resize() takes the middles of pixels for their places; its results differ.",
    "ResizeMethod": "tf.image.resize() takes the names of methods.",
    "sample_distorted_bounding_box": "It is tf.image.sample_distorted_bounding_box(), with a seed.",
    "extract_glimpse": "It is tf.image.extract_glimpse(), which counts from the middles of pixels.",
    "crop_and_resize": "It is tf.image.crop_and_resize(image, boxes, box_indices, crop_size).",
}

__all__ = sorted(set(_today.__all__) - set(_CHANGED))


def __getattr__(name: str) -> Any:
    if name in _CHANGED:
        raise MissingName(f"Addax has no 'tf.compat.v1.image.{name}'. {_CHANGED[name]}", name=name)
    return getattr(_today, name)


def __dir__() -> list[str]:
    return __all__

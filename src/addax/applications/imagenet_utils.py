"""`addax.applications.imagenet_utils`: pixels before an ImageNet model, classes after it."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np

from addax import ops
from addax.core import config
from addax.core.errors import message
from addax.saving._download import get_file

__all__ = ["decode_predictions", "preprocess_input"]

_CLASSES = "https://storage.googleapis.com/download.tensorflow.org/data/imagenet_class_index.json"
_CLASSES_MD5 = "c2c37ea517e94d9795004a39431a14cb"
_FORMATS = ("channels_first", "channels_last")
# Of the pixels of ImageNet: BGR from 0 to 255 (Caffe), RGB from 0 to 1 (PyTorch).
_CAFFE_MEAN = (103.939, 116.779, 123.68)
_TORCH_MEAN, _TORCH_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_MODES = {
    "caffe": "RGB becomes BGR and the mean of ImageNet is subtracted",
    "tf": "pixels from 0 to 255 become numbers from -1 to 1",
    "torch": "pixels are scaled to 0 to 1 and normalized by ImageNet's mean and deviation",
}


def preprocess_input(x: Any, data_format: str | None = None, mode: str = "caffe") -> Any:
    """Scale pixels from 0 to 255 as a model was trained.

    An array of floats is written over, as in Keras; pass a copy to keep it.

    Args:
        x: Images, an array or tensor of rank 3 or 4 with 3 channels (RGB).
        data_format: `"channels_last"`, `"channels_first"`, or None for the setting.
        mode: `"caffe"` (BGR, mean subtracted), `"tf"` (-1 to 1), or `"torch"` (normalized RGB).

    Returns:
        The images as floats, an array for an array.

    Raises:
        ValueError: If the mode or the data format is unknown.

    Example:
        >>> import numpy as np
        >>> preprocess_input(np.array([[[0.0, 127.5, 255.0]]]), mode="tf")
        array([[[-1.,  0.,  1.]]])
    """
    if mode not in _MODES:
        raise ValueError(message("Unknown mode.", expected=" | ".join(_MODES), received=repr(mode)))
    data_format = data_format or config.image_data_format()
    if data_format not in _FORMATS:
        raise ValueError(
            message("Unknown data format.", expected=" | ".join(_FORMATS), received=repr(data_format))
        )
    if isinstance(x, np.ndarray):
        return _array(x, data_format, mode)
    return _tensor(ops.convert_to_tensor(x), data_format, mode)


def _array(x: Any, data_format: str, mode: str) -> Any:
    if not issubclass(x.dtype.type, np.floating):
        x = x.astype(config.floatx())
    elif not x.flags.writeable:
        x = x.copy()
    if mode == "tf":
        x /= 127.5
        x -= 1.0
        return x
    axis = -1 if data_format == "channels_last" else -3
    if mode == "caffe":
        x = np.flip(x, axis)  # a view: the caller's array is written over
        x -= _along(_CAFFE_MEAN, axis, x.dtype)
        return x
    x /= 255.0
    x -= _along(_TORCH_MEAN, axis, x.dtype)
    x /= _along(_TORCH_STD, axis, x.dtype)
    return x


def _tensor(x: Any, data_format: str, mode: str) -> Any:
    if "float" not in str(x.dtype):
        x = ops.cast(x, config.floatx())
    if mode == "tf":
        return x / 127.5 - 1.0
    axis = -1 if data_format == "channels_last" else -3
    kind = np.dtype("float32")
    if mode == "caffe":
        return ops.flip(x, axis=axis) - ops.cast(_along(_CAFFE_MEAN, axis, kind), x.dtype)
    mean, std = (ops.cast(_along(v, axis, kind), x.dtype) for v in (_TORCH_MEAN, _TORCH_STD))
    return (x / 255.0 - mean) / std


def _along(values: tuple, axis: int, dtype: Any) -> Any:
    """Numbers, one a channel, in a shape that broadcasts with images."""
    return np.asarray(values, dtype).reshape((3,) if axis == -1 else (3, 1, 1))


def decode_predictions(preds: Any, top: int = 5) -> list[list[tuple[str, str, float]]]:
    """Name the likeliest classes of ImageNet.

    The names are got from the web once, then kept in the cache.

    Args:
        preds: Probabilities, an array or tensor of shape `(batch, 1000)`.
        top: How many classes for each image.

    Returns:
        For each image a list of `(WordNet id, name, probability)`, best first.

    Raises:
        ValueError: If the shape is another.
        Exception: If the names cannot be got; the message says where to put the file by hand.
    """
    if len(preds.shape) != 2 or preds.shape[1] != 1000:
        raise ValueError(
            message(
                "These are no predictions of an ImageNet model.",
                expected="shape (batch, 1000)",
                received=preds,
            )
        )
    path = get_file("imagenet_class_index.json", _CLASSES, cache_subdir="models", file_hash=_CLASSES_MD5)
    names = _class_names(path)
    results = []
    for scores in np.asarray(ops.convert_to_numpy(preds)):
        best = np.argsort(scores)[::-1][:top]
        results.append([(*names[i], scores[i]) for i in best])
    return results


@functools.cache
def _class_names(path: str) -> list[tuple[str, str]]:
    index = json.loads(Path(path).read_text(encoding="utf-8"))
    return [tuple(index[str(i)]) for i in range(len(index))]

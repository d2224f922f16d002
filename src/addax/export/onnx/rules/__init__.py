"""The rules by family; importing this registers all of them."""

from addax.export.onnx.rules import (
    _bits,
    _control,
    _convolution,
    _elementwise,
    _indexing,
    _places,
    _pooling,
    _products,
    _reductions,
    _shapes,
    _spectra,
)

__all__ = [
    "_bits",
    "_control",
    "_convolution",
    "_elementwise",
    "_indexing",
    "_places",
    "_pooling",
    "_products",
    "_reductions",
    "_shapes",
    "_spectra",
]

"""The UCI handwritten digits: 1,797 grey images of 8x8 pixels, shipped with the package (see README.md)."""

from addax.datasets.digits._load import load_data

__all__ = ["load_data"]

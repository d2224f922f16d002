"""`addax.preprocessing`: the old helpers for images, sequences and texts."""

from addax.preprocessing import image, sequence, text
from addax.utils._folders import image_dataset_from_directory, text_dataset_from_directory
from addax.utils._timeseries import timeseries_dataset_from_array

__all__ = [
    "image",
    "image_dataset_from_directory",
    "sequence",
    "text",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
]

"""`addax.utils`: public helpers; nothing inside the package imports this room."""

from typing import TYPE_CHECKING

from addax.core.config import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
from addax.core.lazy import attach
from addax.core.registry import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from addax.core.serial import deserialize as deserialize_keras_object
from addax.core.serial import serialize as serialize_keras_object
from addax.utils._config import Config
from addax.utils._session import clear_session, device, name_scope, set_random_seed, version

if TYPE_CHECKING:
    from addax.backend._dtypes import is_keras_tensor, standardize_dtype
    from addax.callbacks import Progbar
    from addax.models import FeatureSpace
    from addax.saving._download import get_file
    from addax.utils import bounding_boxes, legacy, np_utils
    from addax.utils._arrays import normalize, to_categorical
    from addax.utils._audio import audio_dataset_from_directory
    from addax.utils._batches import PyDataset, Sequence, pack_x_y_sample_weight, unpack_x_y_sample_weight
    from addax.utils._folders import image_dataset_from_directory, text_dataset_from_directory
    from addax.utils._graph import get_source_inputs
    from addax.utils._images import array_to_img, img_to_array, load_img, save_img
    from addax.utils._split import split_dataset
    from addax.utils._text import pad_sequences
    from addax.utils._timeseries import timeseries_dataset_from_array
    from addax.visual import model_to_dot, plot_model

__all__ = [
    "Config",
    "CustomObjectScope",
    "FeatureSpace",
    "Progbar",
    "PyDataset",
    "Sequence",
    "array_to_img",
    "audio_dataset_from_directory",
    "bounding_boxes",
    "clear_session",
    "custom_object_scope",
    "deserialize_keras_object",
    "device",
    "disable_interactive_logging",
    "enable_interactive_logging",
    "get_custom_objects",
    "get_file",
    "get_registered_name",
    "get_registered_object",
    "get_source_inputs",
    "image_dataset_from_directory",
    "img_to_array",
    "is_interactive_logging_enabled",
    "is_keras_tensor",
    "legacy",
    "load_img",
    "model_to_dot",
    "name_scope",
    "normalize",
    "np_utils",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "plot_model",
    "register_keras_serializable",
    "save_img",
    "serialize_keras_object",
    "set_random_seed",
    "split_dataset",
    "standardize_dtype",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
    "to_categorical",
    "unpack_x_y_sample_weight",
    "version",
]

# Most scripts need `set_random_seed` at most; what belongs to data sets, files and pictures is imported when asked for.
_LATE = {
    "addax.backend._dtypes": ("is_keras_tensor", "standardize_dtype"),
    "addax.callbacks": ("Progbar",),
    "addax.models": ("FeatureSpace",),
    "addax.saving._download": ("get_file",),
    "addax.utils._arrays": ("normalize", "to_categorical"),
    "addax.utils._audio": ("audio_dataset_from_directory",),
    "addax.utils._batches": ("PyDataset", "Sequence", "pack_x_y_sample_weight", "unpack_x_y_sample_weight"),
    "addax.utils._folders": ("image_dataset_from_directory", "text_dataset_from_directory"),
    "addax.utils._graph": ("get_source_inputs",),
    "addax.utils._images": ("array_to_img", "img_to_array", "load_img", "save_img"),
    "addax.utils._split": ("split_dataset",),
    "addax.utils._text": ("pad_sequences",),
    "addax.utils._timeseries": ("timeseries_dataset_from_array",),
    "addax.visual": ("model_to_dot", "plot_model"),
}
__getattr__, _ = attach(
    __name__,
    {name: module for module, names in _LATE.items() for name in names},
    ("bounding_boxes", "legacy", "np_utils"),
)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""`addax.utils`: public helpers; nothing inside the package imports this room."""

from addax.callbacks import Progbar
from addax.core.config import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
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
from addax.utils import legacy
from addax.utils._arrays import normalize, to_categorical
from addax.utils._batches import PyDataset, Sequence, pack_x_y_sample_weight, unpack_x_y_sample_weight
from addax.saving._download import get_file
from addax.utils._folders import image_dataset_from_directory, text_dataset_from_directory
from addax.utils._images import array_to_img, img_to_array, load_img, save_img
from addax.utils._session import clear_session, device, name_scope, set_random_seed, version
from addax.utils._text import pad_sequences
from addax.utils._timeseries import timeseries_dataset_from_array
from addax.visual import plot_model

__all__ = [
    "CustomObjectScope",
    "Progbar",
    "PyDataset",
    "Sequence",
    "array_to_img",
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
    "image_dataset_from_directory",
    "img_to_array",
    "is_interactive_logging_enabled",
    "legacy",
    "load_img",
    "name_scope",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "plot_model",
    "register_keras_serializable",
    "save_img",
    "serialize_keras_object",
    "set_random_seed",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
    "to_categorical",
    "unpack_x_y_sample_weight",
    "version",
]

"""Floor 5: files of models, and the names that they may mention. Safe by construction: files are data."""

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
from addax.saving._file_editor import KerasFileEditor
from addax.saving._keras_file import load_model, model_from_json, model_to_json, save_model
from addax.saving._weights import load_weights, save_weights

__all__ = [
    "CustomObjectScope",
    "KerasFileEditor",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "load_weights",
    "model_from_json",
    "model_to_json",
    "register_keras_serializable",
    "save_model",
    "save_weights",
    "serialize_keras_object",
]

"""`tf.saved_model`: models as SavedModels, and SavedModels as objects to call."""

from __future__ import annotations

import os

from addax.export import load_saved_model as load
from addax.export import save_saved_model as save


class SaveOptions:
    """Options of saving, which are accepted for TensorFlow's sake."""

    def __init__(self, **options: object) -> None:
        self.options = options


class LoadOptions:
    """Options of loading, which are accepted for TensorFlow's sake."""

    def __init__(self, **options: object) -> None:
        self.options = options


def contains_saved_model(export_dir: str | os.PathLike[str]) -> bool:
    """Whether a folder holds a SavedModel.

    Example:
        >>> import tempfile
        >>> import addax.tf as tf
        >>> tf.saved_model.contains_saved_model(tempfile.mkdtemp())
        False
    """
    names = (SAVED_MODEL_FILENAME_PB, SAVED_MODEL_FILENAME_PBTXT)
    return any(os.path.exists(os.path.join(os.fspath(export_dir), name)) for name in names)


SERVING, TRAINING, GPU, TPU = "serve", "train", "gpu", "tpu"  # tags
SAVED_MODEL_FILENAME_PB, SAVED_MODEL_FILENAME_PBTXT = "saved_model.pb", "saved_model.pbtxt"
VARIABLES_DIRECTORY = VARIABLES_FILENAME = "variables"
ASSETS_DIRECTORY, ASSETS_KEY = "assets", "saved_model_assets"
SAVED_MODEL_SCHEMA_VERSION = 1
PREDICT_METHOD_NAME, PREDICT_INPUTS, PREDICT_OUTPUTS = "tensorflow/serving/predict", "inputs", "outputs"
CLASSIFY_METHOD_NAME, CLASSIFY_INPUTS = "tensorflow/serving/classify", "inputs"
CLASSIFY_OUTPUT_CLASSES, CLASSIFY_OUTPUT_SCORES = "classes", "scores"
REGRESS_METHOD_NAME, REGRESS_INPUTS, REGRESS_OUTPUTS = "tensorflow/serving/regress", "inputs", "outputs"
DEFAULT_SERVING_SIGNATURE_DEF_KEY = "serving_default"

__all__ = [
    "ASSETS_DIRECTORY",
    "ASSETS_KEY",
    "CLASSIFY_INPUTS",
    "CLASSIFY_METHOD_NAME",
    "CLASSIFY_OUTPUT_CLASSES",
    "CLASSIFY_OUTPUT_SCORES",
    "DEFAULT_SERVING_SIGNATURE_DEF_KEY",
    "GPU",
    "LoadOptions",
    "PREDICT_INPUTS",
    "PREDICT_METHOD_NAME",
    "PREDICT_OUTPUTS",
    "REGRESS_INPUTS",
    "REGRESS_METHOD_NAME",
    "REGRESS_OUTPUTS",
    "SAVED_MODEL_FILENAME_PB",
    "SAVED_MODEL_FILENAME_PBTXT",
    "SAVED_MODEL_SCHEMA_VERSION",
    "SERVING",
    "SaveOptions",
    "TPU",
    "TRAINING",
    "VARIABLES_DIRECTORY",
    "VARIABLES_FILENAME",
    "contains_saved_model",
    "load",
    "save",
]

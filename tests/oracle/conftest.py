"""Where TensorFlow is, Keras runs on it: set before the first test file of this folder imports Keras."""

import importlib.util
import os

if importlib.util.find_spec("tensorflow") is not None:
    os.environ["KERAS_BACKEND"] = "tensorflow"

"""Imports that scripts of ten years have: former modules of Keras, private ones of TensorFlow."""

from __future__ import annotations

import subprocess
import sys

import pytest

IMPORTS = """
from keras.backend.tensorflow_backend import set_session, get_session
from keras.engine.data_adapter import expand_1d, unpack_x_y_sample_weight
from keras.engine.functional import Functional
from keras.engine.keras_tensor import KerasTensor
from keras.initializers.initializers_v2 import GlorotUniform
from keras.layers.attention.multi_head_attention import MultiHeadAttention
from keras.layers.preprocessing.text_vectorization import TextVectorization
from keras.layers.rnn.lstm import LSTM
from keras.objectives import mse
from keras.optimizer_v2.adam import Adam
from keras.optimizers import adam_v2, gradient_descent_v2
from keras.optimizers.experimental import AdamW
from keras.saving.save import load_model
from keras.utils.tf_utils import set_random_seed
from keras_preprocessing.image import ImageDataGenerator
from keras_preprocessing.sequence import pad_sequences
from keras_preprocessing import image, text
from tensorflow.compat.v1 import ConfigProto, InteractiveSession, disable_eager_execution
from tensorflow.compat.v1.keras.backend import set_session
from tensorflow.compat.v1.keras.layers import Dense
from tensorflow.config.experimental import set_memory_growth
from tensorflow.io.gfile import GFile
from tensorflow.keras.experimental import CosineDecay, LinearModel, WideDeepModel
from tensorflow.keras.mixed_precision import experimental as mixed_precision
from tensorflow.keras.mixed_precision.experimental import Policy, set_policy
from tensorflow.keras.optimizers.experimental import Adam
from tensorflow.python.client import device_lib
from tensorflow.python.eager import backprop, context
from tensorflow.python.framework import dtypes, errors_impl, ops, tensor_shape
from tensorflow.python.framework.ops import Tensor, convert_to_tensor
from tensorflow.python.keras.engine.data_adapter import pack_x_y_sample_weight
from tensorflow.python.keras.layers.recurrent_v2 import GRU
from tensorflow.python.keras.optimizer_v2.gradient_descent import SGD
from tensorflow.python.ops import array_ops, math_ops, nn_ops
from tensorflow.python.ops.math_ops import reduce_sum, sigmoid
from tensorflow.python.platform import gfile, tf_logging as logging
from tensorflow.python.training import moving_averages
from tensorflow.python.util import nest
import tensorflow.compat.v1 as tf
import tensorflow.python.ops.nn as nn
"""


def ran(code: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", f"import addax\naddax.install()\n{code}"],
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_imports():
    code = f"""
for line in {IMPORTS.strip().splitlines()!r}:
    try:
        exec(line, {{}})
    except Exception as error:
        print(line, error)
"""
    done = ran(code)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_they_are_the_public_ones():
    code = """
import tensorflow as tf, keras
from keras.optimizers import adam_v2
from keras.objectives import mse
from tensorflow.python.client import device_lib
from tensorflow.python.framework import ops
from tensorflow.python.ops import array_ops, math_ops
from tensorflow.python.training import moving_averages
assert adam_v2.Adam is keras.optimizers.Adam and mse is keras.losses.mse
assert math_ops.reduce_sum is tf.reduce_sum and math_ops.log is tf.math.log and array_ops.concat is tf.concat
assert ops.Tensor is tf.Tensor
v = tf.Variable(1.0)
moving_averages.assign_moving_average(v, 2.0, 0.75)
print(float(v), device_lib.list_local_devices()[0].device_type)
"""
    done = ran(code)
    assert done.stdout.split() == ["1.25", "CPU"], done.stderr


@pytest.mark.parametrize(
    "line, words",
    [
        ("from keras.utils import multi_gpu_model", "MirroredStrategy"),
        ("from keras.models import model_from_yaml", "model_from_json"),
        ("from tensorflow.keras.layers import Merge", "Concatenate"),
        ("from tensorflow.python.framework import graph_io", "private to TensorFlow"),
        ("import tensorflow.python.pywrap", "private to TensorFlow"),
        ("from keras.saving.save import load_modell", "'keras.saving.load_model'"),
    ],
)
def test_what_is_gone_says_what_to_write(line, words):
    done = ran(line)
    assert done.returncode and words in done.stderr, done.stderr

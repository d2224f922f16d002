"""The golden numbers of the preprocessing layers, made again by the real Keras."""

import json
import os

import pytest

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
from tests.parity._preprocess_cases import CASES, GOLDEN, run

golden = json.loads(GOLDEN.read_text())


@pytest.mark.parametrize("key", CASES)
def test_keras_gives_what_the_file_holds(key):
    assert run(keras, key) == golden[key]

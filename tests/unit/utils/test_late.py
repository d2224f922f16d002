"""What is imported when it is asked for: a script that trains a net on arrays is not held up by the rest."""

from __future__ import annotations

import subprocess
import sys

import pytest

import addax as keras
from addax import layers, utils

SCRIPT = """
import sys
import numpy as np
import addax as keras
keras.utils.set_random_seed(0)
layers = [keras.layers.Conv2D(4, 3), keras.layers.MaxPooling2D(), keras.layers.Flatten(), keras.layers.Dense(2)]
model = keras.Sequential([keras.Input((8, 8, 1)), *layers])
model.compile("adam", "mse")
model.fit(np.ones((8, 8, 8, 1), "float32"), np.ones((8, 2), "float32"), batch_size=4, verbose=0)
model.predict(np.ones((8, 8, 8, 1), "float32"), batch_size=4, verbose=0)
print(*sorted(sys.modules))
"""


def test_a_first_fit_imports_nothing_that_it_does_not_need():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    found = set(done.stdout.split())
    late = [
        "data",
        "export",
        "formats",
        "layers.preprocess",
        "layers.rnn",
        "saving",
        "utils._images",
        "visual",
    ]
    assert found & {f"addax.{name}" for name in late} == set()
    assert found & {"concurrent.futures.process", "h5py", "jax._src.pallas", "urllib.request"} == set()


@pytest.mark.parametrize("room", [layers, utils])
def test_a_room_names_and_gives_what_comes_late(room):
    assert set(room.__all__) <= set(dir(room))
    for name in room.__all__:
        assert getattr(room, name) is not None
    with pytest.raises(AttributeError, match="LSTMM|to_categorica"):
        getattr(room, "LSTMM" if room is layers else "to_categorica")


def test_other_names_of_recurrent_layers_are_the_same_classes():
    assert keras.layers.CuDNNLSTM is keras.layers.LSTM
    assert keras.layers.CuDNNGRU is keras.layers.GRU

"""The golden numbers of the preprocessing layers, made again by the real Keras; and their files, both ways."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from tests.parity._preprocess_cases import CASES, GOLDEN, run

import addax

golden = json.loads(GOLDEN.read_text())


@pytest.mark.parametrize("key", CASES)
def test_keras_gives_what_the_file_holds(key):
    assert run(keras, key) == golden[key]


WORDS = np.array(["a b c", "b b d", "e a"])


def _text(library, **options):
    layer = library.layers.TextVectorization(**options)
    layer.adapt(WORDS)
    return layer


# Layers whose files the real Keras reads only where TensorFlow is, and what goes into them.
FILES = {
    "text": (lambda k: _text(k, max_tokens=8, output_sequence_length=4), ["a d", "zz b"]),
    "text tf_idf": (lambda k: _text(k, output_mode="tf_idf", ngrams=2), ["a d", "zz b"]),
    "text multi_hot": (lambda k: _text(k, output_mode="multi_hot", standardize="lower"), ["a d", "zz b"]),
    "strings": (lambda k: k.layers.StringLookup(vocabulary=["x", "y"], num_oov_indices=2), ["x", "q"]),
    "strings one_hot": (lambda k: k.layers.StringLookup(vocabulary=["x"], output_mode="one_hot"), ["x", "q"]),
    "strings back": (lambda k: k.layers.StringLookup(vocabulary=["x", "y"], invert=True), [1, 2]),
    "integers": (lambda k: k.layers.IntegerLookup(vocabulary=[5, 7]), [5, 9]),
    "hashes": (lambda k: k.layers.Hashing(5, salt=3), ["x", "q"]),
    "hashes of integers": (lambda k: k.layers.Hashing(5), [3, 4]),
}


@pytest.mark.parametrize("there", [False, True], ids=["to-keras", "from-keras"])
@pytest.mark.parametrize("key", FILES)
def test_a_file_means_the_same_to_both(key, there, tmp_path):
    make, values = FILES[key]
    writer, reader = (keras, addax) if there else (addax, keras)
    inputs = writer.Input((1,), dtype="string" if isinstance(values[0], str) else "int64")
    model = writer.Model(inputs, make(writer)(inputs))
    model.save(tmp_path / "model.keras")
    loaded = reader.models.load_model(tmp_path / "model.keras")
    x = np.array(values)[:, None]
    expected, found = (
        np.asarray(m(tf.constant(x) if k is keras else x)) for m, k in ((model, writer), (loaded, reader))
    )
    if expected.dtype == object:
        np.testing.assert_array_equal(found, expected)
    else:
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)

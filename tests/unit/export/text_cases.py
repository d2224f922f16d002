"""Models that take or give texts, with inputs for them; the tests against the real TensorFlow use them too."""

from __future__ import annotations

import numpy as np

import addax as keras
from addax import tf

L = keras.layers
TEXTS = np.array(
    ["Earth, wind & fire!", "only  the\tEARTH", "", "wind", "Wärme: 3-mal Ärger\n", "fire fire wind fire"]
)
WORDS = np.array([["cat", "dog"], ["dog", ""], ["cow", "[UNK]"], ["bär", "cat"]])
NUMBERS = np.array([[7, -3], [12, 0], [7, 999], [36, 12]], "int32")


def _on_texts(layer, shape=(1,)):
    x = keras.Input(shape, dtype="string", name="x")
    return keras.Model(x, layer(x)), {"x": TEXTS.reshape(-1, *shape)}


def _vectorized(**options):
    return _on_texts(L.TextVectorization(vocabulary=["earth", "wind", "fire"], **options))


def _on(values, layer):
    x = keras.Input(values.shape[1:], dtype="string" if values.dtype.kind == "U" else "int32", name="x")
    return keras.Model(x, layer(x)), {"x": values}


def _lookup(**options):
    options = {"vocabulary": ["dog", "cat", "bär"], **options}
    return _on(WORDS, L.StringLookup(**options))


def classifier():
    """Raw texts to probabilities, by an embedding that masks padding."""
    layers = [
        L.TextVectorization(vocabulary=["earth", "wind", "fire"]),
        L.Embedding(6, 4, mask_zero=True),
        L.Bidirectional(L.LSTM(3)),
        L.Dense(2, "softmax"),
    ]
    return keras.Sequential([keras.Input((1,), dtype="string", name="x"), *layers]), {"x": TEXTS[:, None]}


def names_of_classes():
    """Numbers in, the name of the likeliest class and its probability out."""
    x = keras.Input((3,), name="x")
    scores = L.Dense(4, "softmax")(x)
    best = keras.ops.argmax(scores, axis=-1)
    names = L.StringLookup(vocabulary=["cat", "dog", "cow"], invert=True)(best)
    rows = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    return keras.Model(x, {"name": names, "score": keras.ops.max(scores, axis=-1)}), {"x": rows}


def nested():
    """A model inside of a model, a dict of inputs, and a column picked out of texts."""
    inner_in = keras.Input((2,), dtype="string")
    inner = keras.Model(
        inner_in, L.StringLookup(vocabulary=["dog", "cat"], output_mode="multi_hot")(inner_in)
    )
    words, size = keras.Input((2,), dtype="string", name="words"), keras.Input((2,), name="size")
    hashed = L.Hashing(5, output_mode="one_hot")(words[:, 0])
    outputs = L.Dense(3)(L.Concatenate()([inner(words), size, hashed]))
    sizes = np.arange(8, dtype="float32").reshape(4, 2)
    return keras.Model({"words": words, "size": size}, outputs), {"words": WORDS, "size": sizes}


def feature_space():
    """Every kind of feature, and crosses."""
    space = keras.utils.FeatureSpace(
        {
            "animal": "string_categorical",
            "name": keras.utils.FeatureSpace.string_hashed(num_bins=5),
            "code": "integer_categorical",
            "id": keras.utils.FeatureSpace.integer_hashed(num_bins=4),
            "age": keras.utils.FeatureSpace.float_discretized(num_bins=3),
            "weight": "float_normalized",
        },
        crosses=[("animal", "code"), ("animal", "age")],
        crossing_dim=7,
        output_mode="concat",
    )
    data = {
        "animal": WORDS[:, 0],
        "name": WORDS[:, 1],
        "code": NUMBERS[:, 0],
        "id": NUMBERS[:, 1],
        "age": np.array([1.0, 5.0, 2.5, 8.0], "float32"),
        "weight": np.array([1.0, 2.0, 3.0, 4.0], "float32"),
    }
    space.adapt(tf.data.Dataset.from_tensor_slices(data))
    outputs = L.Dense(2)(space.get_encoded_features())
    return keras.Model(space.get_inputs(), outputs), {key: value[:, None] for key, value in data.items()}


def crossing():
    """Texts and integers as one."""
    a, b = keras.Input((1,), dtype="string", name="a"), keras.Input((1,), dtype="int32", name="b")
    layer = L.HashedCrossing(9, output_mode="one_hot")
    return keras.Model([a, b], layer([a, b])), {"a": WORDS[:, :1], "b": NUMBERS[:, 1:]}


CASES = {
    "int": lambda: _vectorized(output_sequence_length=3),
    "longest": lambda: _vectorized(),
    "plain": lambda: _vectorized(standardize=None),
    "lower": lambda: _vectorized(standardize="lower"),
    "characters": lambda: _on_texts(
        L.TextVectorization(split="character", vocabulary=["e", "ä", "w", " "]), shape=()
    ),
    "ngrams": lambda: _on_texts(
        L.TextVectorization(ngrams=2, vocabulary=["earth", "earth wind", "fire fire", "fire"])
    ),
    "wide_ngrams": lambda: _on_texts(
        L.TextVectorization(ngrams=(1, 3), vocabulary=["earth wind fire", "fire"], output_mode="count")
    ),
    "multi_hot": lambda: _vectorized(output_mode="multi_hot", pad_to_max_tokens=True, max_tokens=7),
    "count": lambda: _vectorized(output_mode="count"),
    "tf_idf": lambda: _vectorized(output_mode="tf_idf", idf_weights=[0.5, 1.5, 2.0]),
    "tokens": lambda: _on(
        WORDS, L.TextVectorization(split=None, vocabulary=["dog"], output_sequence_length=3)
    ),
    "tokens_counted": lambda: _on(
        WORDS, L.TextVectorization(split=None, vocabulary=["dog", "cat"], output_mode="count")
    ),
    "lookup": lambda: _lookup(),
    "masked": lambda: _lookup(mask_token=""),
    "shared": lambda: _lookup(num_oov_indices=3),
    "salted": lambda: _lookup(num_oov_indices=3, salt=[3, 4], mask_token=""),
    "strict": lambda: _lookup(
        vocabulary=["dog", "cat", "cow", "[UNK]", "", "bär"], oov_token="?", num_oov_indices=0
    ),
    "one_hot": lambda: _on(WORDS[:, :1], L.StringLookup(vocabulary=["dog", "cat"], output_mode="one_hot")),
    "weighted": lambda: _lookup(output_mode="tf_idf", idf_weights=[1.0, 2.0, 3.0], mask_token=""),
    "integers": lambda: _on(NUMBERS, L.IntegerLookup(vocabulary=[7, 12], mask_token=0, output_mode="count")),
    "integers_shared": lambda: _on(NUMBERS, L.IntegerLookup(vocabulary=[7, 12], num_oov_indices=4)),
    "integers_hashed": lambda: _on(NUMBERS, L.Hashing(6, mask_value=7, salt=11)),
    "hashed": lambda: _on(WORDS, L.Hashing(6)),
    "hashed_masked": lambda: _on(WORDS, L.Hashing(6, mask_value="", output_mode="multi_hot")),
    "crossing": crossing,
    "classifier": classifier,
    "names_of_classes": names_of_classes,
    "nested": nested,
    "feature_space": feature_space,
}

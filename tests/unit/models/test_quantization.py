"""`Model.quantize`: which layers, with which data."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import addax as keras
from addax import layers, quantizers
from addax.models import _quantization
from addax.quantizers import _awq

X = np.random.default_rng(0).normal(size=(8, 5)).astype("float32")


def network(*more):
    return keras.Sequential(
        [keras.Input((5,)), layers.Dense(4, name="first"), *more, layers.Dense(2, name="last")]
    )


def modes(model):
    return [layer.quantization_mode for layer in model.layers]


def test_filters():
    for filters, expected in (
        (None, ["int8", "int8"]),
        ("^fi", ["int8", None]),
        (["nothing", "st$"], ["int8", "int8"]),
        (lambda layer: layer.units == 2, [None, "int8"]),
    ):
        model = network()
        model.quantize("int8", filters=filters)
        assert modes(model) == expected
    with pytest.raises(ValueError, match="`filters` is wrong"):
        network().quantize("int8", filters=3)


def test_models_that_ran_before_run_quantized():
    model = network()
    model.compile("sgd", "mse")
    model.fit(X, X[:, :2], verbose=0)
    before = model.predict(X, verbose=0)
    model.quantize("int4", config=quantizers.Int4QuantizationConfig(block_size=None))
    after = model.predict(X, verbose=0)
    np.testing.assert_allclose(after, before, atol=1.0)
    assert np.abs(after - before).max() > 1e-3
    for layer in model.layers:
        layer.enable_lora(2)
        layer.bias.trainable = False
    frozen = [np.asarray(layer.kernel_scale) for layer in model.layers]
    model.compile("adam", "mse")
    model.fit(X, X[:, :2], verbose=0, epochs=2)
    assert np.abs(np.asarray(model.layers[0].lora_kernel_b)).max() > 0
    for layer, scale in zip(model.layers, frozen, strict=True):
        np.testing.assert_array_equal(np.asarray(layer.kernel_scale), scale)


def test_layers_that_cannot_be_quantized_stay_as_they_are():
    class Mine(layers.Dense):
        pass

    class Own(layers.Layer):
        def quantize(self, mode=None, type_check=True, config=None):
            self.seen = mode, config

        def call(self, x):
            return x

    own = Own()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network(own, layers.Dropout(0.1), layers.BatchNormalization()).quantize("int8")
    assert own.seen[0] == "int8" and own.seen[1].mode == "int8"
    model = network(Mine(3))
    with pytest.warns(UserWarning, match="type Mine cannot be quantized"):
        model.quantize("int8")
    assert modes(model) == ["int8", None, "int8"]
    model = network(Mine(3))
    model.quantize("int8", type_check=False)
    assert modes(model) == ["int8"] * 3


def test_errors_come_before_anything_is_changed():
    model = network()
    model.layers[1].quantize("int8")
    with pytest.raises(ValueError, match="'last' is quantized already"):
        model.quantize("int8")
    assert modes(model) == [None, "int8"]
    with pytest.raises(ValueError, match="not built"):
        keras.Sequential([layers.Dense(2)]).quantize("int8")
    with pytest.raises(ValueError, match="Did you mean 'int8'"):
        network().quantize("imt8")
    with pytest.raises(TypeError, match="unexpected keyword"):
        network().quantize("int8", wrong=1)


class Language(keras.Model):
    def __init__(self):
        super().__init__()
        self.embedding = layers.Embedding(7, 6)
        self.blocks = [keras.Sequential([layers.Dense(6, activation="tanh")]) for _ in range(2)]
        self.head = layers.Dense(3)

    def call(self, tokens):
        x = self.embedding(tokens)
        for block in self.blocks:
            x = block(x)
        return self.head(x)

    def get_quantization_layer_structure(self, mode=None):
        return {"pre_block_layers": [self.embedding], "sequential_blocks": self.blocks}


def letters(text):
    return [ord(letter) % 7 for letter in text]


def settings(**options):
    return quantizers.AWQConfig(
        **{
            "dataset": ["some text", "more"],
            "tokenizer": letters,
            "num_samples": 3,
            "sequence_length": 4,
            **options,
        }
    )


def test_the_structure_of_the_model_and_the_data_of_the_config(monkeypatch):
    seen, add = [], _awq.Magnitudes.add
    monkeypatch.setattr(_awq.Magnitudes, "add", lambda self, x: (seen.append(x), add(self, x)))
    model = Language()
    tokens = np.array([letters("text")])
    before = np.asarray(model(tokens))
    model.quantize("awq", config=settings(group_size=3))
    after = np.asarray(model(tokens))
    np.testing.assert_allclose(after, before, atol=0.05)
    found = [block.layers[0] for block in model.blocks]
    assert [layer.quantization_mode for layer in [*found, model.head]] == ["awq", "awq", None]
    assert not hasattr(found[0], "_kernel") and found[0].kernel.dtype == "uint8"
    samples = np.array([letters(text) for text in ("some", "e te", "extm")])  # of "some textmore"
    first = np.asarray(model.embedding(samples))
    np.testing.assert_array_equal(seen[:3], first)
    np.testing.assert_allclose(
        seen[3:], np.asarray(model.blocks[0](first)), rtol=1e-5, atol=1e-6
    )  # quantized before

    class Tokenizer:
        tokenize = staticmethod(letters)

    found = _quantization._samples(settings(dataset=["ab", b"c"], tokenizer=Tokenizer()))
    np.testing.assert_array_equal(found, [letters("abca")] * 3)  # little data is repeated
    tokens = _quantization._samples(settings(dataset=[np.arange(13)]))
    np.testing.assert_array_equal(tokens[:, 0], [0, 3, 6])


def test_data_and_blocks_that_are_missing():
    model = network()
    with pytest.raises(ValueError, match="(?s)blocks of the model.*get_quantization_layer_structure"):
        model.quantize(config=settings())
    language = Language()
    language.build((None, 4))
    with pytest.raises(ValueError, match="a dataset and a tokenizer"):
        language.quantize(config=settings(dataset=None))
    with pytest.raises(TypeError, match="a list of texts"):
        language.quantize(config=settings(dataset="text"))
    with pytest.raises(ValueError, match="no tokens"):
        language.quantize(config=settings(dataset=[]))
    assert language.blocks[0].layers[0].quantization_mode is None

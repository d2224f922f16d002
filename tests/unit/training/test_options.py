"""Numbers that users pass, checked before anything runs."""

import numpy as np
import pytest

import addax as keras
from addax import layers
from addax.training import _options

X, Y = np.ones((8, 3), "float32"), np.ones((8, 1), "float32")


@pytest.fixture(scope="module")
def model():
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 0},
        {"batch_size": -4},
        {"batch_size": 2.5},
        {"batch_size": "32"},
        {"batch_size": True},
        {"steps_per_epoch": 0},
        {"steps_per_epoch": float("inf")},
        {"shuffle": "btach"},
        {"validation_data": (X, Y), "validation_freq": 0},
        {"validation_data": (X, Y), "validation_freq": "2"},
        {"validation_data": (X, Y), "validation_freq": None},
        {"validation_data": (X, Y, Y, Y)},
        {"validation_data": (X, Y), "validation_batch_size": -1},
    ],
    ids=lambda options: list(options)[-1],
)
def test_nonsense_is_refused_with_what_was_expected(model, options):
    with pytest.raises(ValueError) as error:
        model.fit(X, Y, verbose=0, **options)
    assert "received" in str(error.value)


def test_numpy_numbers_and_fractions_of_batches_are_taken(model):
    assert model.fit(X, Y, batch_size=np.int64(4), epochs=np.int32(2), verbose=0).epoch == [0, 1]
    assert model.fit(X, Y, batch_size=4.0, verbose=0).params["steps"] == 2
    assert model.fit(X, Y, batch_size=3, steps_per_epoch=len(X) / 3, verbose=0).params["steps"] == 3
    assert len(model.predict(X, batch_size=2, steps=1.5, verbose=0)) == 4


def test_validation_frequencies():
    assert [epoch for epoch in range(6) if _options.validates(epoch, 2)] == [1, 3, 5]
    assert [epoch for epoch in range(6) if _options.validates(epoch, [1, 5])] == [0, 4]
    assert [epoch for epoch in range(6) if _options.validates(epoch, range(2, 4))] == [1, 2]


def test_text_as_labels_says_how_to_make_numbers(model):
    with pytest.raises((ValueError, TypeError)) as error:
        model.fit(X, np.array(["a", "b"] * 4), verbose=0)
    assert any("np.unique" in note for note in error.value.__notes__)

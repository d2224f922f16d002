"""The embedded digits are the UCI images, whole and in the documented split."""

from importlib import resources

import numpy as np
from sklearn.datasets import load_digits

from addax.datasets import digits


def test_shapes_dtypes_and_ranges():
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    assert x_train.shape == (1437, 8, 8) and x_test.shape == (360, 8, 8)
    assert y_train.shape == (1437,) and y_test.shape == (360,)
    assert all(array.dtype == np.uint8 for array in (x_train, y_train, x_test, y_test))
    assert x_train.min() == 0 and x_train.max() == 16
    assert set(y_train.tolist()) == set(y_test.tolist()) == set(range(10))


def test_holds_exactly_the_uci_images_in_the_documented_order():
    original = load_digits()
    order = np.random.RandomState(1797).permutation(1797)
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    np.testing.assert_array_equal(np.concatenate([x_train, x_test]), original.images[order])
    np.testing.assert_array_equal(np.concatenate([y_train, y_test]), original.target[order])


def test_every_digit_is_well_represented_in_the_test_set():
    _, (_, y_test) = digits.load_data()
    assert np.bincount(y_test).min() >= 25


def test_each_call_returns_arrays_of_its_own():
    (first, _), _ = digits.load_data()
    first[:] = 99
    (second, _), _ = digits.load_data()
    assert second.max() == 16


def test_the_file_is_small_and_names_its_source_and_licence():
    folder = resources.files("addax.datasets.digits")
    assert len(folder.joinpath("digits.npz").read_bytes()) <= 60_000
    readme = folder.joinpath("README.md").read_text(encoding="utf-8")
    assert all(words in readme for words in ("Alpaydin", "Kaynak", "UCI", "CC BY 4.0"))

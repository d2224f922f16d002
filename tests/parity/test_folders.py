"""`*_dataset_from_directory` against what the real Keras gave with TensorFlow (`_folder_cases.py`)."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.parity import _folder_cases as cases

import addax as keras

# TensorFlow looks the bicubic filter up in a table of 1,024 places; libpng cuts off where Pillow rounds to a grey.
TOLERANCES = {"listed": 0.3, "no label mode": 1.0}
GOLDEN = json.loads(cases.GOLDEN.read_text())


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return cases.results(keras.utils, cases.make_folders(tmp_path_factory.mktemp("folders")))


def compare(found, expected, tolerance=1e-3):
    assert found["names"] == expected["names"]
    assert found["spec"] == expected["spec"]
    assert len(found["elements"]) == len(expected["elements"])
    for element, other in zip(found["elements"], expected["elements"], strict=True):
        for part, wanted in zip(element, other, strict=True):
            assert (part["dtype"], part["shape"]) == (wanted["dtype"], wanted["shape"])
            if part["dtype"] == "string":
                assert part["values"] == wanted["values"]
            else:
                np.testing.assert_allclose(part["values"], wanted["values"], atol=tolerance)


@pytest.mark.parametrize("name", cases.IMAGES)
def test_images(name, ours):
    compare(ours["images"][name], GOLDEN["images"][name], TOLERANCES.get(name, 0.02))


@pytest.mark.parametrize("name", cases.ORDERS)
def test_a_seed_gives_the_same_files_to_the_same_subsets(name, ours):
    assert ours["orders"][name] == GOLDEN["orders"][name]


@pytest.mark.parametrize("name", cases.TEXTS)
def test_texts(name, ours):
    for found, expected in zip(ours["texts"][name], GOLDEN["texts"][name], strict=True):
        compare(found, expected)


@pytest.mark.parametrize("name", cases.SOUNDS)
def test_sounds(name, ours):
    compare(ours["sounds"][name], GOLDEN["sounds"][name])

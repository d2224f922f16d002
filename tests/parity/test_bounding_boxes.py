"""`utils.bounding_boxes` against the real Keras."""

from __future__ import annotations

import itertools

import jax.numpy as jnp
import keras as oracle
import numpy as np
import pytest

import addax
from addax.layers.preprocess._boxes import FORMATS

_rng = np.random.default_rng(3)
FIRST = np.sort(_rng.uniform(0, 40, (2, 3, 2, 2)), axis=2).reshape(2, 3, 4).astype("float32")
SECOND = np.sort(_rng.uniform(0, 40, (2, 3, 2, 2)), axis=2).reshape(2, 3, 4).astype("float32")
ANGLES = [np.float32(x) for x in ([30, -50], [0.1, 0.2], [0.0, -0.1], [1.0, 1.2], [5, 10], [0, -8])]
CASES = {
    "clip_to_image_size": [({"boxes": FIRST * 2 - 20, "labels": np.ones((2, 3), "float32")}, 30, 44)],
    "crop": [(FIRST, 5, 6, 20, 21)],
    "pad": [(FIRST, 5, 6)],
    "compute_iou": [(FIRST, SECOND, "xyxy"), (FIRST[0], SECOND[0] - 30, "yxyx", True, -2)],
    "compute_ciou": [(FIRST, SECOND, "xyxy"), (FIRST, SECOND, "center_xywh")],
    "affine_transform": [(FIRST, *ANGLES, 44, 48), (FIRST, *ANGLES, 44, 48, 0.2, 0.4)],
    "encode_box_to_deltas": [(FIRST + 1, SECOND + 1, "xyxy", "xyxy", "center_xywh", [0.1, 0.1, 0.2, 0.2])],
    "decode_deltas_to_boxes": [(FIRST, SECOND / 40, "xyxy", "rel_xyxy", "center_yxhw", None, (44, 48, 3))],
}


def both(name, *arguments):
    ours = getattr(addax.utils.bounding_boxes, name)(*arguments)
    as_jax = [jnp.asarray(x) if isinstance(x, np.ndarray) else x for x in arguments]
    return ours, getattr(oracle.utils.bounding_boxes, name)(*as_jax)


@pytest.mark.parametrize("name", CASES)
def test_results_are_those_of_keras(name):
    for arguments in CASES[name]:
        found, expected = both(name, *arguments)
        if isinstance(found, dict):
            assert set(found) == set(expected)
            for key in found:
                np.testing.assert_allclose(found[key], expected[key], rtol=1e-5)
        else:
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_formats_are_converted_as_in_keras():
    for source, target in itertools.pairwise([*FORMATS, "xyxy", "rel_xywh", "rel_yxyx", "xywh", "yxyx"]):
        found, expected = both("convert_format", FIRST, source, target, 44, 48)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("convert_format", (FIRST, "xyxy", "corners"), "target"),
        ("convert_format", (FIRST, "xyxy", "rel_xyxy"), "height, width"),
        ("crop", (FIRST, 0, 0, 1, 1, "xywh"), "bounding_box_format"),
        ("compute_iou", (FIRST[0, 0], SECOND, "xyxy"), "boxes1"),
        ("compute_ciou", (FIRST, SECOND, "rel_xyxy"), "image_shape"),
        ("encode_box_to_deltas", (FIRST, SECOND, "xyxy", "xyxy", "xyxy"), "encoding_format"),
    ],
)
def test_wrong_arguments_are_named(name, arguments, text):
    with pytest.raises(ValueError, match=text):
        getattr(addax.utils.bounding_boxes, name)(*arguments)

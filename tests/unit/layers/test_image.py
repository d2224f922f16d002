"""Image layers: boxes, inference, models, datasets, messages."""

from __future__ import annotations

import numpy as np
import pytest

import addax as keras
from addax import layers, ops
from addax.data import Dataset
from addax.layers.preprocess._boxes import FORMATS, from_corners, to_corners

_rng = np.random.default_rng(3)
IMAGES = _rng.uniform(0, 255, (4, 7, 9, 3)).astype("float32")

# A bright rectangle in each image, and its box as left, top, right, bottom.
PLACES = np.array([[12, 14, 28, 24], [10, 12, 20, 30], [16, 14, 30, 26], [14, 10, 24, 22]])
RECTANGLES = np.zeros((4, 40, 44, 1), "float32")
for image, (left, top, right, bottom) in zip(RECTANGLES, PLACES, strict=True):
    image[top:bottom, left:right] = 1.0

MOVERS = [
    lambda **o: layers.Resizing(20, 33, **o),
    lambda **o: layers.Resizing(30, 30, crop_to_aspect_ratio=True, **o),
    lambda **o: layers.Resizing(30, 30, pad_to_aspect_ratio=True, **o),
    lambda **o: layers.CenterCrop(30, 34, **o),
    lambda **o: layers.CenterCrop(50, 40, **o),
    lambda **o: layers.RandomCrop(36, 40, seed=1, **o),
    lambda **o: layers.RandomFlip("horizontal", seed=1, **o),
    lambda **o: layers.RandomFlip(seed=4, **o),
    lambda **o: layers.RandomRotation((0.25, 0.25), "constant", seed=1, **o),
    lambda **o: layers.RandomZoom((-0.2, 0.5), 0.3, "constant", seed=1, **o),
    lambda **o: layers.RandomTranslation(0.2, (0.1, 0.2), "constant", seed=1, **o),
]


def extent(image):
    """The box around what is bright."""
    rows, columns = (np.flatnonzero((image[..., 0] > 0.5).any(axis=axis)) for axis in (1, 0))
    return [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]


@pytest.mark.parametrize("make", MOVERS)
def test_boxes_stay_around_what_they_are_around(make):
    for training in (True, False):
        layer = make(bounding_box_format="xyxy")
        data = {"images": RECTANGLES, "bounding_boxes": {"boxes": PLACES[:, None].astype("float32")}}
        result = layer(data, training=training)
        found = np.array([extent(image) for image in result["images"].numpy()])
        np.testing.assert_allclose(result["bounding_boxes"]["boxes"][:, 0], found, atol=1.6)


@pytest.mark.parametrize("kind", FORMATS)
def test_boxes_go_through_every_format(kind):
    corners = PLACES[:, None].astype("float32")
    there = from_corners(ops.convert_to_tensor(corners), kind, 40, 44)
    np.testing.assert_allclose(to_corners(there, kind, 40, 44), corners, rtol=1e-5)
    known = {
        "xyxy": [12, 14, 28, 24],
        "yxyx": [14, 12, 24, 28],
        "xywh": [12, 14, 16, 10],
        "center_xywh": [20, 19, 16, 10],
        "center_yxhw": [19, 20, 10, 16],
        "rel_xyxy": [12 / 44, 14 / 40, 28 / 44, 24 / 40],
        "rel_yxyx": [14 / 40, 12 / 44, 24 / 40, 28 / 44],
        "rel_xywh": [12 / 44, 14 / 40, 16 / 44, 10 / 40],
        "rel_center_xywh": [20 / 44, 19 / 40, 16 / 44, 10 / 40],
    }
    np.testing.assert_allclose(there[0, 0], known[kind], rtol=1e-5)


def test_padding_among_boxes_stays_padding():
    boxes = np.array([[[12, 14, 28, 24], [-1, -1, -1, -1]]] * 4, "float32")
    labels = np.array([[1, -1]] * 4)
    layer = layers.RandomFlip("horizontal", seed=1, bounding_box_format="xyxy")
    result = layer({"images": RECTANGLES, "bounding_boxes": {"boxes": boxes, "labels": labels}})
    assert (result["bounding_boxes"]["boxes"].numpy()[:, 1] == -1).all()
    np.testing.assert_array_equal(result["bounding_boxes"]["labels"], labels)


def test_nothing_is_drawn_when_not_in_training():
    keras.utils.set_random_seed(1)  # a draw may also leave every image as it is
    for layer in (
        layers.RandomFlip(),
        layers.RandomRotation(0.2),
        layers.RandomZoom(0.2),
        layers.RandomTranslation(0.2, 0.2),
        layers.RandomContrast(0.2),
        layers.RandomBrightness(0.2),
    ):
        np.testing.assert_array_equal(layer(IMAGES, training=False), IMAGES)
        assert (layer(IMAGES) != IMAGES).numpy().any()
        assert layer(IMAGES.astype("uint8")).dtype == "float32"


def test_a_random_crop_gives_its_size_always():
    layer = layers.RandomCrop(4, 4, seed=1)
    middle = ops.image.resize(IMAGES, (4, 4), crop_to_aspect_ratio=True)
    np.testing.assert_allclose(layer(IMAGES, training=False), middle, rtol=1e-5)
    assert layer(IMAGES[:, :3], training=True).shape == (4, 4, 4, 3)
    corner = layer(IMAGES, training=True).numpy()
    windows = np.lib.stride_tricks.sliding_window_view(IMAGES, (4, 4), axis=(1, 2))
    matches = (np.moveaxis(windows, 3, -1) == corner[:, None, None]).all(axis=(3, 4, 5))
    assert matches.all(axis=0).sum() == 1


def test_a_model_augments_in_training_only():
    inputs = keras.Input((7, 9, 3))
    x = layers.Rescaling(1 / 255)(inputs)
    for layer in (
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(0.1),
        layers.RandomZoom(0.1),
        layers.RandomTranslation(0.1, 0.1),
        layers.RandomContrast(0.1, value_range=(0, 1)),
        layers.RandomBrightness(0.1, value_range=(0, 1)),
        layers.RandomCrop(6, 6),
        layers.Resizing(5, 5),
    ):
        x = layer(x)
    assert tuple(x.shape) == (None, 5, 5, 3)
    model = keras.Model(inputs, layers.Dense(1)(layers.Flatten()(x)))
    model.compile("adam", "mse")
    model.fit(IMAGES, np.ones(4), epochs=2, verbose=0)
    np.testing.assert_array_equal(model.predict(IMAGES, verbose=0), model.predict(IMAGES, verbose=0))
    assert (model(IMAGES, training=True) != model(IMAGES, training=True)).numpy().any()


def test_images_of_a_dataset_differ_from_one_another():
    same = np.repeat(IMAGES[:1], 8, axis=0)
    brighter = layers.RandomBrightness(0.5, seed=1)
    found = np.stack(list(Dataset.from_tensor_slices(same).map(lambda x: brighter(x)).as_numpy_iterator()))
    assert len(np.unique(found[:, 0, 0, 0])) > 4


def test_images_of_any_size_are_brought_to_one():
    inputs = keras.Input((None, None, 3))
    assert tuple(layers.Resizing(4, 5)(inputs).shape) == (None, 4, 5, 3)
    first = keras.Input((3, None, None))
    assert tuple(layers.Resizing(4, 5, data_format="channels_first")(first).shape) == (None, 3, 4, 5)
    assert layers.Resizing(4, 5)(np.zeros((2, 9, 9, 1), "uint8")).dtype == "uint8"


@pytest.mark.parametrize(
    ("run", "text"),
    [
        (lambda: layers.Resizing(0, 2), "height"),
        (lambda: layers.RandomFlip("both"), "horizontal_and_vertical"),
        (lambda: layers.RandomRotation(1.5), "from -1 to 1"),
        (lambda: layers.RandomRotation((0.1, 0.2, 0.3)), "two of them"),
        (lambda: layers.RandomZoom("much"), "height_factor"),
        (lambda: layers.RandomTranslation(0.1, 2.0), "width_factor"),
        (lambda: layers.RandomRotation(0.1, fill_mode="black"), "fill_mode"),
        (lambda: layers.RandomRotation(0.1, interpolation="cubic"), "interpolation"),
        (lambda: layers.RandomContrast(-0.1), "from 0 to 1"),
        (lambda: layers.RandomBrightness(0.1, value_range=255), "value_range"),
        (lambda: layers.RandomFlip(bounding_box_format="corners"), "rel_xyxy"),
        (lambda: layers.RandomFlip()(np.zeros((2, 3), "float32")), "height, width, channels"),
        (lambda: layers.RandomFlip()({"pictures": IMAGES}), "pictures"),
        (
            lambda: layers.RandomFlip()({"images": IMAGES, "bounding_boxes": {"boxes": np.zeros((4, 1, 4))}}),
            "bounding_box_format=",
        ),
    ],
)
def test_wrong_arguments_are_named(run, text):
    with pytest.raises(ValueError, match=text):
        run()

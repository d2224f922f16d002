"""`keras.utils` against the real Keras: arrays, sequences, images and windows over series."""

from __future__ import annotations

import keras as real
import numpy as np
import pytest
from PIL import Image

import addax as keras

RNG = np.random.RandomState(0)
IMAGE = RNG.uniform(-20, 300, (6, 5, 3)).astype("float32")


def alike(found, expected):
    assert (np.shape(found), np.asarray(found).dtype) == (np.shape(expected), np.asarray(expected).dtype)
    if np.asarray(expected).dtype == object:
        assert np.asarray(found).tolist() == np.asarray(expected).tolist()
    else:
        np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "args", "kwargs"),
    [
        ("to_categorical", ([0, 2, 1],), {}),
        ("to_categorical", (np.array([[1], [0]]),), {"num_classes": 4}),
        ("to_categorical", (np.array([[1, 2], [0, 1]], "uint8"),), {}),
        ("to_categorical", (np.array(2),), {}),
        ("normalize", (np.arange(6.0).reshape(2, 3),), {}),
        ("normalize", (np.arange(4.0).reshape(2, 2),), {"axis": 1, "order": 1}),
        ("normalize", ([3.0, 4.0],), {}),
        ("normalize", (np.arange(24, dtype="float32").reshape(2, 3, 4),), {"axis": 1, "order": 3}),
        ("pad_sequences", ([[1], [2, 3], [4, 5, 6]],), {}),
        ("pad_sequences", ([[1], [2, 3], [4, 5, 6]],), {"maxlen": 2, "padding": "post", "value": -1}),
        ("pad_sequences", ([[1.5], [2, 3]],), {"truncating": "post", "maxlen": 1, "dtype": "float32"}),
        ("pad_sequences", ([[[1, 2]], [[3, 4], [5, 6]]],), {}),
        ("pad_sequences", ([["a"], ["b", "c"]],), {"dtype": object, "value": "pad"}),
        ("pad_sequences", ([],), {"maxlen": 3}),
        ("pad_sequences", ([[], [1]],), {}),
    ],
)
def test_arrays(name, args, kwargs):
    alike(getattr(keras.utils, name)(*args, **kwargs), getattr(real.utils, name)(*args, **kwargs))


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_arrays_as_images_and_back(channels, scale, data_format):
    array = RNG.randint(0, 200, (5, 4, channels)).astype("float32")
    array = array.transpose(2, 0, 1) if data_format == "channels_first" else array
    ours, theirs = (k.utils.array_to_img(array, data_format, scale) for k in (keras, real))
    assert ours.mode == theirs.mode and ours.tobytes() == theirs.tobytes()
    for dtype in (None, "uint8"):
        alike(
            keras.utils.img_to_array(ours, data_format, dtype),
            real.utils.img_to_array(theirs, data_format, dtype),
        )


def test_deep_grey_images():
    array = np.array([[[0], [70000]]], "float32")
    ours, theirs = (k.utils.array_to_img(array, scale=False) for k in (keras, real))
    assert ours.mode == theirs.mode == "I" and ours.tobytes() == theirs.tobytes()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"color_mode": "grayscale"},
        {"color_mode": "rgba", "target_size": (3, 4)},
        {"target_size": (8, 3), "interpolation": "bilinear"},
        {"target_size": (4, 4), "interpolation": "lanczos", "keep_aspect_ratio": True},
        {"target_size": (2, 5), "interpolation": "hamming", "keep_aspect_ratio": True},
        {"target_size": (9, 9), "interpolation": "box"},
    ],
)
@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "gif"])
def test_images_from_files(options, ending, tmp_path):
    path = tmp_path / f"x.{ending}"
    Image.fromarray(RNG.randint(0, 256, (7, 6, 3)).astype("uint8")).save(path)
    for source in (path, str(path)):
        ours, theirs = (k.utils.load_img(source, **options) for k in (keras, real))
        assert ours.mode == theirs.mode and ours.tobytes() == theirs.tobytes()


@pytest.mark.parametrize("options", [{}, {"scale": False}, {"file_format": "bmp"}, {"quality": 80}])
def test_images_to_files(options, tmp_path):
    array = np.clip(IMAGE, 0, 255)
    for k, name in ((keras, "ours.jpg"), (real, "theirs.jpg")):
        k.utils.save_img(tmp_path / name, array, **options)
    assert (tmp_path / "ours.jpg").read_bytes() == (tmp_path / "theirs.jpg").read_bytes()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"sequence_stride": 3},
        {"sampling_rate": 2, "sequence_stride": 2},
        {"start_index": 3, "end_index": 17},
        {"batch_size": None},
        {"start_index": 2, "sampling_rate": 3, "sequence_length": 3},
        {"shuffle": True, "seed": 5, "batch_size": None},
    ],
)
@pytest.mark.parametrize("with_targets", [True, False])
def test_windows_over_a_series(options, with_targets):
    series = np.arange(40).reshape(20, 2)
    targets = np.arange(20) * 10 if with_targets else None
    options = {"sequence_length": 4, "batch_size": 3, **options}
    ours = keras.utils.timeseries_dataset_from_array(series, targets, **options).as_numpy_iterator()
    theirs = iter(real.utils.timeseries_dataset_from_array(series, targets, **options, format="grain"))
    found, expected = ([_lists(element) for element in elements] for elements in (ours, theirs))
    if options.get("shuffle"):  # the last step of the shuffle is TensorFlow's or grain's
        found, expected = sorted(found), sorted(expected)
    assert found == expected


def _lists(element):
    return [np.asarray(part).tolist() for part in (element if isinstance(element, tuple) else (element,))]


@pytest.mark.parametrize(
    ("name", "args", "kwargs"),
    [
        ("pad_sequences", (3,), {}),
        ("pad_sequences", ([[1], 2],), {}),
        ("pad_sequences", ([[1]],), {"padding": "left"}),
        ("pad_sequences", ([[1]],), {"truncating": "left"}),
        ("pad_sequences", ([[[1, 2]], [[3]]],), {}),
        ("pad_sequences", ([["a"]],), {"value": "x"}),
        ("array_to_img", (np.ones((2, 2)),), {}),
        ("array_to_img", (np.ones((2, 2, 2)),), {}),
        ("array_to_img", (np.ones((2, 2, 3)), "channels_middle"), {}),
        ("img_to_array", (np.ones((2, 2, 2, 2)),), {}),
        ("timeseries_dataset_from_array", (np.arange(5), None, 2), {"start_index": 5}),
        ("timeseries_dataset_from_array", (np.arange(5), None, 2), {"end_index": 7}),
        ("timeseries_dataset_from_array", (np.arange(5), None, 2), {"sampling_rate": 0}),
        ("timeseries_dataset_from_array", (np.arange(5), None, 2), {"sequence_stride": 0}),
    ],
)
def test_what_keras_refuses_is_refused(name, args, kwargs):
    for k in (real, keras):
        with pytest.raises(ValueError):
            getattr(k.utils, name)(*args, **kwargs)

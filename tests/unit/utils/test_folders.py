"""Datasets from folders: what is wrong in them, and where an iteration stands."""

from __future__ import annotations

import io
import os
import warnings

import numpy as np
import pytest
from PIL import Image

import addax as keras
from addax.utils import (
    audio_dataset_from_directory,
    image_dataset_from_directory,
    text_dataset_from_directory,
)


def picture(path, value, size=(6, 5), **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((*size, 3), value, np.uint8)).save(path, **options)


@pytest.fixture
def folder(tmp_path):
    for number in range(20):
        picture(tmp_path / "images" / "ab"[number % 2] / f"{number:02}.png", number)
    return tmp_path / "images"


def load(folder, **options):
    return image_dataset_from_directory(folder, **{"image_size": (4, 4), "verbose": False, **options})


def values(dataset):
    return [round(float(x[0, 0, 0])) for x, _ in dataset.unbatch().as_numpy_iterator()]


# Damage --------------------------------------------------------------------------------------------------
@pytest.fixture
def thousand(tmp_path):
    """A thousand small images, one of which is cut off in the middle."""
    file = io.BytesIO()
    Image.fromarray(np.full((4, 4, 3), 9, np.uint8)).save(file, "JPEG")
    for name in "ab":
        (tmp_path / name).mkdir()
        for number in range(500):
            (tmp_path / name / f"{number:03}.jpg").write_bytes(file.getvalue())
    bad = tmp_path / "b" / "123.jpg"
    bad.write_bytes(file.getvalue()[: len(file.getvalue()) // 2])
    return tmp_path, bad


def test_one_damaged_image_among_a_thousand_is_named(thousand):
    folder, bad = thousand
    with pytest.raises(ValueError, match="no image that can be read") as raised:
        for _ in load(folder, seed=1, image_size=(2, 2)):
            pass
    assert str(bad) in str(raised.value) and 'on_error="skip"' in str(raised.value)


def test_or_is_left_out_with_a_warning(thousand):
    folder, bad = thousand
    dataset = load(folder, seed=1, image_size=(2, 2), on_error="skip")
    with pytest.warns(UserWarning, match="Left out") as warned:
        sizes = [len(y) for _, y in dataset]
    assert sizes == [32] * 31 + [7] and str(bad) in str(warned[0].message)
    assert int(dataset.cardinality()) == -2


def test_labels_stay_with_their_images_where_some_are_left_out(folder):
    for name in ("a/04.png", "b/09.png"):
        (folder / name).write_bytes(b"no image")
    for batch_size in (7, None):
        dataset = load(folder, batch_size=batch_size, on_error="skip", seed=2)
        elements = dataset if batch_size is None else dataset.unbatch()
        with pytest.warns(UserWarning, match="Left out"):
            pairs = sorted((round(float(x[0, 0, 0])), int(y)) for x, y in elements)
        assert pairs == [(n, n % 2) for n in range(20) if n not in (4, 9)]


def test_reading_goes_on_behind_a_batch_with_an_error(folder):
    (folder / "a" / "00.png").write_bytes(b"")
    dataset = load(folder, shuffle=False, batch_size=5).ignore_errors()
    assert [round(float(x[0, 0, 0, 0])) for x, _ in dataset.as_numpy_iterator()] == [10, 1, 11]


def test_a_folder_that_does_not_exist_or_is_empty(tmp_path):
    with pytest.raises(ValueError, match="no folder"):
        load(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="No files were found"):
        load(tmp_path)
    (tmp_path / "a").mkdir()
    for make in (load, text_dataset_from_directory, audio_dataset_from_directory):
        with pytest.raises(ValueError, match=r"folders \['a'\]"):
            make(tmp_path)
    with pytest.raises(ValueError, match="No files"):
        load(tmp_path, labels=None)


def test_a_class_without_files_is_named_and_keeps_its_number(folder):
    (folder / "aa").mkdir()
    with pytest.warns(UserWarning, match="no files of the class aa"):
        dataset = load(folder, shuffle=False, label_mode="categorical")
    assert dataset.class_names == ["a", "aa", "b"]
    _, y = next(iter(dataset))
    assert y.numpy().sum(0).tolist() == [10, 0, 10]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"label_mode": "binar"}, "label_mode"),
        ({"color_mode": "bgr"}, "color_mode"),
        ({"interpolation": "cubic"}, "interpolation"),
        ({"image_size": (4, 4, 3)}, "image_size"),
        ({"image_size": (0, 4)}, "image_size"),
        ({"validation_split": 0.5}, "go together"),
        ({"subset": "training"}, "go together"),
        ({"validation_split": 1.5, "subset": "training"}, "between 0 and 1"),
        ({"validation_split": 0.5, "subset": "test", "seed": 1}, "subset"),
        ({"validation_split": 0.5, "subset": "training"}, "needs a seed"),
        ({"validation_split": 0.01, "subset": "both", "seed": 1}, "holds no files"),
        ({"class_names": ["a", "x"]}, "class_names"),
        ({"class_names": ["a"], "labels": [0] * 20}, "class_names"),
        ({"class_names": ["a"], "label_mode": "binary"}, "two classes"),
        ({"labels": [0] * 19}, "another length"),
        ({"labels": "inferrd"}, "labels"),
        ({"labels": [1, 2] * 10, "label_mode": "categorical"}, "without gaps"),
        ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, "Only one"),
        ({"on_error": "ignore"}, "on_error"),
        ({"format": "torch"}, "format"),
    ],
)
def test_arguments_that_do_not_fit(options, words, folder):
    with pytest.raises(ValueError, match=words):
        load(folder, **options)


# Order and position --------------------------------------------------------------------------------------
def test_both_subsets_have_all_files_once_and_the_second_keeps_its_order(folder, capsys):
    train, held = load(folder, validation_split=0.3, subset="both", seed=4, verbose=True)
    assert capsys.readouterr().out.splitlines() == [
        "Found 20 files belonging to 2 classes.",
        "Using 14 files for training.",
        "Using 6 files for validation.",
    ]
    first, second = values(train), values(train)
    assert first != second and sorted(first) == sorted(second)
    assert values(held) == values(held) and sorted(first + values(held)) == list(range(20))
    assert [os.path.basename(path) for path in held.file_paths] == [f"{n:02}.png" for n in values(held)]


def test_an_order_that_a_seed_gives(folder):
    assert values(load(folder, seed=7)) == values(load(folder, seed=7)) != values(load(folder, seed=8))


@pytest.mark.parametrize(
    "options", [{"batch_size": 3}, {"batch_size": None}, {"batch_size": 3, "on_error": "skip"}]
)
@pytest.mark.parametrize("taken", [0, 1, 4])
def test_a_position_can_be_saved_and_restored(options, taken, folder):
    if "on_error" in options:
        (folder / "a" / "06.png").write_bytes(b"")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = load(folder, seed=5, **options)
        iterator = iter(dataset)
        for _ in range(taken):
            next(iterator)
        state = iterator.get_state()
        rest = [y.numpy().tolist() for _, y in iterator]
        again = iter(load(folder, seed=5, **options))
        again.set_state(state)
        assert [y.numpy().tolist() for _, y in again] == rest


def test_images_of_mixed_sizes_and_modes_become_one_size(tmp_path):
    picture(tmp_path / "a" / "wide.jpg", 50, (3, 30), quality=95)
    Image.fromarray(np.full((9, 2), 60, np.uint8)).save(tmp_path / "a" / "grey.png")
    Image.fromarray(np.full((4, 4), 70 * 256, np.uint16)).save(tmp_path / "a" / "deep.png")
    Image.fromarray(np.full((4, 4, 4), 80, np.uint8)).save(tmp_path / "a" / "opaque.png")
    x, _ = next(iter(load(tmp_path, shuffle=False)))
    assert x.shape == (4, 4, 4, 3)
    np.testing.assert_allclose(x.numpy().mean((1, 2, 3)), [70, 60, 80, 50], atol=1)
    grey, _ = next(iter(load(tmp_path, shuffle=False, color_mode="grayscale")))
    np.testing.assert_allclose(grey.numpy().mean((1, 2, 3)), [70, 60, 80, 50], atol=1)


def test_links_to_folders_are_followed_if_asked_for(folder, tmp_path):
    picture(tmp_path / "elsewhere" / "x.png", 99)
    (folder / "a" / "more").symlink_to(tmp_path / "elsewhere")
    assert 99 not in values(load(folder)) and 99 in values(load(folder, follow_links=True))


def test_texts_that_are_no_utf8_come_as_they_are(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.txt").write_bytes(b"\xff\xfe caf\xe9")
    dataset = text_dataset_from_directory(tmp_path, label_mode=None, verbose=False)
    assert next(dataset.as_numpy_iterator()).tolist() == [b"\xff\xfe caf\xe9"]


def test_a_damaged_sound_is_named(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.wav").write_bytes(b"RIFF")
    with pytest.raises(ValueError, match=r"x\.wav is no WAV"):
        next(iter(audio_dataset_from_directory(tmp_path, verbose=False)))


def test_a_model_learns_from_a_folder(folder):
    train, held = load(folder, validation_split=0.3, subset="both", seed=4, label_mode="binary")
    model = keras.Sequential(
        [keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(1, activation="sigmoid")]
    )
    model.compile(loss="binary_crossentropy", metrics=["accuracy"])
    history = model.fit(train, validation_data=held, epochs=2, verbose=0).history
    assert len(history["val_loss"]) == 2 and model.predict(held, verbose=0).shape == (6, 1)

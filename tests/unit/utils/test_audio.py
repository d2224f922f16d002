"""`audio_dataset_from_directory`: WAV files of every width, padding, cutting, rates, labels and damage."""

from __future__ import annotations

import wave

import numpy as np
import pytest

from addax.utils import audio_dataset_from_directory


def write(path, values, width=2, channels=1, rate=8000):
    """Numbers from -1 to 1 as PCM."""
    path.parent.mkdir(exist_ok=True)
    top = 2 ** (8 * width - 1)
    numbers = np.clip(np.round(np.asarray(values) * top), -top, top - 1).astype("<i8")
    raw = numbers.astype(np.uint8) + np.uint8(128) if width == 1 else numbers
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", ""))
        file.writeframes(b"".join(int(n).to_bytes(8, "little", signed=True)[:width] for n in raw.tolist()))


@pytest.fixture
def folder(tmp_path):
    for number, kind in enumerate(("bark", "meow")):
        for length in (3, 5):
            write(tmp_path / kind / f"{length}.wav", np.full(length, 0.25 * (number + 1)))
    return tmp_path


def test_batches_are_padded_and_labelled(folder, capsys):
    data = audio_dataset_from_directory(folder, shuffle=False)
    ((x, y),) = data.as_numpy_iterator()
    assert x.shape == (4, 5, 1) and x.dtype == np.float32
    assert y.tolist() == [0, 0, 1, 1] and data.class_names == ["bark", "meow"]
    assert x[2, :, 0].tolist() == [0.5, 0.5, 0.5, 0, 0]
    assert "4 files belonging to 2 classes" in capsys.readouterr().out


def test_cut_or_padded_to_a_length_in_two_subsets(folder):
    train, rest = audio_dataset_from_directory(
        folder, output_sequence_length=4, validation_split=0.5, subset="both", seed=1, verbose=False,
        label_mode="binary",
    )  # fmt: skip
    for part in (train, rest):
        ((x, y),) = part.as_numpy_iterator()
        assert x.shape == (2, 4, 1) and y.shape == (2, 1)
    assert set(train.file_paths).isdisjoint(rest.file_paths)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_every_width_of_pcm_and_two_channels(width, tmp_path):
    values = [-1.0, -0.5, 0.0, 0.25, 0.5, 0.75]
    write(tmp_path / "a.wav", values, width, channels=2)
    (x,) = audio_dataset_from_directory(
        tmp_path, labels=None, batch_size=None, verbose=False
    ).as_numpy_iterator()
    np.testing.assert_allclose(x, np.reshape(values, (3, 2)), atol=2.0 ** (1 - 8 * width))


def test_another_rate_keeps_the_tone(tmp_path):
    time = np.arange(1600) / 8000
    write(tmp_path / "a.wav", 0.5 * np.sin(2 * np.pi * 500 * time))
    (x,) = audio_dataset_from_directory(
        tmp_path, labels=None, batch_size=None, sampling_rate=4000, verbose=False
    ).as_numpy_iterator()
    expected = 0.5 * np.sin(2 * np.pi * 500 * np.arange(800) / 4000)
    np.testing.assert_allclose(x[50:-50, 0], expected[50:-50], atol=0.01)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"ragged": True}, "ragged"),
        ({"sampling_rate": 0}, "sampling_rate"),
        ({"label_mode": "one"}, "label_mode"),
    ],
)
def test_wrong_arguments(arguments, text, folder):
    with pytest.raises(ValueError, match=text):
        audio_dataset_from_directory(folder, verbose=False, **arguments)


def test_damaged_files_are_named(folder):
    (folder / "bark" / "bad.wav").write_bytes(b"RIFF....")
    with pytest.raises(Exception, match=r"bad\.wav is no WAV file"):
        list(audio_dataset_from_directory(folder, verbose=False))
    with pytest.raises(ValueError, match="No files were found"):
        empty = folder / "empty"
        empty.mkdir()
        audio_dataset_from_directory(empty, labels=None)

"""Datasets of sounds from folders of WAV files, which the standard library reads."""

from __future__ import annotations

import math
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from addax.core.errors import message
from addax.data._spec import TensorSpec
from addax.utils._folders import Options, folder_datasets


def audio_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: Any = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    sampling_rate: int | None = None,
    output_sequence_length: int | None = None,
    ragged: bool = False,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    verbose: bool = True,
) -> Any:
    """Batches of sounds from a folder with one folder for each class, one `.wav` file for each sound.

    Args:
        directory: The folder.
        labels: `"inferred"`, None, or a list in the order of the sorted paths.
        label_mode: `"int"`, `"categorical"`, `"binary"` or None.
        class_names: The folders in the order of their numbers; sorted if None.
        batch_size: Sounds in a batch; None for single ones.
        sampling_rate: Samples in a second that every sound is brought to; each keeps its own if None.
        output_sequence_length: Samples that every sound is cut or padded to; if None, those of a batch are padded
            to the longest.
        ragged: Must be False: batches are padded, there are no ragged tensors.
        shuffle: Whether the order is random, anew each epoch.
        seed: Seed of the order.
        validation_split: The part that is held out.
        subset: `"training"`, `"validation"` or `"both"`.
        follow_links: Whether links are followed.
        verbose: Whether the numbers of files are printed.

    Returns:
        A dataset of float32 samples from -1 to 1, of shape `(batch, samples, channels)`, with labels; it has
        `class_names` and `file_paths`.

    Raises:
        ValueError: If there are no files, or arguments do not fit; a damaged file is named when it is read.
    """
    if ragged:
        raise ValueError(
            message(
                "There are no ragged batches.", expected="ragged=False", hint="Sounds are padded instead."
            )
        )
    if sampling_rate is not None and (type(sampling_rate) is not int or sampling_rate <= 0):
        raise ValueError(
            message("`sampling_rate` is wrong.", expected="a positive integer", received=sampling_rate)
        )
    if output_sequence_length is not None and output_sequence_length <= 0:
        raise ValueError(
            message("`output_sequence_length`.", expected="a number above 0", received=output_sequence_length)
        )
    options = Options(
        batch_size,
        shuffle,
        seed,
        validation_split,
        subset,
        follow_links,
        verbose,
        padded=output_sequence_length is None,
    )
    reader = _SoundReader(sampling_rate, output_sequence_length)
    made = folder_datasets(directory, labels, label_mode, class_names, (".wav",), reader, options)
    return tuple(made) if isinstance(made, list) else made


class _SoundReader:
    """Reads and resamples sounds.

    Args:
        rate: Samples in a second; each sound's own if None.
        length: Samples that are kept or filled up; all if None.
    """

    def __init__(self, rate: int | None, length: int | None) -> None:
        self.rate, self.length = rate, length
        self.spec = TensorSpec((length, None), "float32")

    def read(self, path: str) -> np.ndarray:
        """See `Reader.read`."""
        samples, rate = read_wav(Path(path))
        if self.rate is not None and rate != self.rate:
            samples = _resampled(samples, rate, self.rate)
        if self.length is not None:
            missing = max(0, self.length - len(samples))
            samples = np.pad(samples[: self.length], ((0, missing), (0, 0)))
        return samples

    def read_into(self, path: str, out: np.ndarray) -> None:
        """See `Reader.read_into`."""
        out[...] = self.read(path)

    def stage(self, count: int) -> None:
        """See `Reader.stage`: there is none."""

    def read_onto(self, path: str, stage: Any, number: int) -> None:
        """See `Reader.read_onto`."""


def read_wav(path: Path | BinaryIO) -> tuple[np.ndarray, int]:
    """The samples of a WAV file, float32 from -1 to 1 of shape `(samples, channels)`, and how many make a second.

    Raises:
        ValueError: If it is damaged, or holds no PCM of 8, 16, 24 or 32 bits.
    """
    try:
        with wave.open(str(path) if isinstance(path, Path) else path) as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            if width > 4:
                raise wave.Error(f"{8 * width} bits")
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError, OSError, RuntimeError) as error:
        raise ValueError(
            message(
                f"{path if isinstance(path, Path) else 'This'} is no WAV file that can be read: {error}.",
                expected="PCM of 8, 16, 24 or 32 bits",
            )
        ) from error
    data = data[: len(data) // (width * channels) * width * channels]
    return _as_floats(data, width).reshape(-1, channels), rate


def _as_floats(data: bytes, width: int) -> np.ndarray:
    """Little-endian PCM as numbers from -1 to 1; bytes are unsigned in WAV files."""
    if width == 1:
        return (np.frombuffer(data, np.uint8).astype(np.float32) - 128) / 128
    if width == 3:
        wide = np.zeros((len(data) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        return (wide.view("<i4")[:, 0] / 2.0**31).astype(np.float32)
    return (np.frombuffer(data, f"<i{width}") / 2.0 ** (8 * width - 1)).astype(np.float32)


def _resampled(samples: np.ndarray, rate: int, target: int) -> np.ndarray:
    """Another number of samples a second, by a polyphase filter."""
    from scipy.signal import resample_poly

    divisor = math.gcd(rate, target)
    return resample_poly(samples, target // divisor, rate // divisor, axis=0).astype(np.float32)

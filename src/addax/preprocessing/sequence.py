"""`preprocessing.sequence`: padding, windows over series, and skip-grams."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.utils import PyDataset
from addax.utils._text import pad_sequences

__all__ = ["TimeseriesGenerator", "make_sampling_table", "pad_sequences", "skipgrams"]


class TimeseriesGenerator(PyDataset):
    """Batches of windows over a series, each with the target that follows it.

    Args:
        data: The series, time along the first axis.
        targets: The target for each time.
        length: Time steps in a window.
        sampling_rate: Steps between the samples of a window.
        stride: Steps between windows.
        start_index: The first time that is used.
        end_index: The last time that is used.
        shuffle: Whether windows are drawn at random.
        reverse: Whether windows run backwards in time.
        batch_size: Windows in a batch.

    Raises:
        ValueError: If the lengths differ, or no window fits.

    Example:
        >>> import numpy as np
        >>> x, y = TimeseriesGenerator(np.arange(6), np.arange(6), length=3, batch_size=2)[0]
        >>> x.tolist(), y.tolist()
        ([[0, 1, 2], [1, 2, 3]], [3, 4])
    """

    def __init__(
        self,
        data: Any,
        targets: Any,
        length: int,
        sampling_rate: int = 1,
        stride: int = 1,
        start_index: int = 0,
        end_index: int | None = None,
        shuffle: bool = False,
        reverse: bool = False,
        batch_size: int = 128,
    ) -> None:
        super().__init__()
        if len(data) != len(targets):
            raise ValueError(
                message("`data` and `targets` differ in length.", received=f"{len(data)} and {len(targets)}")
            )
        self.data, self.targets = np.asarray(data), np.asarray(targets)
        self.length, self.sampling_rate, self.stride = length, sampling_rate, stride
        self.start_index = start_index + length
        self.end_index = len(data) - 1 if end_index is None else end_index
        self.shuffle, self.reverse, self.batch_size = shuffle, reverse, batch_size
        if self.start_index > self.end_index:
            raise ValueError(
                message(
                    "No window fits into the series.",
                    expected=f"start_index + length <= end_index ({self.end_index})",
                    received=str(self.start_index),
                )
            )

    def __len__(self) -> int:
        steps = self.end_index - self.start_index + self.batch_size * self.stride
        return steps // (self.batch_size * self.stride)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        if self.shuffle:
            rows = np.random.randint(self.start_index, self.end_index + 1, size=self.batch_size)
        else:
            first = self.start_index + self.batch_size * self.stride * index
            rows = np.arange(
                first, min(first + self.batch_size * self.stride, self.end_index + 1), self.stride
            )
        samples = np.array([self.data[row - self.length : row : self.sampling_rate] for row in rows])
        return (samples[:, ::-1] if self.reverse else samples), self.targets[rows]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, data included."""
        return {
            "data": self.data.tolist(),
            "targets": self.targets.tolist(),
            "length": self.length,
            "sampling_rate": self.sampling_rate,
            "stride": self.stride,
            "start_index": self.start_index - self.length,
            "end_index": self.end_index,
            "shuffle": self.shuffle,
            "reverse": self.reverse,
            "batch_size": self.batch_size,
        }


def make_sampling_table(size: int, sampling_factor: float = 1e-5) -> np.ndarray:
    """The probability of keeping the word of each rank, by Zipf's law (Mikolov et al., 2013).

    Args:
        size: The number of words.
        sampling_factor: The factor of word2vec's formula.

    Returns:
        A float array of shape `(size,)`.
    """
    rank = np.arange(size)
    rank[:1] = 1
    frequency = 1.0 / (rank * (np.log(rank) + 0.577) + 0.5 - 1.0 / (12.0 * rank))  # estimated from the rank
    ratio = sampling_factor / frequency
    return np.minimum(1.0, np.sqrt(ratio))


def skipgrams(
    sequence: Any,
    vocabulary_size: int,
    window_size: int = 4,
    negative_samples: float = 1.0,
    shuffle: bool = True,
    categorical: bool = False,
    sampling_table: Any = None,
    seed: int | None = None,
) -> tuple[list, list]:
    """Pairs of words that stand near each other (label 1), and random pairs (label 0).

    Args:
        sequence: Word numbers; 0 is no word.
        vocabulary_size: The largest number plus one.
        window_size: How far apart words of a pair may stand.
        negative_samples: Random pairs for each true one.
        shuffle: Whether the pairs are shuffled.
        categorical: Whether labels are `[0, 1]` and `[1, 0]`.
        sampling_table: The probability of keeping each word.
        seed: Seed of the shuffle.

    Returns:
        The pairs and their labels.
    """
    couples, labels = [], []
    for i, word in enumerate(sequence):
        if not word or (sampling_table is not None and sampling_table[word] < random.random()):
            continue
        for j in range(max(0, i - window_size), min(len(sequence), i + window_size + 1)):
            if j != i and sequence[j]:
                couples.append([word, sequence[j]])
                labels.append([0, 1] if categorical else 1)
    if negative_samples > 0:
        words = [c[0] for c in couples]
        random.shuffle(words)
        for k in range(int(len(labels) * negative_samples)):
            couples.append([words[k % len(words)], random.randint(1, vocabulary_size - 1)])
            labels.append([1, 0] if categorical else 0)
    if shuffle:
        order = list(range(len(couples)))
        random.Random(seed if seed is not None else random.randint(0, 10**7)).shuffle(order)
        couples, labels = [couples[k] for k in order], [labels[k] for k in order]
    return couples, labels

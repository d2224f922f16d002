"""Windows over a time series as a dataset."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core.errors import message
from addax.data import Dataset
from addax.data._node import Cursor, Node
from addax.data._spec import spec_of
from addax.utils._dataset_format import check_format


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> Dataset:
    """Batches of windows over a series.

    Args:
        data: The series, time along the first axis.
        targets: The target of the window that starts at each time of the series, or None.
        sequence_length: Samples in a window.
        sequence_stride: Steps between the starts of windows.
        sampling_rate: Steps between the samples of a window.
        batch_size: Windows in a batch; None for single ones.
        shuffle: Whether the order is random.
        seed: Seed of the order.
        start_index: The first time that is used.
        end_index: The time before which use ends.
        format: `"tf"`: the one kind of dataset that there is is called `tf.data.Dataset`.

    Returns:
        A dataset of windows, or of pairs of windows and targets.

    Raises:
        ValueError: If a number is out of range, or no window fits.

    Example:
        >>> import numpy as np
        >>> windows = timeseries_dataset_from_array(np.arange(5), None, sequence_length=3)
        >>> next(iter(windows)).numpy().tolist()
        [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
    """
    check_format(format)
    series = np.asarray(data)
    start, end = start_index or 0, len(series) if end_index is None else end_index
    for name, value, low in (
        ("sampling_rate", sampling_rate, 1),
        ("sequence_stride", sequence_stride, 1),
        ("sequence_length", sequence_length, 1),
    ):
        if value < low:
            raise ValueError(message(f"`{name}`.", expected=f"at least {low}", received=value))
    if not 0 <= start < end <= len(series):
        raise ValueError(
            message(
                "The range of the series.",
                expected=f"0 <= start_index < end_index <= {len(series)}",
                received=f"{start}, {end}",
            )
        )
    reach = (sequence_length - 1) * sampling_rate + 1
    count = end - start - reach + 1
    aims = None if targets is None else np.asarray(targets)
    if aims is not None:
        count = min(count, len(aims) - start)
    if count <= 0:
        raise ValueError(
            message(
                "No window fits into the series.",
                expected=f"at least {reach} steps, and a target for the first of them",
                received=f"{end - start} steps" + ("" if aims is None else f", {len(aims)} targets"),
            )
        )
    starts = start + np.arange(0, count, sequence_stride)
    if shuffle:
        seed = np.random.randint(10**6) if seed is None else seed
        np.random.RandomState(seed).shuffle(starts)
    offsets = np.arange(0, reach, sampling_rate)
    dataset = Dataset(_WindowsNode(Dataset.from_tensor_slices(starts)._node, series, aims, offsets))
    if shuffle:
        dataset = dataset.shuffle(8 * (batch_size or 128), seed=seed)
    return dataset if batch_size is None else dataset.batch(batch_size)


class _WindowsNode(Node):
    """The windows (and targets) that begin at given times, gathered when they are needed: together they may be large.

    Args:
        node: The times, int64 scalars.
        series: The series.
        targets: The target of each time, or None.
        offsets: The samples of a window, from its start.
    """

    label = "Windows"

    def __init__(
        self, node: Node, series: np.ndarray, targets: np.ndarray | None, offsets: np.ndarray
    ) -> None:
        self.inputs = (node,)
        self.series, self.targets, self.offsets = series, targets, offsets

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Windows(self, self.inputs[0].start())

    @property
    def pure(self) -> bool:
        """See `Node.pure`."""
        return True

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        return spec_of(self.at(np.asarray(0)))

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return self.inputs[0].cardinality()

    def at(self, times: np.ndarray) -> Any:
        """The windows that begin at some times."""
        windows = self.series[times[..., None] + self.offsets]
        return windows if self.targets is None else (windows, np.asarray(self.targets[times]))


class _Windows(Cursor):
    def __init__(self, node: _WindowsNode, child: Cursor) -> None:
        self.node, self.child = node, child

    def next(self) -> Any:
        return self.node.at(self.child.next())

    def next_batch(self, count: int) -> Any:
        return self.node.at(self.child.next_batch(count))

    def get_state(self) -> Any:
        return self.child.get_state()

    def set_state(self, state: Any) -> None:
        self.child.set_state(state)

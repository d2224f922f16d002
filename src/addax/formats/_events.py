"""TensorBoard's event files: scalars, histograms, images, sounds, texts and graphs, written and read."""

from __future__ import annotations

import itertools
import os
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from addax.formats._graph_def import GRAPH_PRODUCER, GRAPH_SCHEMA
from addax.formats._png import encode_png
from addax.formats._records import encode_record, read_records
from addax.formats._tensor import shape_message, tensor_from_message, tensor_message
from addax.formats._wav import encode_wav
from addax.formats._wire import Schema

_SCHEMA = Schema(
    """
    Event: wall_time=1:double step=2:int file_version=3:str graph_def=4:bytes summary=5:Summary
    Summary: value=1:*Value
    Value: tag=1:str simple_value=2:float tensor=8:Tensor metadata=9:Metadata
    Metadata: plugin_data=1:Plugin display_name=2:str summary_description=3:str data_class=4:enum
    Plugin: plugin_name=1:str content=2:bytes
    """,
    GRAPH_SCHEMA,
)
_FILE_VERSION = "brain.Event:2"
# How TensorBoard samples and keeps a tag's values.
_DATA_CLASSES = {
    "scalars": 1,
    "histograms": 2,
    "text": 2,
    "images": 3,
    "audio": 3,
    "graph_run_metadata": 3,
    "graph_run_metadata_graph": 3,
}
# What a plugin wants to know besides: that sounds are WAV files, and a version.
_CONTENTS = {"audio": b"\x10\x0b", "graph_run_metadata": b"1", "graph_run_metadata_graph": b"1"}
# Files of one process that are opened within one second still need different names.
_FILE_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A node of a graph that TensorBoard draws; slashes in the name make groups.

    Attributes:
        name: The node's name, unique in the graph.
        op: What it does, for instance `Dense`.
        inputs: The names of the nodes it reads.
        shape: The shape of its output, None for unknown dimensions; None altogether writes no shape.
    """

    name: str
    op: str
    inputs: Sequence[str] = ()
    shape: Sequence[int | None] | None = None


@dataclass(frozen=True, slots=True)
class SummaryValue:
    """One value of an event.

    Attributes:
        tag: Its name.
        plugin: What shows it: `scalars`, `histograms`, `images`, `text`, ...; empty in files of the old form.
        value: The array; strings and encoded images are object arrays of bytes.
        description: The text shown with it.
    """

    tag: str
    plugin: str
    value: np.ndarray
    description: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One record of an event file.

    Attributes:
        wall_time: Seconds since 1970.
        step: The training step.
        values: The summary values.
        graph: The nodes of a graph, if the event holds one.
        file_version: Set in the first event of a file only.
    """

    wall_time: float
    step: int
    values: tuple[SummaryValue, ...] = ()
    graph: tuple[GraphNode, ...] = ()
    file_version: str = ""


class EventWriter:
    """Writes one event file that TensorBoard shows; threads may share it.

    Args:
        logdir: The folder, created if need be. Runs are folders below the one that TensorBoard is pointed at.
        filename_suffix: Ends the file's name.

    Attributes:
        path: The file.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as logdir:
        ...     with EventWriter(logdir) as writer:
        ...         writer.scalar("loss", 0.5, step=3)
        ...     [(e.step, float(v.value)) for e in read_events(writer.path) for v in e.values]
        [(3, 0.5)]
    """

    def __init__(self, logdir: str | os.PathLike[str], *, filename_suffix: str = "") -> None:
        os.makedirs(logdir, exist_ok=True)
        name = f"events.out.tfevents.{int(time.time())}.{socket.gethostname()}.{os.getpid()}"
        self.path = os.path.join(os.fspath(logdir), f"{name}.{next(_FILE_NUMBERS)}{filename_suffix}")
        self._lock = threading.Lock()
        self._file = open(self.path, "ab")  # noqa: SIM115, closed by `close`
        self._write({"file_version": _FILE_VERSION}, 0, None)

    def __enter__(self) -> EventWriter:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def scalar(
        self,
        tag: str,
        value: Any,
        step: int,
        *,
        description: str | None = None,
        wall_time: float | None = None,
    ) -> None:
        """Write a number.

        Args:
            tag: Its name; slashes group the charts.
            value: A scalar of any numeric dtype; stored as float32.
            step: The training step.
            description: A text that is shown with the chart, in Markdown.
            wall_time: Seconds since 1970; None is now.

        Raises:
            ValueError: `value` is not a scalar.
        """
        number = np.asarray(value, np.float32)
        if number.ndim:
            raise ValueError(f"Scalar {tag!r}: expected shape (), received shape {number.shape}.")
        self._summary(tag, "scalars", tensor_message(number), step, description, wall_time)

    def histogram(
        self,
        tag: str,
        values: Any,
        step: int,
        *,
        buckets: int = 30,
        description: str | None = None,
        wall_time: float | None = None,
    ) -> None:
        """Write the distribution of values; those that are not finite are left out.

        Args:
            tag: Its name.
            values: An array of numbers, of any shape.
            step: The training step.
            buckets: The number of buckets of equal width.
            description: A text that is shown with the chart, in Markdown.
            wall_time: Seconds since 1970; None is now.
        """
        table = _histogram_table(np.asarray(values, np.float64).ravel(), buckets)
        self._summary(tag, "histograms", tensor_message(table), step, description, wall_time)

    def image(
        self,
        tag: str,
        images: Any,
        step: int,
        *,
        max_outputs: int = 3,
        description: str | None = None,
        wall_time: float | None = None,
    ) -> None:
        """Write a batch of images.

        Args:
            tag: Its name.
            images: An array of shape (batch, height, width, channels), channels 1 to 4; uint8, uint16 or
                floats in [0, 1].
            step: The training step.
            max_outputs: How many images of the batch are written at most.
            description: A text that is shown with the images, in Markdown.
            wall_time: Seconds since 1970; None is now.

        Raises:
            ValueError: The shape or the dtype is not one of these.
        """
        batch = np.asarray(images)
        if batch.ndim != 4:
            raise ValueError(
                f"Images {tag!r}: expected shape (batch, height, width, channels), received {batch.shape}."
            )
        height, width = batch.shape[1:3]
        pictures = [encode_png(picture) for picture in batch[:max_outputs]]
        content = tensor_message([str(width), str(height), *pictures])
        self._summary(tag, "images", content, step, description, wall_time)

    def audio(
        self,
        tag: str,
        sounds: Any,
        step: int,
        *,
        sample_rate: int,
        max_outputs: int = 3,
        description: str | None = None,
        wall_time: float | None = None,
    ) -> None:
        """Write a batch of sounds.

        Args:
            tag: Its name.
            sounds: Floats in [-1, 1] of shape (batch, samples, channels).
            step: The training step.
            sample_rate: How many samples make a second.
            max_outputs: How many sounds of the batch are written at most.
            description: A text that is shown with them, in Markdown.
            wall_time: Seconds since 1970; None is now.

        Raises:
            ValueError: The shape is another.
        """
        batch = np.asarray(sounds)
        if batch.ndim != 3:
            raise ValueError(
                f"Sounds {tag!r}: expected shape (batch, samples, channels), received {batch.shape}."
            )
        rows = np.empty((min(len(batch), max_outputs), 2), object)
        for row, sound in zip(rows, batch, strict=False):
            row[:] = encode_wav(sound, sample_rate), b""  # the second is a label that nothing shows
        self._summary(tag, "audio", tensor_message(rows), step, description, wall_time)

    def tensor(
        self,
        tag: str,
        tensor: Any,
        step: int,
        *,
        metadata: bytes | None = None,
        wall_time: float | None = None,
    ) -> None:
        """Write an array that no plugin of TensorBoard itself shows.

        Args:
            tag: Its name.
            tensor: The array.
            step: The training step.
            metadata: The bytes of a SummaryMetadata, which names the plugin that shows it.
            wall_time: Seconds since 1970; None is now.
        """
        value = {"tag": tag, "tensor": tensor_message(np.asarray(tensor)), "metadata": metadata}
        self._write({"summary": {"value": [value]}}, step, wall_time)

    def text(
        self,
        tag: str,
        text: str | Sequence[str],
        step: int,
        *,
        description: str | None = None,
        wall_time: float | None = None,
    ) -> None:
        """Write a text in Markdown, or a list of texts that is shown as a table.

        Args:
            tag: Its name.
            text: The text or the non-empty list.
            step: The training step.
            description: A text that is shown with it, in Markdown.
            wall_time: Seconds since 1970; None is now.
        """
        if not isinstance(text, str):
            text = list(text)
        self._summary(tag, "text", tensor_message(text), step, description, wall_time)

    def graph(self, nodes: Iterable[GraphNode], *, step: int = 0, wall_time: float | None = None) -> None:
        """Write a graph; TensorBoard shows one for each run.

        Args:
            nodes: The nodes, in any order.
            step: The training step.
            wall_time: Seconds since 1970; None is now.
        """
        message = {"node": [_node_message(node) for node in nodes], "versions": {"producer": GRAPH_PRODUCER}}
        self._write({"graph_def": _SCHEMA.encode("Graph", message)}, step, wall_time)

    def graph_def(self, data: bytes, *, step: int = 0, wall_time: float | None = None) -> None:
        """Write a graph that is a message already.

        Args:
            data: The bytes of a GraphDef.
            step: The training step.
            wall_time: Seconds since 1970; None is now.
        """
        self._write({"graph_def": data}, step, wall_time)

    def run_graphs(
        self, tag: str, data: bytes, step: int, *, profiled: bool = False, wall_time: float | None = None
    ) -> None:
        """Write the graphs of what ran, as TensorBoard shows them under a tag.

        Args:
            tag: Their name.
            data: The bytes of a RunMetadata.
            step: The training step.
            profiled: Whether a profile was taken meanwhile.
            wall_time: Seconds since 1970; None is now.
        """
        plugin = "graph_run_metadata" if profiled else "graph_run_metadata_graph"
        blob = np.empty(1, object)
        blob[0] = data
        self._summary(tag, plugin, tensor_message(blob), step, None, wall_time)

    def summary(self, data: bytes, step: int, *, wall_time: float | None = None) -> None:
        """Write summaries that are a message already.

        Args:
            data: The bytes of a Summary.
            step: The training step.
            wall_time: Seconds since 1970; None is now.
        """
        self._write({"summary": data}, step, wall_time)

    def flush(self) -> None:
        """Hand what was written to the operating system, so that a running TensorBoard sees it."""
        with self._lock:
            self._file.flush()

    def close(self) -> None:
        """Flush and close the file; a second call does nothing."""
        with self._lock:
            self._file.close()

    def _summary(
        self,
        tag: str,
        plugin: str,
        tensor: dict[str, Any],
        step: int,
        description: str | None,
        wall_time: float | None,
    ) -> None:
        metadata = {
            "plugin_data": {"plugin_name": plugin, "content": _CONTENTS.get(plugin)},
            "summary_description": description,
            "data_class": _DATA_CLASSES[plugin],
        }
        value = {"tag": tag, "tensor": tensor, "metadata": metadata}
        self._write({"summary": {"value": [value]}}, step, wall_time)

    def _write(self, event: dict[str, Any], step: int, wall_time: float | None) -> None:
        stamp = {"wall_time": time.time() if wall_time is None else wall_time, "step": int(step)}
        record = encode_record(_SCHEMA.encode("Event", {**stamp, **event}))
        with self._lock:
            self._file.write(record)


def _histogram_table(values: np.ndarray, buckets: int) -> np.ndarray:
    """Rows of (left edge, right edge, count); float64 of shape (buckets, 3)."""
    values = values[np.isfinite(values)]
    table = np.zeros((buckets, 3))
    if values.size == 0:
        return table
    low, high = values.min(), values.max()
    if low == high:
        # All values are equal: the charts draw a spike when the last bucket holds them.
        table[:, :2] = low
        table[-1, 2] = values.size
        return table
    counts, edges = np.histogram(values, bins=buckets, range=(low, high))
    return np.stack([edges[:-1], edges[1:], counts], axis=1)


def _node_message(node: GraphNode) -> dict[str, Any]:
    message: dict[str, Any] = {"name": node.name, "op": node.op, "input": list(node.inputs)}
    if node.shape is not None:
        message["attr"] = {"_output_shapes": {"list": {"shape": [shape_message(node.shape)]}}}
    return message


def read_events(path: str | os.PathLike[str]) -> Iterator[Event]:
    """Read an event file, also one that is still being written.

    Args:
        path: The file.

    Yields:
        Its events in order; the first one has the file's version only.

    Raises:
        ValueError: The file is corrupt or not an event file.
    """
    with open(path, "rb") as file:
        for payload in read_records(file, allow_partial=True):
            message = _SCHEMA.decode("Event", payload)
            values = message.get("summary", {}).get("value", [])
            yield Event(
                wall_time=message.get("wall_time", 0.0),
                step=message.get("step", 0),
                values=tuple(_summary_value(value) for value in values if _is_readable(value)),
                graph=_graph_nodes(message.get("graph_def", b"")),
                file_version=message.get("file_version", ""),
            )


def _is_readable(value: dict[str, Any]) -> bool:
    """Whether a value is a tensor or a number; the old forms of images and audio are left out."""
    return "tensor" in value or "simple_value" in value


def _summary_value(value: dict[str, Any]) -> SummaryValue:
    metadata = value.get("metadata", {})
    if "tensor" in value:
        content = tensor_from_message(value["tensor"])
    else:
        content = np.asarray(value["simple_value"], np.float32)
    plugin = metadata.get("plugin_data", {}).get("plugin_name", "")
    return SummaryValue(value.get("tag", ""), plugin, content, metadata.get("summary_description", ""))


def _graph_nodes(data: bytes) -> tuple[GraphNode, ...]:
    nodes = []
    for node in _SCHEMA.decode("Graph", data).get("node", []):
        shapes = node.get("attr", {}).get("_output_shapes", {}).get("list", {}).get("shape", [])
        shape = None
        if len(shapes) == 1 and not shapes[0].get("unknown_rank"):
            sizes = [dim.get("size", 0) for dim in shapes[0].get("dim", [])]
            shape = tuple(None if size < 0 else size for size in sizes)
        nodes.append(GraphNode(node.get("name", ""), node.get("op", ""), tuple(node.get("input", [])), shape))
    return tuple(nodes)

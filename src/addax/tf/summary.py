"""`tf.summary`: event files for TensorBoard, also written from compiled code."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.core.lazy import Namespace
from addax.engine import Tensor, Variable
from addax.engine._jax import jax
from addax.engine._staging import staged
from addax.formats import EventWriter
from addax.tf import _trace
from addax.tf._scopes import name_scope

_writer: ContextVar[SummaryWriter | None] = ContextVar("addax_summary_writer", default=None)
_step: ContextVar[Any] = ContextVar("addax_summary_step", default=None)
_recording: ContextVar[Any] = ContextVar("addax_summary_recording", default=True)


class SummaryWriter:
    """Writes summaries into an event file; what `create_file_writer` gives.

    Args:
        logdir: The folder, made with the first event if it is missing.
        filename_suffix: What the name of the file ends with; nothing if None.
    """

    def __init__(self, logdir: Any, filename_suffix: str | None = None) -> None:
        self._logdir, self._suffix = logdir, filename_suffix or ""
        self._events: EventWriter | None = None
        self._tokens: list = []

    @property
    def events(self) -> EventWriter:
        """The writer of the file, which is made with the first event."""
        if self._events is None:
            self._events = EventWriter(self._logdir, filename_suffix=self._suffix)
        return self._events

    @contextlib.contextmanager
    def as_default(self, step: Any = None) -> Iterator[SummaryWriter]:
        """A `with` block whose summaries go here; at its end they are flushed.

        Args:
            step: The step of summaries that name none, a number or a variable; as it was if None.
        """
        tokens = [(_writer, _writer.set(self))]
        if step is not None:
            tokens.append((_step, _step.set(step)))  # type: ignore[arg-type]
        try:
            yield self
        finally:
            for variable, token in reversed(tokens):
                variable.reset(token)  # type: ignore[arg-type]
            self.flush()

    def set_as_default(self, step: Any = None) -> None:
        """Have summaries go here from now on.

        Args:
            step: The step of summaries that name none, a number or a variable; as it was if None.
        """
        _writer.set(self)
        if step is not None:
            _step.set(step)

    def init(self) -> None:
        """Make the file."""
        self.events  # noqa: B018 - made when read

    def flush(self) -> None:
        """Bring what was written to the disk."""
        if self._events is not None:
            self._events.flush()

    def close(self) -> None:
        """Close the file."""
        if self._events is not None:
            self._events.close()
            self._events = None

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()


class _NoWriter(SummaryWriter):
    @property
    def events(self) -> EventWriter:
        raise ValueError("This writer writes nowhere.")


def create_file_writer(
    logdir: Any,
    max_queue: Any = None,
    flush_millis: Any = None,
    filename_suffix: str | None = None,
    name: str | None = None,
) -> SummaryWriter:
    """A writer of an event file in a folder.

    Args:
        logdir: The folder, made with the first event if it is missing.
        max_queue: Accepted for TensorFlow's sake: events are handed to the file at once.
        flush_millis: Accepted for TensorFlow's sake: the file is flushed by `flush`, `close`, the end of a block of
            `as_default`, and when its buffer is full.
        filename_suffix: What the name of the file ends with; nothing if None.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import tempfile
        >>> import addax.tf as tf
        >>> with tempfile.TemporaryDirectory() as folder, tf.summary.create_file_writer(folder) as writer:
        ...     with writer.as_default():
        ...         tf.summary.scalar("loss", 0.5, step=1)
        True
    """
    return SummaryWriter(logdir, filename_suffix)


def create_noop_writer() -> SummaryWriter:
    """A writer that writes nothing."""
    return _NoWriter("")


def should_record_summaries() -> bool:
    """Whether summaries are written now."""
    wanted = _recording.get()
    return _writer.get() is not None and bool(wanted() if callable(wanted) else wanted)


@contextlib.contextmanager
def record_if(condition: Any) -> Iterator[None]:
    """A `with` block whose summaries are written only if a condition (or function that gives it) holds."""
    token = _recording.set(condition)
    try:
        yield
    finally:
        _recording.reset(token)


def _write(kind: str, name: str | None, data: Any, step: Any, **options: Any) -> bool:
    writer = _writer.get()
    if writer is None or isinstance(writer, _NoWriter) or not should_record_summaries():
        return False
    step = _step.get() if step is None else step
    if step is None:
        raise ValueError(
            message(
                "No step is set for this summary.",
                hint="Pass step=..., or call tf.summary.experimental.set_step.",
            )
        )
    values = [x if staged(x) else _plain(x) for x in (data, step)]
    given = () if name is None else (name,)
    write: Callable = getattr(writer.events, kind)
    places = [i for i, x in enumerate(values) if staged(x)]

    def run(*arrays: Any) -> None:
        full = list(values)
        for i, array in zip(places, arrays, strict=True):
            full[i] = np.asarray(array)
        write(*given, full[0], int(full[1]), **options)

    if places:
        raws = [x._value if isinstance(x, Tensor) else x for x in (values[i] for i in places)]
        jax.debug.callback(run, *raws, ordered=True)
    else:
        run()
    return True


def _plain(value: Any) -> Any:
    if isinstance(value, Variable) and staged(value):
        return Tensor(value._raw())
    return (
        value
        if isinstance(value, (str, bytes, list, int, float))
        else np.asarray(ops.convert_to_tensor(value))
    )


def scalar(name: str, data: Any, step: Any = None, description: str | None = None) -> bool:
    """Write a number, to the default writer.

    Args:
        name: What the chart is called; slashes group charts.
        data: A scalar, stored as float32.
        step: The number of the step; what `as_default` or `experimental.set_step` has set if None.
        description: A text in Markdown that TensorBoard shows with it.

    Returns:
        Whether it was written: if there is a default writer, and `record_if` allows it.

    Raises:
        ValueError: If it is to be written, but no step is known, or `data` is no scalar.
    """
    return _write("scalar", name, data, step, description=description)


def histogram(
    name: str, data: Any, step: Any = None, buckets: Any = None, description: str | None = None
) -> bool:
    """Write how numbers are distributed, to the default writer.

    Args:
        name: What the chart is called; slashes group charts.
        data: Numbers of any shape; those that are not finite are left out.
        step: The number of the step; what `as_default` or `experimental.set_step` has set if None.
        buckets: The number of buckets of equal width; 30 if None.
        description: A text in Markdown that TensorBoard shows with it.

    Returns:
        Whether it was written: if there is a default writer, and `record_if` allows it.

    Raises:
        ValueError: If it is to be written, but no step is known.
    """
    return _write("histogram", name, data, step, buckets=buckets or 30, description=description)


def image(
    name: str, data: Any, step: Any = None, max_outputs: int = 3, description: str | None = None
) -> bool:
    """Write images, to the default writer.

    Args:
        name: What they are called; slashes group them.
        data: A tensor of shape `(n, height, width, channels)`, with 1 to 4 channels; uint8, uint16, or floats from
            0 to 1.
        step: The number of the step; what `as_default` or `experimental.set_step` has set if None.
        max_outputs: How many of them are written at most.
        description: A text in Markdown that TensorBoard shows with it.

    Returns:
        Whether it was written: if there is a default writer, and `record_if` allows it.

    Raises:
        ValueError: If it is to be written, but no step is known, or the shape or dtype is another one.
    """
    return _write("image", name, data, step, max_outputs=max_outputs, description=description)


def audio(
    name: str, data: Any, sample_rate: Any, step: Any = None, max_outputs: int = 3, encoding: str | None = None,
    description: str | None = None,
) -> bool:  # fmt: skip
    """Write sounds, to the default writer.

    Args:
        name: What they are called; slashes group them.
        data: Floats from -1 to 1 of shape `(n, samples, channels)`.
        sample_rate: How many samples make a second.
        step: The number of the step; what `as_default` or `experimental.set_step` has set if None.
        max_outputs: How many of them are written at most.
        encoding: `"wav"`, or None for the same.
        description: A text in Markdown that TensorBoard shows with it.

    Returns:
        Whether it was written: if there is a default writer, and `record_if` allows it.

    Raises:
        ValueError: If it is to be written, but no step is known, or the shape or the encoding is another one.
    """
    if encoding not in (None, "wav"):
        raise ValueError(message("Unknown encoding of sounds.", expected='"wav"', received=encoding))
    rate = int(np.asarray(sample_rate))
    options = {"sample_rate": rate, "max_outputs": max_outputs, "description": description}
    return _write("audio", name, data, step, **options)


def write(tag: str, tensor: Any, step: Any = None, metadata: Any = None, name: str | None = None) -> bool:
    """Write a tensor for which TensorBoard itself has no chart, to the default writer.

    Args:
        tag: What it is called.
        tensor: The tensor.
        step: The number of the step; what `as_default` or `experimental.set_step` has set if None.
        metadata: A SummaryMetadata of TensorBoard, or its bytes, which names the plugin that shows it; or None.
        name: Accepted for TensorFlow's sake.

    Returns:
        Whether it was written: if there is a default writer, and `record_if` allows it.

    Raises:
        ValueError: If it is to be written, but no step is known.
    """
    about = None if metadata is None else _message_bytes(metadata, "a SummaryMetadata")
    return _write("tensor", tag, tensor, step, metadata=about)


def _message_bytes(value: Any, what: str) -> bytes:
    if hasattr(value, "SerializeToString"):
        return value.SerializeToString()
    if not isinstance(value, bytes):
        raise TypeError(
            message(
                "This is no message.", expected=f"{what} with SerializeToString, or its bytes", received=value
            )
        )
    return value


def text(name: str, data: Any, step: Any = None, description: str | None = None) -> bool:
    """Write text in Markdown, to the default writer.

    Args:
        name: What it is called; slashes group texts.
        data: A string, or a tensor of strings, which are shown as a table of one column.
        step: The number of the step; what `as_default` or `experimental.set_step` has set if None.
        description: A text in Markdown that TensorBoard shows with it.

    Returns:
        Whether it was written: if there is a default writer, and `record_if` allows it.

    Raises:
        ValueError: If it is to be written, but no step is known.
    """
    found: Any = data if isinstance(data, str) else np.asarray(ops.convert_to_tensor(data))
    if not isinstance(found, str):
        found = found[()].decode() if not found.ndim else [s.decode() for s in found.ravel().tolist()]
    return _write("text", name, found, step, description=description)


def flush(writer: SummaryWriter | None = None, name: str | None = None) -> None:
    """Bring what was written to the disk.

    Args:
        writer: The writer; the default one, if there is one, if None.
        name: Accepted for TensorFlow's sake.
    """
    found = writer or _writer.get()
    if found is not None:
        found.flush()


def graph(graph_data: Any) -> bool:
    """Write a graph, to the default writer; TensorBoard shows one for each run.

    Args:
        graph_data: The `graph` of a concrete function, or a GraphDef: what has `SerializeToString`.

    Returns:
        Whether it was written: if there is a default writer, and `record_if` allows it.

    Raises:
        TypeError: If it is neither.

    Example:
        >>> import tempfile
        >>> import addax.tf as tf
        >>> twice = tf.function(lambda x: 2.0 * x)
        >>> with tf.summary.create_file_writer(tempfile.mkdtemp()) as writer, writer.as_default():
        ...     tf.summary.graph(twice.get_concrete_function(tf.TensorSpec((None, 3))).graph)
        True
    """
    found = graph_data.as_graph_def() if hasattr(graph_data, "as_graph_def") else graph_data
    data = _message_bytes(found, "the graph of a concrete function, or a GraphDef")
    writer = _writer.get()
    if writer is None or isinstance(writer, _NoWriter) or not should_record_summaries():
        return False
    writer.events.graph_def(data)
    return True


def trace_on(graph: bool = True, profiler: bool = False, profiler_outdir: Any = None) -> None:
    """Keep the graphs of compiled functions that run from now on, or a profile; `trace_export` writes them.

    Functions that are traced meanwhile have the names of layers and name scopes in their graphs.

    Args:
        graph: Whether graphs are kept.
        profiler: Whether a profile is taken.
        profiler_outdir: The folder that the profile goes to, which TensorBoard is shown; if None, `trace_export`
            must be given one, and the profile is moved there.

    Example:
        >>> import tempfile
        >>> import addax.tf as tf
        >>> square = tf.function(lambda x: tf.matmul(x, x))
        >>> with tf.summary.create_file_writer(tempfile.mkdtemp()) as writer, writer.as_default():
        ...     tf.summary.trace_on()
        ...     y = square(tf.ones((2, 2)))
        ...     tf.summary.trace_export("square", step=0)
    """
    _trace.start(graph, profiler, profiler_outdir)


def trace_export(name: str, step: Any = None, profiler_outdir: Any = None) -> None:
    """Write what `trace_on` began to keep, to the default writer, and end it.

    Args:
        name: What TensorBoard calls it.
        step: The number of the step; what `as_default` or `experimental.set_step` has set if None.
        profiler_outdir: The folder that the profile goes to, if `trace_on` was given none.

    Raises:
        ValueError: If nothing is being kept, no step is known, or a profile has nowhere to go.
    """
    graphs, profiled = _trace.export(profiler_outdir)
    if graphs is not None:
        _write("run_graphs", name, graphs, step, profiled=profiled)


def trace_off() -> None:
    """End what `trace_on` began, and forget what was kept."""
    _trace.stop()


class experimental(Namespace):  # noqa: N801 - a namespace
    """Names that TensorFlow calls experimental."""

    @staticmethod
    def write_raw_pb(tensor: Any, step: Any = None, name: str | None = None) -> bool:
        """Write summaries that are a message already, to the default writer.

        Args:
            tensor: The bytes of a Summary, also as a tensor of one string.
            step: The number of the step; what `as_default` or `set_step` has set if None.
            name: Accepted for TensorFlow's sake.

        Returns:
            Whether it was written: if there is a default writer, and `record_if` allows it.

        Raises:
            ValueError: If it is to be written, but no step is known.
        """
        data = tensor if isinstance(tensor, bytes) else np.asarray(ops.convert_to_tensor(tensor)).item()
        return _write("summary", None, data, step)

    @staticmethod
    @contextlib.contextmanager
    def summary_scope(
        name: str, default_name: str = "summary", values: Any = None
    ) -> Iterator[tuple[str, str]]:
        """A `with` block that gives the tag of a summary, the name scopes around it in front, and its scope.

        Args:
            name: The name of the summary.
            default_name: What takes its place if it is empty.
            values: Accepted for TensorFlow's sake.
        """
        called = name or default_name
        with name_scope(called) as scope:
            yield "/".join([*scope.split("/")[:-2], called]), scope

    @staticmethod
    def set_step(step: Any) -> None:
        """Set the step of summaries that name none."""
        _step.set(step)

    @staticmethod
    def get_step() -> Any:
        """The step of summaries that name none."""
        return _step.get()


__all__ = [
    "SummaryWriter",
    "audio",
    "create_file_writer",
    "create_noop_writer",
    "experimental",
    "flush",
    "graph",
    "histogram",
    "image",
    "record_if",
    "scalar",
    "should_record_summaries",
    "text",
    "trace_export",
    "trace_off",
    "trace_on",
    "write",
]

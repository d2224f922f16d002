"""Event files for TensorBoard: metrics, weights, the graph, profiles and embeddings."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from addax.callbacks._callback import Callback
from addax.callbacks._embeddings import write_embeddings, write_projector_config
from addax.callbacks._graph import graph_nodes
from addax.callbacks._learning_rate import rates_of, read_rate
from addax.core.errors import message
from addax.engine._jax import jax

if TYPE_CHECKING:
    from addax.formats import EventWriter


class TensorBoard(Callback):
    """Writes what `tensorboard --logdir logs` shows; the files are those that TensorFlow writes.

    Training goes to `log_dir/train`, validation to `log_dir/validation`; the tags of epochs are `epoch_loss`,
    `epoch_accuracy`, ..., `epoch_learning_rate`.

    Args:
        log_dir: The folder; use a new one for each run.
        histogram_freq: Distributions of the weights are written every so many epochs; 0 for never.
        write_graph: Whether the model's layers are drawn.
        write_images: Whether weights are also drawn as images, together with the distributions.
        write_steps_per_second: Whether the speed is written.
        update_freq: `"epoch"`, `"batch"`, or a number of batches after which their metrics are written too.
        profile_batch: A batch, or a pair of first and last batch, to profile; counted from 1, 0 for none.
        embeddings_freq: Embedding matrices are written every so many epochs, for the projector; 0 for never.
        embeddings_metadata: A file of labels, or layer name -> file.

    Raises:
        ValueError: If `update_freq` or `profile_batch` is none of these.

    Example:
        >>> import addax as keras
        >>> board = keras.callbacks.TensorBoard("logs/run_1", histogram_freq=1)
        >>> board.log_dir
        'logs/run_1'
    """

    _remembered = ("_batch",)

    def __init__(
        self,
        log_dir: str | os.PathLike[str] = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: str | int = "epoch",
        profile_batch: int | str | tuple[int, int] = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: str | Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.log_dir = os.fspath(log_dir)
        self.histogram_freq = histogram_freq
        self.write_graph = write_graph
        self.write_images = write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = 1 if update_freq == "batch" else update_freq
        self.embeddings_freq = embeddings_freq
        self.embeddings_metadata = embeddings_metadata
        if self.update_freq != "epoch" and (not isinstance(self.update_freq, int) or self.update_freq < 1):
            raise ValueError(
                message(
                    "Argument `update_freq` is wrong.",
                    expected='"epoch", "batch" or a number of batches',
                    received=update_freq,
                )
            )
        self._profiled = _batch_range(profile_batch)
        self._writers: dict[str, EventWriter] = {}
        self._profiling = self._fitting = False
        self._reset()

    def _reset(self) -> None:
        self._batch = 0
        self._epoch_start = (0, 0.0)
        self._batch_start = 0.0

    def _wants_batches(self, mode: str) -> bool:
        if mode != "train":
            return False
        return self.update_freq != "epoch" or self.write_steps_per_second or self._profiled[1] > 0

    def _writer(self, name: str) -> EventWriter:
        if name not in self._writers:
            from addax.formats import EventWriter

            self._writers[name] = EventWriter(os.path.join(self.log_dir, name), filename_suffix=".v2")
        return self._writers[name]

    def set_model(self, model: Any) -> None:
        """Receive the model, and write what the projector needs to know of it."""
        super().set_model(model)
        if self.embeddings_freq:
            write_projector_config(self.log_dir, model, self.embeddings_metadata)

    # Training -------------------------------------------------------------------------------------------
    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Begin event files, with the graph."""
        self._close()
        self._reset()
        self._fitting = True
        if self.write_graph:
            nodes = graph_nodes(self.model)
            if nodes:
                self._writer("train").graph(nodes)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Finish the files."""
        self._fitting = False
        self._stop_profile()
        self._close()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Start the clock."""
        if self.write_steps_per_second:
            self._epoch_start = (int(np.asarray(self.model.optimizer.iterations)), time.time())

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Start the clock, and the profiler if this is its batch."""
        self._batch += 1
        if self.write_steps_per_second:
            self._batch_start = time.time()
        first, last = self._profiled
        if first <= self._batch <= last and not self._profiling:
            jax.profiler.start_trace(os.path.join(self.log_dir, "train"))
            self._profiling = True

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Write the metrics of the batch, if it is one of those that are written."""
        if self._profiling and self._batch >= self._profiled[1]:
            self._stop_profile()
        if self.update_freq == "epoch" or self._batch % int(self.update_freq):
            return
        writer = self._writer("train")
        if self.write_steps_per_second:
            seconds = max(time.time() - self._batch_start, 1e-9)
            writer.scalar("batch_steps_per_second", 1.0 / seconds, self._batch)
        for name, value in (logs or {}).items():
            if np.ndim(value) == 0:
                writer.scalar(f"batch_{name}", value, self._batch)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Write the metrics of the epoch, and the weights if it is time."""
        self._write_epoch(epoch, logs or {})
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_weights(epoch)
        if self.embeddings_freq and epoch % self.embeddings_freq == 0:
            write_embeddings(self.log_dir, self.model)
        for writer in self._writers.values():
            writer.flush()

    def _write_epoch(self, epoch: int, logs: Mapping[str, Any]) -> None:
        if not logs:
            return
        scalars = {name: value for name, value in logs.items() if np.ndim(value) == 0}
        train = {name: value for name, value in scalars.items() if not name.startswith("val_")}
        if getattr(self.model, "optimizer", None) is not None:
            train.update({name: read_rate(optimizer) for name, optimizer in rates_of(self.model)})
            if self.write_steps_per_second:
                steps, since = self._epoch_start
                done = int(np.asarray(self.model.optimizer.iterations)) - steps
                train["steps_per_second"] = done / max(time.time() - since, 1e-9)
        for name, value in train.items():
            self._writer("train").scalar(f"epoch_{name}", value, epoch)
        for name, value in scalars.items():
            if name.startswith("val_"):
                self._writer("validation").scalar(f"epoch_{name[4:]}", value, epoch)

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Write the result of the evaluation against the optimizer's number of updates."""
        if getattr(self.model, "optimizer", None) is None or not logs:
            return
        step = int(np.asarray(self.model.optimizer.iterations))
        for name, value in logs.items():
            if np.ndim(value) == 0:
                self._writer("validation").scalar(f"evaluation_{name}_vs_iterations", value, step)
        if self._fitting:
            self._writer("validation").flush()
        else:
            self._close()

    def _write_weights(self, epoch: int) -> None:
        writer = self._writer("train")
        for layer in self.model.layers:
            for weight in layer.weights:
                value = np.asarray(weight.numpy(), np.float32)
                tag = weight.path.replace(":", "_")
                writer.histogram(f"{tag}/histogram", value, epoch)
                picture = _as_images(value) if self.write_images else None
                if picture is not None:
                    writer.image(f"{tag}/image", picture, epoch)

    def _stop_profile(self) -> None:
        if self._profiling:
            jax.profiler.stop_trace()
            self._profiling = False

    def _close(self) -> None:
        for writer in self._writers.values():
            writer.close()
        self._writers = {}


def _batch_range(profile_batch: Any) -> tuple[int, int]:
    """The first and the last batch to profile, (0, 0) for none."""
    value = profile_batch
    try:
        if isinstance(value, str):
            value = [int(part) for part in value.split(",")]
        if isinstance(value, int):
            value = [value, value]
        first, last = value[0], value[-1]
        if len(value) <= 2 and 0 <= first <= last:
            return (int(first), int(last))
    except (TypeError, ValueError, IndexError):
        pass
    raise ValueError(
        message(
            "Argument `profile_batch` is wrong.",
            expected="a number of a batch, counted from 1, or a pair of first and last; 0 for none",
            received=profile_batch,
        )
    )


def _as_images(value: np.ndarray) -> np.ndarray | None:
    """A weight as images of shape (batch, height, width, 1) in [0, 1]; None if it has too many axes."""
    value = np.squeeze(value)
    if value.ndim == 1:
        value = value[None, :]
    if value.ndim == 2:
        value = (value.T if value.shape[0] > value.shape[1] else value)[None]
    elif value.ndim == 3:
        value = np.moveaxis(value, -1, 0)
    if value.ndim != 3 or not value.size:
        return None
    low, high = value.min(), value.max()
    return ((value - low) / (high - low if high > low else 1.0))[..., None]

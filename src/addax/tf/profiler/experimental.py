"""`tf.profiler.experimental`: profiles for TensorBoard, taken by JAX's profiler."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from addax.core.errors import message
from addax.core.lazy import Namespace
from addax.engine._jax import jax
from addax.tf.errors import AlreadyExistsError, UnavailableError

__all__ = ["Profile", "ProfilerOptions", "Trace", "server", "start", "stop"]

_session: list[
    tuple[Path, set[Path]]
] = []  # where the profile that is being taken goes, and what was there before


class ProfilerOptions(NamedTuple):
    """What is recorded.

    Attributes:
        host_tracer_level: How much of the host's work: 0 nothing, 1 what users mark, 2 also the runtime, 3 all.
        python_tracer_level: 1 to record calls of Python functions.
        device_tracer_level: Accepted for TensorFlow's sake: devices are always recorded.
        delay_ms: Accepted for TensorFlow's sake: recording starts at once.
    """

    host_tracer_level: int = 2
    python_tracer_level: int = 0
    device_tracer_level: int = 1
    delay_ms: int | None = None


def start(logdir: str | os.PathLike[str], options: ProfilerOptions | None = None) -> None:
    """Begin to record a profile; `stop` writes it into `logdir/plugins/profile/<time>`.

    Args:
        logdir: The folder that TensorBoard is shown.
        options: What is recorded; the defaults of `ProfilerOptions` if None.

    Raises:
        AlreadyExistsError: If a profile is being recorded.
    """
    if _session:
        raise AlreadyExistsError(
            message(
                "A profile is being recorded already.", hint="Call tf.profiler.experimental.stop() first."
            )
        )
    wanted = ProfilerOptions() if options is None else options
    settings = jax.profiler.ProfileOptions()
    settings.host_tracer_level = wanted.host_tracer_level
    settings.python_tracer_level = wanted.python_tracer_level
    jax.profiler.start_trace(os.fspath(logdir), profiler_options=settings)
    _session.append((Path(logdir), _profiles(Path(logdir))))


def stop(save: bool = True) -> None:
    """End the recording.

    Args:
        save: Whether the profile is kept.

    Raises:
        UnavailableError: If none is being recorded.
    """
    if not _session:
        raise UnavailableError(
            message(
                "No profile is being recorded.", hint="Call tf.profiler.experimental.start(logdir) first."
            )
        )
    logdir, before = _session.pop()
    jax.profiler.stop_trace()
    if not save:
        for folder in _profiles(logdir) - before:
            shutil.rmtree(folder)


def _profiles(logdir: Path) -> set[Path]:
    return set(logdir.glob("plugins/profile/*"))


class Profile:
    """A `with` block that is profiled.

    Args:
        logdir: The folder that TensorBoard is shown.
        options: As for `start`.

    Example:
        >>> import tempfile, pathlib
        >>> import addax.tf as tf
        >>> logdir = tempfile.mkdtemp()
        >>> with tf.profiler.experimental.Profile(logdir):
        ...     total = tf.reduce_sum(tf.ones((4, 4)))
        >>> len(list(pathlib.Path(logdir).glob("plugins/profile/*/*.xplane.pb")))
        1
    """

    def __init__(self, logdir: str | os.PathLike[str], options: ProfilerOptions | None = None) -> None:
        self._logdir, self._options = logdir, options

    def __enter__(self) -> None:
        start(self._logdir, self._options)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        stop()


class Trace:
    """A `with` block that has a name in profiles.

    Args:
        name: The name.
        **kwargs: What is shown beside it. With `step_num=step, _r=1` the block is a step of training, which TensorBoard
            sums up by.
    """

    def __init__(self, name: str, **kwargs: Any) -> None:
        self._mark = jax.profiler.TraceAnnotation(name, **kwargs)

    def __enter__(self) -> Trace:
        self._mark.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._mark.__exit__(kind, error, trace)

    def set_metadata(self, **kwargs: Any) -> None:
        """Show more beside the name."""
        self._mark.set_metadata(**kwargs)


class server(Namespace):  # noqa: N801 - a namespace
    """Profiles taken on demand, by TensorBoard's button."""

    @staticmethod
    def start(port: int) -> None:
        """Listen for requests to profile this process.

        Args:
            port: Where to listen.
        """
        jax.profiler.start_server(int(port))

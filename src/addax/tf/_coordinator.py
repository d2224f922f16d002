"""`tf.train.Coordinator` and what waits for checkpoints."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from addax.core.errors import message
from addax.saving._checkpoint_state import latest_checkpoint


class Coordinator:
    """Lets threads stop together, and hands on what one of them raised.

    Args:
        clean_stop_exception_types: Exceptions that mean a regular end, such as `tf.errors.OutOfRangeError`, which is
            taken if None.

    Example:
        >>> import threading
        >>> import addax.tf as tf
        >>> coordinator = tf.train.Coordinator()
        >>> thread = threading.Thread(target=coordinator.wait_for_stop)
        >>> thread.start()
        >>> coordinator.request_stop()
        >>> coordinator.join([thread])
        >>> coordinator.should_stop(), coordinator.joined
        (True, True)
    """

    def __init__(self, clean_stop_exception_types: tuple | None = None) -> None:
        from addax.tf.errors import OutOfRangeError

        self._clean = (
            (OutOfRangeError,) if clean_stop_exception_types is None else tuple(clean_stop_exception_types)
        )
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._error: BaseException | None = None
        self._threads: set[threading.Thread] = set()
        self._joined = False

    def request_stop(self, ex: Any = None) -> None:
        """Ask all threads to stop.

        Args:
            ex: The exception that is the reason, or what `sys.exc_info()` gives; `join` raises it.
        """
        error = ex[1] if isinstance(ex, tuple) else ex
        with self._lock:
            if not self._stop.is_set() and error is not None and not isinstance(error, self._clean):
                self._error = error
            self._stop.set()

    def should_stop(self) -> bool:
        """Whether threads were asked to stop."""
        return self._stop.is_set()

    def clear_stop(self) -> None:
        """Forget that a stop was asked for, and why."""
        with self._lock:
            self._stop.clear()
            self._error, self._joined = None, False

    def wait_for_stop(self, timeout: float | None = None) -> bool:
        """Wait until a stop is asked for; gives whether it was.

        Args:
            timeout: Seconds to wait at most; for ever if None.
        """
        return self._stop.wait(timeout)

    def register_thread(self, thread: threading.Thread) -> None:
        """Have `join` wait for a thread."""
        self._threads.add(thread)

    @contextlib.contextmanager
    def stop_on_exception(self) -> Iterator[None]:
        """A `with` block in which an exception asks for a stop, and goes no further."""
        try:
            yield
        except Exception as error:
            self.request_stop(error)

    def join(
        self,
        threads: Iterable[threading.Thread] | None = None,
        stop_grace_period_secs: float = 120,
        ignore_live_threads: bool = False,
    ) -> None:
        """Wait for threads; from the moment that a stop is asked for, so many seconds.

        Args:
            threads: The threads, besides those that are registered.
            stop_grace_period_secs: How long they may take to stop.
            ignore_live_threads: Whether it does not matter if some run on.

        Raises:
            RuntimeError: If some do, and it matters.
            Exception: The one that `request_stop` was given.
        """
        waited = [*self._threads, *(threads or ())]
        while any(t.is_alive() for t in waited) and not self.wait_for_stop(0.05):
            pass
        end = time.monotonic() + stop_grace_period_secs
        for thread in waited:
            thread.join(max(0.0, end - time.monotonic()))
        self._joined = True
        self.raise_requested_exception()
        alive = [t.name for t in waited if t.is_alive()]
        if alive and not ignore_live_threads:
            raise RuntimeError(message("Threads did not stop.", received=", ".join(alive)))

    @property
    def joined(self) -> bool:
        """Whether `join` has ended."""
        return self._joined

    def raise_requested_exception(self) -> None:
        """Raise the exception that `request_stop` was given, if it was."""
        if self._error is not None:
            raise self._error


def checkpoints_iterator(
    checkpoint_dir: Any,
    min_interval_secs: float = 0,
    timeout: float | None = None,
    timeout_fn: Callable[[], bool] | None = None,
) -> Iterator[str]:
    """The checkpoints of a folder as they come, the latest one each time.

    Args:
        checkpoint_dir: The folder.
        min_interval_secs: Seconds from one to the next at least.
        timeout: Seconds to wait for a new one; for ever if None.
        timeout_fn: Asked when they are over whether there will be no more; if None there will not.
    """
    last: str | None = None
    while True:
        begun = time.monotonic()
        while (found := latest_checkpoint(checkpoint_dir)) in (None, last):
            if timeout is not None and time.monotonic() - begun >= timeout:
                break
            time.sleep(min(1.0, timeout) if timeout is not None else 1.0)
        if found is None or found == last:
            if timeout_fn is None or timeout_fn():
                return
            continue
        last = found
        yield found
        time.sleep(max(0.0, begun + min_interval_secs - time.monotonic()))


class ClusterSpec:
    """The addresses of the processes of several jobs.

    Args:
        cluster: Job -> a list of addresses, or a dict of addresses by number; or another `ClusterSpec`.

    Raises:
        TypeError: If it is none of these.

    Example:
        >>> import addax.tf as tf
        >>> cluster = tf.train.ClusterSpec({"worker": ["a:1", "b:2"], "ps": {3: "c:3"}})
        >>> cluster.jobs, cluster.num_tasks("worker"), cluster.task_address("ps", 3)
        (['ps', 'worker'], 2, 'c:3')
    """

    def __init__(self, cluster: Any) -> None:
        given = cluster._tasks if isinstance(cluster, ClusterSpec) else cluster
        if not isinstance(given, dict) or not all(isinstance(v, (list, tuple, dict)) for v in given.values()):
            raise TypeError(
                message("A cluster is a dict.", expected='{"worker": ["host:port", ...]}', received=cluster)
            )
        self._tasks: dict[str, dict[int, str]] = {
            job: dict(sorted(tasks.items())) if isinstance(tasks, dict) else dict(enumerate(tasks))
            for job, tasks in given.items()
        }

    @property
    def jobs(self) -> list[str]:
        """The names of the jobs."""
        return sorted(self._tasks)

    def num_tasks(self, job_name: str) -> int:
        """The number of processes of a job."""
        return len(self._of(job_name))

    def task_indices(self, job_name: str) -> list[int]:
        """The numbers of the processes of a job."""
        return list(self._of(job_name))

    def task_address(self, job_name: str, task_index: int) -> str:
        """The address of a process.

        Raises:
            ValueError: If there is no such process.
        """
        tasks = self._of(job_name)
        if task_index not in tasks:
            raise ValueError(
                message(
                    f"Job '{job_name}' has no such task.",
                    expected=f"one of {list(tasks)}",
                    received=task_index,
                )
            )
        return tasks[task_index]

    def job_tasks(self, job_name: str) -> list[str | None]:
        """The addresses of a job by number; None for numbers that are missing."""
        tasks = self._of(job_name)
        return [tasks.get(i) for i in range(max(tasks, default=-1) + 1)]

    def as_dict(self) -> dict[str, Any]:
        """Job -> addresses, as the constructor takes them."""
        return {
            job: list(tasks.values()) if list(tasks) == list(range(len(tasks))) else dict(tasks)
            for job, tasks in self._tasks.items()
        }

    def _of(self, job: str) -> dict[int, str]:
        if job not in self._tasks:
            raise ValueError(message("There is no such job.", expected=f"one of {self.jobs}", received=job))
        return self._tasks[job]

    def __bool__(self) -> bool:
        return bool(self._tasks)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, ClusterSpec) and self._tasks == other._tasks

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return f"ClusterSpec({dict(sorted(self.as_dict().items()))!r})"

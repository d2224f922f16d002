"""`prefetch`: a thread that keeps some elements ready.

Where whoever takes the elements does nothing but wait for them, the thread gains nothing, and changing threads costs a
tenth of a millisecond for each element: so the taker computes them itself, until it takes its time again (`_Pace`).
"""

from __future__ import annotations

import atexit
import contextvars
import math
import threading
import time
import weakref
from collections import deque
from typing import Any

from addax.data import _nest
from addax.data._batch import BatchNode
from addax.data._node import Cursor, Node, Plan, Positional, walk
from addax.data._state import still

_AUTO = 2  # elements kept ready for AUTOTUNE: one in use by the host, one on its way to the device
_SMALL = 1 << 16  # bytes
_SPAN = 8  # elements, after which is decided anew who computes them
# How many times longer the taker waits than it works, for it to begin and to go on computing.
_TAKE, _LEAVE = 10, 4
_open: weakref.WeakSet[_Channel] = weakref.WeakSet()


class PrefetchNode(Positional):
    """The input, up to `size` elements ahead; -1 for a size of our choice.

    Args:
        node: The input.
        size: Elements kept ready.
    """

    label = "Prefetch"

    def __init__(self, node: Node, size: int) -> None:
        self.inputs = (node,)
        self.size = _AUTO if size < 0 else size

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        child = self.input.start()
        return _Prefetch(child, self.size) if self.size else child

    def start(self) -> Cursor:
        """See `Node.start`: a plan is run by the thread too, unless to gather takes less than to change threads."""
        plan = None if self.input.settles else self.input.plan()
        return self.cursor() if plan is None or _bytes(plan) > _SMALL else plan.start()

    def plan(self) -> Plan | None:
        """See `Node.plan`: what stands on this node gathers for itself."""
        return self.input.plan()


def _bytes(plan: Plan) -> int:
    """The size of an element of a plan."""
    rows = math.prod(node.size for node in walk(plan.indices) if isinstance(node, BatchNode))
    return rows * sum(leaf[:1].nbytes for leaf in _nest.flatten(plan.arrays))


class _Channel:
    """What thread and cursor share. It holds no reference to the cursor: dropping that ends the thread."""

    def __init__(self, child: Cursor, size: int, items: deque, context: contextvars.Context) -> None:
        self.child, self.size, self.items = child, size, items
        self.changed = threading.Condition()
        self.producing = (
            threading.Lock()
        )  # held while the input moves, so that a state falls between two elements
        self.stopped = self.ended = False
        self.thread = threading.Thread(
            target=context.copy().run, args=(_produce, self), name="addax-prefetch", daemon=True
        )

    def stop(self) -> None:
        with self.changed:
            self.stopped = True
            self.changed.notify_all()

    def join(self, timeout: float | None = None) -> None:
        self.stop()
        if self.thread.is_alive() and self.thread is not threading.current_thread():
            self.thread.join(timeout)


def _produce(channel: _Channel) -> None:
    while True:
        with channel.changed:
            while len(channel.items) >= channel.size and not channel.stopped:
                channel.changed.wait()
        with channel.producing:
            if channel.stopped:
                return
            item: Any = None
            try:
                item = channel.child.next()
            except StopIteration:
                channel.ended = True
            except BaseException as error:  # it belongs to the thread that takes the elements
                item = _Failed(error)
            with channel.changed:
                if not channel.ended:
                    channel.items.append(item)
                channel.changed.notify_all()
            if channel.ended:
                return
            del item  # the queue alone holds it while this thread waits


class _Failed:
    """An error in the place of an element."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


class _Pace:
    """Whether the taker of elements only waits for them, by some elements at a time."""

    def __init__(self) -> None:
        self.alone = False  # whether the taker computes the elements
        self.count, self.own, self.waited, self.left = 0, 0.0, 0.0, math.inf

    def note(self, entered: float) -> None:
        """Note that an element was asked for at a time and is there now."""
        now = time.perf_counter()
        self.own += max(0.0, entered - self.left)
        self.waited += now - entered
        self.left = now
        self.count += 1
        if self.count == _SPAN:
            self.alone = self.own * (_LEAVE if self.alone else _TAKE) < self.waited
            self.count, self.own, self.waited = 0, 0.0, 0.0


class _Prefetch(Cursor):
    def __init__(self, child: Cursor, size: int) -> None:
        self.size = size
        self.pace = _Pace()
        self.context = contextvars.copy_context()
        self._connect(child, deque())

    def _connect(self, child: Cursor, items: deque) -> None:
        self.channel = _Channel(child, self.size, items, self.context)
        self.finalizer = weakref.finalize(self, self.channel.stop)
        self.finalizer.atexit = False
        self.started = False

    def next(self) -> Any:
        entered = time.perf_counter()
        item = self._made() if self.pace.alone else self._taken()
        self.pace.note(entered)
        if isinstance(item, _Failed):
            raise item.error
        return item

    def _made(self) -> Any:
        """An element that is left of the thread's, or one that is computed now."""
        if self.started:
            self._end_thread()
        channel = self.channel
        with channel.producing:
            if channel.items:
                return channel.items.popleft()
            if channel.ended:
                raise StopIteration
            try:
                return self.context.run(channel.child.next)
            except StopIteration:
                channel.ended = True
                raise

    def _end_thread(self) -> None:
        old = self.channel
        old.join()
        self.finalizer.detach()
        self._connect(old.child, old.items)
        self.channel.ended = old.ended

    def _taken(self) -> Any:
        """The next element of the thread."""
        channel = self.channel
        if not self.started:
            self.started = True
            _open.add(channel)
            channel.thread.start()
        with channel.changed:
            while not channel.items and not channel.ended:
                channel.changed.wait()
            if not channel.items:
                raise StopIteration
            item = channel.items.popleft()
            channel.changed.notify_all()
        return item

    def get_state(self) -> Any:
        channel = self.channel
        with still(channel.producing), channel.changed:
            ready = [item for item in channel.items if not isinstance(item, _Failed)]
            return {"ready": ready, "input": channel.child.get_state()}

    def set_state(self, state: Any) -> None:
        self.finalizer.detach()
        if self.started:
            self.channel.join()
        child = self.channel.child
        child.set_state(state["input"])
        self._connect(child, deque(state["ready"]))


@atexit.register
def _stop_all() -> None:
    """End the threads before the interpreter takes the modules away from under them."""
    for channel in list(_open):
        channel.join(timeout=1.0)

"""What is in a queue of `tf.queue`, and the threads that wait for it."""

from __future__ import annotations

import heapq
import itertools
import random
import threading
from collections import deque
from collections.abc import Sequence
from typing import Any

from addax.core.errors import message
from addax.engine._errors import OutOfRangeError
from addax.tf.errors import CancelledError


class Store:
    """What is in a queue, and who waits for it.

    Args:
        capacity: The most elements; without an end if negative.
        items: What keeps the elements, with `put`, `take` and a length.
        reserve: How many elements stay in an open queue.
    """

    def __init__(self, capacity: int, items: Any, reserve: int = 0) -> None:
        self.capacity, self.items, self.reserve = capacity, items, reserve
        self.closed = self.cancelled = False
        self.changed = threading.Condition()
        self._waiting = 0  # elements on their way in
        self._putting, self._taking = (
            threading.Lock(),
            threading.Lock(),
        )  # one call after the other, each as a whole

    def put(self, elements: Sequence) -> None:
        """Put elements in, in this order; wait for room.

        Raises:
            CancelledError: If the queue is closed, or is closed meanwhile and nobody is to wait.
        """
        with self.changed:
            if self.closed:
                raise CancelledError(
                    message("The queue is closed.", hint="Enqueue before close() is called.")
                )
            self._waiting += len(elements)
        left = len(elements)
        with self._putting, self.changed:
            try:
                for element in elements:
                    self.changed.wait_for(self._has_room)
                    if self.cancelled:
                        raise CancelledError(
                            message("The queue was closed while an element waited for room.")
                        )
                    self.items.put(element)
                    left -= 1
                    self._waiting -= 1
                    self.changed.notify_all()
            finally:
                self._waiting -= left
                self.changed.notify_all()

    def _has_room(self) -> bool:
        return self.cancelled or self.capacity < 0 or len(self.items) < self.capacity

    def take(self, count: int, less: bool) -> list:
        """The next elements; wait for them. Of a closed queue fewer, if `less` allows it.

        Raises:
            OutOfRangeError: If the queue is closed and has too few; it keeps those that it has.
        """
        found: list = []
        with self._taking, self.changed:
            while len(found) < count:
                if self._too_few(count - len(found)) and not (less and (len(self.items) or self._waiting)):
                    if less and found:
                        break
                    have = len(found) + len(self.items)
                    for element in reversed(found):
                        self.items.put_back(element)
                    raise OutOfRangeError(
                        message(
                            "The queue is closed and has too few elements.", expected=count, received=have
                        )
                    )
                if len(self.items) > (0 if self.closed else self.reserve):
                    found.append(self.items.take())
                    self.changed.notify_all()
                else:
                    self.changed.wait()
        return found

    def _too_few(self, count: int) -> bool:
        """Whether a closed queue has, and will get, fewer elements than these."""
        return self.closed and len(self.items) + self._waiting < count

    def close(self, cancel: bool) -> None:
        """Let nothing more in; `cancel` also those that wait for room.

        Raises:
            CancelledError: If it is closed already.
        """
        with self.changed:
            if self.closed and not (cancel and not self.cancelled):
                raise CancelledError(message("The queue is closed already."))
            self.closed = True
            self.cancelled = self.cancelled or cancel
            self.changed.notify_all()


class FirstIn(deque):
    put, take, put_back = deque.append, deque.popleft, deque.appendleft


class Shuffled(list):
    """Elements that come out in a random order."""

    def __init__(self, seed: int | None) -> None:
        super().__init__()
        self._draw = random.Random(seed)

    def take(self) -> Any:
        at = self._draw.randrange(len(self))
        self[at], self[-1] = self[-1], self[at]
        return self.pop()

    put = put_back = list.append


class Least(list):
    """Elements of which that with the smallest first part comes out, of equal ones the first that came."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count()
        self._first = itertools.count(-1, -1)

    def put(self, element: Any) -> None:
        heapq.heappush(self, (int(element[0]), next(self._numbers), element))

    def put_back(self, element: Any) -> None:
        heapq.heappush(self, (int(element[0]), next(self._first), element))

    def take(self) -> Any:
        return heapq.heappop(self)[-1]


_shared: dict[tuple[str, str], Store] = {}


def store_of(kind: str, shared_name: str | None, capacity: Any, items: Any, reserve: int = 0) -> Store:
    """What holds a queue's elements: that of the first queue of this kind and shared name, if there is one."""
    made = Store(int(capacity), items, reserve)
    return _shared.setdefault((kind, shared_name), made) if shared_name else made


__all__ = ["FirstIn", "Least", "Shuffled", "Store", "store_of"]

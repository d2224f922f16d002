"""`tf.queue`: queues of tensors between threads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from addax import ops
from addax.core import dtypes as kinds
from addax.core.errors import message
from addax.engine import Tensor, TensorShape
from addax.tf._queue_store import FirstIn, Least, Shuffled, store_of


class QueueBase:
    """What queues have in common: elements of one or more tensors, which threads put in and take out.

    Make a `FIFOQueue`, `PaddingFIFOQueue`, `PriorityQueue` or `RandomShuffleQueue`. Queues are for code that runs
    as it is written; compiled code holds them outside of it.

    Args:
        dtypes: The dtype of each tensor of an element.
        shapes: Their shapes; None if they are not known.
        names: Their names, or None. Elements of named tensors are dicts.
        queue_ref: What holds the elements.
    """

    _partial = False

    def __init__(self, dtypes: Any, shapes: Any, names: Any, queue_ref: Any) -> None:
        self._dtypes = [kinds.standardize(d) for d in _list(dtypes)]
        if not self._dtypes:
            raise ValueError(message("A queue has no dtypes.", expected="at least one"))
        self._shapes = _shapes(shapes, len(self._dtypes), self._partial)
        self._names = None if names is None else [names] if isinstance(names, str) else list(names)
        if self._names is not None and len(self._names) != len(self._dtypes):
            raise ValueError(
                message(
                    "A queue has as many names as dtypes.",
                    expected=len(self._dtypes),
                    received=f"{len(self._names)} names",
                )
            )
        self._store = queue_ref

    @staticmethod
    def from_list(index: Any, queues: Sequence[Any]) -> QueueBase:
        """One of several queues of the same kind.

        Args:
            index: Its number.
            queues: The queues.

        Raises:
            TypeError: If they are no queues, or their dtypes or names differ.
            IndexError: If there are fewer.
        """
        if not queues or not all(isinstance(q, QueueBase) for q in queues):
            raise TypeError(message("from_list() takes a list of queues.", received=queues))
        first = queues[0]
        if any(q.dtypes != first.dtypes or q.names != first.names for q in queues):
            raise TypeError(message("The queues differ in their dtypes or names."))
        number = int(index)
        if not 0 <= number < len(queues):
            raise IndexError(
                message("There is no such queue.", expected=f"0 to {len(queues) - 1}", received=number)
            )
        return queues[number]

    @property
    def queue_ref(self) -> Any:
        """What holds the elements."""
        return self._store

    @property
    def name(self) -> str:
        """The name."""
        return self._name

    _name = "queue"

    @property
    def dtypes(self) -> list:
        """The dtype of each tensor of an element."""
        return list(self._dtypes)

    @property
    def shapes(self) -> list:
        """The shape of each tensor of an element; None for each if none was given."""
        return list(self._shapes) if self._shapes else [None] * len(self._dtypes)

    @property
    def names(self) -> list | None:
        """The name of each tensor of an element, or None."""
        return self._names

    def enqueue(self, vals: Any, name: str | None = None) -> None:
        """Put one element in; waits until there is room.

        Args:
            vals: A tensor, a list of one for each dtype, or a dict if they are named.
            name: Accepted for TensorFlow's sake.

        Raises:
            CancelledError: If the queue is closed.
            ValueError: If the tensors have other shapes, or their number or names are wrong.
        """
        parts = self._parts(vals)
        for part, shape in zip(parts, self._shapes or (), strict=False):
            _fits(part.shape, shape)
        self._store.put([tuple(parts)])

    def enqueue_many(self, vals: Any, name: str | None = None) -> None:
        """Put the rows of tensors in, each as an element; waits until there is room.

        Args:
            vals: A tensor, a list of one for each dtype, or a dict if they are named; each with as many rows.
            name: Accepted for TensorFlow's sake.

        Raises:
            CancelledError: If the queue is closed, before or meanwhile with `cancel_pending_enqueues`.
            ValueError: If the rows have other shapes, or their number or names are wrong.
        """
        parts = self._parts(vals)
        sizes = [part.shape[0] if part.ndim else None for part in parts]
        if None in sizes or len(set(sizes)) > 1:
            raise ValueError(
                message(
                    "enqueue_many() takes tensors of as many rows.", received=[part.shape for part in parts]
                )
            )
        for part, shape in zip(parts, self._shapes or (), strict=False):
            _fits(part.shape[1:], shape)
        self._store.put([tuple(part[i, ...] for part in parts) for i in range(sizes[0] or 0)])

    def dequeue(self, name: str | None = None) -> Any:
        """Take one element out; waits until there is one.

        Args:
            name: Accepted for TensorFlow's sake.

        Returns:
            A tensor, a list of them if there are several, a dict if they are named.

        Raises:
            OutOfRangeError: If the queue is closed and empty.
        """
        (found,) = self._store.take(1, less=False)
        return self._given([_tensor(part) for part in found])

    def dequeue_many(self, n: Any, name: str | None = None) -> Any:
        """Take elements out, joined along a new first axis; waits until there are as many.

        Args:
            n: How many.
            name: Accepted for TensorFlow's sake.

        Raises:
            OutOfRangeError: If the queue is closed and has fewer.
            ValueError: If `n` is negative, or the queue was made without shapes.
        """
        return self._several(n, less=False)

    def dequeue_up_to(self, n: Any, name: str | None = None) -> Any:
        """Take elements out, joined along a new first axis; fewer if the queue is closed and has fewer.

        Args:
            n: How many at most.
            name: Accepted for TensorFlow's sake.

        Raises:
            OutOfRangeError: If the queue is closed and empty.
            ValueError: If `n` is negative, or the queue was made without shapes.
        """
        return self._several(n, less=True)

    def close(self, cancel_pending_enqueues: bool = False, name: str | None = None) -> None:
        """Let nothing more in; what is in can still be taken out.

        Args:
            cancel_pending_enqueues: Whether those that wait for room fail, rather than come in when there is some.
            name: Accepted for TensorFlow's sake.

        Raises:
            CancelledError: If it is closed already.
        """
        self._store.close(bool(cancel_pending_enqueues))

    def is_closed(self, name: str | None = None) -> Tensor:
        """Whether the queue is closed, a boolean tensor."""
        return ops.convert_to_tensor(self._store.closed)

    def size(self, name: str | None = None) -> Tensor:
        """How many elements are in the queue, an int32 tensor."""
        return ops.convert_to_tensor(np.int32(len(self._store.items)))

    def _parts(self, vals: Any) -> list[np.ndarray]:
        """The tensors of an element as arrays."""
        if self._names is not None:
            if not isinstance(vals, dict) or sorted(vals) != sorted(self._names):
                raise ValueError(
                    message(
                        "The names of the element are wrong.",
                        expected=f"a dict of {self._names}",
                        received=sorted(vals) if isinstance(vals, dict) else type(vals).__name__,
                    )
                )
            vals = [vals[key] for key in self._names]
        elif isinstance(vals, dict):
            raise ValueError(message("The queue has no names.", received="a dict", hint="Pass names=."))
        given = list(vals) if isinstance(vals, (list, tuple)) else [vals]
        if len(given) != len(self._dtypes):
            raise ValueError(
                message(
                    "An element has another number of tensors.",
                    expected=len(self._dtypes),
                    received=len(given),
                )
            )
        return [_array(value, dtype) for value, dtype in zip(given, self._dtypes, strict=True)]

    def _given(self, parts: list) -> Any:
        if self._names is not None:
            return dict(zip(self._names, parts, strict=True))
        return parts[0] if len(parts) == 1 else parts

    def _several(self, n: Any, less: bool) -> Any:
        count = int(n)
        if count < 0:
            raise ValueError(message("`n` is negative.", expected="0 or more", received=count))
        if self._shapes is None:
            raise ValueError(
                message(
                    "Elements are joined only if their shapes are known.",
                    hint="Make the queue with shapes=, or dequeue() one at a time.",
                )
            )
        rows = self._store.take(count, less)
        columns = [[row[k] for row in rows] for k in range(len(self._dtypes))]
        joined = zip(columns, self._shapes, self._dtypes, strict=True)
        return self._given([_tensor(_joined(*column)) for column in joined])


def _list(value: Any) -> list:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _shapes(shapes: Any, count: int, partial: bool) -> list[TensorShape] | None:
    if shapes is None:
        if partial:
            raise ValueError(message("A PaddingFIFOQueue needs the shapes.", expected=f"{count} shapes"))
        return None
    if isinstance(shapes, TensorShape) or (not shapes and count) or isinstance(shapes[0], (int, type(None))):
        shapes = [shapes]
    found = [TensorShape(s) for s in shapes]
    if len(found) != count:
        raise ValueError(
            message("A queue has as many shapes as dtypes.", expected=count, received=f"{len(found)} shapes")
        )
    if any(s.rank is None or (None in s.as_list() and not partial) for s in found):
        raise ValueError(
            message(
                "The shapes of the queue are not known.",
                received=found,
                hint=None if partial else "Use a PaddingFIFOQueue for sizes of None.",
            )
        )
    return found


def _fits(shape: tuple, wanted: TensorShape) -> None:
    if not wanted.is_compatible_with(shape):
        raise ValueError(message("A tensor has another shape.", expected=wanted, received=shape))


def _array(value: Any, dtype: Any) -> np.ndarray:
    try:
        found = ops.convert_to_tensor(value)
        name, wanted = found.dtype.name, kinds.narrow(dtype.name)
        if kinds.narrow(name) != wanted:
            if isinstance(value, (Tensor, np.ndarray)) and name != "float64" or not _harmless(found, wanted):
                raise TypeError
            found = ops.convert_to_tensor(value, dtype)
        return np.asarray(found)
    except (TypeError, ValueError):
        raise TypeError(message("A tensor has another dtype.", expected=dtype.name, received=value)) from None


def _harmless(found: Tensor, wanted: str) -> bool:
    """Whether Python's numbers become those of a dtype: any of floats, integers of integers."""
    name = found.dtype.name
    return "string" not in (name, wanted) and ("float" in wanted or ("int" in wanted and "int" in name))


def _tensor(array: np.ndarray) -> Tensor:
    return Tensor(array) if array.dtype == object else ops.convert_to_tensor(array)


def _joined(rows: list[np.ndarray], shape: TensorShape, dtype: Any) -> np.ndarray:
    """Arrays of one rank along a new axis, filled up to the largest with zeros or empty strings."""
    sizes = [
        max((row.shape[k] for row in rows), default=0) if size is None else size
        for k, size in enumerate(shape.as_list())
    ]
    text = dtype == "string"
    kind: Any = object if text else rows[0].dtype if rows else kinds.numpy_dtype(kinds.narrow(dtype.name))
    full = np.full((len(rows), *sizes), b"" if text else 0, kind)
    for out, row in zip(full, rows, strict=True) if sizes else ():
        out[tuple(map(slice, row.shape))] = row
    if not sizes:
        full[:] = [row[()] for row in rows]
    return full


class FIFOQueue(QueueBase):
    """A queue whose elements come out in the order in which they came in.

    Args:
        capacity: The most elements; without an end if negative.
        dtypes: The dtype of each tensor of an element.
        shapes: Their shapes, which `dequeue_many` needs.
        names: Their names; elements are dicts then.
        shared_name: Queues made with the same one have the same elements.
        name: The name.

    Raises:
        ValueError: If there are not as many shapes or names as dtypes, or a size is None.

    Example:
        >>> import addax.tf as tf
        >>> queue = tf.queue.FIFOQueue(10, tf.int32, shapes=[()])
        >>> queue.enqueue_many([[1, 2, 3]])
        >>> int(queue.dequeue()), queue.dequeue_many(2).numpy().tolist()
        (1, [2, 3])
    """

    def __init__(
        self,
        capacity: int,
        dtypes: Any,
        shapes: Any = None,
        names: Any = None,
        shared_name: str | None = None,
        name: str = "fifo_queue",
    ) -> None:
        super().__init__(dtypes, shapes, names, store_of("fifo", shared_name, capacity, FirstIn()))
        self._name = name


class PaddingFIFOQueue(QueueBase):
    """A `FIFOQueue` whose elements differ in size; those taken out together are filled up to the largest.

    Args:
        capacity: The most elements; without an end if negative.
        dtypes: The dtype of each tensor of an element.
        shapes: Their shapes, None for a size that differs.
        names: Their names; elements are dicts then.
        shared_name: Queues made with the same one have the same elements.
        name: The name.

    Raises:
        ValueError: If there are not as many shapes or names as dtypes.

    Example:
        >>> import addax.tf as tf
        >>> queue = tf.queue.PaddingFIFOQueue(10, tf.int32, [(None,)])
        >>> queue.enqueue([[1]])
        >>> queue.enqueue([[2, 3]])
        >>> queue.dequeue_many(2).numpy().tolist()
        [[1, 0], [2, 3]]
    """

    _partial = True

    def __init__(
        self,
        capacity: int,
        dtypes: Any,
        shapes: Any,
        names: Any = None,
        shared_name: str | None = None,
        name: str = "padding_fifo_queue",
    ) -> None:
        super().__init__(dtypes, shapes, names, store_of("padding", shared_name, capacity, FirstIn()))
        self._name = name


class RandomShuffleQueue(QueueBase):
    """A queue whose elements come out in a random order.

    Args:
        capacity: The most elements; without an end if negative.
        min_after_dequeue: How many elements stay in it while it is open, so that there is something to choose from.
        dtypes: The dtype of each tensor of an element.
        shapes: Their shapes, which `dequeue_many` needs.
        names: Their names; elements are dicts then.
        seed: An integer for an order that repeats from run to run; it is not that of TensorFlow.
        shared_name: Queues made with the same one have the same elements.
        name: The name.

    Raises:
        ValueError: If `min_after_dequeue` is not below the capacity, or as `FIFOQueue` raises it.

    Example:
        >>> import addax.tf as tf
        >>> queue = tf.queue.RandomShuffleQueue(10, 0, tf.int32, shapes=[()], seed=1)
        >>> queue.enqueue_many([[1, 2, 3]])
        >>> sorted(queue.dequeue_many(3).numpy().tolist())
        [1, 2, 3]
    """

    def __init__(
        self,
        capacity: int,
        min_after_dequeue: int,
        dtypes: Any,
        shapes: Any = None,
        names: Any = None,
        seed: int | None = None,
        shared_name: str | None = None,
        name: str = "random_shuffle_queue",
    ) -> None:
        least = int(min_after_dequeue)
        if least < 0 or 0 <= int(capacity) <= least:
            raise ValueError(
                message(
                    "`min_after_dequeue` is wrong.", expected=f"0 or more, below {capacity}", received=least
                )
            )
        store = store_of("random", shared_name, capacity, Shuffled(seed), least)
        super().__init__(dtypes, shapes, names, store)
        self._name = name


class PriorityQueue(QueueBase):
    """A queue of which the element with the smallest number comes out.

    Args:
        capacity: The most elements; without an end if negative.
        types: The dtypes of the tensors of an element behind the first, which is its number, int64.
        shapes: Their shapes, which `dequeue_many` needs.
        names: The names of all tensors, the first included; elements are dicts then.
        shared_name: Queues made with the same one have the same elements.
        name: The name.

    Raises:
        ValueError: As `FIFOQueue` raises it.

    Example:
        >>> import addax.tf as tf
        >>> queue = tf.queue.PriorityQueue(10, tf.string, shapes=[()])
        >>> queue.enqueue_many(([3, 1], ["later", "sooner"]))
        >>> queue.dequeue()[1].numpy()
        b'sooner'
    """

    def __init__(
        self,
        capacity: int,
        types: Any,
        shapes: Any = None,
        names: Any = None,
        shared_name: str | None = None,
        name: str = "priority_queue",
    ) -> None:
        own = _list(types)
        inner = None if shapes is None else _shapes(shapes, len(own), False) if own else []
        every = None if inner is None else [TensorShape([]), *inner]
        super().__init__(["int64", *own], every, names, store_of("priority", shared_name, capacity, Least()))
        self._name = name

    def enqueue(self, vals: Any, name: str | None = None) -> None:
        """Put one element in, its number first; see `QueueBase.enqueue`."""
        number = self._parts(vals)[0]
        _fits(number.shape, TensorShape([]))
        super().enqueue(vals, name)


__all__ = ["FIFOQueue", "PaddingFIFOQueue", "PriorityQueue", "QueueBase", "RandomShuffleQueue"]

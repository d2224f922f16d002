"""`Dataset`: a pipeline of elements, described step by step and run when it is iterated over."""

from __future__ import annotations

from typing import Any

from addax.core.errors import message
from addax.data._arguments import integer
from addax.data._batched import Batched
from addax.data._checks import IgnoreErrorsNode
from addax.data._fold import UniqueNode
from addax.data._group import dataset_node
from addax.data._join import ConcatenateNode, ZipNode
from addax.data._options import Options, OptionsNode
from addax.data._prefetch import PrefetchNode
from addax.data._random import seed_of
from addax.data._range import RangeNode
from addax.data._repeat import RepeatNode
from addax.data._shuffle import ShuffleNode
from addax.data._slice import ShardNode, SkipNode, TakeNode


class Dataset(Batched):
    """A sequence of elements, nests (tuples and dicts) of tensors; public as `tf.data.Dataset`.

    Each method gives a new dataset. Nothing runs before the dataset is iterated over, except that the
    functions of `map` and its like are traced once, when they are given, to learn the shapes and dtypes of
    their results.

    A function is traced if it can be: then it is compiled, and run on many elements at once where nobody can
    tell the difference. If it needs values (Python conditions, `.numpy()`) or takes strings, it is called on
    each element.

    Elements of arrays that are only shuffled, repeated, batched, ... are not moved one by one: the pipeline
    runs over their numbers, and each batch is one gather.

    Example:
        >>> from addax.data import Dataset
        >>> ds = Dataset.range(5).map(lambda x: x * 2).batch(2)
        >>> [batch.numpy().tolist() for batch in ds]
        [[0, 2], [4, 6], [8]]
    """

    __slots__ = ()

    # Order and choice ------------------------------------------------------------------------------------
    def shuffle(
        self,
        buffer_size: Any,
        seed: Any = None,
        reshuffle_each_iteration: bool | None = True,
        name: str | None = None,
    ) -> Dataset:
        """The elements in random order, drawn from a buffer that is filled up as they leave.

        Args:
            buffer_size: The number of elements in the buffer; the order is wholly random if all fit in.
            seed: An integer that fixes the orders; drawn from Python's `random` if None.
            reshuffle_each_iteration: Whether each iteration has another order.
            name: Accepted for TensorFlow's sake.

        Raises:
            ValueError: If the buffer has no place.

        Example:
            >>> from addax.data import Dataset
            >>> ds = Dataset.range(4).shuffle(4, seed=1)
            >>> sorted(int(x) for x in ds), [int(x) for x in ds] == [int(x) for x in ds]
            ([0, 1, 2, 3], False)
        """
        reshuffle = reshuffle_each_iteration is None or bool(reshuffle_each_iteration)
        size = integer(buffer_size, "buffer_size")
        if size == -2:  # UNKNOWN_CARDINALITY asks for a buffer of everything
            size = 2**62
        return Dataset(ShuffleNode(self._node, integer(size, "buffer_size", 1), seed_of(seed), reshuffle))

    def repeat(self, count: Any = None, name: str | None = None) -> Dataset:
        """The dataset `count` times in a row, for ever if it is None or -1."""
        return Dataset(RepeatNode(self._node, -1 if count is None else integer(count, "count")))

    def take(self, count: Any, name: str | None = None) -> Dataset:
        """The first `count` elements; all of them for -1."""
        return Dataset(TakeNode(self._node, integer(count, "count")))

    def skip(self, count: Any, name: str | None = None) -> Dataset:
        """All but the first `count` elements; none of them for -1."""
        return Dataset(SkipNode(self._node, integer(count, "count")))

    def shard(self, num_shards: Any, index: Any, name: str | None = None) -> Dataset:
        """Every `num_shards`-th element, beginning with number `index`.

        Raises:
            ValueError: If `index` is not from 0 to `num_shards - 1`.
        """
        count, index = integer(num_shards, "num_shards", 1), integer(index, "index", 0)
        if index >= count:
            raise ValueError(
                message(
                    "Argument `index` is too large.", expected=f"from 0 to {count - 1}", received=f"{index}"
                )
            )
        return Dataset(ShardNode(self._node, count, index))

    def concatenate(self, dataset: Any, name: str | None = None) -> Dataset:
        """The elements of this dataset, then those of another.

        Args:
            dataset: The other one, with elements of the same nest and dtypes.
            name: Accepted for TensorFlow's sake.

        Raises:
            TypeError: If their nests or dtypes differ.
        """
        return Dataset(ConcatenateNode(self._node, dataset_node(dataset, "What concatenate() appends")))

    def enumerate(self, start: Any = 0, name: str | None = None) -> Dataset:
        """Pairs of a number, an int64 scalar counted from `start`, and an element."""
        return Dataset(ZipNode((RangeNode(integer(start, "start"), None), self._node), "Enumerate"))

    def unique(self, name: str | None = None) -> Dataset:
        """The elements without those that came before."""
        return Dataset(UniqueNode(self._node))

    # Running ---------------------------------------------------------------------------------------------
    def prefetch(self, buffer_size: Any, name: str | None = None) -> Dataset:
        """The same elements, up to `buffer_size` of them kept ready by a thread; `AUTOTUNE` chooses a number.

        An error of the pipeline arrives with its own traceback. The thread ends when the iterator is dropped. Small
        batches of arrays are gathered when they are asked for, which takes less time than to change threads.
        """
        return Dataset(PrefetchNode(self._node, integer(buffer_size, "buffer_size", -1)))

    def ignore_errors(self, log_warning: bool = False, name: str | None = None) -> Dataset:
        """The elements that can be computed; the others are passed over, and logged if `log_warning`."""
        return Dataset(IgnoreErrorsNode(self._node, log_warning))

    def with_options(self, options: Options, name: str | None = None) -> Dataset:
        """The same elements, with options.

        Raises:
            TypeError: If `options` is no `Options`.
        """
        if not isinstance(options, Options):
            raise TypeError(message("with_options() takes tf.data.Options.", received=options))
        return Dataset(OptionsNode(self._node, options))

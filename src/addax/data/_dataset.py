"""`Dataset`: a pipeline of elements, described step by step and run when it is iterated over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addax.core.errors import message
from addax.data._arguments import integer
from addax.data._batch import BatchNode, RaggedBatchNode, RebatchNode, UnbatchNode
from addax.data._checks import IgnoreErrorsNode
from addax.data._flat_map import FlatMapNode
from addax.data._fold import ScanNode, UniqueNode, reduce
from addax.data._function import to_user
from addax.data._group import BucketNode, by_window, dataset_node
from addax.data._join import ConcatenateNode, ZipNode
from addax.data._map import FilterNode, MapNode
from addax.data._options import Options, OptionsNode
from addax.data._padded_batch import PaddedBatchNode
from addax.data._prefetch import PrefetchNode
from addax.data._random import seed_of
from addax.data._range import RangeNode
from addax.data._repeat import RepeatNode
from addax.data._resample import ResampleNode
from addax.data._shuffle import ShuffleNode
from addax.data._slice import ShardNode, SkipNode, TakeNode
from addax.data._stored import Stored
from addax.data._window import WindowNode

_CYCLE = 8  # datasets that interleave() keeps open if it is not told


class Dataset(Stored):
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

    # Functions of elements -------------------------------------------------------------------------------
    def map(
        self,
        map_func: Callable,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        synchronous: bool | None = None,
        use_unbounded_threadpool: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """The result of a function for each element.

        Random operations in the function give other numbers for each element and each iteration.

        Args:
            map_func: A function of tensors. If an element is a tuple, its components are the arguments; a
                dict comes whole. It gives a tensor or a nest of tensors.
            num_parallel_calls: Accepted: what can run at once does so anyway.
            deterministic: Accepted: the order is always that of the input.
            synchronous: Accepted for TensorFlow's sake.
            use_unbounded_threadpool: Accepted for TensorFlow's sake.
            name: Accepted for TensorFlow's sake.

        Raises:
            TypeError: If the function takes another number of arguments, or gives nothing.

        Example:
            >>> from addax.data import Dataset
            >>> ds = Dataset.from_tensor_slices(([1.0, 2.0], [0, 1])).map(lambda x, y: {"x": x / 2, "y": y})
            >>> [(float(e["x"]), int(e["y"])) for e in ds]
            [(0.5, 0), (1.0, 1)]
        """
        label = "Map" if num_parallel_calls is None else "ParallelMap"
        return Dataset(MapNode(self._node, map_func, "map", label))

    def filter(self, predicate: Callable, name: str | None = None) -> Dataset:
        """The elements for which a function gives true.

        Args:
            predicate: A function of tensors, called as that of `map`, that gives a boolean scalar.
            name: Accepted for TensorFlow's sake.

        Raises:
            TypeError: If the function gives anything else.

        Example:
            >>> from addax.data import Dataset
            >>> [int(x) for x in Dataset.range(6).filter(lambda x: x % 2 == 0)]
            [0, 2, 4]
        """
        return Dataset(FilterNode(self._node, predicate))

    def take_while(self, predicate: Callable, name: str | None = None) -> Dataset:
        """The elements before the first for which a function gives false.

        Args:
            predicate: A function of an element that gives a boolean.
            name: Accepted for TensorFlow's sake.
        """
        return Dataset(FilterNode(self._node, predicate, stop=True))

    def flat_map(self, map_func: Callable, name: str | None = None) -> Dataset:
        """The elements of the datasets that a function gives, one dataset after the other.

        Args:
            map_func: A function of tensors (and of the datasets that `window` makes), called as that of
                `map`, that gives a dataset.
            name: Accepted for TensorFlow's sake.

        Example:
            >>> from addax.data import Dataset
            >>> windows = Dataset.range(5).window(3, shift=1, drop_remainder=True)
            >>> [x.numpy().tolist() for x in windows.flat_map(lambda window: window.batch(3))]
            [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
        """
        return Dataset(FlatMapNode(self._node, map_func))

    def interleave(
        self,
        map_func: Callable,
        cycle_length: Any = None,
        block_length: Any = None,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """The elements of the datasets that a function gives, taken from several by turns.

        Args:
            map_func: A function of tensors, called as that of `map`, that gives a dataset.
            cycle_length: How many of these datasets are open at a time; 8 if None or -1, on every machine.
            block_length: Elements taken from one before the next has its turn; 1 if None.
            num_parallel_calls: Accepted for TensorFlow's sake.
            deterministic: Accepted: the order is always the same.
            name: Accepted for TensorFlow's sake.

        Example:
            >>> from addax.data import Dataset
            >>> ds = Dataset.range(1, 4).interleave(lambda x: Dataset.from_tensors(x).repeat(3), 2, 2)
            >>> [int(x) for x in ds]
            [1, 1, 2, 2, 1, 2, 3, 3, 3]
        """
        cycle = _CYCLE if cycle_length is None else integer(cycle_length, "cycle_length", -1)
        block = 1 if block_length is None else integer(block_length, "block_length", 1)
        if cycle == 0:
            raise ValueError(
                message("Argument `cycle_length` is too small.", expected="at least 1", received="0")
            )
        return Dataset(FlatMapNode(self._node, map_func, _CYCLE if cycle < 0 else cycle, block, "interleave"))

    def scan(self, initial_state: Any, scan_func: Callable, name: str | None = None) -> Dataset:
        """What a function puts out while it carries a state from element to element.

        Args:
            initial_state: A nest of tensors.
            scan_func: `scan_func(state, element) -> (new_state, output)`.
            name: Accepted for TensorFlow's sake.

        Raises:
            TypeError: If the function changes the nest or the dtypes of the state.

        Example:
            >>> from addax.data import Dataset
            >>> [int(x) for x in Dataset.range(1, 5).scan(0, lambda total, x: (total + x, total + x))]
            [1, 3, 6, 10]
        """
        return Dataset(ScanNode(self._node, initial_state, scan_func))

    def reduce(self, initial_state: Any, reduce_func: Callable, name: str | None = None) -> Any:
        """Run all elements through a function that carries a state, and give the last state.

        Args:
            initial_state: A nest of tensors.
            reduce_func: `reduce_func(state, element) -> new_state`.
            name: Accepted for TensorFlow's sake.

        Returns:
            The state, a nest of tensors of the dtypes of `initial_state`.

        Raises:
            TypeError: If the function changes the nest or the dtypes of the state.

        Example:
            >>> from addax.data import Dataset
            >>> int(Dataset.range(5).reduce(0, lambda total, x: total + x))
            10
        """
        return to_user(reduce(self._node, initial_state, reduce_func))

    def apply(self, transformation_func: Callable) -> Any:
        """`transformation_func(self)`, for transformations that are no methods.

        Raises:
            TypeError: If it gives no dataset.
        """
        result = transformation_func(self)
        dataset_node(result, "What the function of apply() gives")
        return result

    def rejection_resample(
        self, class_func: Callable, target_dist: Any, initial_dist: Any = None, seed: Any = None,
        name: str | None = None,
    ) -> Dataset:  # fmt: skip
        """Pairs `(class, element)`, some elements left out at random so that the classes come in given shares.

        Args:
            class_func: A function of an element, called as that of `map`, that gives its class, an integer scalar.
            target_dist: The share of each class, of shape (classes,).
            initial_dist: The shares in this dataset; counted as elements come if None.
            seed: An integer that fixes the draws.
            name: Accepted for TensorFlow's sake.

        Raises:
            ValueError: If the shares are no shares.
        """
        return Dataset(ResampleNode(self._node, class_func, target_dist, initial_dist, seed_of(seed)))

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

    # Batches ---------------------------------------------------------------------------------------------
    def batch(
        self,
        batch_size: Any,
        drop_remainder: bool = False,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Consecutive elements in one, stacked along a new first axis.

        Args:
            batch_size: Elements a batch.
            drop_remainder: Whether a last batch of fewer elements is left out; then the first dimension is
                known.
            num_parallel_calls: Accepted for TensorFlow's sake.
            deterministic: Accepted: the order is always that of the input.
            name: Accepted for TensorFlow's sake.

        Raises:
            ValueError: If `batch_size` is below 1. While iterating: if shapes differ; the message names the
                component.

        Example:
            >>> from addax.data import Dataset
            >>> Dataset.range(5).batch(2, drop_remainder=True)
            <_BatchDataset element_spec=TensorSpec(shape=(2,), dtype=tf.int64, name=None)>
        """
        return Dataset(BatchNode(self._node, integer(batch_size, "batch_size", 1), bool(drop_remainder)))

    def padded_batch(
        self,
        batch_size: Any,
        padded_shapes: Any = None,
        padding_values: Any = None,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """Batches of elements of different shapes, shorter ones filled up at the end of each axis.

        Args:
            batch_size: Elements a batch.
            padded_shapes: A nest of shapes to fill up to; None (or -1) for a dimension that follows the
                largest element of each batch. If it is None itself, all unknown dimensions do.
            padding_values: What to fill with, one scalar or a nest; zero, false or the empty string if None.
            drop_remainder: Whether a last batch of fewer elements is left out.
            name: Accepted for TensorFlow's sake.

        Raises:
            ValueError: If an element is larger than `padded_shapes`.

        Example:
            >>> from addax.data import Dataset, TensorSpec
            >>> spec = TensorSpec((None,), "int32")
            >>> ds = Dataset.from_generator(lambda: [[1], [2, 3]], output_signature=spec)
            >>> next(iter(ds.padded_batch(2))).numpy().tolist()
            [[1, 0], [2, 3]]
        """
        size = integer(batch_size, "batch_size", 1)
        return Dataset(PaddedBatchNode(self._node, size, padded_shapes, padding_values, bool(drop_remainder)))

    def ragged_batch(
        self,
        batch_size: Any,
        drop_remainder: bool = False,
        row_splits_dtype: Any = "int64",
        name: str | None = None,
    ) -> Dataset:
        """Batches of elements of different shapes, as ragged tensors; components of one shape are stacked.

        Args:
            batch_size: Elements a batch.
            drop_remainder: Whether a last batch of fewer elements is left out.
            row_splits_dtype: Accepted for TensorFlow's sake.
            name: Accepted for TensorFlow's sake.

        Example:
            >>> import addax.tf as tf
            >>> ds = tf.data.Dataset.range(1, 4).map(lambda n: tf.range(int(n)))
            >>> [batch.to_list() for batch in ds.ragged_batch(2)]
            [[[0], [0, 1]], [[0, 1, 2]]]
        """
        return Dataset(
            RaggedBatchNode(self._node, integer(batch_size, "batch_size", 1), bool(drop_remainder))
        )

    def unbatch(self, name: str | None = None) -> Dataset:
        """The rows of each element.

        Raises:
            ValueError: While iterating: if components differ in their first dimension.
        """
        return Dataset(UnbatchNode(self._node))

    def rebatch(self, batch_size: Any, drop_remainder: bool = False, name: str | None = None) -> Dataset:
        """Batches of other sizes, as `unbatch().batch(batch_size)` gives them.

        Args:
            batch_size: Elements a batch, or a list of sizes that are taken in turn.
            drop_remainder: Whether a last batch of fewer elements is left out.
            name: Accepted for TensorFlow's sake.

        Example:
            >>> from addax.data import Dataset
            >>> [x.numpy().tolist() for x in Dataset.range(6).batch(4).rebatch([2, 1])]
            [[0, 1], [2], [3, 4], [5]]
        """
        many = getattr(batch_size, "shape", ()) != () or isinstance(batch_size, (list, tuple))
        sizes = [integer(size, "batch_size", 1) for size in (batch_size if many else [batch_size])]
        return Dataset(RebatchNode(self._node, sizes, bool(drop_remainder)))

    def window(
        self,
        size: Any,
        shift: Any = None,
        stride: Any = 1,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """Short datasets of consecutive elements; each component of an element becomes its own dataset.

        Args:
            size: Elements a window.
            shift: Elements from the start of one window to that of the next; `size` if None.
            stride: Elements from one of a window to the next.
            drop_remainder: Whether windows that the end cuts short are left out.
            name: Accepted for TensorFlow's sake.

        Example:
            >>> from addax.data import Dataset
            >>> [[int(x) for x in window] for window in Dataset.range(5).window(3, shift=2)]
            [[0, 1, 2], [2, 3, 4], [4]]
        """
        size = integer(size, "size", 1)
        shift = size if shift is None else integer(shift, "shift", 1)
        return Dataset(
            WindowNode(self._node, size, shift, integer(stride, "stride", 1), bool(drop_remainder))
        )

    def group_by_window(
        self,
        key_func: Callable,
        reduce_func: Callable,
        window_size: Any = None,
        window_size_func: Callable | None = None,
        name: str | None = None,
    ) -> Dataset:
        """The datasets that a function makes of groups of elements with the same key.

        Args:
            key_func: A function of an element, called as that of `map`, that gives an integer scalar.
            reduce_func: `reduce_func(key, window) -> dataset`, for each group that is full, and at the end
                for the others in the order of their keys.
            window_size: How many elements make a group full.
            window_size_func: The same, as a function of the key.
            name: Accepted for TensorFlow's sake.

        Raises:
            ValueError: Unless exactly one of the sizes is given.
        """
        size = None if window_size is None else integer(window_size, "window_size", 1)
        return Dataset(by_window(self._node, key_func, reduce_func, size, window_size_func))

    def bucket_by_sequence_length(
        self,
        element_length_func: Callable,
        bucket_boundaries: Any,
        bucket_batch_sizes: Any,
        padded_shapes: Any = None,
        padding_values: Any = None,
        pad_to_bucket_boundary: bool = False,
        no_padding: bool = False,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """Padded batches of elements of similar length.

        Args:
            element_length_func: A function of an element, called as that of `map`, that gives its length.
            bucket_boundaries: The upper ends of the buckets, not included; there is one more bucket for the
                rest.
            bucket_batch_sizes: Elements a batch, for each bucket.
            padded_shapes: See `padded_batch`.
            padding_values: See `padded_batch`.
            pad_to_bucket_boundary: Whether unknown dimensions are filled up to the longest length of the
                bucket; then no element may be as long as the last boundary.
            no_padding: Whether the elements are batched as they are.
            drop_remainder: Whether batches that are not full are left out.
            name: Accepted for TensorFlow's sake.

        Raises:
            ValueError: If there is not a batch size for each bucket.
        """
        node = BucketNode(
            self._node,
            element_length_func,
            [integer(x, "bucket_boundaries") for x in bucket_boundaries],
            [integer(x, "bucket_batch_sizes", 1) for x in bucket_batch_sizes],
            padded_shapes,
            padding_values,
            pad_to_bucket_boundary,
            no_padding,
            bool(drop_remainder),
        )
        return Dataset(node)

    # Running ---------------------------------------------------------------------------------------------
    def prefetch(self, buffer_size: Any, name: str | None = None) -> Dataset:
        """The same elements, up to `buffer_size` of them kept ready by a thread; `AUTOTUNE` chooses a number.

        An error of the pipeline arrives with its own traceback. The thread ends when the iterator is dropped.
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

"""The methods of `Dataset` that put elements together and take them apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from addax.data._arguments import integer
from addax.data._batch import BatchNode, RaggedBatchNode, RebatchNode, UnbatchNode, sparse_row
from addax.data._functional import Functional
from addax.data._group import BucketNode, by_window
from addax.data._padded_batch import PaddedBatchNode
from addax.data._window import WindowNode
from addax.engine import TensorShape

T = TypeVar("T", bound="Batched")


class Batched(Functional):
    """Batches, windows and groups."""

    __slots__ = ()

    def batch(
        self: T,
        batch_size: Any,
        drop_remainder: bool = False,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> T:
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
        return self._of(BatchNode(self._node, integer(batch_size, "batch_size", 1), bool(drop_remainder)))

    def padded_batch(
        self: T,
        batch_size: Any,
        padded_shapes: Any = None,
        padding_values: Any = None,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> T:
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
        return self._of(
            PaddedBatchNode(self._node, size, padded_shapes, padding_values, bool(drop_remainder))
        )

    def ragged_batch(
        self: T,
        batch_size: Any,
        drop_remainder: bool = False,
        row_splits_dtype: Any = "int64",
        name: str | None = None,
    ) -> T:
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
        return self._of(
            RaggedBatchNode(self._node, integer(batch_size, "batch_size", 1), bool(drop_remainder))
        )

    def sparse_batch(self: T, batch_size: Any, row_shape: Any, name: str | None = None) -> T:
        """Batches of elements of different shapes, as sparse tensors that hold all of their numbers.

        Args:
            batch_size: Elements a batch.
            row_shape: The shape that elements fit into; None for sizes that are those of the largest of a batch.
            name: Accepted for TensorFlow's sake.

        Raises:
            ValueError: While iterating: if an element is larger, or has another rank.

        Example:
            >>> import addax.tf as tf
            >>> ds = tf.data.Dataset.range(1, 3).map(lambda n: tf.range(1, int(n) + 1))
            >>> [tf.sparse.to_dense(batch).numpy().tolist() for batch in ds.sparse_batch(2, [3])]
            [[[1, 0, 0], [1, 2, 0]]]
        """
        sizes = TensorShape(row_shape)
        return self.map(lambda x: sparse_row(x, sizes)).batch(batch_size)  # type: ignore[attr-defined]

    def unbatch(self: T, name: str | None = None) -> T:
        """The rows of each element.

        Raises:
            ValueError: While iterating: if components differ in their first dimension.
        """
        return self._of(UnbatchNode(self._node))

    def rebatch(self: T, batch_size: Any, drop_remainder: bool = False, name: str | None = None) -> T:
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
        return self._of(RebatchNode(self._node, sizes, bool(drop_remainder)))

    def window(
        self: T,
        size: Any,
        shift: Any = None,
        stride: Any = 1,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> T:
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
        return self._of(
            WindowNode(self._node, size, shift, integer(stride, "stride", 1), bool(drop_remainder))
        )

    def group_by_window(
        self: T,
        key_func: Callable,
        reduce_func: Callable,
        window_size: Any = None,
        window_size_func: Callable | None = None,
        name: str | None = None,
    ) -> T:
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
        return self._of(by_window(self._node, key_func, reduce_func, size, window_size_func))

    def bucket_by_sequence_length(
        self: T,
        element_length_func: Callable,
        bucket_boundaries: Any,
        bucket_batch_sizes: Any,
        padded_shapes: Any = None,
        padding_values: Any = None,
        pad_to_bucket_boundary: bool = False,
        no_padding: bool = False,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> T:
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
        return self._of(node)

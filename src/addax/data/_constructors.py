"""The ways to make a dataset: the class methods of `Dataset`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from addax.core.errors import message
from addax.data import _arrays, _nest
from addax.data._arguments import integer
from addax.data._base import DatasetBase
from addax.data._choice import ChoiceNode, sampled
from addax.data._files import matching
from addax.data._generator import generated
from addax.data._group import dataset_node
from addax.data._join import ZipNode
from addax.data._random import seed_of
from addax.data._range import RandomNode, RangeNode, range_of
from addax.data._shuffle import ShuffleNode

T = TypeVar("T", bound="Constructors")


class Constructors(DatasetBase):
    """The class methods of `Dataset`."""

    __slots__ = ()

    @classmethod
    def from_tensor_slices(cls: type[T], tensors: Any, name: str | None = None) -> T:
        """A dataset of the slices of arrays along their first axis.

        The arrays are not copied, so leave them as they are while the dataset is in use.

        Args:
            tensors: A nest (tuples and dicts) of arrays of shape (n, ...), tensors, lists or pandas columns.
                A list is one array. Python floats become float32 and ints int32; arrays keep their dtype.
            name: Accepted for TensorFlow's sake.

        Returns:
            A dataset of n elements of the same nest.

        Raises:
            ValueError: If a tensor is a scalar, or their first dimensions differ; the message shows all
                shapes.

        Example:
            >>> from addax.data import Dataset
            >>> features = {"size": [1.0, 2.0], "name": ["a", "b"]}
            >>> for x, y in Dataset.from_tensor_slices((features, [0, 1])):
            ...     print(x["name"].numpy(), float(x["size"]), int(y))
            b'a' 1.0 0
            b'b' 2.0 1
        """
        return cls(_arrays.slices(tensors))

    @classmethod
    def from_tensors(cls: type[T], tensors: Any, name: str | None = None) -> T:
        """A dataset of one element: the nest of tensors itself.

        Args:
            tensors: A nest (tuples and dicts) of tensors.
            name: Accepted for TensorFlow's sake.

        Example:
            >>> from addax.data import Dataset
            >>> Dataset.from_tensors([1, 2, 3])
            <_TensorDataset element_spec=TensorSpec(shape=(3,), dtype=tf.int32, name=None)>
        """
        return cls(_arrays.whole(tensors))

    @classmethod
    def from_generator(
        cls: type[T],
        generator: Callable,
        output_types: Any = None,
        output_shapes: Any = None,
        args: Sequence | None = None,
        output_signature: Any = None,
        name: str | None = None,
    ) -> T:
        """A dataset of what a Python generator yields; the generator starts afresh in each iteration.

        Args:
            generator: A function that gives an iterable of elements.
            output_types: The older form of `output_signature`: a nest of dtypes.
            output_shapes: A nest of shapes that goes with `output_types`; None if they are unknown.
            args: Values that the generator is called with, as arrays.
            output_signature: The nest of `TensorSpec`s that the elements fit.
            name: Accepted for TensorFlow's sake.

        Raises:
            TypeError: If the generator cannot be called, or no signature is given. While iterating: if an
                element does not fit; the message names the component and shows both specs.

        Example:
            >>> from addax.data import Dataset, TensorSpec
            >>> ds = Dataset.from_generator(lambda: range(3), output_signature=TensorSpec((), "int32"))
            >>> [int(x) for x in ds]
            [0, 1, 2]
        """
        return cls(generated(generator, output_types, output_shapes, args, output_signature))

    @classmethod
    def range(cls: type[T], *args: Any, output_type: Any = "int64", name: str | None = None) -> T:
        """The numbers that Python's `range` gives, as scalars.

        Args:
            args: `stop`; or `start`, `stop`; or `start`, `stop`, `step`.
            output_type: The dtype.
            name: Accepted for TensorFlow's sake.

        Raises:
            ValueError: If there are not one to three bounds, or the step is 0.

        Example:
            >>> from addax.data import Dataset
            >>> [int(x) for x in Dataset.range(5, 0, -2)]
            [5, 3, 1]
        """
        return cls(range_of(tuple(integer(a, "args") for a in args), output_type))

    @classmethod
    def counter(
        cls: type[T], start: Any = 0, step: Any = 1, dtype: Any = "int64", name: str | None = None
    ) -> T:
        """The numbers from `start` on, `step` apart, without end."""
        return cls(RangeNode(integer(start, "start"), None, integer(step, "step"), dtype))

    @classmethod
    def random(
        cls: type[T],
        seed: Any = None,
        rerandomize_each_iteration: bool | None = None,
        name: str | None = None,
    ) -> T:
        """Random int64 scalars from 0 to 2**32 - 1, without end.

        Args:
            seed: An integer that fixes them; drawn if None.
            rerandomize_each_iteration: Whether each iteration gives other numbers.
            name: Accepted for TensorFlow's sake.
        """
        return cls(RandomNode(seed_of(seed), bool(rerandomize_each_iteration)))

    @classmethod
    def zip(cls: type[T], *args: Any, datasets: Any = None, name: str | None = None) -> T:
        """Elements of several datasets side by side, up to the end of the shortest.

        Args:
            args: Datasets, or one nest (tuples and dicts) of datasets.
            datasets: The nest, by name.
            name: Accepted for TensorFlow's sake.

        Raises:
            TypeError: If something is no dataset.

        Example:
            >>> from addax.data import Dataset
            >>> pairs = Dataset.zip((Dataset.range(3), Dataset.range(10, 15)))
            >>> [(int(a), int(b)) for a, b in pairs]
            [(0, 10), (1, 11), (2, 12)]
        """
        if bool(args) == (datasets is not None):
            raise TypeError(message("zip() takes datasets, or one nest of them, once."))
        nest = datasets if datasets is not None else args[0] if len(args) == 1 else args
        return cls(ZipNode(_nest.map_leaves(lambda leaf: dataset_node(leaf, "Each part of zip()"), nest)))

    @classmethod
    def list_files(
        cls: type[T],
        file_pattern: Any,
        shuffle: bool | None = None,
        seed: Any = None,
        name: str | None = None,
    ) -> T:
        """The names of the files that match, as scalar strings.

        Args:
            file_pattern: A pattern with shell wildcards, or several.
            shuffle: Whether they come in random order (the default), another in each iteration; else by name.
            seed: An integer that fixes the orders.
            name: Accepted for TensorFlow's sake.

        Raises:
            FileNotFoundError: If no file matches.
        """
        node = matching(file_pattern)
        if shuffle is None or shuffle:
            return cls(ShuffleNode(node, node.size, seed_of(seed), True))
        return cls(node)

    @classmethod
    def choose_from_datasets(
        cls: type[T], datasets: Sequence, choice_dataset: Any, stop_on_empty_dataset: bool = True
    ) -> T:
        """Elements of several datasets, in an order given by a dataset of their numbers.

        Args:
            datasets: Datasets whose elements have the same nest and dtypes.
            choice_dataset: A dataset of integer scalars from 0 to `len(datasets) - 1`.
            stop_on_empty_dataset: Whether the end of one of them is the end; else it is passed over.

        Raises:
            TypeError: If the elements differ.
            ValueError: If there are no datasets.

        Example:
            >>> from addax.data import Dataset
            >>> choice = Dataset.from_tensor_slices([0, 1, 1, 0])
            >>> mixed = Dataset.choose_from_datasets([Dataset.range(3), Dataset.range(10, 13)], choice)
            >>> [int(x) for x in mixed]
            [0, 10, 11, 1]
        """
        nodes = _nodes(datasets)
        return cls(ChoiceNode(nodes, dataset_node(choice_dataset, "choice_dataset"), stop_on_empty_dataset))

    @classmethod
    def sample_from_datasets(
        cls: type[T],
        datasets: Sequence,
        weights: Any = None,
        seed: Any = None,
        stop_on_empty_dataset: bool = False,
        rerandomize_each_iteration: bool | None = None,
    ) -> T:
        """Elements of several datasets, each from one drawn at random.

        Args:
            datasets: Datasets whose elements have the same nest and dtypes.
            weights: The probability of each; a dataset that gives such weights for each element; equal if
                None.
            seed: An integer that fixes the draws.
            stop_on_empty_dataset: Whether the end of one of them is the end; else it is passed over.
            rerandomize_each_iteration: Whether each iteration draws anew.

        Raises:
            TypeError: If the elements differ.
            ValueError: If there are no datasets, or the weights do not fit them.
        """
        if isinstance(weights, DatasetBase):
            weights = weights._node
        stop, again = stop_on_empty_dataset, bool(rerandomize_each_iteration)
        return cls(sampled(_nodes(datasets), weights, seed_of(seed), stop, again))


def _nodes(datasets: Sequence) -> list:
    nodes = [dataset_node(dataset, "Each of the datasets") for dataset in datasets]
    if not nodes:
        raise ValueError(message("There are no datasets to take elements from.", received=datasets))
    return nodes

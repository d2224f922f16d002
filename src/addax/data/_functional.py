"""The methods of `Dataset` that take a function of elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from addax.core.errors import message
from addax.data._arguments import integer
from addax.data._flat_map import FlatMapNode
from addax.data._fold import ScanNode, reduce
from addax.data._function import to_user
from addax.data._group import dataset_node
from addax.data._map import FilterNode, MapNode
from addax.data._random import seed_of
from addax.data._resample import ResampleNode
from addax.data._stored import Stored

_CYCLE = 8  # datasets that interleave() keeps open if it is not told

T = TypeVar("T", bound="Functional")


class Functional(Stored):
    """`map` and its like."""

    __slots__ = ()

    def map(
        self: T,
        map_func: Callable,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        synchronous: bool | None = None,
        use_unbounded_threadpool: bool = False,
        name: str | None = None,
    ) -> T:
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
        return self._of(MapNode(self._node, map_func, "map", label))

    def filter(self: T, predicate: Callable, name: str | None = None) -> T:
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
        return self._of(FilterNode(self._node, predicate))

    def take_while(self: T, predicate: Callable, name: str | None = None) -> T:
        """The elements before the first for which a function gives false.

        Args:
            predicate: A function of an element that gives a boolean.
            name: Accepted for TensorFlow's sake.
        """
        return self._of(FilterNode(self._node, predicate, stop=True))

    def flat_map(self: T, map_func: Callable, name: str | None = None) -> T:
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
        return self._of(FlatMapNode(self._node, map_func))

    def interleave(
        self: T,
        map_func: Callable,
        cycle_length: Any = None,
        block_length: Any = None,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> T:
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
        return self._of(
            FlatMapNode(self._node, map_func, _CYCLE if cycle < 0 else cycle, block, "interleave")
        )

    def scan(self: T, initial_state: Any, scan_func: Callable, name: str | None = None) -> T:
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
        return self._of(ScanNode(self._node, initial_state, scan_func))

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
        self: T, class_func: Callable, target_dist: Any, initial_dist: Any = None, seed: Any = None,
        name: str | None = None,
    ) -> T:  # fmt: skip
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
        return self._of(ResampleNode(self._node, class_func, target_dist, initial_dist, seed_of(seed)))

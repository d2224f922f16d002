"""Values from a checkpoint into objects, also into those that come into being later."""

from __future__ import annotations

import os
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.data import DatasetIterator
from addax.data._random import is_seed
from addax.engine import Module, Variable, _deferred
from addax.formats import VARIABLE_VALUE, BundleReader
from addax.optimizers import Optimizer
from addax.saving._object_checkpoint import ITERATOR_STATE
from addax.saving._object_graph import Group, children, graph_variables
from addax.saving._object_names import StoredGraph, StoredNode, slot_pairs, stored_children
from addax.saving._state_file import decode_nest

_SHOWN = 10  # lines of a table


class Restoration:
    """A checkpoint that is being put into objects.

    Args:
        prefix: Its path, without `.index`.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it is damaged, or built to do harm.
    """

    def __init__(self, prefix: str | os.PathLike[str]) -> None:
        self.reader = BundleReader(prefix)
        self.prefix = os.fspath(prefix)
        self.graph = StoredGraph(self.reader)
        self.done: set[int] = set()  # numbers of objects whose values have been put in place
        self._objects: dict[int, Callable[[], Any]] = {}  # weak references
        self._finished: set[int] = set()

    # Putting values in place -----------------------------------------------------------------------------
    def visit(self, root: Any, number: int = 0) -> None:
        """Match the objects below one, and put values into those that have none yet from here.

        Args:
            root: The object.
            number: Its number in the stored graph.

        Raises:
            ValueError: If a shape is another one; nothing has been changed then.
        """
        found = self._matched(root, number)
        variables = [(obj, at) for obj, at in found if isinstance(obj, Variable) and self._wants(at)]
        values = self._values(variables)
        iterators = [(obj, at) for obj, at in found if isinstance(obj, DatasetIterator) and self._wants(at)]
        for obj, at in iterators:
            if self._put_position(obj, self.graph[at]):
                self.done.add(at)
        for (variable, at), value in zip(variables, values, strict=True):
            _deferred.put(variable, value)
            self.done.add(at)
        for obj, at in found:
            self._have_wait(obj, at)

    def _wants(self, number: int) -> bool:
        return number not in self.done and bool(self.graph[number].keys)

    def _matched(self, root: Any, number: int) -> list[tuple[Any, int]]:
        """Pairs of an object and its number in the graph: the root, and what it leads to."""
        found: list[tuple[Any, int]] = []
        seen: set[tuple[int, int]] = set()
        queue = deque([(root, number)])
        slots = []
        while queue or slots:
            if not queue:  # the variables that they belong to are known by now
                optimizer, stored = slots.pop()
                queue.extend(slot_pairs(optimizer, stored, self._object_at))
                continue
            obj, number = queue.popleft()
            if (id(obj), number) in seen or not self._bind(obj, number):
                continue
            seen.add((id(obj), number))
            found.append((obj, number))
            queue.extend(self._children(obj, number))
            if hasattr(obj, "_stands_for") and obj._stands_for() is not None:
                queue.append((obj._stands_for(), number))
            if isinstance(obj, Optimizer) and self.graph[number].slots:
                slots.append((obj, self.graph[number].slots))
        return found

    def _children(self, obj: Any, number: int) -> list[tuple[Any, int]]:
        mine = children(obj)
        if not mine:
            return []
        return list(stored_children(obj, mine, self.graph, number))

    def _bind(self, obj: Any, number: int) -> bool:
        """Whether an object is the one of this number; the first that comes is."""
        if not isinstance(obj, (Variable, Module, DatasetIterator)):
            return True  # a container may be made anew
        known = self._object_at(number)
        if known is None:
            self._objects[number] = weakref.ref(obj)
        return known is None or known is obj

    def _object_at(self, number: int) -> Any:
        reference = self._objects.get(number)
        return None if reference is None else reference()

    # Values ----------------------------------------------------------------------------------------------
    def _values(self, variables: list[tuple[Variable, int]]) -> list[np.ndarray]:
        """What the variables are to hold; their shapes are compared before anything is read."""
        keys = [self.graph[number].keys.get(VARIABLE_VALUE, "") for _, number in variables]
        wrong = []
        for (variable, number), key in zip(variables, keys, strict=True):
            if key not in self.reader:
                raise ValueError(self._damaged(f"object {number} has no value {key!r}"))
            entry = self.reader.entry(key)
            if tuple(variable.shape) != entry.shape or (entry.dtype == object) != (
                variable.dtype == "string"
            ):
                wrong.append(f"  {variable.path} {tuple(variable.shape)}    {key} {entry.shape}")
        if wrong:
            raise ValueError(
                message(
                    f"The checkpoint {self.prefix} does not fit (the variable, then what the checkpoint has):\n"
                    + "\n".join(wrong[:_SHOWN]),
                    expected="the shapes of the variables",
                    received=f"{len(wrong)} others",
                    hint="Nothing was restored. Make the objects as they were when the checkpoint was written.",
                )
            )
        return [self.reader[key] for key in keys]

    def _put_position(self, iterator: DatasetIterator, node: StoredNode) -> bool:
        key = node.keys.get(ITERATOR_STATE)
        if key is None:
            return False  # that of TensorFlow, which only TensorFlow can read
        if (
            key not in self.reader
            or self.reader.entry(key).shape != ()
            or self.reader.entry(key).dtype != object
        ):
            raise ValueError(self._damaged(f"there is no position {key!r}"))
        arrays = []
        while f"{key}/{len(arrays)}" in self.reader:
            arrays.append(self.reader[f"{key}/{len(arrays)}"])
        try:
            iterator.set_state(decode_nest(self.reader[key].item(), arrays))
        except (ArithmeticError, AttributeError, LookupError, TypeError) as error:
            raise ValueError(
                message(
                    f"The position in a dataset does not fit: {key}.",
                    expected="the state of an equal pipeline",
                    received=f"{type(error).__name__}: {error}",
                )
            ) from error
        return True

    def _damaged(self, what: str) -> str:
        return message(f"The checkpoint {self.prefix} is damaged.", received=what)

    # Waiting ---------------------------------------------------------------------------------------------
    def _have_wait(self, obj: Any, number: int) -> None:
        """An object waits as long as something below it is still to come."""
        if isinstance(obj, (Variable, DatasetIterator, Group)):
            return
        if isinstance(obj, (list, tuple, dict)) and not hasattr(obj, "_tracked_children"):
            return  # these do not say when something is put into them; their owners do
        if self._unfinished(number):
            _deferred.wait(obj, lambda owner: self._go_on(owner, number))
        else:
            _deferred.forget(obj)

    def _go_on(self, owner: Any, number: int) -> bool:
        self.visit(owner, number)
        return self._unfinished(number)

    def _unfinished(self, number: int) -> bool:
        """Whether an object, or one below it, has values that nobody has taken."""
        seen, left = {number}, [number]
        while left:
            at = left.pop()
            if self._wants(at):
                return True
            below = [*self.graph[at].edges.values(), *(slot.slot for slot in self.graph[at].slots)]
            fresh = [n for n in below if n not in seen and n not in self._finished]
            seen.update(fresh)
            left.extend(fresh)
        self._finished |= seen
        return False

    # What became of it -----------------------------------------------------------------------------------
    def unused(self) -> list[str]:
        """The keys of values that no object has taken."""
        return [
            key for number, node in enumerate(self.graph) if self._wants(number) for key in node.keys.values()
        ]

    def missing(self, root: Any) -> list[str]:
        """The paths of variables that a root leads to and the checkpoint has nothing for.

        The states of layers' random generators are not counted: TensorFlow does not keep them.
        """
        return [path for path, variable in self.lacking(root) if not is_seed(variable)]

    def lacking(self, root: Any) -> list[tuple[str, Variable]]:
        """All variables that a root leads to and that got no value from here, each with its path."""
        taken = {id(self._object_at(number)) for number in self.done}
        return [
            ("/".join(path), variable)
            for path, variable in graph_variables(root)
            if id(variable) not in taken
        ]

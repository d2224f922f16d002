"""The state of an iteration: what is saved of a pipeline and its cursors, and how it is put back."""

from __future__ import annotations

import contextlib
import copy
import threading
from collections.abc import Iterator
from typing import Any

from addax.core.errors import message
from addax.data._node import Cursor, Node, walk


class _Saving(threading.local):
    """What a thread that saves a state keeps from moving meanwhile."""

    held: contextlib.ExitStack | None = None


_saving = _Saving()


@contextlib.contextmanager
def still(lock: Any) -> Iterator[None]:
    """A `with` block in which a lock is held; while a state is being saved, until all of it has been."""
    with contextlib.ExitStack() as block:
        (block if _saving.held is None else _saving.held).enter_context(lock)
        yield


def save(node: Node, cursor: Cursor) -> dict:
    """The state of one iteration over a pipeline: dicts, lists, tuples, numbers, strings and arrays."""
    with contextlib.ExitStack() as block:
        if _saving.held is None:  # else this is a dataset within another one
            _saving.held = block.enter_context(contextlib.ExitStack())
            block.callback(setattr, _saving, "held", None)
        # The cursor first: then no thread runs that could begin another pass before its number is read.
        place = cursor.get_state()
        return _encoded({"memory": [n.memory for n in walk(node)], "cursor": place}, _given(node))


_WINDOW, _GIVEN = "__window__", "__given__"


def _given(node: Node) -> list[Node]:
    """The datasets that are elements of a pipeline from the start, such as the files of a saved one."""
    elements = [element for n in walk(node) for element in getattr(n, "elements", ())]
    return [element for element in elements if isinstance(element, Node)]


def _encoded(state: Any, given: list[Node]) -> Any:
    """The state without datasets: with their number if they are given, with the elements of windows."""
    if isinstance(state, Node):
        if state in given:
            return {_GIVEN: given.index(state)}
        elements = getattr(state, "elements", None)
        if elements is None:
            raise TypeError(
                message(
                    "The position in this dataset cannot be saved: a dataset is an element of it.",
                    hint="Use flat_map() in place of map() where a function gives a dataset.",
                )
            )
        return {_WINDOW: [_encoded(element, given) for element in elements]}
    if isinstance(state, dict):
        return _same_dict(state, [_encoded(value, given) for value in state.values()])
    if isinstance(state, (list, tuple)):
        return _same_sequence(state, [_encoded(value, given) for value in state])
    return state


def _decoded(state: Any, given: list[Node]) -> Any:
    if isinstance(state, dict):
        if list(state) == [_WINDOW]:
            from addax.data._arrays import ListNode

            return ListNode([_decoded(element, given) for element in state[_WINDOW]])
        if list(state) == [_GIVEN]:
            number = int(state[_GIVEN])
            if not 0 <= number < len(given):
                raise ValueError(
                    message(
                        "The state was saved from another pipeline.",
                        expected=f"one of {len(given)} datasets",
                        received=f"number {number}",
                    )
                )
            return given[number]
        return _same_dict(state, [_decoded(value, given) for value in state.values()])
    if isinstance(state, (list, tuple)):
        return _same_sequence(state, [_decoded(value, given) for value in state])
    return state


def _same_dict(state: dict, values: list) -> Any:
    new = copy.copy(state)
    new.update(zip(state, values, strict=True))
    return new


def _same_sequence(state: Any, values: list) -> Any:
    return type(state)(*values) if hasattr(state, "_fields") else type(state)(values)


def restore(node: Node, state: dict) -> Cursor:
    """A cursor that goes on where `save` was called.

    Raises:
        ValueError: If the state is that of another pipeline.
    """
    state = _decoded(state, _given(node))
    nodes = walk(node)
    if len(nodes) != len(state["memory"]):
        raise ValueError(
            message(
                "The state was saved from another pipeline.",
                expected=f"the state of {len(nodes)} transformations",
                received=f"the state of {len(state['memory'])}",
            )
        )
    _remember(nodes, state["memory"])
    cursor = node.start()
    cursor.set_state(state["cursor"])
    _remember(nodes, state["memory"])  # starting the cursor counted as one more iteration
    return cursor


def _remember(nodes: list[Node], memories: list) -> None:
    for node, memory in zip(nodes, memories, strict=True):
        if memory is not None:
            node.memory = memory

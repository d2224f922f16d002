"""The variables of a model as nested dicts by path, which is how Orbax checkpoints hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine import Variable

GROUPS = ("trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables")


def variables_of(model: Any) -> dict[str, list[Variable]]:
    """The variables of a model in four groups; those of optimizer and metrics if it is compiled."""
    optimizer = getattr(model, "optimizer", None)
    return {
        "trainable_variables": model.trainable_variables,
        "non_trainable_variables": model.non_trainable_variables,
        "optimizer_variables": [] if optimizer is None else optimizer.variables,
        "metrics_variables": [] if not getattr(model, "compiled", False) else model.metrics_variables,
    }


def state_tree(model: Any, groups: Iterable[str] = GROUPS) -> dict[str, Any]:
    """Copies of the variables: group -> nested dicts by the parts of their paths -> array.

    Raises:
        ValueError: If two variables of a group have the same path.
    """
    found = variables_of(model)
    return {group: _nested(found[group], lambda v: np.asarray(v.numpy())) for group in groups}


def places(model: Any, shapes: dict[str, Any]) -> list[tuple[Variable, list[str]]]:
    """Where each variable of a model stands in a tree; groups that the tree does not have are left out.

    Seeds and metrics that are not found stay as they are.

    Args:
        model: A built model.
        shapes: A state tree with shapes in the places of arrays.

    Raises:
        ValueError: If a variable is missing, or has another shape.
    """
    found = []
    for group, variables in variables_of(model).items():
        for variable in variables if group in shapes else ():
            parts = variable.path.split("/")
            if group == "optimizer_variables" and len(shapes[group]) == 1:
                parts[0] = next(iter(shapes[group]))  # the name of the one optimizer counts those before it
            paths = [[group, *path] for path in _spellings(parts, model.name)]
            path = next((path for path in paths if at(shapes, path) is not None), paths[0])
            if at(shapes, path) is None and _has_a_number(variable, group):
                continue
            if at(shapes, path) != tuple(variable.shape):
                raise ValueError(
                    message(
                        f"The checkpoint does not fit the model at '{variable.path}'.",
                        expected=f"shape {tuple(variable.shape)}",
                        received=f"shape {at(shapes, path)}" if at(shapes, path) is not None else "nothing",
                        hint="Build the same architecture, with the same names of layers.",
                    )
                )
            found.append((variable, path))
    return found


def _has_a_number(variable: Variable, group: str) -> bool:
    """Whether the path of a variable may count what the process has made before: it is no weight."""
    return group == "metrics_variables" or variable.name == "seed_generator_state"


def _spellings(path: list[str], name: str) -> list[list[str]]:
    """A path as it is, and with or without the model's name: layers built before their model do not have it."""
    *folders, last = path
    return [
        path,
        [name, *path],
        path[1:] if path[0] == name else path,
        [*folders, f"{name}_{last}"],  # slots of optimizers
        [*folders, last.removeprefix(f"{name}_")],
    ]


def _nested(variables: list[Variable], read: Callable[[Variable], Any]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for variable in variables:
        *folders, name = variable.path.split("/")
        node = root
        for folder in folders:
            node = node.setdefault(folder, {})
        if name in node:
            raise ValueError(
                message(
                    f"Two variables have the path '{variable.path}', which a checkpoint cannot hold.",
                    hint="Give the layers different names.",
                )
            )
        node[name] = read(variable)
    return root


def at(tree: Any, path: list[str]) -> Any:
    """What stands at a path; None if there is nothing."""
    for part in path:
        if not isinstance(tree, dict) or part not in tree:
            return None
        tree = tree[part]
    return tree

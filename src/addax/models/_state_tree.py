"""The state of a model as a tree: variables by the parts of their paths."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from addax.core.errors import message
from addax.engine import Variable

_KINDS = ("trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables")
_FORMATS: dict[str, Callable[[Variable], Any]] = {
    "backend_tensor": lambda variable: variable.value,
    "numpy_array": lambda variable: variable.__array__(),
}


def get_state_tree(model: Any, value_format: str) -> dict[str, dict]:
    """See `Model.get_state_tree`."""
    if value_format not in _FORMATS:
        raise ValueError(
            message("Unknown value_format.", expected=" or ".join(_FORMATS), received=value_format)
        )
    return {kind: _nested(_variables(model, kind), _FORMATS[value_format]) for kind in _KINDS}


def set_state_tree(model: Any, state_tree: Mapping[str, Mapping]) -> None:
    """See `Model.set_state_tree`."""
    for kind, values in state_tree.items():
        if kind not in _KINDS:
            raise ValueError(message("Unknown kind of variables.", expected=f"among {_KINDS}", received=kind))
        if kind == "optimizer_variables" and model.optimizer is not None and not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        known = {v.path: v for v in _variables(model, kind)}
        for path, value in _flat(values):
            if path in known:
                known[path].assign(value)
            elif kind != "metrics_variables":  # metrics make theirs in the first step
                raise ValueError(
                    message(
                        "The tree has a variable that the model does not have.",
                        expected=f"paths among {list(known)}",
                        received=path,
                        hint=None if model.built else "The model is not built: call it on data first.",
                    )
                )


def _variables(model: Any, kind: str) -> list[Variable]:
    if kind == "optimizer_variables":
        return [] if model.optimizer is None else model.optimizer.variables
    return getattr(model, kind)


def _nested(variables: list[Variable], value_of: Callable[[Variable], Any]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for variable in variables:
        *parents, name = variable.path.split("/")
        place = root
        for parent in parents:
            place = place.setdefault(parent, {})
        if name in place:
            raise ValueError(
                message(
                    "Two variables have the same path, so a tree cannot tell them apart.",
                    received=variable.path,
                    hint="Give each layer a name of its own.",
                )
            )
        place[name] = value_of(variable)
    return root


def _flat(nested: Mapping, parents: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, value in nested.items():
        if isinstance(value, Mapping):
            yield from _flat(value, (*parents, name))
        else:
            yield "/".join((*parents, name)), value

"""`model(x)` as one compiled program, once a model has been called the same way before.

An agent, a server or a text generator calls a model on one small batch after the other, and would spend its time
between the ops. Only calls outside of tapes, traces and other layers come here, of models that are made of the
library's own layers alone: code of a user may have effects that a compiled program would lose.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from addax.core import config, context, tree
from addax.engine import Compiled, Tensor, _jax, _placement
from addax.engine._compile import Program
from addax.engine._pack import pack
from addax.layers import Layer, _changes
from addax.layers.core._ends import AddLoss, AddMetric

_FAMILIAR = 3  # the call from which on a form of inputs is compiled
_KEPT = 64  # forms that are remembered of each model


@config.on_change
def _settings_changed() -> None:
    _changes.note("settings")


class Refused(Exception):
    """Raised while a model is traced that gives more than the values of its outputs."""


def familiar_call(model: Any, inputs: Any, kwargs: dict) -> Any:
    """The outputs of a model by its compiled program; None if the call is to go op by op.

    Args:
        model: A model with a graph.
        inputs: Its first argument.
        kwargs: Its keyword arguments.
    """
    if kwargs and (len(kwargs) > 1 or kwargs.get("training", True)):
        return None
    if context.current() is not context.OUTSIDE or not _jax.not_tracing():
        return None
    leaves: list = []
    form = None if model.run_eagerly or config.get("run_eagerly") else _form(inputs, leaves)
    if form is None:
        return None
    calls = model._steps.calls
    if calls is None or calls.changes != _changes.count:
        calls = model._steps.calls = FamiliarCalls(model)
    program = calls.program((form, _placement.in_force()), inputs)
    return None if program is None else program(leaves)


def _form(inputs: Any, leaves: list) -> Any:
    """What tells inputs of another form apart, their arrays appended to `leaves`; None for all but numbers."""
    cls = type(inputs)
    if cls is Tensor:
        raw = inputs._value
        if getattr(inputs, "_keras_mask", None) is not None:
            return None
    elif cls is np.ndarray:
        raw = inputs
    elif cls is list or cls is tuple or cls is dict:
        parts = [_form(x, leaves) for x in (inputs.values() if cls is dict else inputs)]
        return None if not parts or None in parts else (cls, tuple(inputs) if cls is dict else None, *parts)
    else:
        return None
    if raw.dtype.kind not in "fiub":
        return None
    leaves.append(raw)
    return (cls, raw.shape, raw.dtype)


class FamiliarCalls:
    """What is known of a model's calls since any layer was last changed."""

    def __init__(self, model: Any) -> None:
        self._model = weakref.ref(model)
        self._known: dict[Any, int | Program | None] = {}
        self._suits: bool | None = None
        self.changes = _changes.count

    def program(self, form: Any, inputs: Any) -> Program | None:
        """The program for inputs of this form in these surroundings, None if they are to go op by op."""
        found = self._known.get(form, 0)
        if type(found) is not int:
            return found  # type: ignore[return-value]
        if len(self._known) >= _KEPT and not found:
            return None
        self._known[form] = found + 1
        if found + 1 < _FAMILIAR:
            return None
        self._known[form] = program = self._compile(inputs)
        self.changes = _changes.count  # tracing may set attributes
        return program

    def _compile(self, inputs: Any) -> Program | None:
        if self._suits is None:
            self._suits = _suits(self._model())
        if not self._suits:
            return None
        leaves: list = []
        try:
            program = Compiled(self._run, name="call").program(pack((inputs,), leaves), leaves)
        except Exception:  # it cannot be traced, or is refused; where it is a user's error, the ops will tell
            return None
        return program if program.is_pure else None

    def _run(self, inputs: Any) -> Any:
        model = self._model()
        assert model is not None
        outputs = Layer.__call__(model, inputs)
        if any(getattr(x, "_keras_mask", None) is not None for x in tree.flatten(outputs)):
            raise Refused
        return outputs


def _suits(model: Any) -> bool:
    """Whether a model is made of the library's own code, and calls of it leave nothing behind."""
    parts = dict.fromkeys([*model._flatten_layers(), *model._graph.operations])
    return all(_is_ours(type(part)) and _is_plain(part) for part in parts)


def _is_plain(part: Any) -> bool:
    if not isinstance(part, Layer):
        return True
    leaves_losses = (
        part.activity_regularizer is not None or part._losses or isinstance(part, (AddLoss, AddMetric))
    )
    return not leaves_losses and all(_is_ours(v) for v in part.__dict__.values() if callable(v))


def _is_ours(thing: Any) -> bool:
    """Whether a class, function or object is defined by this library."""
    cls = thing if isinstance(thing, type) or hasattr(thing, "__code__") else type(thing)
    return getattr(cls, "__module__", None) is not None and cls.__module__.partition(".")[0] == "addax"

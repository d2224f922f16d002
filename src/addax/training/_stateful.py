"""Steps as Keras has them with JAX: `train_step(state, data)` takes the values of variables and gives new ones.

Source: https://keras.io/guides/custom_train_step_in_jax/
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from addax.core import tree
from addax.core.errors import describe, message
from addax.engine import Tensor, pure, raw_of

# What the state of a step consists of, in this order; each is an attribute of the model or of its optimizer.
PARTS = {
    "train": ("trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables"),
    "test": ("trainable_variables", "non_trainable_variables", "metrics_variables"),
    "predict": ("trainable_variables", "non_trainable_variables"),
}


def takes_state(step: Callable) -> bool:
    """Whether a step that a user wrote is called as `step(state, data)`."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    given = [
        p for p in inspect.signature(step).parameters.values() if p.kind in kinds and p.default is p.empty
    ]
    return len(given) == 2


def run(model: Any, kind: str, step: Callable, data: Any) -> Any:
    """Call `step(state, data)` on raw arrays, and put what comes back into the variables.

    Args:
        model: The model.
        kind: `"train"`, `"test"` or `"predict"`.
        step: The user's step.
        data: The batch, a nest of tensors.

    Returns:
        The logs; the outputs for `"predict"`.

    Raises:
        TypeError: If the step does not give `(result, state)`.
        ValueError: If the new state has another form than the old one.
    """
    groups = _variables(model, kind)
    state = tuple([v._read() for v in group] for group in groups)
    given = step(state, tree.map_structure(_raw, data))
    if not isinstance(given, tuple) or len(given) != 2:
        expected = (
            "(outputs, non_trainable_variables)"
            if kind == "predict"
            else f"(logs, ({', '.join(PARTS[kind])}))"
        )
        raise TypeError(
            message(
                f"{kind}_step(state, data) must return a pair.", expected=expected, received=describe(given)
            )
        )
    result, new = given
    parts = PARTS[kind]
    if kind == "predict":  # as Keras has it, the weights do not come back
        parts, groups, new = parts[1:], groups[1:], (new,)
    _assign(kind, parts, groups, new)
    return tree.map_structure(_as_tensor, result)


def called(step: Callable, model: Any, kind: str, arguments: tuple) -> Any:
    """A built-in step, called as `step(data)` or, from an override with a state, as `step(state, data)`."""
    if len(arguments) == 1:
        return step(model, arguments[0])
    if len(arguments) != 2:
        raise TypeError(
            f"{kind}_step() takes data, or state and data; {len(arguments)} arguments were given."
        )
    state, data = arguments
    groups = _variables(model, kind)
    variables = [v for group in groups for v in group]
    values = [raw_of(x) for group in state for x in group]
    if len(values) != len(variables):
        raise ValueError(
            message(
                f"The state of {kind}_step(state, data) does not fit the model.",
                expected=_form(PARTS[kind], groups),
                received=_form(PARTS[kind], state),
            )
        )
    result, written = pure(lambda: step(model, tree.map_structure(_as_tensor, data)), variables)(values)
    new = iter([written.get(v, value) for v, value in zip(variables, values, strict=True)])
    after = tuple([next(new) for _ in group] for group in groups)
    return tree.map_structure(_raw, result), after[1] if kind == "predict" else after


def _variables(model: Any, kind: str) -> list[list]:
    optimizer = model.optimizer
    own = [] if optimizer is None else list(optimizer.variables)
    return [own if part == "optimizer_variables" else list(getattr(model, part)) for part in PARTS[kind]]


def _assign(kind: str, parts: tuple, groups: list, new: Any) -> None:
    fits = isinstance(new, (tuple, list)) and len(new) == len(groups)
    if not fits or any(len(a) != len(b) for a, b in zip(groups, new, strict=True)):
        raise ValueError(
            message(
                f"The state that {kind}_step(state, data) gave does not fit the model.",
                expected=_form(parts, groups),
                received=_form(parts, new) if fits else describe(new),
            )
        )
    for group, values in zip(groups, new, strict=True):
        for variable, value in zip(group, values, strict=True):
            variable.assign(value)


def _form(parts: tuple, groups: Any) -> str:
    return ", ".join(f"{len(group)} {part}" for part, group in zip(parts, groups, strict=True))


def _raw(x: Any) -> Any:
    return x._value if isinstance(x, Tensor) else x


def _as_tensor(x: Any) -> Any:
    return Tensor(x) if hasattr(x, "aval") and not isinstance(x, Tensor) else x

"""Everything that a run of `fit` goes on from, gathered into one file, and put back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from addax.core.errors import message
from addax.engine import Module, Variable
from addax.ops import _seed
from addax.optimizers import Optimizer
from addax.training._batches import Feed
from addax.training._progress import Progress, random_state, set_random_state
from addax.training._step import runs_eagerly, stage_text

if TYPE_CHECKING:
    from addax.saving._state_file import StateFile

_VERSION = 1
_SHOWN = 10  # lines of a table of differences


class Run:
    """A run of `fit`, as a callback saves it and puts it back.

    Args:
        model: The model, built and compiled.
        callbacks: The callbacks of the run.
        train: The data.
        validation: The data of the validation, or None.
        progress: Where the run stands; the loop keeps it up to date.
    """

    def __init__(
        self, model: Any, callbacks: Any, train: Feed, validation: Feed | None, progress: Progress
    ) -> None:
        self.progress = progress
        self._model = model
        self._callbacks = callbacks
        self._train = train
        self._validation = validation
        self._found: tuple[dict[str, Any], list[np.ndarray]] | None = None

    # Saving ----------------------------------------------------------------------------------------------
    def save(self, path: str | os.PathLike, logs: dict[str, Any] | None = None) -> None:
        """Write weights, optimizer, metrics, random generators, callbacks and the position in the data to a file.

        Args:
            path: The file, which appears whole or not at all.
            logs: What was logged last.
        """
        from addax.saving._state_file import write_state

        progress = self.progress
        variables = _variables(self._model)
        done = progress.step
        state = {
            "version": _VERSION,
            "epoch": progress.epoch + progress.whole,
            "step": 0 if progress.whole else done,
            "steps": self._train.steps,
            "stopped": bool(self._model.stop_training),
            "logs": dict(logs or {}),
            "random": _random_state(),
            "train": self._train.position(done),
            "validation": None if self._validation is None else self._validation.position(),
            "callbacks": {name: callback.get_state() for name, callback in self._with_state()},
            "paths": [v.path for v in variables],
        }
        write_state(Path(path), state, [_value(v) for v in variables])

    def _with_state(self) -> Iterator[tuple[str, Any]]:
        """Callbacks that have a state, by class and number."""
        counts: dict[str, int] = {}
        for callback in self._callbacks.callbacks:
            name = type(callback).__name__
            counts[name] = counts.get(name, 0) + 1
            if hasattr(callback, "get_state") and hasattr(callback, "set_state"):
                yield f"{name}/{counts[name]}", callback

    # Restoring -------------------------------------------------------------------------------------------
    def find(self, path: str | os.PathLike) -> None:
        """Read a file, and set the progress; nothing else is changed before `restore`.

        Raises:
            ValueError: If the file is damaged, or that of another model or other data.
        """
        from addax.saving._state_file import opened_state

        with opened_state(Path(path)) as file:
            state = _checked(file.state, path)
            wanted = _variables(self._model)
            if len(wanted) != len(file.shapes):  # some come into being in the first step
                self._make_variables()
                wanted = _variables(self._model)
            _compare(wanted, file, state["paths"], path)
            steps = self._train.steps
            if None not in (steps, state["steps"]) and steps != state["steps"]:
                raise ValueError(
                    message(
                        f"{path} is the backup of a run with other data, or another batch size.",
                        expected=f"{state['steps']} batches an epoch",
                        received=f"{steps} batches an epoch",
                    )
                )
            self._found = (state, file.variables())
        progress = self.progress
        progress.epoch, progress.step = state["epoch"], state["step"]
        progress.stopped, progress.logs = state["stopped"], state["logs"]

    @property
    def mid_epoch(self) -> bool:
        """Whether what was found stands inside of an epoch."""
        return self._found is not None and self._found[0]["step"] > 0

    def restore(self) -> None:
        """Put everything that was found in its place.

        Raises:
            ValueError: If something in the file is not what it should be.
        """
        assert self._found is not None
        (state, values), self._found = self._found, None
        try:
            self._put_back(state)
        except (ArithmeticError, AttributeError, LookupError, TypeError) as error:
            raise ValueError(
                message("The backup does not fit this run.", received=f"{type(error).__name__}: {error}")
            ) from error
        for variable, value in zip(_variables(self._model), values, strict=True):
            variable.assign(value)

    def _put_back(self, state: dict[str, Any]) -> None:
        """Everything but the variables."""
        self._model.stop_training = state["stopped"]
        self.progress.step = state["step"]
        for feed, position in ((self._train, state["train"]), (self._validation, state["validation"])):
            if feed is not None and position is not None:
                feed.go_to(position)
        for name, callback in self._with_state():
            if name in state["callbacks"]:
                callback.set_state(state["callbacks"][name])
        _set_random_state(state["random"])  # the last: the data may have drawn from the generators

    def _make_variables(self) -> None:
        """Have the training step make the variables that a custom one makes late; all of them are restored."""
        model = self._model
        batch, eager = stage_text(model, self._train.peek())
        if eager or runs_eagerly(model):
            model._steps.run("train", batch)
        else:
            model._steps._program("train", batch)


def _variables(model: Any) -> list[Variable]:
    """Every variable that training reads or writes, each once, in an order that follows from the script alone."""
    optimizers = [child for child in Module._children(model) if isinstance(child, Optimizer)]
    found: dict[Variable, None] = dict.fromkeys(model._walk_variables())
    for module in (model.optimizer, model._objective, *optimizers):
        if module is not None:
            own = module.variables if isinstance(module, Optimizer) else module._walk_variables()
            found.update(dict.fromkeys(own))
    compiled = model._steps._compiled.get("train")
    if compiled is not None:
        found.update(dict.fromkeys(compiled.variables))
    return list(found)


def _value(variable: Variable) -> np.ndarray:
    return np.asarray(variable.numpy())


def _compare(wanted: list[Variable], file: StateFile, paths: list, path: Any) -> None:
    """Raise unless the shapes in a file are those of the model, before anything is read."""
    if len(paths) != len(file.shapes):
        raise ValueError(message(f"{path} is damaged: its list of variables is another one."))
    mine = [f"{v.path} {tuple(v.shape)}" for v in wanted]
    theirs = [f"{name} {tuple(shape)}" for name, shape in zip(paths, file.shapes, strict=True)]
    shapes = [tuple(v.shape) for v in wanted]
    if shapes == [tuple(shape) for shape in file.shapes]:
        return
    longest = max(len(mine), len(theirs))
    rows = zip(_padded(mine, longest), _padded(theirs, longest), strict=True)
    differing = [f"  {a}    {b}" for a, b in rows if a.rpartition(" (")[2] != b.rpartition(" (")[2]]
    raise ValueError(
        message(
            f"{path} is the backup of another model (the model's variable, then that of the file):\n"
            + "\n".join(differing[:_SHOWN]),
            expected=f"{len(mine)} variables",
            received=f"{len(theirs)} variables in the file",
            hint="Delete the backup to train from the beginning.",
        )
    )


def _padded(names: list[str], length: int) -> list[str]:
    return [*names, *["nothing"] * (length - len(names))]


def _checked(state: Any, path: Any) -> dict[str, Any]:
    """The state, if everything in it is of the right kind."""
    kinds: dict[str, Any] = {
        "version": int,
        "epoch": int,
        "step": int,
        "steps": (int, type(None)),
        "stopped": bool,
        "logs": dict,
        "random": dict,
        "train": (dict, type(None)),
        "validation": (dict, type(None)),
        "callbacks": dict,
        "paths": list,
    }
    problem = None
    if not isinstance(state, dict) or state.get("version") != _VERSION:
        problem = f"version {state.get('version') if isinstance(state, dict) else None}"
    elif wrong := [name for name, kind in kinds.items() if not isinstance(state.get(name, ...), kind)]:
        problem = f"a strange {wrong[0]!r}"
    elif state["epoch"] < 0 or state["step"] < 0:
        problem = "a place before the beginning"
    if problem is not None:
        raise ValueError(
            message(f"{path} is no backup of a run.", expected=f"version {_VERSION}", received=problem)
        )
    return state


def _random_state() -> dict[str, Any]:
    seeds = _seed._global  # to make one would draw from Python's generator
    return {**random_state(), "seeds": None if seeds is None else np.asarray(seeds.state.numpy())}


def _set_random_state(state: dict[str, Any]) -> None:
    if state["seeds"] is not None:
        _seed.global_seed_generator().state.assign(np.asarray(state["seeds"], np.uint32))
    set_random_state(state)

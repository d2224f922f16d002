"""Saves that are killed, or run out of room, at one place after the other; `test_cut_saves.py` runs it on its own.

A forked child saves over what a whole save has left; the parent looks at what is there then. Prints one JSON line for
each kind of save: how often each outcome was seen.
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import addax as keras
import addax.tf as tf

X = np.ones((1, 8), "float32")
LIMITS = (0, 700, 9_000)  # bytes that a file may have, where the disk is full
_PATIENCE = 120


class Kind(NamedTuple):
    """A kind of save.

    Attributes:
        name: The final name.
        save: Saves a value at a path.
        read: Gives the value at a path.
    """

    name: str
    save: Callable[[Path, float], Any]
    read: Callable[[Path], float]


def _model(value: float = 0.0) -> Any:
    model = keras.Sequential(
        [keras.Input((8,), name="x"), keras.layers.Dense(64, name="a"), keras.layers.Dense(64, name="b")],
        name="m",
    )
    for variable in model.variables:
        variable.assign(np.full(variable.shape, value))
    return model


_MODELS = {value: _model(value) for value in (1.0, 2.0)}
_TARGET = _model()


def _value_of(model: Any) -> float:
    """The one value of all variables."""
    (value,) = {float(v) for variable in model.variables for v in np.unique(np.asarray(variable))}
    return value


def _weights(path: Path) -> float:
    _TARGET.load_weights(path)
    return _value_of(_TARGET)


def _checkpoint(path: Path, value: float) -> None:
    tf.train.Checkpoint(model=_MODELS[value]).write(path)


def _restored(path: Path) -> float:
    tf.train.Checkpoint(model=_TARGET).read(path).assert_existing_objects_matched()
    return _value_of(_TARGET)


def _numbered(path: Path, value: float) -> None:
    tf.train.Checkpoint(model=_MODELS[value]).save(path / "c")


def _latest(path: Path) -> float:
    return _restored(Path(str(tf.train.latest_checkpoint(path))))


def _dataset(path: Path, value: float) -> None:
    tf.data.Dataset.from_tensors(np.full(5000, value, "float32")).repeat(2).save(str(path))


def _elements(path: Path) -> float:
    first, second = (np.unique(np.asarray(x)) for x in tf.data.Dataset.load(str(path)))
    (value,) = {*first.tolist(), *second.tolist()}
    return value


def _saved_model(path: Path) -> float:
    (value,) = {float(v) for var in tf.saved_model.load(path).variables for v in np.unique(np.asarray(var))}
    return value


@contextlib.contextmanager
def _traced_once() -> Iterator[None]:
    """JAX may hang in a forked process, so programs are traced here and handed out there; the rest is real."""
    from addax.export import _saved_model as writer

    real, kept = writer.trace_program, {}

    def trace(function: Any, values: Any, inputs: Any, **options: Any) -> Any:
        key = str((options.get("name"), [value.shape for value in values], inputs))
        if key not in kept:
            kept[key] = real(function, values, inputs, **options)
        return kept[key]

    writer.trace_program = trace
    try:
        yield
    finally:
        writer.trace_program = real


KINDS = {
    "keras": Kind(
        "m.keras", lambda p, v: _MODELS[v].save(p), lambda p: _value_of(keras.models.load_model(p))
    ),
    "weights": Kind("m.weights.h5", lambda p, v: _MODELS[v].save_weights(p), _weights),
    "h5": Kind("m.h5", lambda p, v: _MODELS[v].save(p), lambda p: _value_of(keras.models.load_model(p))),
    "shards": Kind(
        "m.weights.json",
        lambda p, v: keras.saving.save_weights(_MODELS[v], p, max_shard_size=17e3 / 2**30),
        _weights,
    ),
    "checkpoint": Kind("c", _checkpoint, _restored),
    "checkpoints": Kind("folder", _numbered, _latest),
    "dataset": Kind("data", _dataset, _elements),
    "saved_model": Kind("sm", lambda p, v: _MODELS[v].export(p, verbose=False), _saved_model),
}
_EVENTS = ("open", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate")


def _child(act: Callable[[], Any]) -> int:
    """Run something in a forked process; the wait status."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            signal.alarm(_PATIENCE)
            act()
            code = 0
        except OSError:
            code = 3
        finally:
            os._exit(code)
    return os.waitpid(pid, 0)[1]


def _dying(folder: Path, number: int) -> None:
    """Kill this process before the event of a number among those that concern files below a folder."""
    seen = 0

    def hook(event: str, args: tuple) -> None:
        nonlocal seen
        if (
            event in _EVENTS
            and isinstance(args[0], (str, os.PathLike))
            and str(args[0]).startswith(str(folder))
        ):
            if event != "open" or args[2] & (os.O_WRONLY | os.O_RDWR):
                seen += 1
                if seen == number:
                    os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _state(kind: Kind, path: Path) -> str:
    """What stands under the final name."""
    try:
        return {1.0: "old", 2.0: "new"}[kind.read(path)]
    except FileNotFoundError:
        return "none"
    except Exception as error:
        return "none" if not path.exists() else f"half: {type(error).__name__} {str(error)[:200]}"


def _fresh(kind: Kind, root: Path) -> Path:
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    kind.save(root / kind.name, 1.0)
    return root / kind.name


def killed(kind: Kind, root: Path) -> dict[str, int]:
    """The outcomes of a save that is killed at one event after the other, and in the midst of its bytes."""
    found: collections.Counter = collections.Counter()
    for number in range(1, 200):
        path = _fresh(kind, root)
        status = _child(lambda path=path, number=number: (_dying(root, number), kind.save(path, 2.0)))
        found[_state(kind, path)] += 1
        if not os.WIFSIGNALED(status):
            found["finished"] = os.WEXITSTATUS(status) == 0
            break
        kind.save(path, 2.0)  # what is left is in nobody's way
        if _state(kind, path) != "new":
            found["stuck"] += 1
    for limit in LIMITS:
        path = _fresh(kind, root)
        status = _child(
            lambda path=path, limit=limit: (_limited(limit, signal.SIG_DFL), kind.save(path, 2.0))
        )
        found[_state(kind, path)] += 1
        found["cut"] += os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXFSZ
    return dict(found)


def _limited(limit: int, action: Any) -> None:
    signal.signal(signal.SIGXFSZ, action)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


def full(kind: Kind, root: Path) -> dict[str, int]:
    """The outcomes of a save for which there is no room."""
    found: collections.Counter = collections.Counter()
    for limit in LIMITS:
        path = _fresh(kind, root)
        before = {p.relative_to(root) for p in root.rglob("*")}
        status = _child(
            lambda path=path, limit=limit: (_limited(limit, signal.SIG_IGN), kind.save(path, 2.0))
        )
        found[_state(kind, path)] += 1
        found["OSError"] += os.WIFEXITED(status) and os.WEXITSTATUS(status) == 3
        found["left behind"] += len({p.relative_to(root) for p in root.rglob("*")} - before)
    return dict(found)


def main() -> None:
    """Run the kinds that are named."""
    root = Path(sys.argv[1])
    for name in sys.argv[2:]:
        kind = KINDS[name]
        with _traced_once():
            outcomes = {"killed": killed(kind, root / name), "full": full(kind, root / name)}
        print(json.dumps({"kind": name, **outcomes}), flush=True)


if __name__ == "__main__":
    main()

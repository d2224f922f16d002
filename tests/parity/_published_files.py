"""Which published file of weights an architecture asks for: of Addax and of the real Keras, without building any.

The layers, the model and `get_file` of the modules of `keras.applications` are replaced by stand-ins.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any
from unittest import mock


class Stand:
    """Stands for a tensor, a layer and a model."""

    name = "stand"

    def __init__(self, shape: tuple = (64, 64, 64)) -> None:
        self.shape = (None, *shape)

    def __call__(self, *args: Any, **kwargs: Any) -> Stand:
        return self

    def Input(self, shape: tuple, **kwargs: Any) -> Stand:  # noqa: N802
        return Stand(shape)

    def __getattr__(self, name: str) -> Stand:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def _same(self, other: Any) -> Stand:
        return self

    __add__ = __radd__ = __mul__ = __rmul__ = __sub__ = __truediv__ = _same


def calls(library: Any, cases: list[tuple[str, dict]]) -> list[dict[str, Any]]:
    """What `get_file` is called with for each of some (name, arguments).

    Args:
        library: `addax` or the real `keras`.
        cases: Names of architectures, and their arguments beside `weights`.
    """
    found = []
    functions = [getattr(library.applications, name) for name, _ in cases]  # all modules are imported now
    with contextlib.ExitStack() as stack:
        record: dict[str, Any] = {}
        for module in _modules(library):
            for name, value in _stand_ins(record).items():
                if hasattr(module, name):
                    stack.enter_context(mock.patch.object(module, name, value))
        for function, (_, arguments) in zip(functions, cases, strict=True):
            record.clear()
            function(weights="imagenet", **arguments)
            found.append(dict(record))
    return found


def _modules(library: Any) -> Iterator[Any]:
    roots = ("addax.applications.", "keras.src.applications.")
    root = roots[library.__name__ == "keras"]
    yield from [m for name, m in sys.modules.items() if name.startswith(root) and m is not None]


def _stand_ins(record: dict[str, Any]) -> dict[str, Any]:
    def get_file(fname: Any = None, origin: Any = None, cache_subdir: str = "datasets", **hashes: Any) -> str:
        record.update(
            file=fname or origin.rpartition("/")[2],
            origin=origin,
            folder=cache_subdir,
            digest=hashes.get("file_hash") or hashes.get("md5_hash"),
        )
        return "file"

    def sources(*args: Any, **kwargs: Any) -> list[Stand]:
        return [Stand()]

    file_utils, operation_utils = mock.Mock(get_file=get_file), mock.Mock(get_source_inputs=sources)
    return {
        "layers": Stand(),
        "Functional": Stand(),
        "Sequential": Stand(),
        "get_file": get_file,
        "file_utils": file_utils,
        "operation_utils": operation_utils,
        "_sources": sources,
        **{
            name: Stand() for name in ("LayerScale", "CustomScaleLayer", "StochasticDepth", "PreStem", "Head")
        },
    }

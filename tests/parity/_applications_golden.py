"""Compare every architecture with the real Keras's, and record Keras's for the tests.

`python -m tests.parity._applications_golden [NAME ...]` builds each in both libraries without weights, says what
differs, and writes `applications_golden.json` (minutes: the real Keras is slow at it).
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).with_name("applications_golden.json")
API = Path(__file__).resolve().parents[1] / "api" / "keras_api.txt"


def members() -> list[str]:
    """The names of the architectures."""
    names = [line.split(".") for line in API.read_text(encoding="utf-8").split()]
    return [n[2] for n in names if n[:2] == ["keras", "applications"] and len(n) == 3 and n[2][0].isupper()]


def layers(model: Any) -> list[str]:
    """Class and name of each layer, in order; those of a `Sequential` inside too."""
    found = []
    for layer in model.layers:
        found.append(f"{type(layer).__name__} {layer.name}")
        if type(layer).__name__ == "Sequential":
            found += [f"{type(inner).__name__} {inner.name}" for inner in layer.layers]
    return found


def weights(model: Any) -> list[str]:
    """Path, shape and dtype of each weight, in the order of `get_weights`."""
    return [f"{v.path} {tuple(v.shape)} {v.dtype} {v.trainable}" for v in model.weights]


def facts(model: Any) -> dict[str, Any]:
    """What the tests compare."""
    return {
        "parameters": model.count_params(),
        "input": list(model.input_shape),
        "layers": _digest(layers(model)),
        "weights": _digest(weights(model)),
    }


def _digest(lines: list[str]) -> str:
    return f"{len(lines)} {hashlib.sha256(chr(10).join(lines).encode()).hexdigest()[:16]}"


def without_draws(set_attribute: Any) -> None:
    """Let the real Keras start from zeros: its own values do not matter, and its draws compile for each new shape.

    Args:
        set_attribute: `setattr`, or that of a monkeypatch.
    """
    import numpy as np
    from keras import initializers

    for cls in (initializers.VarianceScaling, initializers.Zeros, initializers.Ones):
        set_attribute(
            cls, "__call__", lambda self, shape, dtype=None, **kwargs: np.zeros(shape, dtype or "float32")
        )


def main(names: list[str]) -> int:
    """Build, compare, record."""
    import keras

    import addax

    without_draws(setattr)
    golden = json.loads(GOLDEN.read_text(encoding="utf-8")) if GOLDEN.exists() else {}
    wrong = 0
    for name in names or members():
        before = time.perf_counter()
        ours = _built(addax, name)
        middle = time.perf_counter()
        theirs = _built(keras, name)
        seconds = f"{middle - before:.1f} s and {time.perf_counter() - middle:.1f} s"
        golden[name] = facts(theirs)
        if golden[name] == facts(ours):
            print(f"{name}: equal, {golden[name]['parameters']} parameters ({seconds})", flush=True)
        else:
            wrong += 1
            pairs = [
                *zip(layers(ours), layers(theirs), strict=False),
                *zip(weights(ours), weights(theirs), strict=False),
            ]
            print(
                f"{name}: {facts(ours)}, not {golden[name]}",
                *[p for p in pairs if p[0] != p[1]][:5],
                flush=True,
            )
        GOLDEN.write_text(json.dumps(golden, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return wrong


def _built(library: Any, name: str) -> Any:
    library.utils.clear_session()
    return getattr(library.applications, name)(weights=None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

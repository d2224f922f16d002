"""`keras.distribution` on four devices: the numbers, shards and names of the real Keras."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.four_devices import run

from addax.core import tree


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return json.loads(run(Path(__file__).with_name("_distribution.py")))


@pytest.mark.parametrize("kind", [0, 1], ids=["data", "model"])
def test_training_gives_what_keras_gives(found: dict[str, Any], kind: int) -> None:
    ours, theirs = found["addax"][kind], found["keras"][kind]
    np.testing.assert_allclose(tree.flatten(ours[0]), tree.flatten(theirs[0]), rtol=1e-4, atol=1e-5)
    assert ours[1:] == theirs[1:]

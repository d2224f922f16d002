"""Every function of these namespaces of `addax.tf` is in an expression that is compared with TensorFlow."""

import re
from functools import reduce
from pathlib import Path

import pytest

import addax.tf as tf

NAMESPACES = (
    "audio",
    "bitwise",
    "image",
    "linalg",
    "math",
    "nn",
    "quantization",
    "random",
    "signal",
    "strings",
)

# What TensorFlow cannot say, and where it is tested instead.
EXEMPT = {
    "math.approx_min_k": "TensorFlow has it on accelerators only; tests/unit/tf/test_math.py",
    "nn.approx_min_k": "TensorFlow has it on accelerators only; tests/unit/tf/test_math.py",
    "random.Algorithm": "a list of names; tests/unit/tf/test_random.py",
    "random.create_rng_state": "the numbers are those of another generator; tests/unit/tf/test_random.py",
    "random.set_global_generator": "changes the process; tests/unit/tf/test_random.py",
    "signal.fftnd": "TensorFlow has it on GPUs only; tests/unit/tf/test_math.py holds it against NumPy",
    "signal.ifftnd": "TensorFlow has it on GPUs only; tests/unit/tf/test_math.py holds it against NumPy",
    "signal.irfftnd": "TensorFlow has it on GPUs only; tests/unit/tf/test_math.py holds it against NumPy",
    "signal.rfftnd": "TensorFlow has it on GPUs only; tests/unit/tf/test_math.py holds it against NumPy",
}
TEXT = Path(__file__).with_name("tf_expressions.txt").read_text(encoding="utf-8")
USED = {
    match[:end].removeprefix("tf.")
    for match in set(re.findall(r"\btf(?:\.[A-Za-z_]\w*)+", TEXT))
    for end in (*(dot.start() for dot in re.finditer(r"\.", match)), len(match))
} - {"tf"}


def found(path):
    """The object of a name from `tf` on; None if there is none."""
    return reduce(lambda at, part: getattr(at, part, None), path.split("."), tf)


SEEN = {id(found(name)) for name in USED}


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_each_function_is_compared(namespace):
    module = found(namespace)
    names = [f"{namespace}.{name}" for name in module.__all__ if callable(getattr(module, name))]
    assert names
    missing = {name for name in names if id(found(name)) not in SEEN} - set(EXEMPT)
    assert not missing, (
        f"write expressions of {sorted(missing)} into tests/parity/tf_expressions.txt, and run "
        "tests/oracle/write_tf_results.py in .venv-oracle"
    )


@pytest.mark.parametrize("name", EXEMPT)
def test_exemptions_are_needed(name):
    assert callable(found(name)) and id(found(name)) not in SEEN

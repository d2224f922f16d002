"""Every target of `make fuzz` on its seeds, which must get in, and on a few changes of them."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import warnings

import pytest
from tests.fuzz import targets
from tests.fuzz._mutate import mutated

from addax.core import serial

_CHANGES = 12
_SLOW = ("layer_config", "stablehlo", "training_config")  # what builds or parses a program each time
# Seeds that are refused on purpose: archives that are packed by other methods, another kind for the same reader.
_REFUSED = {"cifar": 1, "csv": 2, "inspect": 1, "keras_file": 2, "tensor": 0, "vocabulary": 1}


@pytest.fixture(scope="module")
def known():
    free, memory = serial._FREE, serial._memory
    targets.place().mkdir(exist_ok=True)
    yield targets.load_all()
    serial._FREE, serial._memory = free, memory
    shutil.rmtree(targets.place(), ignore_errors=True)


def _names():
    with pytest.MonkeyPatch.context() as patch:  # the limits of fuzzing are not those of the suite
        patch.setattr(serial, "_FREE", serial._FREE)
        patch.setattr(serial, "_memory", serial._memory)
        return list(targets.load_all())


@pytest.mark.grid
@pytest.mark.parametrize("name", _names())
def test_seeds_get_in_and_changes_of_them_are_read_or_refused(name, known):
    target, refused = known[name], 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seeds = target.seeds()
        for seed in seeds:
            try:
                target.run(seed)
            except target.allowed:
                refused += 1
        count = 2 if name in _SLOW else _CHANGES
        for data in itertools.islice(mutated(seeds, seed=0), count):
            target.check(data)
    assert refused <= _REFUSED.get(name, 0), f"{refused} of {len(seeds)} seeds are refused"


def test_a_leak_is_noticed():
    def leaking(error):
        def run(data):
            raise error

        return targets.Target(run, list)

    for error in (KeyError("x"), MemoryError(), UnicodeDecodeError("utf-8", b"", 0, 1, "x"), IndexError("x")):
        with pytest.raises((AssertionError, KeyError, MemoryError, IndexError)):
            leaking(error).check(b"")
    with contextlib.nullcontext():
        leaking(ValueError("x")).check(b"")
        leaking(OSError("x")).check(b"")

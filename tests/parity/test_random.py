"""`addax.random` draws the numbers of Keras on JAX from the same seeds."""

from __future__ import annotations

import keras as real
import numpy as np
import pytest

from addax import random

pytestmark = pytest.mark.grid

LOGITS = np.array([[0.0, 1.0, 2.0], [3.0, 0.0, 0.0]], "float32")
DRAWS = {
    "normal": [((3,),), ((2, 2), 1.0, 3.0), ((4,), 0.0, 1.0, "float16")],
    "uniform": [((3,),), ((2, 2), -1.0, 3.0), ((4,), 0.0, 1.0, "bfloat16")],
    "truncated_normal": [((5,),), ((5,), 2.0, 0.5)],
    "gamma": [((3,), 2.0), ((2, 2), np.array([0.5, 3.0], "float32"))],
    "beta": [((3,), 2.0, 3.0)],
    "binomial": [((4,), 10, 0.5), ((2,), [3, 8], [0.1, 0.9])],
    "randint": [((5,), 0, 10), ((5,), -3, 3, "int8"), ((5,), 0, 10, "uint32")],
    "categorical": [(LOGITS, 4), (LOGITS, 2, "int8")],
    "dropout": [
        (np.ones((3, 3), "float32"), 0.5),
        (np.ones((3, 3), "float32"), 0.2, (3, None)),
        (LOGITS, 0.0),
        (LOGITS, 1.0),
    ],
    "shuffle": [(np.arange(6),), (np.arange(12).reshape(3, 4), 1)],
}


@pytest.mark.parametrize("name", DRAWS)
def test_integer_seeds_give_the_numbers_of_keras(name):
    for args in DRAWS[name]:
        theirs = np.asarray(getattr(real.random, name)(*args, seed=42))
        ours = getattr(random, name)(*args, seed=42)
        assert ours.dtype.name == theirs.dtype.name
        np.testing.assert_allclose(ours.numpy().astype("float64"), theirs.astype("float64"), rtol=3e-6)
        if len(args) == 1:  # nothing that XLA may round in another order
            np.testing.assert_array_equal(ours.numpy(), theirs)


def test_generators_give_the_keys_of_keras():
    theirs, ours = real.random.SeedGenerator(7), random.SeedGenerator(7)
    for ordered in (True, False, False, True):
        np.testing.assert_array_equal(ours.next(ordered).numpy(), np.asarray(theirs.next(ordered)))
    assert ours.get_config().keys() == theirs.get_config().keys()


def test_draws_from_generators_are_those_of_keras():
    theirs, ours = real.random.SeedGenerator(7), random.SeedGenerator(7)
    for _ in range(2):
        wanted = np.asarray(real.random.normal((3,), seed=theirs))
        np.testing.assert_array_equal(random.normal((3,), seed=ours).numpy(), wanted)


def test_a_global_seed_gives_the_draws_of_keras():
    from addax.random._seed import set_global_seed

    random.normal((1,))
    real.utils.set_random_seed(3)
    wanted = [np.asarray(real.random.normal((3,))) for _ in range(2)]
    set_global_seed(3)
    for draw in wanted:
        np.testing.assert_array_equal(random.normal((3,)).numpy(), draw)

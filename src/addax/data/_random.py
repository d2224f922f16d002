"""Randomness of a pipeline: orders that a seed fixes, and random generators that a function draws from.

Each iteration has its own numbers. They follow from seeds alone, and their position is part of saved states.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import numpy as np

from addax.data._arguments import integer
from addax.engine import Variable
from addax.random._seed import make_default_seed

SAMPLE = 2**32 - 1  # the iteration in which an element is computed only to see what elements are like


class Orders:
    """The seed of a transformation, and how many of its iterations have started.

    Args:
        seed: A seed.
        again: Whether each iteration has other numbers.
    """

    def __init__(self, seed: int, again: bool) -> None:
        self.seed, self.again = seed, again
        self.count = 0

    def start(self) -> Draws:
        """The numbers of a new iteration."""
        self.count += 1
        return Draws(self.seed, self.count - 1 if self.again else 0)

    def get_state(self) -> Any:
        """Seed and number of iterations."""
        return [self.seed, self.count]

    def set_state(self, state: Any) -> None:
        """Go where `get_state` was called."""
        self.seed, self.count = state


class Draws:
    """Random numbers, the n-th of which depends on the seed, the epoch and n alone.

    Args:
        seed: A seed.
        epoch: Which of the sequences of this seed.
    """

    def __init__(self, seed: int, epoch: int) -> None:
        self.set_state([seed, epoch, 0])

    def uniform(self, count: int) -> np.ndarray:
        """Numbers in [0, 1), one step of the generator each."""
        self.drawn += count
        return self._generator.random(count)

    def below(self, bound: int, count: int) -> np.ndarray:
        """Integers in [0, bound)."""
        return (self.uniform(count) * bound).astype(np.int64)

    def permutation(self, count: int) -> np.ndarray:
        """The numbers below `count` in an order that does not depend on what was drawn before."""
        return np.random.Generator(np.random.PCG64([self.seed % 2**64, self.epoch, 1])).permutation(count)

    def get_state(self) -> list[int]:
        """Seed, epoch and number of draws."""
        return [self.seed, self.epoch, self.drawn]

    def set_state(self, state: Any) -> None:
        """Go where `get_state` was called."""
        self.seed, self.epoch, self.drawn = state
        bits = np.random.PCG64([self.seed % 2**64, self.epoch])
        if self.drawn:
            bits.advance(self.drawn)
        self._generator = np.random.Generator(bits)


def is_seed(variable: Variable) -> bool:
    """Whether a variable is the state of a `SeedGenerator`."""
    return variable.name == "seed_generator_state" and variable._dtype == "uint32"


class Keys:
    """The random generators that a function draws from, and how many iterations have started.

    A pipeline does not draw from the generators themselves, since a thread may run it ahead of the program.
    Each generator gives it one key, when the function is traced, and from that it makes its own.

    Args:
        seed: What the seeds of datasets that the function makes come from; None if it makes none.
    """

    def __init__(self, seed: int | None = None) -> None:
        self.seed = seed
        self.count = 0
        self._bases: list[np.ndarray] = []  # of a saved state, they may come before the generators are known
        self._positions: dict[Variable, int] = {}

    def adopt(self, variable: Variable) -> int:
        """The number of a generator; the first time, it gives its key and moves on."""
        position = self._positions.get(variable)
        if position is None:
            position = self._positions[variable] = len(self._positions)
            key = np.asarray(variable._value)
            base, rest = np.random.SeedSequence(key.tolist()).generate_state(2 * len(key)).reshape(2, -1)
            variable._value = rest.astype(np.uint32)
            if position == len(self._bases):
                self._bases.append(base)
        return position

    def first(self, position: int, epoch: int) -> np.ndarray:
        """The key that an iteration starts with."""
        base = self._bases[position]
        return np.random.SeedSequence([*map(int, base), epoch]).generate_state(len(base))

    def start(self) -> Seeds:
        """The keys of a new iteration."""
        self.count += 1
        return Seeds(self, self.count - 1)

    def sample(self) -> Seeds:
        """Keys for an element that is computed only to see what elements are like."""
        return Seeds(self, SAMPLE)

    def get_state(self) -> Any:
        """Number of iterations, and the keys that the generators gave."""
        return {"seed": self.seed, "count": self.count, "bases": list(self._bases)}

    def set_state(self, state: Any) -> None:
        """Go where `get_state` was called."""
        self.seed, self.count = state["seed"], state["count"]
        self._bases = [np.asarray(base, np.uint32) for base in state["bases"]]


class Seeds:
    """The keys of one iteration.

    Args:
        keys: What they are made from.
        epoch: The number of the iteration.
    """

    def __init__(self, keys: Keys, epoch: int) -> None:
        self._keys, self._epoch = keys, epoch
        self._now: dict[int, Any] = {}
        self._made = 0

    def new_seed(self) -> int | None:
        """A seed for a dataset that the function makes."""
        if self._keys.seed is None:
            return None
        self._made += 1
        return int(np.random.SeedSequence([self._keys.seed, self._epoch, self._made]).generate_state(1)[0])

    def get(self, variable: Variable) -> Any:
        """The key of a generator now."""
        position = self._keys.adopt(variable)
        if position not in self._now:
            self._now[position] = self._keys.first(position, self._epoch)
        return self._now[position]

    def put(self, variable: Variable, key: Any) -> None:
        """Set the key of a generator."""
        self._now[self._keys.adopt(variable)] = key

    def get_state(self) -> Any:
        """Epoch and keys."""
        keys = [[position, np.asarray(key)] for position, key in self._now.items()]
        return {"epoch": self._epoch, "made": self._made, "keys": keys}

    def set_state(self, state: Any) -> None:
        """Go where `get_state` was called."""
        self._epoch, self._made, self._now = state["epoch"], state["made"], dict(state["keys"])


inside: ContextVar[Seeds | None] = ContextVar("addax_data_seeds", default=None)
"""The keys of the function of a pipeline that runs now."""


def seed_of(seed: Any) -> int:
    """An integer seed.

    None gives one that `set_random_seed` fixes: from Python's `random`, or in the function of a pipeline from
    its iteration, so that a saved iteration makes the same datasets again.
    """
    if seed is not None:
        return integer(seed, "seed")
    seeds = inside.get()
    found = None if seeds is None else seeds.new_seed()
    return make_default_seed() if found is None else found

"""Seeds: generators of keys, and the one that serves draws without a seed (public in `addax.random`)."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from addax.core import context
from addax.core.errors import message
from addax.core.names import unique_name
from addax.engine import Module, SymbolicTensor, Tensor, Variable, _replicas, op
from addax.engine._jax import jnp


@op
def _next_ordered(state: Any) -> tuple[Any, Any]:
    return jnp.asarray(state), state + jnp.array([0, 1], jnp.uint32)


@op
def _next_scrambled(state: Any) -> tuple[Any, Any]:
    # The sequence of Keras, so that draws without a seed can be compared.
    return jnp.asarray(state), (state + jnp.uint32(1)) * jnp.uint32(5387) % jnp.uint32(933199)


@op
def _apart(key: Any, number: Any) -> Any:
    """The key of one of several replicas; that of the first one is the key itself."""
    first = key[0] ^ number.astype(jnp.uint32) * jnp.uint32(0x9E3779B9)
    return jnp.stack([first, key[1]])


class SeedGenerator(Module):
    """Gives a fresh key at each draw; its state is a variable, so it works in compiled functions too.

    Args:
        seed: An integer that fixes the sequence; drawn from Python's `random` if None.
        name: A name.

    Raises:
        ValueError: If `seed` is neither None nor an integer.

    Example:
        >>> import addax as keras
        >>> seeds = keras.random.SeedGenerator(42)
        >>> a, b = keras.random.normal((2,), seed=seeds), keras.random.normal((2,), seed=seeds)
        >>> bool((a == b).numpy().any())
        False
    """

    def __init__(self, seed: int | None = None, name: str | None = None, **kwargs: Any) -> None:
        kwargs.pop("backend", None)
        if kwargs:
            raise ValueError(f"SeedGenerator() got unexpected keyword arguments {sorted(kwargs)}.")
        self.name = name or unique_name("seed_generator")
        self._initial_seed = seed
        if seed is None:
            seed = make_default_seed()
        if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool):
            raise ValueError(message("A seed must be an integer.", received=seed))
        with context.entered(path=(*context.current().path, self.name)):
            self.state = Variable(
                _key_of(int(seed)),
                dtype="uint32",
                trainable=False,
                autocast=False,
                name="seed_generator_state",
            )

    def next(self, ordered: bool = True) -> Any:
        """The current key, a uint32 tensor of shape (2,); then the state moves on.

        Args:
            ordered: Whether the second number counts up; else both are scrambled.
        """
        key, state = (_next_ordered if ordered else _next_scrambled)(self.state)
        replica = _replicas.current()
        if replica is None:
            self.state.assign(state)
            return key
        with _replicas.updating():  # all replicas draw as often
            self.state.assign(state)
        return _apart(key, Tensor(replica.id))

    def get_config(self) -> dict[str, Any]:
        """The seed and the name."""
        return {"seed": self._initial_seed, "name": self.name}


_global: SeedGenerator | None = None


def global_seed_generator() -> SeedGenerator:
    """The generator behind draws without a seed."""
    global _global
    found = _global
    if found is None:
        with context.entered(path=(), bindings=None):
            found = _global = SeedGenerator(name="global_seed_generator")
    return found


def make_default_seed() -> int:
    """A seed from Python's `random`, which `set_random_seed` seeds."""
    return random.randint(1, int(1e9))


def set_global_seed(seed: int) -> None:
    """Seed Python's `random`, NumPy's global generator and the generator behind draws without a seed.

    Args:
        seed: A non-negative integer.

    Raises:
        ValueError: If `seed` is no integer.
    """
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool):
        raise ValueError(message("A seed must be an integer.", received=seed))
    random.seed(int(seed))
    np.random.seed(int(seed))
    if _global is not None:
        # Assigned, not replaced: compiled functions hold this very variable.
        _global.state.assign(_key_of(random.Random(int(seed)).randint(1, int(1e9))))


def _key_of(seed: int) -> np.ndarray:
    return np.array([seed & 0xFFFFFFFF, 0], np.uint32)


def draw_seed(seed: Any) -> Any:
    """The key that a `seed` argument stands for: a uint32 tensor of shape (2,).

    Args:
        seed: An integer (always the same key), a `SeedGenerator`, a key, or None for the global generator.

    Raises:
        ValueError: If it is none of these.
    """
    if seed is None:
        return global_seed_generator().next(ordered=False)
    if isinstance(seed, SeedGenerator):
        return seed.next()
    if isinstance(seed, (int, np.integer)) and not isinstance(seed, bool):
        return Tensor(_key_of(int(seed)))
    if isinstance(seed, (Tensor, Variable, SymbolicTensor, np.ndarray)) or hasattr(seed, "aval"):
        return seed
    raise ValueError(
        message("Argument `seed` is wrong.", expected="an integer or a SeedGenerator", received=seed)
    )

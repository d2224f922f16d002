"""`tf.random`: generators, sources of random numbers with a state of their own."""

from __future__ import annotations

import enum
from typing import Any

import numpy as np

from addax import ops, random
from addax.core import dtypes
from addax.engine import Module, Variable, op
from addax.engine import _operators as operators
from addax.engine._jax import jax, lax
from addax.engine._operators import known_ints
from addax.ops._dtypes import array_dtype
from addax.random._seed import SeedGenerator
from addax.tf import _random
from addax.tf._random import _key, _shape, _split, _uniform


class Generator(Module):
    """A source of random numbers with a state of its own.

    Args:
        copy_from: A generator whose state is taken over.
        state: A state, two integers, if there is no `copy_from`.
        alg: Accepted for TensorFlow's sake; the numbers are those of JAX's Threefry.
        seed: The integer it starts from, if there is neither of these; drawn at random if None.

    Example:
        >>> import addax.tf as tf
        >>> g = tf.random.Generator.from_seed(1)
        >>> g.normal((2, 3)).shape
        TensorShape([2, 3])
    """

    def __init__(self, copy_from: Any = None, state: Any = None, alg: Any = None, seed: Any = None) -> None:
        self._seed = SeedGenerator(None if seed is None else int(np.asarray(seed)))
        if copy_from is not None:
            self._seed.state.assign(copy_from.state)
        elif state is not None:
            self._seed.state.assign(ops.cast(state, "uint32"))

    @classmethod
    def from_seed(cls, seed: Any, alg: Any = None) -> Generator:
        """A generator that starts from a number.

        Args:
            seed: An integer.
            alg: Accepted for TensorFlow's sake; the numbers are those of JAX's Threefry.
        """
        return cls(seed=seed)

    @classmethod
    def from_state(cls, state: Any, alg: Any = None) -> Generator:
        """A generator in the state of another one.

        Args:
            state: Two integers, as the property `state` of a generator gives them.
            alg: Accepted for TensorFlow's sake; the numbers are those of JAX's Threefry.
        """
        return cls(state=state)

    @classmethod
    def from_non_deterministic_state(cls, alg: Any = None) -> Generator:
        """A generator that starts anywhere.

        Args:
            alg: Accepted for TensorFlow's sake; the numbers are those of JAX's Threefry.
        """
        return cls()

    @property
    def state(self) -> Variable:
        """The state."""
        return self._seed.state

    def reset(self, state: Any) -> None:
        """Go to a state."""
        self._seed.state.assign(ops.cast(state, "uint32"))

    def reset_from_seed(self, seed: Any) -> None:
        """Start from a number again."""
        self._seed.state.assign(SeedGenerator(int(np.asarray(seed))).state)

    def make_seeds(self, count: int = 1) -> Any:
        """Seeds for the stateless functions; each moves the state on.

        Args:
            count: How many.

        Returns:
            An int32 tensor of shape `(2, count)`, a seed in each column.
        """
        keys = [ops.cast(self._seed.next(), "int32") for _ in range(count)]
        return operators.stack(keys, axis=1)

    def split(self, count: int = 1) -> list[Generator]:
        """Generators that are as good as independent of this one and of each other; the state moves on.

        Args:
            count: How many.
        """
        keys = _split(self._seed.next(), count=count)
        return [Generator(state=keys[i]) for i in range(count)]

    def normal(
        self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32", name: Any = None
    ) -> Any:
        """Normal numbers.

        Args:
            shape: The shape of the result.
            mean: The mean, a number or a tensor that broadcasts to `shape`.
            stddev: The standard deviation, likewise.
            dtype: A float dtype.
            name: Accepted for TensorFlow's sake.
        """
        return random.normal(_shape(shape), mean, stddev, dtype=dtype, seed=self._seed)

    def truncated_normal(
        self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32", name: Any = None
    ) -> Any:
        """Normal numbers cut off at two standard deviations.

        Args:
            shape: The shape of the result.
            mean: The mean before the cut, a number or a tensor that broadcasts to `shape`.
            stddev: The standard deviation before the cut, likewise.
            dtype: A float dtype.
            name: Accepted for TensorFlow's sake.
        """
        return random.truncated_normal(_shape(shape), mean, stddev, dtype=dtype, seed=self._seed)

    def uniform(
        self, shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = "float32", name: Any = None
    ) -> Any:
        """Uniform numbers.

        Args:
            shape: The shape of the result.
            minval: The lowest number.
            maxval: The end, which is not drawn itself; 1 for floats if None.
            dtype: A float or an integer dtype.
            name: Accepted for TensorFlow's sake.

        Raises:
            ValueError: If `dtype` is an integer dtype and `maxval` is None.
        """
        return _uniform(shape, minval, maxval, dtype, self._seed)

    def uniform_full_int(self, shape: Any, dtype: Any = "int64", name: Any = None) -> Any:
        """Integers from the whole range of the dtype."""
        return _full_range(self._seed.next(), shape=_shape(shape), dtype=dtypes.standardize(dtype).name)

    def binomial(self, shape: Any, counts: Any, probs: Any, dtype: Any = "int32", name: Any = None) -> Any:
        """How many of some trials succeed.

        Args:
            shape: The shape of the result.
            counts: The numbers of trials, a number or a tensor that broadcasts to `shape`.
            probs: The chances of success, likewise.
            dtype: The dtype of the result.
            name: Accepted for TensorFlow's sake.
        """
        return ops.cast(
            random.binomial(_shape(shape), counts, probs, dtype="float32", seed=self._seed), dtype
        )


@op(static=("shape", "dtype"), name="random_full_range")
def _full_range(key: Any, shape: Any, dtype: str) -> Any:
    wanted = array_dtype(dtype)
    bits = jax.random.bits(_key(key), known_ints(shape, "shape"), f"uint{8 * wanted.itemsize}")
    return lax.bitcast_convert_type(bits, wanted)


class Algorithm(enum.Enum):
    """How numbers are made of a state; accepted for TensorFlow's sake, they are those of JAX's Threefry."""

    PHILOX = 1
    THREEFRY = 2
    AUTO_SELECT = 3


def create_rng_state(seed: Any, alg: Any) -> Any:
    """A state for `Generator(state=...)`, two integers, from a seed.

    Args:
        seed: An integer.
        alg: Accepted for TensorFlow's sake.
    """
    return ops.convert_to_tensor(np.asarray(Generator(seed=seed).state))


_default: Generator | None = None


def get_global_generator() -> Generator:
    """The generator of the process."""
    global _default
    if _default is None:
        _default = Generator(seed=_random._global_seed)
    assert _default is not None
    return _default


def set_global_generator(generator: Generator) -> None:
    """Make another one the generator of the process."""
    global _default
    _default = generator

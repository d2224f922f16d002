"""`tf.random`: stateful numbers that follow the global seed, generators, and numbers from a given seed."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops, random
from addax.core import context, dtypes
from addax.core.errors import message
from addax.engine import Module, Tensor, Variable, op
from addax.engine import _operators as operators
from addax.engine._jax import jax, jnp
from addax.random._seed import SeedGenerator, draw_seed, set_global_seed

_generators: dict[Any, SeedGenerator] = {}
_global_seed: int | None = None


def set_seed(seed: int) -> None:
    """Set the global seed: what is drawn from here on is the same in each run."""
    global _global_seed
    _global_seed = int(seed)
    _generators.clear()
    numpy_state = np.random.get_state()
    set_global_seed(_global_seed)
    np.random.set_state(numpy_state)  # NumPy's generator is not TensorFlow's business


def op_seed(seed: Any) -> Any:
    """The source for an op with a seed of its own: draws differ from call to call, and repeat from run to run."""
    if seed is None or isinstance(seed, SeedGenerator):
        return seed
    key = int(np.asarray(seed))
    if key not in _generators:
        mixed = key if _global_seed is None else (_global_seed * 1_000_003 + key) % 2**31
        with context.entered(path=(), bindings=None):
            _generators[key] = SeedGenerator(mixed)
    return _generators[key]


def _shape(shape: Any) -> Any:
    if isinstance(shape, (int, np.integer)):
        return (int(shape),)
    return shape


def normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = "float32",
    seed: Any = None,
    name: str | None = None,
) -> Any:
    """Numbers from a normal distribution."""
    return random.normal(_shape(shape), mean, stddev, dtype=dtype, seed=op_seed(seed))


def truncated_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = "float32",
    seed: Any = None,
    name: str | None = None,
) -> Any:
    """Numbers from a normal distribution cut off at two standard deviations."""
    return random.truncated_normal(_shape(shape), mean, stddev, dtype=dtype, seed=op_seed(seed))


def uniform(
    shape: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = "float32",
    seed: Any = None,
    name: str | None = None,
) -> Any:
    """Numbers from `[minval, maxval)`; for integers `maxval` must be given.

    Raises:
        ValueError: If it is not.
    """
    return _uniform(shape, minval, maxval, dtype, op_seed(seed))


def _uniform(shape: Any, minval: Any, maxval: Any, dtype: Any, seed: Any) -> Any:
    if dtypes.is_int(dtypes.standardize(dtype)):
        if maxval is None:
            raise ValueError(f"Must specify maxval for integer dtype {dtypes.standardize(dtype).name}")
        return random.randint(_shape(shape), minval, maxval, dtype=dtype, seed=seed)
    return random.uniform(_shape(shape), minval, 1.0 if maxval is None else maxval, dtype=dtype, seed=seed)


def gamma(
    shape: Any, alpha: Any, beta: Any = None, dtype: Any = "float32", seed: Any = None, name: Any = None
) -> Any:
    """Numbers from gamma distributions: shape `shape + alpha.shape`."""
    alpha = ops.cast(alpha, dtype)
    found = random.gamma((*_tuple(shape), *alpha.shape), alpha, dtype=dtype, seed=op_seed(seed))
    return found if beta is None else operators.divide(found, ops.cast(beta, dtype))


def _tuple(shape: Any) -> tuple:
    return (
        tuple(np.atleast_1d(np.asarray(_shape(shape), int)).tolist())
        if not isinstance(shape, tuple)
        else shape
    )


def poisson(shape: Any, lam: Any, dtype: Any = "float32", seed: Any = None, name: str | None = None) -> Any:
    """Numbers from Poisson distributions: shape `shape + lam.shape`."""
    lam = ops.cast(lam, "float32")
    return ops.cast(_poisson(draw_seed(op_seed(seed)), lam, shape=(*_tuple(shape), *lam.shape)), dtype)


@op(static=("shape",), name="random_poisson")
def _poisson(key: Any, lam: Any, shape: Any) -> Any:
    return jax.random.poisson(_key(key), lam, tuple(shape))


def _key(raw: Any) -> Any:
    return jax.random.wrap_key_data(jnp.asarray(raw).astype(jnp.uint32).reshape(2), impl="threefry2x32")


def categorical(
    logits: Any, num_samples: Any, dtype: Any = "int64", seed: Any = None, name: str | None = None
) -> Any:
    """For each row of logits, `num_samples` class numbers."""
    return random.categorical(logits, int(num_samples), dtype=dtype, seed=op_seed(seed))


def shuffle(value: Any, seed: Any = None, name: str | None = None) -> Any:
    """The rows in random order."""
    value = ops.convert_to_tensor(value)
    if value.dtype == "string":
        order = random.shuffle(ops.arange(value.shape[0]), seed=op_seed(seed))
        return Tensor(np.asarray(value)[np.asarray(order)])
    return random.shuffle(value, seed=op_seed(seed))


def log_uniform_candidates(
    true_classes: Any, num_sampled: int, range_max: int, seed: Any
) -> tuple[Any, Any, Any]:
    """Distinct classes drawn log-uniformly, and the expected counts of the true and of the drawn ones."""
    scores = random.uniform((range_max,), seed=op_seed(seed))
    classes = ops.arange(range_max, dtype="float32")
    probability = operators.divide(ops.log1p(1.0 / (classes + 1.0)), float(np.log(range_max + 1)))
    gumbel = operators.negative(ops.log(operators.negative(ops.log(ops.maximum(scores, 1e-20)))))
    sampled = ops.top_k(operators.add(ops.log(probability), gumbel), num_sampled)[1]
    expected = operators.negative(ops.expm1(num_sampled * ops.log1p(operators.negative(probability))))
    return sampled, ops.take(expected, true_classes, axis=0), ops.take(expected, sampled, axis=0)


def log_uniform_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: Any = None,
    name: Any = None,
) -> tuple[Any, Any, Any]:
    """Classes drawn log-uniformly, with the expected counts of the true and of the drawn classes."""
    return log_uniform_candidates(ops.cast(true_classes, "int32"), num_sampled, range_max, seed)


def uniform_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: Any = None,
    name: Any = None,
) -> tuple[Any, Any, Any]:
    """Classes drawn uniformly, with the expected counts of the true and of the drawn classes."""
    if unique:
        sampled = random.shuffle(ops.arange(range_max), seed=op_seed(seed))[:num_sampled]
    else:
        sampled = random.randint((num_sampled,), 0, range_max, seed=op_seed(seed))
    share = num_sampled / range_max
    true_classes = ops.convert_to_tensor(true_classes)
    return sampled, ops.full(true_classes.shape, share, "float32"), ops.full((num_sampled,), share, "float32")


# Without state -------------------------------------------------------------------------------------------
def _stateless(seed: Any) -> Any:
    """A key from the two numbers of a stateless seed, as a raw seed of `addax.random`."""
    seed = ops.convert_to_tensor(seed)
    if tuple(seed.shape) != (2,):
        raise ValueError(
            message("A stateless seed is two integers.", expected="shape (2,)", received=str(seed.shape))
        )
    return _Fixed(seed)


class _Fixed(SeedGenerator):
    """Gives one key, made from a seed that the caller holds."""

    def __init__(self, seed: Any) -> None:
        self._fixed = ops.cast(seed, "uint32")

    def next(self, ordered: bool = True) -> Any:
        """The key."""
        return self._fixed


def stateless_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = "float32",
    name: Any = None,
    alg: Any = None,
) -> Any:
    """Normal numbers that follow from the seed (two integers) alone."""
    return random.normal(_shape(shape), mean, stddev, dtype=dtype, seed=_stateless(seed))


def stateless_truncated_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = "float32",
    name: Any = None,
    alg: Any = None,
) -> Any:
    """Truncated normal numbers that follow from the seed alone."""
    return random.truncated_normal(_shape(shape), mean, stddev, dtype=dtype, seed=_stateless(seed))


def stateless_uniform(
    shape: Any,
    seed: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = "float32",
    name: Any = None,
    alg: Any = None,
) -> Any:
    """Uniform numbers that follow from the seed alone."""
    return _uniform(shape, minval, maxval, dtype, _stateless(seed))


def stateless_categorical(
    logits: Any, num_samples: Any, seed: Any, dtype: Any = "int64", name: Any = None
) -> Any:
    """Class numbers that follow from the seed alone."""
    return random.categorical(logits, int(num_samples), dtype=dtype, seed=_stateless(seed))


def stateless_shuffle(value: Any, seed: Any, alg: Any = None, name: str | None = None) -> Any:
    """The rows in an order that follows from the seed alone."""
    return random.shuffle(ops.convert_to_tensor(value), seed=_stateless(seed))


def split(seed: Any, num: int = 2, alg: Any = None) -> Any:
    """Seeds of shape `(num, 2)` that follow from one."""
    return _split(ops.cast(seed, "uint32"), count=int(num))


def fold_in(seed: Any, data: Any, alg: Any = None) -> Any:
    """A seed that follows from another one and a number."""
    return _fold_in(ops.cast(seed, "uint32"), ops.cast(data, "uint32"))


@op(name="seed_split")
def _split(seed: Any, count: int = 2) -> Any:
    return jax.random.key_data(jax.random.split(_key(seed), count)).astype(jnp.int32)


@op(name="seed_fold_in")
def _fold_in(seed: Any, data: Any) -> Any:
    return jax.random.key_data(jax.random.fold_in(_key(seed), data)).astype(jnp.int32)


class Generator(Module):
    """A source of random numbers with a state of its own.

    Args:
        seed: Where it starts; drawn at random if None.

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
        """A generator that starts from a number."""
        return cls(seed=seed)

    @classmethod
    def from_state(cls, state: Any, alg: Any = None) -> Generator:
        """A generator in the state of another one."""
        return cls(state=state)

    @classmethod
    def from_non_deterministic_state(cls, alg: Any = None) -> Generator:
        """A generator that starts anywhere."""
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
        """Seeds for the stateless functions, of shape `(2, count)`."""
        keys = [ops.cast(self._seed.next(), "int32") for _ in range(count)]
        return operators.stack(keys, axis=1)

    def split(self, count: int = 1) -> list[Generator]:
        """Generators that are independent of each other."""
        return [Generator(state=self._seed.next()) for _ in range(count)]

    def normal(
        self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32", name: Any = None
    ) -> Any:
        """Normal numbers."""
        return random.normal(_shape(shape), mean, stddev, dtype=dtype, seed=self._seed)

    def truncated_normal(
        self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32", name: Any = None
    ) -> Any:
        """Truncated normal numbers."""
        return random.truncated_normal(_shape(shape), mean, stddev, dtype=dtype, seed=self._seed)

    def uniform(
        self, shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = "float32", name: Any = None
    ) -> Any:
        """Uniform numbers."""
        return _uniform(shape, minval, maxval, dtype, self._seed)

    def uniform_full_int(self, shape: Any, dtype: Any = "int64", name: Any = None) -> Any:
        """Integers from the whole range of the dtype."""
        limits = dtypes.standardize(dtypes.narrow(dtypes.standardize(dtype).name)).limits
        return random.randint(_shape(shape), limits[0], limits[1], dtype=dtype, seed=self._seed)

    def binomial(self, shape: Any, counts: Any, probs: Any, dtype: Any = "int32", name: Any = None) -> Any:
        """Binomial numbers."""
        return ops.cast(
            random.binomial(_shape(shape), counts, probs, dtype="float32", seed=self._seed), dtype
        )


_default: Generator | None = None


def get_global_generator() -> Generator:
    """The generator of the process."""
    global _default
    if _default is None:
        _default = Generator(seed=_global_seed)
    assert _default is not None
    return _default


def set_global_generator(generator: Generator) -> None:
    """Make another one the generator of the process."""
    global _default
    _default = generator

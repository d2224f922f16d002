"""`tf.random`: stateful numbers that follow the global seed, and numbers from a given seed."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops, random
from addax.core import context, dtypes
from addax.core.errors import message
from addax.engine import Tensor, op
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
    """Numbers from a normal distribution.

    Args:
        shape: The shape of the result.
        mean: The mean, a number or a tensor that broadcasts to `shape`.
        stddev: The standard deviation, likewise.
        dtype: A float dtype.
        seed: An integer makes draws that differ from call to call and repeat from run to run; None takes them from
            the generator that `set_seed` seeds.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.random.normal((2, 3), seed=1).shape
        TensorShape([2, 3])
    """
    return random.normal(_shape(shape), mean, stddev, dtype=dtype, seed=op_seed(seed))


def truncated_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = "float32",
    seed: Any = None,
    name: str | None = None,
) -> Any:
    """Numbers from a normal distribution cut off at two standard deviations.

    Args:
        shape: The shape of the result.
        mean: The mean before the cut, a number or a tensor that broadcasts to `shape`.
        stddev: The standard deviation before the cut, likewise.
        dtype: A float dtype.
        seed: As for `normal`.
        name: Accepted for TensorFlow's sake.
    """
    return random.truncated_normal(_shape(shape), mean, stddev, dtype=dtype, seed=op_seed(seed))


def uniform(
    shape: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = "float32",
    seed: Any = None,
    name: str | None = None,
) -> Any:
    """Numbers from `[minval, maxval)`, floats or integers.

    Args:
        shape: The shape of the result.
        minval: The lowest number.
        maxval: The end, which is not drawn itself; 1 for floats if None.
        dtype: A float or an integer dtype.
        seed: As for `normal`.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If `dtype` is an integer dtype and `maxval` is None.
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
    """Numbers from gamma distributions.

    Args:
        shape: The shape of what is drawn from each distribution.
        alpha: The shape parameters, floats above 0.
        beta: The rates, by which the numbers are divided, of a shape that broadcasts with that of `alpha`; 1 if None.
        dtype: A float dtype.
        seed: As for `normal`.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of shape `shape` and behind it that of `alpha` and `beta` together.
    """
    alpha = ops.cast(alpha, dtype)
    rate = ops.cast(1 if beta is None else beta, dtype)
    full = (*_tuple(shape), *np.broadcast_shapes(tuple(alpha.shape), tuple(rate.shape)))
    found = random.gamma(full, alpha, dtype=dtype, seed=op_seed(seed))
    return found if beta is None else operators.divide(found, rate)


def _tuple(shape: Any) -> tuple:
    return (
        tuple(np.atleast_1d(np.asarray(_shape(shape), int)).tolist())
        if not isinstance(shape, tuple)
        else shape
    )


def poisson(shape: Any, lam: Any, dtype: Any = "float32", seed: Any = None, name: str | None = None) -> Any:
    """Numbers from Poisson distributions.

    Args:
        shape: The shape of what is drawn from each distribution.
        lam: The means, floats of any shape.
        dtype: The dtype of the result.
        seed: As for `normal`.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of shape `shape + lam.shape`.
    """
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
    """For each row of logits, `num_samples` class numbers.

    Args:
        logits: Logarithms of chances, which need not sum to 1, of shape `(batch, classes)`.
        num_samples: How many to draw.
        dtype: The dtype of the result; 64 bits become 32.
        seed: As for `normal`.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of shape `(batch, num_samples)`.

    Raises:
        ValueError: If the logits are not of rank 2.
    """
    return random.categorical(logits, int(num_samples), dtype=dtype, seed=op_seed(seed))


def shuffle(value: Any, seed: Any = None, name: str | None = None) -> Any:
    """The rows in random order, each row as it is.

    Args:
        value: A tensor of rank 1 or more.
        seed: As for `normal`.
        name: Accepted for TensorFlow's sake.
    """
    return _shuffled(value, op_seed(seed))


def _shuffled(value: Any, seed: Any) -> Any:
    """The rows, each as it is, in random order (`random.shuffle` would give each column an order of its own)."""
    value = ops.convert_to_tensor(value)
    if value.dtype == "string":
        order = random.shuffle(ops.arange(value.shape[0]), seed=seed)
        return Tensor(np.asarray(value)[np.asarray(order)])
    return _permuted(draw_seed(seed), value)


@op(name="random_rows")
def _permuted(key: Any, x: Any) -> Any:
    return jax.random.permutation(_key(key), jnp.asarray(x))


def log_uniform_candidates(
    true_classes: Any, num_sampled: int, range_max: int, seed: Any
) -> tuple[Any, Any, Any]:
    """Distinct classes drawn log-uniformly, and the expected counts of the true and of the drawn ones."""
    scores = random.uniform((range_max,), seed=op_seed(seed))
    probability = _log_uniform(range_max)
    gumbel = operators.negative(ops.log(operators.negative(ops.log(ops.maximum(scores, 1e-20)))))
    sampled = ops.top_k(operators.add(ops.log(probability), gumbel), num_sampled)[1]
    expected = operators.negative(ops.expm1(num_sampled * ops.log1p(operators.negative(probability))))
    return sampled, ops.take(expected, true_classes, axis=0), ops.take(expected, sampled, axis=0)


def _log_uniform(count: int) -> Any:
    """The chance of each class, which falls like that of words in order of their frequency."""
    classes = ops.arange(count, dtype="float32")
    return operators.divide(ops.log1p(1.0 / (classes + 1.0)), float(np.log(count + 1)))


def log_uniform_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: Any = None,
    name: Any = None,
) -> tuple[Any, Any, Any]:
    """Classes drawn log-uniformly, so that small numbers come more often.

    Args:
        true_classes: The true classes, integers of shape `(batch, num_true)`.
        num_true: Accepted for TensorFlow's sake; the shape of `true_classes` says it.
        num_sampled: How many classes are drawn.
        unique: Whether all of them are different.
        range_max: The number of classes.
        seed: As for `normal`.
        name: Accepted for TensorFlow's sake.

    Returns:
        The drawn classes, int32 of shape `(num_sampled,)`; how often each true class is to be
        expected among them, of the shape of `true_classes` (if they are different, estimated as the chance to
        come up in `num_sampled` independent draws); and the same for the drawn ones.
    """
    true_classes = ops.cast(true_classes, "int32")
    if unique:
        return log_uniform_candidates(true_classes, num_sampled, range_max, seed)
    logarithms = random.uniform((num_sampled,), 0.0, float(np.log(range_max + 1)), seed=op_seed(seed))
    sampled = ops.minimum(ops.cast(ops.expm1(logarithms), "int32"), range_max - 1)
    expected = operators.multiply(_log_uniform(range_max), num_sampled)
    return sampled, ops.take(expected, true_classes, axis=0), ops.take(expected, sampled, axis=0)


def uniform_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: Any = None,
    name: Any = None,
) -> tuple[Any, Any, Any]:
    """Classes drawn uniformly.

    Args:
        true_classes: The true classes, integers of shape `(batch, num_true)`.
        num_true: Accepted for TensorFlow's sake; the shape of `true_classes` says it.
        num_sampled: How many classes are drawn.
        unique: Whether all of them are different.
        range_max: The number of classes.
        seed: As for `normal`.
        name: Accepted for TensorFlow's sake.

    Returns:
        The drawn classes, int32 of shape `(num_sampled,)`; how often each true class is to be
        expected among them, of the shape of `true_classes`; and the same for the drawn ones.

    Raises:
        ValueError: If there are fewer than `num_sampled` classes, but all are to be different.
    """
    if unique and num_sampled > range_max:
        raise ValueError(
            message(
                "There are too few classes to draw different ones.",
                expected=f"num_sampled of at most {range_max}",
                received=str(num_sampled),
            )
        )
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
    """Normal numbers that follow from the seed alone.

    Args:
        shape: The shape of the result.
        seed: Two integers, shape `(2,)`.
        mean: The mean, a number or a tensor that broadcasts to `shape`.
        stddev: The standard deviation, likewise.
        dtype: A float dtype.
        alg: Accepted for TensorFlow's sake; the numbers are those of JAX's Threefry.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the seed has another shape.

    Example:
        >>> import addax.tf as tf
        >>> a, b = (tf.random.stateless_normal((2,), seed=[1, 2]) for _ in range(2))
        >>> bool(tf.reduce_all(a == b))
        True
    """
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
    """Truncated normal numbers that follow from the seed alone.

    Args:
        shape: The shape of the result.
        seed: Two integers, shape `(2,)`.
        mean: The mean before the cut, a number or a tensor that broadcasts to `shape`.
        stddev: The standard deviation before the cut, likewise.
        dtype: A float dtype.
        alg: Accepted for TensorFlow's sake; the numbers are those of JAX's Threefry.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the seed has another shape.
    """
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
    """Uniform numbers that follow from the seed alone.

    Args:
        shape: The shape of the result.
        seed: Two integers, shape `(2,)`.
        minval: The lowest number.
        maxval: The end, which is not drawn itself; 1 for floats if None.
        dtype: A float or an integer dtype.
        alg: Accepted for TensorFlow's sake; the numbers are those of JAX's Threefry.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the seed has another shape, or `dtype` is an integer dtype and `maxval` is None.
    """
    return _uniform(shape, minval, maxval, dtype, _stateless(seed))


def stateless_categorical(
    logits: Any, num_samples: Any, seed: Any, dtype: Any = "int64", name: Any = None
) -> Any:
    """Class numbers that follow from the seed alone.

    Args:
        logits: Logarithms of chances, which need not sum to 1, of shape `(batch, classes)`.
        num_samples: How many to draw for each row.
        seed: Two integers, shape `(2,)`.
        dtype: The dtype of the result; 64 bits become 32.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the seed or the logits have another shape.
    """
    return random.categorical(logits, int(num_samples), dtype=dtype, seed=_stateless(seed))


def stateless_shuffle(value: Any, seed: Any, alg: Any = None, name: str | None = None) -> Any:
    """The rows in an order that follows from the seed alone.

    Args:
        value: A tensor of rank 1 or more.
        seed: Two integers, shape `(2,)`.
        alg: Accepted for TensorFlow's sake; the numbers are those of JAX's Threefry.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the seed has another shape.
    """
    return _shuffled(value, _stateless(seed))


def split(seed: Any, num: int = 2, alg: Any = None) -> Any:
    """Seeds that follow from one, as good as independent of it and of each other.

    Args:
        seed: Two integers, shape `(2,)`.
        num: How many.
        alg: Accepted for TensorFlow's sake; the numbers are those of JAX's Threefry.

    Returns:
        An int32 tensor of shape `(num, 2)`.
    """
    return _split(ops.cast(seed, "uint32"), count=int(num))


def fold_in(seed: Any, data: Any, alg: Any = None) -> Any:
    """A seed that follows from another one and a number.

    Args:
        seed: Two integers, shape `(2,)`.
        data: An integer, such as the number of a step.
        alg: Accepted for TensorFlow's sake; the numbers are those of JAX's Threefry.

    Returns:
        An int32 tensor of shape `(2,)`.
    """
    return _fold_in(ops.cast(seed, "uint32"), ops.cast(data, "uint32"))


@op(name="seed_split")
def _split(seed: Any, count: int = 2) -> Any:
    return jax.random.key_data(jax.random.split(_key(seed), count)).astype(jnp.int32)


@op(name="seed_fold_in")
def _fold_in(seed: Any, data: Any) -> Any:
    return jax.random.key_data(jax.random.fold_in(_key(seed), data)).astype(jnp.int32)


stateless_split, stateless_fold_in = split, fold_in  # their former names, in `tf.random.experimental`

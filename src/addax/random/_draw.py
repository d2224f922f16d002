"""Random tensors: `draw_seed` gives the key, an op draws the numbers."""

from __future__ import annotations

from typing import Any

from addax.core import dtypes
from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jax, jnp
from addax.engine._operators import known_ints
from addax.ops._composite import composite
from addax.ops._dtypes import array_dtype, to_float
from addax.random._mask import keep_mask
from addax.random._seed import draw_seed


def _key(raw: Any) -> Any:
    return jax.random.wrap_key_data(jnp.asarray(raw).astype(jnp.uint32), impl="threefry2x32")


def _shape(shape: Any) -> tuple:
    found = known_ints(shape, "shape")
    return found if isinstance(found, tuple) else (found,)


def _float_name(dtype: Any, function: str) -> str:
    name = dtypes.standardize(dtype).name
    if not dtypes.is_float(name):
        raise ValueError(message(f"{function}() draws floats.", expected="a float dtype", received=name))
    return name


@op(static=("shape", "dtype"), name="random_normal")
def _normal(key: Any, mean: Any, stddev: Any, shape: Any, dtype: str) -> Any:
    return jax.random.normal(_key(key), _shape(shape), array_dtype(dtype)) * stddev + mean


@composite
def normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Numbers from a normal distribution.

    Args:
        shape: The shape of the result.
        mean: The mean, a number or a tensor.
        stddev: The standard deviation, a number or a tensor.
        dtype: A float dtype; floatx if None.
        seed: An integer (the same numbers each time), a `SeedGenerator`, or None for the global generator.

    Example:
        >>> import addax as keras
        >>> keras.random.normal((2, 3), seed=1).shape
        TensorShape([2, 3])
    """
    return _normal(draw_seed(seed), mean, stddev, shape, _float_name(dtype, "normal"))


@op(static=("shape", "dtype"), name="random_truncated_normal")
def _truncated_normal(key: Any, mean: Any, stddev: Any, shape: Any, dtype: str) -> Any:
    return (
        jax.random.truncated_normal(_key(key), -2.0, 2.0, _shape(shape), array_dtype(dtype)) * stddev + mean
    )


@composite
def truncated_normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None
) -> Any:
    """Numbers from a normal distribution cut off at two standard deviations from the mean.

    Args:
        shape: The shape of the result.
        mean: The mean before the cut.
        stddev: The standard deviation before the cut.
        dtype: A float dtype; floatx if None.
        seed: An integer, a `SeedGenerator`, or None for the global generator.

    Example:
        >>> import addax as keras
        >>> bool((abs(keras.random.truncated_normal((100,), seed=1)) <= 2.0).numpy().all())
        True
    """
    return _truncated_normal(draw_seed(seed), mean, stddev, shape, _float_name(dtype, "truncated_normal"))


@op(static=("shape", "dtype"), name="random_uniform")
def _uniform(key: Any, minval: Any, maxval: Any, shape: Any, dtype: str) -> Any:
    return jax.random.uniform(_key(key), _shape(shape), array_dtype(dtype), minval, maxval)


@composite
def uniform(shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Numbers spread evenly from `minval` (included) to `maxval` (not included).

    Args:
        shape: The shape of the result.
        minval: The lower end, a number or a tensor.
        maxval: The upper end, a number or a tensor.
        dtype: A float dtype; floatx if None.
        seed: An integer, a `SeedGenerator`, or None for the global generator.

    Raises:
        ValueError: If `dtype` is not a float dtype; `randint` draws integers.

    Example:
        >>> import addax as keras
        >>> x = keras.random.uniform((100,), seed=1).numpy()
        >>> bool(x.min() >= 0.0), bool(x.max() < 1.0)
        (True, True)
    """
    return _uniform(draw_seed(seed), minval, maxval, shape, _float_name(dtype, "uniform"))


@op(static=("shape", "dtype"), name="random_randint")
def _randint(key: Any, minval: Any, maxval: Any, shape: Any, dtype: str) -> Any:
    return jax.random.randint(_key(key), _shape(shape), minval, maxval, array_dtype(dtype))


@composite
def randint(shape: Any, minval: Any, maxval: Any, dtype: Any = "int32", seed: Any = None) -> Any:
    """Integers spread evenly from `minval` (included) to `maxval` (not included).

    Args:
        shape: The shape of the result.
        minval: The lower end.
        maxval: The upper end.
        dtype: An integer dtype.
        seed: An integer, a `SeedGenerator`, or None for the global generator.

    Raises:
        ValueError: If `dtype` is not an integer dtype.

    Example:
        >>> import addax as keras
        >>> x = keras.random.randint((100,), 0, 5, seed=1).numpy()
        >>> sorted(set(x.tolist()))
        [0, 1, 2, 3, 4]
    """
    name = dtypes.standardize(dtype, "int32").name
    if not dtypes.is_int(name):
        raise ValueError(message("randint() draws integers.", expected="an integer dtype", received=name))
    return _randint(draw_seed(seed), minval, maxval, shape, name)


@op(static=("num_samples", "dtype"), name="random_categorical")
def _categorical(key: Any, logits: Any, num_samples: Any, dtype: str) -> Any:
    logits = to_float(logits)
    shape = (logits.shape[0], known_ints(num_samples, "num_samples"))
    return jax.random.categorical(_key(key), logits[..., None], axis=1, shape=shape).astype(
        array_dtype(dtype)
    )


@composite
def categorical(logits: Any, num_samples: Any, dtype: Any = "int32", seed: Any = None) -> Any:
    """Classes drawn with the probabilities `softmax(logits)`.

    Args:
        logits: Tensor of shape `(batch, classes)`.
        num_samples: How many to draw for each row.
        dtype: The dtype of the result.
        seed: An integer, a `SeedGenerator`, or None for the global generator.

    Returns:
        Integer tensor of shape `(batch, num_samples)`.

    Raises:
        ValueError: If `logits` is not of rank 2.

    Example:
        >>> import addax as keras
        >>> keras.random.categorical([[0.0, 100.0]], 3, seed=1).numpy()
        array([[1, 1, 1]], dtype=int32)
    """
    from addax.ops._core import convert_to_tensor

    logits = convert_to_tensor(logits)
    if len(logits.shape) != 2:
        raise ValueError(
            message(
                "categorical() needs logits of rank 2.",
                expected="shape (batch, classes)",
                received=f"shape {tuple(logits.shape)}",
            )
        )
    return _categorical(draw_seed(seed), logits, num_samples, dtypes.standardize(dtype, "int32").name)


@op(name="random_dropout")
def _dropout(key: Any, inputs: Any, rate: Any, noise_shape: Any = None) -> Any:
    inputs = jnp.asarray(inputs)
    shape = inputs.shape
    if noise_shape is not None:
        sizes = tuple(inputs.shape[i] if d is None else d for i, d in enumerate(noise_shape))
        shape = _shape(sizes)
    keep = 1.0 - rate
    mask = jnp.broadcast_to(keep_mask(jnp.asarray(key).astype(jnp.uint32), keep, shape), inputs.shape)
    return jnp.where(mask, inputs / jnp.asarray(keep, inputs.dtype), jnp.zeros((), inputs.dtype))


@composite
def dropout(inputs: Any, rate: Any, noise_shape: Any = None, seed: Any = None) -> Any:
    """Zero some elements by chance and scale the others up, so that the expected sum stays.

    Args:
        inputs: A float tensor.
        rate: The probability of zero.
        noise_shape: Shape of the mask, which is broadcast to that of `inputs`; None takes a size from there.
        seed: An integer, a `SeedGenerator`, or None for the global generator.

    Returns:
        A tensor of the same shape.

    Example:
        >>> import addax as keras
        >>> x = keras.random.dropout(keras.ops.ones((1000,)), 0.5, seed=1).numpy()
        >>> sorted(set(x.tolist()))
        [0.0, 2.0]
    """
    from addax.ops._core import convert_to_tensor
    from addax.ops._numpy_create import zeros_like

    if isinstance(rate, (int, float)) and rate in (0, 1):
        inputs = convert_to_tensor(inputs)
        return zeros_like(inputs) if rate == 1 else inputs
    return _dropout(draw_seed(seed), inputs, rate, noise_shape)


@op(name="random_shuffle")
def _shuffle(key: Any, x: Any, axis: int = 0) -> Any:
    return jax.random.permutation(_key(key), jnp.asarray(x), axis, independent=True)


@composite
def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Any:
    """The elements of `x` in random order along an axis; each vector along it has an order of its own.

    Args:
        x: A tensor.
        axis: The axis.
        seed: An integer, a `SeedGenerator`, or None for the global generator.

    Example:
        >>> import addax as keras
        >>> sorted(keras.random.shuffle([3, 1, 2], seed=1).numpy().tolist())
        [1, 2, 3]
    """
    return _shuffle(draw_seed(seed), x, axis=axis)


@op(static=("shape", "dtype"), name="random_gamma")
def _gamma(key: Any, alpha: Any, shape: Any, dtype: str) -> Any:
    return jax.random.gamma(_key(key), alpha, _shape(shape), array_dtype(dtype))


@composite
def gamma(shape: Any, alpha: Any, dtype: Any = None, seed: Any = None) -> Any:
    """Numbers from a gamma distribution with rate 1.

    Args:
        shape: The shape of the result.
        alpha: The shape parameter, a number or a tensor that broadcasts to `shape`.
        dtype: A float dtype; floatx if None.
        seed: An integer, a `SeedGenerator`, or None for the global generator.

    Example:
        >>> import addax as keras
        >>> bool((keras.random.gamma((10,), 2.0, seed=1) > 0.0).numpy().all())
        True
    """
    return _gamma(draw_seed(seed), alpha, shape, _float_name(dtype, "gamma"))


@op(static=("shape", "dtype"), name="random_binomial")
def _binomial(key: Any, counts: Any, probabilities: Any, shape: Any, dtype: str) -> Any:
    counts, probabilities = to_float(counts), to_float(probabilities)
    return jax.random.binomial(_key(key), counts, probabilities, _shape(shape), array_dtype(dtype))


@composite
def binomial(shape: Any, counts: Any, probabilities: Any, dtype: Any = None, seed: Any = None) -> Any:
    """How many of `counts` trials succeed.

    Args:
        shape: The shape of the result.
        counts: The number of trials, a number or a tensor that broadcasts to `shape`.
        probabilities: The probability of success, likewise.
        dtype: A float dtype; floatx if None.
        seed: An integer, a `SeedGenerator`, or None for the global generator.

    Example:
        >>> import addax as keras
        >>> bool((keras.random.binomial((10,), 3, 0.5, seed=1) <= 3.0).numpy().all())
        True
    """
    return _binomial(draw_seed(seed), counts, probabilities, shape, _float_name(dtype, "binomial"))


@op(static=("shape", "dtype"), name="random_beta")
def _beta(key: Any, alpha: Any, beta: Any, shape: Any, dtype: str) -> Any:
    return jax.random.beta(_key(key), to_float(alpha), to_float(beta), _shape(shape), array_dtype(dtype))


@composite
def beta(shape: Any, alpha: Any, beta: Any, dtype: Any = None, seed: Any = None) -> Any:
    """Numbers from a beta distribution.

    Args:
        shape: The shape of the result.
        alpha: The first shape parameter, a number or a tensor that broadcasts to `shape`.
        beta: The second shape parameter, likewise.
        dtype: A float dtype; floatx if None.
        seed: An integer, a `SeedGenerator`, or None for the global generator.

    Example:
        >>> import addax as keras
        >>> x = keras.random.beta((10,), 2.0, 3.0, seed=1)
        >>> bool(((x > 0.0) & (x < 1.0)).numpy().all())
        True
    """
    return _beta(draw_seed(seed), alpha, beta, shape, _float_name(dtype, "beta"))

"""Functions that compute under their names of TensorFlow 1 what they computed then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from addax import initializers, tf


def div(x: Any, y: Any, name: str | None = None) -> Any:
    """Division; that of integers is rounded down.

    Args:
        x: A tensor.
        y: A tensor that broadcasts to it.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> int(tf.compat.v1.div(7, 2)), float(tf.compat.v1.div(7.0, 2.0))
        (3, 3.5)
    """
    x = tf.convert_to_tensor(x)
    return x // y if x.dtype.is_integer else x / y


def Print(  # noqa: N802 - TensorFlow's name
    input_: Any,
    data: Sequence,
    message: str | None = None,
    first_n: int | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> Any:
    """The input; when it is computed, data are printed.

    Args:
        input_: What comes out.
        data: Tensors that are printed.
        message: What is printed before them.
        first_n: Accepted for TensorFlow's sake; every time is printed.
        summarize: How many elements are printed at each end, 3 if None.
        name: Accepted for TensorFlow's sake.
    """
    tf.print(*([message] if message else []), *data, summarize=3 if summarize is None else summarize)
    return input_


def while_loop(cond: Callable, body: Callable, loop_vars: Any, *args: Any, **options: Any) -> Any:
    """`tf.while_loop`, which gives a single variable by itself.

    Args:
        cond: Says of the variables whether to go on.
        body: Gives the next variables.
        loop_vars: The first ones.
        *args: Those of `tf.while_loop`.
        **options: Those of `tf.while_loop`.
    """
    found = tf.while_loop(cond, body, loop_vars, *args, **options)
    return found[0] if isinstance(found, (list, tuple)) and len(found) == 1 else found


def random_uniform_initializer(
    minval: Any = 0.0, maxval: Any = None, seed: Any = None, dtype: Any = None
) -> Any:
    """Numbers between 0 and 1, unless told otherwise.

    Args:
        minval: The least.
        maxval: What they stay below, 1 if None.
        seed: An integer.
        dtype: Accepted for TensorFlow's sake: an initializer is told when it is called.
    """
    return initializers.RandomUniform(minval, 1.0 if maxval is None else maxval, seed)


def random_normal_initializer(
    mean: float = 0.0, stddev: float = 1.0, seed: Any = None, dtype: Any = None
) -> Any:
    """Normally distributed numbers, with a deviation of 1 unless told otherwise.

    Args:
        mean: The mean.
        stddev: The standard deviation.
        seed: An integer.
        dtype: Accepted for TensorFlow's sake.
    """
    return initializers.RandomNormal(mean, stddev, seed)


def truncated_normal_initializer(
    mean: float = 0.0, stddev: float = 1.0, seed: Any = None, dtype: Any = None
) -> Any:
    """The same, without what is two deviations or more from the mean.

    Args:
        mean: The mean.
        stddev: The standard deviation before the cut.
        seed: An integer.
        dtype: Accepted for TensorFlow's sake.
    """
    return initializers.TruncatedNormal(mean, stddev, seed)


def glorot_uniform_initializer(seed: Any = None, dtype: Any = None) -> Any:
    """`tf.keras.initializers.GlorotUniform`.

    Args:
        seed: An integer.
        dtype: Accepted for TensorFlow's sake.
    """
    return initializers.GlorotUniform(seed)


def glorot_normal_initializer(seed: Any = None, dtype: Any = None) -> Any:
    """`tf.keras.initializers.GlorotNormal`.

    Args:
        seed: An integer.
        dtype: Accepted for TensorFlow's sake.
    """
    return initializers.GlorotNormal(seed)


def orthogonal_initializer(gain: float = 1.0, seed: Any = None, dtype: Any = None) -> Any:
    """`tf.keras.initializers.Orthogonal`.

    Args:
        gain: A factor.
        seed: An integer.
        dtype: Accepted for TensorFlow's sake.
    """
    return initializers.Orthogonal(gain, seed)


def variance_scaling_initializer(
    scale: float = 1.0,
    mode: str = "fan_in",
    distribution: str = "truncated_normal",
    seed: Any = None,
    dtype: Any = None,
) -> Any:
    """`tf.keras.initializers.VarianceScaling`.

    Args:
        scale: A factor of the variance.
        mode: `"fan_in"`, `"fan_out"` or `"fan_avg"`.
        distribution: `"truncated_normal"` (or `"normal"`), `"untruncated_normal"` or `"uniform"`.
        seed: An integer.
        dtype: Accepted for TensorFlow's sake.
    """
    distribution = "truncated_normal" if distribution == "normal" else distribution
    return initializers.VarianceScaling(scale, mode, distribution, seed)

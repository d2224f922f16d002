"""`tf.compat.v1.train`: `tf.train`, and optimizers under the names and arguments of TensorFlow 1.

They are those of `tf.keras.optimizers`: `minimize` takes a function without arguments, and `model.compile` takes them.
"""

from __future__ import annotations

import functools
from typing import Any

from addax import optimizers
from addax.tf import train as _today


def AdamOptimizer(  # noqa: N802 - TensorFlow's name
    learning_rate: Any = 0.001,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    use_locking: bool = False,
    name: str = "Adam",
) -> Any:
    """`tf.keras.optimizers.Adam`.

    Args:
        learning_rate: A number or a schedule.
        beta1: `beta_1`.
        beta2: `beta_2`.
        epsilon: Added to the root.
        use_locking: Accepted for TensorFlow's sake.
        name: A name.

    Example:
        >>> import addax.tf as tf
        >>> v = tf.Variable(1.0)
        >>> optimizer = tf.compat.v1.train.AdamOptimizer(0.1)
        >>> _ = optimizer.minimize(lambda: v * v, [v])
        >>> round(float(v), 3)
        0.9
    """
    return optimizers.Adam(learning_rate, beta1, beta2, epsilon, name=name)


def GradientDescentOptimizer(  # noqa: N802 - TensorFlow's name
    learning_rate: Any, use_locking: bool = False, name: str = "GradientDescent"
) -> Any:
    """`tf.keras.optimizers.SGD`.

    Args:
        learning_rate: A number or a schedule.
        use_locking: Accepted for TensorFlow's sake.
        name: A name.
    """
    return optimizers.SGD(learning_rate, name=name)


def MomentumOptimizer(  # noqa: N802 - TensorFlow's name
    learning_rate: Any,
    momentum: float,
    use_locking: bool = False,
    name: str = "Momentum",
    use_nesterov: bool = False,
) -> Any:
    """`tf.keras.optimizers.SGD` with momentum.

    Args:
        learning_rate: A number or a schedule.
        momentum: What of the last step is kept.
        use_locking: Accepted for TensorFlow's sake.
        name: A name.
        use_nesterov: Whether the gradient is that of the place ahead.
    """
    return optimizers.SGD(learning_rate, momentum, use_nesterov, name=name)


def RMSPropOptimizer(  # noqa: N802 - TensorFlow's name
    learning_rate: Any,
    decay: float = 0.9,
    momentum: float = 0.0,
    epsilon: float = 1e-10,
    use_locking: bool = False,
    centered: bool = False,
    name: str = "RMSProp",
) -> Any:
    """`tf.keras.optimizers.RMSprop`; its running mean of squares begins at zero, not at one.

    Args:
        learning_rate: A number or a schedule.
        decay: `rho`.
        momentum: What of the last step is kept.
        epsilon: Added to the mean of squares.
        use_locking: Accepted for TensorFlow's sake.
        centered: Whether the variance takes the place of the mean of squares.
        name: A name.
    """
    return optimizers.RMSprop(learning_rate, decay, momentum, epsilon, centered, name=name)


def AdagradOptimizer(  # noqa: N802 - TensorFlow's name
    learning_rate: Any,
    initial_accumulator_value: float = 0.1,
    use_locking: bool = False,
    name: str = "Adagrad",
) -> Any:
    """`tf.keras.optimizers.Adagrad`.

    Args:
        learning_rate: A number or a schedule.
        initial_accumulator_value: What sums of squares begin with.
        use_locking: Accepted for TensorFlow's sake.
        name: A name.
    """
    return optimizers.Adagrad(learning_rate, initial_accumulator_value, epsilon=0.0, name=name)


def AdadeltaOptimizer(  # noqa: N802 - TensorFlow's name
    learning_rate: Any = 0.001,
    rho: float = 0.95,
    epsilon: float = 1e-8,
    use_locking: bool = False,
    name: str = "Adadelta",
) -> Any:
    """`tf.keras.optimizers.Adadelta`.

    Args:
        learning_rate: A number or a schedule.
        rho: What the running means keep of themselves.
        epsilon: Added to the means.
        use_locking: Accepted for TensorFlow's sake.
        name: A name.
    """
    return optimizers.Adadelta(learning_rate, rho, epsilon, name=name)


def FtrlOptimizer(  # noqa: N802 - TensorFlow's name
    learning_rate: Any,
    learning_rate_power: float = -0.5,
    initial_accumulator_value: float = 0.1,
    l1_regularization_strength: float = 0.0,
    l2_regularization_strength: float = 0.0,
    use_locking: bool = False,
    name: str = "Ftrl",
    **more: float,
) -> Any:
    """`tf.keras.optimizers.Ftrl`.

    Args:
        learning_rate: A number or a schedule.
        learning_rate_power: How the rate falls.
        initial_accumulator_value: What sums of squares begin with.
        l1_regularization_strength: Draws weights to zero.
        l2_regularization_strength: Makes weights small.
        use_locking: Accepted for TensorFlow's sake.
        name: A name.
        **more: `l2_shrinkage_regularization_strength` and `beta`.
    """
    return optimizers.Ftrl(
        learning_rate,
        learning_rate_power,
        initial_accumulator_value,
        l1_regularization_strength,
        l2_regularization_strength,
        name=name,
        **more,
    )


@functools.cache
def get_or_create_global_step(graph: Any = None) -> Any:
    """A counter of steps, which the user counts up.

    Args:
        graph: Accepted for TensorFlow's sake.
    """
    from addax import tf

    return tf.Variable(0, dtype=tf.int64, trainable=False, name="global_step")


get_global_step = create_global_step = get_or_create_global_step

_OWN = {name for name in dict(globals()) if name.endswith(("Optimizer", "global_step"))}
__all__ = sorted({*_today.__all__, *_OWN})


def __getattr__(name: str) -> Any:
    return getattr(_today, name)


def __dir__() -> list[str]:
    return __all__

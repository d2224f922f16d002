"""`BatchNormalization`: mean 0 and variance 1 over the batch, for each channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from addax import initializers, ops
from addax.core.config import epsilon
from addax.core.errors import message
from addax.layers._arguments import is_int
from addax.layers._spec import InputSpec
from addax.layers.norm._base import ScaledNormalization, sizes_at


class BatchNormalization(ScaledNormalization):
    """Normalize each channel over the batch (Ioffe and Szegedy, 2015).

    In training, mean and variance are those of the batch, and moving averages of them are kept; otherwise,
    and always if the layer is frozen (`trainable = False`), the moving averages are used.

    Args:
        axis: The axis of the channels.
        momentum: How much of the moving averages stays at each step.
        epsilon: Added to the variance.
        center: Whether `beta` is added.
        scale: Whether to multiply by `gamma`.
        beta_initializer: Initializer of `beta`, of shape `(channels,)`, as all weights here.
        gamma_initializer: Initializer of `gamma`.
        moving_mean_initializer: Initializer of the moving mean.
        moving_variance_initializer: Initializer of the moving variance.
        beta_regularizer: Penalty on `beta`.
        gamma_regularizer: Penalty on `gamma`.
        beta_constraint: Constraint on `beta`.
        gamma_constraint: Constraint on `gamma`.
        renorm: Whether to correct the batch's statistics towards the moving ones (Ioffe, 2017).
        renorm_clipping: Bounds of that correction, a dict with keys among `rmax`, `rmin`, `dmax`.
        renorm_momentum: The momentum of the averages that `renorm` corrects towards.
        synchronized: Whether replicas of `tf.distribute` normalize by the moments of all of their samples together;
            else each by those of its own. On a mesh without replicas a batch is always that of all devices.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or the input's channel axis has no known size.

    Example:
        >>> import addax as keras
        >>> layer = keras.layers.BatchNormalization()
        >>> layer(keras.ops.array([[1.0], [3.0]]), training=True).numpy().round(2).ravel()
        array([-1.,  1.], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: Mapping[str, float] | None = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            epsilon,
            center,
            scale,
            beta_initializer,
            gamma_initializer,
            beta_regularizer,
            gamma_regularizer,
            beta_constraint,
            gamma_constraint,
            **kwargs,
        )
        if isinstance(axis, (list, tuple)) and len(axis) == 1:
            axis = axis[0]  # the form in files of Keras 2
        if not is_int(axis):
            raise ValueError(
                message("`axis` is wrong.", where="BatchNormalization", expected="an integer", received=axis)
            )
        self.axis = int(axis)
        self.momentum = float(momentum)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.renorm = renorm
        self.renorm_clipping = _checked_clipping(renorm, renorm_clipping)
        self.renorm_momentum = renorm_momentum
        self.synchronized = synchronized

    def build(self, input_shape: Any) -> None:
        """Create `gamma`, `beta` and the moving averages."""
        shape = sizes_at([self.axis], input_shape, self)
        self._add_scale_and_shift(shape)
        self.moving_mean = self._average("moving_mean", shape, self.moving_mean_initializer)
        self.moving_variance = self._average("moving_variance", shape, self.moving_variance_initializer)
        if self.renorm:
            self.moving_stddev = self._average("moving_stddev", shape, self._initial_stddev)
            self.renorm_mean = self._average("renorm_mean", shape, self.moving_mean_initializer)
            self.renorm_stddev = self._average("renorm_stddev", shape, self._initial_stddev)
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: shape[0]})

    def _average(self, name: str, shape: tuple, initializer: Any) -> Any:
        return self.add_weight(
            name=name,
            shape=shape,
            initializer=initializer,
            trainable=False,
            autocast=False,
            aggregation="mean",
        )

    def _initial_stddev(self, shape: Any, dtype: Any = None) -> Any:
        return np.sqrt(np.asarray(self.moving_variance_initializer(shape, dtype=dtype)))

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalize a tensor; `mask`, of one axis less, marks what counts in mean and variance."""
        if mask is not None and len(mask.shape) != len(inputs.shape) - 1:
            raise ValueError(
                message(
                    "The mask must have one dimension less than the input.",
                    where=self.path,
                    received=f"mask of shape {tuple(mask.shape)}, inputs of shape {tuple(inputs.shape)}",
                )
            )
        x = _wide(inputs)
        gamma, beta = self.gamma, self.beta
        if training and self.trainable:
            mean, variance = self._moments(x, mask)
            if self.renorm:
                gamma, beta = self._renormalized(mean, variance)
                self._update_renorm(mean, variance)
            else:
                _move(self.moving_mean, mean, self.momentum)
                _move(self.moving_variance, variance, self.momentum)
        else:
            mean, variance = self.moving_mean, self.moving_variance
        outputs = ops.batch_normalization(
            x, mean, variance, axis=self.axis, offset=beta, scale=gamma, epsilon=self.epsilon
        )
        return ops.cast(outputs, self.compute_dtype)

    def _moments(self, x: Any, mask: Any) -> tuple[Any, Any]:
        """Mean and variance for each channel, of what the mask lets through."""
        rank = len(x.shape)
        axes = [axis for axis in range(rank) if axis != self.axis % rank]
        if mask is None:
            return ops.moments(x, axes=axes, synchronized=self.synchronized)
        # What is masked may be infinite, so it is dropped, not multiplied away. The count may be zero.
        valid = ops.broadcast_to(ops.expand_dims(ops.cast(mask, "bool"), -1), x.shape)
        count = ops.sum(ops.cast(valid, x.dtype), axis=axes, keepdims=True) + epsilon()
        mean = ops.sum(ops.where(valid, x, 0.0), axis=axes, keepdims=True) / count
        variance = ops.sum(ops.where(valid, ops.square(x - mean), 0.0), axis=axes, keepdims=True) / count
        return ops.reshape(mean, (-1,)), ops.reshape(variance, (-1,))

    # Batch renormalization -------------------------------------------------------------------------------
    def _renormalized(self, mean: Any, variance: Any) -> tuple[Any, Any]:
        """Scale and shift that contain the correction `x * r + d` towards the moving statistics."""
        bounds = self.renorm_clipping or {}
        stddev = ops.sqrt(variance + self.epsilon)
        target = ops.maximum(self.renorm_stddev, self.epsilon**0.5)
        r = ops.clip(stddev / target, bounds.get("rmin", 0.0), bounds.get("rmax", np.inf))
        d = ops.clip(
            (mean - self.renorm_mean) / target, -bounds.get("dmax", np.inf), bounds.get("dmax", np.inf)
        )
        r, d = ops.stop_gradient(r), ops.stop_gradient(d)
        if self.gamma is not None:
            r, d = r * self.gamma, d * self.gamma
        return r, d if self.beta is None else d + self.beta

    def _update_renorm(self, mean: Any, variance: Any) -> None:
        stddev = ops.sqrt(variance + self.epsilon)
        _move(self.renorm_mean, mean, self.renorm_momentum)
        _move(self.renorm_stddev, stddev, self.renorm_momentum)
        _move(self.moving_mean, mean, self.momentum)
        _move(self.moving_stddev, stddev, self.momentum)
        self.moving_variance.assign(ops.maximum(ops.square(self.moving_stddev) - self.epsilon, 0.0))


def _wide(x: Any) -> Any:
    """The tensor in float32 at least: sums over a batch overflow half precision."""
    return ops.cast(x, "float32") if str(x.dtype) in ("float16", "bfloat16") or not x.dtype.is_floating else x


def _move(average: Any, value: Any, momentum: float) -> None:
    average.assign(average * momentum + ops.cast(value, average.dtype) * (1.0 - momentum))


def _checked_clipping(renorm: bool, clipping: Any) -> dict[str, float] | None:
    if not renorm:
        return clipping
    found = dict(clipping or {})
    if set(found) - {"rmax", "rmin", "dmax"}:
        raise ValueError(
            message(
                "`renorm_clipping` is wrong.",
                where="BatchNormalization",
                expected="a dict with keys among 'rmax', 'rmin', 'dmax'",
                received=clipping,
            )
        )
    return found


class SyncBatchNormalization(BatchNormalization):
    """`BatchNormalization` by the moments of all replicas together: the name that tf.keras had for it.

    Args:
        axis: The axis of the channels.
        synchronized: As for `BatchNormalization`; True unless said otherwise.
        **kwargs: Arguments of `BatchNormalization`.

    Example:
        >>> import addax as keras
        >>> keras.layers.experimental.SyncBatchNormalization(axis=-1).synchronized
        True
    """

    def __init__(self, axis: int = -1, synchronized: bool = True, **kwargs: Any) -> None:
        super().__init__(axis=axis, synchronized=synchronized, **kwargs)

"""`Dropout`, and `SpatialDropout1D`, `SpatialDropout2D`, `SpatialDropout3D`, which drop whole channels."""

from __future__ import annotations

from typing import Any

from addax import random
from addax.core import config
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers._docs import documented
from addax.layers._spec import InputSpec
from addax.layers.regularize._base import RandomLayer


class Dropout(RandomLayer):
    """Zero elements by chance in training, and scale the others up so that the expected sum stays.

    Args:
        rate: The probability of zero, from 0 to 1.
        noise_shape: Shape of the mask, which is broadcast to that of the input; None takes the input's size.
        seed: An integer that fixes the draws.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If `rate` or `noise_shape` is wrong.

    Example:
        >>> import addax as keras
        >>> layer = keras.layers.Dropout(0.5, seed=1)
        >>> layer(keras.ops.ones((1, 4))).numpy()
        array([[1., 1., 1., 1.]], dtype=float32)
        >>> sorted(set(layer(keras.ops.ones((9, 9)), training=True).numpy().ravel().tolist()))
        [0.0, 2.0]
    """

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        where = type(self).__name__
        self.rate = _arguments.fraction(rate, "rate", where)
        self.noise_shape = checked_noise_shape(noise_shape, where)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Apply the layer to a tensor."""
        if not training or not self.rate:
            return inputs
        return random.dropout(
            inputs, self.rate, noise_shape=self._mask_shape(inputs.shape), seed=self.seed_generator
        )

    def _mask_shape(self, shape: Any) -> Any:
        return None if self.noise_shape is None else fitted_noise_shape(self.noise_shape, shape, self.path)


def checked_noise_shape(noise_shape: Any, where: str) -> tuple | None:
    """A `noise_shape` argument as a tuple.

    Raises:
        ValueError: If it is not made of positive integers and None.
    """
    if noise_shape is None:
        return None
    sizes = tuple(noise_shape) if isinstance(noise_shape, (list, tuple)) else ()
    if not sizes or not all(size is None or (_arguments.is_int(size) and size > 0) for size in sizes):
        raise ValueError(
            message(
                "`noise_shape` is wrong.",
                where=where,
                expected="a tuple of positive integers and None",
                received=noise_shape,
            )
        )
    return sizes


def fitted_noise_shape(noise_shape: tuple, shape: Any, where: str) -> tuple:
    """A noise shape with sizes in place of None, which broadcasts to `shape`.

    Raises:
        ValueError: If it does not.
    """
    rank = len(shape)
    if len(noise_shape) <= rank:
        full = tuple(
            d if size is None else size
            for size, d in zip(noise_shape, tuple(shape)[rank - len(noise_shape) :], strict=True)
        )
        if all(size in (1, d) for size, d in zip(full, tuple(shape)[rank - len(full) :], strict=True)):
            return full
    raise ValueError(
        message(
            "`noise_shape` does not fit the input.",
            where=where,
            expected="for each axis its size, 1 or None",
            received=f"noise_shape={noise_shape}, inputs of shape {_arguments.shown(shape)}",
        )
    )


class SpatialDropout(Dropout):
    """Zero whole channels by chance in training.

    Args:
        rate: The probability of zero, from 0 to 1.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None. Not in one dimension.
        seed: An integer that fixes the draws.
        name: A name; made from the class's if None.
        dtype: The dtype or dtype policy of the layer.
        **kwargs: Arguments of `Layer`.
    """

    rank = 0

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rate, seed=seed, name=name, dtype=dtype, **kwargs)
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def _mask_shape(self, shape: Any) -> tuple:
        ones = (1,) * self.rank
        return (shape[0], *ones, shape[-1]) if self.data_format == "channels_last" else (*shape[:2], *ones)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments; as in Keras, the dtype by name and no `trainable`."""
        found = {"rate": self.rate, "seed": self.seed, "name": self.name, "dtype": str(self.dtype)}
        return {**found, "data_format": self.data_format} if self.rank > 1 else found


@documented
class SpatialDropout1D(SpatialDropout):
    """Zero whole channels of sequences by chance in training.

    Example:
        >>> import addax as keras
        >>> keras.layers.SpatialDropout1D(0.5)(keras.ops.ones((2, 5, 3)), training=True).shape
        TensorShape([2, 5, 3])
    """

    rank = 1

    def __init__(
        self, rate: float, seed: int | None = None, name: str | None = None, dtype: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(rate, "channels_last", seed, name, dtype, **kwargs)


@documented
class SpatialDropout2D(SpatialDropout):
    """Zero whole channels of images by chance in training.

    Example:
        >>> import addax as keras
        >>> keras.layers.SpatialDropout2D(0.5)(keras.ops.ones((2, 5, 5, 3)), training=True).shape
        TensorShape([2, 5, 5, 3])
    """

    rank = 2


@documented
class SpatialDropout3D(SpatialDropout):
    """Zero whole channels of volumes by chance in training.

    Example:
        >>> import addax as keras
        >>> keras.layers.SpatialDropout3D(0.5)(keras.ops.ones((2, 4, 4, 4, 3)), training=True).shape
        TensorShape([2, 4, 4, 4, 3])
    """

    rank = 3

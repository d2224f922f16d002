"""`UpSampling1D`, `UpSampling2D`, `UpSampling3D`."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core import config
from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jax
from addax.layers import _arguments
from addax.layers._docs import documented
from addax.layers._layer import Layer
from addax.layers._spec import InputSpec

_METHODS = {"bilinear": "linear", "bicubic": "cubic"}  # as `jax.image` calls them
_INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")


@op(static=("size", "interpolation", "data_format"))
def _resize(images: Any, size: tuple, interpolation: str, data_format: str) -> Any:
    first = 1 if data_format == "channels_last" else 2
    shape = (*images.shape[:first], *size, *images.shape[first + 2 :])
    method = _METHODS.get(interpolation, interpolation)
    return jax.image.resize(images, shape, method, antialias=False)


class UpSampling(Layer):
    """Repeat each element along the spatial dimensions.

    Args:
        size: How often, an integer or one for each spatial dimension.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None. Not in one dimension.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If `size` is not made of positive integers.
    """

    rank = 0
    data_format = "channels_last"

    def __init__(self, size: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size: Any = _arguments.spatial(size, self.rank, "size", type(self).__name__)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Any) -> Any:
        """Repeat a tensor of shape `(batch, *space, channels)`, or channels first."""
        sizes = (self.size,) if self.rank == 1 else self.size
        for axis, size in enumerate(sizes, 1 if self.data_format == "channels_last" else 2):
            inputs = ops.repeat(inputs, size, axis=axis)
        return inputs


@documented
class UpSampling1D(UpSampling):
    """Repeat each step of a sequence.

    Example:
        >>> import addax as keras
        >>> keras.layers.UpSampling1D(2)(keras.ops.ones((2, 6, 3))).shape
        TensorShape([2, 12, 3])
    """

    rank = 1

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        super().__init__(size, **kwargs)
        self.size = self.size[0]


class UpSampling2D(UpSampling):
    """Enlarge images by whole factors.

    Args:
        size: The factor, an integer or one for rows and one for columns.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        interpolation: `"nearest"` (repeat), `"bilinear"`, `"bicubic"`, `"lanczos3"` or `"lanczos5"`.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong.

    Example:
        >>> import addax as keras
        >>> keras.layers.UpSampling2D((2, 3), interpolation="bilinear")(keras.ops.ones((2, 6, 6, 3))).shape
        TensorShape([2, 12, 18, 3])
    """

    rank = 2

    def __init__(
        self,
        size: Any = (2, 2),
        data_format: str | None = None,
        interpolation: str = "nearest",
        **kwargs: Any,
    ) -> None:
        super().__init__(size, **kwargs)
        self.data_format = config.standardize_data_format(data_format)
        self.interpolation = interpolation.lower() if isinstance(interpolation, str) else interpolation
        if self.interpolation not in _INTERPOLATIONS:
            raise ValueError(
                message(
                    "`interpolation` is wrong.",
                    where="UpSampling2D",
                    expected=" or ".join(f'"{name}"' for name in _INTERPOLATIONS),
                    received=interpolation,
                )
            )

    def call(self, inputs: Any) -> Any:
        """Enlarge a tensor of shape `(batch, rows, columns, channels)`, or channels first."""
        if self.interpolation == "nearest":
            return super().call(inputs)
        space = inputs.shape[1:3] if self.data_format == "channels_last" else inputs.shape[2:4]
        size = tuple(old * factor for old, factor in zip(space, self.size, strict=True))
        return _resize(inputs, size, self.interpolation, self.data_format)


@documented
class UpSampling3D(UpSampling):
    """Repeat each element of a volume.

    Example:
        >>> import addax as keras
        >>> keras.layers.UpSampling3D(2)(keras.ops.ones((2, 4, 4, 4, 3))).shape
        TensorShape([2, 8, 8, 8, 3])
    """

    rank = 3

    def __init__(self, size: Any = (2, 2, 2), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(size, **kwargs)
        self.data_format = config.standardize_data_format(data_format)

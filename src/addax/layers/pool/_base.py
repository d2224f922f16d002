"""What the pooling layers share."""

from __future__ import annotations

from typing import Any

from addax.core import config
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers._layer import Layer
from addax.layers._spec import InputSpec


class Pooling(Layer):
    """One number for each window of each channel.

    Args:
        pool_size: Size of the window, an integer or one for each spatial dimension.
        strides: Steps between windows, likewise; `pool_size` if None.
        padding: `"valid"` (only whole windows) or `"same"` (windows may reach over the edge).
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        name: A name; made from the class's if None.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the window is larger than the input.
    """

    rank = 0

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        where = type(self).__name__
        self.pool_size = _arguments.spatial(pool_size, self.rank, "pool_size", where)
        self.strides = _arguments.spatial(
            pool_size if strides is None else strides, self.rank, "strides", where
        )
        self.padding = _arguments.padding(padding, where)
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def _pool(self, inputs: Any) -> Any:
        raise TypeError(f"{type(self).__name__} is a base class without a way to pool.")

    def call(self, inputs: Any) -> Any:
        """Pool a tensor of shape `(batch, *space, channels)`, or channels first."""
        shape = inputs.shape
        space = shape[1:-1] if self.data_format == "channels_last" else shape[2:]
        empty = any(isinstance(d, int) and d < p for d, p in zip(space, self.pool_size, strict=True))
        if empty and self.padding == "valid":
            raise ValueError(
                message(
                    "The output would be empty: the window is larger than the input.",
                    where=self.path,
                    expected=f"spatial sizes of at least {self.pool_size}",
                    received=f"inputs of shape {_arguments.shown(shape)} ({self.data_format}), "
                    f"pool_size={self.pool_size}, padding='valid'",
                    hint='Use padding="same", a smaller pool_size, or fewer pooling layers before it.',
                )
            )
        return self._pool(inputs)


class GlobalPooling(Layer):
    """One number for each channel.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        keepdims: Whether the spatial dimensions stay, with size 1.
        **kwargs: Arguments of `Layer`.
    """

    rank = 0

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = config.standardize_data_format(data_format)
        self.keepdims = keepdims
        self.input_spec = InputSpec(ndim=self.rank + 2)

    @property
    def _axes(self) -> tuple[int, ...]:
        first = 1 if self.data_format == "channels_last" else 2
        return tuple(range(first, first + self.rank))


class AdaptivePooling(Layer):
    """Windows of such sizes that the output has a given size.

    Args:
        output_size: Spatial size of the output, an integer or one for each spatial dimension.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If `output_size` is not made of positive integers.
    """

    rank = 0

    def __init__(self, output_size: Any, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.output_size = _arguments.spatial(output_size, self.rank, "output_size", type(self).__name__)
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

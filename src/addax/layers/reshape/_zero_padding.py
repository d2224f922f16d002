"""`ZeroPadding1D`, `ZeroPadding2D`, `ZeroPadding3D`."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core import config
from addax.layers import _arguments
from addax.layers._docs import documented
from addax.layers._layer import Layer
from addax.layers._spec import InputSpec


class ZeroPadding(Layer):
    """Put zeros around the spatial dimensions.

    Args:
        padding: How many: an integer, one integer for each dimension (both ends), or a pair (start, end) for
            each dimension. In one dimension a pair is the start and the end.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If `padding` has another form.
    """

    rank = 0

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        found = _arguments.pairs(padding, self.rank, "padding", type(self).__name__)
        self.padding = found[0] if self.rank == 1 else found
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Any) -> Any:
        """Pad a tensor of shape `(batch, *space, channels)`, or channels first."""
        space = (self.padding,) if self.rank == 1 else self.padding
        none = (0, 0)
        pads = (none, *space, none) if self.data_format == "channels_last" else (none, none, *space)
        return ops.pad(inputs, pads)


@documented
class ZeroPadding1D(ZeroPadding):
    """Put zeros around one spatial dimension.

    Example:
        >>> import addax as keras
        >>> keras.layers.ZeroPadding1D(1)(keras.ops.ones((2, 6, 3))).shape
        TensorShape([2, 8, 3])
    """

    rank = 1


@documented
class ZeroPadding2D(ZeroPadding):
    """Put zeros around two spatial dimensions.

    Example:
        >>> import addax as keras
        >>> keras.layers.ZeroPadding2D(1)(keras.ops.ones((2, 6, 6, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    rank = 2


@documented
class ZeroPadding3D(ZeroPadding):
    """Put zeros around three spatial dimensions.

    Example:
        >>> import addax as keras
        >>> keras.layers.ZeroPadding3D(1)(keras.ops.ones((2, 6, 6, 6, 3))).shape
        TensorShape([2, 8, 8, 8, 3])
    """

    rank = 3

"""`Cropping1D`, `Cropping2D`, `Cropping3D`."""

from __future__ import annotations

from typing import Any

from addax.core import config
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers._docs import documented
from addax.layers._layer import Layer
from addax.layers._spec import InputSpec


class Cropping(Layer):
    """Cut off the edges of the spatial dimensions.

    Args:
        cropping: How much to cut off: an integer, one integer for each dimension (both ends), or a pair
            (start, end) for each dimension. In one dimension a pair is the start and the end.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None. Not in one dimension.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If `cropping` has another form, or (when called) nothing would be left.
    """

    rank = 0
    data_format = "channels_last"

    def __init__(self, cropping: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        found = _arguments.pairs(cropping, self.rank, "cropping", type(self).__name__)
        self.cropping = found[0] if self.rank == 1 else found
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Any) -> Any:
        """Crop a tensor of shape `(batch, *space, channels)`, or channels first."""
        cropping: Any = (self.cropping,) if self.rank == 1 else self.cropping
        first = 1 if self.data_format == "channels_last" else 2
        index: list[slice] = [slice(None)] * len(inputs.shape)
        for axis, (start, end) in enumerate(cropping, first):
            size = inputs.shape[axis]
            if isinstance(size, int) and size <= start + end:
                raise ValueError(
                    message(
                        "Nothing would be left of the input.",
                        where=self.path,
                        expected=f"more than {start + end} along axis {axis}",
                        received=f"inputs of shape {_arguments.shown(inputs.shape)}, "
                        f"cropping={self.cropping}",
                    )
                )
            index[axis] = slice(start, size - end)
        return inputs[tuple(index)]


@documented
class Cropping1D(Cropping):
    """Cut off the edges of one spatial dimension.

    Example:
        >>> import addax as keras
        >>> keras.layers.Cropping1D(1)(keras.ops.ones((2, 6, 3))).shape
        TensorShape([2, 4, 3])
    """

    rank = 1

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any) -> None:
        super().__init__(cropping, **kwargs)


@documented
class Cropping2D(Cropping):
    """Cut off the edges of two spatial dimensions.

    Example:
        >>> import addax as keras
        >>> keras.layers.Cropping2D(1)(keras.ops.ones((2, 6, 6, 3))).shape
        TensorShape([2, 4, 4, 3])
    """

    rank = 2

    def __init__(
        self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(cropping, **kwargs)
        self.data_format = config.standardize_data_format(data_format)


@documented
class Cropping3D(Cropping):
    """Cut off the edges of three spatial dimensions.

    Example:
        >>> import addax as keras
        >>> keras.layers.Cropping3D(1)(keras.ops.ones((2, 6, 6, 6, 3))).shape
        TensorShape([2, 4, 4, 4, 3])
    """

    rank = 3

    def __init__(
        self, cropping: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(cropping, **kwargs)
        self.data_format = config.standardize_data_format(data_format)

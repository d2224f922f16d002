"""The adaptive pooling layers."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.layers._docs import documented
from addax.layers.pool._base import AdaptivePooling


class AdaptiveMaxPooling(AdaptivePooling):
    """The largest value of each window, in windows that give an output of a fixed size."""

    def call(self, inputs: Any) -> Any:
        """Pool a tensor of shape `(batch, *space, channels)`, or channels first."""
        return ops.adaptive_max_pool(inputs, self.output_size, self.data_format)


class AdaptiveAveragePooling(AdaptivePooling):
    """The mean of each window, in windows that give an output of a fixed size."""

    def call(self, inputs: Any) -> Any:
        """Pool a tensor of shape `(batch, *space, channels)`, or channels first."""
        return ops.adaptive_average_pool(inputs, self.output_size, self.data_format)


@documented
class AdaptiveMaxPooling1D(AdaptiveMaxPooling):
    """A fixed number of largest values over one spatial dimension.

    Example:
        >>> import addax as keras
        >>> keras.layers.AdaptiveMaxPooling1D(2)(keras.ops.ones((2, 8, 3))).shape
        TensorShape([2, 2, 3])
    """

    rank = 1


@documented
class AdaptiveMaxPooling2D(AdaptiveMaxPooling):
    """A fixed number of largest values over two spatial dimensions.

    Example:
        >>> import addax as keras
        >>> keras.layers.AdaptiveMaxPooling2D(2)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 2, 2, 3])
    """

    rank = 2


@documented
class AdaptiveMaxPooling3D(AdaptiveMaxPooling):
    """A fixed number of largest values over three spatial dimensions.

    Example:
        >>> import addax as keras
        >>> keras.layers.AdaptiveMaxPooling3D(2)(keras.ops.ones((2, 4, 4, 4, 3))).shape
        TensorShape([2, 2, 2, 2, 3])
    """

    rank = 3


@documented
class AdaptiveAveragePooling1D(AdaptiveAveragePooling):
    """A fixed number of means over one spatial dimension.

    Example:
        >>> import addax as keras
        >>> keras.layers.AdaptiveAveragePooling1D(2)(keras.ops.ones((2, 8, 3))).shape
        TensorShape([2, 2, 3])
    """

    rank = 1


@documented
class AdaptiveAveragePooling2D(AdaptiveAveragePooling):
    """A fixed number of means over two spatial dimensions.

    Example:
        >>> import addax as keras
        >>> keras.layers.AdaptiveAveragePooling2D(2)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 2, 2, 3])
    """

    rank = 2


@documented
class AdaptiveAveragePooling3D(AdaptiveAveragePooling):
    """A fixed number of means over three spatial dimensions.

    Example:
        >>> import addax as keras
        >>> keras.layers.AdaptiveAveragePooling3D(2)(keras.ops.ones((2, 4, 4, 4, 3))).shape
        TensorShape([2, 2, 2, 2, 3])
    """

    rank = 3

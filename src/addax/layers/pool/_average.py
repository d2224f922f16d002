"""`AveragePooling1D`, `AveragePooling2D`, `AveragePooling3D`."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.layers._docs import documented
from addax.layers.pool._base import Pooling


class AveragePooling(Pooling):
    """The mean of each window."""

    def _pool(self, inputs: Any) -> Any:
        return ops.average_pool(inputs, self.pool_size, self.strides, self.padding, self.data_format)


@documented
class AveragePooling1D(AveragePooling):
    """The mean of each window over one spatial dimension.

    Example:
        >>> import addax as keras
        >>> keras.layers.AveragePooling1D(2)(keras.ops.ones((2, 8, 3))).shape
        TensorShape([2, 4, 3])
    """

    rank = 1


@documented
class AveragePooling2D(AveragePooling):
    """The mean of each window over two spatial dimensions.

    Example:
        >>> import addax as keras
        >>> keras.layers.AveragePooling2D(2)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 4, 4, 3])
    """

    rank = 2


@documented
class AveragePooling3D(AveragePooling):
    """The mean of each window over three spatial dimensions.

    Example:
        >>> import addax as keras
        >>> keras.layers.AveragePooling3D(2)(keras.ops.ones((2, 4, 4, 4, 3))).shape
        TensorShape([2, 2, 2, 2, 3])
    """

    rank = 3

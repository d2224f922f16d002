"""`MaxPooling1D`, `MaxPooling2D`, `MaxPooling3D`."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.layers._docs import documented
from addax.layers.pool._base import Pooling


class MaxPooling(Pooling):
    """The largest value of each window."""

    def _pool(self, inputs: Any) -> Any:
        return ops.max_pool(inputs, self.pool_size, self.strides, self.padding, self.data_format)


@documented
class MaxPooling1D(MaxPooling):
    """The largest value of each window over one spatial dimension.

    Example:
        >>> import addax as keras
        >>> keras.layers.MaxPooling1D(2)(keras.ops.ones((2, 8, 3))).shape
        TensorShape([2, 4, 3])
    """

    rank = 1


@documented
class MaxPooling2D(MaxPooling):
    """The largest value of each window over two spatial dimensions.

    Example:
        >>> import addax as keras
        >>> keras.layers.MaxPooling2D(2)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 4, 4, 3])
    """

    rank = 2


@documented
class MaxPooling3D(MaxPooling):
    """The largest value of each window over three spatial dimensions.

    Example:
        >>> import addax as keras
        >>> keras.layers.MaxPooling3D(2)(keras.ops.ones((2, 4, 4, 4, 3))).shape
        TensorShape([2, 2, 2, 2, 3])
    """

    rank = 3

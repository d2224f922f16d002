"""The global pooling layers."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.layers._docs import documented
from addax.layers.pool._base import GlobalPooling


class GlobalMaxPooling(GlobalPooling):
    """The largest value of each channel."""

    def call(self, inputs: Any) -> Any:
        """Pool a tensor of shape `(batch, *space, channels)`, or channels first."""
        return ops.max(inputs, axis=self._axes, keepdims=self.keepdims)


class GlobalAveragePooling(GlobalPooling):
    """The mean of each channel."""

    def call(self, inputs: Any) -> Any:
        """Pool a tensor of shape `(batch, *space, channels)`, or channels first."""
        return ops.mean(inputs, axis=self._axes, keepdims=self.keepdims)


@documented
class GlobalMaxPooling1D(GlobalMaxPooling):
    """The largest value of each channel over one spatial dimension.

    Example:
        >>> import addax as keras
        >>> keras.layers.GlobalMaxPooling1D()(keras.ops.ones((2, 8, 3))).shape
        TensorShape([2, 3])
    """

    rank = 1


@documented
class GlobalMaxPooling2D(GlobalMaxPooling):
    """The largest value of each channel over two spatial dimensions.

    Example:
        >>> import addax as keras
        >>> keras.layers.GlobalMaxPooling2D()(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 3])
    """

    rank = 2


@documented
class GlobalMaxPooling3D(GlobalMaxPooling):
    """The largest value of each channel over three spatial dimensions.

    Example:
        >>> import addax as keras
        >>> keras.layers.GlobalMaxPooling3D()(keras.ops.ones((2, 4, 4, 4, 3))).shape
        TensorShape([2, 3])
    """

    rank = 3


@documented
class GlobalAveragePooling1D(GlobalAveragePooling):
    """The mean of each channel over one spatial dimension; masked steps do not count.

    Example:
        >>> import addax as keras
        >>> keras.layers.GlobalAveragePooling1D()(keras.ops.ones((2, 8, 3))).shape
        TensorShape([2, 3])
    """

    rank = 1
    supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Pool a tensor of shape `(batch, steps, channels)`, or channels first."""
        if mask is None:
            return super().call(inputs)
        weights = ops.expand_dims(
            ops.cast(mask, inputs.dtype), 2 if self.data_format == "channels_last" else 1
        )
        axis = self._axes[0]
        total = ops.sum(inputs * weights, axis=axis, keepdims=self.keepdims)
        return total / ops.sum(weights, axis=axis, keepdims=self.keepdims)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        """None: no steps are left that could be masked."""
        return None


@documented
class GlobalAveragePooling2D(GlobalAveragePooling):
    """The mean of each channel over two spatial dimensions.

    Example:
        >>> import addax as keras
        >>> keras.layers.GlobalAveragePooling2D()(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 3])
    """

    rank = 2


@documented
class GlobalAveragePooling3D(GlobalAveragePooling):
    """The mean of each channel over three spatial dimensions.

    Example:
        >>> import addax as keras
        >>> keras.layers.GlobalAveragePooling3D()(keras.ops.ones((2, 4, 4, 4, 3))).shape
        TensorShape([2, 3])
    """

    rank = 3

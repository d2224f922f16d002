"""`CategoryEncoding`: integers as vectors."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers._layer import Layer
from addax.layers.preprocess._encode import encode, no_sparse, output_mode


class CategoryEncoding(Layer):
    """Encodes categories, integers from 0 to `num_tokens - 1`, as vectors.

    Args:
        num_tokens: The number of categories.
        output_mode: `"one_hot"` (a vector for each element, in place of a last axis of size 1),
            `"multi_hot"` (ones for all elements along the last axis) or `"count"` (how often each occurs
            there).
        sparse: Must be False.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong.

    Example:
        >>> import addax as keras
        >>> keras.layers.CategoryEncoding(4, output_mode="count")([[0, 1, 1], [3, 0, 2]]).numpy()
        array([[1., 2., 0., 0.],
               [1., 0., 1., 1.]], dtype=float32)
    """

    def __init__(
        self, num_tokens: Any = None, output_mode: str = "multi_hot", sparse: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.num_tokens = _arguments.positive_int(num_tokens, "num_tokens", "CategoryEncoding")
        self.output_mode = _mode(output_mode)
        self.sparse = no_sparse(sparse, "CategoryEncoding")

    def call(self, inputs: Any, count_weights: Any = None) -> Any:
        """Encode an integer tensor.

        Args:
            inputs: Integers of shape `(batch,)` or `(batch, size)`.
            count_weights: What each element counts, of the same shape; for `output_mode="count"`.

        Returns:
            A float tensor whose last axis is of size `num_tokens`.
        """
        if count_weights is not None and self.output_mode != "count":
            raise ValueError(
                message(
                    "`count_weights` needs another output mode.",
                    where=self.path,
                    expected='output_mode="count"',
                    received=f'output_mode="{self.output_mode}"',
                )
            )
        indices = ops.cast(inputs, "int32")
        return encode(indices, self.output_mode, self.num_tokens, self.compute_dtype, count_weights)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        config.pop("sparse")
        return config


def _mode(value: Any) -> str:
    return output_mode(value, ("one_hot", "multi_hot", "count"), "CategoryEncoding")

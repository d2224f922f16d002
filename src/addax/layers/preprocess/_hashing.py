"""`Hashing`: any values as one of a fixed number of bins."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core import config as settings
from addax.core import dtypes
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers.preprocess._encode import encode, no_sparse, output_mode
from addax.layers.preprocess._hash import buckets, salt_of
from addax.layers.preprocess._host import HostLayer, on_host


class Hashing(HostLayer):
    """Sorts texts or integers into bins by a hash, the same as TensorFlow's: no vocabulary is needed.

    Args:
        num_bins: The number of bins.
        mask_value: A value that has bin 0 for itself; None for none.
        salt: One integer or two, for another hash (SipHash in place of FarmHash).
        output_mode: `"int"`, `"one_hot"`, `"multi_hot"` or `"count"`, as for `CategoryEncoding`.
        sparse: Must be False.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong.

    Example:
        >>> import addax as keras
        >>> keras.layers.Hashing(num_bins=3)([["A"], ["B"], ["C"], ["D"], ["E"]]).numpy().tolist()
        [[1], [0], [1], [1], [2]]
    """

    def __init__(
        self,
        num_bins: int,
        mask_value: Any = None,
        salt: Any = None,
        output_mode: str = "int",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        if kwargs.get("dtype") is None:
            kwargs["dtype"] = "int64" if output_mode == "int" else settings.floatx()
        super().__init__(**kwargs)
        self.num_bins = _arguments.positive_int(num_bins, "num_bins", "Hashing")
        self.mask_value = mask_value
        self.salt = salt_of(salt, "Hashing")
        self.output_mode = _mode(output_mode)
        self.sparse = no_sparse(sparse, "Hashing")
        if self.output_mode == "int" and not dtypes.is_int(str(self.variable_dtype)):
            raise ValueError(
                message("`dtype` is wrong.", where="Hashing", expected="int32 or int64", received=self.dtype)
            )

    @property
    def _by_element(self) -> bool:
        return self.output_mode == "int"

    def call(self, inputs: Any) -> Any:
        """The bins of a tensor of texts or integers."""
        return self.encode(on_host(self._bins, inputs))

    def encode(self, bins: Any) -> Any:
        """Bins in the form that the output mode asks for."""
        return encode(bins, self.output_mode, self.num_bins, self.compute_dtype)

    def _bins(self, values: np.ndarray) -> np.ndarray:
        if self.mask_value is None or self.num_bins == 1:
            return buckets(values, self.num_bins, self.salt)
        mask = self.mask_value.encode() if isinstance(self.mask_value, str) else self.mask_value
        return np.where(values == mask, 0, buckets(values, self.num_bins - 1, self.salt) + 1)


def _mode(value: Any) -> str:
    return output_mode(value, ("int", "one_hot", "multi_hot", "count"), "Hashing")

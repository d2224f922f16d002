"""`HashedCrossing`: combinations of categories as one of a fixed number of bins."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers.preprocess._encode import encode, no_sparse, output_mode
from addax.layers.preprocess._host import HostLayer, known, narrow, on_host, tensors_of

_KEY = 0xDECAFCAFFE  # what TensorFlow begins with


class HashedCrossing(HostLayer):
    """Sorts pairs (or more) of texts or integers into bins by a hash of all, the same as TensorFlow's.

    Args:
        num_bins: The number of bins.
        output_mode: `"int"`, or `"one_hot"` for vectors.
        sparse: Must be False.
        name: The name.
        dtype: The dtype of the result.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the inputs do not fit.

    Example:
        >>> import addax as keras
        >>> layer = keras.layers.HashedCrossing(num_bins=5)
        >>> layer((["A", "B", "A"], [101, 101, 102])).numpy().tolist()
        [1, 4, 3]
    """

    def __init__(
        self,
        num_bins: int,
        output_mode: str = "int",
        sparse: bool = False,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        if output_mode == "int" and dtype is None:
            dtype = "int64"
        super().__init__(name=name, dtype=dtype, **kwargs)
        self.num_bins = _arguments.positive_int(num_bins, "num_bins", "HashedCrossing")
        self.output_mode = _mode(output_mode)
        self.sparse = no_sparse(sparse, "HashedCrossing")

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Like any layer, on a list of inputs: each of texts or integers, in any form."""
        if isinstance(inputs, (list, tuple)):
            inputs = [tensors_of(x) for x in inputs]
        return super().__call__(inputs, *args, **kwargs)

    def call(self, inputs: Any) -> Any:
        """Cross tensors of shape `()`, `(batch,)` or `(batch, 1)`, all the same."""
        self._check(inputs)
        arrays = [known(x) for x in inputs]
        if all(array is not None for array in arrays):
            bins: Any = narrow(self._bins(np.stack([_fingerprints(a) for a in arrays if a is not None])))
        elif any(x.dtype == "string" for x in inputs):  # texts beside a tracer: only the shape is wanted
            bins = ops.zeros(inputs[0].shape, dtype="int32")
        else:
            bins = on_host(self._bins_of_integers, ops.stack(list(inputs), axis=-1))[..., 0]
        return self.encode(bins)

    def encode(self, bins: Any) -> Any:
        """Bins in the form that the output mode asks for."""
        return encode(bins, self.output_mode, self.num_bins, self.compute_dtype)

    def _bins(self, columns: np.ndarray) -> np.ndarray:
        """The bins of fingerprints, stacked along the first axis."""
        from addax.formats import join_fingerprints

        found = []
        for row in columns.reshape(len(columns), -1).T.tolist():
            joined = _KEY
            for fingerprint in row:
                joined = join_fingerprints(joined, fingerprint)
            found.append(joined % self.num_bins)
        return np.array(found, "int64").reshape(columns.shape[1:])

    def _bins_of_integers(self, values: np.ndarray) -> np.ndarray:
        """The bins of integers along the last axis, repeated along it."""
        bins = self._bins(_fingerprints(np.moveaxis(values, -1, 0)))
        return np.broadcast_to(bins[..., None], values.shape)

    def _check(self, inputs: Any) -> None:
        if not isinstance(inputs, (list, tuple)) or len(inputs) < 2:
            raise ValueError(
                message(
                    "HashedCrossing crosses at least two inputs.",
                    where=self.path,
                    expected="a list or tuple of two or more tensors",
                    received=[tuple(x.shape) for x in inputs]
                    if isinstance(inputs, (list, tuple))
                    else inputs,
                )
            )
        shapes = [tuple(x.shape) for x in inputs]
        rank = len(shapes[0])
        if len(set(shapes)) > 1 or rank > 2 or (rank == 2 and shapes[0][1] != 1):
            raise ValueError(
                message(
                    "The inputs of HashedCrossing do not fit.",
                    where=self.path,
                    expected="equal shapes: (), (batch,) or (batch, 1)",
                    received=shapes,
                )
            )
        wrong = [str(x.dtype) for x in inputs if x.dtype.is_floating]
        if wrong:
            raise ValueError(
                message(
                    "HashedCrossing takes texts and integers.",
                    where=self.path,
                    received=f"dtypes {[str(x.dtype) for x in inputs]}",
                    hint="Sort floats into bins by Discretization first.",
                )
            )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        names = ("num_bins", "output_mode", "sparse", "name")
        return {**{name: getattr(self, name) for name in names}, "dtype": str(self.dtype)}


def _mode(value: Any) -> str:
    return output_mode(value, ("int", "one_hot"), "HashedCrossing")


def _fingerprints(values: np.ndarray) -> np.ndarray:
    """Texts by their hash, integers by themselves, as unsigned integers of 64 bits."""
    if values.dtype.kind != "O":
        return values.astype("int64").astype("uint64")
    from addax.formats import fingerprint64

    return np.array([fingerprint64(x) for x in values.ravel()], "uint64").reshape(values.shape)

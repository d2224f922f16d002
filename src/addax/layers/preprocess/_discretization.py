"""`Discretization`: numbers as the bins that they lie in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.layers._layer import Layer
from addax.layers.preprocess._batches import as_array, batches, is_one_array
from addax.layers.preprocess._encode import encode, no_sparse, output_mode


class Discretization(Layer):
    """Sorts numbers into bins.

    Args:
        bin_boundaries: The boundaries, ascending: `[0.0, 1.0]` makes the bins below 0, from 0 to 1, and
            from 1 on.
        num_bins: The number of bins, whose boundaries `adapt(data)` then learns so that all are equally full.
        epsilon: The precision of learnt boundaries, as a fraction of the data.
        output_mode: `"int"`, `"one_hot"`, `"multi_hot"` or `"count"`, as for `CategoryEncoding`.
        sparse: Must be False.
        dtype: The dtype of vectors (integers are int32).
        name: The name.

    Raises:
        ValueError: If not exactly one of `bin_boundaries` and `num_bins` is given, or an argument is wrong.

    Example:
        >>> import addax as keras
        >>> keras.layers.Discretization(bin_boundaries=[0.0, 1.0, 2.0])([[-1.5, 1.0, 3.4]]).numpy()
        array([[0, 2, 3]], dtype=int32)
    """

    def __init__(
        self,
        bin_boundaries: Any = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        dtype: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, dtype=dtype, **kwargs)
        if (num_bins is None) == (bin_boundaries is None) or (num_bins is not None and num_bins < 0):
            raise ValueError(
                message(
                    "Discretization needs either `bin_boundaries` or a `num_bins` of 0 or more.",
                    received=f"bin_boundaries={bin_boundaries}, num_bins={num_bins}",
                )
            )
        self.bin_boundaries = None if bin_boundaries is None else np.asarray(bin_boundaries).tolist()
        self.num_bins = num_bins
        self.epsilon = epsilon
        self.output_mode = _mode(output_mode)
        self.sparse = no_sparse(sparse, "Discretization")
        self.summary = _NOTHING

    @property
    def output_dtype(self) -> Any:
        """The dtype of the result."""
        return "int32" if self.output_mode == "int" else self.compute_dtype

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Learn the boundaries of `num_bins` bins that hold equally much of the data.

        Args:
            data: An array, or a dataset or another iterable of batches.
            steps: The number of batches to take, all if None.

        Raises:
            ValueError: If the boundaries were given.
        """
        if self.num_bins is None:
            raise ValueError(
                message(
                    "Discretization was given its boundaries, so there is nothing to adapt.",
                    where=self.path,
                    hint="Pass num_bins=... in place of bin_boundaries.",
                )
            )
        self.reset_state()
        for batch in [data] if is_one_array(data) else batches(data, steps):
            self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Take in a batch."""
        summary = _summarized(as_array(data, text=False).astype("float32"), self.epsilon)
        self.summary = _merged(summary, self.summary, self.epsilon)

    def finalize_state(self) -> None:
        """Compute the boundaries from what was taken in."""
        if self.num_bins is not None:
            self.bin_boundaries = _compressed(self.summary, 1.0 / self.num_bins)[0, :-1].tolist()

    def reset_state(self) -> None:
        """Forget what was taken in."""
        self.summary = _NOTHING

    def call(self, inputs: Any) -> Any:
        """The bins of a tensor of numbers."""
        if self.bin_boundaries is None:
            raise ValueError(
                message(
                    "Discretization has no boundaries yet.",
                    where=self.path,
                    hint="Call adapt(data) first, or pass bin_boundaries.",
                )
            )
        boundaries = np.asarray(self.bin_boundaries, "float32")
        indices = ops.digitize(inputs, boundaries)
        return encode(indices, self.output_mode, len(self.bin_boundaries) + 1, self.output_dtype)

    def load_own_variables(self, store: Any) -> None:
        """Nothing: the boundaries are in the config."""

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        names = ("bin_boundaries", "num_bins", "epsilon", "output_mode", "sparse", "name")
        return {**{name: getattr(self, name) for name in names}, "dtype": str(self.dtype)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping | None = None) -> Any:
        """A layer like the one that gave `config`; an adapted one has both boundaries and `num_bins`."""
        config = dict(config)
        learnt = config.pop("bin_boundaries", None) if config.get("num_bins") is not None else None
        layer = super().from_config(config)
        if learnt is not None:
            layer.bin_boundaries = list(learnt)
        return layer


def _mode(value: Any) -> str:
    return output_mode(value, ("int", "one_hot", "multi_hot", "count"), "Discretization")


# A summary is a sorted sample of the data with the number of values that each stands for, in two rows.
_NOTHING = np.zeros((2, 0), "float32")


def _summarized(values: np.ndarray, epsilon: float) -> np.ndarray:
    values = np.sort(values, axis=None)
    step = max(values.size * epsilon, 1)
    sample = values[int(step - 1) :: int(step)]
    return np.stack([sample, np.full_like(sample, step)])


def _merged(first: np.ndarray, second: np.ndarray, epsilon: float) -> np.ndarray:
    both = np.concatenate([first, second], axis=1)
    return _compressed(both[:, np.argsort(both[0])], epsilon)


def _compressed(summary: np.ndarray, epsilon: float) -> np.ndarray:
    """A summary of `1 / epsilon` elements, by interpolation between the cumulated counts."""
    if summary.shape[1] * epsilon < 1:
        return summary
    wanted = epsilon + np.arange(0.0, 1.0, epsilon)
    total = summary[1].cumsum()
    share = total / total[-1]
    counts = np.interp(wanted, share, total)
    values = np.interp(wanted, share, summary[0])
    return np.stack([values, np.diff(counts, prepend=0.0)]).astype("float32")

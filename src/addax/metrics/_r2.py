"""The coefficient of determination."""

from __future__ import annotations

import warnings
from typing import Any

from addax import measures, ops
from addax.core.errors import message
from addax.engine._tensor import is_concrete
from addax.measures._weights import mask_weights
from addax.metrics._base import Metric, zeros

_R2_VARIABLES = {"squared_sum": "squared_sum", "sum": "sum", "total_mse": "residual", "count": "count"}


class R2Score(Metric):
    """Coefficient of determination, `1 - sum((y_true - y_pred)**2) / sum((y_true - mean)**2)`.

    Args:
        class_aggregation: How the scores of several outputs are combined: `"uniform_average"`,
            `"variance_weighted_average"` or None (one score for each).
        num_regressors: The number of independent variables, for the adjusted score; 0 for the plain one.
        name: A name.
        dtype: The dtype of the computation.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import addax as keras
        >>> round(float(keras.metrics.R2Score()([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])), 4)
        0.5714
    """

    squared_sum: Any
    sum: Any
    total_mse: Any
    count: Any
    _direction = "up"

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if class_aggregation not in (None, "uniform_average", "variance_weighted_average"):
            raise ValueError(
                message(
                    "Unknown `class_aggregation`.",
                    expected='None, "uniform_average" or "variance_weighted_average"',
                    received=class_aggregation,
                )
            )
        if num_regressors < 0:
            raise ValueError(
                message("`num_regressors` is out of range.", expected="0 or more", received=num_regressors)
            )
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.num_samples: Any = self.add_variable((), zeros, name="num_samples")
        self._built = False

    def _build(self, y_pred: Any) -> None:
        if len(y_pred.shape) != 2 or y_pred.shape[1] is None:
            raise ValueError(
                message(
                    "R2Score: the predictions do not fit.",
                    expected="y_true and y_pred of shape (batch, outputs)",
                    received=f"y_pred of shape {tuple(y_pred.shape)}",
                )
            )
        for attribute, name in _R2_VARIABLES.items():
            setattr(self, attribute, self.add_variable((y_pred.shape[1],), zeros, name=name))
        self._built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch.

        Args:
            y_true: Labels of shape `(batch, outputs)`.
            y_pred: Predictions of shape `(batch, outputs)`.
            sample_weight: Weights of shape `(batch,)` or that broadcast to the labels; or None.

        Raises:
            ValueError: If the shapes do not fit.
        """
        mask = measures.mask_of(y_pred)
        y_true, y_pred = measures.as_tensor(y_true, self.dtype), measures.as_tensor(y_pred, self.dtype)
        y_true, y_pred = measures.same_shape(y_true, y_pred, "R2Score")
        if not self._built:
            self._build(y_pred)
        weights = mask_weights(mask, self.dtype, sample_weight)
        if weights is None:
            weights = ops.ones_like(y_true)
        else:
            weights = ops.broadcast_to(measures.fit_weights(y_true, weights)[1], ops.shape(y_true))
        weighted = y_true * weights
        self.sum.assign_add(ops.sum(weighted, axis=0))
        self.squared_sum.assign_add(ops.sum(y_true * weighted, axis=0))
        self.total_mse.assign_add(ops.sum(ops.square(y_true - y_pred) * weights, axis=0))
        self.count.assign_add(ops.sum(weights, axis=0))
        self.num_samples.assign_add(ops.size(y_true))

    def result(self) -> Any:
        """The score: a scalar, or one number for each output if `class_aggregation` is None."""
        if not self._built:
            return ops.convert_to_tensor(0.0, self.dtype)
        total = self.squared_sum - self.sum * (self.sum / self.count)
        scores = 1.0 - self.total_mse / total
        scores = ops.where(ops.isinf(scores), 0.0, scores)
        if self.class_aggregation == "uniform_average":
            scores = ops.mean(scores)
        elif self.class_aggregation == "variance_weighted_average":
            scores = ops.sum(total * scores) / ops.sum(total)
        return self._adjusted(scores) if self.num_regressors else scores

    def _adjusted(self, scores: Any) -> Any:
        """The score corrected for the number of regressors, if there are samples enough."""
        freedom = self.num_samples - (self.num_regressors + 1.0)
        known = self.num_samples._raw()
        if is_concrete(known) and float(known) <= self.num_regressors + 1:
            warnings.warn(
                f"R2Score has {int(known)} samples for {self.num_regressors} regressors, too few for the "
                "adjusted score: this is the plain one.",
                stacklevel=3,
            )
        enough = freedom > 0
        adjusted = 1.0 - (1.0 - scores) * (self.num_samples - 1.0) / ops.where(enough, freedom, 1.0)
        return ops.where(enough, adjusted, scores)

    def get_config(self) -> dict[str, Any]:
        """The arguments that `from_config` takes."""
        own = {"class_aggregation": self.class_aggregation, "num_regressors": self.num_regressors}
        return {**super().get_config(), **own}

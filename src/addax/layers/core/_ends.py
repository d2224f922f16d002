"""`AddLoss` and `AddMetric`: ends of a graph that go into the loss or the logs, as tf.keras names them in files."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.layers._layer import Layer


class AddLoss(Layer):
    """Adds the mean of its input to the loss of the model; made by `Model.add_loss` on a symbolic tensor.

    Args:
        unconditional: Accepted, as files of tf.keras have it.
        **kwargs: Arguments of `Layer`.
    """

    def __init__(self, unconditional: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.unconditional = unconditional

    def call(self, inputs: Any) -> Any:
        """Add the mean of a tensor to the loss; give the tensor."""
        self.add_loss(ops.mean(inputs))
        return inputs


class AddMetric(Layer):
    """Shows the mean of its input in the logs; made by `Model.add_metric` on a symbolic tensor.

    Args:
        aggregation: `"mean"`.
        metric_name: The name in the logs.
        **kwargs: Arguments of `Layer`.
    """

    def __init__(self, aggregation: str = "mean", metric_name: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.aggregation = aggregation
        self.metric_name = metric_name

    def call(self, inputs: Any) -> Any:
        """Count a tensor in the metric; give the tensor."""
        self.add_metric(inputs, name=self.metric_name or self.name, aggregation=self.aggregation)
        return inputs

"""`Additions`: what a layer adds to the loss and the metrics of the model that it is in."""

from __future__ import annotations

from typing import Any

from addax.core import context
from addax.core.errors import message
from addax.core.resolver import resolve
from addax.layers import _call


class Additions:
    """A base of `Layer`."""

    name: str
    path: str
    _losses: list
    _loss_record: Any
    _loss_functions: list

    def add_loss(self, loss: Any, **ignored: Any) -> None:
        """Add scalar tensors (or functions without arguments that give one) to the loss of the model."""
        for one in loss if isinstance(loss, (list, tuple)) else [loss]:
            if callable(one) and not hasattr(one, "dtype"):
                self._loss_functions.append(one)
                continue
            record = context.current().call
            if self._loss_record is not record or record is None:
                self._loss_record, self._losses = record, [] if record is not None else self._losses
            self._losses.append(one)
            bindings = context.current().bindings
            if bindings is not None:
                bindings.add_loss(one)

    def add_metric(
        self, value: Any, name: str | None = None, aggregation: str = "mean", **ignored: Any
    ) -> None:
        """Show the mean of a tensor over the batches of an epoch in the logs, as tf.keras does.

        Called in `call()`. Keras 3 dropped it: there a layer holds a metric and calls `update_state` itself.

        Args:
            value: A tensor of any shape, or what a metric of the layer returned, which is in the logs anyway.
            name: The name in the logs; not needed for the result of a metric that the layer holds.
            aggregation: `"mean"`, the only one.
            **ignored: Accepted as tf.keras does.

        Raises:
            ValueError: If there is no name, or another aggregation is asked for.

        Example:
            >>> import addax as keras
            >>> class Watched(keras.layers.Layer):
            ...     def call(self, x):
            ...         self.add_metric(keras.ops.mean(x), name="mean_of_x")
            ...         return x
            >>> model = keras.Sequential([keras.Input((1,)), Watched()])
            >>> model.compile(loss="mse")
            >>> model.evaluate([[1.0], [2.0]], [[0.0], [0.0]], verbose=0, return_dict=True)["mean_of_x"]
            1.5
        """
        if aggregation not in (None, "mean"):
            where = f"add_metric() of '{self.name}'"
            raise ValueError(
                message("Wrong `aggregation`.", where=where, expected="'mean'", received=aggregation)
            )
        if name is None:
            if any(hasattr(child, "update_state") for child in self._children()):  # type: ignore[attr-defined]
                return
            raise ValueError(
                message(
                    "add_metric() needs a name for the logs.",
                    where=self.path,
                    hint='self.add_metric(value, name="..."), or create the metric in the constructor.',
                )
            )
        added = self.__dict__.setdefault("_added_metrics", {})
        if name not in added:
            mean = resolve("keras.metrics", "Mean", None, "class")  # which is built above the layers
            added[name] = mean(name=name)
        added[name].update_state(value)

    @property
    def losses(self) -> list:
        """The losses added in the last call, and the penalties of regularized weights."""
        return _call.collect_losses(self)  # type: ignore[arg-type]

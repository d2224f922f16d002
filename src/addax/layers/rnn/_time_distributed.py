"""`TimeDistributed`: a layer on every step of a sequence."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core import context, tree
from addax.core.errors import message
from addax.engine import TensorShape
from addax.layers._layer import Layer
from addax.layers._spec import call_spec
from addax.layers.core._wrapper import Wrapper


class TimeDistributed(Wrapper):
    """Applies a layer (or a model) to each step of a sequence, with the same weights.

    All steps go through the layer at once, as one large batch.

    Args:
        layer: The layer.
        **kwargs: Arguments of `Layer`.

    Raises:
        TypeError: If `layer` is no layer.
        ValueError: If (when called) the input is not of rank 3 or more, or a mask does not fit.

    Example:
        >>> import addax as keras
        >>> frames = keras.ops.ones((2, 5, 8, 8, 3))
        >>> keras.layers.TimeDistributed(keras.layers.Conv2D(4, 3))(frames).shape
        TensorShape([2, 5, 6, 6, 4])
    """

    supports_masking = True

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)

    def build(self, input_shape: Any) -> None:
        """Build the layer for one step."""
        super().build(self._shape_of_step(input_shape))

    def _shape_of_step(self, shape: Any) -> Any:
        if isinstance(shape, list):
            return [self._shape_of_step(one) for one in shape]
        if len(shape) < 3:
            raise ValueError(
                message(
                    "TimeDistributed needs a time axis after the batch axis.",
                    where=self.path,
                    expected="inputs of shape (batch, time, ...), of rank 3 or more",
                    received=f"shape {tuple(shape)}",
                )
            )
        return TensorShape((shape[0], *shape[2:]))

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Apply the layer to `inputs` of shape `(batch, time, ...)`."""
        batch, steps = tree.flatten(inputs)[0].shape[:2]
        spec = call_spec(type(self.layer))
        options: dict[str, Any] = {}
        if mask is not None:
            self._check_mask(mask, (batch, steps))
            if "mask" in spec.masks:
                options["mask"] = _fold(mask)
        if spec.training:
            options["training"] = training
        with context.entered(probing=_folded_probe(batch, steps)):
            outputs = self.layer(tree.map_structure(_fold, inputs), **options)
        return tree.map_structure(lambda x: self._unfold(x, batch, steps), outputs)

    def _unfold(self, x: Any, batch: int, steps: int) -> Any:
        """Batch and time as two axes again, floats in this layer's dtype."""
        x = ops.reshape(x, (batch, steps, *x.shape[1:]))
        return ops.cast(x, self.compute_dtype) if x.dtype.is_floating else x

    def _check_mask(self, mask: Any, shape: tuple) -> None:
        for one in tree.flatten(mask):
            if tuple(one.shape[:2]) != tuple(shape):
                raise ValueError(
                    message(
                        "The mask does not fit the input.",
                        where=self.path,
                        expected=f"a mask whose shape begins with {tuple(shape)}, batch and time",
                        received=f"shape {tuple(one.shape)}",
                    )
                )


def _fold(x: Any) -> Any:
    """Batch and time as one axis."""
    return ops.reshape(x, (x.shape[0] * x.shape[1], *x.shape[2:]))


def _folded_probe(batch: int, steps: int) -> int | None:
    """The size that stands for an unknown batch of the layer inside, while shapes are inferred."""
    probing = context.current().probing
    return batch * steps if probing is not None and batch == probing else probing

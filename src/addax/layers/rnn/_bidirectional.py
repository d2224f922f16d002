"""`Bidirectional`: one recurrent layer forwards and one backwards."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from addax import ops
from addax.core import context, serial
from addax.core.errors import message
from addax.layers._layer import Layer

_MERGES = {
    "concat": lambda forward, backward: ops.concatenate([forward, backward], axis=-1),
    "sum": lambda forward, backward: forward + backward,
    "ave": lambda forward, backward: (forward + backward) / 2,
    "mul": lambda forward, backward: forward * backward,
    None: lambda forward, backward: (forward, backward),
}


class Bidirectional(Layer):
    """Runs a recurrent layer over a sequence in both directions and joins what the two give.

    Args:
        layer: The recurrent layer; copies of it are made, one for each direction.
        merge_mode: How the outputs are joined: `"concat"`, `"sum"`, `"mul"`, `"ave"`; None gives both.
        weights: First weights of both layers, as a list of arrays.
        backward_layer: The layer for the other direction, with `go_backwards=True`; a copy if None.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If the merge mode is unknown, or the layers do not go together.
        TypeError: If `layer` is no layer.

    Example:
        >>> import addax as keras
        >>> keras.layers.Bidirectional(keras.layers.LSTM(4))(keras.ops.ones((2, 5, 3))).shape
        TensorShape([2, 8])
    """

    supports_masking = True

    def __init__(
        self,
        layer: Any,
        merge_mode: str | None = "concat",
        weights: Any = None,
        backward_layer: Any = None,
        **kwargs: Any,
    ) -> None:
        for name, given in (("layer", layer), ("backward_layer", backward_layer)):
            if not isinstance(given, Layer) and (given is not None or name == "layer"):
                problem = f"`{name}` is wrong."
                raise TypeError(
                    message(problem, where="Bidirectional", expected="a recurrent layer", received=given)
                )
        if merge_mode not in _MERGES:
            names = ", ".join(repr(name) for name in _MERGES)
            raise ValueError(
                message("`merge_mode` is wrong.", where="Bidirectional", expected=names, received=merge_mode)
            )
        super().__init__(**kwargs)
        self.forward_layer: Any = self._copy(layer, "forward_")
        self.backward_layer: Any = backward_layer or self._copy(
            layer, "backward_", go_backwards=not layer.go_backwards
        )
        self.merge_mode = merge_mode
        _check_pair(self.forward_layer, self.backward_layer)
        for one in (self.forward_layer, self.backward_layer):
            if getattr(one, "zero_output_for_mask", None) is not None:
                one.zero_output_for_mask = one.return_sequences
        if weights:
            half = len(weights) // 2
            self.forward_layer._initial_weights = list(weights[:half])
            self.backward_layer._initial_weights = list(weights[half:])
        self.stateful = layer.stateful
        self.return_sequences = layer.return_sequences
        self.return_state = layer.return_state
        self.input_spec = layer.input_spec

    def _copy(self, layer: Layer, prefix: str, **changes: Any) -> Any:
        """A layer with the same config but for its name, built (with new weights) if that one is."""
        data = serial.serialize_object(layer)
        functions = {k: v for k, v in layer._bound_arguments.items() if inspect.isfunction(v)}  # need no name
        name = prefix + layer.name.removeprefix(prefix)
        data["config"] = {**data["config"], **functions, **changes, "name": name}
        classes = {type(one).__name__: type(one) for one in layer._flatten_layers()}
        with context.entered(path=self._scope()):
            return serial.deserialize(data, custom_objects=classes)

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Build both layers."""
        for layer in (self.forward_layer, self.backward_layer):
            if not layer.built:
                layer.build(sequences_shape)
                layer.built = True

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: Any = None) -> Any:
        """Run both layers over `sequences` of shape `(batch, time, features)`.

        Args:
            sequences: The input.
            initial_state: States of the forward layer, then those of the other one.
            mask: Boolean tensor of shape `(batch, time)`.
            training: Whether dropout is on.

        Returns:
            The joined output, or with `merge_mode=None` both; with `return_state`, a tuple that goes on with
            the last states of both layers.
        """
        states: list = [None, None]
        if initial_state is not None:
            half = len(initial_state) // 2
            states = [list(initial_state[:half]), list(initial_state[half:])]
        results = [
            layer(sequences, initial_state=state, mask=mask, training=training)
            for layer, state in zip((self.forward_layer, self.backward_layer), states, strict=True)
        ]
        last: tuple = ()
        if self.return_state:
            last = (*results[0][1:], *results[1][1:])
            results = [result[0] for result in results]
        forward, backward = (ops.cast(result, self.compute_dtype) for result in results)
        if self.return_sequences:
            backward = ops.flip(backward, axis=1)
        output = _MERGES[self.merge_mode](forward, backward)
        if not self.return_state:
            return output
        return (*output, *last) if self.merge_mode is None else (output, *last)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """The mask of the input, for outputs of all steps."""
        mask = previous_mask[0] if isinstance(previous_mask, list) else previous_mask
        mask = mask if self.return_sequences else None
        masks = [mask, mask] if self.merge_mode is None else [mask]
        if self.return_state:
            sizes = (self.forward_layer.state_size, self.backward_layer.state_size)
            return [*masks, *[None] * sum(len(size) for size in sizes)]
        return masks if self.merge_mode is None else mask

    @property
    def states(self) -> Any:
        """The variables that keep the states of both layers, None if they are not stateful."""
        if not self.forward_layer.states or not self.backward_layer.states:
            return None
        return (*self.forward_layer.states, *self.backward_layer.states)

    def reset_state(self) -> None:
        """Set the kept states of both layers to zero.

        Raises:
            AttributeError: If the layer is not stateful.
        """
        if not self.stateful:
            raise AttributeError(
                message("The layer keeps no states.", where=self.path, hint="Pass stateful=True.")
            )
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    def reset_states(self) -> None:
        """The older name of `reset_state`."""
        self.reset_state()

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        config.pop("weights", None)
        config["layer"] = serial.serialize_object(self.forward_layer)
        config["backward_layer"] = serial.serialize_object(self.backward_layer)
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping | None = None) -> Any:
        """A layer like the one that gave `config`."""
        config = dict(config)
        for name in ("layer", "backward_layer"):
            if isinstance(config.get(name), dict):
                config[name] = serial.deserialize(config[name], custom_objects=custom_objects)
        made = super().from_config(config)
        made.backward_layer = made._copy(made.backward_layer, "")  # built inside of this layer, not before it
        return made


def _check_pair(forward: Any, backward: Any) -> None:
    """Raise unless the layers go in opposite directions and give results of the same form."""
    if forward.go_backwards == backward.go_backwards:
        raise ValueError(
            message(
                "The layers of Bidirectional must go in opposite directions.",
                expected="backward_layer with go_backwards=True",
                received=f"go_backwards={forward.go_backwards} and {backward.go_backwards}",
            )
        )
    for name in ("stateful", "return_sequences", "return_state"):
        first, second = getattr(forward, name), getattr(backward, name)
        if first != second:
            raise ValueError(
                message(
                    f"The layers of Bidirectional differ in `{name}`.",
                    expected="the same value for both",
                    received=f"{first} for the forward layer, {second} for the backward layer",
                )
            )

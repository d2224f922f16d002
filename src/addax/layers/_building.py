"""What goes on around a layer's `build`: shapes, name scope, once only, weights that were given beforehand."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from addax.core import context
from addax.engine._infer import leaves_sizes_open, rehearse
from addax.layers._shapes import as_shape

if TYPE_CHECKING:
    from addax.layers._layer import Layer


def wrap_build(build: Callable) -> Callable:
    """`build` with shapes as `TensorShape`, inside the layer's name scope, marking the layer as built."""
    if getattr(build, "_wrapped", False):
        return build

    @functools.wraps(build)
    def wrapper(self: Layer, *args: Any, **kwargs: Any) -> None:
        self._check_super_called()
        args = tuple(as_shape(a) for a in args)
        kwargs = {k: as_shape(v) for k, v in kwargs.items()}
        outermost = not self.__dict__.get("_building", False)
        if not outermost:
            return build(self, *args, **kwargs)
        if self.built and self._own:
            return  # a second build would make every weight twice
        self.__dict__["_building"] = True
        try:
            with context.entered(path=self._scope()):
                self._path = "/".join(context.current().path)
                build(self, *args, **kwargs)
        finally:
            self.__dict__["_building"] = False
        self.built = True
        if self._build_shapes is None:
            names = list(inspect.signature(build).parameters)[1:]
            self._build_shapes = {**dict(zip(names, args, strict=False)), **kwargs}
        _set_initial_weights(self)

    wrapper._wrapped = True  # type: ignore[attr-defined]
    return wrapper


def build_inside(layer: Layer, run: Callable, args: tuple, kwargs: dict) -> None:
    """Build the layers inside of one that has no graph, with None for each size that is not known.

    Args:
        layer: The layer, called on symbolic tensors.
        run: Its computation, called as `run(args, kwargs)`.
        args: What it is called on.
        kwargs: The keyword arguments.
    """
    if not leaves_sizes_open(args, kwargs):
        return
    inside = list(layer._flatten_layers(include_self=False))
    if all(inner.built for inner in inside):
        return
    calls = {id(inner): len(inner._inbound_nodes) for inner in inside}
    rehearse(run, args, kwargs)
    for inner in layer._flatten_layers(include_self=False):
        del inner._inbound_nodes[calls.get(id(inner), 0) :]  # it was no call of a graph


def _set_initial_weights(layer: Layer) -> None:
    """Weights given to the constructor, as tf.keras's `Embedding(weights=[...])`."""
    initial, layer._initial_weights = layer._initial_weights, None
    if initial is not None:
        layer.set_weights(initial)

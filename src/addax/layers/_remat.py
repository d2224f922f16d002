"""Layers whose calls are computed again for gradients: losses and masks have to come out of the block, too."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from addax.core import tree
from addax.engine import Tensor
from addax.ops._remat import in_force, remat

if TYPE_CHECKING:
    from addax.layers._layer import Layer


def rematerialized(layer: Layer, call: Callable, args: tuple, kwargs: dict) -> Callable:
    """See `Layer.rematerialized_call`."""
    scope = layer._remat_mode
    if scope is None or not in_force():
        return call
    if scope.mode == "activations":
        return _with_activation(layer, call)
    if scope.mode == "full" and getattr(layer, "_graph", None) is not None:
        return call  # its layers are blocks already: one around all of them would save nothing
    return _whole(layer, call) if scope.wants(layer.name, call, args, kwargs) else call


def _with_activation(layer: Layer, call: Callable) -> Callable:
    activation = getattr(layer, "activation", None)
    if activation is None:
        return call

    @functools.wraps(call)
    def run(*args: Any, **kwargs: Any) -> Any:
        layer.activation = remat(activation)  # type: ignore[attr-defined]
        try:
            return call(*args, **kwargs)
        finally:
            layer.activation = activation  # type: ignore[attr-defined]

    return run


def _whole(layer: Layer, call: Callable) -> Callable:
    """The call as one block. What it leaves in layers and on tensors is a result of the block like any other."""
    inside = layer._flatten_layers()

    def block(given: tuple, masks: list) -> tuple:
        _attach(given, masks)
        with _losses_apart(inside) as losses:
            outputs = call(*given[0], **given[1])
        return outputs, _masks_of(outputs), [losses[id(one)] for one in inside]

    @functools.wraps(call)
    def run(*args: Any, **kwargs: Any) -> Any:
        given = (args, kwargs)
        outputs, masks, losses = remat(block)(given, _masks_of(given))
        _attach(outputs, masks)
        for one, added in zip(inside, losses, strict=True):
            if added:
                one.add_loss(added)
        return outputs

    return run


@contextlib.contextmanager
def _losses_apart(layers: Any) -> Iterator[dict[int, list]]:
    """Collect the losses that layers add in a block, and leave those that they had."""
    before = [(one, one._loss_record, one._losses) for one in layers]
    added: dict[int, list] = {}
    for one, _, _ in before:
        one._loss_record, one._losses = None, []
    try:
        yield added
    finally:
        for one, record, losses in before:
            added[id(one)] = one._losses
            one._loss_record, one._losses = record, losses


def _masks_of(nest: Any) -> list:
    return [getattr(x, "_keras_mask", None) for x in tree.flatten(nest)]


def _attach(nest: Any, masks: list) -> None:
    for x, mask in zip(tree.flatten(nest), masks, strict=True):
        if mask is not None and isinstance(x, Tensor):
            x._keras_mask = mask

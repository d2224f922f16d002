"""`tf.saved_model.save`: models, layers and modules, with signatures of the user's own or without."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from addax.core.errors import message
from addax.engine import ConcreteFunction, Function, Module
from addax.export._archive import ExportArchive
from addax.export._models import DEFAULT_SIGNATURE, export_model
from addax.layers import Layer


def save_saved_model(
    obj: Any, export_dir: str | os.PathLike[str], signatures: Any = None, options: Any = None
) -> None:
    """Write a model, layer or module as a SavedModel, as `tf.saved_model.save` does.

    What assigns to variables computes, but does not keep what it assigns. The loaded object, when called, does what
    the signature `serving_default` does (in TensorFlow: what the object's own call did).

    Args:
        obj: A built Keras model or layer, or a `tf.Module`.
        export_dir: The folder.
        signatures: A `tf.function` with an `input_signature` (or that was called), or one of its concrete functions,
            which becomes `serving_default`; or a dict of them by name. None for the default serving function of a
            model, or for all such functions that a module has as methods.
        options: Accepted for TensorFlow's sake.

    Raises:
        TypeError: If `obj` cannot be saved, or a signature is no compiled function.
        ValueError: If a model is not built, the inputs of a function are not known, or there is no function.

    Example:
        >>> import tempfile
        >>> import addax.tf as tf
        >>> class Scale(tf.Module):
        ...     def __init__(self):
        ...         self.factor = tf.Variable(2.0)
        ...
        ...     @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
        ...     def scale(self, x):
        ...         return {"scaled": x * self.factor}
        >>> module = Scale()
        >>> path = f"{tempfile.mkdtemp()}/scale"
        >>> tf.saved_model.save(module, path, signatures=module.scale)
        >>> loaded = tf.saved_model.load(path)
        >>> loaded.signatures["serving_default"](x=tf.constant([1.0, 3.0]))["scaled"].numpy()
        array([2., 6.], dtype=float32)
    """
    if not isinstance(obj, (Layer, Module)):
        raise TypeError(
            message(
                "This cannot be saved as a SavedModel.",
                expected="a Keras model or layer, or a tf.Module",
                received=obj,
                hint="Make it an attribute of a tf.Module.",
            )
        )
    if signatures is None and isinstance(obj, Layer):
        export_model(obj, export_dir)
        return
    archive = ExportArchive()
    archive.track(obj)
    for name, function in _named(obj, signatures).items():
        archive.add_endpoint(name, function)
    archive.write_out(export_dir, verbose=False)


def _named(obj: Any, signatures: Any) -> dict[str, Any]:
    """The functions by the names of their signatures."""
    if signatures is None:
        found = _methods(obj)
        if not found:
            raise ValueError(
                message(
                    "The module has no function that could be saved.",
                    expected="a method under tf.function that has an input_signature or was called",
                    received=obj,
                    hint="@tf.function(input_signature=[tf.TensorSpec([None, 3])]).",
                )
            )
        return found
    named = dict(signatures) if isinstance(signatures, Mapping) else {DEFAULT_SIGNATURE: signatures}
    for name, function in named.items():
        if not isinstance(function, (Function, ConcreteFunction)):
            raise TypeError(
                message(
                    f"Signature '{name}' is no compiled function.",
                    expected="a tf.function, or what its get_concrete_function() gives",
                    received=function,
                    hint="tf.function(f, input_signature=[...]).",
                )
            )
    return named


def _methods(module: Module) -> dict[str, Any]:
    """The methods of a module under `tf.function` whose inputs are known."""
    found = {}
    for name in dir(type(module)):
        if (name == "__call__" or not name.startswith("_")) and isinstance(
            function := getattr(module, name), Function
        ):
            if function.first_form is not None:
                found[DEFAULT_SIGNATURE if name == "__call__" else name] = function
    return found

"""The input signatures of endpoints: whatever describes tensors, as `TensorSpec`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from addax.core.errors import message
from addax.engine import SymbolicTensor, Tensor, TensorShape, TensorSpec, Variable
from addax.export._models import check_built
from addax.layers import InputSpec as LayerInputSpec

SIGNATURE_HINT = "input_signature=[keras.InputSpec(shape=(None, 3), dtype='float32')]"


def default_signature(model: Any) -> list[Any]:
    """The arguments that a model was built with, with any batch size.

    Args:
        model: A model that is built.

    Returns:
        A list of specs or nests of specs, as `ExportArchive.add_endpoint` takes it.

    Raises:
        ValueError: The model is not built, or was built without telling shapes.
    """
    check_built(model)
    if getattr(model, "inputs", None) is not None:
        return [model.input]
    shapes = model._build_shapes
    if not shapes:
        raise ValueError(
            message(
                f"The input shape of model '{model.name}' is not known.",
                expected="a model that was called, or an input_signature",
                received="neither",
                hint=f"Call it on data, or pass {SIGNATURE_HINT}.",
            )
        )
    return [_specs_of_shapes(shape, model.input_dtype) for shape in shapes.values()]


def _specs_of_shapes(shapes: Any, dtype: Any) -> Any:
    if isinstance(shapes, TensorShape):
        return TensorSpec((None, *shapes[1:]), dtype)
    if isinstance(shapes, Mapping):
        return {key: _specs_of_shapes(shape, dtype) for key, shape in shapes.items()}
    return [_specs_of_shapes(shape, dtype) for shape in shapes]


def standardized(name: str, signature: Any) -> tuple[Any, ...]:
    """The signature with a `TensorSpec` for each tensor."""
    if not isinstance(signature, (list, tuple)):
        raise TypeError(
            message(
                "An input_signature is a list.",
                expected="a spec or a nest of specs for each positional argument",
                received=signature,
                hint="Put the spec into a list: [spec].",
                where=name,
            )
        )
    return tuple(plain(part, lambda leaf: as_spec(name, leaf)) for part in signature)


def plain(nest: Any, leaf: Callable[[Any], Any]) -> Any:
    """The nest as plain dicts, lists and tuples, which is what a SavedModel can tell."""
    if isinstance(nest, Mapping):
        return {str(key): plain(item, leaf) for key, item in nest.items()}
    if isinstance(nest, (list, tuple)):
        items = [plain(item, leaf) for item in nest]
        return tuple(items) if isinstance(nest, tuple) else items
    return leaf(nest)


def as_spec(name: str, leaf: Any) -> TensorSpec:
    """One leaf of a signature as a complete spec; the batch size of a tensor is left open."""
    if isinstance(leaf, (TensorSpec, LayerInputSpec)):
        if leaf.shape is None or leaf.dtype is None:
            raise ValueError(
                message(
                    "A spec of the input_signature is not complete.",
                    expected="a shape and a dtype",
                    received=f"{leaf}",
                    hint="Name both, with None for sizes that are open.",
                    where=name,
                )
            )
        spec = TensorSpec(leaf.shape, leaf.dtype, leaf.name)
    elif isinstance(leaf, (SymbolicTensor, Tensor, Variable)):
        open_batch = (None, *tuple(leaf.shape)[1:]) if len(leaf.shape) else ()
        spec = TensorSpec(open_batch, leaf.dtype, leaf.name if isinstance(leaf, SymbolicTensor) else None)
    else:
        raise TypeError(
            message(
                "The input_signature holds something else than specs.",
                expected="tf.TensorSpec, keras.InputSpec or a Keras tensor",
                received=leaf,
                hint="Describe an array with tf.TensorSpec(array.shape, array.dtype).",
                where=name,
            )
        )
    return spec


def distinct(names: list[str]) -> list[str]:
    """The names with numbers behind those that were there before."""
    found: list[str] = []
    for name in names:
        unique, number = name, 0
        while unique in found:
            number += 1
            unique = f"{name}_{number}"
        found.append(unique)
    return found

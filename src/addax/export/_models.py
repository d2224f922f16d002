"""Models as SavedModels, and SavedModels as callable objects: what `tf.saved_model` and `Model.export` do."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from addax.core import tree
from addax.core.errors import message
from addax.engine import Tensor, TensorShape, Variable, pure, raw_of
from addax.engine._jax import jnp
from addax.engine._spec import TensorSpec
from addax.engine._variable import host_array
from addax.export._program import ArraySpec, InputSpec
from addax.export._saved_model import Endpoint, SavedVariable, write_saved_model
from addax.export._saved_model_reader import Signature, read_saved_model
from addax.export.text._flat import has_text, text_layer
from addax.export.text._part import TextPart, split_text
from addax.export.text._rules import TextExportError
from addax.export.text._trace import split_or_trace, trace_text

DEFAULT_SIGNATURE = "serving_default"


def export_model(model: Any, path: str | os.PathLike[str]) -> None:
    """Write a model as a SavedModel with a default serving function, of any batch size.

    Args:
        model: A model (or layer) that is built.
        path: The folder.

    Raises:
        ValueError: If the model is not built, or does something with texts that cannot be exported
            (`TextExportError`).
    """
    endpoint, variables = model_endpoint(model, text=True)
    saved = [SavedVariable(v.path, np.asarray(v), v.trainable) for v in variables]
    write_saved_model(path, {DEFAULT_SIGNATURE: endpoint}, saved)


def model_endpoint(model: Any, *, text: bool = False) -> tuple[Endpoint, list[Variable]]:
    """The inference function of a model, and the variables whose values it takes.

    Args:
        model: A model or layer that is built.
        text: Whether the format can hold texts, and what is done on the host; otherwise they are refused.
    """
    _refuse_unknown_texts(model)
    shell, specs = _inputs(model)
    variables = [v for v in model.variables if v.dtype != "string"]
    packing = (
        "dict" if isinstance(shell, dict) else "list" if isinstance(shell, (list, tuple)) else "positional"
    )
    symbolic = getattr(model, "inputs", None)
    if symbolic is not None and has_text(symbolic, model.output):
        if not text:
            raise _no_text(model, symbolic)
        part = _text_part(model, specs, variables)
        return Endpoint(text_function(part, variables), specs, packing, text=part), variables

    def call(nest: Any) -> Any:
        return model(nest, training=False) if model._call_takes_training() else model(nest)

    def function(values: Any, *inputs: Any) -> Any:
        nest = tree.pack_sequence_as(shell, [Tensor(jnp.asarray(x)) for x in inputs])
        result, _ = pure(lambda: call(nest), variables)(list(values))
        return tree.map_structure(raw_of, result)

    return Endpoint(function, specs, packing), variables


def _text_part(model: Any, specs: list[InputSpec], variables: list[Variable]) -> TextPart:
    """The parts of a model with texts: by its graph, or else by running it."""

    def run(*inputs: Any) -> Any:
        return model(tree.pack_sequence_as(model.input, list(inputs)), training=False)

    return split_or_trace(
        lambda: split_text(model.inputs, [spec.name for spec in specs], model.output),
        lambda: trace_text(run, specs, variables, model.name),
    )


def text_function(part: TextPart, variables: list[Variable]) -> Callable[..., list[Any]]:
    """The program of an endpoint with texts, as a pure function of the variables' values and its inputs.

    Args:
        part: The parts of the endpoint.
        variables: The variables.
    """

    def function(values: Any, *inputs: Any) -> list[Any]:
        tensors = [Tensor(jnp.asarray(x)) for x in inputs]
        result, _ = pure(lambda: part.program(tensors), variables)(list(values))
        return [raw_of(x) for x in result]

    return function


def _refuse_unknown_texts(model: Any) -> None:
    """Refuse a model that is no graph and has a layer over texts: what it takes is not known."""
    if getattr(model, "inputs", None) is not None:
        return
    for layer in model._flatten_layers():
        if getattr(layer, "_data_dtype", None) == "string":
            raise TextExportError(
                message(
                    f"Layer '{layer.name}' takes texts, but whether the model does is not known.",
                    expected="a functional model, or a Sequential one with an Input",
                    received=type(model).__name__,
                    hint='model.export(path, input_signature=[tf.TensorSpec([None, 1], "string")]).',
                    where=model.name,
                )
            )


def _no_text(model: Any, inputs: list[Any]) -> ValueError:
    layer = text_layer(inputs, model.output)
    return ValueError(
        message(
            f"Layer '{layer.name}' works on texts, or on integers on the host, which this format cannot hold.",
            expected="layers that compute with numbers",
            received=type(layer).__name__,
            hint='Export as format="tf_saved_model", or export the model that begins after this layer, and look '
            "words up before it is called.",
            where=model.name,
        )
    )


def _inputs(model: Any) -> tuple[Any, list[InputSpec]]:
    """The nest of a model's inputs, and their specs in the order of its leaves."""
    check_built(model)
    if getattr(model, "inputs", None) is not None:
        names = [x._node.operation.name for x in model.inputs]
        shapes = [(x.shape, x.dtype) for x in model.inputs]
        shell = model.input
    else:
        shell = next(iter((model._build_shapes or {"input_shape": None}).values()))
        leaves = _shape_leaves(shell)
        if not leaves:
            raise ValueError(
                message(f"The input shape of model '{model.name}' is not known.", hint="Call it on data.")
            )
        names = ["inputs"] if len(leaves) == 1 else [f"inputs_{i}" for i in range(len(leaves))]
        shapes = [((None, *shape[1:]), model.compute_dtype) for shape in leaves]
        shell = (
            0
            if isinstance(shell, TensorShape)
            else tree.map_structure_up_to(_markers(shell), lambda s: 0, shell)
        )
    if isinstance(shell, dict):
        order = tree.flatten({key: key for key in shell})
        names = [str(key) for key in order] if len(order) == len(names) else names
    specs = [
        InputSpec(identifier(name), tuple(shape), str(dtype))
        for name, (shape, dtype) in zip(names, shapes, strict=True)
    ]
    return tree.map_structure(lambda _: 0, shell), specs


def check_built(layer: Any) -> None:
    """Refuse a layer or model without variables yet.

    Args:
        layer: The layer.

    Raises:
        ValueError: It is not built.
    """
    if not layer.built:
        raise ValueError(
            message(
                f"'{layer.name}' is not built, so its inputs and variables are not known.",
                expected="a layer or model that was built",
                received=f"{type(layer).__name__} that was not",
                hint="Call it on data, or build(input_shape), before exporting it.",
            )
        )


def _shape_leaves(shapes: Any) -> list[TensorShape]:
    if isinstance(shapes, TensorShape):
        return [shapes]
    if isinstance(shapes, dict):
        return [leaf for key in sorted(shapes) for leaf in _shape_leaves(shapes[key])]
    if isinstance(shapes, (list, tuple)):
        return [leaf for item in shapes for leaf in _shape_leaves(item)]
    return []


def _markers(shapes: Any) -> Any:
    """The same nest with a number in place of each shape."""
    if isinstance(shapes, TensorShape):
        return 0
    if isinstance(shapes, dict):
        return {key: _markers(value) for key, value in shapes.items()}
    return [_markers(item) for item in shapes]


def identifier(name: str) -> str:
    """A name with nothing in it that an identifier cannot have."""
    cleaned = re.sub(r"\W", "_", name)
    return cleaned if not cleaned[:1].isdigit() else f"input_{cleaned}"


class ServingFunction:
    """A signature of a loaded SavedModel, over tensors.

    Attributes:
        structured_input_signature: `((), {name: TensorSpec})`.
        structured_outputs: `{name: TensorSpec}`.
    """

    def __init__(self, signature: Signature) -> None:
        self._signature = signature
        self.name = signature.name
        inputs = zip(signature.input_names, signature.inputs, strict=True)
        outputs = zip(signature.output_names, signature.outputs, strict=True)
        self.structured_input_signature: tuple = ((), {name: _spec(spec, name) for name, spec in inputs})
        self.structured_outputs = {name: _spec(spec, name) for name, spec in outputs}

    def __call__(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Run it on inputs by name; give tensors by name."""
        raw = {name: _array(value) for name, value in kwargs.items()}
        return {name: Tensor(x) for name, x in self._signature(*map(_array, args), **raw).items()}

    @property
    def inputs(self) -> list[TensorSpec]:
        """The specs of the inputs."""
        return list(self.structured_input_signature[1].values())

    def __repr__(self) -> str:
        return f"<ServingFunction {self.name}: {self.structured_input_signature[1]} -> {self.structured_outputs}>"


def _spec(spec: ArraySpec, name: str) -> TensorSpec:
    return TensorSpec(spec.shape, spec.dtype, name)


def _all_texts(value: Any) -> bool:
    """Whether a value is a text, or nested lists of texts, so that it is one array."""
    leaves = tree.flatten(value)
    return bool(leaves) and all(isinstance(leaf, (str, bytes)) for leaf in leaves)


def _array(value: Any) -> Any:
    if isinstance(value, (Tensor, Variable)):
        return raw_of(value)
    if isinstance(value, (str, bytes, list, tuple)) and _all_texts(value):
        return host_array(value)
    return tree.map_structure(_array, value) if isinstance(value, (list, tuple, dict)) else np.asarray(value)


class LoadedObject:
    """A SavedModel without the code that made it: callable, with signatures, methods and lists of variables.

    Each endpoint is a method, which takes and gives what the exported function took and gave.

    Attributes:
        signatures: Name -> `ServingFunction`.
        variables: The variables.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._loaded = read_saved_model(path)
        self.signatures: Mapping[str, ServingFunction] = {
            name: ServingFunction(signature) for name, signature in self._loaded.signatures.items()
        }
        made: dict[int, Variable] = {}
        self.variables = [_variable(v, made) for v in self._loaded.variables]
        self._collections = {
            name: [_variable(v, made) for v in group] for name, group in self._loaded.collections.items()
        }

    def __getattr__(self, name: str) -> Any:
        # Names come from the file, so they are looked for only where the object itself has none.
        loaded = self.__dict__.get("_loaded")
        if loaded is not None and name in loaded.methods:
            return partial(run_structured, loaded.methods[name])
        if name in self.__dict__.get("_collections", ()):
            return self._collections[name]
        raise AttributeError(
            message(
                f"The SavedModel has no attribute '{name}'.",
                expected=", ".join(dir(self)),
                received=repr(name),
            )
        )

    def __dir__(self) -> list[str]:
        own = ["signatures", "variables", "trainable_variables", "non_trainable_variables"]
        methods = [name for name in self._loaded.methods if not name.startswith("__")]
        return [*own, *methods, *self._collections]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the default function, in the structure that the model returned."""
        kwargs.pop("training", None)
        result = self._loaded(*(_array(a) for a in args), **{k: _array(v) for k, v in kwargs.items()})
        return tree.map_structure(_tensor, result)

    @property
    def trainable_variables(self) -> list[Variable]:
        """The variables that were trainable."""
        return [v for v in self.variables if v.trainable]

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The other variables."""
        return [v for v in self.variables if not v.trainable]


def run_structured(signature: Signature, *args: Any, **kwargs: Any) -> Any:
    """Run a signature on tensors as the exported function was called, and give tensors in its structure."""
    result = signature.structured([_array(a) for a in args], {k: _array(v) for k, v in kwargs.items()})
    return tree.map_structure(_tensor, result)


def _tensor(value: Any) -> Any:
    return None if value is None else Tensor(value)


def _variable(saved: SavedVariable, made: dict[int, Variable]) -> Variable:
    """The variable for one of the file, the same for the same one."""
    if id(saved) not in made:
        name = saved.name.rpartition("/")[2]
        made[id(saved)] = Variable(saved.value, trainable=saved.trainable, name=name)
    return made[id(saved)]


def load_saved_model(path: str | os.PathLike[str], tags: Any = None, options: Any = None) -> LoadedObject:
    """A SavedModel as a callable object with signatures.

    Args:
        path: The folder.
        tags: Accepted for TensorFlow's sake.
        options: Accepted for TensorFlow's sake.

    Raises:
        FileNotFoundError: There is no SavedModel at `path`.
        ValueError: The files are damaged, or TensorFlow wrote them.
    """
    return LoadedObject(path)

"""`Model`: a layer that can be trained, saved and summarised."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from addax.core import context, registry, tree
from addax.core.errors import message, suggest
from addax.engine import SymbolicTensor, Tensor, TensorShape, infer
from addax.engine._operators import cast, reshape
from addax.engine.autograph import converted
from addax.layers import Layer
from addax.layers._building import build_inside
from addax.layers._spec import call_spec
from addax.layers.core._ends import AddLoss, AddMetric
from addax.models import _graph, _state_tree
from addax.models._familiar import familiar_call
from addax.models._graph import Graph
from addax.optimizers import Optimizer
from addax.training import Trainable


class Model(Trainable, Layer):
    """A layer with `compile`, `fit`, `evaluate`, `predict`, `save` and `summary`.

    Made in three ways: from a graph, `Model(inputs, outputs)`; by subclassing with `call`; or as `Sequential`.

    Args:
        inputs: A symbolic tensor, or a list or dict of them.
        outputs: A nest of symbolic tensors that depend on the inputs.
        name: The name.
        trainable: Whether the weights are updated in training.
        dtype: A dtype or a dtype policy.

    Example:
        >>> import addax as keras
        >>> x = keras.Input((3,))
        >>> model = keras.Model(x, keras.layers.Dense(2)(x))
        >>> model.count_params()
        8
    """

    _deserialize_config = False
    _graph: Graph | None = None
    _holds_to_its_shapes = True  # whether data of the right rank must have the shapes of the inputs

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is Model and (len(args) >= 2 or "inputs" in kwargs or "outputs" in kwargs):
            from addax.models._functional import Functional

            return Layer.__new__(Functional, *args, **kwargs)
        return Layer.__new__(cls, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        inputs, outputs, name = _graph_arguments(args, kwargs)
        if name is not None:
            kwargs["name"] = name
        Layer.__init__(self, **kwargs)
        self._init_training()
        if inputs is not None:
            self._set_graph(inputs, outputs)

    _skip_walk = (*Layer._skip_walk, *Trainable._skip_walk, "_graph", "_inputs_nest")

    def _set_graph(self, inputs: Any, outputs: Any, ends: Sequence[SymbolicTensor] = ()) -> None:
        self._inputs_nest = inputs
        self._graph = Graph(inputs, outputs, ends)
        self._graph_layers = [op for op in self._graph.operations if isinstance(op, Layer)]
        self.built = True
        shapes = tree.map_structure(lambda x: x.shape, inputs)
        self._build_shapes = {"input_shape": shapes}

    def _end_with(self, *ends: SymbolicTensor) -> None:
        """Have the graph run the operations of further tensors."""
        graph = self._graph
        assert graph is not None
        self._set_graph(self._inputs_nest, graph.outputs_nest, [*graph.ends, *ends])
        self._forget_steps()

    def add_loss(self, loss: Any, **ignored: Any) -> None:
        """Add to the loss: a tensor in `call()`, or a symbolic tensor of this model's graph, as tf.keras does.

        Args:
            loss: A tensor, a function without arguments that gives one, or a list of them. Of a symbolic tensor, the
                mean is added.
            **ignored: Accepted as tf.keras does.

        Example:
            >>> import addax as keras
            >>> x = keras.Input((2,))
            >>> model = keras.Model(x, keras.layers.Dense(1)(x))
            >>> model.add_loss(keras.ops.square(model.output))
            >>> model.compile("sgd")
            >>> list(model.fit(keras.ops.ones((4, 2)), verbose=0).history)
            ['loss']
        """
        for one in loss if isinstance(loss, (list, tuple)) else [loss]:
            if isinstance(one, SymbolicTensor) and self._graph is not None:
                self._end_with(AddLoss()(one))
            else:
                super().add_loss(one)

    def add_metric(
        self, value: Any, name: str | None = None, aggregation: str = "mean", **ignored: Any
    ) -> None:
        """Show the mean of a tensor in the logs: one in `call()`, or a symbolic one of this model's graph.

        Args:
            value: A tensor.
            name: The name in the logs.
            aggregation: `"mean"`, the only one.
            **ignored: Accepted as tf.keras does.

        Raises:
            ValueError: If there is no name, or another aggregation is asked for.

        Example:
            >>> import addax as keras
            >>> x = keras.Input((1,))
            >>> model = keras.Model(x, keras.layers.Dense(1)(x))
            >>> model.add_metric(keras.ops.abs(x), name="size")
            >>> model.compile(loss="mse")
            >>> model.evaluate([[3.0]], [[0.0]], verbose=0, return_dict=True)["size"]
            3.0
        """
        if isinstance(value, SymbolicTensor) and self._graph is not None:
            self._end_with(AddMetric(aggregation, name)(value))
        else:
            super().add_metric(value, name, aggregation)

    def _children(self) -> Iterator[Any]:
        """Variables and modules inside; optimizers that a custom training step uses are none of the model's."""
        return (child for child in super()._children() if not isinstance(child, Optimizer))

    # Structure -------------------------------------------------------------------------------------------
    @property
    def layers(self) -> list[Layer]:
        """The layers directly inside, in order."""
        return self._layers

    @layers.setter
    def layers(self, value: Any) -> None:
        raise AttributeError("`Model.layers` is read-only; use another attribute name.")

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """A layer by name or by index.

        Args:
            name: Its name.
            index: Its place in `layers`, in place of a name.

        Raises:
            ValueError: If there is none; the message names the nearest.
        """
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ValueError(
                    f"The model has {len(layers)} layers, so there is no layer at index {index}."
                )
            return layers[index]
        if name is None:
            raise ValueError("get_layer() needs a name or an index.")
        for layer in layers:
            if layer.name == name:
                return layer
        names = [layer.name for layer in layers]
        raise ValueError(
            message(
                f"No such layer: '{name}'.", expected=f"one of {names}", hint=suggest(name, names) or None
            )
        )

    def reset_states(self) -> None:
        """Have stateful recurrent layers forget what they have seen, as `Model.reset_states` of tf.keras does.

        Example:
            >>> import addax as keras
            >>> model = keras.Sequential([keras.Input((2, 1), batch_size=1), keras.layers.GRU(1, stateful=True)])
            >>> first = model.predict([[[1.0], [2.0]]], verbose=0)
            >>> model.reset_states()
            >>> bool(model.predict([[[1.0], [2.0]]], verbose=0) == first)
            True
        """
        for layer in self._flatten_layers(include_self=False):
            if getattr(layer, "stateful", False) and hasattr(layer, "reset_states"):
                layer.reset_states()

    @property
    def inputs(self) -> list | None:
        """The symbolic inputs of a graph, as a flat list."""
        return None if self._graph is None else self._graph.inputs

    @property
    def outputs(self) -> list | None:
        """The symbolic outputs of a graph, as a flat list."""
        return None if self._graph is None else self._graph.outputs

    @property
    def input(self) -> Any:
        """The symbolic inputs, in the structure the model was made with."""
        return super().input if self._graph is None else self._inputs_nest

    @property
    def output(self) -> Any:
        """The symbolic outputs, in the structure the model was made with."""
        return super().output if self._graph is None else self._graph.outputs_nest

    @property
    def input_names(self) -> list[str]:
        """Names of the inputs."""
        return [] if self._graph is None else [x._node.operation.name for x in self._graph.inputs]

    @property
    def output_names(self) -> list[str]:
        """Names of the layers that make the outputs."""
        return [] if self._graph is None else [x._node.operation.name for x in self._graph.outputs]

    # Computation -----------------------------------------------------------------------------------------
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """`call`, with what a layer adds to it; compiled once a graph has been called the same way before."""
        if self._graph is not None and len(args) == 1:
            outputs = familiar_call(self, args[0], kwargs)
            if outputs is not None:
                return outputs
        return super().__call__(*args, **kwargs)

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Run the graph; a subclass without one overrides this."""
        if self._graph is None:
            raise NotImplementedError(
                message(
                    f"Model {type(self).__name__} has neither a graph nor a call() method.",
                    hint="Define call(self, inputs), or make it with Model(inputs, outputs).",
                )
            )
        if _graph.is_staged(inputs):
            return self._graph.run_staged(inputs)
        return self._graph.run(self._match_inputs(inputs))

    def _stage(self, inputs: Any) -> Any:
        """Run what takes strings, on the host, so that the rest can be compiled; None if that is not possible."""
        if self._graph is None:
            return None
        return self._graph.stage(self._match_inputs(tree.map_structure(_as_tensor, inputs)))

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """Masks travel with the tensors of the graph."""
        return None

    def _match_inputs(self, given: Any) -> list:
        """The given nest as a flat list in the order of the graph's inputs, in their ranks and dtypes."""
        graph = self._graph
        assert graph is not None
        names = self.input_names
        if isinstance(given, dict) and not isinstance(self._inputs_nest, dict):
            values = _from_dict(given, names, self)
        elif isinstance(given, dict):
            keys = tree.flatten({k: k for k in self._inputs_nest})
            values = tree.flatten(_from_dict(given, keys, self))
        else:
            values = tree.flatten(given)
        if len(values) != len(names):
            raise ValueError(
                message(
                    f"Model '{self.name}' was called with the wrong number of inputs.",
                    expected=f"{len(names)} inputs: {dict(zip(names, (x.shape for x in graph.inputs), strict=True))}",
                    received=f"{len(values)}: {[tuple(v.shape) if hasattr(v, 'shape') else v for v in values]}",
                )
            )
        return [
            _fit(value, x, name, self) for value, x, name in zip(values, graph.inputs, names, strict=True)
        ]

    def _builds_in_call(self) -> bool:
        return type(self).build is Model.build and self._graph is None

    def _has_own_build(self) -> bool:
        """Whether a subclass overrides `build`."""
        return type(self).build is not Model.build

    def build(self, input_shape: Any = None) -> None:
        """Create all weights for inputs of the given shape (or nest of shapes), batch dimension included."""
        if self._graph is not None or self.built and self.weights:
            self.built = True
            return
        if input_shape is None:
            raise ValueError(
                message(
                    f"Model '{self.name}' cannot be built without a shape.",
                    hint="build(input_shape=(None, ...))",
                )
            )
        self._infer_build(_specs(input_shape, self))
        self.built = True

    def _infer_build(self, inputs: Any, batch: int | None = None) -> Any:
        """Run `call` abstractly, so that every layer inside is built; return symbolic outputs."""
        if self._has_own_build() and not self.built and not self.__dict__.get("_building"):
            self.build(
                tree.map_structure(lambda x: x.shape if batch is None else (None, *x.shape[1:]), inputs)
            )
        spec = call_spec(type(self))
        named = {}
        if isinstance(inputs, dict) and len(spec.required) > 1 and set(inputs) <= set(spec.names):
            named, args = inputs, ()
        else:
            args = (inputs,)
        self._build_shapes = self._build_shapes or {
            "input_shape": tree.map_structure(lambda x: x.shape, inputs)
        }

        def abstract(call_args: tuple, call_kwargs: dict) -> Any:
            with context.entered(path=self._scope()):
                if spec.training and "training" not in call_kwargs:
                    call_kwargs = {**call_kwargs, "training": False}
                return converted(self.call)(*call_args, **call_kwargs)

        build_inside(self, abstract, args, named)
        outputs = infer(abstract, args, named, name=f"model '{self.name}'", batch=batch)
        self.__dict__["_seen_output_shape"] = tree.map_structure(lambda x: getattr(x, "shape", None), outputs)
        return outputs

    # Quantizing ------------------------------------------------------------------------------------------
    def quantize(
        self, mode: str | None = None, config: Any = None, filters: Any = None, **kwargs: Any
    ) -> None:  # type: ignore[override]
        """Store the weights of the layers inside in few bits, from now on.

        Layers that cannot be quantized stay as they are. For `"gptq"` and `"awq"`, the data of the config runs
        through the model, and the layers of its blocks are quantized one block after another.

        Args:
            mode: `"int8"`, `"int4"`, `"float8"`, `"gptq"` or `"awq"`; the config's if None.
            config: A `QuantizationConfig`; the defaults of the mode if None.
            filters: Which layers are meant: a regular expression that is found in their names, a list of such,
                or a function of the layer; all if None.
            **kwargs: `type_check`: whether subclasses of layers that can be quantized are left alone (True).

        Raises:
            ValueError: If an argument is wrong, or a layer is not built or is quantized already.

        Example:
            >>> import addax as keras
            >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
            >>> model.quantize("int8")
            >>> model.layers[0].kernel.dtype
            tf.int8
        """
        from addax.models import _quantization

        _quantization.quantize(self, mode, config, filters, **kwargs)

    def get_quantization_layer_structure(self, mode: str | None = None) -> dict[str, list] | None:
        """What `"gptq"` and `"awq"` have to know of a model; override it, or say it in the config.

        Args:
            mode: The mode.

        Returns:
            A dict with two lists: `pre_block_layers`, which the data goes through first, and
            `sequential_blocks`, whose layers are quantized. None if that is not known.
        """
        return None

    # Looking at it ---------------------------------------------------------------------------------------
    def summary(
        self,
        line_length: int | None = None,
        positions: Any = None,
        print_fn: Callable | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Any = None,
    ) -> None:
        """Print a table of the layers, their output shapes and parameters.

        Args:
            line_length: The width of the table.
            positions: Ends of the columns, as parts of the width.
            print_fn: Takes each line; `print` if None.
            expand_nested: Whether nested models are opened.
            show_trainable: Whether a column says which layers are trained.
            layer_range: Names of the first and the last layer to show.
        """
        from addax.models._summary import print_summary

        print_summary(self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range)

    # Saving ----------------------------------------------------------------------------------------------
    def save(self, filepath: Any, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any) -> None:
        """Write the whole model to a `.keras` file. See `addax.saving.save_model`."""
        from addax import saving

        saving.save_model(self, filepath, overwrite, zipped, **kwargs)

    def export(
        self,
        filepath: Any,
        format: str = "tf_saved_model",
        verbose: bool | None = None,
        input_signature: Any = None,
        **kwargs: Any,
    ) -> None:
        """Write the inference function for other programs, of any batch size.

        As a SavedModel, TensorFlow, TF Serving and `tf.saved_model.load` run it; there it is the endpoint `serve`, and
        the signature `serving_default` (`ExportArchive` writes other endpoints). As StableHLO, it is a portable
        program, its weights and a description in JSON, which `addax.export.load_stablehlo` reads. As ONNX, it is one
        file, for onnxruntime and others; as LiteRT too, for phones (extra `litert`). As TensorFlow.js, it is a folder
        for browsers.

        Args:
            filepath: The folder, or the file for ONNX and LiteRT.
            format: `"tf_saved_model"`, `"stablehlo"`, `"onnx"`, `"litert"` or `"tfjs"`.
            verbose: Whether the endpoint is printed.
            input_signature: For each argument of the call a spec or a nest of specs (`tf.TensorSpec`,
                `keras.InputSpec`); None for what the model was built with, with any batch size.
            **kwargs: As for `ExportArchive.add_endpoint`; for ONNX `opset_version`, 18 to 23 (None is 18); for
                LiteRT `batch_size` (None is any).

        Raises:
            ValueError: For another format, a model that is not built, or one that the format cannot express.
        """
        from addax import export

        writers = {
            "stablehlo": export.export_stablehlo,
            "onnx": export.export_onnx,
            "litert": export.export_litert,
            "tfjs": export.export_tfjs,
        }
        if format in writers:
            if input_signature is not None:
                raise ValueError(f'Exports as "{format}" take the inputs that the model was built with.')
            writers[format](self, filepath, **kwargs)
            return
        if format != "tf_saved_model":
            expected = ", ".join(f'"{name}"' for name in ("tf_saved_model", *writers))
            raise ValueError(message("Unknown export format.", expected=expected, received=format))
        archive = export.ExportArchive()
        if input_signature is None:
            input_signature = export.default_signature(self)
        archive.track_and_add_endpoint("serve", self, input_signature, **kwargs)
        archive.write_out(filepath, verbose=verbose is None or bool(verbose))

    def __reduce__(self) -> tuple:
        """Pickles and copies of a model have what its `.keras` file has."""
        from addax.saving._keras_file import pickled, unpickled

        return unpickled, pickled(self)

    def save_weights(
        self, filepath: Any, overwrite: bool = True, max_shard_size: float | None = None
    ) -> None:
        """Write the weights to a `.weights.h5` file, or in shards. See `addax.saving.save_weights`."""
        from addax import saving

        saving.save_weights(self, filepath, overwrite, max_shard_size)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> Any:
        """Load weights from a file, or a checkpoint of TensorFlow. See `addax.saving.load_weights`."""
        from addax import saving

        return saving.load_weights(self, filepath, skip_mismatch, **kwargs)

    def get_state_tree(self, value_format: str = "backend_tensor") -> dict[str, dict]:
        """The values of all variables, in nested dicts by the parts of their paths.

        Args:
            value_format: `"backend_tensor"` or `"numpy_array"`.

        Returns:
            A dict with `trainable_variables`, `non_trainable_variables`, `optimizer_variables` and
            `metrics_variables`.

        Raises:
            ValueError: If two variables have the same path, or for another format.

        Example:
            >>> import addax as keras
            >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, name="d")], name="m")
            >>> model.get_state_tree("numpy_array")["trainable_variables"]["m"]["d"]["bias"]
            array([0.], dtype=float32)
        """
        return _state_tree.get_state_tree(self, value_format)

    def set_state_tree(self, state_tree: Mapping[str, Mapping]) -> None:
        """Set variables to the values of a tree, or of a part of one, as `get_state_tree` gave it.

        Args:
            state_tree: The tree.

        Raises:
            ValueError: If the model has no such variable, or one of another shape.
        """
        _state_tree.set_state_tree(self, state_tree)

    def to_json(self, **kwargs: Any) -> str:
        """The architecture as JSON; keyword arguments go to `json.dumps`."""
        from addax import saving

        return saving.model_to_json(self, **kwargs)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        if type(self) is Model:
            return {"name": self.name, "trainable": self.trainable}
        return super().get_config()

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """A model from what `get_config` gave; a graph's config makes a functional model."""
        if {"layers", "input_layers", "output_layers"} <= set(config):
            from addax.models._functional import Functional, graph_from_config

            return graph_from_config(Functional if cls is Model else cls, config, custom_objects)
        with registry.custom_object_scope(custom_objects):
            return cls(**config)


def _graph_arguments(args: tuple, kwargs: dict) -> tuple[Any, Any, Any]:
    """`inputs`, `outputs` and `name` of the constructor, whichever way they are given."""
    positional = list(args)
    inputs = kwargs.pop("inputs", None)
    outputs = kwargs.pop("outputs", None)
    if positional and inputs is None:
        inputs = positional.pop(0)
    if positional and outputs is None:
        outputs = positional.pop(0)
    name = positional.pop(0) if positional else None
    if positional:
        raise TypeError("Model() takes inputs, outputs and name by position.")
    if (inputs is None) != (outputs is None):
        raise ValueError(
            message("A model from a graph needs both ends.", expected="Model(inputs=..., outputs=...)")
        )
    return inputs, outputs, name


def _as_tensor(x: Any) -> Any:
    return x if isinstance(x, Tensor) or x is None or hasattr(x, "ragged_rank") else Tensor(x)


def _from_dict(given: dict, names: list[str], model: Model) -> list:
    missing = [name for name in names if name not in given]
    if missing:
        raise ValueError(
            message(
                f"Model '{model.name}' lacks inputs.",
                expected=f"a dict with the keys {names}",
                received=f"the keys {list(given)}",
                hint=f"Missing: {missing}.",
            )
        )
    return [given[name] for name in names]


def _fit(value: Any, x: SymbolicTensor, name: str, model: Model) -> Any:
    """A value in the rank and dtype of an input: `(N,)` for `(N, 1)` and back, floats for ints."""
    if value is None or not hasattr(value, "shape"):
        return value
    shape = tuple(value.shape)
    if len(shape) == len(x.shape) - 1 and x.shape[-1] == 1:
        value = reshape(value, (*[-1 if d is None else d for d in shape], 1))
    elif len(shape) == len(x.shape) + 1 and shape[-1] == 1:
        value = reshape(value, [-1 if d is None else d for d in shape[:-1]])
    same_rank = len(x.shape) == len(value.shape)
    if not x.shape.is_compatible_with(value.shape) and (model._holds_to_its_shapes or not same_rank):
        raise ValueError(
            message(
                f"Input '{name}' of model '{model.name}' has another shape.",
                expected=f"shape {x.shape}",
                received=f"shape {tuple(value.shape)}",
                hint="The first axis is the batch: x[None] is a batch of one, dataset.batch(32) makes batches."
                if len(shape) < len(x.shape)
                else None,
            )
        )
    if value.dtype != x.dtype and "string" not in (value.dtype, x.dtype):
        mask = getattr(value, "_keras_mask", None)
        value = cast(value, x.dtype)
        if mask is not None:
            value._keras_mask = mask
    return value


def _specs(shapes: Any, model: Model) -> Any:
    """Symbolic tensors for a shape, or a nest of shapes."""
    if isinstance(shapes, dict):
        return {k: _specs(v, model) for k, v in shapes.items()}
    if isinstance(shapes, (list, tuple)) and not _is_shape(shapes):
        return type(shapes)(_specs(v, model) for v in shapes) if type(shapes) in (list, tuple) else shapes
    return SymbolicTensor(TensorShape(shapes), model.compute_dtype)


def _is_shape(value: Any) -> bool:
    return all(v is None or isinstance(v, int) for v in value)

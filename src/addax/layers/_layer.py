"""`Layer`: state created by `build`, computation in `call`; the base of layers and models."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from addax import activations, constraints, dtype_policies, initializers, regularizers
from addax.core import context, dtypes, serial
from addax.core.errors import message
from addax.core.names import to_snake_case, unique_name
from addax.engine import SymbolicTensor, TensorShape, Variable, _deferred
from addax.layers import _call, _changes, _remat
from addax.layers._additions import Additions
from addax.layers._weight_arguments import by_position
from addax.ops._operation import Operation

_BASE_ARGUMENTS = ("name", "trainable", "dtype", "activity_regularizer", "autocast")
_LEGACY_ARGUMENTS = (
    "input_shape",
    "batch_input_shape",
    "input_dim",
    "input_length",
    "batch_size",
    "weights",
    "dynamic",
)

_OLD_ORDER = ("name", "shape", "dtype", "initializer", "regularizer", "trainable", "constraint")


def _in_old_order(add_weight: Callable) -> Callable:
    """`add_weight("kernel", shape)`, as tf.keras has it: the name first, the others in its order."""

    @functools.wraps(add_weight)
    def wrapper(self: Layer, *args: Any, **kwargs: Any) -> Variable:
        if args and isinstance(args[0], str):
            args, kwargs = (), {**dict(zip(_OLD_ORDER, args, strict=False)), **kwargs}
        return add_weight(self, *args, **kwargs)

    return wrapper


class Layer(Additions, Operation):
    """A computation with weights.

    Write a layer by subclassing: make weights in `build(input_shape)` with `add_weight` (or in `__init__`),
    and compute in `call(inputs)`. `call` may take `training` and `mask`, which are filled in.

    Args:
        activity_regularizer: A function of the output that is added to the loss.
        trainable: Whether the weights are updated in training.
        dtype: A dtype or a dtype policy, such as `"mixed_bfloat16"`; the global policy if None.
        autocast: Whether float inputs are cast to the compute dtype.
        name: The name; made from the class name if None.

    Example:
        >>> import addax as keras
        >>> class Scale(keras.layers.Layer):
        ...     def build(self, input_shape):
        ...         self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones")
        ...
        ...     def call(self, x):
        ...         return x * self.factor
        >>> Scale()(np.ones((2, 3))).shape
        TensorShape([2, 3])
    """

    supports_masking = False
    _initialized = False
    _renamed_arguments: dict[str, str] = {}  # constructor argument -> attribute, where they differ
    _optional_arguments: tuple[str, ...] = ()  # arguments that the config leaves out while they are None

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: Any = None,
        autocast: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        self._initialized = True
        self.name = name if name is not None else unique_name(to_snake_case(type(self).__name__))
        if not isinstance(self.name, str):
            raise ValueError(message("A layer's name must be text.", received=name))
        self.built = False
        self.dtype_policy = dtype
        self.autocast = autocast
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.input_spec: Any = None
        self._trainable = bool(trainable)
        self._own: list[Variable] = []  # in the order of creation
        self._inbound_nodes: list = []
        self._remat_mode = context.current().remat
        self._loss_record: Any = None
        self._losses: list = []
        self._loss_functions: list[Callable] = []
        self._build_shapes: Any = None
        self._path = "/".join((*context.current().path, self.name))
        self._take_legacy_arguments(kwargs)

    _skip_walk = ("_own", "_inbound_nodes", "_loss_record", "_losses", "_loss_functions", "_build_shapes")

    def _take_legacy_arguments(self, kwargs: dict[str, Any]) -> None:
        """The arguments by which tf.keras describes the input on the first layer."""
        unknown = sorted(set(kwargs) - set(_LEGACY_ARGUMENTS))
        if unknown:
            names = list(dict.fromkeys([*_constructor_names(type(self)), *_BASE_ARGUMENTS]))
            raise TypeError(
                message(
                    f"{type(self).__name__}() got unknown arguments: {', '.join(unknown)}.",
                    expected=f"arguments among {', '.join(names)}",
                    received=str({k: kwargs[k] for k in unknown}),
                )
            )
        batch = kwargs.get("batch_size")
        shape = None
        if kwargs.get("batch_input_shape") is not None:
            shape = tuple(kwargs["batch_input_shape"])
        elif kwargs.get("input_shape") is not None:
            given = kwargs["input_shape"]
            shape = (batch, *((given,) if isinstance(given, int) else given))
        elif kwargs.get("input_dim") is not None:
            length = kwargs.get("input_length")
            shape = (batch, kwargs["input_dim"]) if length is None else (batch, length, kwargs["input_dim"])
        self._batch_input_shape: tuple | None = shape
        self._initial_weights = kwargs.get("weights")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in cls.__dict__:
            cls.build = _wrap_build(cls.__dict__["build"])  # type: ignore[method-assign]

    def __setattr__(self, name: str, value: Any) -> None:
        if (
            not self._initialized
            and isinstance(value, (Variable, Layer))
            and type(self).__init__ is not Layer.__init__
        ):
            raise RuntimeError(
                message(
                    f"{type(self).__name__}.__init__() sets '{name}' before the base class is ready.",
                    hint="Call super().__init__() first.",
                )
            )
        object.__setattr__(self, name, value)
        _changes.note(name)
        if _deferred.waiting:
            _deferred.attribute_set(self, name, value)

    # State -----------------------------------------------------------------------------------------------
    def build(self, input_shape: Any) -> None:
        """Create the weights; called once, with the shape of the first input. Override it."""
        self._check_super_called()
        self.built = True
        if self._build_shapes is None and not self.__dict__.get("_building"):
            self._build_shapes = {"input_shape": _as_shape(input_shape)}

    @_in_old_order
    @by_position
    def add_weight(
        self,
        *,
        shape: Any = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool | None = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> Variable:
        """Create a weight of this layer.

        The shape, the initializer and the dtype may be given without names; or, as in tf.keras, the name,
        the shape, the dtype, the initializer, the regularizer, `trainable` and the constraint.

        Args:
            shape: The shape; () if None.
            initializer: A name, an object or a callable; glorot_uniform for floats, zeros else, if None.
            dtype: The dtype; the layer's variable dtype if None.
            trainable: Whether it is updated in training.
            autocast: Whether it is read in the compute dtype.
            regularizer: A function of the weight that is added to the loss.
            constraint: A function that the weight goes through after each update.
            aggregation: How replicas combine it.
            overwrite_with_gradient: Whether its "gradient" is its next value.
            name: Its name.
            **kwargs: `synchronization`, accepted for TensorFlow's sake.

        Returns:
            The variable.
        """
        self._check_super_called()
        kwargs.pop("synchronization", None)
        kwargs.pop("use_resource", None)
        trainable = trainable is None or bool(trainable)
        dtype = dtypes.standardize(self.variable_dtype if dtype is None else dtype)
        if initializer is None:
            initializer = "glorot_uniform" if dtype.is_floating else "zeros"
        with context.entered(path=self._scope()):
            variable = Variable(
                initializers.get(initializer),
                shape=() if shape is None else shape,
                dtype=dtype,
                trainable=trainable,
                autocast=autocast,
                aggregation=aggregation,
                name=name or unique_name("variable"),
                **kwargs,
            )
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        variable.overwrite_with_gradient = overwrite_with_gradient
        if not self._trainable:
            variable.trainable = False
        variable._born_trainable = trainable  # type: ignore[attr-defined]
        self._own.append(variable)
        return variable

    def add_variable(
        self,
        shape: Any,
        initializer: Any,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Create a weight of this layer. See `add_weight`, which may leave out more of the arguments."""
        return self.add_weight(
            shape=shape,
            initializer=initializer,
            dtype=dtype,
            trainable=trainable,
            autocast=autocast,
            regularizer=regularizer,
            constraint=constraint,
            name=name,
        )

    def _builds_in_call(self) -> bool:
        """Whether the first call builds all there is to build (the layers inside do it themselves)."""
        return type(self).build is Layer.build

    def _scope(self) -> tuple[str, ...]:
        path = context.current().path
        return path if path and path[-1] == self.name else (*path, self.name)

    def _check_super_called(self) -> None:
        if not self._initialized:
            raise RuntimeError(
                message(
                    f"{type(self).__name__}.__init__() did not call the constructor of its base class.",
                    hint="Make `super().__init__(**kwargs)` its first line.",
                )
            )

    def _own_variables(self) -> list[Variable]:
        """Variables of this layer alone: trainable ones first, each group in the order of creation."""
        own = dict.fromkeys(self._own)
        for child in self._children():
            if isinstance(child, Variable):
                own[child] = None
        return sorted(own, key=lambda v: not getattr(v, "_born_trainable", v.trainable))

    @property
    def _layers(self) -> list[Layer]:
        """The layers that this one holds directly."""
        return [child for child in self._children() if isinstance(child, Layer)]

    def _flatten_layers(self, include_self: bool = True, recursive: bool = True) -> Iterable[Layer]:
        """This layer and those inside it, each once."""
        seen: dict[int, Layer] = {}
        _flatten(self, seen, recursive, 0)
        if not include_self:
            seen.pop(id(self), None)
        return list(seen.values())

    @property
    def variables(self) -> list[Variable]:
        """Every variable: weights, seeds and metric state, here and in the layers inside."""
        return list(dict.fromkeys([*self.weights, *self._walk_variables()]))

    @property
    def weights(self) -> list[Variable]:
        """The weights, trainable or not, of this layer and the layers inside."""
        found: dict[Variable, None] = {}
        for layer in self._flatten_layers():
            found.update(dict.fromkeys(layer._own_variables()))
        return list(found)

    @property
    def trainable_variables(self) -> list[Variable]:
        """The weights that training updates."""
        return [v for v in self._active_weights() if v.trainable]

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training updates."""
        return self.trainable_variables

    def _active_weights(self) -> list[Variable]:
        """Weights of layers that are not frozen."""
        if not self._trainable:
            return []
        found = dict.fromkeys(self._own_variables())
        for layer in self._layers:
            found.update(dict.fromkeys(layer._active_weights()))
        return list(found)

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that training does not update."""
        active = set(map(id, self.trainable_variables))
        return [v for v in self.weights if id(v) not in active]

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The variables that optimizers do not update, seeds and metric state included."""
        active = set(map(id, self.trainable_variables))
        return [v for v in self.variables if id(v) not in active]

    @property
    def metrics(self) -> list:
        """The metrics of this layer and the layers inside."""
        found: dict[int, Any] = {}
        for layer in self._flatten_layers():
            for child in layer._children():
                if _is_metric(child):
                    found[id(child)] = child
        return list(found.values())

    @property
    def metrics_variables(self) -> list[Variable]:
        """The variables of `metrics`."""
        return [v for metric in self.metrics for v in metric.variables]

    @property
    def trainable(self) -> bool:
        """Whether training updates the weights; setting it also sets it in the layers inside."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for variable in self._own_variables():
            if getattr(variable, "_born_trainable", True):
                if not hasattr(variable, "_born_trainable"):
                    variable._born_trainable = variable.trainable  # type: ignore[attr-defined]
                variable.trainable = bool(value) and variable._born_trainable  # type: ignore[attr-defined]
        for layer in self._layers:
            layer.trainable = value

    def get_weights(self) -> list[np.ndarray]:
        """The weights as a list of NumPy arrays."""
        return [np.array(v) for v in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set the weights from a list of arrays, as `get_weights` gave it.

        Raises:
            ValueError: If the number of arrays or a shape differs.
        """
        variables = self.weights
        if len(weights) != len(variables):
            raise ValueError(
                message(
                    f"Layer '{self.name}' has another number of weights.",
                    expected=f"{len(variables)} arrays: {[(v.path, tuple(v.shape)) for v in variables]}",
                    received=f"{len(weights)} arrays of shapes {[tuple(np.shape(w)) for w in weights]}",
                    hint=None if self.built else "The layer is not built yet: call it on data first.",
                )
            )
        for variable, value in zip(variables, weights, strict=True):
            variable.assign(value)

    def count_params(self) -> int:
        """The number of numbers in the weights.

        Raises:
            ValueError: If the layer is not built.
        """
        if not self.built:
            raise ValueError(
                message(
                    f"Layer '{self.name}' is not built, so its weights cannot be counted.",
                    hint="Call it on data, or call build(input_shape).",
                )
            )
        return sum(int(np.prod(v.shape)) for v in self.weights)

    # Dtypes ----------------------------------------------------------------------------------------------
    @property
    def dtype_policy(self) -> Any:
        """The dtypes of weights and computation; set it by name or object."""
        return self._dtype_policy

    @dtype_policy.setter
    def dtype_policy(self, value: Any) -> None:
        policy = dtype_policies.get(value)
        policies = self.__dict__.get("_dtype_policy")
        if isinstance(policies, dtype_policies.DTypePolicyMap) and self._path:
            if self._path in policies:
                del policies[self._path]
            policies[self._path] = policy
        else:
            self._dtype_policy = policy
        if self.__dict__.get("built"):
            self._follow_policy()

    def _follow_policy(self) -> None:
        """A new policy came after the weights were made; layers that can be quantized override it."""

    @property
    def _own_policy(self) -> Any:
        """The policy of this layer alone, where `dtype_policy` is a map."""
        policy = self._dtype_policy
        if isinstance(policy, dtype_policies.DTypePolicyMap):
            return policy[self.__dict__.get("_path", "")]
        return policy

    @property
    def quantization_mode(self) -> str | None:
        """How the weights are quantized, such as `"int8"`; None if they are not."""
        return self._own_policy.quantization_mode

    @property
    def dtype(self) -> Any:
        """The dtype of the weights."""
        return self.variable_dtype

    @property
    def variable_dtype(self) -> Any:
        """The dtype of the weights."""
        return dtypes.standardize(self._own_policy.variable_dtype)

    @property
    def compute_dtype(self) -> Any:
        """The dtype that `call` computes in."""
        return dtypes.standardize(self._own_policy.compute_dtype)

    def quantize(self, mode: str | None = None, type_check: bool = True, config: Any = None) -> None:
        """Store the weights in few bits, from now on; a layer that can be quantized overrides it.

        Args:
            mode: `"int8"`, `"int4"`, `"float8"`, `"gptq"` or `"awq"`.
            type_check: Whether subclasses are refused.
            config: A `QuantizationConfig`.

        Raises:
            NotImplementedError: If the layer cannot be quantized.
        """
        raise NotImplementedError(
            message(
                f"Layer '{self.name}' of type {type(self).__name__} cannot be quantized.",
                expected="Dense, EinsumDense, Embedding, ReversibleEmbedding, or a model of them",
            )
        )

    def quantized_build(self, input_shape: Any, mode: str) -> None:
        """Create the weights of a quantized layer; `build` and `quantize` of a layer of yours may call it.

        Args:
            input_shape: The shape of the weight.
            mode: How it is quantized.

        Raises:
            NotImplementedError: If the layer cannot be quantized.
        """
        self.quantize(mode)

    @property
    def input_dtype(self) -> Any:
        """The dtype that float inputs are cast to."""
        return self.compute_dtype

    @property
    def path(self) -> str:
        """The names of the layers around this one and its own, joined by slashes."""
        return self._path

    # Calling ---------------------------------------------------------------------------------------------
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Build if needed, then `call`, with `training`, masks and dtypes taken care of."""
        self._check_super_called()
        return _call.call_layer(self, args, kwargs)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The computation; override it."""
        raise TypeError(
            message(
                f"{type(self).__name__} has no call() method.", hint="Define `def call(self, inputs): ...`."
            )
        )

    def rematerialized_call(self, layer_call: Callable, *args: Any, **kwargs: Any) -> Callable:
        """`layer_call`, or a form of it that is computed again for gradients if the layer was made to be so.

        Args:
            layer_call: The computation, such as `call`.
            *args: What it will be called on.
            **kwargs: The keyword arguments.
        """
        return _remat.rematerialized(self, layer_call, args, kwargs)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """The mask of the output; the mask of the input unless overridden."""
        return previous_mask

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """The shape of the output for a shape (or a nest of shapes) of the input."""
        from addax.core import tree

        if not args and "input_shape" in kwargs:  # Keras's name for it, whatever `call` names the argument
            args = (kwargs.pop("input_shape"),)
        args, kwargs = _shapes_to_specs(args, self), _shapes_to_specs(kwargs, self)
        if type(self).compute_output_spec is not Layer.compute_output_spec:
            outputs = self.compute_output_spec(*args, **kwargs)
        else:
            outputs = _call.probe_outputs(self, args, kwargs)
        return tree.map_structure(lambda x: x.shape, outputs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic outputs for symbolic inputs, without a node in the graph."""
        return _call.infer_outputs(self, args, kwargs)

    def stateless_call(
        self,
        trainable_variables: Sequence,
        non_trainable_variables: Sequence,
        *args: Any,
        return_losses: bool = False,
        **kwargs: Any,
    ) -> tuple:
        """`call` as a pure function of the variables' values.

        Args:
            trainable_variables: Values in the order of `trainable_variables`.
            non_trainable_variables: Values in the order of `non_trainable_variables`.
            *args: Arguments of the layer.
            return_losses: Whether to give the losses too.
            **kwargs: Arguments of the layer.

        Returns:
            `(outputs, non_trainable_values)`, and the list of losses if asked for.
        """
        return _call.stateless_call(
            self, trainable_variables, non_trainable_variables, args, kwargs, return_losses
        )

    # Saving ----------------------------------------------------------------------------------------------
    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain data.

        Our own layers give every argument, from the attribute of the same name; a user's class gives what its
        constructor was called with.
        """
        config: dict[str, Any] = {
            "name": self.name,
            "trainable": self._trainable,
            "dtype": self._dtype_config(),
        }
        ours = type(self).__module__.partition(".")[0] == "addax"
        named = _constructor_names(type(self))
        given = {k: v for k, v in self._bound_arguments.items() if k not in _LEGACY_ARGUMENTS or k in named}
        for name in named if ours else list(given):
            if name in _BASE_ARGUMENTS or (ours and name == "weights"):
                continue
            value = (
                getattr(self, self._renamed_arguments.get(name, name), given.get(name))
                if ours
                else given[name]
            )
            if value is not None or name not in self._optional_arguments:
                config[name] = _config_value(value)
        always = "activity_regularizer" in named and "activity_regularizer" not in self._optional_arguments
        if self.activity_regularizer is not None or (ours and always):
            config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        return config

    def _dtype_config(self) -> Any:
        return dtype_policies.serialize(self.dtype_policy)

    def get_build_config(self) -> dict[str, Any] | None:
        """The shapes that `build` was called with, so that a loaded layer can be built."""
        shapes = self._build_shapes
        if shapes is None:
            return None
        if len(shapes) == 1:
            return {"input_shape": next(iter(shapes.values()))}
        return {"shapes_dict": dict(shapes)}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Build from what `get_build_config` gave."""
        if not config:
            return
        if "shapes_dict" in config:
            self.build(**{k: _as_shape(v) for k, v in config["shapes_dict"].items()})
        elif config.get("input_shape") is not None:
            self.build(_as_shape(config["input_shape"]))

    def save_own_variables(self, store: Any) -> None:
        """Put this layer's own variables into a mapping of key to array."""
        for i, variable in enumerate(self._own_variables()):
            store[str(i)] = variable

    def load_own_variables(self, store: Any) -> None:
        """Take this layer's own variables from a mapping of key to array.

        Raises:
            ValueError: If their number differs.
        """
        variables = self._own_variables()
        if len(store.keys()) != len(variables):
            hint = "The layer is not built: call the model on data (or build it) before loading weights."
            raise ValueError(
                message(
                    f"Layer '{self.name}' has another number of variables than the file.",
                    expected=f"{len(variables)} variables",
                    received=f"{len(store.keys())} variables in the file",
                    hint=hint if not self.built or not variables else None,
                )
            )
        for i, variable in enumerate(variables):
            variable.assign(store[str(i)])

    # Graph -----------------------------------------------------------------------------------------------
    @property
    def input(self) -> Any:
        """The symbolic input of the first call of this layer in a graph."""
        return self._the_node("input")

    @property
    def output(self) -> Any:
        """The symbolic output of the first call of this layer in a graph."""
        return self._the_node("output")

    def _the_node(self, what: str) -> Any:
        if not self._inbound_nodes:
            raise AttributeError(
                message(f"Layer '{self.name}' was never called on a symbolic input, so it has no {what}.")
            )
        node = self._inbound_nodes[0]
        if what == "output":
            return node.outputs
        if node.is_input:
            return node.outputs
        first = node.args[0] if node.args and isinstance(node.args[0], (list, tuple, dict)) else node.inputs
        return first[0] if isinstance(first, list) and len(first) == 1 else first

    @property
    def input_shape(self) -> Any:
        """The shape of `input`."""
        from addax.core import tree

        return tree.map_structure(lambda x: x.shape, self.input)

    @property
    def output_shape(self) -> Any:
        """The shape of `output`."""
        from addax.core import tree

        return tree.map_structure(lambda x: x.shape, self.output)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    def __str__(self) -> str:
        return repr(self)


def _flatten(layer: Layer, seen: dict[int, Layer], recursive: bool, depth: int) -> None:
    if id(layer) in seen:
        return
    seen[id(layer)] = layer
    if recursive or depth == 0:
        for child in layer._layers:
            _flatten(child, seen, recursive, depth + 1)


def _is_metric(value: Any) -> bool:
    return hasattr(value, "update_state") and hasattr(value, "result")


def _config_value(value: Any) -> Any:
    """A value of a config; activations and other functions of ours by name, as Keras writes them."""
    if inspect.isfunction(value) and serial.public_module(value) is not None:
        return activations.serialize(value)
    return serial.serialize(value)


@functools.lru_cache(maxsize=4096)
def _constructor_names(cls: type) -> tuple[str, ...]:
    """Names of the constructor arguments, of the base classes below `Layer` too if `**kwargs` go there."""
    names: dict[str, None] = {}
    for base in cls.__mro__:
        init = base.__dict__.get("__init__")
        if base is Layer:
            break
        if init is None:
            continue
        parameters = list(inspect.signature(init).parameters.values())[1:]
        for p in parameters:
            if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL):
                names.setdefault(p.name)
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return tuple(names)


def _as_shape(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, dict):
        return {k: _as_shape(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)) and all(v is None or isinstance(v, (int, np.integer)) for v in value):
        return TensorShape(value)
    if isinstance(value, (list, tuple)):
        return type(value)(_as_shape(v) for v in value)
    return value


def _shapes_to_specs(args: Any, layer: Layer) -> Any:
    if isinstance(args, dict):
        return {k.removesuffix("_shape"): _spec_of_shape(v, layer) for k, v in args.items()}
    return tuple(_spec_of_shape(v, layer) for v in args)


def _spec_of_shape(shape: Any, layer: Layer) -> Any:
    shape = _as_shape(shape)
    if isinstance(shape, TensorShape):
        return SymbolicTensor(shape, layer.compute_dtype)
    if isinstance(shape, list):
        return [_spec_of_shape(s, layer) for s in shape]
    if isinstance(shape, dict):
        return {k: _spec_of_shape(s, layer) for k, s in shape.items()}
    return shape


def _wrap_build(build: Callable) -> Callable:
    """`build` with shapes as `TensorShape`, inside the layer's name scope, marking the layer as built."""
    if getattr(build, "_wrapped", False):
        return build

    @functools.wraps(build)
    def wrapper(self: Layer, *args: Any, **kwargs: Any) -> None:
        self._check_super_called()
        args = tuple(_as_shape(a) for a in args)
        kwargs = {k: _as_shape(v) for k, v in kwargs.items()}
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


def _set_initial_weights(layer: Layer) -> None:
    """Weights given to the constructor, as tf.keras's `Embedding(weights=[...])`."""
    initial, layer._initial_weights = layer._initial_weights, None
    if initial is not None:
        layer.set_weights(initial)

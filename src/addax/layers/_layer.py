"""`Layer`: state created by `build`, computation in `call`; the base of layers and models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from addax import regularizers
from addax.core import context, tree
from addax.core.errors import message
from addax.core.names import to_snake_case, unique_name
from addax.engine import Variable, _deferred
from addax.layers import _call, _changes, _remat
from addax.layers._additions import Additions
from addax.layers._building import wrap_build
from addax.layers._configured import BASE_ARGUMENTS, LEGACY_ARGUMENTS, Configured, constructor_names
from addax.layers._connected import Connected
from addax.layers._precision import Precision
from addax.layers._shapes import as_shape, shapes_to_specs
from addax.ops._operation import Operation


class Layer(Configured, Precision, Connected, Additions, Operation):
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
        >>> Scale()(keras.ops.ones((2, 3))).shape
        TensorShape([2, 3])
    """

    supports_masking = False
    _mixes_steps = (
        False  # whether steps of a sequence have a part in each other's result, whatever the mask says
    )
    _initialized = False

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
        unknown = sorted(set(kwargs) - set(LEGACY_ARGUMENTS))
        if unknown:
            names = list(dict.fromkeys([*constructor_names(type(self)), *BASE_ARGUMENTS]))
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
            cls.build = wrap_build(cls.__dict__["build"])  # type: ignore[method-assign]
        if "compute_mask" in cls.__dict__ and "supports_masking" not in cls.__dict__:
            cls.supports_masking = True

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
            self._build_shapes = {"input_shape": as_shape(input_shape)}

    def _builds_in_call(self) -> bool:
        """Whether the first call builds all there is to build (the layers inside do it themselves)."""
        return type(self).build is Layer.build

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
        if not args and "input_shape" in kwargs:  # Keras's name for it, whatever `call` names the argument
            args = (kwargs.pop("input_shape"),)
        dtype = self.compute_dtype
        args, kwargs = shapes_to_specs(args, dtype), shapes_to_specs(kwargs, dtype)
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

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    def __str__(self) -> str:
        return repr(self)

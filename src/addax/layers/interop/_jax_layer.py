"""`JaxLayer` and `FlaxLayer`: functions over raw JAX arrays, and modules of Flax, as layers."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core import dtypes, serial, tree
from addax.core.errors import message
from addax.engine import Tensor, TensorShape, Variable, raw_of
from addax.engine._jax import jax, jnp
from addax.layers._layer import Layer
from addax.ops._closure import Nest, perform
from addax.ops._seed import draw_seed
from addax.random import SeedGenerator

_CALL = ("params", "state", "rng", "inputs", "training")
_INIT = ("rng", "inputs", "training")


class JaxLayer(Layer):
    """A function over JAX arrays as a layer; its parameters become the layer's weights.

    Args:
        call_fn: Computes the outputs. It has some of the parameters `params`, `state`, `rng`, `inputs` and `training`,
            in any order, and gives the outputs, or `(outputs, new state)` if it takes `state`. `rng` is a key in
            training, else None.
        init_fn: Makes the parameters when the layer is built, from some of `rng`, `inputs` and `training`; gives
            `params`, or `(params, state)` if `call_fn` takes `state`.
        params: The parameters, in any tree; instead of `init_fn`.
        state: The state, likewise.
        seed: Seed of the draws in calls.
        native_serialization_platforms: Accepted for the sake of TensorFlow's backend.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If a function has other parameters, or nothing says what `params` and `state` are.

    Example:
        >>> import addax as keras
        >>> layer = keras.layers.JaxLayer(
        ...     lambda params, inputs: inputs * params["scale"], params={"scale": 3.0}
        ... )
        >>> layer(keras.ops.ones((1, 2))).numpy()
        array([[3., 3.]], dtype=float32)
    """

    def __init__(
        self,
        call_fn: Callable,
        init_fn: Callable | None = None,
        params: Any = None,
        state: Any = None,
        seed: int | None = None,
        native_serialization_platforms: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.call_fn = call_fn
        self.init_fn = init_fn
        self.seed = seed
        self.native_serialization_platforms = native_serialization_platforms
        self._call_names = _parameters(call_fn, "call_fn", _CALL)
        self._init_names = _parameters(init_fn, "init_fn", _INIT) if init_fn else ()
        stateful = {"params", "state"} & set(self._call_names)
        if stateful and init_fn is None and params is None and state is None:
            expected = "`init_fn`, `params` or `state`"
            raise ValueError(
                message("JaxLayer does not know its parameters.", expected=expected, received="none of them")
            )
        self.seed_generator = SeedGenerator(seed) if "rng" in self._call_names else None
        self.params = self._variables_of(params, True)
        self.state = self._variables_of(state, False)

    def _variables_of(self, values: Any, trainable: bool) -> Any:
        """A tree with variables in the places of arrays and numbers."""

        def variable(value: Any) -> Any:
            if not isinstance(value, (bool, int, float)) and not hasattr(value, "dtype"):
                return value
            array = np.asarray(value)
            dtype = None if dtypes.is_float(array.dtype.name) else dtypes.narrow(array.dtype.name)
            return self.add_weight(array.shape, lambda shape, dtype=None: array, dtype, trainable=trainable)

        return jax.tree_util.tree_map(variable, values)

    def _init_rng(self) -> Any:
        return draw_seed(None)

    def _call_rng(self) -> Any:
        return raw_of(self.seed_generator.next()) if self.seed_generator is not None else None

    def build(self, input_shape: Any) -> None:
        """Run `init_fn`, on ones of the shape of the inputs."""
        if self.init_fn is not None and self.params is None and self.state is None:
            known = {"rng": None, "inputs": _ones(input_shape), "training": True}
            if "rng" in self._init_names:
                known["rng"] = jax.tree_util.tree_map(raw_of, self._init_rng())
            made = self.init_fn(*(known[name] for name in self._init_names))
            params, state = made if "state" in self._call_names else (made, None)
            self.params = self._variables_of(params, True)
            self.state = self._variables_of(state, False)
        super().build(input_shape)

    def call(self, inputs: Any, training: Any = False) -> Any:
        """Run `call_fn` on raw arrays, as one operation."""
        trees = {"params": self.params, "state": self.state}
        flat, shells = {}, {}
        for name, nest in trees.items():
            variables, shells[name] = jax.tree_util.tree_flatten(nest, is_leaf=_is_variable)
            flat[name] = [_value(leaf) for leaf in variables]
        keys, key_shell = jax.tree_util.tree_flatten(self._call_rng() if training else self._no_rng)
        nest = Nest([inputs, flat["params"], flat["state"], keys])

        def operate(scope: Any, raws: list) -> Any:
            given, params, state, key = nest.put(raws)
            known = {
                "inputs": given,
                "params": jax.tree_util.tree_unflatten(shells["params"], params),
                "state": jax.tree_util.tree_unflatten(shells["state"], state),
                "rng": jax.tree_util.tree_unflatten(key_shell, key),
                "training": bool(training),
            }
            made = self.call_fn(*(known[name] for name in self._call_names))
            if "state" not in self._call_names:
                return [_tensors(made), []]
            outputs, new = made
            return [_tensors(outputs), _tensors(jax.tree_util.tree_leaves(new))]

        outputs, new = perform(type(self).__name__, operate, nest)
        targets = jax.tree_util.tree_leaves(self.state, is_leaf=_is_variable)
        if "state" in self._call_names:
            if len(new) != len(targets):
                expected = f"{len(targets)} arrays, as at the start"
                raise ValueError(
                    message("`call_fn` gave another state.", expected=expected, received=len(new))
                )
            for variable, value in zip(targets, new, strict=True):
                variable.assign(value)
        return outputs

    _no_rng: Any = None

    def get_config(self) -> dict[str, Any]:
        """The functions, which have to be registered to be read again, and the arguments of `Layer`."""
        config = super().get_config()
        for name in ("params", "state", "seed"):
            config.pop(name)
        return {
            **config,
            "call_fn": serial.serialize(self.call_fn),
            "init_fn": serial.serialize(self.init_fn),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer like the one that gave `config`."""
        config = dict(config)
        for name in ("call_fn", "init_fn"):
            if isinstance(config.get(name), dict):
                config[name] = serial.deserialize(config[name])
        return cls(**config)


def _is_variable(x: Any) -> bool:
    return isinstance(x, Variable)


def _value(leaf: Any) -> Any:
    return leaf.value if isinstance(leaf, Variable) else leaf


def _tensors(nest: Any) -> Any:
    return tree.map_structure(lambda x: Tensor(jnp.asarray(x)), nest)


def _ones(shape: Any) -> Any:
    if isinstance(shape, TensorShape):
        return jnp.ones([1 if n is None else n for n in shape])
    if isinstance(shape, dict):
        return {key: _ones(one) for key, one in shape.items()}
    return [_ones(one) for one in shape]


def _parameters(function: Callable, name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(inspect.signature(function).parameters)
    if "inputs" not in found or set(found) - set(allowed):
        expected = f"`inputs`, and any of {', '.join(allowed)}"
        raise ValueError(
            message(f"`{name}` has other parameters.", expected=expected, received=", ".join(found))
        )
    return found


class FlaxLayer(JaxLayer):
    """A module of Flax (`flax.linen`) as a layer; its variables become the layer's weights.

    Args:
        module: The module.
        method: Its method to call, or the method's name; `__call__` if None. It gets `training` if it has it.
        variables: The module's variables; made when the layer is built if None.
        **kwargs: `seed`, and arguments of `Layer`.
    """

    _no_rng: Any = {}

    def __init__(self, module: Any, method: Any = None, variables: Any = None, **kwargs: Any) -> None:
        self.module = module
        self.method = method
        target = getattr(module, method) if isinstance(method, str) else method or module.__call__
        with_training = "training" in inspect.signature(target).parameters

        def more(training: Any) -> dict:
            return {"training": training} if with_training else {}

        def apply(params: Any, state: Any, rng: Any, inputs: Any, training: Any) -> Any:
            given = {**(params or {}), **(state or {})}
            mutable = sorted(state or {})
            return module.apply(given, inputs, rngs=rng, method=method, mutable=mutable, **more(training))

        def init(rng: Any, inputs: Any, training: Any) -> Any:
            return _split(module.init(rng, inputs, method=method, **more(training)))

        params, state = (None, None) if variables is None else _split(variables)
        super().__init__(call_fn=apply, init_fn=init, params=params, state=state, **kwargs)

    def _init_rng(self) -> Any:
        return {"params": draw_seed(None), "dropout": draw_seed(None)}

    def _call_rng(self) -> Any:
        return {"dropout": super()._call_rng()}

    def get_config(self) -> dict[str, Any]:
        """The module, which has to be registered to be read again, and the arguments of `Layer`."""
        config = super().get_config()
        for name in ("call_fn", "init_fn", "variables"):
            config.pop(name, None)
        method = getattr(self.method, "__name__", self.method)
        return {**config, "module": serial.serialize(self.module), "method": method}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer like the one that gave `config`."""
        config = dict(config)
        if isinstance(config["module"], dict):
            config["module"] = serial.deserialize(config["module"])
        return cls(**{key: value for key, value in config.items() if key != "native_serialization_platforms"})


def _split(variables: Any) -> tuple[Any, Any]:
    """Parameters and the rest."""
    variables = tree.map_structure(lambda x: x, dict(variables))
    return (
        {key: value for key, value in variables.items() if key == "params"},
        {key: value for key, value in variables.items() if key != "params"},
    )

"""`TorchModuleWrapper`: a module of PyTorch as a layer. PyTorch runs on the host, called from compiled code."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from addax.core import dtypes, serial, tree
from addax.core.errors import message
from addax.engine import Tensor, Variable, raw_of
from addax.engine._jax import jax, jnp
from addax.layers._layer import Layer
from addax.ops._closure import Nest, perform
from addax.random import SeedGenerator

_LOCK = threading.RLock()  # a module's mode and PyTorch's random state belong to one call at a time
_NOT_IN_FILES = (
    "Build the model in code, with the module, and call model.load_weights() on the same file; or give the module's "
    "class get_config() and from_config(), and register it."
)


def _torch() -> Any:
    """PyTorch, which whoever has a module of it has imported.

    Raises:
        ImportError: If nobody did.
    """
    found = sys.modules.get("torch")
    if found is None:
        hint = "pip install torch, and pass a torch.nn.Module."
        raise ImportError(message("TorchModuleWrapper needs PyTorch, which is not imported.", hint=hint))
    return found


class TorchModuleWrapper(Layer):
    """A `torch.nn.Module` as a layer; its parameters and buffers become the layer's weights.

    Buffers are not trained, nor are parameters that do not require gradients. Models with such a layer are compiled,
    trained and saved like others; a file holds the weights, by name, and not the module. The module itself computes
    on the host: forward, and again with gradients on the way back, so that a training step runs its forward pass
    twice. Outside of `fit`, and without `training=True`, it runs in evaluation mode. Gradients are of first order.

    Args:
        module: The module. It keeps its own parameters; `layer.module` gives it with the layer's present weights.
        name: The layer's name.
        output_shape: The shape of what comes out, with None as in the inputs; found by running the module on no data
            if None. It must be right.
        **kwargs: Arguments of `Layer`.

    Raises:
        ImportError: If PyTorch is not there.
        ValueError: If `module` is no module, or has parameters without shapes (a lazy one before its first call).
    """

    _skip_walk = (*Layer._skip_walk, "_module", "_slots", "_results")

    def __init__(self, module: Any, name: str | None = None, output_shape: Any = None, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        torch = _torch()
        if not isinstance(module, torch.nn.Module):
            raise ValueError(
                message("`module` is wrong.", where=self.name, expected="a torch.nn.Module", received=module)
            )
        found = [*module.named_parameters(), *module.named_buffers()]
        if any(isinstance(value, torch.nn.parameter.UninitializedTensorMixin) for _, value in found):
            hint = "Call it once on data before it is wrapped."
            raise ValueError(
                message("The module's parameters have no shapes yet.", where=self.name, hint=hint)
            )
        self._module = module.to("cpu")
        self._output_shape = output_shape
        self._results: dict = {}  # what comes out, by what goes in
        # In the order of PyTorch; tied parameters have one variable, under their first name.
        self._slots: dict[str, Variable] = {}
        for key, value in [*module.named_parameters(), *module.named_buffers()]:
            self._slots[key] = self._variable_of(key, value)
        self.seed_generator = SeedGenerator()
        self.built = True

    def _variable_of(self, key: str, value: Any) -> Variable:
        array = _to_numpy(value)
        trained = bool(value.requires_grad)
        return self.add_weight(
            shape=array.shape,
            initializer=lambda shape, dtype=None: array,
            dtype=array.dtype.name,
            trainable=trained,
            autocast=isinstance(value, _torch().nn.Parameter),
            name=key,
        )

    @property
    def module(self) -> Any:
        """The module, with the layer's present weights in it."""
        with _LOCK, _torch().no_grad():
            for key, value in [*self._module.named_parameters(), *self._module.named_buffers()]:
                value.copy_(_to_torch(np.asarray(self._slots[key])))
        return self._module

    def parameters(self, recurse: bool = True) -> Any:
        """The parameters of `module`, with the layer's present weights.

        Args:
            recurse: Whether those of the modules inside are among them.
        """
        return self.module.parameters(recurse=recurse)

    @property
    def output_shape(self) -> Any:
        """What the constructor was given, or the shape of `output`."""
        return super().output_shape if self._output_shape is None else self._output_shape

    def call(self, *args: Any, training: Any = None, **kwargs: Any) -> Any:
        """Run the module, in training mode if `training` is True."""
        training = bool(training)
        seed = raw_of(self.seed_generator.next()) if training else np.zeros(2, "uint32")
        nest = Nest([args, kwargs, {key: variable.value for key, variable in self._slots.items()}, seed])

        def operate(scope: Any, raws: list) -> Any:
            given, named, state, key = nest.put(raws)
            run = _Run(self, Nest([given, named]), training)
            outputs, changed = run(state, jnp.asarray(key))
            return [run.structured(outputs), {k: Tensor(v) for k, v in changed.items()}]

        outputs, changed = perform(type(self).__name__, operate, nest)
        for key, value in changed.items():
            self._slots[key].assign(value)
        return outputs

    def save_own_variables(self, store: Any) -> None:
        """Put the weights into a mapping, under the names that the module's `state_dict` has.

        Args:
            store: The mapping.
        """
        for key, variable in self._stored().items():
            store[key] = variable

    def load_own_variables(self, store: Any) -> None:
        """Take the weights from a mapping with the names of the module's `state_dict`.

        Args:
            store: The mapping.

        Raises:
            ValueError: If the names differ.
        """
        wanted = self._stored()
        if set(store.keys()) != set(wanted):
            raise ValueError(
                message(
                    f"Layer '{self.name}' has other weights than the file.",
                    expected=", ".join(sorted(wanted)),
                    received=", ".join(sorted(store.keys())),
                )
            )
        for key, variable in wanted.items():
            variable.assign(store[key])

    def _stored(self) -> dict[str, Variable]:
        tensors = [*self._module.named_parameters(), *self._module.named_buffers()]
        by_tensor = {id(value): self._slots[key] for key, value in tensors}
        state = self._module.state_dict(keep_vars=True)
        return {key: by_tensor[id(value)] for key, value in state.items() if id(value) in by_tensor}

    @property
    def _described(self) -> Any:
        """The module for a config; of one without `get_config` the name of its class, from which none is made."""
        cls = type(self._module)
        known = hasattr(self._module, "get_config")
        return serial.serialize(self._module) if known else f"{cls.__module__}.{cls.__qualname__}"

    _renamed_arguments = {"module": "_described", "output_shape": "_output_shape"}

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping | None = None, safe_mode: bool | None = None
    ) -> Any:
        """A layer like the one that gave `config`, if its module can be made from a config.

        Args:
            config: What `get_config` gave.
            custom_objects: Name -> class of the module.
            safe_mode: Changes nothing here: PyTorch's pickles, which Keras writes, are read in no mode.

        Raises:
            ValueError: If there is no module, or a pickled one.
        """
        config = dict(config)
        if isinstance(config.get("module"), (str, bytes, type(None))):
            problem = "A module of PyTorch is not made from a file: its pickle may run any code."
            raise ValueError(message(problem, where=str(config.get("name")), hint=_NOT_IN_FILES))
        if isinstance(config["module"], Mapping):
            config["module"] = serial.deserialize(config["module"], custom_objects, safe_mode)
        return cls(**config)


class _Run:
    """One call of a module in a program: forward as a call back to the host, and so the way back.

    Args:
        layer: The layer.
        inputs: Arguments and named arguments of the call.
        training: The mode.
    """

    def __init__(self, layer: TorchModuleWrapper, inputs: Nest, training: bool) -> None:
        self.module, self.inputs, self.training = layer._module, inputs, training
        own = layer._module
        self.buffers = [key for key, _ in own.named_buffers()] if training else []
        self.frozen = {key for key, value in own.named_parameters() if not value.requires_grad}
        self.wide = {key: value.dtype for key, value in own.named_buffers() if not value.is_floating_point()}
        self.known = layer._results
        self.declared, self.dtype = (
            layer._output_shape,
            dtypes.numpy_dtype(dtypes.standardize(layer.compute_dtype)),
        )

    def __call__(self, state: dict, seed: Any) -> tuple[list, dict]:
        """Leaves of the outputs, and the buffers after the call."""
        arrays = [jnp.asarray(x) for x in self.inputs.raws]
        results, self.shell = self._results(state, arrays)

        def forward(state: dict, arrays: list, seed: Any) -> tuple[list, dict]:
            return _on_host(self._forward, results, state, arrays, seed)

        def keep(state: dict, arrays: list, seed: Any) -> tuple:
            return forward(state, arrays, seed), (state, arrays, seed)

        def back(kept: tuple, cotangents: tuple) -> tuple:
            state, arrays, seed = kept
            floats = [i for i, x in enumerate(arrays) if jnp.issubdtype(x.dtype, jnp.floating)]
            fixed = self.frozen.union(key for key, _ in self.module.named_buffers())
            trained = [key for key in state if key not in fixed]
            wanted = [_spec(state[k]) for k in trained] + [_spec(arrays[i]) for i in floats]
            given = [c for c in cotangents[0] if c.dtype != jax.dtypes.float0]

            def host(state: dict, arrays: list, seed: Any, given: list) -> list:
                return self._backward(state, arrays, seed, given, trained, floats)

            found = _on_host(host, wanted, state, arrays, seed, given) if wanted else []
            of_state = dict.fromkeys(state) | dict(zip(trained, found, strict=False))
            of_arrays = dict(zip(floats, found[len(trained) :], strict=True))
            return of_state, [of_arrays.get(i) for i in range(len(arrays))], None

        run = jax.custom_vjp(forward)
        run.defvjp(keep, back)
        return run(state, arrays, seed)

    def structured(self, leaves: Sequence) -> Any:
        """The outputs as the module gave them."""
        return tree.pack_sequence_as(self.shell, [Tensor(x) for x in leaves])

    # On the host -----------------------------------------------------------------------------------------
    def _results(self, state: dict, arrays: list) -> tuple[tuple, Any]:
        """Shapes and dtypes of what comes out, and its structure; found on PyTorch's meta device, or on zeros."""
        if self.declared is not None:
            sizes = [arrays[0].shape[i] if n is None else n for i, n in enumerate(self.declared)]
            only = [jax.ShapeDtypeStruct(tuple(sizes), self.dtype)]
            return (only, {key: _spec(state[key]) for key in self.buffers}), None
        specs = {key: _spec(value) for key, value in state.items()}, [_spec(x) for x in arrays]
        others = [x for x in self.inputs.kept if x is not None]
        key = repr((self.training, self.inputs.shell, others, specs))
        if key not in self.known:
            try:
                self.known[key] = self._probed(*specs, device="meta")
            except Exception:  # a module that looks at values, or makes tensors of its own
                self.known[key] = self._probed(*specs, device="cpu")
        return self.known[key]

    def _probed(self, state: dict, arrays: list, device: str) -> tuple[tuple, Any]:
        def zeros(spec: Any) -> Any:
            return _to_torch(np.zeros(spec.shape, spec.dtype)).to(device)

        tensors = {key: zeros(spec) for key, spec in state.items()}
        with _LOCK, _torch().no_grad(), _torch().random.fork_rng(devices=[]):
            outputs = self._run(tensors, [zeros(spec) for spec in arrays])
        leaves = tree.flatten(outputs)
        shell = tree.map_structure(lambda _: None, outputs)
        return ([_spec_of_torch(x) for x in leaves], {key: state[key] for key in self.buffers}), shell

    def _run(self, state: dict, arrays: list) -> Any:
        """The module's outputs; `state` gets the buffers as they are after the call."""
        torch = _torch()
        for key, dtype in self.wide.items():
            state[key] = state[key].to(dtype)
        args, kwargs = self.inputs.put(arrays)
        self.module.train(self.training)
        hook = self.module.register_forward_hook(lambda module, *_: state.update(module.named_buffers()))
        try:
            return torch.func.functional_call(self.module, dict(state), tuple(args), dict(kwargs))
        finally:
            hook.remove()

    def _forward(self, state: dict, arrays: list, seed: Any) -> tuple[list, dict]:
        tensors = {key: _to_torch(value) for key, value in state.items()}
        with _LOCK, _torch().no_grad(), _seeded(seed):
            outputs = self._run(tensors, [_to_torch(x) for x in arrays])
            return [_to_numpy(x) for x in tree.flatten(outputs)], {
                k: _to_numpy(tensors[k]) for k in self.buffers
            }

    def _backward(
        self, state: dict, arrays: list, seed: Any, given: list, trained: list, floats: list
    ) -> list:
        torch = _torch()
        tensors = {key: _to_torch(value) for key, value in state.items()}
        inputs = [_to_torch(x) for x in arrays]
        sources = [tensors[k].requires_grad_() for k in trained] + [
            inputs[i].requires_grad_() for i in floats
        ]
        with _LOCK, torch.enable_grad(), _seeded(seed):
            outputs = [x for x in tree.flatten(self._run(tensors, inputs)) if x.is_floating_point()]
            pairs = [
                (x, _to_torch(c).to(x.dtype)) for x, c in zip(outputs, given, strict=True) if x.requires_grad
            ]
            if not pairs:
                return [np.zeros(tuple(x.shape), _to_numpy(x.detach()).dtype) for x in sources]
            targets, cotangents = zip(*pairs, strict=True)
            found = torch.autograd.grad(targets, sources, cotangents, allow_unused=True)
        return [
            _to_numpy(torch.zeros_like(x) if g is None else g) for x, g in zip(sources, found, strict=True)
        ]


@contextlib.contextmanager
def _seeded(seed: Any) -> Iterator[None]:
    """A block with PyTorch's draws from a seed; its own random state stays as it was."""
    random = _torch().random
    with random.fork_rng(devices=[]):
        first, second = (int(n) for n in seed)
        random.default_generator.manual_seed(first << 32 | second)
        yield


def _on_host(function: Callable, results: Any, *operands: Any) -> Any:
    """Call a function of NumPy arrays from a program; its results have these shapes and dtypes."""

    def call(*arrays: Any) -> Any:
        made = function(*jax.tree_util.tree_map(np.asarray, arrays))
        return jax.tree_util.tree_map(lambda x, spec: np.asarray(x, spec.dtype), made, results)

    return jax.pure_callback(call, results, *operands, vmap_method="sequential")


def _spec(value: Any) -> Any:
    return jax.ShapeDtypeStruct(value.shape, value.dtype)


def _spec_of_torch(value: Any) -> Any:
    if not isinstance(value, _torch().Tensor):
        expected = "tensors, in tuples, lists and dicts"
        raise ValueError(message("The module gave something else.", expected=expected, received=value))
    name = dtypes.narrow(str(value.dtype).removeprefix("torch."))
    return jax.ShapeDtypeStruct(tuple(value.shape), dtypes.numpy_dtype(name))


def _to_torch(array: np.ndarray) -> Any:
    """A copy as a tensor; integers become 64 bits wide, as PyTorch's indices have to be."""
    torch = _torch()
    if array.dtype.kind in "iu":
        return torch.from_numpy(np.array(array, "int64"))
    if array.dtype.name == "bfloat16":
        return torch.from_numpy(np.array(array, "float32")).to(torch.bfloat16)
    return torch.from_numpy(np.array(array))


def _to_numpy(tensor: Any) -> np.ndarray:
    """A copy as an array, 64-bit dtypes narrowed."""
    tensor = tensor.detach()
    name = dtypes.narrow(str(tensor.dtype).removeprefix("torch."))
    wide = tensor.float() if name == "bfloat16" else tensor
    return np.array(wide.numpy(), dtypes.numpy_dtype(name))

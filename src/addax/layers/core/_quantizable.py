"""`QuantizableLayer`: the base of layers whose weights can be stored in few bits."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import dtype_policies, ops, quantizers
from addax.core import context
from addax.core.errors import message
from addax.dtype_policies import QuantizedDTypePolicy, QuantizedFloat8DTypePolicy
from addax.layers.core import _storage, _storage_float
from addax.layers.core._low_rank import LowRankLayer
from addax.layers.core._storage import Storage, Weight
from addax.quantizers import Int4QuantizationConfig
from addax.quantizers._resolve import resolve

__all__ = ["QuantizableLayer", "Weight"]


class QuantizableLayer(LowRankLayer):
    """A layer with a weight that `quantize` stores in few bits.

    A subclass gives its weights to `_build_storage` when it is built, and multiplies by `_multiplied`. How the
    numbers are kept is the work of a `Storage`, one class for each mode; a quantized layer has one.
    """

    _modes: tuple[str, ...] = ()  # what a class itself can be quantized to; subclasses say it again
    _storage: Storage | None = None
    _weights_stored: tuple[Weight, ...] = ()
    _input_axes: Any = -1  # of the inputs, that a product sums over
    _skip_walk = (*LowRankLayer._skip_walk, "_storage", "_weights_stored")

    # Products, which `EinsumDense` has in another way -------------------------------------------------------
    def _product(self, inputs: Any, kernel: Any) -> Any:
        return ops.matmul(inputs, kernel)

    def _product_gradient(self, upstream: Any, kernel: Any) -> Any:
        """The gradient of the inputs."""
        return ops.matmul(upstream, ops.transpose(kernel))

    def _input_scale(self, scale: Any) -> Any:
        """A scale of the inputs in the axes of the product."""
        return scale

    def _input_rows(self, inputs: Any) -> Any:
        """Inputs with the axes that a product sums over at the end, in the order of the kernel."""
        return inputs

    def _multiplied(self, inputs: Any) -> Any:
        """The product of the inputs with the main weight, whatever form it is in."""
        if self._storage is None:
            return self._product(inputs, getattr(self, self._adapted))
        x = self._storage.multiply(self, inputs, self._weights_stored[0])
        if not self.lora_enabled:
            return x
        added = self._low_rank_product(inputs, *self._lora_pair())
        return ops.cast(x + self._lora_strength() * added, self.compute_dtype)

    def _low_rank_product(self, inputs: Any, a: Any, b: Any) -> Any:
        return ops.matmul(self._product(inputs, a), b)

    def _finished(self, x: Any) -> Any:
        """A product with bias and activation."""
        bias = getattr(self, "bias", None)
        if bias is not None:
            x = ops.add(x, bias if self._storage is None else self._storage.bias(self))
        activation = getattr(self, "activation", None)
        return x if activation is None else activation(x)

    # Quantizing ------------------------------------------------------------------------------------------
    def quantize(self, mode: str | None = None, type_check: bool = True, config: Any = None) -> None:
        """Store the weights in few bits, from now on.

        Args:
            mode: `"int8"`, `"int4"`, `"float8"`, `"gptq"` or `"awq"`; the config's if None. Embeddings know the
                first two.
            type_check: Whether subclasses are refused, whose `call` may need the floats.
            config: A `QuantizationConfig`; the defaults of the mode if None.

        Raises:
            ValueError: If the layer is not built or is quantized already, the mode is unknown, or the mode
                needs a config.
            NotImplementedError: If the layer has no such mode.
        """
        config = resolve(mode, config)
        self._check_mode(config.mode, type_check)
        self._check_state()
        policy = self._policy_of(config)
        storage = _new_storage(policy, config)
        floats = {w: np.asarray(self._raw(w.name)) for w in self._weights_stored}
        values = [storage.encode(weight, array) for weight, array in floats.items()]
        if not storage.keeps_floats:
            for weight in self._weights_stored:
                self._drop_weight(weight.name)
        with context.entered(path=tuple(self._path.split("/"))[:-1]):
            self._create_stored(storage)
        for name, value in [pair for arrays in values for pair in arrays.items()]:
            self._raw(name).assign(value)
        self.quantization_config = _without_data(config)
        self.dtype_policy = policy

    def _policy_of(self, config: Any) -> Any:
        """The policy of this layer once it is quantized as a config says."""
        policy = self._own_policy
        if policy.quantization_mode is not None:
            return policy
        return dtype_policies.get(f"{_policy_mode(config)}_from_{policy.name}")

    def quantized_build(self, kernel_shape: Any, mode: str, config: Any = None) -> None:
        """Create the variables of a mode, empty; `build` does so where the dtype policy is quantized.

        Args:
            kernel_shape: The shape of the weight as floats, which the layer has to know already.
            mode: One of the modes of `quantize`.
            config: A `QuantizationConfig`; what the dtype policy says if None.

        Raises:
            ValueError: If the shape is another one.
            NotImplementedError: If the layer has no such mode.
        """
        self._check_mode(mode, type_check=False)
        known = [weight.shape for weight in self._weights_stored[:1]]
        if known != [tuple(kernel_shape)]:
            raise ValueError(
                message(
                    "The weight has another shape.", where=self.path, expected=known, received=kernel_shape
                )
            )
        if config is None and self._own_policy.quantization_mode is None:
            config = resolve(mode, None)
        self._create_stored(_new_storage(self._policy_of(config), config))

    def _create_stored(self, storage: Storage) -> None:
        for weight in self._weights_stored:
            storage.build(self, weight)
        self._storage = storage

    def _follow_policy(self) -> None:
        policy = self._own_policy
        if self._storage is None and policy.quantization_mode is not None:
            size = getattr(policy, "block_size", None)
            config = None if size is None else Int4QuantizationConfig(block_size=size)
            self.quantize(policy.quantization_mode, config=config)

    def _check_state(self) -> None:
        if not self.built or self._storage is not None:
            problem = (
                "is quantized already" if self.built else "is not built, so there is nothing to quantize"
            )
            raise ValueError(
                message(f"Layer '{self.name}' {problem}.", received=f"dtype_policy={self._own_policy.name}")
            )

    def _has_mode(self, mode: str, type_check: bool) -> bool:
        return mode in (type(self).__dict__.get("_modes", ()) if type_check else self._modes)

    def _check_mode(self, mode: str, type_check: bool = True) -> None:
        if not self._has_mode(mode, type_check):
            modes = type(self).__dict__.get("_modes", ())
            raise NotImplementedError(
                message(
                    f"Layer '{self.name}' of type {type(self).__name__} cannot be quantized to '{mode}'.",
                    expected=f"one of {modes}" if modes else None,
                    hint=None if modes else "type_check=False quantizes a subclass like its base.",
                )
            )

    def _build_storage(self, *weights: Weight) -> bool:
        """Take note of the weights; make their variables if the dtype policy says how they are quantized.

        Returns:
            Whether float variables are wanted.
        """
        self._weights_stored = weights
        policy = self._own_policy
        if policy.quantization_mode is None:
            return True
        self.quantized_build(weights[0].shape, policy.quantization_mode, self.quantization_config)
        return policy.quantization_mode == "float8"

    def _raw(self, name: str) -> Any:
        """The variable of a weight, without what LoRA adds."""
        found = self.__dict__.get(f"_{name}")
        return self.__dict__[name] if found is None else found

    def _drop_weight(self, name: str) -> None:
        variable = self._raw(name)
        self._own = [v for v in self._own if v is not variable]
        for key in (name, f"_{name}"):
            if self.__dict__.get(key) is variable:
                del self.__dict__[key]

    # LoRA ------------------------------------------------------------------------------------------------
    def _lora_problem(self) -> str | None:
        if self._storage is not None and not self._storage.merges:
            return f"LoRA does not go with weights quantized by '{self._storage.mode}', but with int8, int4 and float8."
        return super()._lora_problem()

    def _shown_weight(self, variable: Any) -> Any:
        """What the attribute of the main weight gives: floats, or the integers where nothing is added to them."""
        if self._storage is None:
            return super()._shown_weight(variable)
        weight = self._weights_stored[0]
        if self.lora_enabled:
            return self._with_lora(self._storage.decode(self, weight))
        return self._storage.shown(self, weight)

    # Files -----------------------------------------------------------------------------------------------
    def _stored_variables(self) -> dict[str, Any]:
        """The variables by attribute, in the order that files have them; what LoRA added is left out."""
        storage = self._storage
        assert storage is not None
        names = [form.format(weight.name) for weight in self._weights_stored for form in storage.saved]
        found = {
            name: self._raw(name)
            for name in dict.fromkeys(names)
            if self.__dict__.get(name) is not None or f"_{name}" in self.__dict__
        }
        known = {*map(id, found.values()), *(map(id, self._lora_pair()) if self.lora_enabled else ())}
        others = [v for v in self._own_variables() if id(v) not in known]
        return {**found, **{f"other {i}": v for i, v in enumerate(others)}}

    def save_own_variables(self, store: Any) -> None:
        """The variables of the mode; what LoRA adds becomes a part of the weight.

        Raises:
            ValueError: If the weight still waits for the data that its mode looks at.
        """
        storage = self._storage
        if storage is None:
            return super().save_own_variables(store)
        weight = self._weights_stored[0]
        if not storage.merges and not storage.calibrated(self, weight):  # type: ignore[attr-defined]
            raise ValueError(
                message(
                    f"Layer '{self.name}' is to be quantized by '{storage.mode}', but has met no data yet.",
                    hint="Use Model.quantize, which runs the data of the config through the model.",
                )
            )
        values = self._stored_variables()
        if self.lora_enabled:
            merged = self._with_lora(storage.decode(self, weight))
            values.update(storage.encode(weight, np.asarray(merged)) or {weight.name: merged})
        for i, value in enumerate(values.values()):
            store[str(i)] = value

    def load_own_variables(self, store: Any) -> None:
        """The variables of the mode; the product of LoRA starts from zero again.

        Raises:
            ValueError: If their number differs.
        """
        if self._storage is None:
            return super().load_own_variables(store)
        variables = self._stored_variables()
        store = self._storage.completed(self, list(variables), store)
        self._assign(list(variables.values()), store)


def _policy_mode(config: Any) -> str:
    """The first part of the name of the dtype policy."""
    if hasattr(config, "dtype_policy_string"):
        return config.dtype_policy_string()
    if config.mode == "int4":
        return f"int4/{-1 if config.block_size is None else config.block_size}"
    return config.mode


def _new_storage(policy: QuantizedDTypePolicy, config: Any) -> Storage:
    mode = policy.quantization_mode
    if mode == "int8":
        return _storage.Int8(config)
    if mode == "int4":
        return _storage.Int4(config, getattr(config, "block_size", getattr(policy, "block_size", None)))
    if mode == "float8":
        default = QuantizedFloat8DTypePolicy.default_amax_history_length
        return _storage_float.Float8(getattr(policy, "amax_history_length", default))
    cls = _storage_float.GPTQ if mode == "gptq" else _storage_float.AWQ
    return cls(config, policy.weight_bits, policy.group_size)  # type: ignore[attr-defined]


def _without_data(config: Any) -> Any:
    """The config that a layer keeps: data and layers of a model have no place in the config of a layer."""
    if not hasattr(config, "dtype_policy_string"):
        return config
    bare = quantizers.deserialize(quantizers.serialize(config))
    bare.quantization_layer_structure = None
    return bare

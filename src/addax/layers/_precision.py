"""`Precision`: the dtypes of a layer, and how its weights are quantized."""

from __future__ import annotations

from typing import Any

from addax import dtype_policies
from addax.core import dtypes
from addax.core.errors import message


class Precision:
    """A base of `Layer`."""

    name: str
    _path: str

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

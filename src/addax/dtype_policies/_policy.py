"""`DTypePolicy`: which dtype a layer computes in, and which its weights have."""

from __future__ import annotations

from typing import Any

from addax.core import dtypes
from addax.core.errors import message
from addax.engine import SymbolicTensor, Tensor, Variable

_MIXED = {"mixed_float16": ("float16", "float32"), "mixed_bfloat16": ("bfloat16", "float32")}


class DTypePolicy:
    """The compute dtype and the variable dtype of a layer.

    Args:
        name: A dtype for both, `"mixed_float16"` or `"mixed_bfloat16"` (compute in half precision, weights
            in float32); the global policy's name if None.

    Raises:
        TypeError: If `name` is not text.
        ValueError: If it names no policy.

    Example:
        >>> import addax as keras
        >>> policy = keras.DTypePolicy("mixed_bfloat16")
        >>> policy.compute_dtype, policy.variable_dtype
        ('bfloat16', 'float32')
    """

    def __init__(self, name: str | None = None) -> None:
        self._name = _global_name() if name is None else name
        self._compute_dtype, self._variable_dtype = parse_name(self._name)
        self._quantization_mode: str | None = None

    @property
    def name(self) -> str:
        """The name of the policy."""
        return self._name

    @property
    def variable_dtype(self) -> str:
        """The dtype of weights."""
        return self._variable_dtype

    @property
    def compute_dtype(self) -> str:
        """The dtype that inputs and weights are cast to before the layer computes."""
        return self._compute_dtype

    @property
    def quantization_mode(self) -> str | None:
        """How weights are quantized, or None."""
        return self._quantization_mode

    def convert_input(self, x: Any, autocast: bool, dtype: Any) -> Any:
        """A layer's input as a tensor; in `dtype`, if it is a float and `autocast` is on.

        Args:
            x: A tensor, an array, or anything else, which is given back as it is.
            autocast: Whether to cast floats.
            dtype: The dtype to cast to.
        """
        from addax import ops

        if not isinstance(x, (Tensor, SymbolicTensor, Variable)):
            if not hasattr(x, "__array__"):
                return x
            x = ops.convert_to_tensor(x)
        dtype = dtypes.standardize(dtype)
        if autocast and dtypes.is_float(x.dtype) and x.dtype != dtype:
            return ops.cast(x, dtype)
        return x

    def get_config(self) -> dict[str, Any]:
        """The name."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make a policy from what `get_config` gave."""
        return cls(**config)

    def __repr__(self) -> str:
        shown = "DTypePolicy" if type(self) is FloatDTypePolicy else type(self).__name__
        return f'<{shown} "{self.name}">'

    def __eq__(self, other: Any) -> bool:
        plain = (DTypePolicy, FloatDTypePolicy)
        same = type(other) in plain if type(self) in plain else type(other) is type(self)
        return same and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)


class FloatDTypePolicy(DTypePolicy):
    """The older name of `DTypePolicy`.

    Example:
        >>> import addax as keras
        >>> keras.FloatDTypePolicy("float16") == keras.DTypePolicy("float16")
        True
    """


def parse_name(name: Any) -> tuple[str, str]:
    """Compute dtype and variable dtype of a policy's name.

    Raises:
        TypeError: If `name` is not text.
        ValueError: If it names no policy.
    """
    if not isinstance(name, str):
        raise TypeError(
            message("The name of a dtype policy must be text.", expected="'mixed_float16'", received=name)
        )
    if name in _MIXED:
        return _MIXED[name]
    try:
        dtype = dtypes.standardize(str(name)).name
    except ValueError:
        raise ValueError(
            message(
                f"Cannot convert '{name}' to a mixed precision DTypePolicy.",
                expected="'mixed_float16', 'mixed_bfloat16', or the name of a dtype such as 'float32'",
            )
        ) from None
    return dtype, dtype


def _global_name() -> str:
    from addax.dtype_policies._global import dtype_policy

    return dtype_policy().name

"""`tf.experimental.dlpack`: arrays handed to other libraries without a copy."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.lazy import Namespace
from addax.engine import Tensor
from addax.engine._jax import jnp


class dlpack(Namespace):  # noqa: N801 - a namespace
    """Tensors from and to other libraries, through the DLPack protocol."""

    @staticmethod
    def to_dlpack(tf_tensor: Any) -> Any:
        """A DLPack capsule of a tensor."""
        return ops.convert_to_tensor(tf_tensor).__dlpack__()

    @staticmethod
    def from_dlpack(dlcapsule: Any) -> Tensor:
        """A tensor from an array of another library (which has `__dlpack__`), without a copy where it can be."""
        return Tensor(jnp.from_dlpack(dlcapsule))


__all__ = ["dlpack"]

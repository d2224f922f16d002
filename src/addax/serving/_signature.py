"""A function that is served: named arrays in, named arrays out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

DEFAULT_SIGNATURE = "serving_default"
STRING = "string"


@dataclass(frozen=True)
class TensorInfo:
    """An input or output of a signature.

    Attributes:
        name: Its name.
        shape: Its shape, None for sizes that a request chooses.
        dtype: NumPy's name of the dtype, `bfloat16` and the like, or `string` for an object array of bytes.
    """

    name: str
    shape: tuple[int | None, ...]
    dtype: str

    def __str__(self) -> str:
        sizes = ", ".join("any" if size is None else str(size) for size in self.shape)
        return f"shape ({sizes}{',' if len(self.shape) == 1 else ''}), dtype {self.dtype}"


@dataclass(frozen=True, eq=False)
class ServedSignature:
    """A function of a loaded model.

    Attributes:
        name: Its name.
        inputs: The inputs, in order.
        outputs: The outputs, in order.
        batched: Whether axis 0 of all inputs and outputs counts examples, which do not influence each other's
            results, so that requests can be joined.
        run: The function itself; it may be called on any thread, and compiles for each new set of shapes.
    """

    name: str
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    batched: bool
    run: Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]] = field(repr=False)


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A version of the model, ready to serve.

    Attributes:
        name: The name that requests use.
        version: Its number.
        path: The file or folder it came from.
        signatures: Its functions by name.
    """

    name: str
    version: int
    path: str
    signatures: Mapping[str, ServedSignature]

    @property
    def default(self) -> ServedSignature:
        """The signature of requests that name none."""
        return self.signatures.get(DEFAULT_SIGNATURE) or next(iter(self.signatures.values()))


def example_inputs(signature: ServedSignature, rows: int) -> dict[str, np.ndarray] | None:
    """Arrays that the signature takes, to compile it with; None if a request chooses some of the sizes.

    Args:
        signature: The signature.
        rows: The number of examples.
    """
    arrays: dict[str, np.ndarray] = {}
    for info in signature.inputs:
        shape = (rows, *info.shape[1:]) if signature.batched else info.shape
        sizes = [size for size in shape if size is not None]
        if len(sizes) < len(shape):
            return None
        arrays[info.name] = np.zeros(sizes, dtype_of(info))
        if info.dtype == STRING:
            arrays[info.name].fill(b"")
    return arrays


def dtype_of(info: TensorInfo) -> Any:
    """The NumPy dtype of an array for an input or output."""
    if info.dtype == STRING:
        return np.dtype(object)
    if info.dtype.startswith(("bfloat", "float8")):  # NumPy knows these names only by JAX's company
        from addax.engine._jax import jnp

        return jnp.dtype(info.dtype)
    return np.dtype(info.dtype)

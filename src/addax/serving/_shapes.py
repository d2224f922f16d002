"""A limit to the programs that requests can have compiled."""

from __future__ import annotations

from collections.abc import Mapping
from weakref import WeakKeyDictionary

import numpy as np

from addax.core.errors import message
from addax.serving._errors import RequestError
from addax.serving._signature import ServedSignature

Shapes = tuple[tuple[int, ...], ...]


class ShapeLimit:
    """Counts the sets of sizes that requests chose for each signature; for the event loop's thread alone.

    Each set costs a compilation for each size of a batch, and its programs stay as long as the model does, so a
    client that sends ever new sizes would take the memory and the time of all others.

    Args:
        limit: How many sets a signature may have.

    Example:
        >>> from addax.serving._signature import TensorInfo
        >>> info = TensorInfo("x", (None, None), "float32")
        >>> sums = ServedSignature("f", (info,), (info,), True, dict)
        >>> limit = ShapeLimit(1)
        >>> limit.take(sums, {"x": np.zeros((2, 3))}), limit.take(sums, {"x": np.zeros((9, 3))})
        (((3,),), None)
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        # By signature, not by its id: that of a version that is gone may be given to another.
        self._known: WeakKeyDictionary[ServedSignature, set[Shapes]] = WeakKeyDictionary()

    def take(self, signature: ServedSignature, inputs: Mapping[str, np.ndarray]) -> Shapes | None:
        """Let a request have its sizes.

        Args:
            signature: The signature.
            inputs: Its inputs by name.

        Returns:
            The sizes if they are new, for `give_back`; None if they are known, or none are to be chosen.

        Raises:
            RequestError: They are one set too many.
        """
        start = 1 if signature.batched else 0
        if not any(None in info.shape[start:] for info in signature.inputs):
            return None
        known = self._known.setdefault(signature, set())
        shapes = tuple(inputs[info.name].shape[start:] for info in signature.inputs)
        if shapes in known:
            return None
        if len(known) >= self._limit:
            raise RequestError(
                400,
                message(
                    "Too many different sizes were asked for.",
                    expected=f"one of the {self._limit} sets of sizes that came before",
                    received=", ".join(
                        f"{info.name!r} of shape {inputs[info.name].shape}" for info in signature.inputs
                    ),
                    hint="Pad inputs to a few sizes, or serve with a larger --max-shapes.",
                ),
            )
        known.add(shapes)
        return shapes

    def give_back(self, signature: ServedSignature, shapes: Shapes | None) -> None:
        """Forget sizes that nothing was compiled for."""
        if shapes is not None:
            self._known[signature].discard(shapes)

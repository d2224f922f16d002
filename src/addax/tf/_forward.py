"""`tf.autodiff.ForwardAccumulator`: products of a Jacobian with a vector."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core import tree
from addax.core.errors import message
from addax.engine import GradientTape


class ForwardAccumulator:
    """Follows what is computed in its block, and gives directional derivatives of it.

    They are had from two tapes: going back along the first one is linear in the gradient of the result, so going back
    along a second one, which watched that, goes forwards.

    Args:
        primals: A tensor or variable, or a nest of them, of floats.
        tangents: The direction, a nest of tensors of the same shapes.

    Raises:
        ValueError: If the shapes differ.

    Example:
        >>> import addax.tf as tf
        >>> x = tf.constant([[2.0, 3.0], [1.0, 4.0]])
        >>> with tf.autodiff.ForwardAccumulator(
        ...     primals=x, tangents=tf.constant([[1.0, 0.0], [0.0, 0.0]])
        ... ) as acc:
        ...     y = tf.reduce_sum(x**2, axis=1)
        >>> acc.jvp(y).numpy()
        array([4., 0.], dtype=float32)
    """

    def __init__(self, primals: Any, tangents: Any) -> None:
        self._primals = tree.flatten(primals)
        self._tangents = [ops.convert_to_tensor(t) for t in tree.flatten(tangents)]
        shapes = [[tuple(x.shape) for x in given] for given in (self._primals, self._tangents)]
        if shapes[0] != shapes[1]:
            raise ValueError(
                message(
                    "A tangent has the shape of its primal.", expected=f"{shapes[0]}", received=f"{shapes[1]}"
                )
            )
        self._tape = GradientTape(persistent=True)

    def __enter__(self) -> ForwardAccumulator:
        self._tape.__enter__()
        for primal in self._primals:
            self._tape.watch(primal)
        return self

    def __exit__(self, *error: Any) -> None:
        self._tape.__exit__(*error)

    def jvp(self, primals: Any, unconnected_gradients: Any = None) -> Any:
        """The derivative of results in the direction of the tangents.

        Args:
            primals: A nest of tensors that were computed in the block.
            unconnected_gradients: `"none"` (or None): None for a result that does not depend on the primals; `"zero"`:
                zeros.

        Returns:
            A nest of tensors of the shapes of the results.
        """
        zero = getattr(unconnected_gradients, "value", unconnected_gradients) == "zero"
        return tree.map_structure(lambda y: self._jvp(y, zero), primals)

    def _jvp(self, y: Any, zero: bool) -> Any:
        weights = ops.zeros_like(y)
        with GradientTape() as outer:
            outer.watch(weights)
            gradients = self._tape.gradient(y, self._primals, output_gradients=weights)
        known = [(g, t) for g, t in zip(gradients, self._tangents, strict=True) if g is not None]
        found = None
        if known:
            found = outer.gradient([g for g, _ in known], weights, output_gradients=[t for _, t in known])
        return ops.zeros_like(y) if found is None and (zero or known) else found

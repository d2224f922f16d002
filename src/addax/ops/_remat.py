"""Rematerialization: what gradients need is computed again instead of being kept (Chen et al., 2016)."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

from addax.core import context, tree
from addax.core.errors import message
from addax.engine import SymbolicTensor, Tensor, infer
from addax.engine import _jax as _engine_jax
from addax.engine._bind import ProbeBindings
from addax.engine._jax import jax
from addax.ops._closure import Nest, Scope, is_array, perform

MODES = ("full", "activations", "larger_than", "list_of_layers", None)


class RematScope:
    """A block in which layers and operations are made whose results are computed again for gradients.

    It takes effect whenever what was made in it runs in compiled code, such as a training step: there it costs
    time and saves memory. Eager code, which has nothing to plan, runs as it would without it.

    Args:
        mode: `"full"` for everything; `"activations"` for the activation functions of layers; `"larger_than"`
            for what has more than `output_size_threshold` numbers in its result; `"list_of_layers"` for the
            layers of the given names; None for nothing, inside another scope.
        output_size_threshold: For `"larger_than"`.
        layer_names: For `"list_of_layers"`.

    Raises:
        ValueError: If there is no such mode.

    Example:
        >>> import addax as keras
        >>> with keras.RematScope("list_of_layers", layer_names=["wide"]):
        ...     model = keras.Sequential([keras.layers.Dense(64, name="wide"), keras.layers.Dense(1)])
    """

    def __init__(
        self,
        mode: str | None = "full",
        output_size_threshold: int = 1024,
        layer_names: Sequence[str] | None = None,
    ) -> None:
        if mode not in MODES:
            raise ValueError(
                message("Unknown mode of rematerialization.", expected=f"one of {MODES}", received=mode)
            )
        self.mode = mode
        self.output_size_threshold = output_size_threshold
        self.layer_names = list(layer_names or [])
        self._tokens: list = []

    def __reduce__(self) -> tuple:  # layers keep their scope, and are copied with it
        return (RematScope, (self.mode, self.output_size_threshold, self.layer_names))

    def __enter__(self) -> RematScope:
        self._tokens.append(context.push(remat=self))
        return self

    def __exit__(self, *exception: Any) -> None:
        context.pop(self._tokens.pop())

    def wants(self, name: str, fn: Callable, args: tuple, kwargs: dict) -> bool:
        """Whether a call of an operation is to be computed again as a whole.

        Args:
            name: The operation's name.
            fn: What it computes.
            args: What it is called on.
            kwargs: The keyword arguments.
        """
        if self.mode == "larger_than":
            return _result_size(fn, args, kwargs) > self.output_size_threshold
        return self.mode == "full" or (self.mode == "list_of_layers" and name in self.layer_names)


def remat(f: Callable) -> Callable:
    """A function that keeps nothing for gradients but its arguments, and computes the rest again.

    Args:
        f: Takes and gives nests of tensors; it may read and assign variables. A layer will do.

    Returns:
        A function that gives the same. In eager code it is `f` itself that runs.

    Example:
        >>> import addax as keras
        >>> import jax
        >>> float(jax.grad(keras.remat(lambda x: keras.ops.exp(x) * x))(0.0))
        1.0
    """

    def call(*args: Any, **kwargs: Any) -> Any:
        if not in_force():
            return f(*args, **kwargs)
        operands = Nest((args, kwargs), _is_tensor)
        found: list[Nest] = []

        def operate(scope: Scope, raws: list) -> list:
            start = scope.start()

            def body(values: list) -> tuple[list, list]:
                args, kwargs = operands.fill(values)
                result, last = scope.call(functools.partial(f, **kwargs), args, start)
                found[:] = [Nest(result, _is_tensor)]
                return found[0].raws, last

            outs, scope.last = jax.checkpoint(body)(raws)
            raw = found[0].raw_inputs
            return [out if was_raw else Tensor(out) for out, was_raw in zip(outs, raw, strict=True)]

        outs = perform("remat", operate, operands)
        return found[0].put(outs)

    return functools.update_wrapper(call, f, updated=())


def in_force() -> bool:
    """Whether there is something to save: in traced code, unless it only runs for the shapes."""
    return not (_engine_jax.not_tracing() or isinstance(context.current().bindings, ProbeBindings))


def _is_tensor(x: Any) -> bool:
    return isinstance(x, Tensor) and is_array(x) or hasattr(x, "aval")


def _result_size(fn: Callable, args: tuple, kwargs: dict) -> int:
    """How many numbers the result of a call has."""
    outputs = infer(lambda args, kwargs: fn(*args, **kwargs), args, kwargs)
    return sum(
        math.prod(d or 1 for d in x.shape) for x in tree.flatten(outputs) if isinstance(x, SymbolicTensor)
    )

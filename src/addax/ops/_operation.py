"""`Operation`: a computation with a name, which adds itself to graphs; the base of layers."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from addax.core import context, tree
from addax.core.errors import message
from addax.core.names import to_snake_case, unique_name
from addax.engine import Module, Node, SymbolicTensor, infer
from addax.engine.autograph import converted
from addax.ops._remat import RematScope, in_force, remat


class Operation(Module):
    """A computation on tensors that can be a node of a functional model.

    Subclass it and write `call`. Called on symbolic tensors an operation gives symbolic tensors, whose shapes and
    dtypes follow from running `call` without values; a `compute_output_spec` of the subclass is asked instead.
    `get_config` gives the arguments of the constructor, so that models with the operation can be saved.

    Args:
        name: The name, without slashes; made from the class name if None.

    Raises:
        ValueError: If the name is no text, or has a slash in it.

    Example:
        >>> import addax as keras
        >>> class Double(keras.Operation):
        ...     def call(self, x):
        ...         return x * 2
        >>> Double()(keras.Input((3,))).shape
        TensorShape([None, 3])
    """

    _skip_walk = ("_inbound_nodes",)
    _remat_mode: RematScope | None = None

    def __init__(self, name: str | None = None) -> None:
        name = unique_name(to_snake_case(type(self).__name__)) if name is None else name
        if not isinstance(name, str) or "/" in name:
            raise ValueError(
                message("An operation's name must be text.", expected="text without '/'", received=name)
            )
        self.name = name
        self._inbound_nodes: list[Node] = []
        self._remat_mode = context.current().remat

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """`call`; on symbolic tensors, `symbolic_call`."""
        if any(isinstance(x, SymbolicTensor) for x in tree.flatten((args, kwargs))):
            return self.symbolic_call(*args, **kwargs)
        fn = converted(self.call)
        if self._remat_mode is not None:
            fn = self.rematerialized_call(fn, *args, **kwargs)
        return fn(*args, **kwargs)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The computation; override it."""
        raise TypeError(
            message(f"{type(self).__name__} has no call() method.", hint="Define `def call(self, x): ...`.")
        )

    def quantized_call(self, *args: Any, **kwargs: Any) -> Any:
        """The computation of a layer that is quantized; `call` unless overridden."""
        return self.call(*args, **kwargs)

    def symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic results for symbolic arguments, and a node in the graph."""
        outputs = self.compute_output_spec(*args, **kwargs)
        Node(self, args, kwargs, outputs)
        return outputs

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic results for symbolic arguments, without a node in the graph."""

        def run(args: tuple, kwargs: dict) -> Any:
            return converted(self.call)(*args, **kwargs)

        return infer(run, args, kwargs, name=f"operation '{self.name}'")

    def rematerialized_call(self, fn: Callable, *args: Any, **kwargs: Any) -> Callable:
        """`fn`, or a form of it that is computed again for gradients if the operation was made to be so.

        Args:
            fn: The computation, such as `call`.
            *args: What it will be called on.
            **kwargs: The keyword arguments.
        """
        scope = self._remat_mode
        if scope is None or not in_force() or not scope.wants(self.name, fn, args, kwargs):
            return fn
        return remat(fn)

    def get_config(self) -> dict[str, Any]:
        """The arguments that `from_config` takes to make an equal operation."""
        config = super().get_config()
        parameters = inspect.signature(type(self)).parameters.values()
        if any(p.name == "name" or p.kind is p.VAR_KEYWORD for p in parameters):
            config["name"] = self.name
        return config

    @property
    def input(self) -> Any:
        """The symbolic tensor, or the list of them, of the first call in a graph."""
        return self._of_first_call("input", "inputs")

    @property
    def output(self) -> Any:
        """The symbolic result, or the list of them, of the first call in a graph."""
        return self._of_first_call("output", "output_tensors")

    def _of_first_call(self, what: str, attribute: str) -> Any:
        if not self._inbound_nodes:
            raise AttributeError(
                message(f"Operation '{self.name}' was never called on a symbolic tensor: it has no {what}.")
            )
        tensors = getattr(self._inbound_nodes[0], attribute)
        return tensors[0] if len(tensors) == 1 else tensors

    def __repr__(self) -> str:
        return f"<Operation name={self.name}>"

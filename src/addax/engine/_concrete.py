"""`ConcreteFunction`: a compiled function for one form of arguments."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from addax.core import tree
from addax.core.errors import message
from addax.engine._collecting import labelled
from addax.engine._infer import infer
from addax.engine._signature import is_spec
from addax.engine._spec import TensorSpec
from addax.engine._symbolic import SymbolicTensor
from addax.engine._tensor import Tensor

if TYPE_CHECKING:
    from addax.engine._function import Function
    from addax.engine._graphs import FunctionGraph

_numbers = itertools.count()


class ConcreteFunction:
    """A compiled function with its form of arguments fixed; what `Function.get_concrete_function` gives.

    Args:
        function: The function.
        bound: Its positional and keyword arguments, specs in place of the tensors.

    Attributes:
        name: A name that no other has.
    """

    def __init__(self, function: Function, bound: tuple[tuple, dict]) -> None:
        self._function = function
        self._bound = bound
        self._outputs: Any = None
        self._graph: FunctionGraph | None = None
        self.name = f"__inference_{function.__name__}_{next(_numbers)}"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it on tensors in the places of the specs: all arguments, or only those that are tensors."""
        bound_args, bound_kwargs = self._bound
        spec = self._function.function_spec
        if kwargs or len(args) == len(bound_args):
            given_args, given_kwargs = spec.bind(args, self._defaults(args, kwargs))
            given = (given_args, given_kwargs)
        else:
            given = self._fill(args)
        final_args, final_kwargs = tree.map_structure(self._check, self._bound, given)
        return self._function(*final_args, **final_kwargs)

    def _defaults(self, args: tuple, kwargs: dict) -> dict:
        """Keyword arguments with the fixed Python values for what is not given."""
        named = self._function.function_spec.named(self._bound)
        names = self._function.function_spec.names
        rest = {k: v for k, v in named.items() if k not in names[: len(args)] and not _has_spec(v)}
        return {**rest, **kwargs}

    def _fill(self, tensors: tuple) -> tuple:
        leaves = tree.flatten(self._bound)
        wanted = sum(is_spec(x) for x in leaves)
        if wanted != len(tensors):
            raise TypeError(
                message(
                    f"{self.name}() was called with a wrong number of arguments.",
                    expected=f"{wanted} tensors: {self.structured_input_signature}",
                    received=f"{len(tensors)}",
                )
            )
        given = iter(tensors)
        return tree.pack_sequence_as(self._bound, [next(given) if is_spec(x) else x for x in leaves])

    def _check(self, spec: Any, value: Any) -> Any:
        if not is_spec(spec):
            return value
        return self._function.function_spec.fit_leaf(_name(spec) or "input", spec, value)

    @property
    def structured_input_signature(self) -> tuple[tuple, dict]:
        """Specs of the positional and of the keyword arguments; Python values as they are."""
        names = self._function.function_spec.names
        args, kwargs = self._bound
        named = [
            _named(value, name) for value, name in zip(args, [*names, *[None] * len(args)], strict=False)
        ]
        return tuple(named), {name: _named(value, name) for name, value in kwargs.items()}

    @property
    def structured_outputs(self) -> Any:
        """The nest of specs of what it gives; the code is traced to know them."""
        if self._outputs is None:
            args, kwargs = tree.map_structure(_symbol, self._bound)
            run = self._function._form()
            found = infer(lambda a, k: run(*a, **k), args, kwargs, name=self._function.__name__)
            self._outputs = (tree.map_structure(_spec_of, found),)
        return self._outputs[0]

    @property
    def inputs(self) -> list:
        """The specs of the tensors among the arguments."""
        return [x for x in tree.flatten(self.structured_input_signature) if is_spec(x)]

    @property
    def outputs(self) -> list:
        """The specs of the results."""
        return [x for x in tree.flatten(self.structured_outputs) if is_spec(x)]

    @property
    def output_shapes(self) -> Any:
        """The nest of shapes of what it gives."""
        return tree.map_structure(
            lambda x: getattr(x, "shape", None) if is_spec(x) else None, self.structured_outputs
        )

    @property
    def output_dtypes(self) -> Any:
        """The nest of dtypes of what it gives."""
        return tree.map_structure(
            lambda x: getattr(x, "dtype", None) if is_spec(x) else None, self.structured_outputs
        )

    @property
    def graph(self) -> FunctionGraph:
        """What the compiled code consists of; the code is traced for it."""
        from addax.engine._graphs import FunctionGraph

        if self._graph is None:
            with labelled():
                programs = self._function.programs_of(self._bound)
            self._graph = FunctionGraph(self.name, programs, [_name(x) or "" for x in self.inputs])
        return self._graph

    @property
    def variables(self) -> list:
        """The variables that the function uses, as far as it was called."""
        return self._function.variables

    @property
    def trainable_variables(self) -> list:
        """The trainable ones among them."""
        return self._function.trainable_variables

    @property
    def python_function(self) -> Any:
        """The Python function."""
        return self._function.python_function

    def pretty_printed_signature(self, verbose: bool = True) -> str:
        """Arguments and results as text.

        Args:
            verbose: Accepted for TensorFlow's sake.
        """
        args, kwargs = self.structured_input_signature
        lines = [f"  {spec.name}: {spec}" for spec in tree.flatten((args, kwargs)) if is_spec(spec)]
        return "\n".join([f"{self._function.__name__}:", *lines, f"  returns: {self.structured_outputs}"])

    def __repr__(self) -> str:
        return f"<ConcreteFunction {self._function.__name__}{self.structured_input_signature[0]}>"


def _has_spec(value: Any) -> bool:
    return any(is_spec(x) for x in tree.flatten(value))


def _name(spec: Any) -> str | None:
    return spec.name if isinstance(spec, TensorSpec) else None


def _named(value: Any, name: str | None) -> Any:
    if is_spec(value):
        return (
            TensorSpec(value.shape, value.dtype, value.name or name)
            if isinstance(value, TensorSpec)
            else value
        )
    return tree.map_structure(lambda x: x, value)


def _symbol(leaf: Any) -> Any:
    if not is_spec(leaf):
        return leaf
    if hasattr(leaf, "_placeholder"):
        return leaf._placeholder(_symbol)
    if leaf.shape is None:
        raise ValueError(message("Shapes are inferred for tensors of known rank only.", received=str(leaf)))
    return SymbolicTensor(leaf.shape, leaf.dtype)


def _spec_of(leaf: Any) -> Any:
    if hasattr(leaf, "_type_spec"):
        return leaf._type_spec
    return TensorSpec(leaf.shape, leaf.dtype) if isinstance(leaf, (SymbolicTensor, Tensor)) else leaf

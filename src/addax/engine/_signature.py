"""The parameters of a compiled function: arguments in one form, however they were passed."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core import dtypes, tree
from addax.core.errors import message
from addax.engine import _operators
from addax.engine._relaxed import leaf_specs
from addax.engine._spec import TypeSpec
from addax.engine._symbolic import SymbolicTensor
from addax.engine._tensor import Tensor, TensorLike
from addax.engine._variable import Variable, host_array


def is_spec(value: Any) -> bool:
    """Whether a value describes a tensor, and is none."""
    if isinstance(value, TypeSpec):
        return True
    return (
        hasattr(value, "shape")
        and hasattr(value, "dtype")
        and hasattr(value, "is_compatible_with")
        and not isinstance(value, TensorLike)
    )


def _is_composite(spec: Any) -> bool:
    """Whether a spec is of something made of tensors, such as a ragged one, whose rest belongs to the form."""
    return hasattr(getattr(spec, "value_type", None), "__addax_op__")


class Signature:
    """Parameters of a function, and the specs that its arguments must fit.

    Args:
        fn: The Python function.
        specs: The `input_signature`, or None.
        name: The function's name, for errors.
        bound: Whether the first parameter is filled by the object that the method belongs to.
    """

    def __init__(self, fn: Callable, specs: Any, name: str, bound: bool) -> None:
        self.name = name
        self.signature = _signature(fn, bound)
        parameters = list(self.signature.parameters.values())
        positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        self._simple = all(p.kind in positional for p in parameters)
        self._count = len(parameters)
        self.names = [p.name for p in parameters]
        self.specs = None if specs is None else self._checked(specs)
        self.leaf_specs: list = leaf_specs(self.specs, is_spec, [])
        composite = any(map(_is_composite, self.leaf_specs))
        self.unknown_sizes = not composite and any(
            s.shape is not None and None in s.shape for s in self.leaf_specs
        )

    def _checked(self, specs: Any) -> tuple:
        if isinstance(specs, dict) or is_spec(specs) or not isinstance(specs, (list, tuple)):
            raise TypeError(
                message(
                    f"The input_signature of '{self.name}' must be a list or tuple.",
                    expected="one spec (or nest of specs) for each positional argument",
                    received=specs,
                )
            )
        for leaf in tree.flatten(specs):
            if not is_spec(leaf):
                raise TypeError(
                    message(f"The input_signature of '{self.name}' holds more than specs.", received=leaf)
                )
        if len(specs) > self._count and self._simple:
            raise TypeError(
                message(
                    f"The input_signature of '{self.name}' has more parts than the function has parameters.",
                    expected=f"{self._count}: {', '.join(self.names)}",
                    received=str(len(specs)),
                )
            )
        return tuple(specs)

    def bind(self, args: tuple, kwargs: dict, specs: bool = False) -> tuple[tuple, dict]:
        """Positional and keyword arguments in the one form that the function is traced with.

        Args:
            args: Positional arguments.
            kwargs: Keyword arguments.
            specs: Whether specs may stand for tensors.

        Raises:
            TypeError: If they do not fit the parameters or the signature.
        """
        if not (self._simple and not kwargs and len(args) == self._count):
            found = self._bind(args, kwargs)
            args, kwargs = found.args, found.kwargs
        if self.specs is None:
            return args, kwargs
        count = len(self.specs)
        fitted = [self._fit(i, args[i], self.specs[i], specs) for i in range(min(count, len(args)))]
        if count > len(args):
            raise TypeError(self._binding_error(args, f"{count} arguments"))
        return (*fitted, *args[count:]), kwargs

    def _bind(self, args: tuple, kwargs: dict) -> inspect.BoundArguments:
        try:
            found = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{self.name}(): {error}") from None
        found.apply_defaults()
        return found

    def _fit(self, position: int, value: Any, spec: Any, specs: bool) -> Any:
        try:
            tree.assert_same_paths(spec, value)
        except ValueError:
            value = _list_as_tensor(value, spec)
            if value is None:
                raise TypeError(self._binding_error(value, str(spec))) from None
        name = self.names[position] if position < len(self.names) else f"#{position}"
        return tree.map_structure(lambda s, v: self.fit_leaf(name, s, v, specs), spec, value)

    def fit_leaf(self, name: str, spec: Any, value: Any, specs: bool = False) -> Any:
        """A value as a tensor of a spec.

        Raises:
            TypeError: If its shape or dtype does not fit; the message shows both.
        """
        if specs and is_spec(value):
            return value
        if isinstance(value, SymbolicTensor):
            return value
        if _is_composite(spec):
            return self._fit_composite(name, spec, value)
        tensor = value if isinstance(value, Tensor) else _as_tensor(value, spec)
        fits = dtypes.narrow(tensor.dtype.name) == dtypes.narrow(spec.dtype.name)
        if not fits or (spec.shape is not None and not spec.shape.is_compatible_with(tensor.shape)):
            raise TypeError(
                message(
                    f"Argument '{name}' of '{self.name}' does not fit the input_signature.",
                    expected=f"shape {spec.shape}, dtype {spec.dtype.name}",
                    received=f"shape {tensor.shape}, dtype {tensor.dtype.name}",
                )
            )
        return tensor

    def _fit_composite(self, name: str, spec: Any, value: Any) -> Any:
        """A ragged tensor, a sparse one or an object of an extension type, as it is."""
        if not isinstance(value, spec.value_type) or not spec.is_compatible_with(value):
            raise TypeError(
                message(
                    f"Argument '{name}' of '{self.name}' does not fit the input_signature.",
                    expected=repr(spec),
                    received=value,
                )
            )
        return value

    def _binding_error(self, received: Any, expected: str) -> str:
        return message(
            f"The arguments of '{self.name}' do not fit its input_signature.",
            expected=expected,
            received=received,
        )

    def from_specs(self) -> tuple[tuple, dict]:
        """The arguments that are the specs themselves, with defaults for the rest."""
        assert self.specs is not None
        found = self._bind(self.specs, {})
        return found.args, found.kwargs

    def named(self, bound: tuple[tuple, dict]) -> dict[str, Any]:
        """Arguments by name, for reports."""
        args, kwargs = bound
        names = [*self.names[: len(args)], *(f"argument {i}" for i in range(len(self.names), len(args)))]
        return {**dict(zip(names, args, strict=True)), **kwargs}


def _signature(fn: Callable, bound: bool) -> inspect.Signature:
    try:
        found = inspect.signature(fn)
    except (TypeError, ValueError):  # some builtins
        either = [("args", inspect.Parameter.VAR_POSITIONAL), ("kwargs", inspect.Parameter.VAR_KEYWORD)]
        return inspect.Signature([inspect.Parameter(name, kind) for name, kind in either])
    if not bound:
        return found
    parameters = list(found.parameters.values())
    keep_first = parameters and parameters[0].kind is inspect.Parameter.VAR_POSITIONAL
    return found.replace(parameters=parameters if keep_first else parameters[1:])


def _as_tensor(value: Any, spec: Any) -> Tensor:
    if isinstance(value, Variable):
        return _operators.identity(value)
    if isinstance(value, (np.ndarray, np.generic)):
        return Tensor(host_array(np.asarray(value)))
    return Tensor(host_array(value, None if spec.dtype == "string" else dtypes.narrow(spec.dtype.name)))


def _list_as_tensor(value: Any, spec: Any) -> Any:
    """A list of numbers where one tensor is wanted."""
    return (
        Tensor(host_array(value, spec.dtype)) if is_spec(spec) and isinstance(value, (list, tuple)) else None
    )

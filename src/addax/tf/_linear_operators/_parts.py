"""Operators taken apart: for compiled code, for slices of the batch, and when an operation gets one as an argument."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from addax.core.errors import message
from addax.engine import Composite, SymbolicTensor, Tensor, Variable
from addax.tf._linear_operators import _arrays as arrays


class Taken(Composite):
    """An operator as the arguments that would make it again."""

    _parameters: Any
    _ranks: dict[str, int] = {}  # noqa: RUF012 - arguments that are arrays -> how many of their axes are not the batch

    @property
    def parameters(self) -> dict[str, Any]:
        """The arguments of the constructor by name."""
        if self._parameters is not None:
            return dict(self._parameters)
        given = self._bound_arguments  # type: ignore[attr-defined]
        names = list(inspect.signature(type(self).__init__).parameters.values())[1:]
        defaults = {p.name: p.default for p in names if p.default is not p.empty}
        return {**defaults, **given}

    def _arguments(self) -> dict[str, Any]:
        """The arguments as the operator keeps them: arrays converted, hints with what follows from others."""
        return {name: self.__dict__.get(f"_{name}", value) for name, value in self.parameters.items()}

    def _parts(self) -> tuple[tuple, Any]:
        leaves: list = []
        forms = [(name, _form(value, leaves)) for name, value in self._arguments().items()]
        return tuple(leaves), tuple(forms)

    @classmethod
    def _from_parts(cls, parts: tuple, rest: Any) -> Any:
        leaves = iter(parts)
        return cls(**{name: _filled(form, leaves) for name, form in rest})

    def __getitem__(self, slices: Any) -> Any:
        slices = slices if isinstance(slices, tuple) else (slices,)
        slices = slices if any(s is Ellipsis for s in slices) else (*slices, Ellipsis)
        batch = tuple(self.shape[:-2])  # type: ignore[attr-defined]
        if sum(s is not Ellipsis and s is not None for s in slices) > len(batch):
            raise ValueError(
                message(
                    f"An index into {type(self).__name__} is one into its batch.",
                    expected=f"at most {len(batch)} indices",
                    received=f"{slices}",
                    hint="Use to_dense() for elements of the matrices.",
                )
            )
        return self._sliced(slices, batch)

    def _sliced(self, slices: tuple, batch: tuple) -> Any:
        new = self._arguments()
        for name, value in new.items():
            rank = self._ranks.get(name)
            if isinstance(value, Taken):
                new[name] = value._sliced(slices, batch)
            elif name == "operators":
                new[name] = _sliced_list(value, slices, batch)
            elif name == "batch_shape":
                new[name] = np.empty(batch)[slices].shape
            elif rank is not None and isinstance(value, (list, tuple)):
                new[name] = [_sliced_array(part, rank, slices, batch) for part in value]
            elif rank is not None and value is not None:
                new[name] = _sliced_array(value, rank, slices, batch)
        return type(self)(**new)

    def __addax_op__(self, op: Any, args: tuple, kwargs: dict) -> Any:
        """What an operation means for an operator: `tensor @ operator` is a product."""
        if op.name == "matmul" and len(args) == 2:
            left, right = args
            return left.matmul(right) if isinstance(left, Taken) else right.__rmatmul__(left)  # type: ignore[attr-defined]
        raise TypeError(
            message(
                f"{op.name}() does not take a {type(self).__name__}.",
                expected="a tensor",
                hint="Write the matrix out with its method to_dense().",
            )
        )


class _Form(NamedTuple):
    """How an argument is put together of tensors, of which there are a number in it; hashable."""

    kind: Any
    rest: Any
    count: int = 0


def _form(value: Any, leaves: list) -> _Form:
    """The form of an argument, whose tensors are appended to `leaves`."""
    if isinstance(value, (Tensor, Variable, SymbolicTensor, np.ndarray)):
        leaves.append(value)
        return _Form("tensor", None)
    if isinstance(value, (list, tuple)):
        return _Form("list", tuple(_form(item, leaves) for item in value))
    if isinstance(value, Composite):
        parts, rest = value._parts()
        leaves.extend(parts)
        return _Form(type(value), rest, len(parts))
    return _Form("static", value)


def _filled(form: _Form, leaves: Iterator) -> Any:
    if form.kind == "tensor":
        return next(leaves)
    if form.kind == "list":
        return [_filled(item, leaves) for item in form.rest]
    if form.kind == "static":
        return form.rest
    return form.kind._from_parts(tuple(next(leaves) for _ in range(form.count)), form.rest)


def _sliced_list(operators: Any, slices: tuple, batch: tuple) -> list:
    return [
        _sliced_list(x, slices, batch) if isinstance(x, (list, tuple)) else x._sliced(slices, batch)
        for x in operators
    ]


def _sliced_array(value: Any, rank: int, slices: tuple, batch: tuple) -> Any:
    own = tuple(value.shape[len(value.shape) - rank :])
    return arrays.spread_over(value, (*batch, *own))[(*slices, *[slice(None)] * rank)]

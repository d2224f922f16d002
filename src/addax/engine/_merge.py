"""Brings what two branches give to one form, one shape and one dtype."""

# pyright: reportIndexIssue=false
# A form is a tuple or a `Held`, told apart by `type(form) is Held`, which the type checker does not follow.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine._errors import ShapeNeedsValue
from addax.engine._jax import jnp, lax
from addax.engine._pack import TENSOR, Held
from addax.engine._state import (
    ZERO,
    MaybeReturned,
    NoReturn,
    Undefined,
    form_text,
    is_array,
    is_arraylike,
    is_maybe,
    is_number,
    same_kind,
)
from addax.engine._variable import host_array


class Merge:
    """What two branches give, brought to one form, one shape and one dtype.

    Attributes:
        pairs: For each array of the merged form, where the two branches have it: a number of an output,
            a Python number, or `ZERO`.
    """

    def __init__(self, outputs: Sequence[list], names: Sequence[str]) -> None:
        self.given = outputs
        self.names = names
        self.pairs: list[tuple] = []
        self.specs: list[tuple] = []
        self._next = [0, 0]
        self._name = ""

    def forms(self, first: Any, second: Any) -> Any:
        """The merged form of two results."""
        if self.names:
            merged = []
            for name, a, b in zip(self.names, first[2], second[2], strict=True):
                self._name = name
                merged.append(self._form(a, b))
            return (tuple, None, tuple(merged))
        return self._form(first, second)

    def outputs(self, which: int, out: Sequence) -> list:
        """The arrays of the merged form, from the outputs of one branch."""
        result = []
        for pair, (shape, dtype) in zip(self.pairs, self.specs, strict=True):
            source = pair[which]
            if source is ZERO:
                result.append(jnp.zeros(shape, dtype))
            elif type(source) is Held:
                result.append(jnp.asarray(source.value, dtype))
            else:
                result.append(lax.convert_element_type(out[source], dtype))
        return result

    def _form(self, a: Any, b: Any) -> Any:
        if is_array(a) or is_array(b):
            if is_arraylike(a) and is_arraylike(b):
                return self._pair(self._source(0, a), self._source(1, b))
            return self._odd(a, b)
        if type(a) is Held and type(b) is Held:
            if a == b:
                return a
            if is_arraylike(a) and is_arraylike(b):
                return self._pair(a, b)
        elif type(a) is tuple and type(b) is tuple and same_kind(a, b):
            return self._children(a, b)
        return self._odd(a, b)

    def _children(self, a: tuple, b: tuple) -> tuple:
        if type(a[1]) is Held:
            return (a[0], a[1], self._form(a[2], b[2]))
        others = b[2]
        if a[1] is not None and a[1] != b[1]:
            raise self._differ(a, b, "a dict with its keys in the same order in both")
        return (a[0], a[1], tuple(self._form(x, y) for x, y in zip(a[2], others, strict=True)))

    def _odd(self, a: Any, b: Any) -> Any:
        """Two forms that are not alike: one side may lack a value."""
        for which, (form, other) in enumerate(((a, b), (b, a))):
            if type(form) is Held and type(form.value) is Undefined:
                return self._undefined(form.value, other, which)
            if type(form) is Held and type(form.value) is NoReturn:
                if is_maybe(other):
                    return (MaybeReturned, other[1], self._zeros(other[2], which))
                return (MaybeReturned, Held(None), (tuple, None, (self._zeros(other, which),)))
            if is_maybe(form) and not is_maybe(other):
                inner = form[2][2][0]
                return self._form(inner, other) if which == 0 else self._form(other, inner)
        if type(a) is tuple and type(b) is tuple and a[0] is b[0] and type(a[1]) is type(b[1]) is Held:
            raise ShapeNeedsValue(
                f"The two branches of a conditional leave {self._what()} in different forms."
            )
        raise self._differ(a, b)

    def _undefined(self, value: Undefined, other: Any, which: int) -> Any:
        name = self._name or value.name
        branch = ("if", "else")[which]
        reason = f"gets a value in one branch of a conditional on a tensor only; set it in the '{branch}' branch too"
        if not name.isidentifier():  # an attribute or item, which must not be left undefined
            raise ValueError(f"'{name}' {reason}.")
        self._zeros(other, which, record=False)
        return Held(Undefined(name, reason))

    def _zeros(self, form: Any, which: int, record: bool = True) -> Any:
        """The form of what only the other side has; this side gives zeros."""
        if is_array(form) or (type(form) is Held and is_number(form.value)):
            source = self._source(1 - which, form)
            if not record:
                return form
            return self._pair(*((ZERO, source) if which == 0 else (source, ZERO)))
        if type(form) is Held:
            return form
        if type(form[1]) is Held:
            return (form[0], form[1], self._zeros(form[2], which, record))
        return (form[0], form[1], tuple(self._zeros(child, which, record) for child in form[2]))

    def _source(self, which: int, form: Any) -> Any:
        if type(form) is Held:
            return form
        place = self._next[which]
        self._next[which] += 1
        return place

    def _pair(self, a: Any, b: Any) -> Any:
        specs = [self._spec(which, source) for which, source in enumerate((a, b)) if source is not ZERO]
        strong = [
            s
            for s, source in zip(specs, (x for x in (a, b) if x is not ZERO), strict=True)
            if type(source) is not Held
        ]
        if len({shape for shape, _ in specs}) > 1:
            raise ShapeNeedsValue(
                message(
                    f"The two branches of a conditional give {self._what()} of different shapes.",
                    received=" and ".join(str(shape) for shape, _ in specs),
                )
            )
        dtypes = {dtype for _, dtype in (strong or specs)}
        if len(dtypes) > 1 and strong:
            raise TypeError(
                message(
                    f"The two branches of a conditional give {self._what()} of different dtypes.",
                    received=" and ".join(np.dtype(dtype).name for _, dtype in specs),
                    hint="Cast them to one dtype with tf.cast.",
                )
            )
        dtype = next(iter(dtypes)) if len(dtypes) == 1 else jnp.result_type(*dtypes)
        self.pairs.append((a, b))
        self.specs.append((specs[0][0], dtype))
        return TENSOR

    def _spec(self, which: int, source: Any) -> tuple:
        if type(source) is Held:
            return ((), host_array(source.value).dtype)
        aval = self.given[which][source]
        return (tuple(aval.shape), aval.dtype)

    def _what(self) -> str:
        return f"'{self._name}'" if self._name else "results"

    def _differ(self, a: Any, b: Any, expected: str = "the same kind of value in both") -> TypeError:
        if self._name.startswith("retval_"):
            return TypeError(
                message(
                    "A function that returns in one branch of a conditional on a tensor must return in the other too.",
                    expected="a value of the same form on every path",
                    received=f"{form_text(a)} and {form_text(b)}",
                )
            )
        return TypeError(
            message(
                f"The two branches of a conditional on a tensor give {self._what()} of different kinds.",
                expected=expected,
                received=f"{form_text(a)} and {form_text(b)}",
            )
        )

"""Assertions on traced values: evaluated with the compiled code, raised when it has run."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core import context
from addax.engine._jax import jnp
from addax.engine._staging import staged
from addax.engine._variable import Variable


class Check(Variable):
    """The outcome of one assertion. It is a variable, so that it comes out of branches and loops by itself."""

    def __init__(self, kind: type[Exception], text: str) -> None:
        super().__init__(np.asarray(False), trainable=False, name="check")
        self.kind, self.text = kind, text

    def settle(self, raw: Any) -> None:
        """Raise the error if the assertion failed; inside another trace, hand the outcome on.

        Raises:
            Exception: Of the kind that was asked for.
        """
        if staged(raw):
            self._write(raw)
        elif bool(raw):
            raise self.kind(self.text)


def check(condition: Any, kind: type[Exception], text: str) -> None:
    """Assert a traced scalar: the compiled code raises `kind(text)` where it is false.

    Where no compiled code of ours is being traced (shape inference, export, a user's own `jax.jit`) nothing is checked.
    """
    bindings = context.current().bindings
    if bindings is not None and bindings.root().asserts:
        outcome = Check(kind, text)
        outcome._write(jnp.logical_or(outcome._raw(), jnp.logical_not(condition)))

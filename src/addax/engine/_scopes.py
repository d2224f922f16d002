"""`StatelessScope` and `SymbolicScope`: the overlay of variables as a `with` block."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from addax.core import context
from addax.core.errors import message
from addax.engine._bind import Bindings
from addax.engine._jax import jnp
from addax.engine._variable import Variable, _as_array


class _Scope:
    """A `with` block in which variables are read and written through `_bindings`."""

    def __init__(self) -> None:
        self._bindings = Bindings({})
        self._tokens: list = []

    def __enter__(self) -> Any:
        self._bindings.parent = context.current().bindings
        self._tokens.append(context.push(bindings=self._bindings))
        return self

    def __exit__(self, *exception: Any) -> None:
        context.pop(self._tokens.pop())


class StatelessScope(_Scope):
    """A block in which variables have the values you give them, and assignments change no variable.

    What was assigned inside is found by `get_current_value`. The code inside may be traced by `jax.jit` or
    `jax.grad`: the values may be tracers.

    Args:
        state_mapping: Pairs `(variable, value)`; other variables are read as they are.
        collect_losses: Whether losses that layers add inside are put into `losses`.
        initialize_variables: Accepted for Keras's sake: a variable has its value as soon as it is made.

    Raises:
        ValueError: If a key is no variable, or a value has another shape than its variable.

    Example:
        >>> import addax as keras
        >>> v = keras.Variable(1.0)
        >>> with keras.StatelessScope([(v, 5.0)]) as scope:
        ...     _ = v.assign_add(1.0)
        >>> float(scope.get_current_value(v)), float(v)
        (6.0, 1.0)
    """

    def __init__(
        self,
        state_mapping: Iterable[tuple[Variable, Any]] | None = None,
        collect_losses: bool = False,
        initialize_variables: bool = True,
    ) -> None:
        super().__init__()
        self.collect_losses = collect_losses
        self.initialize_variables = initialize_variables
        self.losses: list = []
        if collect_losses:
            self._bindings.losses = self.losses
        for variable, value in state_mapping or ():
            self._bindings.values[variable] = _fitting(variable, value)

    @property
    def state_mapping(self) -> dict[int, Any]:
        """`id(variable)` -> the value it has in the scope, for those that were given one."""
        return {id(variable): value for variable, value in self._bindings.values.items()}

    def add_loss(self, loss: Any) -> None:
        """Put a loss into `losses`."""
        self.losses.append(loss)

    def add_update(self, update: tuple[Variable, Any]) -> None:
        """Give a variable another value in the scope.

        Args:
            update: The pair `(variable, value)`.
        """
        variable, value = update
        self._bindings.write(variable, _fitting(variable, value))

    def get_current_value(self, variable: Variable) -> Any:
        """The value of a variable in the scope, a raw array; None if it was neither given nor assigned one."""
        found = self._bindings.values.get(variable)
        return None if found is None else jnp.asarray(found)


def _fitting(variable: Any, value: Any) -> Any:
    """A raw array in a variable's shape and dtype."""
    if not isinstance(variable, Variable):
        raise ValueError(
            message(
                "The keys of a StatelessScope must be variables.",
                expected="pairs (variable, value)",
                received=variable,
            )
        )
    raw = _as_array(value, variable._dtype)
    if tuple(raw.shape) != tuple(variable._shape):
        raise ValueError(
            message(
                f"The value for variable '{variable.path}' has another shape.",
                expected=f"shape {tuple(variable._shape)}",
                received=f"shape {tuple(raw.shape)}",
            )
        )
    return raw


class SymbolicScope(_Scope):
    """A block that runs for the sake of shapes: what is assigned to variables inside is forgotten at its end.

    Example:
        >>> import addax as keras
        >>> v = keras.Variable(1.0)
        >>> with keras.SymbolicScope():
        ...     _ = v.assign(2.0)
        >>> float(v)
        1.0
    """

    def __enter__(self) -> SymbolicScope:
        self._bindings = Bindings({})
        return super().__enter__()

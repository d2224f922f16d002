"""`tf.train.ExponentialMovingAverage`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from addax.core.errors import message
from addax.engine import Variable


class ExponentialMovingAverage:
    """Averages of variables in which what is long ago counts less and less.

    Each call of `apply` moves an average towards its variable by `(1 - decay) * (variable - average)`.

    Args:
        decay: The share of an average that stays, such as 0.999.
        num_updates: A number of updates that keeps the decay small at first: `(1 + n) / (10 + n)` at most; or None.
        zero_debias: Accepted for TensorFlow's sake: averages begin at the value of their variable, not at zero.
        name: The end of the averages' names.

    Example:
        >>> import addax.tf as tf
        >>> v = tf.Variable(1.0)
        >>> averages = tf.train.ExponentialMovingAverage(0.5)
        >>> averages.apply([v])
        >>> _ = v.assign(3.0)
        >>> averages.apply([v])
        >>> float(averages.average(v))
        2.0
    """

    def __init__(
        self,
        decay: float,
        num_updates: Any = None,
        zero_debias: bool = False,
        name: str = "ExponentialMovingAverage",
    ) -> None:
        self._decay, self._updates, self._name = decay, num_updates, name
        self._averages: dict[int, tuple[Variable, Variable]] = {}

    @property
    def name(self) -> str:
        """The end of the averages' names."""
        return self._name

    def apply(self, var_list: Sequence[Variable]) -> None:
        """Move the averages of variables; a variable that has none gets one with its value.

        Args:
            var_list: The variables, of floating-point dtypes.

        Raises:
            TypeError: If one is no such variable.
        """
        decay: Any = self._decay
        if self._updates is not None:
            count = float(self._updates)
            decay = min(decay, (1.0 + count) / (10.0 + count))
        for variable in var_list:
            if not isinstance(variable, Variable) or not variable.dtype.is_floating:
                raise TypeError(
                    message(
                        "Averages are of variables.",
                        expected="tf.Variable of floating-point dtype",
                        received=variable,
                    )
                )
            average = self._of(variable)
            average.assign_sub((1.0 - decay) * (average - variable))

    def _of(self, variable: Variable) -> Variable:
        found = self._averages.get(id(variable))
        if found is None:
            average = Variable(variable.value, trainable=False, name=self.average_name(variable))
            found = self._averages[id(variable)] = (variable, average)
        return found[1]

    def average(self, var: Variable) -> Variable | None:
        """The average of a variable, itself a variable; None if there is none."""
        found = self._averages.get(id(var))
        return None if found is None else found[1]

    def average_name(self, var: Variable) -> str:
        """The name of the average of a variable."""
        return f"{var.name.partition(':')[0]}/{self._name}"

    def variables_to_restore(
        self, moving_avg_variables: Sequence[Variable] | None = None
    ) -> dict[str, Variable]:
        """The names under which values are to be looked up, and the variables they are for.

        Args:
            moving_avg_variables: Variables that are restored from averages; those that have one if None.
        """
        chosen = (
            [v for v, _ in self._averages.values()] if moving_avg_variables is None else moving_avg_variables
        )
        return {self.average_name(v): v for v in chosen}

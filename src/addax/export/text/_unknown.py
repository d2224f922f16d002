"""Texts of a function that is being exported: values of a graph of TensorFlow's operations, and rows of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addax.core import dtypes
from addax.core.errors import message
from addax.engine import TensorShape
from addax.export.text._graph import STRING, Value
from addax.export.text._rules import TextExportError

_HINT = "Do it before the model is called, or after, on what it gives."


class NoSuchFunction(TextExportError):
    """A function over texts has no operations of TensorFlow here."""


def refused(problem: str, received: Any, hint: str = _HINT) -> TextExportError:
    """The error for what cannot be exported."""
    return TextExportError(message(problem, received=received, hint=hint))


class _Unknown:
    """What a value that is known only at the call cannot do."""

    __hash__ = object.__hash__

    def __addax_op__(self, op: Any, args: tuple, kwargs: dict) -> Any:
        return self._session.operation(op, args, kwargs)  # type: ignore[attr-defined]

    def __addax_unknown__(self) -> None:
        """That there is no array behind it."""

    def _refuse(self, *args: Any, **kwargs: Any) -> Any:
        raise refused(
            "A text is known only when the exported function is called.",
            "code that needs its value, such as numpy(), bool(), len() or a loop over it",
            "Use tf.strings, tf.lookup, and layers over texts.",
        )

    numpy = __array__ = __bool__ = __len__ = __iter__ = __float__ = __int__ = __index__ = _refuse


def _binary(name: str, swapped: bool = False) -> Callable:
    def apply(self: Any, other: Any) -> Any:
        from addax.engine import _operators

        return getattr(_operators, name)(*((other, self) if swapped else (self, other)))

    return apply


class UnknownText(_Unknown):
    """A tensor of texts; or of numbers that are made of what the numerical program gives.

    Args:
        session: Writes the graph.
        value: The value in it.
        late: Whether it is made of what the program gives.
    """

    __array_priority__ = 300

    def __init__(self, session: Any, value: Value, late: bool) -> None:
        self._session, self.value, self.late = session, value, late

    @property
    def dtype(self) -> Any:
        """The dtype."""
        return dtypes.standardize(self.value.dtype)

    @property
    def shape(self) -> TensorShape:
        """The shape, None for sizes that are not known."""
        return TensorShape(self.value.shape)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.value.shape)

    def get_shape(self) -> TensorShape:
        """The shape."""
        return self.shape

    __add__, __radd__ = _binary("add"), _binary("add", swapped=True)
    __eq__, __ne__ = _binary("equal"), _binary("not_equal")  # type: ignore[assignment]
    __hash__ = object.__hash__

    def __getitem__(self, key: Any) -> Any:
        from addax.engine._operators import getitem

        return getitem(self, key)

    def __repr__(self) -> str:
        return f"<text of shape {tuple(self.value.shape)}, dtype {self.value.dtype}>"


class UnknownRows(_Unknown):
    """Rows of texts or numbers, of lengths that are not known.

    Args:
        session: Writes the graph.
        values: The values of all rows, one after the other: a vector.
        splits: Where rows begin, and where the last one ends.
        batch: The shape of what was split.
        late: Whether it is made of what the program gives.
    """

    def __init__(self, session: Any, values: Value, splits: Value, batch: tuple, late: bool) -> None:
        self._session, self._values, self._splits, self._batch = session, values, splits, batch
        self.late = late

    @property
    def dtype(self) -> Any:
        """The dtype of the values."""
        return dtypes.standardize(self._values.dtype)

    @property
    def shape(self) -> TensorShape:
        """The shape: lengths of rows are not known."""
        return TensorShape((*self._batch, None))

    def with_flat(self, values: Value) -> UnknownRows:
        """The same rows of other values."""
        return UnknownRows(self._session, values, self._splits, self._batch, self.late)

    @property
    def flat_values(self) -> Any:
        """The values of all rows, one after the other."""
        if self._values.dtype == STRING:
            return UnknownText(self._session, self._values, self.late)
        return self._session.given(self._values, self.late)

    values = flat_values

    def row_lengths(self, axis: int = 1, name: str | None = None) -> Any:
        """The lengths of the rows."""
        return self._session.row_lengths(self)

    def to_tensor(self, default_value: Any = None, name: str | None = None, shape: Any = None) -> Any:
        """A dense tensor, rows filled up.

        Args:
            default_value: What fills them up; 0 or the empty string if None.
            name: Accepted for TensorFlow's sake.
            shape: The shape wanted, None where the longest row decides; what is longer is cut.
        """
        return self._session.dense(self, default_value, shape)

    def __repr__(self) -> str:
        return f"<rows of {self._values.dtype}, {tuple(self.shape)}>"

"""`tf.Variable`: a variable with TensorFlow's constructor, name and text form."""

from __future__ import annotations

import contextlib
import enum
import functools
import inspect
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import numpy as np

from addax import ops
from addax.core import context, dtypes
from addax.core.errors import message
from addax.engine import Tensor, TensorShape
from addax.engine import Variable as EngineVariable
from addax.engine import _operators as operators
from addax.engine._tensor import _numpy_text, is_concrete


class VariableSynchronization(enum.StrEnum):
    """When the replicas of a variable are brought together: at each assignment, or (`ON_READ`) when it is read."""

    AUTO = "auto"
    NONE = "none"
    ON_WRITE = "on_write"
    ON_READ = "on_read"


class VariableAggregation(enum.StrEnum):
    """How the replicas of a variable are brought together."""

    NONE = "none"
    SUM = "sum"
    MEAN = "mean"
    ONLY_FIRST_REPLICA = "only_first_replica"


_creators: ContextVar[tuple[Callable, ...]] = ContextVar("variable_creators", default=())


@contextlib.contextmanager
def variable_creator_scope(variable_creator: Callable) -> Iterator[None]:
    """Let a function make the variables that `tf.Variable(...)` makes inside of the block.

    The weights of layers are not made by `tf.Variable`, and not by the function.

    Args:
        variable_creator: Called as `variable_creator(next_creator, **arguments)` with all arguments of `tf.Variable`;
            gives the variable, which `next_creator(**arguments)` makes. Of nested blocks the innermost is asked first.

    Raises:
        TypeError: If it is no function.

    Example:
        >>> import addax.tf as tf
        >>> def frozen(next_creator, **arguments):
        ...     return next_creator(**{**arguments, "trainable": False})
        >>> with tf.variable_creator_scope(frozen):
        ...     tf.Variable(1.0).trainable
        False
    """
    if not callable(variable_creator):
        raise TypeError(message("`variable_creator` is no function.", received=variable_creator))
    token = _creators.set((*_creators.get(), variable_creator))
    try:
        yield
    finally:
        _creators.reset(token)


class _AnyVariable(type):
    """Makes every variable, a layer's weight too, an instance of `tf.Variable`."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        creators = _creators.get()
        if not creators or cls is not Variable:
            return super().__call__(*args, **kwargs)
        given = inspect.signature(cls.__init__).bind(None, *args, **kwargs)
        given.apply_defaults()
        make: Callable = super().__call__
        for creator in creators:
            make = functools.partial(creator, make)
        return make(**{key: value for key, value in given.arguments.items() if key != "self"})

    def __instancecheck__(cls, instance: Any) -> bool:
        if cls is Variable:
            return isinstance(instance, EngineVariable)
        return type.__instancecheck__(cls, instance)


class VariableValue(Tensor):
    """What `variable.value` gives: a tensor, that `variable.value()` gives too."""

    __slots__ = ()

    def __call__(self) -> VariableValue:
        return self


class Variable(EngineVariable, metaclass=_AnyVariable):
    """A tensor that can be assigned to.

    Args:
        initial_value: The first value, or a function without arguments that gives it.
        trainable: Whether gradient tapes watch it; True if None.
        validate_shape: Accepted for TensorFlow's sake.
        caching_device: Accepted for TensorFlow's sake.
        name: A name; `"Variable"` if None.
        variable_def: Accepted for TensorFlow's sake.
        dtype: The dtype; that of the value if None.
        import_scope: Accepted for TensorFlow's sake.
        constraint: A function that optimizers apply to the value after each update.
        synchronization: When replicas of `tf.distribute` bring their copies together.
        aggregation: How they do; one of them must be given if they assign to it.
        shape: The shape that the value must have.
        experimental_enable_variable_lifting: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If there is no initial value, or it has another shape.

    Example:
        >>> import addax.tf as tf
        >>> v = tf.Variable([1.0, 2.0], name="v")
        >>> v.assign_add([1.0, 1.0])
        <tf.Variable 'v:0' shape=(2,) dtype=float32, numpy=array([2., 3.], dtype=float32)>
    """

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        import_scope: Any = None,
        constraint: Any = None,
        synchronization: Any = "auto",
        aggregation: Any = "none",
        shape: Any = None,
        experimental_enable_variable_lifting: bool = True,
    ) -> None:
        if initial_value is None:
            raise ValueError("initial_value must be specified.")
        if callable(initial_value) and not hasattr(initial_value, "dtype"):
            initial_value = initial_value()
        if dtype is None:
            initial_value = ops.convert_to_tensor(initial_value)
        label = name or "Variable"
        super().__init__(
            initial_value,
            shape=None if shape is None else tuple(shape),
            dtype=dtype,
            trainable=True if trainable is None else trainable,
            synchronization=synchronization,
            aggregation=aggregation,
            constraint=constraint,
            name=label,
        )
        self.path = "/".join((*context.current().path, label))

    @property
    def name(self) -> str:
        """The name, name scopes in front, with the `:0` that TensorFlow gives it."""
        return f"{self.path}:0"

    @name.setter
    def name(self, value: str) -> None:
        self.path = value.removesuffix(":0")

    @property
    def value(self) -> Any:
        """The current value as a tensor; `value()` gives it too."""
        tensor = self.read_value()
        found = VariableValue(tensor._value)
        for tape in context.current().tapes:
            tape._alias(tensor, found)
        return found

    @property
    def shape(self) -> TensorShape:
        """The shape."""
        return self._shape

    @property
    def op(self) -> Variable:
        """The variable itself (there are no graphs)."""
        return self

    def is_initialized(self, name: str | None = None) -> bool:
        """Always true."""
        return True

    def initialized_value(self) -> Any:
        """The current value."""
        return self.read_value()

    def eval(self, session: Any = None) -> Any:
        """The current value as a NumPy array.

        Args:
            session: Accepted for TensorFlow's sake; there are no sessions.
        """
        return self.numpy()

    def count_up_to(self, limit: int) -> Any:
        """Add one; gives the value before.

        Raises:
            IndexError: If the limit is reached.
        """
        before = Tensor(np.asarray(self.numpy()))
        if int(before) >= limit:
            raise IndexError(f"Reached limit of {limit}")
        self.assign_add(1)
        return before

    # Parts -----------------------------------------------------------------------------------------------
    def sparse_read(self, indices: Any, name: str | None = None) -> Any:
        """The rows at some indices."""
        return ops.take(self, indices, axis=0)

    def gather_nd(self, indices: Any, name: str | None = None) -> Any:
        """The slices at some indices."""
        from addax.tf._gather import gather_nd

        return gather_nd(self, indices)

    def scatter_nd_update(self, indices: Any, updates: Any, name: str | None = None) -> Variable:
        """Replace the slices at some indices.

        Args:
            indices: Integers of shape `(..., k)`: positions along the first k axes of the variable.
            updates: What takes their place, of shape `indices.shape[:-1]` and behind it the other axes of the variable;
                cast to its dtype.
            name: Accepted for TensorFlow's sake.

        Returns:
            The variable.
        """
        return self._scattered(indices, updates, "set")

    def scatter_nd_add(self, indices: Any, updates: Any, name: str | None = None) -> Variable:
        """Add to the slices at some indices; an index that occurs twice counts twice.

        Args:
            indices: Integers of shape `(..., k)`: positions along the first k axes of the variable.
            updates: What is added, of shape `indices.shape[:-1]` and behind it the other axes of the variable;
                cast to its dtype.
            name: Accepted for TensorFlow's sake.

        Returns:
            The variable.
        """
        return self._scattered(indices, updates, "add")

    def scatter_nd_sub(self, indices: Any, updates: Any, name: str | None = None) -> Variable:
        """Subtract from the slices at some indices; an index that occurs twice counts twice.

        Args:
            indices: Integers of shape `(..., k)`: positions along the first k axes of the variable.
            updates: What is subtracted, of shape `indices.shape[:-1]` and behind it the other axes of the variable;
                cast to its dtype.
            name: Accepted for TensorFlow's sake.

        Returns:
            The variable.
        """
        return self._scattered(indices, operators.negative(updates), "add")

    def scatter_update(
        self, sparse_delta: Any, use_locking: bool = False, name: str | None = None
    ) -> Variable:
        """Replace the rows of `tf.IndexedSlices`.

        Args:
            sparse_delta: `tf.IndexedSlices`: rows, and the numbers of the rows they belong to.
            use_locking: Accepted for TensorFlow's sake.
            name: Accepted for TensorFlow's sake.

        Returns:
            The variable.

        Example:
            >>> import addax.tf as tf
            >>> v = tf.Variable([1.0, 2.0, 3.0])
            >>> v.scatter_update(tf.IndexedSlices([9.0], [1])).numpy()
            array([1., 9., 3.], dtype=float32)
        """
        return self._scattered(_column(sparse_delta.indices), sparse_delta.values, "set")

    def scatter_add(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Variable:
        """Add the rows of `tf.IndexedSlices`; a row that occurs twice counts twice.

        Args:
            sparse_delta: `tf.IndexedSlices`: rows, and the numbers of the rows they belong to.
            use_locking: Accepted for TensorFlow's sake.
            name: Accepted for TensorFlow's sake.

        Returns:
            The variable.
        """
        return self._scattered(_column(sparse_delta.indices), sparse_delta.values, "add")

    def scatter_sub(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Variable:
        """Subtract the rows of `tf.IndexedSlices`; a row that occurs twice counts twice.

        Args:
            sparse_delta: `tf.IndexedSlices`: rows, and the numbers of the rows they belong to.
            use_locking: Accepted for TensorFlow's sake.
            name: Accepted for TensorFlow's sake.

        Returns:
            The variable.
        """
        return self._scattered(_column(sparse_delta.indices), operators.negative(sparse_delta.values), "add")

    def scatter_max(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Variable:
        """Raise rows to at least those of `tf.IndexedSlices`.

        Args:
            sparse_delta: `tf.IndexedSlices`: rows, and the numbers of the rows they belong to.
            use_locking: Accepted for TensorFlow's sake.
            name: Accepted for TensorFlow's sake.

        Returns:
            The variable.
        """
        return self._scattered(_column(sparse_delta.indices), sparse_delta.values, "max")

    def scatter_min(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Variable:
        """Lower rows to at most those of `tf.IndexedSlices`.

        Args:
            sparse_delta: `tf.IndexedSlices`: rows, and the numbers of the rows they belong to.
            use_locking: Accepted for TensorFlow's sake.
            name: Accepted for TensorFlow's sake.

        Returns:
            The variable.
        """
        return self._scattered(_column(sparse_delta.indices), sparse_delta.values, "min")

    def _scattered(self, indices: Any, updates: Any, how: str) -> Variable:
        from addax.tf._gather import _scatter

        with context.entered(tapes=()):
            return self.assign(_scatter(Tensor(self._raw()), indices, updates, how=how))

    def __repr__(self) -> str:
        head = f"<tf.Variable '{self.name}' shape={self._shape} dtype={self._dtype.name}"
        raw = self._raw()
        return f"{head}, numpy={_numpy_text(raw)}>" if is_concrete(raw) else f"{head}>"

    __str__ = __repr__


def _column(indices: Any) -> Any:
    return ops.expand_dims(ops.convert_to_tensor(indices), -1)


class IndexedSlices:
    """Rows of a tensor that is zero elsewhere.

    Args:
        values: The rows.
        indices: Where they belong, integers of rank 1.
        dense_shape: The shape of the whole tensor, or None.
    """

    def __init__(self, values: Any, indices: Any, dense_shape: Any = None) -> None:
        self.values = ops.convert_to_tensor(values)
        self.indices = ops.convert_to_tensor(indices)
        self.dense_shape = dense_shape

    @property
    def dtype(self) -> dtypes.DType:
        """The dtype of the rows."""
        return self.values.dtype

    @property
    def shape(self) -> TensorShape:
        """The shape of the whole tensor.

        Raises:
            ValueError: If it is not known.
        """
        if self.dense_shape is None:
            raise ValueError(
                message("The shape of these IndexedSlices is not known.", hint="Give dense_shape.")
            )
        return TensorShape(np.asarray(self.dense_shape).tolist())

    def __addax_tensor__(self) -> Any:
        from addax.tf._gather import scatter_nd

        return scatter_nd(_column(self.indices), self.values, self.shape)

    def __repr__(self) -> str:
        return f"IndexedSlices(indices={self.indices!r}, values={self.values!r}, dense_shape={self.dense_shape!r})"

"""`Variable`: a value that changes, the only mutable thing that compiled code may touch."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core import context, dtypes, serial
from addax.core.errors import message
from addax.core.names import unique_name
from addax.engine import _behind, _jax, _placement
from addax.engine._errors import VariableNeedsValue
from addax.engine._shape import TensorShape, static_shape
from addax.engine._tensor import Tensor, TensorLike, is_concrete


class Variable(TensorLike):
    """A tensor that can be assigned to: a weight, an optimizer slot, a metric's sum, a seed.

    Args:
        initializer: The initial value, or a callable `(shape, dtype=...)` that makes it.
        shape: The shape, needed with a callable initializer.
        dtype: The dtype; the value's own, or the float dtype of the settings for floats, if None.
        trainable: Whether gradient tapes watch it and optimizers update it.
        autocast: Whether a mixed-precision layer reads it in its compute dtype.
        aggregation: How replicas of `tf.distribute` combine it (`"none"`, `"mean"`, `"sum"`, `"only_first_replica"`).
        synchronization: When replicas combine it; `"on_read"` for what each gathers for itself.
        name: Its name; the path adds the names of the layers it is created in.
        **kwargs: `layout`, a `TensorLayout` or a JAX sharding that says how it lies on several devices; `constraint`
            and `regularizer`.

    Raises:
        ValueError: If a callable initializer comes without a shape, or the value does not have `shape`.

    Example:
        >>> import addax as keras
        >>> v = keras.Variable([[1.0, 2.0]])
        >>> v.assign_add([[1.0, 1.0]]).numpy()
        array([[2., 3.]], dtype=float32)
    """

    def __init__(
        self,
        initializer: Any,
        shape: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: str = "none",
        synchronization: str = "auto",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.name = name or unique_name("variable")
        self.path = "/".join((*context.current().path, self.name))
        self.trainable = bool(trainable)
        self.autocast = bool(autocast)
        self.aggregation = aggregation
        self.synchronization = synchronization
        self.constraint = kwargs.pop("constraint", None)
        self.regularizer = kwargs.pop("regularizer", None)
        self.overwrite_with_gradient = False
        self._escaped = False
        self._layout = kwargs.pop("layout", None)
        self._placement: Any = None
        if kwargs:
            raise TypeError(f"Variable() got unexpected keyword arguments {sorted(kwargs)}.")
        self._initializer: Callable | None = initializer if callable(initializer) else None
        value = self._initial(initializer, shape, dtype)
        self._value = value
        self._shape = static_shape(value.shape)
        self._dtype = dtypes.standardize("string" if value.dtype.kind in "OSU" else value.dtype.name)
        placement = _placement.in_force()
        if self._layout is not None or placement is not None:
            self._lay_out(placement)
        bindings = context.current().bindings
        if bindings is not None:
            bindings.root().created.append(self)

    def _lay_out(self, placement: Any) -> None:
        """Take the layout that a placement has for this variable, unless it was given one."""
        if self._dtype == "string":
            return
        if self._layout is None:
            self._layout = placement.get_variable_layout(self)
        if self._layout is not None:
            _placement.check_layout(self.path, self._shape, self._layout)
            self._placement = placement

    def _initial(self, initializer: Any, shape: Any, dtype: Any) -> Any:
        if callable(initializer) and not isinstance(initializer, TensorLike):
            if shape is None:
                raise ValueError(
                    message(
                        f"Variable '{self.name}' has an initializer to call but no shape.",
                        hint="Pass shape=(...), or a value in place of the callable.",
                    )
                )
            shape = tuple(TensorShape(shape))
            if None in shape:
                raise ValueError(message(f"Variable '{self.name}' needs a known shape.", received=shape))
            serial.make_room(shape, dtypes.standardize(dtype))
            initializer = initializer(shape, dtype=dtypes.standardize(dtype).name)
        value = _as_array(initializer, dtype)
        if self._initializer is None and value is initializer and isinstance(value, np.ndarray):
            value = value.copy()  # the caller may go on writing into the array
        if shape is not None and not TensorShape(shape).is_compatible_with(value.shape):
            raise ValueError(
                message(
                    f"The initial value of variable '{self.name}' has another shape.",
                    expected=f"shape {tuple(shape)}",
                    received=f"shape {tuple(value.shape)}",
                )
            )
        if not is_concrete(value):
            raise VariableNeedsValue(
                message(
                    f"Variable '{self.name}' is created inside a compiled function from a value computed there.",
                    hint="Create variables outside (in __init__ or build), or from an initializer.",
                )
            )
        self._escaped = _is_held(initializer, value)
        return value

    # Reading ---------------------------------------------------------------------------------------------
    def _raw(self) -> Any:
        """The raw array that the running code sees, without autocast."""
        bindings = context.current().bindings
        if bindings is not None:
            return bindings.read(self)
        value = self._device_value()
        self._escaped = True  # somebody outside may keep it: a training step must not overwrite it in place
        return value

    def _peek(self) -> Any:
        """Like `_raw`, for compiled steps, which know how to own the value."""
        bindings = context.current().bindings
        return self._device_value() if bindings is None else bindings.read(self)

    def _device_value(self) -> Any:
        if _behind.running is not None:
            _behind.settle()
        value = self._value
        if isinstance(value, np.ndarray) and value.dtype.kind not in "OSU" and _jax.not_tracing():
            value = self._value = _jax.on_device(value.copy(), _placement.sharding_of(self._layout))
        return value

    def _read(self) -> Any:
        """The raw array as ops take it: cast to the compute dtype of a mixed-precision layer."""
        value = self._raw()
        target = context.current().autocast
        if (
            target is not None
            and self.autocast
            and target != value.dtype.name
            and dtypes.is_float(self._dtype)
        ):
            return value.astype(dtypes.numpy_dtype(target))
        return value

    @property
    def value(self) -> Any:
        """The current value as a tensor."""
        return self.read_value()

    def read_value(self) -> Any:
        """The current value as a tensor; a tape that is open records the reading."""
        from addax.engine import _operators

        return _operators.identity(self)

    def numpy(self) -> Any:
        """A copy of the current value as a NumPy array."""
        array = self.__array__()
        return array if array.ndim else array[()]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = Tensor(self._raw()).__array__(dtype)
        return np.array(array) if array.dtype.kind != "O" else array

    def __jax_array__(self) -> Any:
        return self._read()

    @property
    def shape(self) -> TensorShape:
        """The shape."""
        return self._shape

    @property
    def dtype(self) -> dtypes.DType:
        """The dtype of a reading (the compute dtype inside a mixed-precision layer)."""
        target = context.current().autocast
        if target is not None and self.autocast and self._dtype.is_floating:
            return dtypes.standardize(target)
        return self._dtype

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.prod(self._shape))

    @property
    def device(self) -> str:
        """The device's name."""
        return Tensor(self._raw()).device

    @property
    def initializer(self) -> Callable | None:
        """The callable that made the initial value, if there was one."""
        return self._initializer

    @property
    def handle(self) -> Variable:
        """The variable itself (TensorFlow's resource handle)."""
        return self

    @property
    def ragged(self) -> bool:
        """Always false."""
        return False

    # Writing ---------------------------------------------------------------------------------------------
    def _write(self, raw: Any) -> None:
        """Store a raw array that is known to fit."""
        bindings = context.current().bindings
        if bindings is not None:
            bindings.write(self, raw)
        else:
            if _behind.running is not None:
                _behind.settle()
            if self._layout is not None and not isinstance(raw, np.ndarray):
                raw = _placement.placed(raw, self._layout)
            self._value = raw
            self._escaped = False

    def assign(
        self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Replace the value.

        Args:
            value: The new value, of the same shape (a cast to the variable's dtype is made).
            use_locking: Accepted for TensorFlow's sake.
            name: Accepted for TensorFlow's sake.
            read_value: Accepted for TensorFlow's sake.

        Returns:
            The variable.

        Raises:
            ValueError: If the shapes differ; the message shows both.
        """
        raw = _as_array(value, self._dtype)
        if tuple(raw.shape) != tuple(self._shape):
            raise ValueError(
                message(
                    f"The value assigned to variable '{self.path}' has another shape.",
                    expected=f"shape {tuple(self._shape)}",
                    received=f"shape {tuple(raw.shape)}",
                )
            )
        if isinstance(value, np.ndarray) and raw is value:
            raw = raw.copy()  # the caller may go on writing into the array
        self._write(raw if context.current().replica is None else self._joined(raw))
        if context.current().bindings is None and _is_held(value, raw):
            self._escaped = True
        return self

    def _joined(self, raw: Any) -> Any:
        from addax.engine import _replicas

        return _replicas.joined(self, raw)

    def assign_add(
        self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Add to the value. Returns the variable; raises ValueError if the shapes differ.

        Args:
            delta: What is added, of a shape that broadcasts to the variable's.
            use_locking: Accepted for TensorFlow's sake.
            name: Accepted for TensorFlow's sake.
            read_value: Accepted for TensorFlow's sake.
        """
        return self._assign_updated("add", delta)

    def assign_sub(
        self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Subtract from the value. Returns the variable; raises ValueError if the shapes differ.

        Args:
            delta: What is subtracted, of a shape that broadcasts to the variable's.
            use_locking: Accepted for TensorFlow's sake.
            name: Accepted for TensorFlow's sake.
            read_value: Accepted for TensorFlow's sake.
        """
        return self._assign_updated("subtract", delta)

    def _assign_updated(self, operation: str, delta: Any) -> Any:
        if context.current().replica is None:
            return self.assign(self._updated(operation, delta))
        from addax.engine import _replicas

        delta = self._joined(_as_array(delta, self._dtype))
        with _replicas.updating():
            return self.assign(self._updated(operation, delta))

    def _updated(self, operation: str, delta: Any) -> Any:
        """The raw value with `delta` added or subtracted; of another shape if `delta` is too large."""
        from addax.engine import _op, _operators

        raw = _as_array(delta, self._dtype)
        if len(raw.shape) > len(self._shape):
            raise ValueError(
                message(
                    f"The value for variable '{self.path}' has another shape.",
                    expected=f"shape {tuple(self._shape)}",
                    received=f"shape {tuple(raw.shape)}",
                )
            )
        return _op.untaped(getattr(_operators, operation), self._raw(), raw)

    def __deepcopy__(self, memo: dict) -> Variable:
        new = object.__new__(type(self))
        memo[id(self)] = new
        _behind.settle()
        new.__dict__.update(self.__dict__)
        new._value = np.array(self._value) if is_concrete(self._value) else self._value
        return new

    def __reduce__(self) -> tuple:
        _behind.settle()
        state = {**self.__dict__, "_value": np.array(self._value), "_initializer": None}
        state.update(_layout=None, _placement=None)  # another process has other devices
        return (_restore, (type(self), state))

    def __hash__(self) -> int:
        return id(self)

    def __len__(self) -> int:
        return self._shape[0]

    def __iter__(self) -> Any:
        return (self[i] for i in range(self._shape[0]))

    def __bool__(self) -> bool:
        return bool(Tensor(self._raw()))

    def __int__(self) -> int:
        return int(Tensor(self._raw()))

    def __float__(self) -> float:
        return float(Tensor(self._raw()))

    def __index__(self) -> int:
        return Tensor(self._raw()).__index__()

    def __format__(self, spec: str) -> str:
        return format(self.numpy(), spec) if spec else str(self)

    def __repr__(self) -> str:
        head = f"<Variable path={self.path}, shape={tuple(self._shape)}, dtype={self._dtype.name}"
        raw = self._raw()
        return f"{head}, value={np.asarray(raw)!r}>" if is_concrete(raw) else f"{head}>"


def _restore(cls: type, state: dict) -> Variable:
    new = object.__new__(cls)
    new.__dict__.update(state)
    return new


def _as_array(value: Any, dtype: Any = None) -> Any:
    """A raw array of any value: on the host as long as it came from the host, so that nothing is compiled."""
    if isinstance(value, Variable):
        value = value._raw()
    elif isinstance(value, Tensor):
        value = value._value
    elif (
        not isinstance(value, np.ndarray)
        and not hasattr(value, "__jax_array__")
        and not hasattr(value, "aval")
    ):
        value = host_array(value, dtype)
    if value.dtype.kind in "OSU":
        return value
    target = _stored_dtype(value.dtype, dtype, isinstance(value, np.ndarray))
    return value if value.dtype == target else value.astype(target)


@functools.lru_cache(256)
def _stored_dtype(found: Any, wanted: Any, on_host: bool) -> np.dtype:
    """The dtype of an array that a variable keeps, on the host or on the device."""
    if wanted is None:
        name = dtypes.narrow(found.name) if on_host else found.name
    else:
        name = dtypes.standardize(wanted).name
    # What is on the device is narrow already, and JAX would warn of the 64 bits that it does not have.
    return dtypes.numpy_dtype(name if on_host else dtypes.narrow(name))


def _is_held(value: Any, raw: Any) -> bool:
    """Whether a raw array is that of the tensor, variable or JAX array it was taken from, which lives on."""
    if isinstance(raw, np.ndarray):  # is copied to the device
        return False
    return raw is (value._value if isinstance(value, (Tensor, Variable)) else value)


def host_array(value: Any, dtype: Any = None) -> np.ndarray:
    """A NumPy array of Python values: floats in the float dtype of the settings, ints in 32 bits if they fit."""
    if isinstance(value, (list, tuple)):
        value = [np.asarray(v) if isinstance(v, TensorLike) else v for v in value]
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(
            message("The values do not form an array: rows differ in length.", received=value)
        ) from error
    if array.dtype.kind in "SU":
        # NumPy's own string dtypes drop zero bytes at the end.
        return _bytes_array(array if isinstance(value, np.ndarray) else np.asarray(value, object))
    if array.dtype.kind == "O":
        return _object_array(array, value)
    if dtype is not None:
        return array.astype(dtypes.numpy_dtype(dtype), copy=False)
    if array.dtype == np.float64:
        from addax.core.config import floatx

        return array.astype(dtypes.numpy_dtype(floatx()))
    if array.dtype == np.int64 and not isinstance(value, np.ndarray):
        return array.astype(np.int32)
    return array


def _bytes_array(array: np.ndarray) -> np.ndarray:
    out = np.empty(array.shape, object)
    flat = [item.encode() if isinstance(item, str) else bytes(item) for item in array.ravel().tolist()]
    out.ravel()[:] = flat
    return out


def _object_array(array: np.ndarray, value: Any) -> np.ndarray:
    items = array.ravel().tolist()
    kinds = set(map(type, items))
    if kinds == {bytes}:
        return array.copy()
    if all(issubclass(kind, (str, bytes)) for kind in kinds):  # none at all, too: an empty batch of texts
        return _bytes_array(array)
    raise ValueError(
        message(
            "This cannot be turned into a tensor.",
            expected="numbers, booleans or strings, in rows of equal length",
            received=value,
        )
    )

"""`Tensor`: an immutable array that behaves as TensorFlow's eager tensor does."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from addax.core import dtypes, serial
from addax.engine._errors import UnknownValue
from addax.engine._shape import TensorShape, static_shape

_DTYPES: dict[Any, dtypes.DType] = {}


def dtype_of(value: Any) -> dtypes.DType:
    """The `DType` of a raw array."""
    key = value.dtype
    found = _DTYPES.get(key)
    if found is None:
        found = dtypes.standardize("string" if key.kind in "OSU" else key.name)
        _DTYPES[key] = found
    return found


class TensorLike:
    """What eager and symbolic tensors and variables share: TensorFlow's and NumPy's small methods.

    Operators are attached by `engine._operators`, so that each is an op behind the door.
    """

    __slots__ = ()
    __array_priority__ = 100  # so that `ndarray * tensor` is a tensor

    shape: Any
    dtype: Any

    if TYPE_CHECKING:  # attached by `engine._operators`

        def __getitem__(self, key: Any) -> Any: ...
        def __add__(self, other: Any) -> Any: ...
        def __radd__(self, other: Any) -> Any: ...
        def __sub__(self, other: Any) -> Any: ...
        def __rsub__(self, other: Any) -> Any: ...
        def __mul__(self, other: Any) -> Any: ...
        def __rmul__(self, other: Any) -> Any: ...
        def __truediv__(self, other: Any) -> Any: ...
        def __rtruediv__(self, other: Any) -> Any: ...
        def __floordiv__(self, other: Any) -> Any: ...
        def __mod__(self, other: Any) -> Any: ...
        def __pow__(self, other: Any) -> Any: ...
        def __rpow__(self, other: Any) -> Any: ...
        def __matmul__(self, other: Any) -> Any: ...
        def __and__(self, other: Any) -> Any: ...
        def __or__(self, other: Any) -> Any: ...
        def __lt__(self, other: Any) -> Any: ...
        def __le__(self, other: Any) -> Any: ...
        def __gt__(self, other: Any) -> Any: ...
        def __ge__(self, other: Any) -> Any: ...
        def __neg__(self) -> Any: ...
        def __abs__(self) -> Any: ...
        def __invert__(self) -> Any: ...

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    @property
    def rank(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    def get_shape(self) -> TensorShape:
        """The static shape."""
        return self.shape

    def ref(self) -> Any:
        """A hashable reference to this object, with `deref()`."""
        return _Reference(self)

    def set_shape(self, shape: Any) -> None:
        """Check that the static shape fits `shape` (it never changes).

        Raises:
            ValueError: If it does not.
        """
        TensorShape(self.shape).assert_is_compatible_with(shape)


class _Reference:
    def __init__(self, target: Any) -> None:
        self._target = target

    def deref(self) -> Any:
        return self._target

    def __hash__(self) -> int:
        return id(self._target)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, _Reference) and other._target is self._target


class Tensor(TensorLike):
    """An immutable array on the device (or, for strings and known shapes, on the host).

    Tensors come from ops and from `convert_to_tensor`; use those instead of the constructor.

    Example:
        >>> import addax as keras
        >>> x = keras.ops.ones((2, 2))
        >>> x.shape, x.dtype, float(x[0, 0])
        (TensorShape([2, 2]), tf.float32, 1.0)
    """

    __slots__ = ("__weakref__", "_keras_mask", "_value")

    def __init__(self, value: Any) -> None:
        self._value = value

    @property
    def shape(self) -> TensorShape:
        """The static shape, a tuple."""
        return static_shape(self._value.shape)

    @property
    def dtype(self) -> dtypes.DType:
        """The dtype."""
        return dtype_of(self._value)

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.prod(self._value.shape))

    @property
    def nbytes(self) -> int:
        """The size in bytes."""
        return self.size * self.dtype.size

    @property
    def device(self) -> str:
        """The device's name, such as `/job:localhost/replica:0/task:0/device:CPU:0`."""
        devices = getattr(self._value, "devices", None)
        if devices is None or not hasattr(self._value, "addressable_data"):
            return "/job:localhost/replica:0/task:0/device:CPU:0"
        device = next(iter(devices()))
        kind = "CPU" if device.platform == "cpu" else device.platform.upper()
        return f"/job:localhost/replica:0/task:0/device:{kind}:{device.id}"

    @property
    def name(self) -> str:
        """A name; eager tensors have none of their own."""
        return f"tensor_{id(self):x}"

    def numpy(self) -> Any:
        """A copy of the value as a NumPy array (a NumPy scalar, or `bytes`, for rank 0).

        Raises:
            RuntimeError: Inside a compiled function, where there is no value yet.
        """
        array = self.__array__()
        if not array.ndim:
            return array[()]
        return array.copy()  # whoever gets it may write into it, and the tensor must not change

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        value = self._value
        if not isinstance(value, np.ndarray):
            value = _to_host(value)
        if dtype is not None and value.dtype != dtype:
            return value.astype(dtype)
        return value.copy() if copy else value

    def __jax_array__(self) -> Any:
        return self._value

    def __dlpack__(self, **options: Any) -> Any:
        return self._value.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self._value.__dlpack_device__()

    def item(self, *args: Any) -> Any:
        """The single element as a Python number."""
        return self.__array__().item(*args)

    def tolist(self) -> Any:
        """The value as nested Python lists."""
        return self.__array__().tolist()

    def eval(self) -> Any:
        """The value as a NumPy array, as TensorFlow 1 spelled it."""
        return self.numpy()

    def block_until_ready(self) -> Tensor:
        """Wait until the device has computed the value."""
        wait = getattr(self._value, "block_until_ready", None)
        if wait is not None:
            wait()
        return self

    def __repr__(self) -> str:
        head = f"<tf.Tensor: shape={self.shape}, dtype={self.dtype.name}"
        if not is_concrete(self._value):
            return f"{head}, known only when the compiled function runs>"
        return f"{head}, numpy={_numpy_text(self._value)}>"

    def __str__(self) -> str:
        if not is_concrete(self._value):
            return repr(self)
        array = self.__array__()
        text = repr(array[()]) if array.ndim == 0 and array.dtype == object else _own_lines(str(array))
        return f"tf.Tensor({text}, shape={self.shape}, dtype={self.dtype.name})"

    def __format__(self, spec: str) -> str:
        array = self.__array__()
        return format(array[()] if array.ndim == 0 else array, spec)

    def __bool__(self) -> bool:
        return bool(self._known("bool"))

    def __int__(self) -> int:
        return int(self._known("number"))

    def __float__(self) -> float:
        return float(self._known("number"))

    def __complex__(self) -> complex:
        return complex(self._known("number"))

    def __index__(self) -> int:
        return self._known("index").__index__()

    def _known(self, use: str) -> np.ndarray:
        """The value, which is wanted for a use of `UnknownValue`."""
        if is_concrete(self._value):
            return self.__array__()
        raise UnknownValue(self._value, use)

    def __len__(self) -> int:
        if not self._value.shape:
            raise TypeError("Scalar tensor has no `len()`")
        return self._value.shape[0]

    def __iter__(self) -> Any:
        if not self._value.shape:
            raise TypeError("Cannot iterate over a scalar tensor.")
        return (self[i] for i in range(self._value.shape[0]))

    def __hash__(self) -> int:
        return id(self)

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TypeError(
            "'Tensor' object does not support item assignment. A tensor never changes; build a new one with "
            "ops.slice_update or ops.where, or keep the state in a Variable: v[0, 0].assign(1)."
        )

    def __deepcopy__(self, memo: dict) -> Tensor:
        return self

    def __copy__(self) -> Tensor:
        return self

    def __reduce__(self) -> tuple:
        return (_from_numpy, (self.__array__(),))

    def astype(self, dtype: Any) -> Any:
        """The same values in another dtype."""
        from addax.engine import _operators

        return _operators.cast(self, dtype)

    def reshape(self, *shape: Any) -> Any:
        """The same values in another shape."""
        from addax.engine import _operators

        return _operators.reshape(self, shape[0] if len(shape) == 1 else shape)

    @property
    def T(self) -> Any:  # noqa: N802
        """The tensor with its axes reversed."""
        from addax.engine import _operators

        return _operators.transpose(self)


def _from_numpy(array: np.ndarray) -> Tensor:
    return Tensor(array)


def is_concrete(value: Any) -> bool:
    """Whether a raw array has a value now (and is not a tracer)."""
    if isinstance(value, np.ndarray):
        return True
    return hasattr(value, "addressable_data") and hasattr(value, "is_deleted") and not _is_tracer(value)


@functools.cache
def _tracer() -> type:
    """The class of values of a trace, looked up once: each reading of a tensor asks for it."""
    from addax.engine._jax import jax

    return jax.core.Tracer


def _is_tracer(value: Any) -> bool:
    return isinstance(value, _tracer())


def _to_host(value: Any) -> np.ndarray:
    if _is_tracer(value):
        raise UnknownValue(value)
    return np.asarray(value)


def _numpy_text(value: Any) -> str:
    array = np.asarray(value)
    if array.ndim == 0:
        return repr(array[()]) if array.dtype == object else str(array)
    return _own_lines(repr(array))


def _own_lines(text: str) -> str:
    """The text, begun on a new line if it has several."""
    return f"\n{text}" if "\n" in text else text


def _from_config(config: dict[str, Any]) -> Tensor:
    return Tensor(np.array(config["value"], dtype=dtypes.numpy_dtype(config["dtype"])))


serial.register_value("__tensor__", _from_config)

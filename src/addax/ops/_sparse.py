"""`SparseTensor`: the values of a tensor that are not zero, and where they are.

The places are NumPy arrays on the host, like the rows of ragged tensors; the values are a tensor like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from addax.core import dtypes
from addax.core.errors import message
from addax.engine import Composite, Tensor, TensorShape
from addax.engine import _operators as operators
from addax.ops._core import convert_to_tensor
from addax.ops._numpy_index import take
from addax.ops._rows import host_integers


class SparseTensor(Composite):
    """A tensor most of whose elements are zero (or empty); public as `tf.SparseTensor`.

    Attributes:
        values: The elements, a tensor of shape `(count,)`.

    Args:
        indices: The place of each element, integers of shape `(count, rank)`.
        values: The elements, in the same order.
        dense_shape: The shape of the whole.

    Raises:
        ValueError: If they do not fit each other.

    Example:
        >>> import addax.tf as tf
        >>> st = tf.SparseTensor([[0, 1], [2, 0]], [5.0, 7.0], [3, 2])
        >>> tf.sparse.to_dense(st).numpy()
        array([[0., 5.],
               [0., 0.],
               [7., 0.]], dtype=float32)
    """

    def __init__(self, indices: Any, values: Any, dense_shape: Any) -> None:
        shape = host_integers(dense_shape, "dense_shape").reshape(-1)
        places = host_integers(indices, "indices")
        if not places.size and len(shape):
            places = places.reshape(-1, len(shape))
        self.values = convert_to_tensor(values)
        if places.ndim != 2 or places.shape[1] != len(shape) or tuple(self.values.shape) != (len(places),):
            raise ValueError(
                message(
                    "The parts of a sparse tensor do not fit each other.",
                    expected="indices of shape (count, rank), values of shape (count,), dense_shape of shape (rank,)",
                    received=f"indices {places.shape}, values {tuple(self.values.shape)}, dense_shape {shape.shape}",
                )
            )
        self._places, self._shape = places, shape

    def _parts(self) -> tuple[tuple, Any]:
        return (self.values,), (self._places.tobytes(), self._places.shape, tuple(self._shape.tolist()))

    @classmethod
    def _from_parts(cls, parts: tuple, rest: Any) -> SparseTensor:
        data, shape, dense = rest
        return cls(np.frombuffer(data, np.int64).reshape(shape), parts[0], np.asarray(dense, np.int64))

    def __addax_op__(self, op: Any, args: tuple, kwargs: dict) -> Any:
        """What an operation means that gets this among its arguments."""
        if op.name in _PLAIN:
            return self.with_values(op(self.values, *args[1:], **kwargs))
        if op.name in ("multiply", "divide") and len(args) == 2:
            return _scaled(op, *args)
        if op.name == "shape_tensor":
            return Tensor(self._shape.astype(np.int32))
        if op.name == "matmul" and len(args) == 2:
            return _product(*args)
        raise TypeError(
            message(
                f"{op.name}() does not take sparse tensors.",
                received=f"a sparse tensor of shape {self.shape}",
                hint="tf.sparse has functions for them; tf.sparse.to_dense(x) makes a dense one.",
            )
        )

    @classmethod
    def from_value(cls, sparse_tensor_value: Any) -> SparseTensor:
        """Of something with `indices`, `values` and `dense_shape`."""
        return cls(sparse_tensor_value.indices, sparse_tensor_value.values, sparse_tensor_value.dense_shape)

    @property
    def indices(self) -> Tensor:
        """The place of each element, int64 of shape `(count, rank)`."""
        return Tensor(self._places)

    @property
    def dense_shape(self) -> Tensor:
        """The shape of the whole, int64 of shape `(rank,)`."""
        return Tensor(self._shape)

    @property
    def shape(self) -> TensorShape:
        """The shape of the whole."""
        return TensorShape(self._shape.tolist())

    def get_shape(self) -> TensorShape:
        """The shape of the whole."""
        return self.shape

    @property
    def dtype(self) -> dtypes.DType:
        """The dtype of the values."""
        return self.values.dtype

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self._shape)

    @property
    def _type_spec(self) -> Any:
        from addax.ops._composite_specs import SparseTensorSpec

        return SparseTensorSpec.from_value(self)

    def _rows(self) -> list[SparseTensor]:
        """The slices along the first axis, as data sets take them."""
        if not len(self._shape):
            raise ValueError(message("A sparse scalar has no rows.", received=self.shape))
        order = np.argsort(self._places[:, 0], kind="stable")
        bounds = np.searchsorted(self._places[order, 0], np.arange(self._shape[0] + 1))
        values, places = np.asarray(self.values)[order], self._places[order, 1:]
        return [
            SparseTensor(places[a:b], Tensor(values[a:b]), self._shape[1:])
            for a, b in zip(bounds[:-1], bounds[1:], strict=True)
        ]

    @classmethod
    def _stacked(cls, rows: Sequence[SparseTensor]) -> SparseTensor:
        """Sparse tensors of one rank beside each other, in the smallest shape that holds all."""
        ranks = {len(row._shape) for row in rows}
        if len(ranks) != 1:
            raise ValueError(
                message("Sparse tensors of different ranks cannot form a batch.", received=sorted(ranks))
            )
        counts = [len(row._places) for row in rows]
        places = np.concatenate([row._places for row in rows])
        numbers = np.repeat(np.arange(len(rows), dtype=np.int64), counts)[:, None]
        values = Tensor(np.concatenate([np.asarray(row.values) for row in rows]))
        shape = np.max([row._shape for row in rows], axis=0)
        return cls(np.concatenate([numbers, places], 1), values, np.array([len(rows), *shape], np.int64))

    def with_values(self, new_values: Any) -> SparseTensor:
        """Other values at the same places."""
        return SparseTensor(self._places, new_values, self._shape)

    def __neg__(self) -> SparseTensor:
        return self.with_values(-self.values)

    def __abs__(self) -> SparseTensor:
        return self.with_values(abs(self.values))

    def __mul__(self, other: Any) -> SparseTensor:
        return _scaled(operators.multiply, self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> SparseTensor:
        return _scaled(operators.divide, self, other)

    def __matmul__(self, other: Any) -> Any:
        return _product(self, other)

    def __getitem__(self, key: Any) -> SparseTensor:
        keys = key if isinstance(key, tuple) else (key,)
        if not all(isinstance(k, slice) and k.step in (None, 1) for k in keys):
            raise ValueError(message("A sparse tensor takes slices without steps.", received=key))
        bounds = [k.indices(int(n))[:2] for k, n in zip(keys, self._shape, strict=False)]
        bounds += [(0, int(n)) for n in self._shape[len(keys) :]]
        return window(self, [a for a, _ in bounds], [max(0, b - a) for a, b in bounds])

    def __repr__(self) -> str:
        return f"SparseTensor(indices={self.indices!r}, values={self.values!r}, dense_shape={self.dense_shape!r})"

    __hash__ = object.__hash__


# Those that give 0 for 0, so that they may be run on the values.
_PLAIN = frozenset(
    "absolute negative sign square sqrt tanh erf cast identity floor ceil round sin tan sinh arcsin arctan arcsinh "
    "arctanh expm1 log1p stop_gradient".split()
)


def numbers_of(places: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """For each place its number in the order of rows."""
    factors = np.concatenate([np.cumprod(shape[::-1], dtype=np.int64)[::-1][1:], np.ones(1, np.int64)])
    return (places * factors).sum(1) if len(shape) else np.zeros(len(places), np.int64)


def places_of(numbers: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """The inverse of `numbers_of`."""
    if not len(numbers) or not len(shape):
        return np.zeros((len(numbers), len(shape)), np.int64)
    return np.stack(np.unravel_index(numbers, tuple(shape.tolist())), 1).astype(np.int64)


def chosen(st: SparseTensor, index: np.ndarray, places: Any = None, shape: Any = None) -> SparseTensor:
    """Some of the elements, perhaps at other places of another shape."""
    values = (
        Tensor(np.asarray(st.values)[index])
        if st.dtype == "string"
        else take(st.values, np.asarray(index, np.int32), axis=0)
    )
    return SparseTensor(
        st._places[index] if places is None else places, values, st._shape if shape is None else shape
    )


def ordered(st: SparseTensor) -> SparseTensor:
    """The elements in the order of their places."""
    order = np.argsort(numbers_of(st._places, st._shape), kind="stable")
    return st if (np.diff(order) > 0).all() else chosen(st, order)


def window(st: SparseTensor, start: Any, size: Any) -> SparseTensor:
    """The part that begins at a place and has a size, cut where the whole ends."""
    start, size = np.asarray(start, np.int64), np.asarray(size, np.int64)
    shape = np.maximum(np.minimum(size, st._shape - start), 0)
    moved = st._places - start
    inside = np.flatnonzero(((moved >= 0) & (moved < shape)).all(1))
    return chosen(st, inside, moved[inside], shape)


def to_dense(st: SparseTensor, default: Any = None, validate: bool = True) -> Tensor:
    """The whole tensor; elements at the same place are an error if validated, else the last one counts."""
    numbers = numbers_of(st._places, st._shape)
    size, shape = int(np.prod(st._shape)), tuple(st._shape.tolist())
    outside = (st._places < 0).any() or (st._places >= st._shape).any()
    if outside or validate and (np.diff(numbers) <= 0).any():
        raise ValueError(
            message(
                "The places of a sparse tensor are out of order, double or outside.",
                expected=f"rising places within shape {shape}",
                received=st._places.tolist(),
                hint="tf.sparse.reorder() sorts them.",
            )
        )
    index = np.full(size, len(numbers), np.int64)
    index[numbers] = np.arange(len(numbers))
    if st.dtype == "string":
        filler = b"" if default is None else np.asarray(convert_to_tensor(default))[()]
        return Tensor(np.append(np.asarray(st.values), np.asarray([filler], object))[index].reshape(shape))
    from addax.ops._numpy_shape import concatenate

    filler = operators.reshape(
        operators.cast(convert_to_tensor(0 if default is None else default), st.dtype), (1,)
    )
    whole = concatenate([st.values, filler])
    return operators.reshape(take(whole, index.astype(np.int32), axis=0), shape)


def from_dense(tensor: Any) -> SparseTensor:
    """The elements that are not 0 (or not empty)."""
    tensor = convert_to_tensor(tensor)
    array = np.asarray(tensor)
    filled = array != (b"" if array.dtype == object else 0)
    places = np.argwhere(filled).astype(np.int64)
    shape = np.asarray(array.shape, np.int64)
    if array.dtype == object:
        return SparseTensor(places, Tensor(array[filled]), shape)
    flat = operators.reshape(tensor, (-1,))
    return SparseTensor(places, take(flat, numbers_of(places, shape).astype(np.int32), axis=0), shape)


def _scaled(op: Any, a: Any, b: Any) -> SparseTensor:
    """A sparse tensor times (or by) a dense one that broadcasts to it."""
    if not isinstance(a, SparseTensor):
        if getattr(op, "name", getattr(op, "__name__", "")) == "divide":
            raise TypeError(message("A dense tensor cannot be divided by a sparse one: most of it is zero."))
        a, b = b, a
    if isinstance(b, SparseTensor):
        raise TypeError(
            message("Two sparse tensors are not multiplied.", hint="Make one dense: tf.sparse.to_dense(x).")
        )
    dense = convert_to_tensor(b)
    if len(dense.shape):
        from addax.ops._numpy_shape import broadcast_to

        whole = broadcast_to(dense, tuple(a._shape.tolist()))
        flat = operators.reshape(whole, (-1,))
        dense = take(flat, numbers_of(a._places, a._shape).astype(np.int32), axis=0)
    return a.with_values(op(a.values, dense))


def _product(a: Any, b: Any) -> Tensor:
    """A matrix product with one sparse factor, dense."""
    if isinstance(a, SparseTensor) and isinstance(b, SparseTensor):
        return _product(a, to_dense(ordered(b)))
    if not isinstance(a, SparseTensor):
        flipped = _product(transposed(b), operators.transpose(convert_to_tensor(a)))
        return operators.transpose(flipped)
    from addax.ops._segment import segment_sum

    b = convert_to_tensor(b)
    if a.ndim != 2 or len(b.shape) != 2 or b.shape[0] != a._shape[1]:
        raise ValueError(
            message(
                "The factors of a sparse product do not fit.",
                expected="shapes (m, k) and (k, n)",
                received=f"{a.shape} and {b.shape}",
            )
        )
    rows = take(b, a._places[:, 1].astype(np.int32), axis=0)
    terms = operators.multiply(rows, operators.reshape(a.values, (-1, 1)))
    return segment_sum(terms, a._places[:, 0].astype(np.int32), int(a._shape[0]))


def transposed(st: SparseTensor, perm: Any = None) -> SparseTensor:
    """The axes in another order; reversed if None."""
    perm = list(range(st.ndim))[::-1] if perm is None else host_integers(perm, "perm").tolist()
    return ordered(SparseTensor(st._places[:, perm], st.values, st._shape[perm]))

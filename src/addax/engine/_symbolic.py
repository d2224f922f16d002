"""Symbolic tensors, and the graph they are nodes of."""

from __future__ import annotations

from typing import Any

from addax.core import dtypes, tree
from addax.core.errors import message
from addax.core.names import unique_name
from addax.engine._shape import TensorShape
from addax.engine._tensor import TensorLike


class SymbolicTensor(TensorLike):
    """A tensor without a value: what `Input` returns and what layers give when called on it.

    Its public name is `KerasTensor`.

    Args:
        shape: The shape; unknown dimensions are None.
        dtype: The dtype.
        sparse: Whether the values may be sparse.
        ragged: Whether the values may be ragged.
        record_history: Whether it remembers the operation that made it.
        name: A name.

    Example:
        >>> import addax as keras
        >>> x = keras.Input((3,))
        >>> (x * 2).shape
        TensorShape([None, 3])
    """

    _keras_mask: Any = None

    def __init__(
        self,
        shape: Any,
        dtype: Any = "float32",
        sparse: bool = False,
        ragged: bool = False,
        record_history: bool = True,
        name: str | None = None,
    ) -> None:
        self.shape = TensorShape(shape)
        self.dtype = dtypes.standardize(dtype)
        self.sparse = bool(sparse)
        self.ragged = bool(ragged)
        self.record_history = record_history
        self.name = name or unique_name("keras_tensor")
        self._node: Node | None = None
        self._index = 0
        self._probes: tuple | None = None  # values at the two probing sizes, if they follow from shapes alone
        self.cast_from: SymbolicTensor | None = None

    @property
    def _keras_history(self) -> KerasHistory:
        """The operation, the number of its call and the number of the output that made this tensor."""
        if self._node is None:
            raise AttributeError("This symbolic tensor was not made by an operation.")
        operation = self._node.operation
        return KerasHistory(operation, operation._inbound_nodes.index(self._node), self._index)

    def recast(self, dtype: Any) -> SymbolicTensor:
        """This tensor as a layer sees it that casts its inputs: `cast_from` is the one in the graph."""
        new = SymbolicTensor(self.shape, dtype, self.sparse, self.ragged, name=self.name)
        new.cast_from = self
        return new

    @property
    def op(self) -> Any:
        """The operation that made this tensor."""
        return self._node.operation if self._node else None

    def __hash__(self) -> int:
        return id(self)

    def __deepcopy__(self, memo: dict) -> SymbolicTensor:
        return self

    def _refuse(self, what: str) -> TypeError:
        return TypeError(
            message(
                f"A symbolic tensor has no value, so it cannot be {what}.",
                received=f"KerasTensor '{self.name}' of shape {self.shape}, dtype {self.dtype}",
                hint="Values exist only when the model runs: use ops, or put Python code into a Layer's call().",
            )
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise self._refuse("turned into a NumPy array")

    def __jax_array__(self) -> Any:
        raise self._refuse("used as a JAX array")

    def __bool__(self) -> bool:
        raise self._refuse("used as a Python condition")

    def __int__(self) -> int:
        raise self._refuse("turned into a Python int")

    def __float__(self) -> float:
        raise self._refuse("turned into a Python float")

    def __index__(self) -> int:
        raise self._refuse("used as a Python index")

    def __iter__(self) -> Any:
        if not self.shape or self.shape[0] is None:
            raise self._refuse("iterated over (its first dimension is unknown)")
        return (self[i] for i in range(self.shape[0]))

    def __len__(self) -> int:
        if not self.shape or self.shape[0] is None:
            raise self._refuse("measured by len() (its first dimension is unknown)")
        return self.shape[0]

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TypeError("'KerasTensor' object does not support item assignment.")

    def __repr__(self) -> str:
        return (
            f"<KerasTensor shape={self.shape}, dtype={self.dtype.name}, sparse={self.sparse}, "
            f"ragged={self.ragged}, name={self.name}>"
        )

    def reshape(self, *shape: Any) -> Any:
        """The same values in another shape."""
        from addax.engine import _operators

        return _operators.reshape(self, shape[0] if len(shape) == 1 else shape)

    def astype(self, dtype: Any) -> Any:
        """The same values in another dtype."""
        from addax.engine import _operators

        return _operators.cast(self, dtype)

    @property
    def T(self) -> Any:  # noqa: N802
        """The tensor with its axes reversed."""
        from addax.engine import _operators

        return _operators.transpose(self)


class KerasHistory(tuple):
    """The triple `(operation, node_index, tensor_index)`."""

    __slots__ = ()

    def __new__(cls, operation: Any, node_index: int, tensor_index: int) -> KerasHistory:
        return tuple.__new__(cls, (operation, node_index, tensor_index))

    operation = property(lambda self: self[0])
    node_index = property(lambda self: self[1])
    tensor_index = property(lambda self: self[2])


class Node:
    """One call of an operation (a layer or an op) on symbolic tensors.

    Attributes:
        operation: What was called; it lists the node in `_inbound_nodes`.
        args: Positional arguments, symbolic tensors in place.
        kwargs: Keyword arguments, likewise.
        outputs: The nest of symbolic tensors it gave.
    """

    def __init__(self, operation: Any, args: tuple, kwargs: dict, outputs: Any) -> None:
        self.operation = operation
        self.args = args
        self.kwargs = kwargs
        self.outputs = outputs
        self.inputs = [x for x in tree.flatten((args, kwargs)) if isinstance(x, SymbolicTensor)]
        for i, out in enumerate(tree.flatten(outputs)):
            if isinstance(out, SymbolicTensor):
                out._node, out._index = self, i
        operation._inbound_nodes.append(self)

    @property
    def is_input(self) -> bool:
        """Whether this node is an `Input`."""
        return not self.inputs

    @property
    def input_tensors(self) -> list:
        """The symbolic tensors it was called on."""
        return self.inputs

    @property
    def output_tensors(self) -> list:
        """The symbolic tensors it gave."""
        return tree.flatten(self.outputs)

    @property
    def parent_nodes(self) -> list:
        """The nodes that made its inputs."""
        return [x._node for x in self.inputs]


class OpCall:
    """An op with a name, as a functional model holds it: what a layer is for layers.

    Args:
        op: The operation behind the door.
        name: A name, unique in the model.
    """

    def __init__(self, op: Any, name: str | None = None) -> None:
        self.op = op
        self.name = name or unique_name(op.name)
        self._inbound_nodes: list[Node] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.op(*args, **kwargs)

    @property
    def output(self) -> Any:
        """The result of its one call."""
        return self._inbound_nodes[0].outputs

    @property
    def input(self) -> Any:
        """The inputs of its one call."""
        inputs = self._inbound_nodes[0].inputs
        return inputs[0] if len(inputs) == 1 else inputs

    def __repr__(self) -> str:
        return f"<{self.op.name} op, name={self.name}>"

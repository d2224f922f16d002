"""`from_generator`: elements that Python code yields, checked against their spec."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core import dtypes
from addax.core.errors import message
from addax.data import _nest
from addax.data._element import to_host
from addax.data._node import UNKNOWN_SIZE, Cursor, Node
from addax.data._spec import TensorSpec, spec_of


class GeneratorNode(Node):
    """What `generator(*args)` yields, from the start in each iteration.

    Args:
        generator: A function that gives an iterable.
        signature: The nest of specs of the elements.
        args: Host arrays that the function is called with.
    """

    label = "FlatMap"

    def __init__(self, generator: Callable, signature: Any, args: tuple) -> None:
        self.generator, self.args = generator, args
        self._spec = signature
        self.leaves, self.names = _nest.flatten(signature), _nest.paths(signature)

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Generated(self)

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        return self._spec

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return UNKNOWN_SIZE

    def checked(self, value: Any, number: int) -> Any:
        """The element on the host.

        Raises:
            TypeError: If its form, a dtype or a shape does not fit the spec; the message names the component.
        """
        found: list = []
        try:
            _nest.map_up_to(self._spec, lambda _, leaf: found.append(leaf), value)
        except (ValueError, TypeError):
            raise TypeError(
                message(
                    f"The generator yielded an element of another form (element number {number}).",
                    expected=f"{_nest.form(self._spec)}, for the signature {self._spec}",
                    received=value,
                )
            ) from None
        leaves = zip(self.leaves, found, self.names, strict=True)
        return _nest.pack(self._spec, [_checked_leaf(*leaf, number) for leaf in leaves])


def _checked_leaf(spec: TensorSpec, value: Any, name: str, number: int) -> np.ndarray:
    try:
        array = _array_of(value)
    except (TypeError, ValueError) as error:
        raise _mismatch(spec, value, name, number) from error
    found = spec_of(array)
    wanted = dtypes.numpy_dtype(spec.dtype)
    if array.dtype != wanted:
        array = _cast(array, wanted, lambda: _mismatch(spec, found, name, number))
    elif not isinstance(value, (bool, int, float, list, tuple)):
        array = array.copy()  # the generator may use the same array for its next element
    if spec.shape is not None and not spec.shape.is_compatible_with(array.shape):
        raise _mismatch(spec, found, name, number)
    return array


def _array_of(value: Any) -> np.ndarray:
    """The value with all its digits: the spec gives the dtype, not the habits for Python's numbers."""
    if isinstance(value, (bool, int, float, list, tuple)):
        array = np.asarray(value)
        if array.dtype.kind in "fiub":
            return array
    return to_host(value, "yielded value")


def _cast(array: np.ndarray, wanted: np.dtype, error: Callable) -> np.ndarray:
    if not array.size:  # an empty list is of any dtype
        return array.astype(wanted)
    if "O" in (array.dtype.kind, wanted.kind):
        raise error()
    with np.errstate(invalid="ignore"):
        new = array.astype(wanted)
    # 1.0 is an int32 and 1 a float32, but 1.5 is not an int32.
    if wanted.kind in "iub" and not (new == array).all():
        raise error()
    return new


def _mismatch(spec: TensorSpec, received: Any, name: str, number: int) -> TypeError:
    return TypeError(
        message(
            f"The generator yielded an element that does not match its spec: component {name} of element "
            f"number {number}.",
            expected=str(spec),
            received=str(received) if isinstance(received, TensorSpec) else received,
        )
    )


class _Generated(Cursor):
    def __init__(self, node: GeneratorNode) -> None:
        self.node = node
        self.position = 0
        self.source: Any = None
        self.ended = False

    def next(self) -> Any:
        if self.ended:
            raise StopIteration
        if self.source is None:
            self.source = iter(self.node.generator(*self.node.args))
        try:
            value = next(self.source)
        except StopIteration:
            self.ended, self.source = True, None
            raise
        self.position += 1
        return self.node.checked(value, self.position - 1)

    def get_state(self) -> Any:
        return {"position": self.position, "ended": self.ended}

    def set_state(self, state: Any) -> None:
        """Go there by running the generator again from its start."""
        self.source, self.position, self.ended = None, 0, False
        for _ in range(state["position"]):
            self.next()
        self.ended = state["ended"]


def signature_of(output_types: Any, output_shapes: Any) -> Any:
    """The specs of the old arguments: a nest of dtypes, and one of shapes (of unknown rank if None)."""
    if output_shapes is None:
        return _nest.map_leaves(lambda dtype: TensorSpec(None, dtype), output_types)
    return _nest.map_up_to(output_types, lambda dtype, shape: TensorSpec(shape, dtype), output_shapes)


def generated(
    generator: Any, output_types: Any, output_shapes: Any, args: Any, signature: Any
) -> GeneratorNode:
    """The node of `Dataset.from_generator`.

    Raises:
        TypeError: If the generator cannot be called, or the specs are missing, doubled or no specs.
    """
    if not callable(generator):
        raise TypeError(
            message(
                "from_generator() needs a function that gives a fresh iterable for each iteration.",
                received=generator,
                hint="Pass the generator function itself, or `lambda: iterable`.",
            )
        )
    if signature is None:
        if output_types is None:
            raise TypeError(
                message(
                    "from_generator() needs to know what the generator yields.",
                    expected="output_signature=, a nest of tf.TensorSpec (or the older output_types=)",
                )
            )
        signature = signature_of(output_types, output_shapes)
    elif output_types is not None or output_shapes is not None:
        raise TypeError(
            message("output_signature stands for output_types and output_shapes: give one or the other.")
        )
    signature = tuple(signature) if isinstance(signature, list) else signature
    for name, spec in zip(_nest.paths(signature), _nest.flatten(signature), strict=True):
        if not isinstance(spec, TensorSpec):
            raise TypeError(
                message(
                    f"Component {name} of output_signature is no spec.",
                    expected="tf.TensorSpec",
                    received=spec,
                )
            )
    return GeneratorNode(generator, signature, tuple(to_host(x, "argument") for x in args or ()))

"""`K.function` and `K.gradients`: values and gradients of a graph of symbolic tensors."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core import context, tree
from addax.core.errors import message
from addax.engine import Compiled, GradientTape, Node, SymbolicTensor, Variable
from addax.models import Function
from addax.models._graph import Graph
from addax.ops._operation import Operation


class _Runner:
    """What `function` gives: takes a list of values, and gives NumPy arrays."""

    def __init__(self, inputs: list, outputs: Any) -> None:
        self.inputs = inputs
        self.outputs = outputs
        self._symbolic = [x for x in inputs if isinstance(x, SymbolicTensor)]
        self._flat = tree.flatten(outputs)
        wanted = [x for x in self._flat if isinstance(x, SymbolicTensor)]
        self._graph = Function(self._symbolic, wanted) if wanted else None
        self._compiled = Compiled(self._run, name="backend_function")

    def _run(self, values: list, training: bool | None) -> list:
        with context.entered(training=training):
            return self._graph(values)  # type: ignore[misc]

    def __call__(self, inputs: Any = ()) -> Any:
        values = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        if len(values) != len(self.inputs):
            raise ValueError(
                message(
                    "The function was called with a wrong number of values.",
                    expected=f"a list of {len(self.inputs)}",
                    received=f"{len(values)}",
                )
            )
        training, given = context.current().training, []
        for x, value in zip(self.inputs, values, strict=True):
            if isinstance(x, SymbolicTensor):
                given.append(ops.convert_to_tensor(value, x.dtype))
            else:
                training = bool(value)  # in the place of K.learning_phase()
        found = iter(self._values(given, training))
        full = [next(found) if isinstance(x, SymbolicTensor) else x for x in self._flat]
        return tree.pack_sequence_as(self.outputs, [ops.convert_to_numpy(x) for x in full])

    def _values(self, given: list, training: bool | None) -> list:
        if self._graph is None:
            return []
        if any(x.dtype == "string" for x in given):
            return self._run(given, training)
        return self._compiled(given, training)


def function(
    inputs: Any, outputs: Any, updates: Any = None, name: str | None = None, **kwargs: Any
) -> _Runner:
    """A function that computes symbolic tensors from values of others, such as the outputs of inner layers.

    Args:
        inputs: A list of symbolic tensors. What `learning_phase()` gives may be among them: the value in its
            place says whether the layers are called for training.
        outputs: A symbolic tensor, or a nest of them. Variables stand for their values.
        updates: None: code that is compiled assigns to variables by itself.
        name: Accepted for tf.keras's sake.
        **kwargs: Accepted for TensorFlow 1's sake.

    Returns:
        A function of a list of values that gives NumPy arrays, in the structure of `outputs`.

    Raises:
        ValueError: If there are `updates`, or an output does not follow from the inputs.

    Example:
        >>> import addax as keras
        >>> x = keras.Input((2,))
        >>> keras.backend.function([x], [x * 2])([[[1.0, 2.0]]])
        [array([[2., 4.]], dtype=float32)]
    """
    if updates:
        raise ValueError(
            message(
                "function() takes no updates.",
                expected="updates=None",
                received=updates,
                hint="Assign to variables in a train_step, or in a function under tf.function.",
            )
        )
    return _Runner(list(inputs) if isinstance(inputs, (list, tuple)) else [inputs], outputs)


class _Gradients(Operation):
    """The gradients of a symbolic tensor, as a node of the graph.

    Args:
        loss: The symbolic tensor.
        wanted: Symbolic tensors that it depends on, and variables.
        inputs: The inputs of the graph that it depends on.
    """

    def __init__(self, loss: SymbolicTensor, wanted: list, inputs: list) -> None:
        super().__init__()
        self.wanted = wanted
        self.graph = Graph(inputs, [loss])

    def call(self, values: list) -> list:
        values = [ops.convert_to_tensor(value) for value in values]
        known = {id(x): value for x, value in zip(self.graph.inputs, values, strict=True)}
        known.update({id(x): x for x in self.wanted if isinstance(x, Variable)})
        inner = {id(x) for x in self.wanted} - set(known)
        with GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([known[id(x)] for x in self.wanted if id(x) in known])

            def call(node: Node, args: tuple, kwargs: dict) -> Any:
                results = node.operation(*args, **kwargs)
                for x, value in zip(node.output_tensors, tree.flatten(results), strict=True):
                    if id(x) in inner:
                        known[id(x)] = value
                        tape.watch(value)
                return results

            (loss,) = self.graph.run(values, call)
        sources = [known[id(x)] for x in self.wanted]
        found = tape.gradient(loss, sources, unconnected_gradients="zero")
        return [ops.convert_to_tensor(x) for x in found]


def gradients(loss: Any, variables: Any) -> list:
    """The gradients of a symbolic tensor (of its sum), themselves symbolic: values come from `function`.

    Args:
        loss: A symbolic tensor.
        variables: A symbolic tensor or a variable, or a list of them.

    Returns:
        A list with a gradient for each; None for a symbolic tensor that the loss does not depend on.

    Raises:
        RuntimeError: If the loss is a value: how it came about is not known any more.

    Example:
        >>> import addax as keras
        >>> x = keras.Input((2,))
        >>> (slope,) = gradients(keras.ops.sum(x**2), x)
        >>> keras.backend.function([x], [slope])([[[1.0, 3.0]]])
        [array([[2., 6.]], dtype=float32)]
    """
    variables = list(variables) if isinstance(variables, (list, tuple)) else [variables]
    if not isinstance(loss, SymbolicTensor):
        raise RuntimeError(
            message(
                "gradients() needs a symbolic loss.",
                received=loss,
                hint="For values, record the computation: `with tf.GradientTape() as tape: ...`.",
            )
        )
    met = _behind(loss)
    wanted = [x for x in variables if isinstance(x, Variable) or id(x) in met]
    inputs = [x for x in met.values() if x._node is None or x._node.is_input]
    found = iter(_Gradients(loss, wanted, inputs)(inputs) if wanted else ())
    return [next(found) if any(x is w for w in wanted) else None for x in variables]


def _behind(loss: SymbolicTensor) -> dict[int, SymbolicTensor]:
    """The symbolic tensors that a symbolic tensor depends on, itself among them."""
    met: dict[int, SymbolicTensor] = {}
    rest = [loss]
    while rest:
        x = rest.pop()
        if id(x) not in met:
            met[id(x)] = x
            rest.extend(x._node.inputs if x._node is not None else ())
    return met

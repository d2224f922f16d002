"""`Function`: a piece of a graph of operations, called again on other tensors."""

from __future__ import annotations

from typing import Any

from addax.core import tree
from addax.core.errors import message
from addax.engine import SymbolicTensor, TensorShape
from addax.layers import Input
from addax.models._functional import graph_config, graph_from_config
from addax.models._graph import Graph
from addax.ops._operation import Operation


class Function(Operation):
    """The computation between symbolic tensors, as an operation of its own.

    Unlike a functional model it is no layer: the weights of the layers inside belong to these layers alone.

    Args:
        inputs: A symbolic tensor, or a nest of them. They may come from `Input`, from the middle of a graph, or
            from nowhere (`KerasTensor`).
        outputs: A nest of symbolic tensors that depend on the inputs alone.
        name: The name.

    Raises:
        ValueError: If an output needs more than the inputs, or one of both is empty or not symbolic.

    Example:
        >>> import addax as keras
        >>> x = keras.KerasTensor((None, 2))
        >>> square = keras.Function(x, x * x)
        >>> square(keras.ops.ones((1, 2)) * 3).numpy()
        array([[9., 9.]], dtype=float32)
    """

    _deserialize_config = False

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None) -> None:
        super().__init__(name=name)
        for x in tree.flatten(inputs):
            if isinstance(x, SymbolicTensor) and x._node is None:
                Input(tensor=x)  # it becomes the start of a graph
        self._inputs_nest = inputs
        self._graph = Graph(inputs, outputs)

    @property
    def inputs(self) -> list[SymbolicTensor]:
        """The symbolic inputs, as a flat list."""
        return self._graph.inputs

    @property
    def outputs(self) -> list[SymbolicTensor]:
        """The symbolic outputs, as a flat list."""
        return self._graph.outputs

    @property
    def operations(self) -> list:
        """Layers and ops of the graph, in running order."""
        return list(self._graph.operations)

    def call(self, inputs: Any) -> Any:
        """The outputs for other inputs, in the structure of those that the function was made with.

        Raises:
            ValueError: If their number or a shape does not fit.
        """
        return self._graph.run(self._matching(inputs))

    def compute_output_spec(self, inputs: Any) -> Any:
        """Symbolic outputs for symbolic inputs, without a node in the graph."""
        self._matching(inputs)
        return super().compute_output_spec(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Shapes of the outputs for a shape (or a nest of shapes) of the inputs."""
        shapes = _flat_shapes(input_shape)
        if len(shapes) != len(self.inputs):
            raise ValueError(self._another_number(f"{len(shapes)} shapes"))
        specs = [SymbolicTensor(shape, x.dtype) for shape, x in zip(shapes, self.inputs, strict=True)]
        outputs = self.compute_output_spec(tree.pack_sequence_as(self._inputs_nest, specs))
        return tree.map_structure(lambda x: x.shape, outputs)

    def _matching(self, inputs: Any) -> list:
        """The inputs as a flat list, if they fit."""
        values = tree.flatten(inputs)
        if len(values) != len(self.inputs):
            raise ValueError(self._another_number(f"{len(values)} tensors"))
        for value, x in zip(values, self.inputs, strict=True):
            if not x.shape.is_compatible_with(getattr(value, "shape", ())):
                raise ValueError(
                    message(
                        f"An input of function '{self.name}' has another shape.",
                        expected=f"shape {tuple(x.shape)} for '{x.name}'",
                        received=f"shape {tuple(getattr(value, 'shape', ()))}",
                    )
                )
        return values

    def _another_number(self, received: str) -> str:
        return message(
            f"Function '{self.name}' was called with a wrong number of inputs.",
            expected=f"{len(self.inputs)}: {[tuple(x.shape) for x in self.inputs]}",
            received=received,
        )

    def get_config(self) -> dict[str, Any]:
        """The graph as plain data."""
        return graph_config(self)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """A function from what `get_config` gave; its layers have new weights."""
        return graph_from_config(cls, config, custom_objects)


def _flat_shapes(nest: Any) -> list[TensorShape]:
    if isinstance(nest, dict):
        return [shape for key in sorted(nest) for shape in _flat_shapes(nest[key])]
    if isinstance(nest, (list, tuple)) and not all(d is None or isinstance(d, int) for d in nest):
        return [shape for one in nest for shape in _flat_shapes(one)]
    return [TensorShape(nest)]

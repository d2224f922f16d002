"""`Connected`: where a layer stands in a graph."""

from __future__ import annotations

from typing import Any

from addax.core import tree
from addax.core.errors import message


class Connected:
    """A base of `Layer`."""

    name: str
    _inbound_nodes: list

    @property
    def input(self) -> Any:
        """The symbolic input of the first call of this layer in a graph."""
        return self._the_node("input")

    @property
    def output(self) -> Any:
        """The symbolic output of the first call of this layer in a graph."""
        return self._the_node("output")

    def get_input_at(self, node_index: int) -> Any:
        """The symbolic input of one of the calls of a shared layer, as in tf.keras.

        Args:
            node_index: Which call, from 0.

        Raises:
            AttributeError: If there was no such call in a graph.
        """
        return self._the_node("input", node_index)

    def get_output_at(self, node_index: int) -> Any:
        """The symbolic output of one of the calls of a shared layer. See `get_input_at`."""
        return self._the_node("output", node_index)

    def get_input_shape_at(self, node_index: int) -> Any:
        """The shape of the input of one of the calls of a shared layer. See `get_input_at`."""
        return tree.map_structure(lambda x: x.shape, self.get_input_at(node_index))

    def get_output_shape_at(self, node_index: int) -> Any:
        """The shape of the output of one of the calls of a shared layer. See `get_input_at`."""
        return tree.map_structure(lambda x: x.shape, self.get_output_at(node_index))

    def _the_node(self, what: str, index: int = 0) -> Any:
        if not self._inbound_nodes:
            raise AttributeError(
                message(f"Layer '{self.name}' was never called on a symbolic input, so it has no {what}.")
            )
        if not -len(self._inbound_nodes) <= index < len(self._inbound_nodes):
            raise AttributeError(
                message(
                    f"Layer '{self.name}' has no call number {index}.",
                    expected=f"a number below {len(self._inbound_nodes)}",
                    received=index,
                )
            )
        node = self._inbound_nodes[index]
        if what == "output":
            return node.outputs
        if node.is_input:
            return node.outputs
        first = node.args[0] if node.args and isinstance(node.args[0], (list, tuple, dict)) else node.inputs
        return first[0] if isinstance(first, list) and len(first) == 1 else first

    @property
    def input_shape(self) -> Any:
        """The shape of `input`."""
        return tree.map_structure(lambda x: x.shape, self.input)

    @property
    def output_shape(self) -> Any:
        """The shape of `output`."""
        return tree.map_structure(lambda x: x.shape, self.output)

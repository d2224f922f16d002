"""Where symbolic tensors come from."""

from __future__ import annotations

from typing import Any

from addax.engine import SymbolicTensor
from addax.layers import InputLayer


def get_source_inputs(tensor: Any) -> Any:
    """The inputs that a symbolic tensor is computed from.

    Args:
        tensor: A symbolic tensor; anything else is given back.

    Returns:
        A list of the tensors of `Input`, each once, in the order in which they are reached.

    Example:
        >>> import addax as keras
        >>> a, b = keras.Input((2,), name="a"), keras.Input((2,), name="b")
        >>> [x.name for x in get_source_inputs(a + b * 2)]
        ['a', 'b']
    """
    if not isinstance(tensor, SymbolicTensor) or tensor._node is None:
        return tensor
    found: dict[int, Any] = {}
    seen, waiting = set(), [tensor]
    while waiting:
        x = waiting.pop()
        if id(x) in seen:
            continue
        seen.add(id(x))
        if x._node is None or isinstance(x._node.operation, InputLayer) or not x._node.inputs:
            found[id(x)] = x
        else:
            waiting.extend(reversed(x._node.inputs))
    return list(found.values())

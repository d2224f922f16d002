"""The object graph of TensorFlow's checkpoints: which object stands where, and under which keys its values are."""

from __future__ import annotations

from addax.formats._wire import Schema

OBJECT_GRAPH_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH"
VARIABLE_VALUE = "VARIABLE_VALUE"
_ATTRIBUTES = ".ATTRIBUTES"

CHECKPOINT_SCHEMA = Schema(
    """
    CheckpointGraph: nodes=1:*CheckpointNode
    CheckpointNode: children=1:*Child attributes=2:*CheckpointAttr slot_variables=3:*SlotVariable has_checkpoint_values=5:BoolValue
    Child: node_id=1:int local_name=2:str
    CheckpointAttr: name=1:str full_name=2:str checkpoint_key=3:str
    SlotVariable: original_variable_node_id=1:int slot_name=2:str slot_variable_node_id=3:int
    BoolValue: value=1:bool
    """  # noqa: E501
)


def checkpoint_key(path: tuple[str, ...], attribute: str = VARIABLE_VALUE) -> str:
    """The key of a value in a checkpoint.

    Args:
        path: The names of the edges from the root to the object.
        attribute: Which of the object's values it is.

    Example:
        >>> checkpoint_key(("net", "dense/1", "kernel"))
        'net/dense.S1/kernel/.ATTRIBUTES/VARIABLE_VALUE'
    """
    return "/".join((*map(_escaped, path), _ATTRIBUTES, attribute))


def split_key(key: str) -> tuple[tuple[str, ...], str] | None:
    """The path and the attribute that `checkpoint_key` made a key of; None for any other key.

    Example:
        >>> split_key("net/dense.S1/kernel/.ATTRIBUTES/VARIABLE_VALUE")
        (('net', 'dense/1', 'kernel'), 'VARIABLE_VALUE')
    """
    path, mark, attribute = key.rpartition(f"{_ATTRIBUTES}/")
    if not mark or (path and not path.endswith("/")):
        return None
    return tuple(_unescaped(name) for name in path.split("/")[:-1]), attribute


def _escaped(name: str) -> str:
    return name.replace(".", "..").replace("/", ".S")


def _unescaped(name: str) -> str:
    return "".join({"..": ".", ".S": "/"}.get(part, part) for part in _parts(name))


def _parts(name: str) -> list[str]:
    """The characters of a name, those that are escaped as two."""
    parts, position = [], 0
    while position < len(name):
        width = 2 if name[position] == "." else 1
        parts.append(name[position : position + width])
        position += width
    return parts

"""Protocol-buffer messages as objects: fields as attributes, and their bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from addax.formats._wire import Schema


class Message:
    """A message that was made from a dict: fields are attributes, and those that are not there have their defaults.

    Args:
        schema: Describes the message.
        kind: Its name in the schema.
        plain: Its fields, as `Schema.decode` gives them.

    Example:
        >>> point = Message(Schema("Point: x=1:int y=2:int"), "Point", {"x": 3})
        >>> point.x, point.y, point.SerializeToString().hex()
        (3, 0, '0803')
    """

    def __init__(self, schema: Schema, kind: str, plain: Mapping[str, Any]) -> None:
        self._schema, self._kind, self._plain = schema, kind, plain

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = self._schema.default(self._kind, name)
        if found is None:
            raise AttributeError(
                f"{self._kind} has no field {name!r}: expected one of {self._schema.fields(self._kind)}."
            )
        kind, many, default = found
        value: Any = self._plain.get(name)
        if value is None:
            value = [] if many in ("*", "+") else {} if many == "map" else default
        if not isinstance(default, dict):
            return list(value) if many in ("*", "+") else value
        if many == "map":
            return {key: self._inner(kind, item) for key, item in value.items()}
        return [self._inner(kind, item) for item in value] if many else self._inner(kind, value)

    def _inner(self, kind: str, value: Any) -> Any:
        if isinstance(value, bytes):  # encoded already
            value = self._schema.decode(kind, value)
        return Message(self._schema, kind, value) if isinstance(value, Mapping) else value

    def HasField(self, name: str) -> bool:  # noqa: N802 - the name that messages have
        """Whether a field is there."""
        return self._plain.get(name) is not None

    def SerializeToString(self, deterministic: bool | None = None) -> bytes:  # noqa: N802
        """The bytes of the message.

        Args:
            deterministic: Accepted for the sake of protocol buffers: equal messages always give equal bytes.
        """
        return self._schema.encode(self._kind, self._plain)

    def ByteSize(self) -> int:  # noqa: N802
        """The number of its bytes."""
        return len(self.SerializeToString())

    def __eq__(self, other: Any) -> bool:
        if not hasattr(other, "SerializeToString"):
            return NotImplemented
        return self.SerializeToString() == other.SerializeToString()

    def __hash__(self) -> int:
        return hash(self.SerializeToString())

    def __repr__(self) -> str:
        return message_text(self._schema.decode(self._kind, self.SerializeToString())).rstrip("\n")


def message_text(plain: Mapping[str, Any], indent: str = "") -> str:
    """Fields as protocol buffers are printed.

    Args:
        plain: The fields.
        indent: What each line begins with.
    """
    lines = []
    for name, value in plain.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Mapping):
                lines.append(f"{indent}{name} {{\n{message_text(item, indent + '  ')}{indent}}}\n")
            else:
                shown = (
                    f'"{item}"'
                    if isinstance(item, str)
                    else f"{item}".lower()
                    if isinstance(item, bool)
                    else item
                )
                shown = '"' + repr(item)[2:-1] + '"' if isinstance(item, bytes) else shown
                lines.append(f"{indent}{name}: {shown}\n")
    return "".join(lines)

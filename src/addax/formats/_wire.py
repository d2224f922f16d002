"""The protocol-buffer wire format, driven by schemas of one line per message: dicts to bytes and back."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_WIRE_TYPES = {
    "int": _VARINT,
    "uint": _VARINT,
    "bool": _VARINT,
    "enum": _VARINT,
    "double": _FIXED64,
    "fixed64": _FIXED64,
    "str": _BYTES,
    "bytes": _BYTES,
    "float": _FIXED32,
    "fixed32": _FIXED32,
}
_PACKERS = {
    "double": struct.Struct("<d"),
    "fixed64": struct.Struct("<Q"),
    "float": struct.Struct("<f"),
    "fixed32": struct.Struct("<I"),
}
# Deeper nesting than any format we read has; a hostile message must not exhaust the Python stack.
_MAX_DEPTH = 100
_FIELD = re.compile(r"(\w+)=(\d+):([*+]?)(?:(\w+)|\{(\w+),(\w+)\})")


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    number: int
    kind: str  # a scalar kind, or the name of a message
    many: str  # "" single, "*" repeated, "+" packed, "map"

    @property
    def wire_type(self) -> int:
        return _WIRE_TYPES.get(self.kind, _BYTES)


def encode_varint(number: int) -> bytes:
    """Encode an integer in base 128, least significant group first; negative ones as 64-bit two's complement.

    Example:
        >>> encode_varint(300).hex()
        'ac02'
    """
    if number < 0:
        number += 1 << 64
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def decode_varint(data: bytes | memoryview, position: int = 0) -> tuple[int, int]:
    """Read a varint.

    Args:
        data: The bytes.
        position: Where the varint starts.

    Returns:
        The unsigned value and the position behind it.

    Raises:
        ValueError: The bytes end inside the varint, or it is longer than 64 bits.
    """
    result = shift = 0
    end = len(data)
    while position < end:
        byte = data[position]
        position += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result & 0xFFFFFFFFFFFFFFFF, position
        shift += 7
        if shift > 63:
            raise ValueError("Malformed varint: expected at most 10 bytes, received more.")
    raise ValueError("Truncated varint: the data end inside it.")


class Schema:
    """Message descriptions, and the encoder and decoder that follow them.

    A line describes a message: `Name: field=number:kind ...`. A kind is a scalar (int, uint, bool, enum, str,
    bytes, float, double, fixed32, fixed64) or a message; `*kind` is repeated, `+kind` repeated and packed,
    `{key,value}` a map. Messages are plain dicts of the fields that are present, so that decoding an encoded
    dict gives it back. Unknown fields are skipped when reading.

    Args:
        text: The description, one message a line; blank lines and those that start with ``#`` are ignored.
        bases: Schemas whose messages can be used in this one.

    Example:
        >>> schema = Schema("Point: x=1:int y=2:int label=3:str")
        >>> schema.encode("Point", {"x": 3, "label": "a"}).hex()
        '08031a0161'
        >>> schema.decode("Point", bytes.fromhex("08031a0161"))
        {'x': 3, 'label': 'a'}
    """

    def __init__(self, text: str, *bases: Schema) -> None:
        self._messages: dict[str, dict[str, _Field]] = {}
        for base in bases:
            self._messages.update(base._messages)
        for line in text.strip().splitlines():
            line = line.strip()
            if line and not line.startswith("#"):
                self._add_message(line)
        self._by_number = {
            message: {field.number: field for field in fields.values()}
            for message, fields in self._messages.items()
        }

    def _add_message(self, line: str) -> None:
        message, _, body = line.partition(":")
        fields: dict[str, _Field] = {}
        for token in body.split():
            match = _FIELD.fullmatch(token)
            if match is None:
                raise ValueError(f"Schema of {message}: expected name=number:kind, received {token!r}.")
            name, number, many, kind, key, value = match.groups()
            if key:
                kind, many = f"{message}.{name}", "map"
                self._messages[kind] = {
                    "key": _Field("key", 1, key, ""),
                    "value": _Field("value", 2, value, ""),
                }
            fields[name] = _Field(name, int(number), kind, many)
        self._messages[message.strip()] = fields

    def fields(self, message: str) -> list[str]:
        """The names of a message's fields."""
        return list(self._messages[message])

    def default(self, message: str, name: str) -> tuple[str, str, Any] | None:
        """What is known of a field that is not there.

        Args:
            message: The message's name in the schema.
            name: The field's name.

        Returns:
            Its kind (that of the values, for a map), how many it holds (`""`, `"*"`, `"+"` or `"map"`) and the
            default of one, an empty dict for a message; None if there is no such field.
        """
        field = self._messages[message].get(name)
        if field is None:
            return None
        one = self._messages[field.kind]["value"] if field.many == "map" else field
        return one.kind, field.many, _or_default({}, one)

    def encode(self, message: str, value: Mapping[str, Any]) -> bytes:
        """Encode a message; every field that is present and not None is written, in the order of the numbers.

        Args:
            message: The message's name in the schema.
            value: Its fields. A nested message is a dict, or bytes that are encoded already.

        Returns:
            The wire bytes.

        Raises:
            ValueError: `value` has a field that the schema does not know.
        """
        fields = self._messages[message]
        unknown = set(value) - set(fields)
        if unknown:
            raise ValueError(
                f"{message} has no field {sorted(unknown)}: expected some of {sorted(fields)}, "
                f"received {sorted(value)}."
            )
        out: list[bytes] = []
        for name in sorted(value, key=lambda name: fields[name].number):
            if value[name] is not None:
                self._encode_field(fields[name], value[name], out)
        return b"".join(out)

    def _encode_field(self, field: _Field, value: Any, out: list[bytes]) -> None:
        if field.many == "+":
            packed = b"".join(_encode_scalar(field.kind, item) for item in value)
            if packed:
                out += [_tag(field.number, _BYTES), encode_varint(len(packed)), packed]
            return
        items: Iterable[Any] = value if field.many == "*" else [value]
        if field.many == "map":
            items = ({"key": key, "value": item} for key, item in value.items())
        tag = _tag(field.number, field.wire_type)
        for item in items:
            if field.kind in _WIRE_TYPES:
                out += [tag, _encode_scalar(field.kind, item)]
            else:
                payload = item if isinstance(item, bytes) else self.encode(field.kind, item)
                out += [tag, encode_varint(len(payload)), payload]

    def decode(self, message: str, data: bytes | memoryview) -> dict[str, Any]:
        """Decode a message.

        Args:
            message: The message's name in the schema.
            data: The wire bytes. They may come from anywhere: nothing beyond them is read or allocated.

        Returns:
            The fields that are present: repeated ones as lists, maps and messages as dicts.

        Raises:
            ValueError: The bytes are not such a message.
        """
        try:
            return self._decode(message, memoryview(data), {}, 0)
        except (UnicodeDecodeError, struct.error) as error:
            raise ValueError(f"Malformed {message}: {error}.") from error

    def _decode(self, message: str, data: memoryview, into: dict[str, Any], depth: int) -> dict[str, Any]:
        if depth > _MAX_DEPTH:
            raise ValueError(f"Malformed {message}: messages are nested more than {_MAX_DEPTH} deep.")
        fields = self._by_number[message]
        position = 0
        while position < len(data):
            key, position = decode_varint(data, position)
            number, wire_type = key >> 3, key & 7
            raw, position = _read_raw(message, data, position, wire_type)
            field = fields.get(number)
            if field is not None:
                self._store(message, field, wire_type, raw, into, depth)
        return into

    def _store(
        self, message: str, field: _Field, wire_type: int, raw: Any, into: dict[str, Any], depth: int
    ) -> None:
        name = field.name
        if field.many in ("*", "+") and wire_type == _BYTES != field.wire_type:
            into.setdefault(name, []).extend(_unpack(field.kind, raw))
            return
        if wire_type != field.wire_type:
            raise ValueError(
                f"Malformed {message}.{name}: expected wire type {field.wire_type} ({field.kind}), "
                f"received {wire_type}."
            )
        if field.kind in _WIRE_TYPES:
            value = _decode_scalar(field.kind, raw)
        else:
            # A single message that comes twice is merged, as the format demands.
            start = {} if field.many else into.get(name, {})
            value = self._decode(field.kind, raw, start, depth + 1)
        if field.many == "map":
            key, item = self._messages[field.kind].values()
            into.setdefault(name, {})[_or_default(value, key)] = _or_default(value, item)
        elif field.many:
            into.setdefault(name, []).append(value)
        else:
            into[name] = value


def _tag(number: int, wire_type: int) -> bytes:
    return encode_varint(number << 3 | wire_type)


def _encode_scalar(kind: str, value: Any) -> bytes:
    if kind in _PACKERS:
        return _PACKERS[kind].pack(value)
    if kind in ("str", "bytes"):
        raw = value.encode() if isinstance(value, str) else bytes(value)
        return encode_varint(len(raw)) + raw
    return encode_varint(int(value))


def _read_raw(message: str, data: memoryview, position: int, wire_type: int) -> tuple[int | memoryview, int]:
    if wire_type == _VARINT:
        return decode_varint(data, position)
    if wire_type == _BYTES:
        size, position = decode_varint(data, position)
    elif wire_type in (_FIXED64, _FIXED32):
        size = 8 if wire_type == _FIXED64 else 4
    else:
        raise ValueError(f"Malformed {message}: expected wire type 0, 1, 2 or 5, received {wire_type}.")
    end = position + size
    if end > len(data):
        raise ValueError(
            f"Truncated {message}: a field declares {size} bytes, {len(data) - position} are left."
        )
    return data[position:end], end


def _decode_scalar(kind: str, raw: Any) -> Any:
    if kind in _PACKERS:
        return _PACKERS[kind].unpack(raw)[0]
    if kind == "str":
        return str(raw, "utf-8")
    if kind == "bytes":
        return bytes(raw)
    if kind == "bool":
        return bool(raw)
    if kind in ("int", "enum") and raw >> 63:
        return raw - (1 << 64)
    return raw


def _unpack(kind: str, raw: Any) -> Iterable[Any]:
    if kind in _PACKERS:
        return [item[0] for item in _PACKERS[kind].iter_unpack(raw)]
    values, position = [], 0
    while position < len(raw):
        value, position = decode_varint(raw, position)
        values.append(_decode_scalar(kind, value))
    return values


def _or_default(entry: dict[str, Any], field: _Field) -> Any:
    """A map entry's key or value; writers leave out what equals the type's default."""
    if field.name in entry:
        return entry[field.name]
    if field.kind not in _WIRE_TYPES:
        return {}
    return {"str": "", "bytes": b"", "bool": False, "float": 0.0, "double": 0.0}.get(field.kind, 0)

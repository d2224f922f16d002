"""`tf.train.Example` and what it is made of: messages of named lists of numbers or bytes, as records hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from addax.core.errors import message
from addax.formats import Schema, message_text

_SCHEMA = Schema(
    """
    Example: features=1:Features
    SequenceExample: context=1:Features feature_lists=2:FeatureLists
    Features: feature=1:{str,Feature}
    FeatureLists: feature_list=1:{str,FeatureList}
    FeatureList: feature=1:*Feature
    Feature: bytes_list=1:BytesList float_list=2:FloatList int64_list=3:Int64List
    BytesList: value=1:*bytes
    FloatList: value=1:+float
    Int64List: value=1:+int
    """
)


class _Message:
    """A message: fields that are made when they are first asked for, and its bytes."""

    _fields: ClassVar[Mapping[str, Any]] = {}  # name -> what makes it

    def __init__(self, **fields: Any) -> None:
        self._given: dict[str, Any] = {}
        for name, value in fields.items():
            if name not in self._fields:
                raise ValueError(
                    message(
                        f"{type(self).__name__} has no field '{name}'.",
                        expected=", ".join(self._fields),
                        received=name,
                    )
                )
            if value is not None:
                self._given[name] = self._fields[name](value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._fields:
            raise AttributeError(f"{type(self).__name__} has no field '{name}'.")
        return self._given.setdefault(name, self._fields[name]())

    def HasField(self, name: str) -> bool:  # noqa: N802 - the name that messages have
        """Whether a field was set."""
        return name in self._given

    def SerializeToString(self) -> bytes:  # noqa: N802
        """The bytes of the message; equal messages give equal bytes."""
        return _SCHEMA.encode(type(self).__name__, self._plain())

    def ParseFromString(self, serialized: bytes) -> int:  # noqa: N802
        """Take the fields from bytes; gives their number.

        Raises:
            ValueError: If they are no such message.
        """
        self._given = self._from_plain(_SCHEMA.decode(type(self).__name__, bytes(serialized)))._given
        return len(serialized)

    @classmethod
    def FromString(cls, serialized: bytes) -> Any:  # noqa: N802
        """The message of bytes.

        Raises:
            ValueError: If they are no such message.
        """
        return cls._from_plain(_SCHEMA.decode(cls.__name__, bytes(serialized)))

    @classmethod
    def _from_plain(cls, plain: Mapping[str, Any]) -> Any:
        found = cls()
        for name, value in plain.items():
            found._given[name] = cls._fields[name]._from_plain(value)
        return found

    def _plain(self) -> dict[str, Any]:
        return {name: value._plain() for name, value in self._given.items()}

    def __eq__(self, other: Any) -> bool:
        return type(self) is type(other) and self._plain() == other._plain()

    __hash__ = None  # type: ignore[assignment] - it can be changed

    def __repr__(self) -> str:
        return message_text(self._plain()).rstrip("\n")


class _Values(list):
    """The values of a list message, checked as they come."""

    def __init__(self, check: Any, values: Iterable = ()) -> None:
        super().__init__(map(check, values))
        self._check = check

    def append(self, value: Any) -> None:
        super().append(self._check(value))

    def extend(self, values: Iterable) -> None:
        super().extend(map(self._check, values))

    def __setitem__(self, place: Any, value: Any) -> None:
        super().__setitem__(
            place, list(map(self._check, value)) if isinstance(place, slice) else self._check(value)
        )


class _List(_Message):
    """A message of values of one kind."""

    def __init__(self, value: Iterable = ()) -> None:
        super().__init__()
        self._given["value"] = _Values(self._check, value)

    _fields = {"value": list}

    @staticmethod
    def _check(value: Any) -> Any:
        return value

    @classmethod
    def _from_plain(cls, plain: Mapping[str, Any]) -> Any:
        return cls(plain.get("value", ()))

    def _plain(self) -> dict[str, Any]:
        return {"value": list(self._given["value"])} if self._given["value"] else {}


class Int64List(_List):
    """Integers.

    Args:
        value: The integers, of 64 bits.

    Raises:
        TypeError: If one is no integer.
        ValueError: If one has more bits.

    Example:
        >>> import addax.tf as tf
        >>> tf.train.Int64List(value=[3, True]).value
        [3, 1]
    """

    @staticmethod
    def _check(value: Any) -> int:
        if not isinstance(value, (int, np.integer, np.bool_)):
            raise TypeError(message("An Int64List holds integers.", received=value))
        if not -(1 << 63) <= int(value) < 1 << 63:
            raise ValueError(message("An integer has more than 64 bits.", received=value))
        return int(value)


class FloatList(_List):
    """Floats, which are kept in 32 bits.

    Args:
        value: The numbers.

    Raises:
        TypeError: If one is no number.

    Example:
        >>> import addax.tf as tf
        >>> tf.train.FloatList(value=[0.5, 2]).value
        [0.5, 2.0]
    """

    @staticmethod
    def _check(value: Any) -> float:
        if not isinstance(value, (int, float, np.number, np.bool_)):
            raise TypeError(message("A FloatList holds numbers.", received=value))
        return float(np.float32(value))


class BytesList(_List):
    """Strings of bytes.

    Args:
        value: The strings.

    Raises:
        TypeError: If one is not of bytes.

    Example:
        >>> import addax.tf as tf
        >>> tf.train.BytesList(value=[b"a"]).value
        [b'a']
    """

    @staticmethod
    def _check(value: Any) -> bytes:
        if not isinstance(value, bytes):
            raise TypeError(
                message("A BytesList holds bytes.", received=value, hint='Encode text: "...".encode().')
            )
        return value


def _made(kind: Any) -> Any:
    """What takes a message of a class, or makes an empty one."""

    class Field:
        _from_plain = kind._from_plain

        def __new__(cls, value: Any = None) -> Any:
            if value is None:
                return kind()
            if not isinstance(value, kind):
                raise TypeError(
                    message("A field has another kind.", expected=f"tf.train.{kind.__name__}", received=value)
                )
            return value

    return Field


class Feature(_Message):
    """One list of values: of bytes, of floats or of integers.

    Args:
        bytes_list: A `BytesList`.
        float_list: A `FloatList`.
        int64_list: An `Int64List`.

    Raises:
        ValueError: If there are several.

    Example:
        >>> import addax.tf as tf
        >>> feature = tf.train.Feature(int64_list=tf.train.Int64List(value=[1, 2]))
        >>> feature.WhichOneof("kind"), feature.int64_list.value
        ('int64_list', [1, 2])
    """

    _fields = {"bytes_list": _made(BytesList), "float_list": _made(FloatList), "int64_list": _made(Int64List)}

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        if len(self._given) > 1:
            raise ValueError(
                message(
                    "A Feature has one list.", expected="one of its arguments", received=list(self._given)
                )
            )

    def WhichOneof(self, group: str = "kind") -> str | None:  # noqa: N802
        """The name of the list that there is, or None.

        Args:
            group: `"kind"`, as messages of TensorFlow call the three.
        """
        return next(iter(self._given), None)


class _Map(dict):
    """Messages by name; one that is asked for and not there is made."""

    def __init__(self, make: Any, given: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self._make = make
        for name, value in (given or {}).items():
            if not isinstance(name, str):
                raise TypeError(message("Features are named by text.", received=name))
            dict.__setitem__(self, name, make(value))

    def __missing__(self, name: str) -> Any:
        dict.__setitem__(self, name, self._make())
        return self[name]


def _map_of(kind: Any) -> Any:
    made = _made(kind)

    class Field(_Map):
        def __init__(self, given: Mapping[str, Any] | None = None) -> None:
            super().__init__(made, given)

        @classmethod
        def _from_plain(cls, plain: Mapping[str, Any]) -> Any:
            return cls({name: kind._from_plain(value) for name, value in plain.items()})

        def _plain(self) -> dict[str, Any]:
            return {name: self[name]._plain() for name in sorted(self)}

    return Field


class Features(_Message):
    """Features by name.

    Args:
        feature: A dict of `Feature`.

    Example:
        >>> import addax.tf as tf
        >>> features = tf.train.Features()
        >>> features.feature["age"].int64_list.value.append(7)
        >>> sorted(features.feature)
        ['age']
    """

    _fields = {"feature": _map_of(Feature)}


class Example(_Message):
    """A record of named features, as TFRecord files hold them.

    Args:
        features: A `Features`.

    Example:
        >>> import addax.tf as tf
        >>> age = tf.train.Feature(int64_list=tf.train.Int64List(value=[7]))
        >>> example = tf.train.Example(features=tf.train.Features(feature={"age": age}))
        >>> data = example.SerializeToString()
        >>> tf.train.Example.FromString(data) == example
        True
        >>> tf.io.parse_single_example(data, {"age": tf.io.FixedLenFeature([], tf.int64)})["age"].numpy().item()
        7
    """

    _fields = {"features": _made(Features)}


class _Sequence(list):
    def __init__(self, given: Iterable = ()) -> None:
        super().__init__(map(_made(Feature), given))

    def add(self) -> Feature:
        """A new message at the end."""
        self.append(Feature())
        return self[-1]

    @classmethod
    def _from_plain(cls, plain: Iterable) -> Any:
        return cls([Feature._from_plain(item) for item in plain])

    def _plain(self) -> list:
        return [item._plain() for item in self]


class FeatureList(_Message):
    """Features one after the other, such as one for each frame.

    Args:
        feature: A list of `Feature`.

    Example:
        >>> import addax.tf as tf
        >>> frames = tf.train.FeatureList()
        >>> frames.feature.add().float_list.value.extend([0.5, 1.0])
        >>> len(frames.feature)
        1
    """

    _fields = {"feature": _Sequence}


class FeatureLists(_Message):
    """Lists of features by name.

    Args:
        feature_list: A dict of `FeatureList`.

    Example:
        >>> import addax.tf as tf
        >>> lists = tf.train.FeatureLists(feature_list={"frames": tf.train.FeatureList()})
        >>> sorted(lists.feature_list)
        ['frames']
    """

    _fields = {"feature_list": _map_of(FeatureList)}


class SequenceExample(_Message):
    """A record of features of the whole, and of lists of features.

    Args:
        context: A `Features`.
        feature_lists: A `FeatureLists`.

    Example:
        >>> import addax.tf as tf
        >>> example = tf.train.SequenceExample()
        >>> example.context.feature["length"].int64_list.value.append(2)
        >>> tf.train.SequenceExample.FromString(example.SerializeToString()) == example
        True
    """

    _fields = {"context": _made(Features), "feature_lists": _made(FeatureLists)}

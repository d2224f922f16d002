"""Objects to plain data and back, for files of models. What a file may name is decided by `core/resolver.py`."""

from __future__ import annotations

import base64
import contextlib
import importlib
import inspect
import math
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from addax.core import config as settings
from addax.core import context, dtypes, registry
from addax.core.errors import message
from addax.core.resolver import packages_of, public_module, resolve


def serialize(obj: Any) -> Any:
    """Plain data (JSON) for a value of a config: numbers, nests, arrays, dtypes, functions, objects with `get_config`.

    Raises:
        TypeError: If there is no plain form of it.
    """
    if obj is None or isinstance(obj, (bool, int, float)):
        return obj
    if isinstance(obj, str):
        return str(obj)
    if isinstance(obj, (list, tuple)):
        return [serialize(item) for item in obj]
    if isinstance(obj, Mapping) and not hasattr(obj, "get_config"):
        return {key: serialize(value) for key, value in obj.items()}
    plain = _serialize_value(obj)
    if plain is not None:
        return plain
    if inspect.isclass(obj):
        return {
            "class_name": "__class__",
            "config": registry.get_registered_name(obj),
            "module": public_module(obj),
        }
    if hasattr(obj, "get_config"):
        return serialize_object(obj)
    if callable(obj):
        return serialize_function(obj)
    raise TypeError(
        message(
            "This value cannot be saved.",
            received=obj,
            hint="Give its class a get_config() method, or override get_config() of the object that holds it.",
        )
    )


def _serialize_value(obj: Any) -> Any:
    if isinstance(obj, np.generic):
        return obj.item()
    if isinstance(obj, np.dtype):
        return obj.name
    if isinstance(obj, np.ndarray):
        return {"class_name": "__numpy__", "config": {"value": obj.tolist(), "dtype": obj.dtype.name}}
    if isinstance(obj, slice):
        return {
            "class_name": "__slice__",
            "config": {k: serialize(getattr(obj, k)) for k in ("start", "stop", "step")},
        }
    if obj is Ellipsis:
        return {"class_name": "__ellipsis__", "config": {}}
    if isinstance(obj, bytes):
        return {"class_name": "__bytes__", "config": {"value": obj.decode("utf-8", "surrogateescape")}}
    if hasattr(obj, "numpy") and hasattr(obj, "shape") and not hasattr(obj, "get_config"):
        return {
            "class_name": "__tensor__",
            "config": {"value": np.asarray(obj).tolist(), "dtype": str(obj.dtype)},
        }
    return None


def serialize_function(obj: Callable) -> dict[str, Any]:
    """Plain data for a function: its registered or own name; a lambda's code, which only unsafe loading reads."""
    name = getattr(obj, "__name__", None)
    if name == "<lambda>":
        return {"class_name": "__lambda__", "config": _lambda_code(obj)}
    if name is None:
        raise TypeError(message("This callable has no name to be saved under.", received=obj))
    _note(obj)
    return {
        "module": "builtins",  # of functions Keras writes the name alone
        "class_name": "function",
        "config": registry.get_registered_name(obj),
        "registered_name": "function",
    }


def _lambda_code(obj: Callable) -> dict[str, Any]:
    import marshal

    closure = getattr(obj, "__closure__", None)
    return {
        "code": base64.b64encode(marshal.dumps(obj.__code__)).decode("ascii"),  # type: ignore[attr-defined]
        "defaults": serialize(list(obj.__defaults__)) if obj.__defaults__ else None,  # type: ignore[attr-defined]
        "closure": [serialize(cell.cell_contents) for cell in closure] if closure else None,
    }


def serialize_object(obj: Any) -> dict[str, Any]:
    """Plain data for an object: module, class name, config, and registered name."""
    cls = type(obj)
    module = public_module(cls)
    registered = registry.get_registered_name(cls)
    if module is not None:
        registered = cls.__name__ if module.startswith("keras.src") else None
    elif cls.__module__ not in ("__main__", "builtins"):
        module = cls.__module__
    _note(cls)
    data = {
        "module": module,
        "class_name": cls.__dict__.get("_public_name", cls.__name__),
        "config": serialize_config(obj),
        "registered_name": registered,
    }
    build_config = getattr(obj, "get_build_config", None)
    if build_config is not None and getattr(obj, "built", False):
        found = build_config()
        if found is not None:
            data["build_config"] = serialize(found)
    compile_config = getattr(obj, "get_compile_config", None)
    if compile_config is not None:
        found = compile_config()
        if found is not None:
            data["compile_config"] = serialize(found)
    written = context.current().writing
    if written is not None and build_config is not None:
        numbers = written.numbers
        data["shared_object_id"] = numbers.setdefault(id(obj), (len(numbers) + 1, obj))[0]
    return data


class _Writing(NamedTuple):
    """What is being written: the number of each object, by its id, and the classes and functions of the user's."""

    numbers: dict[int, tuple[int, Any]]
    named: dict[str, Any]


def _note(obj: Any) -> None:
    written = context.current().writing
    if written is not None and not (getattr(obj, "__module__", None) or "").startswith("addax."):
        written.named[registry.get_registered_name(obj)] = obj


def serialize_model(model: Any, named: dict[str, Any] | None = None) -> dict[str, Any]:
    """`serialize_object`, in which layers that occur more than once have a number by which they are one again.

    Args:
        model: The model.
        named: Gets the classes and functions that the data names and that are the user's, by name.
    """
    with context.entered(writing=_Writing({}, {} if named is None else named)):
        data = serialize_object(model)
    counts = Counter(entry["shared_object_id"] for entry in _numbered(data))
    for entry in _numbered(data):
        if counts[entry["shared_object_id"]] == 1:
            del entry["shared_object_id"]
    return data


def _numbered(data: Any) -> list[dict]:
    """The entries with a number, in a nest of plain data."""
    found, rest = [], [data]
    while rest:
        item = rest.pop()
        if isinstance(item, dict):
            rest.extend(item.values())
            if "shared_object_id" in item:
                found.append(item)
        elif isinstance(item, list):
            rest.extend(item)
    return found


def serialize_config(obj: Any) -> dict[str, Any]:
    """`obj.get_config()` as plain data."""
    config = obj.get_config()
    if not isinstance(config, dict):
        raise TypeError(
            message(
                f"{type(obj).__name__}.get_config() must return a dict.", received=config, where=obj_name(obj)
            )
        )
    try:
        return {key: serialize(value) for key, value in config.items()}
    except TypeError as error:
        raise TypeError(f"{obj_name(obj)}: {error}") from error


def obj_name(obj: Any) -> str:
    """How an error names an object."""
    name = getattr(obj, "name", None)
    return f"{type(obj).__name__} '{name}'" if isinstance(name, str) else type(obj).__name__


# What a file may hold besides objects and functions: name -> how it is made from its config.
_VALUES: dict[str, Callable[[Any], Any]] = {
    "__bytes__": lambda c: c["value"].encode("utf-8", "surrogateescape"),
    "__ellipsis__": lambda c: Ellipsis,
    "__numpy__": lambda c: np.array(c["value"], dtype=dtypes.numpy_dtype(c["dtype"])),
    "__slice__": lambda c: slice(*(c[k] for k in ("start", "stop", "step"))),
    "__tuple__": lambda c: tuple(_deserialize(v) for v in c["value"]),
}


def register_value(name: str, make: Callable[[Any], Any]) -> None:
    """Tell how a kind of plain value is made from its config (a floor above knows its class)."""
    _VALUES[name] = make


# Reading -------------------------------------------------------------------------------------------------
_FREE = 1 << 30  # bytes of variables that a file may ask for, whatever it holds


class _Room:
    """How many bytes of variables a file may ask for: a few words of a config describe a model of any size.

    Args:
        limit: Gives the number, if it comes to that; the memory of the machine if None.
    """

    def __init__(self, limit: Callable[[], int] | None) -> None:
        self._limit = limit or _memory
        self._taken = 0

    def take(self, size: int) -> None:
        self._taken += size
        if self._taken > _FREE and self._taken > (limit := self._limit()):
            raise ValueError(
                message(
                    "The config describes a model that is far larger than what it came with; it is refused.",
                    expected=f"variables of at most {max(limit, _FREE)} bytes",
                    received=f"{self._taken} bytes or more",
                    hint="If you trust it, build the model yourself, or load it with safe_mode=False.",
                )
            )


def _memory() -> int:
    """The bytes of memory that the machine has."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # Windows
        return 1 << 40


class _Reading:
    """A file (or some data) that is being read: its policy, which nothing in it can change, and what it shares."""

    __slots__ = ("room", "safe", "shared")

    def __init__(self, safe: bool, room: _Room) -> None:
        self.safe, self.room = safe, room
        self.shared: dict[int, Any] = {}


def make_room(shape: Sequence[int], dtype: Any) -> None:
    """Say that a variable is to be made.

    Args:
        shape: Its shape.
        dtype: Its dtype.

    Raises:
        ValueError: If it is larger than the memory of the machine; or if a file is being read, safe mode is on, and the
            variables so far are far more than the file holds.
    """
    now, size = context.current().reading, math.prod(shape) * dtypes.numpy_dtype(dtype).itemsize
    if now is not None and now.safe:
        now.room.take(size)
    elif size > _FREE and size > (limit := _memory()):
        raise ValueError(
            message(
                "A variable is larger than the memory of this machine.",
                expected=f"at most {limit} bytes",
                received=f"shape {tuple(shape)} of {dtype}, {size} bytes",
            )
        )


@contextlib.contextmanager
def reading(
    safe_mode: bool | None = None, new_file: bool = False, room: Callable[[], int] | None = None
) -> Iterator[None]:
    """The policy for everything that is deserialized inside the block.

    Args:
        safe_mode: False lets lambdas in; None means True unless `enable_unsafe_deserialization()` was called.
            Inside another such block it can only make the policy stricter.
        new_file: Whether objects shared in the data around are out of reach.
        room: Gives how many bytes of variables the data may ask for, if they are many; those around, or the memory
            of the machine, if None.

    Raises:
        TypeError: If `safe_mode` is none of True, False and None.
    """
    if safe_mode is not None and not isinstance(safe_mode, bool):
        raise TypeError(message("`safe_mode` is wrong.", expected="True, False or None", received=safe_mode))
    outer = context.current().reading
    safe = in_safe_mode() if safe_mode is None or (outer is not None and outer.safe) else safe_mode
    new = _Reading(safe, outer.room if outer is not None and room is None else _Room(room))
    if outer is not None and not new_file:
        new.shared = outer.shared
    try:
        with context.entered(reading=new):
            yield
    except RecursionError as error:
        if outer is not None:
            raise
        raise ValueError(message("The data is nested too deeply.")) from error


def in_safe_mode() -> bool:
    """Whether code in files is refused here (the default)."""
    outer = context.current().reading
    return not settings.get("unsafe_deserialization") if outer is None else outer.safe


def deserialize(
    config: Any,
    custom_objects: Mapping | None = None,
    safe_mode: bool | None = None,
    packages: Sequence[str] = (),
) -> Any:
    """Objects from plain data.

    Args:
        config: What `serialize` gave, ours or Keras's.
        custom_objects: Name -> class or function, for classes that were not registered.
        safe_mode: See `reading`.
        packages: The packages of ours that the object may come from; any that files may name if empty.

    Raises:
        TypeError: If a class is not known; the message says what was searched and the line to add.
        ValueError: If the data holds code and safe mode is on, or if it is malformed.
    """
    with registry.custom_object_scope(custom_objects), reading(safe_mode):
        return _deserialize(config, packages)


def _deserialize(data: Any, packages: Sequence[str] = ()) -> Any:
    if isinstance(data, (list, tuple)):
        return [_deserialize(item, packages) for item in data]
    if not isinstance(data, dict):
        return data
    if "class_name" not in data or "config" not in data:
        return {key: _deserialize(value, packages) for key, value in data.items()}
    name, config = data["class_name"], data["config"]
    if name in _VALUES:
        return _value(name, config)
    if name == "__lambda__":
        return _lambda(config)
    if name == "function":
        return resolve(data.get("module"), config, data.get("registered_name"), "function", packages)
    if name == "__class__":
        return resolve(data.get("module"), config, None, "class")
    return build_object(data, packages)


def _value(name: str, config: Any) -> Any:
    try:
        return _VALUES[name](config)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(message(f"The data has a malformed {name}.", received=repr(error))) from error


def build_object(data: Mapping[str, Any], packages: Sequence[str] = ()) -> Any:
    """An object from module, class name and config."""
    cls = resolve(data.get("module"), data["class_name"], data.get("registered_name"), "class", packages)
    if not inspect.isclass(cls):
        return cls
    shared, number = context.current().reading.shared, data.get("shared_object_id")
    if isinstance(number, int) and type(shared.get(number)) is cls:
        return shared[number]
    instance = _make(cls, data["config"])
    if isinstance(number, int):
        shared[number] = instance
    build_config = data.get("build_config")
    if build_config and hasattr(instance, "build_from_config") and not getattr(instance, "built", False):
        with _malformed(cls):
            instance.build_from_config(build_config)
    compile_config = data.get("compile_config")
    if compile_config and hasattr(instance, "compile_from_config"):
        with _malformed(cls):
            instance.compile_from_config(compile_config)
    return instance


@contextlib.contextmanager
def _malformed(cls: type) -> Iterator[None]:
    """What a class of ours makes of a config that makes no sense becomes one kind of error."""
    ours = public_module(cls) is not None
    try:
        yield
    except (ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError) as error:
        if not ours and not isinstance(error, LookupError):
            raise
        raise ValueError(
            message(f"The config of a {cls.__name__} is malformed.", received=repr(error))
        ) from error


def _make(cls: Any, config: Any) -> Any:
    """An instance of a class that a file may name."""
    if not hasattr(cls, "from_config"):
        raise TypeError(
            message(f"{cls.__name__} has no from_config() and cannot be loaded.", received=config)
        )
    if config is not None and not isinstance(config, dict):
        raise ValueError(message(f"The config of {cls.__name__} is no dict.", received=config))
    config = config or {}
    ours = public_module(cls) is not None
    if ours:
        _refuse_files(cls, config)
    if _wants_objects(cls):
        config = {k: _deserialize(v, packages_of(k) if ours else ()) for k, v in config.items()}
    with _malformed(cls):
        return cls.from_config(config)


_FILE_ARGUMENTS = ("filepath", "idf_weights", "path", "vocabulary", "weights")


def _refuse_files(cls: type, config: Mapping[str, Any]) -> None:
    """Refuse arguments by which one of our classes would read a file that the config names."""
    for name in _FILE_ARGUMENTS:
        if isinstance(config.get(name), (str, bytes)) and in_safe_mode():
            raise ValueError(
                message(
                    f"The config of a {cls.__name__} names a file, which loading must not read.",
                    expected=f"`{name}` as data, or as an asset inside of the archive",
                    received=f"{name}={config[name]!r}",
                    hint="If you trust it, make the object yourself with this path.",
                )
            )


def _wants_objects(cls: type) -> bool:
    """Whether `from_config` takes ready objects: always, but for models and a user's own `from_config`."""
    if not getattr(cls, "_deserialize_config", True):
        return False
    for base in cls.__mro__:
        if "from_config" in base.__dict__:
            return public_module(base) is not None
    return True


# What the code of a lambda may call by the names that scripts give it.
_LAMBDA_NAMES = {"K": "addax.backend", "keras": "addax", "np": "numpy", "ops": "addax.ops", "tf": "addax.tf"}


def _lambda(config: Any) -> Callable:
    """A function from the code in a file, if that is allowed."""
    if in_safe_mode():
        raise ValueError(
            message(
                "The file holds the code of a Python lambda, which would run on loading; this is refused.",
                hint="If you trust the file, pass safe_mode=False or call "
                "keras.config.enable_unsafe_deserialization(). Better: use a named function, registered with "
                "@keras.saving.register_keras_serializable().",
            )
        )
    import marshal
    import types

    if "value" in config:  # Keras's form outside of Lambda layers
        config = dict(zip(("code", "defaults", "closure"), config["value"], strict=True))
    code = marshal.loads(base64.b64decode(config["code"]))
    cells = tuple(types.CellType(_deserialize(v)) for v in config.get("closure") or ())
    defaults = config.get("defaults")
    names = {name: importlib.import_module(module) for name, module in _LAMBDA_NAMES.items()}
    return types.FunctionType(
        code, names, "<lambda>", tuple(_deserialize(defaults)) if defaults else None, cells or None
    )

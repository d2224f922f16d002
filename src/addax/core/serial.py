"""The one resolver: objects to plain data and back. No import is driven by a file; fixed tables decide."""

from __future__ import annotations

import base64
import importlib
import importlib.util
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from addax.core import config as settings
from addax.core import context, dtypes, registry
from addax.core.errors import message, suggest

# Public Keras module -> package of ours whose `__all__` may be named by a file.
_PACKAGES = {
    "keras": "addax",
    "keras.activations": "addax.activations",
    "keras.constraints": "addax.constraints",
    "keras.dtype_policies": "addax.dtype_policies",
    "keras.initializers": "addax.initializers",
    "keras.layers": "addax.layers",
    "keras.losses": "addax.losses",
    "keras.metrics": "addax.metrics",
    "keras.models": "addax.models",
    "keras.optimizers": "addax.optimizers",
    "keras.optimizers.schedules": "addax.optimizers.schedules",
    "keras.quantizers": "addax.quantizers",
    "keras.random": "addax.random",
    "keras.regularizers": "addax.regularizers",
}
_HOMES = {"Sequential": "keras", "Model": "keras", "Functional": "keras.src.models.functional"}
# Classes that Keras knows by their name at the root.
_AT_ROOT = frozenset(
    (
        "DTypePolicy",
        "FloatDTypePolicy",
        "Initializer",
        "Layer",
        "Loss",
        "Metric",
        "Optimizer",
        "Quantizer",
        "Regularizer",
    )
)


def public_module(cls: Any) -> str | None:
    """The Keras module that a file names for one of our classes, or None if the class is a user's."""
    parts = cls.__module__.split(".")
    if parts[0] != "addax":
        return None
    if parts[1:2] == ["models"] and cls.__name__ in _HOMES:
        return _HOMES[cls.__name__]
    if cls.__name__ in _AT_ROOT:
        return "keras"
    for depth in (3, 2):
        name = ".".join(["keras", *parts[1:depth]])
        if name in _PACKAGES and name != "keras":
            return name
    return "keras"


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
        return {"class_name": "__bytes__", "config": {"value": obj.decode("latin-1")}}
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
    data = {
        "module": module,
        "class_name": cls.__name__,
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
    return data


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


_VALUES: dict[str, Callable[[Any], Any]] = {  # the engine adds "__tensor__"
    "__numpy__": lambda c: np.array(c["value"], dtype=dtypes.numpy_dtype(c["dtype"])),
    "__slice__": lambda c: slice(*(deserialize(c[k]) for k in ("start", "stop", "step"))),
    "__ellipsis__": lambda c: Ellipsis,
    "__bytes__": lambda c: c["value"].encode("latin-1"),
    "__tuple__": lambda c: tuple(deserialize(v) for v in c["value"]),
}


def deserialize(data: Any, custom_objects: Mapping | None = None, safe_mode: bool | None = None) -> Any:
    """Objects from plain data.

    Args:
        data: What `serialize` gave, ours or Keras's.
        custom_objects: Name -> class or function, for classes that were not registered.
        safe_mode: False lets lambdas in; None means True unless a scope or the settings say otherwise.

    Raises:
        TypeError: If a class is not known; the message says what was searched and the line to add.
        ValueError: If the data holds code and safe mode is on.
    """
    with registry.custom_object_scope(custom_objects), _safety(safe_mode):
        return _deserialize(data)


def register_value(name: str, make: Callable[[Any], Any]) -> None:
    """Tell how a kind of plain value is made from its config (a floor above knows its class)."""
    _VALUES[name] = make


_SAFE_KEY = "\0safe_mode"


def _safety(safe_mode: bool | None) -> Any:
    if safe_mode is None:
        return registry.custom_object_scope(None)
    return registry.custom_object_scope({_SAFE_KEY: bool(safe_mode)})


def in_safe_mode() -> bool:
    """Whether code in files is refused here (the default)."""
    known = context.current().custom_objects or {}
    return bool(known.get(_SAFE_KEY, not settings.get("unsafe_deserialization")))


def _deserialize(data: Any) -> Any:
    if isinstance(data, (list, tuple)):
        return [_deserialize(item) for item in data]
    if not isinstance(data, dict):
        return data
    if "class_name" not in data or "config" not in data:
        return {key: _deserialize(value) for key, value in data.items()}
    name, config = data["class_name"], data["config"]
    if name in _VALUES:
        return _VALUES[name](config)
    if name == "__lambda__":
        return _lambda(config)
    if name == "function":
        return resolve(data.get("module"), config, data.get("registered_name"), kind="function")
    if name == "__class__":
        return resolve(data.get("module"), config, None, kind="class")
    return build_object(data)


def build_object(data: Mapping[str, Any]) -> Any:
    """An object from module, class name and config."""
    cls = resolve(data.get("module"), data["class_name"], data.get("registered_name"), kind="class")
    if not inspect.isclass(cls):
        return cls
    if not hasattr(cls, "from_config"):
        raise TypeError(message(f"{cls.__name__} has no from_config() and cannot be loaded.", received=data))
    config = data["config"]
    if config is None:
        config = {}
    if _wants_objects(cls):
        config = {key: _deserialize(value) for key, value in config.items()}
    instance = cls.from_config(config)
    build_config = data.get("build_config")
    if build_config and hasattr(instance, "build_from_config") and not getattr(instance, "built", False):
        instance.build_from_config(build_config)
    compile_config = data.get("compile_config")
    if compile_config and hasattr(instance, "compile_from_config"):
        instance.compile_from_config(compile_config)
    return instance


def _wants_objects(cls: type) -> bool:
    """Whether `from_config` takes ready objects: always, but for models and a user's own `from_config`."""
    if not getattr(cls, "_deserialize_config", True):
        return False
    for base in cls.__mro__:
        if "from_config" in base.__dict__:
            return public_module(base) is not None
    return True


def resolve(module: str | None, name: Any, registered: str | None, kind: str) -> Any:
    """The class or function that a file names: registered, given in `custom_objects`, or public in a fixed package."""
    if not isinstance(name, str):
        raise TypeError(message(f"The name of a {kind} must be text.", received=name))
    for key in (registered, name):
        found = registry.get_registered_object(key) if key else None
        if found is not None:
            return found
    found = _public(module, name)
    if found is not None:
        return found
    known = list(registry.get_custom_objects()) + list(context.current().custom_objects or {})
    raise TypeError(
        message(
            f"Could not find the {kind} '{name}' (module {module!r}, registered name {registered!r}).",
            expected=f"a public {kind} of Keras, one given as custom_objects=, or one registered before loading",
            received=f"searched: the public names of {module or 'keras'}, registered objects "
            f"{[k for k in known if not k.startswith(chr(0))]}",
            hint=f"Pass custom_objects={{'{name}': {name}}}, or decorate it with "
            f"@keras.saving.register_keras_serializable(). {suggest(name, known)}".strip(),
        )
    )


def _public(module: str | None, name: str) -> Any:
    """A public name of ours, looked for in the package that `module` stands for (the older forms included)."""
    if name.startswith("_"):
        return None
    for package in _candidates(module):
        namespace = importlib.import_module(package)
        if name in getattr(namespace, "__all__", ()) or name in getattr(namespace, "_LOADABLE", ()):
            return getattr(namespace, name)
    return None


def _candidates(module: str | None) -> list[str]:
    if module in _PACKAGES and module != "keras":
        return [_PACKAGES[module]]
    first = []
    if module and module != "builtins":
        root, _, rest = module.replace("keras.src.", "keras.").partition(".")
        if root in ("keras", "tf_keras", "tensorflow"):
            first = [
                p for key, p in _PACKAGES.items() if key != "keras" and rest.startswith(key.partition(".")[2])
            ]
        elif root != "addax":
            return []  # somebody else's module: only the registry may answer
    rest_of = [p for key, p in _PACKAGES.items() if key != "keras" and p not in first]
    return [p for p in [*first, *rest_of] if _exists(p)]


def _exists(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _lambda(config: Any) -> Callable:
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

    code = marshal.loads(base64.b64decode(config["code"]))  # noqa: S302 - safe mode is off by the user's wish

    cells = tuple(types.CellType(_deserialize(v)) for v in config.get("closure") or ())
    defaults = config.get("defaults")
    names = {"keras": importlib.import_module("addax"), "ops": importlib.import_module("addax.ops"), "np": np}
    return types.FunctionType(
        code, names, "<lambda>", tuple(_deserialize(defaults)) if defaults else None, cells or None
    )

"""The one resolver of names in files. No import is driven by a file: fixed tables and the registry decide."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
from collections.abc import Sequence
from typing import Any

from addax.core import context, registry
from addax.core.errors import message, suggest

# Public Keras module -> package of ours whose `__all__` may be named by a file.
_PACKAGES = {
    "keras": "addax",
    "keras.activations": "addax.activations",
    "keras.applications.convnext": "addax.applications.convnext",
    "keras.applications.inception_resnet_v2": "addax.applications.inception_resnet_v2",
    "keras.constraints": "addax.constraints",
    "keras.dtype_policies": "addax.dtype_policies",
    "keras.initializers": "addax.initializers",
    "keras.layers": "addax.layers",
    "keras.losses": "addax.losses",
    "keras.metrics": "addax.metrics",
    "keras.models": "addax.models",
    "keras.ops": "addax.ops",
    "keras.optimizers": "addax.optimizers",
    "keras.optimizers.schedules": "addax.optimizers.schedules",
    "keras.quantizers": "addax.quantizers",
    "keras.random": "addax.random",
    "keras.regularizers": "addax.regularizers",
}
# Where a file may name functions: these packages compute with tensors and do nothing else.
_WITH_FUNCTIONS = frozenset(f"addax.{name}" for name in ("activations", "losses", "metrics", "ops"))
_NEVER = frozenset(("deserialize", "get", "serialize"))  # public, but they make objects from data
_HOMES = {
    "Cross": "keras.src.layers.preprocessing.feature_space",
    "CustomScaleLayer": "keras.src.applications.inception_resnet_v2",
    "Distiller": "keras.distillation",
    "Feature": "keras.src.layers.preprocessing.feature_space",
    "FeatureDistillation": "keras.distillation",
    "FeatureSpace": "keras.utils",
    "Functional": "keras.src.models.functional",
    "LayerScale": "keras.src.applications.convnext",
    "LogitsDistillation": "keras.distillation",
    "Model": "keras",
    "Sequential": "keras",
    "TFDIdentity": "keras.src.layers.preprocessing.feature_space",
}
# Classes that Keras knows by their name at the root.
_AT_ROOT = frozenset(
    (
        "DTypePolicy",
        "FloatDTypePolicy",
        "Function",
        "Initializer",
        "Layer",
        "Loss",
        "Metric",
        "Optimizer",
        "Quantizer",
        "Regularizer",
    )
)
# What an argument may hold, by the end of its name.
_OF_ARGUMENTS = {
    "activation": ("activations", "layers", "ops"),
    "cell": ("layers",),
    "constraint": ("constraints",),
    "dtype": ("dtype_policies",),
    "initializer": ("initializers",),
    "layer": ("layers", "models"),
    "learning_rate": ("optimizers",),
    "loss": ("losses", "metrics", "ops"),
    "metrics": ("losses", "metrics"),
    "optimizer": ("optimizers",),
    "quantization_config": ("quantizers",),
    "quantizer": ("quantizers",),
    "regularizer": ("regularizers",),
}


def public_module(cls: Any) -> str | None:
    """The Keras module that a file names for one of our classes, or None if the class is a user's."""
    parts = cls.__module__.split(".")
    if parts[0] != "addax":
        return None
    if parts[1:2] in (["models"], ["applications"]) and cls.__name__ in _HOMES:
        return _HOMES[cls.__name__]
    if cls.__name__ in _AT_ROOT:
        return "keras"
    if parts[1:3] == ["tf", "_rnn_wrappers"]:
        return None  # not in the packages that files may name: they are registered, as a user's classes are
    for depth in (3, 2):
        name = ".".join(["keras", *parts[1:depth]])
        if name in _PACKAGES and name != "keras":
            return name
    return "keras"


def packages_of(argument: str) -> tuple[str, ...]:
    """The packages of ours whose objects an argument of this name may hold; empty for any."""
    for end, names in _OF_ARGUMENTS.items():
        if argument == end or argument.endswith(f"_{end}"):
            return tuple(f"addax.{name}" for name in names)
    return ()


def resolve(
    module: str | None, name: Any, registered: str | None, kind: str, packages: Sequence[str] = ()
) -> Any:
    """The class or function that a file names: registered, given in `custom_objects`, or public in a fixed package.

    Args:
        module: The module that the file names.
        name: The name of the class or function.
        registered: The name under which it was registered.
        kind: `"class"` or `"function"`.
        packages: The packages of ours that it may come from; any of the fixed ones if empty.

    Raises:
        TypeError: If there is none, or it comes from another package.
    """
    for text in (name, module, registered):
        if text is not None and not isinstance(text, str) or name is None:
            raise TypeError(message(f"The name of a {kind} must be text.", received=text))
    for key in (registered, name):
        found = registry.get_registered_object(key) if key else None
        if found is not None:
            return found
    found = _public(module, name, kind, packages)
    if found is not None:
        return found
    known = [*registry.get_custom_objects(), *(context.current().custom_objects or {})]
    places = " and ".join(packages) or module or "keras"
    raise TypeError(
        message(
            f"Could not find the {kind} '{name}' (module {module!r}, registered name {registered!r}).",
            expected=f"a public {kind} of Keras, one given as custom_objects=, or one registered before loading",
            received=f"searched: the public names of {places}, registered objects {known}",
            hint=f"Pass custom_objects={{'{name}': {name}}}, or decorate it with "
            f"@keras.saving.register_keras_serializable(). {suggest(name, known)}".strip(),
        )
    )


def _public(module: str | None, name: str, kind: str, packages: Sequence[str]) -> Any:
    """A public name of ours, looked for in the package that `module` stands for (the older forms included)."""
    if name.startswith("_") or name in _NEVER:
        return None
    for package in _candidates(module):
        if kind == "function" and package not in _WITH_FUNCTIONS:
            continue
        if packages and not package.startswith(tuple(packages)):
            continue
        namespace = importlib.import_module(package)
        if name in getattr(namespace, "__all__", ()) or name in getattr(namespace, "_LOADABLE", ()):
            found = getattr(namespace, name)
            if _is_of_kind(found, kind):
                return found
    return None


def _is_of_kind(found: Any, kind: str) -> bool:
    if kind == "class":
        return inspect.isclass(found) and hasattr(found, "from_config")
    return callable(found) and not inspect.isclass(found)


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

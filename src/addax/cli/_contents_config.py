"""The tree of layers, the custom classes and the compile arguments, from the config in a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from addax.cli._contents import Array, Contents, Layer, Optimizer
from addax.core.names import to_snake_case

_HOMES = ("keras", "tf_keras", "builtins")  # modules whose names are no custom ones


def add_config(found: Contents, data: dict[str, Any], count: Callable[[str, str], int | None]) -> None:
    """Add what the config of a model says.

    Args:
        found: The facts, which are completed.
        data: The serialized model.
        count: Gives the parameters of a layer by its path in weights files and its name.
    """
    if not isinstance(data, dict) or not isinstance(data.get("class_name"), str):
        raise ValueError(f"the config describes no model: {str(data)[:80]}")
    found.model = _tree(data, "", count)
    compiled = data.get("compile_config")
    add_compiled(found, compiled if isinstance(compiled, dict) else {})
    found.custom, lambdas = custom_names(data)
    if lambdas:
        found.notes.append(
            f"It holds Python code (lambdas: {lambdas}), which load_model refuses unless safe_mode=False."
        )


def add_compiled(found: Contents, compiled: dict[str, Any]) -> None:
    """Add the optimizer, losses and metrics of compile arguments."""
    found.compiled = {
        key: _brief(compiled[key])
        for key in ("loss", "metrics", "weighted_metrics")
        if compiled.get(key) not in (None, [], {})
    }
    optimizer = compiled.get("optimizer", compiled.get("optimizer_config"))
    if isinstance(optimizer, str):
        optimizer = {"class_name": optimizer}
    if isinstance(optimizer, dict):
        config = optimizer.get("config")
        kind = str(optimizer.get("class_name")).rpartition(">")[2]  # Keras 2 says Custom>Adam of its own
        found.optimizer = Optimizer(kind, config if isinstance(config, dict) else {})


def _brief(value: Any) -> Any:
    """A nest of serialized losses or metrics by their names."""
    if isinstance(value, list):
        return [_brief(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "class_name" in value and "config" in value:
        config, kind = value["config"], str(value["class_name"])
        if kind.endswith("Wrapper") and isinstance(config, dict):  # what makes a loss or metric of a function
            return str(config.get("name") or kind)
        return config if isinstance(config, str) else kind
    return {key: _brief(item) for key, item in value.items()}


# The tree ------------------------------------------------------------------------------------------------
def _tree(data: dict[str, Any], path: str | None, count: Callable[[str, str], int | None]) -> Layer:
    config = data.get("config")
    config = config if isinstance(config, dict) else {}
    class_name = str(data.get("class_name")).rpartition(">")[2]
    name = str(data.get("name") or config.get("name") or to_snake_case(class_name))
    layer = Layer(
        name,
        class_name,
        None if path is None else count(path, name),
        path,
        _input_shape(data, config),
        _custom(data),
    )
    if isinstance(config.get("layers"), list):
        places = _places(config["layers"], class_name, path)
        layer.layers = [_tree(item, place, count) for item, place in places]
    else:
        inner = _inner(config)
        layer.layers = [_tree(item, _below(path, _attribute(key, class_name)), count) for key, item in inner]
    return layer


def _places(items: list[Any], class_name: str, path: str | None) -> list[tuple[dict[str, Any], str | None]]:
    """The layers of a model with their paths in weights files: by class, with a running number."""
    counts: Counter[str] = Counter()
    found = []
    for item in items:
        if not isinstance(item, dict):
            raise ValueError(f"the config has a layer that is none: {str(item)[:80]}")
        kind = str(item.get("class_name")).rpartition(">")[2]
        operation = str(item.get("module") or "").startswith("keras.src.ops")
        if operation or (class_name == "Sequential" and kind == "InputLayer"):
            found.append((item, None))
            continue
        place = to_snake_case(kind)
        number, counts[place] = counts[place], counts[place] + 1
        found.append((item, _below(path, f"layers/{place}_{number}" if number else f"layers/{place}")))
    return found


def _inner(config: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Layers among the arguments of another, such as those of wrappers."""
    found = []
    for key, value in config.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict) and isinstance(item.get("config"), dict) and _is_layer(item):
                found.append((key, item))
    return found


def _is_layer(item: dict[str, Any]) -> bool:
    return "class_name" in item and (
        item.get("module") in ("keras.layers", "tf_keras.layers")
        or "build_config" in item
        or isinstance(item["config"].get("layers"), list)
    )


def _attribute(key: str, class_name: str) -> str:
    return "forward_layer" if class_name == "Bidirectional" and key == "layer" else key


def _below(path: str | None, name: str) -> str | None:
    return None if path is None else f"{path}/{name}".lstrip("/")


def _input_shape(data: dict[str, Any], config: dict[str, Any]) -> Any:
    build = data.get("build_config")
    if isinstance(build, dict):
        return build.get("input_shape") or build.get("shapes_dict")
    return config.get("batch_shape") or config.get("batch_input_shape") or config.get("build_input_shape")


# Custom classes ------------------------------------------------------------------------------------------
def custom_names(data: Any) -> tuple[list[str], int]:
    """Names of classes and functions that are none of Keras's, and the number of Python lambdas."""
    names: set[str] = set()
    lambdas, waiting = 0, [data]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += item
        elif isinstance(item, dict):
            waiting += item.values()
            kind = item.get("class_name")
            lambdas += kind == "__lambda__"
            name = _custom(item) if isinstance(kind, str) else None
            if name is not None:
                names.add(name)
    return sorted(names), lambdas


def _custom(data: dict[str, Any]) -> str | None:
    """The name under which something must be known before it can be loaded, None if Keras has it."""
    module, registered, kind = data.get("module"), data.get("registered_name"), data.get("class_name")
    if kind == "function":
        name = data.get("config")
        foreign = isinstance(module, str) and module.partition(".")[0] not in _HOMES
        return name if isinstance(name, str) and (foreign or ">" in name) else None
    if isinstance(registered, str) and ">" in registered:
        return registered
    if isinstance(module, str) and module.partition(".")[0] not in _HOMES:
        return registered if isinstance(registered, str) else str(kind)
    if module is None and isinstance(registered, str):
        return registered
    return kind if isinstance(kind, str) and ">" in kind else None


# Trees without a config ----------------------------------------------------------------------------------
def tree_of_objects(objects: dict[str, str | None], arrays: list[Array], root_name: str) -> Layer:
    """The tree of the objects of a weights file, whose classes it does not tell.

    Args:
        objects: Path -> name, of the objects that have a place in the file.
        arrays: The variables, at `<path of an object>/vars/<key>`.
        root_name: What the whole is called, if the file does not say.
    """
    root = Layer(objects.get("") or root_name, None, sum(array.parameters for array in arrays), "")
    nodes = {"": root}
    own = own_parameters(arrays)
    for path in sorted((path for path in objects if path), key=natural):
        parent = path
        while parent not in nodes or parent == path:
            parent = parent.rpartition("/")[0]
        total = sum(size for where, size in own.items() if f"{where}/".startswith(f"{path}/"))
        node = Layer(objects[path] or path.rpartition("/")[2], None, total, path)
        nodes[parent].layers.append(node)
        nodes[path] = node
    return root


def natural(path: str) -> list[tuple[str, int]]:
    """A key that puts `dense_10` behind `dense_9`, and `10` behind `9`."""
    return [_counted(part) for part in path.split("/")]


def _counted(part: str) -> tuple[str, int]:
    if part.isdecimal():
        return "", int(part)
    head, _, tail = part.rpartition("_")
    return (head, int(tail)) if head and tail.isdecimal() else (part, -1)


def own_parameters(arrays: list[Array]) -> dict[str, int]:
    """Path of an object -> the parameters of its own variables."""
    found: Counter[str] = Counter()
    for array in arrays:
        path, _, _ = f"/{array.path}".rpartition("/vars/")
        found[path.lstrip("/")] += array.parameters
    return dict(found)

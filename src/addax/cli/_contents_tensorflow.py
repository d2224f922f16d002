"""Facts about TensorFlow's files: SavedModels and checkpoints, whoever wrote them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from addax.cli._contents import Array, Contents, Optimizer
from addax.cli._contents_config import add_config
from addax.core.errors import message

_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
_SLOT = "/.OPTIMIZER_SLOT/"
# What is in a checkpoint besides the variables of a model.
_BOOKKEEPING = (_GRAPH, "save_counter", "keras_api/", "_CHECKPOINT")
_METADATA = """
Metadata: nodes=1:*Node
Node: node_path=3:str identifier=4:str metadata=5:str
"""


def saved_model(path: Path) -> Contents:
    """A SavedModel, by its folder or its `saved_model.pb`."""
    from addax.export._saved_model_schema import SAVED_MODEL_SCHEMA

    folder = path if path.is_dir() else path.parent
    data = SAVED_MODEL_SCHEMA.decode("SavedModel", (folder / "saved_model.pb").read_bytes())
    graphs = data.get("meta_graphs") or []
    if not graphs:
        raise ValueError("saved_model.pb holds no graph")
    found = Contents("saved_model", "TensorFlow SavedModel")
    about = graphs[0].get("meta_info_def", {})
    if about.get("tensorflow_version"):
        found.versions["tensorflow_version"] = about["tensorflow_version"]
    if about.get("tags"):
        found.versions["tags"] = ", ".join(about["tags"])
    for name, signature in graphs[0].get("signature_def", {}).items():
        if not name.startswith("__"):
            found.signatures[name] = {
                side: {key: _tensor(key, info) for key, info in signature.get(side, {}).items()}
                for side in ("inputs", "outputs")
            }
    if (folder / "variables" / "variables.index").is_file():
        _add_variables(found, folder / "variables" / "variables")
    for extra in ("assets", "assets.extra"):
        files = sorted((folder / extra).rglob("*"))
        found.assets |= {f.relative_to(folder).as_posix(): f.stat().st_size for f in files if f.is_file()}
    if "assets.extra/model.keras" in found.assets:
        found.notes.append("assets.extra/model.keras is the model itself, which load_model(folder) reads.")
    _add_metadata(found, folder / "keras_metadata.pb")
    return found


def _tensor(name: str, info: dict[str, Any]) -> Array:
    from addax.formats import DT_STRING, dtype_from_code, shape_from_message

    code, shape = info.get("dtype", 0), info.get("tensor_shape", {})
    dtype = "string" if code == DT_STRING else dtype_from_code(code).name
    return Array(name, () if shape.get("unknown_rank") else shape_from_message(shape), dtype)


def _add_metadata(found: Contents, file: Path) -> None:
    """What Keras 2 wrote about the layers, beside the program."""
    from addax.formats import Schema

    if not file.is_file():
        return
    for node in Schema(_METADATA).decode("Metadata", file.read_bytes()).get("nodes", []):
        if node.get("node_path") == "root" and str(node.get("identifier")).startswith("_tf_keras"):
            data = json.loads(node.get("metadata", "null"))
            if isinstance(data, dict) and isinstance(data.get("class_name"), str):
                add_config(found, _plain(data), lambda where, name: _parameters_of(found, where, name))
                training = data.get("training_config")
                if isinstance(training, dict) and found.optimizer is not None:
                    config = training.get("optimizer_config") or {}
                    found.optimizer.class_name = str(config.get("class_name")).rpartition(">")[2]
                    found.optimizer.config = _plain(config.get("config") or {})
            return


def _plain(value: Any) -> Any:
    """The words of Keras 2 for tuples as lists."""
    if isinstance(value, dict):
        if value.get("class_name") == "__tuple__" and "items" in value:
            return _plain(value["items"])
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _parameters_of(found: Contents, where: str, name: str) -> int:
    if not where:
        return sum(array.parameters for array in found.variables)
    return sum(a.parameters for a in found.variables if f"/{a.name or ''}".find(f"/{name}/") >= 0)


# Checkpoints ---------------------------------------------------------------------------------------------
def checkpoint_folder(path: Path) -> Contents:
    """The latest checkpoint in a folder."""
    prefixes = sorted(p.with_suffix("") for p in path.glob("*.index"))
    named = path / "checkpoint"
    if named.is_file():
        text = re.search(r'^model_checkpoint_path: "([^"/\\]+)"', named.read_text(errors="replace"), re.M)
        latest = path / text.group(1) if text else None
        if latest in prefixes:
            return checkpoint(latest)
    if len(prefixes) > 1:
        raise ValueError(
            message(
                f"{path} has several checkpoints.",
                received=", ".join(p.name for p in prefixes[:5]),
                hint=f"Name one of them: addax inspect {prefixes[-1]}",
            )
        )
    return checkpoint(prefixes[0])


def checkpoint(path: Path) -> Contents:
    """A checkpoint, by its prefix or its `.index` file."""
    prefix = path.with_suffix("") if path.suffix == ".index" else path
    found = Contents("checkpoint", "TensorFlow checkpoint")
    _add_variables(found, prefix)
    return found


def _add_variables(found: Contents, prefix: Path) -> None:
    from addax.formats import BundleReader

    bundle = BundleReader(prefix)
    names = _full_names(bundle)
    state = []
    for key in sorted(bundle, key=_natural):
        if key.startswith(_BOOKKEEPING):
            continue
        entry = bundle.entry(key)
        dtype = "string" if entry.dtype == object else entry.dtype.name
        array = Array(key.removesuffix(_VALUE), entry.shape, dtype, names.get(key))
        of_optimizer = key.startswith("optimizer/") or _SLOT in key
        (state if of_optimizer else found.variables).append(array)
    if state:
        found.optimizer = Optimizer(variables=state)
        for key in ("optimizer/_iterations", "optimizer/iter"):
            if key + _VALUE in bundle:
                found.optimizer.iterations = int(bundle[key + _VALUE])


def _full_names(bundle: Any) -> dict[str, str]:
    """The names of variables by their keys, as the object graph of a checkpoint has them."""
    from addax.export._saved_model_schema import SAVED_MODEL_SCHEMA

    if _GRAPH not in bundle:
        return {}
    graph = SAVED_MODEL_SCHEMA.decode("CheckpointGraph", bundle[_GRAPH].item())
    attributes = [a for node in graph.get("nodes", []) for a in node.get("attributes", [])]
    return {
        a["checkpoint_key"]: a["full_name"]
        for a in attributes
        if a.get("full_name") and "checkpoint_key" in a
    }


def _natural(key: str) -> list[tuple[bool, int, str]]:
    return [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in key.split("/")]

"""Orbax checkpoints, in Keras's form: arrays by path, the model's config, assets. Orbax itself is an extra."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from addax.core import serial
from addax.core.errors import message
from addax.engine._jax import jax
from addax.saving._archive import check_member_name
from addax.saving._checkpoints import latest
from addax.saving._keras_file import model_from_config
from addax.saving._state_tree import GROUPS, at, places, state_tree
from addax.saving._walk import saveables


def orbax() -> Any:
    """The package `orbax.checkpoint.v1`.

    Raises:
        ImportError: If it is not installed.
    """
    try:
        from orbax.checkpoint import v1
    except ImportError as error:
        raise ImportError(
            message(
                "Orbax checkpoints need the package orbax-checkpoint.",
                hint='pip install "addax[orbax]"',
            )
        ) from error
    return v1


def payload(model: Any, weights_only: bool = False) -> dict[str, Any]:
    """What a checkpoint of a model holds, copied, so that training can go on while it is written."""
    if weights_only:
        return {"pytree": state_tree(model, GROUPS[:2])}
    found = {
        "pytree": state_tree(model),
        "model_config": {"config": json.dumps(serial.serialize_model(model))},
    }
    assets = _assets(model)
    return {**found, "assets": assets} if assets else found


def _assets(model: Any) -> dict[str, Any]:
    """Files that layers keep beside their weights, as nested dicts by path."""
    root: dict[str, Any] = {}
    for path, obj in saveables(model):
        if not hasattr(obj, "save_assets"):
            continue
        with tempfile.TemporaryDirectory() as folder:
            obj.save_assets(folder)
            for file in sorted(p for p in Path(folder).rglob("*") if p.is_file()):
                node = root
                parts = [*filter(None, path.split("/")), *file.relative_to(folder).parts]
                for part in parts[:-1]:
                    node = node.setdefault(part, {})
                node[parts[-1]] = np.frombuffer(file.read_bytes(), np.uint8)
    return root


# Reading -------------------------------------------------------------------------------------------------
def load_checkpoint_weights(model: Any, path: Path) -> None:
    """Load the variables of a checkpoint into a built model; shapes are compared before anything is assigned.

    Raises:
        ValueError: If it is damaged, or does not fit.
    """
    _read_variables(model, latest(path), orbax())


def load_checkpoint(path: Path, custom_objects: Mapping | None, compile: bool) -> Any:
    """The model of a checkpoint, with its variables and assets.

    Raises:
        ValueError: If there is none in it, as with `save_weights_only=True`.
    """
    ocp, found = orbax(), latest(path)
    kinds = _metadata(ocp, found)
    if "model_config" not in kinds:
        raise ValueError(
            message(
                f"{path} has no description of a model.",
                expected="a checkpoint of OrbaxCheckpoint(save_weights_only=False)",
                hint="Build the model, then call model.load_weights() with this path.",
            )
        )
    text = ocp.load_checkpointables(found, {"model_config": None})["model_config"]["config"]
    model = model_from_config(json.loads(text), custom_objects, compile)
    if compile and model.optimizer is not None and not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    _read_variables(model, found, ocp)
    if "assets" in kinds:
        _load_assets(model, ocp.load_checkpointables(found, {"assets": None})["assets"])
    return model


def checkpoint_contents(path: Path) -> tuple[dict[str, tuple[tuple, str]], Any, list[str]]:
    """What a checkpoint holds: shapes and dtypes of its arrays by path, the model's config (or None), its assets.

    Raises:
        ValueError: If it is damaged.
    """
    ocp, found = orbax(), latest(path)
    kinds = _metadata(ocp, found)
    arrays = {name: (tuple(leaf.shape), str(leaf.dtype)) for name, leaf in _leaves(kinds["pytree"], "")}
    config = None
    if "model_config" in kinds:
        text = ocp.load_checkpointables(found, {"model_config": None})["model_config"]["config"]
        config = json.loads(text)
    return arrays, config, [name for name, _ in _leaves(_plain_dicts(kinds.get("assets") or {}), "assets/")]


def _leaves(tree: Any, path: str) -> list[tuple[str, Any]]:
    if not isinstance(tree, dict):
        return [(path.rstrip("/"), tree)]
    return [leaf for key, value in tree.items() for leaf in _leaves(value, f"{path}{key}/")]


def _metadata(ocp: Any, path: Path) -> dict[str, Any]:
    """What is in a checkpoint, arrays by their shapes and dtypes."""
    try:
        found = dict(ocp.checkpointables_metadata(path).metadata)
        found["pytree"] = _plain_dicts(found["pytree"])
        return found
    except Exception as error:  # orbax raises whatever its parts raise
        raise ValueError(
            message(f"{path} is no Orbax checkpoint, or damaged.", received=str(error))
        ) from error


def _plain_dicts(tree: Any) -> Any:
    return {str(k): _plain_dicts(v) for k, v in tree.items()} if isinstance(tree, Mapping) else tree


def _read_variables(model: Any, path: Path, ocp: Any) -> None:
    metadata = _metadata(ocp, path)["pytree"]
    found = places(model, jax.tree.map(_shape, metadata, is_leaf=_is_leaf))
    device = jax.sharding.SingleDeviceSharding(jax.devices()[0])
    wanted = jax.tree.map(
        lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=device), metadata, is_leaf=_is_leaf
    )
    tree = ocp.load_checkpointables(path, {"pytree": wanted})["pytree"]
    for variable, place in found:
        variable.assign(np.asarray(at(tree, place)))


def _is_leaf(value: Any) -> bool:
    return not isinstance(value, dict)


def _shape(leaf: Any) -> tuple:
    return tuple(leaf.shape)


def _load_assets(model: Any, assets: Any) -> None:
    for path, obj in saveables(model):
        node = assets
        for part in filter(None, path.split("/")):
            node = node.get(part) if isinstance(node, dict) else None
        files = {k: v for k, v in (node or {}).items() if not isinstance(v, dict)}
        if not hasattr(obj, "load_assets") or not files:
            continue
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                check_member_name(name)
                (Path(folder) / Path(name).name).write_bytes(np.asarray(content, np.uint8).tobytes())
            obj.load_assets(folder)

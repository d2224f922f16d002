"""`.keras` files: an archive of config, weights and assets."""

from __future__ import annotations

import datetime
import json
import tempfile
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from addax.core import serial
from addax.core.errors import message
from addax.core.version import KERAS_VERSION
from addax.formats import atomic_file
from addax.saving._archive import CONFIG, METADATA, WEIGHTS, Archive, check_member_name
from addax.saving._checkpoints import is_checkpoint
from addax.saving._hdf5 import opened_weights, room_for
from addax.saving._keras2 import KERAS2_VERSION, keras2_config
from addax.saving._legacy_h5 import load_h5, save_h5, upgraded
from addax.saving._tfjs import is_tfjs, load_tfjs
from addax.saving._walk import saveables
from addax.saving._weights import check_overwrite, read_weights, weights_bytes

H5_ENDINGS = (".h5", ".hdf5")


def save_model(
    model: Any, filepath: Any, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any
) -> None:
    """Save a model with architecture, weights, optimizer state and compile arguments, atomically.

    Args:
        model: The model.
        filepath: A path that ends in `.keras`; `.h5` writes the older form, no ending a SavedModel folder.
        overwrite: False raises FileExistsError if the file exists.
        zipped: Accepted if not False.
        **kwargs: `include_optimizer`: False leaves the optimizer out. `keras2`: True writes an `.h5` file that tf_keras
            and TensorFlow before 2.16 load.

    Raises:
        ValueError: For another ending.

    Example:
        >>> import addax as keras, os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "model.keras")
        >>> keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(path)
        >>> keras.models.load_model(path).count_params()
        3
    """
    include_optimizer = kwargs.pop("include_optimizer", True)
    keras2 = kwargs.pop("keras2", False)
    kwargs.pop("save_format", None)
    if kwargs:
        raise TypeError(f"save_model() got unknown arguments {sorted(kwargs)}.")
    path = Path(filepath)
    if not path.suffix and not keras2:
        _save_folder(model, path, overwrite)
        return
    if path.suffix in H5_ENDINGS:
        check_overwrite(path, overwrite)
        save_h5(model, path, include_optimizer, keras2)
        return
    if keras2:
        raise ValueError(
            message(
                "Files for Keras 2 are written in its own form.",
                expected="a path that ends in .h5",
                received=path.name,
                hint=f"model.save({str(path.with_suffix('.h5'))!r}, keras2=True)",
            )
        )
    if path.suffix != ".keras":
        raise ValueError(
            message(
                f"The name of a model file ends in .keras, which {path.name!r} does not.",
                hint=(
                    f"model.save({str(path.with_suffix('.keras'))!r}). For TensorFlow's SavedModel: "
                    "model.export(path) or tf.saved_model.save(model, path)."
                ),
            )
        )
    check_overwrite(path, overwrite)
    with atomic_file(path) as temporary:
        _write_archive(model, temporary, include_optimizer)


_INSIDE_FOLDER = Path("assets.extra") / "model.keras"


def _save_folder(model: Any, path: Path, overwrite: bool) -> None:
    """tf.keras's `model.save("folder")`: a SavedModel, with the `.keras` file inside so that the model comes back."""
    from addax.export import export_model

    if path.exists() and not overwrite:
        raise FileExistsError(message(f"{path} exists.", hint="Pass overwrite=True to replace it."))
    export_model(model, path)
    inside = path / _INSIDE_FOLDER
    inside.parent.mkdir(exist_ok=True)
    save_model(model, inside)


def _write_archive(
    model: Any, target: Path, include_optimizer: bool, named: dict[str, Any] | None = None
) -> None:
    data = serial.serialize_model(model, named)
    if not include_optimizer:
        data.pop("compile_config", None)
    metadata = {
        "keras_version": KERAS_VERSION,
        "date_saved": datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S"),
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(METADATA, json.dumps(metadata))
        archive.writestr(CONFIG, json.dumps(data))
        archive.writestr(WEIGHTS, weights_bytes(model))
        for path, obj in saveables(model):
            if hasattr(obj, "save_assets"):
                _write_assets(obj, path, archive)


def _write_assets(obj: Any, path: str, archive: zipfile.ZipFile) -> None:
    with tempfile.TemporaryDirectory() as folder:
        obj.save_assets(folder)
        for file in sorted(Path(folder).rglob("*")):
            if file.is_file():
                name = "/".join(
                    part for part in ("assets", path, file.relative_to(folder).as_posix()) if part
                )
                check_member_name(name)
                archive.writestr(name, file.read_bytes())


def pickled(model: Any) -> tuple[bytes, dict[str, Any]]:
    """A model as the bytes of its `.keras` file, and the classes and functions of the user's that it names."""
    named: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        _write_archive(model, path, True, named)
        return path.read_bytes(), named


def unpickled(content: bytes, named: dict[str, Any]) -> Any:
    """The model that `pickled` made bytes of; a pickle is code, so lambdas in it may run."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        path.write_bytes(content)
        return load_model(path, custom_objects=named, safe_mode=False)


def load_model(
    filepath: Any, custom_objects: Mapping | None = None, compile: bool = True, safe_mode: bool | None = None
) -> Any:
    """Load a model that `save` wrote, in Addax or in Keras 3.

    Args:
        filepath: A `.keras` or `.h5` file, the folder of `OrbaxCheckpoint`, or that of TensorFlow.js.
        custom_objects: Name -> class or function, for what the file names and nobody registered.
        compile: Whether to compile the model as it was.
        safe_mode: False lets Python lambdas in the file run; None means True unless
            `keras.config.enable_unsafe_deserialization()` was called.

    Returns:
        The model.

    Raises:
        ValueError: If the file is missing, damaged, no model, or holds code.
        TypeError: If it names a class that is not known.
    """
    path = Path(filepath)
    if path.is_dir() and (path / _INSIDE_FOLDER).exists():
        path = path / _INSIDE_FOLDER
    elif path.is_dir() and (path / "saved_model.pb").exists():
        raise ValueError(
            message(
                f"{path} is a TensorFlow SavedModel, which is a program without layers.",
                hint="Load it with tf.saved_model.load(path) or keras.layers.TFSMLayer(path).",
            )
        )
    if path.suffix != ".keras" and is_checkpoint(path):
        from addax.saving._orbax import load_checkpoint

        with serial.reading(safe_mode, new_file=True):
            return load_checkpoint(path, custom_objects, compile)
    if is_tfjs(path):
        with serial.reading(safe_mode, new_file=True):
            return load_tfjs(path, custom_objects)
    if path.suffix in H5_ENDINGS and path.is_file():
        with serial.reading(safe_mode, new_file=True, room=lambda: room_for(path)):
            return load_h5(path, custom_objects, compile)
    with Archive(path) as archive:
        weights = archive.read(WEIGHTS) if WEIGHTS in archive.names else b""
        with serial.reading(safe_mode, new_file=True, room=lambda: room_for(weights) if weights else 0):
            version = archive.json(METADATA) if METADATA in archive.names else {}
            model = _model_from(archive.json(CONFIG), custom_objects, compile, version)
            if WEIGHTS in archive.names:
                with opened_weights(weights) as file:
                    read_weights(model, file)
            _read_assets(model, archive)
    return model


def _model_from(data: Any, custom_objects: Mapping | None, compile: bool, version: Any) -> Any:
    if isinstance(version, dict) and str(version.get("keras_version")).startswith("2."):
        data = upgraded(data)
    if not isinstance(data, dict) or "class_name" not in data or "config" not in data:
        raise ValueError(message("The data describes no model.", received=data))
    if not compile:
        data = {**data, "compile_config": None}
    model = serial.deserialize(data, custom_objects, packages=("addax.models",))
    if not hasattr(model, "layers") and not hasattr(model, "get_encoded_features"):
        raise ValueError(message("The data describes no model.", received=f"a {type(model).__name__}"))
    return model


def model_from_config(data: Any, custom_objects: Mapping | None, compile: bool) -> Any:
    """A model (without weights) from what `serialize_model` gave."""
    return _model_from(data, custom_objects, compile, version=None)


def _read_assets(model: Any, archive: Archive) -> None:
    for path, obj in saveables(model):
        if not hasattr(obj, "load_assets"):
            continue
        prefix = f"{path}/" if path else ""
        names = [n for n in archive.assets(path) if "/" not in n.removeprefix("assets/" + prefix)]
        if not names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            for name in names:
                check_member_name(name)
                (Path(folder) / Path(name).name).write_bytes(archive.read(name))
            obj.load_assets(folder)


def model_from_json(json_string: str, custom_objects: Mapping | None = None) -> Any:
    """A model (without weights) from what `to_json` gave.

    If the model can be read and what it was compiled with cannot (functions of the user's that are not registered), a
    warning says so and the model is not compiled, as in tf.keras, whose JSON has no losses.

    Args:
        json_string: What `to_json` gave.
        custom_objects: Name -> class or function, for classes that were not registered.
    """
    try:
        data = json.loads(json_string)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(message(f"This is not JSON: {error}.")) from error
    try:
        with serial.reading(new_file=True):
            return _model_from(data, custom_objects, compile=True, version=data)
    except (TypeError, ValueError) as error:
        if not isinstance(data, dict) or not data.pop("compile_config", None):
            raise
        with serial.reading(new_file=True):  # raises what it finds wrong with the model itself
            model = _model_from(data, custom_objects, compile=True, version=data)
        warnings.warn(
            f"The model is not compiled, since its losses or metrics cannot be read: {error}", stacklevel=2
        )
        return model


def model_to_json(model: Any, keras2: bool = False, **kwargs: Any) -> str:
    """The architecture as JSON, for `model_from_json`; keyword arguments go to `json.dumps`.

    Args:
        model: The model.
        keras2: Whether it is written for tf_keras and older TensorFlow.
        **kwargs: For `json.dumps`.
    """
    if keras2:
        about = {"keras_version": KERAS2_VERSION, "backend": "tensorflow"}
        return json.dumps({**keras2_config(model), **about}, **kwargs)
    data = serial.serialize_model(model)
    return json.dumps(data, **kwargs)

"""What a model file holds, as plain facts, and which reader finds them. Nothing of a file is built or run."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from addax.core.errors import message

_BITS = {"bool": 8, "bfloat16": 16, "string": 0}


@dataclass(frozen=True)
class Array:
    """A variable of a file.

    Args:
        path: Where it stands in the file.
        shape: Its shape; None in place of an unknown size.
        dtype: Its dtype, `"string"` for texts.
        name: What the file calls it, if that is another name.
    """

    path: str
    shape: tuple[int | None, ...]
    dtype: str
    name: str | None = None

    @property
    def parameters(self) -> int:
        """The number of its elements."""
        return math.prod(size or 0 for size in self.shape)

    @property
    def bytes(self) -> int:
        """The size of its elements; texts count nothing."""
        digits = "".join(c for c in self.dtype.partition("_")[0] if c.isdigit())
        bits = _BITS.get(self.dtype, int(digits or 0))
        if self.dtype.startswith("float8"):
            bits = 8
        return self.parameters * bits // 8


@dataclass
class Layer:
    """A layer or model in the tree of a file.

    Args:
        name: Its name.
        class_name: Its class, None if the file does not say.
        parameters: The parameters of it and everything inside, None if the file does not tell them apart.
        path: Where its variables stand in a weights file, if it has a place there.
        input_shape: What it was built for, if the file says.
        custom: The name under which its class must be registered, if it is none of Keras's.
        layers: What stands inside.
    """

    name: str
    class_name: str | None = None
    parameters: int | None = None
    path: str | None = None
    input_shape: Any = None
    custom: str | None = None
    layers: list[Layer] = field(default_factory=list)

    def flat(self, depth: int = 0) -> Iterator[tuple[int, Layer]]:
        """This layer and everything inside, with the depth."""
        yield depth, self
        for layer in self.layers:
            yield from layer.flat(depth + 1)


@dataclass
class Optimizer:
    """The optimizer of a file.

    Args:
        class_name: Its class, None if the file has its state alone.
        config: Its arguments.
        iterations: How many steps it has made, if the file says.
        variables: Its state.
    """

    class_name: str | None = None
    config: dict[str, Any] = field(default_factory=dict)
    iterations: int | None = None
    variables: list[Array] = field(default_factory=list)


@dataclass
class Contents:
    """What a file holds.

    Args:
        format: A short name of its format, as `addax convert --to` takes it where it can be written.
        title: What it is, for people.
        versions: What wrote it, and when.
        model: The tree of layers.
        variables: The variables of the model.
        optimizer: The optimizer.
        compiled: Loss and metrics.
        signatures: The functions of a SavedModel: name -> `inputs` and `outputs`, name -> array.
        assets: Names of further files, with their sizes.
        custom: Names that must be registered, or given as `custom_objects`, before the file can be loaded.
        notes: What else is worth knowing, one sentence each.
    """

    format: str
    title: str
    versions: dict[str, str] = field(default_factory=dict)
    model: Layer | None = None
    variables: list[Array] = field(default_factory=list)
    optimizer: Optimizer | None = None
    compiled: dict[str, Any] = field(default_factory=dict)
    signatures: dict[str, dict[str, dict[str, Array]]] = field(default_factory=dict)
    assets: dict[str, int] = field(default_factory=dict)
    custom: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_contents(path: str | Path) -> Contents:
    """Find out what a file or folder holds, without loading the model.

    Args:
        path: A `.keras`, `.h5`, `.weights.h5`, `.weights.json`, `.json` or `.npz` file, or a folder: a SavedModel, a
            StableHLO export, a layers model of TensorFlow.js, an unzipped `.keras` file, or a checkpoint of TensorFlow
            or Orbax.

    Returns:
        The facts.

    Raises:
        ValueError: If it is missing, damaged, no model, or built to do harm.
    """
    path = Path(path)
    reader = _of_folder(path) if path.is_dir() else _of_file(path)
    try:
        return reader(path)
    except RecursionError as error:
        raise ValueError(message(f"{path}: its config is nested too deep.")) from error
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        if isinstance(error, ValueError) and str(path) in str(error):
            raise
        text = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        raise ValueError(message(f"{path} is damaged, or not what it should be.", received=text)) from error


def _of_folder(path: Path) -> Any:
    from addax.cli import _contents_keras, _contents_stablehlo, _contents_tensorflow
    from addax.saving._archive import CONFIG
    from addax.saving._checkpoints import is_checkpoint
    from addax.saving._tfjs import is_tfjs

    if (path / "saved_model.pb").is_file():
        return _contents_tensorflow.saved_model
    if (path / CONFIG).is_file():
        return _contents_keras.keras_file
    if is_tfjs(path):
        return _contents_keras.tfjs_folder
    if (path / "model.mlirbc").is_file() and (path / "model.json").is_file():
        return _contents_stablehlo.stablehlo_folder
    if is_checkpoint(path):
        return _contents_keras.orbax_folder
    if any(path.glob("*.index")):
        return _contents_tensorflow.checkpoint_folder
    raise _no_model(path, f"a folder with {sorted(p.name for p in path.iterdir())[:5]}")


def _of_file(path: Path) -> Any:
    from addax.cli import _contents_keras, _contents_tensorflow
    from addax.saving._tfjs import is_tfjs

    if path.with_name(path.name + ".index").is_file():
        return _contents_tensorflow.checkpoint  # named by its prefix
    if not path.exists():
        raise ValueError(message(f"There is no file {path}.", hint="Check the path and the current folder."))
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise ValueError(
            message(f"{path} is empty.", hint="Was the copy or the download cut off? Get the file again.")
        )
    if start[:4] == b"\x89HDF" or path.suffix in (".h5", ".hdf5"):
        return _contents_keras.hdf5_file
    if start[:2] == b"PK" or path.suffix == ".keras":
        return _contents_keras.zip_file
    if path.suffix == ".json":
        return _contents_keras.tfjs_folder if is_tfjs(path) else _contents_keras.json_file
    return _of_tensorflow(path, start)


def _of_tensorflow(path: Path, start: bytes) -> Any:
    from addax.cli import _contents_tensorflow

    if path.suffix == ".index":
        return _contents_tensorflow.checkpoint
    if path.name == "checkpoint":
        return lambda file: _contents_tensorflow.checkpoint_folder(file.parent)
    if path.name == "saved_model.pb":
        return _contents_tensorflow.saved_model
    raise _no_model(path, f"a file that begins with {start!r}")


def _no_model(path: Path, received: str) -> ValueError:
    return ValueError(
        message(
            f"{path} is no model file that Addax knows.",
            expected="a .keras, .h5, .weights.h5, .weights.json, .json or .npz file, a SavedModel or a checkpoint",
            received=received,
        )
    )

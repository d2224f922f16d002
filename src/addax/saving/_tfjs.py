"""TensorFlow.js's layers models: the architecture in Keras 2's words in `model.json`, the weights in shards beside it.

Source: the loader of `@tensorflow/tfjs` 4.22, and files that it saved.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from addax.core import serial
from addax.core.errors import message
from addax.saving._keras2 import KERAS2_VERSION, keras2_config
from addax.saving._legacy_h5 import model_of, upgraded

INDEX = "model.json"
FORMAT = "layers-model"
_SHARD = 4 << 20  # bytes; what browsers keep in their caches
_MAX_INDEX = 64 << 20
_DTYPES = {"float32": 4, "int32": 4, "bool": 1, "uint8": 1, "uint16": 2, "float16": 2}
# What TensorFlow.js 4.22 has; anything else would fail in the browser.
LAYERS = frozenset(
    """Activation Add AlphaDropout Average AveragePooling1D AveragePooling2D AveragePooling3D BatchNormalization
    Bidirectional CategoryEncoding CenterCrop Concatenate Conv1D Conv2D Conv2DTranspose Conv3D Conv3DTranspose
    ConvLSTM2D ConvLSTM2DCell Cropping2D Dense DepthwiseConv2D Dot Dropout ELU Embedding Flatten Functional GRU GRUCell
    GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D GlobalMaxPooling2D
    InputLayer LSTM LSTMCell LayerNormalization LeakyReLU Masking MaxPooling1D MaxPooling2D MaxPooling3D Maximum Minimum
    Multiply PReLU Permute RNN ReLU RepeatVector Rescaling Reshape Resizing SeparableConv2D Sequential SimpleRNN
    SimpleRNNCell Softmax SpatialDropout1D StackedRNNCells ThresholdedReLU TimeDistributed UpSampling2D
    ZeroPadding2D""".split()
)
_ACTIVATIONS = frozenset(
    "elu gelu linear log_softmax mish relu relu6 selu sigmoid silu softmax softplus softsign swish tanh".split()
)
_MERGING = {
    "math.add": "Add",
    "math.multiply": "Multiply",
    "math.maximum": "Maximum",
    "math.minimum": "Minimum",
}


# Writing -------------------------------------------------------------------------------------------------
def tfjs_files(model: Any) -> dict[str, bytes]:
    """The files of a model for TensorFlow.js, by name.

    Args:
        model: A sequential or functional model that is built.

    Raises:
        ValueError: If TensorFlow.js lacks a layer or an activation, or a variable has no dtype of its.
    """
    topology = keras2_config(model)
    _adapt(topology, topology["class_name"])
    if topology["class_name"] not in ("Functional", "Sequential"):
        raise _lacking(type(model).__name__, model.name, "it loads sequential and functional models alone")
    entries, content = [], bytearray()
    for name, variable in named_weights(model):
        array = _plain(np.asarray(variable), name)
        entries.append({"name": name, "shape": list(array.shape), "dtype": array.dtype.name})
        content += array.tobytes()
    count = max(1, math.ceil(len(content) / _SHARD))
    names = [f"group1-shard{number}of{count}.bin" for number in range(1, count + 1)]
    index = {
        "format": FORMAT,
        "generatedBy": f"keras v{KERAS2_VERSION}",
        "convertedBy": "Addax",
        "modelTopology": {
            "keras_version": KERAS2_VERSION,
            "backend": "tensorflow",
            "model_config": topology,
        },
        "weightsManifest": [{"paths": names, "weights": entries}],
    }
    files = {INDEX: json.dumps(index).encode()}
    for number, name in enumerate(names):
        files[name] = bytes(content[number * _SHARD : (number + 1) * _SHARD])
    return files


def named_weights(model: Any) -> Iterator[tuple[str, Any]]:
    """The variables of a model under the names that Keras 2 gives them: the layer's name, and what is in it."""
    for layer in model.layers:
        if getattr(layer, "layers", None) is not None and hasattr(layer, "compile"):
            yield from named_weights(layer)
            continue
        for variable in layer.weights:
            parts = variable.path.split("/")
            after = parts[parts.index(layer.name) + 1 :] if layer.name in parts else parts[-1:]
            if after[-1] == "kernel" and type(layer).__name__.startswith("DepthwiseConv"):
                after[-1] = "depthwise_kernel"
            yield "/".join([layer.name, *after]), variable


def _plain(array: np.ndarray, name: str) -> np.ndarray:
    kind = array.dtype.name
    if kind in ("float16", "bfloat16", "float64"):
        return array.astype("<f4")
    if kind in ("int64", "int16", "int8", "uint32", "uint64", "uint16"):
        return array.astype("<i4")
    if kind not in _DTYPES:
        raise ValueError(message(f"TensorFlow.js has no dtype for the variable {name}.", received=kind))
    return np.ascontiguousarray(array)


def _adapt(data: dict[str, Any], where: str) -> None:
    """Change what TensorFlow.js says otherwise, and refuse what it cannot say, in a config of Keras 2."""
    name, config = data["class_name"], data["config"]
    if name == "TFOpLambda":
        _as_layer(data)
        name, config = data["class_name"], data["config"]
    if name not in LAYERS:
        raise _lacking(name, config.get("name"), "it has no such layer")
    if config.get("reset_after"):
        raise _lacking(name, config.get("name"), "its GRU is that with reset_after=False")
    for key, value in config.items():
        if key.endswith("activation") and isinstance(value, str):
            if value not in _ACTIVATIONS:
                raise _lacking(name, config.get("name"), f"it has no activation {value!r}")
            config[key] = "swish" if value == "silu" else value
        elif isinstance(value, dict) and value.get("class_name") == "Policy":
            config[key] = "float32"
    inner = [config[key] for key in ("layer", "backward_layer", "cell") if isinstance(config.get(key), dict)]
    for layer in [*(config.get("layers") or ()), *(config.get("cells") or ()), *inner]:
        _adapt(layer, where)


def _as_layer(data: dict[str, Any]) -> None:
    """A sum and the like of two tensors as a merging layer."""
    name, function = data["config"]["name"], data["config"]["function"]
    ((first, call, index, options),) = data["inbound_nodes"]
    other = options.get("y")
    if function not in _MERGING or first == "_CONSTANT_VALUE" or not isinstance(other, list):
        raise _lacking(
            f"the operation {function}", name, "it has layers alone; use a layer such as Rescaling"
        )
    data["class_name"], data["config"] = _MERGING[function], {"name": name, "trainable": True}
    data["inbound_nodes"] = [[[first, call, index, {}], [*other, {}]]]


def _lacking(what: str, name: Any, why: str) -> ValueError:
    return ValueError(
        message(
            f"TensorFlow.js cannot run {what}{f' {name!r}' if name else ''}: {why}.",
            hint='Put another layer in its place, or export as ONNX (format="onnx"), which runs in browsers too.',
        )
    )


# Reading -------------------------------------------------------------------------------------------------
def is_tfjs(path: Path) -> bool:
    """Whether a folder, or an index, is a layers model of TensorFlow.js."""
    file = path / INDEX if path.is_dir() else path
    if file.suffix != ".json" or not file.is_file() or file.stat().st_size > _MAX_INDEX:
        return False
    try:
        data = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and "modelTopology" in data and "weightsManifest" in data


class TFJSModel:
    """The index of a layers model, checked.

    Args:
        path: The folder, or its `model.json`.

    Attributes:
        config: Class and config of the model, in Keras 2's words.
        entries: For each variable its name, shape and dtype.
        version: The version of Keras that the file names.

    Raises:
        ValueError: If it is damaged, or a graph model.
    """

    def __init__(self, path: Path) -> None:
        self.path = path / INDEX if path.is_dir() else path
        if self.path.stat().st_size > _MAX_INDEX:
            raise ValueError(message(f"{self.path} is too large for an index."))
        try:
            data = json.loads(self.path.read_bytes())
        except (ValueError, RecursionError) as error:
            raise ValueError(message(f"{self.path} is damaged: it is not JSON.", received=error)) from error
        if not isinstance(data, dict):
            raise ValueError(message(f"{self.path} describes no model.", received=data))
        if data.get("format", FORMAT) != FORMAT:
            raise ValueError(
                message(
                    f"{self.path} is a {data.get('format')} of TensorFlow.js, which has no layers.",
                    expected=f'"format": "{FORMAT}"',
                )
            )
        topology = data["modelTopology"]
        if not isinstance(topology, dict):
            raise ValueError(message(f"{self.path} describes no model.", received=topology))
        self.version = topology.get("keras_version")
        self.config: dict[str, Any] = topology.get("model_config") or topology
        self._groups = data["weightsManifest"]
        self.entries = [entry for group in self._groups for entry in group["weights"]]

    def arrays(self) -> dict[str, np.ndarray]:
        """The variables by name."""
        return {name: array for group in self._groups for name, array in self._group(group)}

    def _group(self, group: Mapping[str, Any]) -> Iterator[tuple[str, np.ndarray]]:
        content, offset = b"".join(map(self._shard, group["paths"])), 0
        for entry in group["weights"]:
            packed = entry.get("quantization") or {}
            kind = packed.get("dtype", entry["dtype"])
            shape = [int(size) for size in entry["shape"]]
            if kind not in _DTYPES or min(shape, default=0) < 0:
                raise ValueError(message(f"{self.path} describes no array.", received=entry))
            count = math.prod(shape)
            if offset + count * _DTYPES[kind] > len(content):
                raise ValueError(message(f"The shards of {self.path} end before {entry['name']!r} does."))
            dtype = np.dtype(kind).newbyteorder("<")
            array = np.frombuffer(content, dtype, count, offset).reshape(shape)
            offset += array.nbytes
            if packed and kind != "float16":
                array = array.astype("float32") * float(packed["scale"]) + float(packed["min"])
            yield str(entry["name"]), array.astype(entry["dtype"])

    def _shard(self, name: Any) -> bytes:
        if not isinstance(name, str) or name in ("", ".", "..") or set(name) & {"/", "\\", "\0", ":"}:
            raise ValueError(
                message(f"{self.path} names a file that would stand elsewhere; it is refused.", received=name)
            )
        file = self.path.with_name(name)
        if file.is_symlink() or not file.is_file():
            raise ValueError(
                message(f"{self.path} is incomplete: the shard {name} is missing, or a link to elsewhere.")
            )
        return file.read_bytes()


def load_tfjs(path: Any, custom_objects: Mapping | None = None) -> Any:
    """A model that TensorFlow.js, its converter, or `model.export(path, format="tfjs")` wrote.

    Args:
        path: The folder, or its `model.json`.
        custom_objects: Name -> class or function, for classes that were not registered.

    Raises:
        ValueError: If the files are damaged, or a weight does not fit; nothing is loaded then.
    """
    file = Path(path)
    try:
        stored = TFJSModel(file)
        arrays = stored.arrays()
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(message(f"{path} is damaged.", received=repr(error))) from error
    with serial.reading(new_file=True, room=lambda: 4 * sum(array.nbytes for array in arrays.values())):
        model = model_of(upgraded(stored.config), custom_objects)
    wanted = dict(named_weights(model))
    shorter = {_short(name): name for name in wanted}
    found = {}
    for name, array in arrays.items():
        name = name.removesuffix(":0")
        found[name if name in wanted else shorter.get(name) or shorter.get(_short(name), name)] = array
    problems = [
        f"{name}: the model wants {_shape(wanted.get(name))}, the file has {_shape(found.get(name))}"
        for name in sorted({*wanted, *found})
        if _shape(wanted.get(name)) != _shape(found.get(name))
    ]
    if problems:
        listed = "\n".join(problems[:30])
        raise ValueError(message(f"The weights in {path} do not fit the model they stand with:\n{listed}"))
    for name, variable in wanted.items():
        variable.assign(found[name])
    return model


def _shape(value: Any) -> Any:
    return None if value is None else tuple(value.shape)


def _short(name: str) -> str:
    """A variable's name without the cell, or the wrapped layer, between layer and variable."""
    parts = name.split("/")
    return "/".join([*parts[:-2], parts[-1]]) if len(parts) > 2 else name


def dtype_bits(kind: str) -> int:
    """The bits of an element as it is stored."""
    return 8 * _DTYPES.get(kind, 0)


def folder_of(path: str | os.PathLike[str]) -> str:
    """The real path of the folder to write, which must not be a file."""
    target = os.path.realpath(path)
    if os.path.exists(target) and not os.path.isdir(target):
        raise FileExistsError(message("There is a file in the place of the folder.", received=str(path)))
    return target

"""Models in the words of Keras 2, for tf_keras, TensorFlow before 2.16, and TensorFlow.js.

A config of Keras 3 is rewritten object by object: old names of arguments, calls as lists, operations of the graph as
TensorFlow's functions. What Keras 2 cannot say is an error that names the layer.

Source: files that tf_keras 2.21 wrote, and the arguments that its layers take.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from addax.core import serial
from addax.core.errors import message

KERAS2_VERSION = "2.15.0"
_ANY = object()

# Arguments that Keras 2 does not have, with the values that mean what it does anyway.
_NEWER: dict[str, tuple] = {
    "antialias": (False, None),
    "autocast": (_ANY,),
    "bounding_box_format": (None,),
    "fill_mode": (_ANY,),
    "fill_value": (_ANY,),
    "flash_attention": (_ANY,),
    "gptq_unpacked_column_size": (None,),
    "input_axes": (None,),
    "lora_alpha": (_ANY,),
    "lora_rank": (None,),
    "optional": (False, None),
    "oov_method": ("floormod", None),
    "output_axes": (None,),
    "pad_to_aspect_ratio": (False, None),
    "pool_dimensions": (_ANY,),
    "pool_mode": (_ANY,),
    "quantization_config": (None,),
    "renorm": (False, None),
    "rms_scaling": (False, None),
    "renorm_clipping": (None,),
    "renorm_momentum": (_ANY,),
    "salt": (None,),
    "sliding_window": (None,),
    "use_cudnn": (_ANY,),
    "use_gate": (False, None),
    "loss_scale_factor": (None,),
    "gradient_accumulation_steps": (None,),
}
# The same, of some classes alone.
_NEWER_OF: dict[str, dict[str, tuple]] = {
    "AdditiveAttention": {"score_mode": (_ANY,)},
    "CenterCrop": {"data_format": ("channels_last", None)},
    "MultiHeadAttention": {"seed": (_ANY,)},
    "RandomBrightness": {"data_format": ("channels_last", None)},
    "RandomContrast": {"data_format": ("channels_last", None), "value_range": (_ANY,)},
    "RandomCrop": {"data_format": ("channels_last", None)},
    "RandomFlip": {"data_format": ("channels_last", None)},
    "RandomRotation": {"data_format": ("channels_last", None)},
    "RandomTranslation": {"data_format": ("channels_last", None)},
    "RandomZoom": {"data_format": ("channels_last", None)},
    "Resizing": {"data_format": ("channels_last", None)},
    "ZeroPadding1D": {"data_format": ("channels_last", None)},
    "SimpleRNN": {"seed": (_ANY,)},
    "ConvLSTM1D": {"seed": (_ANY,)},
    "ConvLSTM2D": {"seed": (_ANY,)},
    "ConvLSTM3D": {"seed": (_ANY,)},
}
_KEPT = {"RandomRotation", "RandomTranslation", "RandomZoom"}  # which have fill_mode and fill_value
_UNKNOWN = frozenset(
    """AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D
    AdaptiveMaxPooling2D AdaptiveMaxPooling3D AugMix AutoContrast ContrastLimitedAdaptiveHistogramEqualization CutMix
    Equalization FlaxLayer GroupQueryAttention GroupedQueryAttention JaxLayer Lambda MaxNumBoundingBoxes MelSpectrogram
    MixUp Pipeline RMSNormalization RandAugment RandomColorDegeneration RandomColorJitter RandomElasticTransform
    RandomErasing RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective RandomPosterization
    RandomSaturation RandomSharpness RandomShear ReversibleEmbedding STFTSpectrogram Solarization TFSMLayer
    TorchModuleWrapper STFT STFTInitializer Muon""".split()
)
_RENAMED = {("LeakyReLU", "negative_slope"): "alpha", ("InputLayer", "batch_shape"): "batch_input_shape"}
# Operations of two tensors or a tensor and a number, of one tensor, and those that reduce.
_BINARY = {
    "Add": "math.add",
    "Divide": "math.truediv",
    "Matmul": "linalg.matmul",
    "Maximum": "math.maximum",
    "Minimum": "math.minimum",
    "Multiply": "math.multiply",
    "Power": "math.pow",
    "Subtract": "math.subtract",
    "TrueDivide": "math.truediv",
}
_FIRST_OF = {"linalg.matmul": ("a", "b")}
_UNARY = {
    "Abs": "math.abs",
    "Absolute": "math.abs",
    "Cos": "math.cos",
    "Exp": "math.exp",
    "Log": "math.log",
    "Negative": "math.negative",
    "Relu": "nn.relu",
    "Sigmoid": "math.sigmoid",
    "Sin": "math.sin",
    "Sqrt": "math.sqrt",
    "Square": "math.square",
    "Tanh": "math.tanh",
}
_REDUCING = {
    "Max": "math.reduce_max",
    "Mean": "math.reduce_mean",
    "Min": "math.reduce_min",
    "Prod": "math.reduce_prod",
    "Sum": "math.reduce_sum",
}


def keras2_config(model: Any, modules: bool = False) -> dict[str, Any]:
    """A model's class and config as Keras 2 writes them.

    Args:
        model: The model.
        modules: Whether objects say their module, as in tf_keras's `.keras` files.

    Returns:
        `{"class_name", "config"}`.

    Raises:
        ValueError: If Keras 2 has no word for a layer, or for one of its arguments.
    """
    return keras2_object(serial.serialize_model(model), modules)


def keras2_object(data: Any, modules: bool = False) -> Any:
    """Serialized objects, in any nest of plain data, as Keras 2 writes them."""
    if isinstance(data, list):
        return [keras2_object(item, modules) for item in data]
    if not isinstance(data, dict):
        return data
    if "class_name" not in data or "config" not in data:
        return {key: keras2_object(value, modules) for key, value in data.items()}
    return _keras2_object(data, modules)


def _keras2_object(data: dict, modules: bool) -> Any:
    name, config = data["class_name"], data["config"]
    if name == "function":
        return config
    if name == "__lambda__" or name in _UNKNOWN:
        raise _unsaid(data, "Keras 2 has no such class.")
    if name.startswith("__") or not isinstance(config, dict):
        return data
    if name.endswith("DTypePolicy"):
        return _policy(data)
    if "input_layers" in config:
        written = _graph(config, modules)
    else:
        written = {
            key: keras2_object(value, modules)
            for key, value in _arguments(data, config).items()
            if not (name == "Sequential" and key in ("dtype", "trainable"))
        }
    result = {"class_name": name, "config": written}
    custom = data.get("registered_name")
    if not modules:
        if custom and ">" in custom:
            result["class_name"] = custom
        return result
    module = "keras" if name in ("Functional", "Sequential") and not _is_custom(data) else data.get("module")
    return {"module": module, **result, "registered_name": custom if _is_custom(data) else None}


def _is_custom(data: Mapping[str, Any]) -> bool:
    return not str(data.get("module")).startswith("keras")


def _policy(data: Mapping[str, Any]) -> Any:
    name = data["config"].get("name") or ""
    if data["class_name"] != "DTypePolicy":
        raise _unsaid(data, "Keras 2 has no quantized layers.")
    return {"class_name": "Policy", "config": {"name": name}} if name.startswith("mixed_") else name


def _arguments(data: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that Keras 2 knows, under its names."""
    name = data["class_name"]
    newer = {**_NEWER, **_NEWER_OF.get(name, {})}
    if _is_custom(data):
        return dict(config)
    if name in _KEPT:
        newer = {k: v for k, v in newer.items() if k not in ("fill_mode", "fill_value")}
    found: dict[str, Any] = {}
    for key, value in config.items():
        if key in newer:
            if _ANY not in newer[key] and value not in newer[key]:
                raise _unsaid(data, f"Keras 2 has no argument `{key}`, which is {value!r} here.")
            continue
        if key == "zero_output_for_mask" and not value:
            continue  # Keras 2 has it where it is True alone
        if value == "hard_sigmoid":
            raise _unsaid(data, "Keras 2 computes hard_sigmoid by another formula.")
        found[_RENAMED.get((name, key), key)] = value
    if name == "MultiHeadAttention":
        shapes = (data.get("build_config") or {}).get("shapes_dict") or {}
        query, value = shapes.get("query_shape"), shapes.get("value_shape")
        found |= {
            "query_shape": query,
            "value_shape": value,
            "key_shape": shapes.get("key_shape") or value,
        }
    return _one_direction(found) if name == "Bidirectional" else found


def _one_direction(found: dict[str, Any]) -> dict[str, Any]:
    """Keras 2 writes the layer as it was given, and the other direction only where somebody gave it."""
    layer, backward = dict(found["layer"]), found.get("backward_layer")
    layer["config"] = dict(layer["config"])
    layer["config"]["name"] = layer["config"]["name"].removeprefix("forward_")

    def sameness(data: Any) -> Any:
        return {k: v for k, v in data["config"].items() if k not in ("name", "go_backwards")}

    if backward and sameness(backward) == sameness(layer):
        found = {k: v for k, v in found.items() if k != "backward_layer"}
    return {**found, "layer": layer}


def _unsaid(data: Mapping[str, Any], why: str) -> ValueError:
    config = data["config"] if isinstance(data.get("config"), dict) else {}
    label = config.get("name") or data.get("name")
    return ValueError(
        message(
            f"{data['class_name']}{f' {label!r}' if label else ''} cannot be written in Keras 2's form. {why}",
            hint="Save as .keras, or export as ONNX or a SavedModel; or put another layer in its place.",
        )
    )


def keras2_training(compiled: Any) -> Any:
    """What a model was compiled with; Keras 2 tells its newer optimizers from older ones by a prefix."""
    training = keras2_object(compiled)
    optimizer = training.get("optimizer_config")
    if isinstance(optimizer, dict) and ">" not in optimizer["class_name"]:
        optimizer["class_name"] = f"Custom>{optimizer['class_name']}"
    return training


def keras2_state(optimizer: Any) -> list[Any]:
    """The variables of an optimizer that Keras 2 keeps in files: the steps, and the slots; not the learning rate."""
    rate = getattr(optimizer, "_learning_rate", None)
    return [v for v in optimizer.variables if v is not rate]


# Graphs ----------------------------------------------------------------------------------------------------
def _graph(config: Mapping[str, Any], modules: bool) -> dict[str, Any]:
    """The config of a functional model: the calls of layers as lists."""
    entries = config["layers"]
    first = {entry["name"]: _first_call(entry) for entry in entries}
    layers = [_entry(entry, first, modules) for entry in entries]

    def end(place: list) -> list:
        # Keras 3 counts the making of nested functional models alone, and only here.
        extra = first[place[0]] - int(_is_graph(by_name[place[0]]))
        return [place[0], place[1] + extra, place[2]]

    by_name = {entry["name"]: entry for entry in entries}
    return {
        "name": config["name"],
        "trainable": config.get("trainable", True),
        "layers": layers,
        "input_layers": _ends(config["input_layers"], end),
        "output_layers": _ends(config["output_layers"], end),
    }


def _is_graph(entry: Mapping[str, Any]) -> bool:
    return "input_layers" in entry["config"]


def _first_call(entry: Mapping[str, Any]) -> int:
    """The number of the first call: the making of a nested model is one to Keras 2."""
    layers = entry["config"].get("layers")
    made = isinstance(layers, list) and layers and layers[0].get("class_name") == "InputLayer"
    return int(bool(_is_graph(entry) or made))


def _ends(places: Any, end: Any) -> Any:
    if isinstance(places, dict):
        return {key: _ends(value, end) for key, value in places.items()}
    if _is_place(places):
        return [end(places)]
    return [end(place) if _is_place(place) else _ends(place, end) for place in places]


def _is_place(value: Any) -> bool:
    return len(value) == 3 and isinstance(value[0], str) and isinstance(value[1], int)


def _entry(entry: Mapping[str, Any], first: Mapping[str, int], modules: bool) -> dict[str, Any]:
    def tensor(data: Mapping[str, Any]) -> list:
        name, call, index = data["config"]["keras_history"]
        return [name, call + first[name], index]

    if str(entry.get("module")).startswith(("keras.src.ops", "addax.ops")):
        return _operation(entry, tensor)
    layer = {k: v for k, v in entry.items() if k not in ("name", "inbound_nodes")}
    return {
        **keras2_object(layer, modules),
        "name": entry["name"],
        "inbound_nodes": [_node(entry, node, tensor) for node in entry["inbound_nodes"]],
    }


def _is_tensor(value: Any) -> bool:
    return isinstance(value, dict) and value.get("class_name") == "__keras_tensor__"


def _node(entry: Mapping[str, Any], node: Mapping[str, Any], tensor: Any) -> Any:
    """One call of a layer: its tensors, and with each its keyword arguments."""
    args, kwargs = list(node["args"]), {}
    for key, value in node["kwargs"].items():
        if value is not None and not (key == "training" and value is False):
            kwargs[key] = tensor(value) if _is_tensor(value) else value
    if not args:
        raise _unsaid(entry, "Keras 2 needs the first argument of a call by position.")
    more = dict(zip(("value", "key"), args[1:], strict=False)) if "MultiHead" in entry["class_name"] else {}
    if len(args) > 1 and len(more) < len(args) - 1:
        names = ("mask",) if entry["class_name"] in ("GRU", "LSTM", "SimpleRNN", "RNN") else ()
        raise _unsaid(entry, f"It is called with more than one argument by position; name them {names}.")
    kwargs.update({key: tensor(value) for key, value in more.items() if _is_tensor(value)})
    inputs = args[0]
    if isinstance(inputs, dict) and not _is_tensor(inputs):
        return {key: [*tensor(value), kwargs] for key, value in inputs.items()}
    leaves = [inputs] if _is_tensor(inputs) else list(inputs)
    if not all(map(_is_tensor, leaves)):
        raise _unsaid(entry, "It is called on a constant or a deeper nest.")
    return [[*tensor(leaf), kwargs] for leaf in leaves]


def _operation(entry: Mapping[str, Any], tensor: Any) -> dict[str, Any]:
    """An operation of the graph as a function of TensorFlow."""
    name, config = entry["class_name"], entry["config"]
    function = _BINARY.get(name) or _UNARY.get(name) or _REDUCING.get(name)
    (node,) = entry["inbound_nodes"]
    args = list(node["args"])
    if function is None:
        raise _unsaid(entry, "Its counterpart among TensorFlow's functions is not written.")
    options: dict[str, Any] = {"name": None}
    if name in _BINARY:
        other = args[1]
        options[_FIRST_OF.get(function, ("x", "y"))[1]] = tensor(other) if _is_tensor(other) else other
    elif name in _REDUCING:
        options = {"axis": config.get("axis"), "keepdims": bool(config.get("keepdims"))}
    start = tensor(args[0]) if _is_tensor(args[0]) else ["_CONSTANT_VALUE", -1, args[0]]
    return {
        "class_name": "TFOpLambda",
        "config": {"name": entry["name"], "trainable": True, "dtype": "float32", "function": function},
        "name": entry["name"],
        "inbound_nodes": [[*start, options]],
    }

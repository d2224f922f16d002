"""The open inference protocol, version 2, with tensors as JSON.

Source: github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.core.version import VERSION
from addax.serving._call import Call, check_names, check_rows, pick_signature
from addax.serving._errors import RequestError, shown
from addax.serving._signature import STRING, LoadedModel, ServedSignature, TensorInfo
from addax.serving._tensors import check_shape, to_array, to_json, wrong_input

_NAMES = {
    "bool": "BOOL",
    "float16": "FP16",
    "bfloat16": "BF16",
    "float32": "FP32",
    "float64": "FP64",
    "string": "BYTES",
}


def server_metadata() -> dict[str, Any]:
    """The answer of `/v2`."""
    return {"name": "addax", "version": VERSION, "extensions": []}


def model_metadata(model: LoadedModel) -> dict[str, Any]:
    """The answer of `/v2/models/N`: the default signature."""
    signature = model.default
    return {
        "name": model.name,
        "versions": [str(model.version)],
        "platform": "addax",
        "inputs": [_metadata(info) for info in signature.inputs],
        "outputs": [_metadata(info) for info in signature.outputs],
    }


def _metadata(info: TensorInfo) -> dict[str, Any]:
    shape = [-1 if size is None else size for size in info.shape]
    return {"name": info.name, "datatype": datatype(info.dtype), "shape": shape}


def datatype(dtype: str) -> str:
    """The protocol's name of a dtype.

    Example:
        >>> datatype("float32"), datatype("uint8")
        ('FP32', 'UINT8')
    """
    return _NAMES.get(dtype, dtype.upper())


def infer(model: LoadedModel, data: Mapping[str, Any]) -> Call:
    """The call of `/infer`; `parameters` may name a `signature_name`.

    Args:
        model: The model.
        data: The request.

    Raises:
        RequestError: The request does not fit the model.
    """
    parameters = data.get("parameters")
    name = parameters.get("signature_name") if isinstance(parameters, dict) else None
    signature = pick_signature(model, name)
    tensors = _named_objects(data, "inputs")
    check_names([tensor["name"] for tensor in tensors], signature.inputs, "inputs")
    by_name = {tensor["name"]: tensor for tensor in tensors}
    arrays = {info.name: _array(by_name[info.name], info) for info in signature.inputs}
    check_rows(signature, arrays)
    wanted, label = _wanted(signature, data), data.get("id")
    if label is not None and not isinstance(label, str):
        raise RequestError(400, message("'id' is no string.", received=shown(label)))

    def respond(outputs: Mapping[str, np.ndarray]) -> Any:
        answer: dict[str, Any] = {"model_name": model.name, "model_version": str(model.version)}
        if label is not None:
            answer["id"] = label
        return answer | {"outputs": [_tensor(info, outputs[info.name]) for info in wanted]}

    return Call(signature, arrays, respond)


def _named_objects(data: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    items = data.get(key)
    if isinstance(items, list) and all(isinstance(x, dict) and isinstance(x.get("name"), str) for x in items):
        return items
    raise RequestError(
        400,
        message(
            f"{key!r} is no list of tensors.", expected='[{"name": ..., ...}, ...]', received=shown(items)
        ),
    )


def _array(tensor: Mapping[str, Any], info: TensorInfo) -> np.ndarray:
    given, shape, data = tensor.get("datatype"), tensor.get("shape"), tensor.get("data")
    if not isinstance(given, str) or _kind(given) != _kind(datatype(info.dtype)):
        raise wrong_input(info, f"datatype {given}", f"Wrong datatype; it is {datatype(info.dtype)}.")
    if not isinstance(shape, list) or not all(isinstance(n, int) and 0 <= n < 2**31 for n in shape):
        raise wrong_input(info, f"shape {shown(shape)}", "Wrong shape.")
    if not isinstance(data, list):
        raise wrong_input(info, f"data {shown(data)}", "'data' is no list.")
    # The data may be nested or flat; either way it is taken as it is, and must have as many elements.
    nested = bool(data) and isinstance(data[0], list)
    array = to_array(data, TensorInfo(info.name, (None,) * (len(shape) if nested else 1), info.dtype))
    if array.shape != tuple(shape):
        if nested or array.size != int(np.prod(shape, dtype=object)):
            raise wrong_input(info, f"shape {shape} with data of shape {list(array.shape)}", "Wrong shape.")
        array = array.reshape(shape)
    check_shape(array, info)
    return array


def _kind(name: str) -> str:
    """What datatypes have in common that may stand for each other; the values are checked one by one."""
    return "integer" if "INT" in name else "float" if name in ("FP16", "BF16", "FP32", "FP64") else name


def _wanted(signature: ServedSignature, data: Mapping[str, Any]) -> list[TensorInfo]:
    if not data.get("outputs"):
        return list(signature.outputs)
    known = {info.name: info for info in signature.outputs}
    names = [item["name"] for item in _named_objects(data, "outputs")]
    unknown = [name for name in names if name not in known]
    if unknown:
        expected = ", ".join(known)
        raise RequestError(
            400, message("The model has no such output.", expected=expected, received=", ".join(unknown))
        )
    return [known[name] for name in names]


def _tensor(info: TensorInfo, array: np.ndarray) -> dict[str, Any]:
    data = to_json(array.reshape(-1), info.name)
    name = STRING if array.dtype.kind in "OSU" else str(array.dtype)
    return {"name": info.name, "shape": list(array.shape), "datatype": datatype(name), "data": data}

"""TensorFlow Serving's REST API, and the contract of containers on Vertex AI, which has the same bodies.

Sources: tensorflow.org/tfx/serving/api_rest; cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.serving._call import Call, check_names, columns_call, pick_signature, rows_call
from addax.serving._errors import RequestError, shown
from addax.serving._signature import LoadedModel, ServedSignature, TensorInfo
from addax.serving._tensors import to_array, to_json

PREDICT_METHOD = "tensorflow/serving/predict"
_DTYPES = {
    "float16": "DT_HALF",
    "bfloat16": "DT_BFLOAT16",
    "float32": "DT_FLOAT",
    "float64": "DT_DOUBLE",
    "bool": "DT_BOOL",
    "string": "DT_STRING",
    "complex64": "DT_COMPLEX64",
    "complex128": "DT_COMPLEX128",
}


def predict(model: LoadedModel, data: Mapping[str, Any]) -> Call:
    """The call of `:predict`.

    Args:
        model: The model.
        data: The request, with `instances` or `inputs`, and perhaps `signature_name`.

    Raises:
        RequestError: The request does not fit the model.
    """
    signature = pick_signature(model, data.get("signature_name"))
    if ("instances" in data) == ("inputs" in data):
        raise RequestError(
            400,
            message(
                "A request has examples in one form.",
                expected='{"instances": [...]}, one entry for each example, or {"inputs": ...}, whole arrays',
                received=", ".join(data) or "an empty object",
            ),
        )
    if "instances" in data:
        return _wrapped(rows_call(signature, data["instances"]), "predictions")
    return _wrapped(columns_call(signature, data["inputs"]), "outputs")


def vertex(model: LoadedModel, data: Mapping[str, Any]) -> Call:
    """The call of Vertex AI's predict route: `instances`, and perhaps `parameters` with `signature_name`.

    Args:
        model: The model.
        data: The request.

    Raises:
        RequestError: The request does not fit the model.
    """
    parameters = data.get("parameters")
    name = parameters.get("signature_name") if isinstance(parameters, dict) else data.get("signature_name")
    return _wrapped(rows_call(pick_signature(model, name), data.get("instances")), "predictions")


def _wrapped(call: Call, key: str) -> Call:
    return Call(call.signature, call.inputs, lambda outputs: {key: call.respond(outputs)})


def classify(model: LoadedModel, data: Mapping[str, Any]) -> Call:
    """The call of `:classify`, for signatures with one output of scores, of shape (examples, classes).

    Labels are empty, as TensorFlow Serving has it for models that know none: the place in the list is the class.

    Args:
        model: The model.
        data: The request, with `examples`, and perhaps `context` and `signature_name`.

    Raises:
        RequestError: The request does not fit the model, or the model does not classify.
    """
    signature = pick_signature(model, data.get("signature_name"))
    output = _only_output(signature, "classify", "scores of shape (examples, classes)", (2,))

    def respond(outputs: Mapping[str, np.ndarray]) -> Any:
        rows = to_json(outputs[output.name], output.name)
        return {"result": [[["", score] for score in row] for row in rows]}

    return Call(signature, _examples(signature, data), respond)


def regress(model: LoadedModel, data: Mapping[str, Any]) -> Call:
    """The call of `:regress`, for signatures with one number for each example.

    Args:
        model: The model.
        data: The request, with `examples`, and perhaps `context` and `signature_name`.

    Raises:
        RequestError: The request does not fit the model, or the model gives something else.
    """
    signature = pick_signature(model, data.get("signature_name"))
    expected = "one number for each example"
    output = _only_output(signature, "regress", expected, (1, 2))
    if output.shape[1:] not in ((), (1,)):
        raise _unfit(signature, "regress", expected)
    return Call(
        signature,
        _examples(signature, data),
        lambda outputs: {"result": to_json(outputs[output.name].reshape(-1), output.name)},
    )


def _only_output(
    signature: ServedSignature, method: str, expected: str, ranks: tuple[int, ...]
) -> TensorInfo:
    outputs = signature.outputs
    fits = signature.batched and len(outputs) == 1 and len(outputs[0].shape) in ranks
    if not fits or "float" not in outputs[0].dtype:
        raise _unfit(signature, method, expected)
    return outputs[0]


def _unfit(signature: ServedSignature, method: str, expected: str) -> RequestError:
    received = ", ".join(f"{info.name} of {info}" for info in signature.outputs)
    problem = f"The signature cannot {method}."
    return RequestError(
        400,
        message(problem, expected=expected, received=received, hint="Use :predict.", where=signature.name),
    )


def _examples(signature: ServedSignature, data: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The inputs from examples: objects of features, each a value or a flat list of values."""
    examples, context = data.get("examples"), data.get("context", {})
    objects = isinstance(examples, list) and examples and all(isinstance(item, dict) for item in examples)
    if not objects or not isinstance(examples, list) or not isinstance(context, dict):
        raise RequestError(
            400,
            message(
                "A request has examples.",
                expected='{"examples": [{feature: value, ...}, ...]}, and perhaps "context": {feature: value}',
                received=shown(examples),
            ),
        )
    merged = [{**context, **example} for example in examples]
    for example in merged:
        check_names(example, signature.inputs, "examples")
    return {
        info.name: to_array([_feature(example[info.name], info) for example in merged], info)
        for info in signature.inputs
    }


def _feature(value: Any, info: TensorInfo) -> Any:
    """A feature in the shape of the input: a single value may stand for a list of one, a flat list for any shape."""
    sizes = info.shape[1:]
    if sizes == (1,) and not isinstance(value, list):
        return [value]
    if not sizes and isinstance(value, list) and len(value) == 1:
        return value[0]
    known = [size for size in sizes if size is not None]
    flat = isinstance(value, list) and not any(isinstance(item, list) for item in value)
    if flat and len(sizes) > 1 and len(known) == len(sizes) and len(value) == int(np.prod(known)):
        return _folded(value, known)
    return value


def _folded(values: list[Any], sizes: list[int]) -> list[Any]:
    for size in reversed(sizes[1:]):
        values = [values[start : start + size] for start in range(0, len(values), size)]
    return values


def metadata(model: LoadedModel) -> dict[str, Any]:
    """The answer of `/metadata`."""
    signatures = {
        name: {
            "inputs": {info.name: _tensor_info(info, f"{name}_{info.name}:0") for info in signature.inputs},
            "outputs": {
                info.name: _tensor_info(info, f"StatefulPartitionedCall:{number}")
                for number, info in enumerate(signature.outputs)
            },
            "method_name": PREDICT_METHOD,
        }
        for name, signature in model.signatures.items()
    }
    spec = {"name": model.name, "signature_name": "", "version": str(model.version)}
    return {"model_spec": spec, "metadata": {"signature_def": {"signature_def": signatures}}}


def _tensor_info(info: TensorInfo, name: str) -> dict[str, Any]:
    sizes = [{"size": str(-1 if size is None else size), "name": ""} for size in info.shape]
    dtype = _DTYPES.get(info.dtype, f"DT_{info.dtype.upper()}")
    return {"dtype": dtype, "tensor_shape": {"dim": sizes, "unknown_rank": False}, "name": name}


def version_status(version: int, state: str = "AVAILABLE", problem: str = "") -> dict[str, Any]:
    """An entry of the answer to a question for the state."""
    code = "UNKNOWN" if problem else "OK"
    return {
        "version": str(version),
        "state": state,
        "status": {"error_code": code, "error_message": problem},
    }

"""What the protocols have in common: a request becomes a call, its outputs an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from addax.core.errors import message, suggest
from addax.serving._errors import RequestError, shown
from addax.serving._signature import LoadedModel, ServedSignature, TensorInfo
from addax.serving._tensors import to_array, to_json


@dataclass(frozen=True)
class Call:
    """What a request asks for.

    Attributes:
        signature: What to run.
        inputs: The arrays by name.
        respond: Makes the answer of the outputs, for `json.dumps`.
    """

    signature: ServedSignature
    inputs: Mapping[str, np.ndarray]
    respond: Callable[[Mapping[str, np.ndarray]], Any]


def pick_signature(model: LoadedModel, name: Any) -> ServedSignature:
    """The signature of that name; the default one for None or an empty name.

    Raises:
        RequestError: There is none.
    """
    if name is None or name == "":
        return model.default
    found = model.signatures.get(name) if isinstance(name, str) else None
    if found is None:
        known = ", ".join(model.signatures)
        hint = suggest(name, model.signatures) if isinstance(name, str) else None
        received = name if isinstance(name, str) else shown(name)
        raise RequestError(
            400, message("The model has no such signature.", expected=known, received=received, hint=hint)
        )
    return found


def rows_call(signature: ServedSignature, instances: Any, where: str = "instances") -> Call:
    """A call from a list with one entry for each example, answered in the same form."""
    if not isinstance(instances, list) or not instances:
        expected = "a list with an entry for each example"
        raise RequestError(
            400, message(f"{where!r} holds no examples.", expected=expected, received=shown(instances))
        )
    inputs = {
        info.name: to_array([_of_row(row, info, signature, where) for row in instances], info)
        for info in signature.inputs
    }

    def respond(outputs: Mapping[str, np.ndarray]) -> Any:
        for name, array in outputs.items():
            if array.shape[:1] != (len(instances),):
                raise RequestError(
                    400,
                    message(
                        f"Output {name!r} has not one row for each example.",
                        expected=f"{len(instances)} rows",
                        received=array,
                        hint='Ask in column form: {"inputs": ...}.',
                    ),
                )
        columns = {name: to_json(array, name) for name, array in outputs.items()}
        if len(columns) == 1:
            return next(iter(columns.values()))
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    return Call(signature, inputs, respond)


def _of_row(row: Any, info: TensorInfo, signature: ServedSignature, where: str) -> Any:
    """The value of one input in an entry: of an object by name, else the entry itself if there is one input."""
    if isinstance(row, dict) and row.keys() != {"b64"}:
        check_names(row, signature.inputs, where)
        return row[info.name]
    if len(signature.inputs) > 1:
        check_names((), signature.inputs, where)
    return row


def columns_call(signature: ServedSignature, inputs: Any) -> Call:
    """A call from whole inputs, answered in the same form."""
    if isinstance(inputs, dict) and inputs.keys() != {"b64"}:
        check_names(inputs, signature.inputs, "inputs")
        arrays = {info.name: to_array(inputs[info.name], info) for info in signature.inputs}
    elif len(signature.inputs) == 1:
        (info,) = signature.inputs
        arrays = {info.name: to_array(inputs, info)}
    else:
        check_names((), signature.inputs, "inputs")
        arrays = {}
    check_rows(signature, arrays)

    def respond(outputs: Mapping[str, np.ndarray]) -> Any:
        columns = {name: to_json(array, name) for name, array in outputs.items()}
        return next(iter(columns.values())) if len(columns) == 1 else columns

    return Call(signature, arrays, respond)


def check_names(given: Iterable[str], inputs: Iterable[TensorInfo], where: str) -> None:
    """Refuse names that are not exactly those of the inputs."""
    known, names = [info.name for info in inputs], list(given)
    if sorted(known) == sorted(names):
        return
    unknown = [name for name in names if name not in known]
    raise RequestError(
        400,
        message(
            "The names are not those of the inputs.",
            expected=", ".join(known),
            received=", ".join(names) or "no names",
            hint=suggest(unknown[0], known) if unknown else None,
            where=where,
        ),
    )


def check_rows(signature: ServedSignature, arrays: Mapping[str, np.ndarray]) -> None:
    """Refuse inputs with different numbers of examples."""
    if signature.batched and len({len(array) for array in arrays.values()}) > 1:
        rows = {name: len(array) for name, array in arrays.items()}
        problem = "The inputs have different numbers of examples."
        raise RequestError(400, message(problem, expected="one number", received=f"{rows}"))

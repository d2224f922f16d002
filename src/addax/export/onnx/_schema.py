"""The messages of an ONNX file, as far as we write them, and the numbers of its dtypes and versions."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core.errors import message
from addax.formats import Schema

ONNX_SCHEMA = Schema(
    """
    Model: ir_version=1:int producer_name=2:str graph=7:Graph opset_import=8:*Opset
    Opset: domain=1:str version=2:int
    Graph: node=1:*Node name=2:str initializer=5:*Tensor input=11:*Value output=12:*Value
    Node: input=1:*str output=2:*str name=3:str op_type=4:str attribute=5:*Attribute domain=7:str
    Attribute: name=1:str f=2:float i=3:int s=4:bytes g=6:Graph ints=8:+int strings=9:*bytes type=20:enum
    Tensor: dims=1:+int data_type=2:int string_data=6:*bytes name=8:str raw_data=9:bytes external_data=13:*Entry data_location=14:enum
    Entry: key=1:str value=2:str
    Value: name=1:str type=2:Type
    Type: tensor_type=1:TensorType
    TensorType: elem_type=1:int shape=2:Shape
    Shape: dim=1:*Dim
    Dim: dim_value=1:int dim_param=2:str
    """  # noqa: E501
)
_FLOAT, _INT, _TEXT, _GRAPH, _INTS, _TEXTS = 1, 2, 3, 5, 7, 8  # kinds of attributes
_DTYPES = {
    "float32": 1,
    "uint8": 2,
    "int8": 3,
    "uint16": 4,
    "int16": 5,
    "int32": 6,
    "int64": 7,
    "object": 8,  # texts
    "bool": 9,
    "float16": 10,
    "float64": 11,
    "uint32": 12,
    "uint64": 13,
    "bfloat16": 16,
}
# The version of the file format that came with each version of the operators.
IR_VERSIONS = {18: 8, 19: 9, 20: 9, 21: 10, 22: 10, 23: 11}
DEFAULT_OPSET = 18


def dtype_number(dtype: Any) -> int:
    """The number that ONNX has for a NumPy dtype.

    Raises:
        ValueError: ONNX has no such dtype.

    Example:
        >>> dtype_number("float32"), dtype_number(bool)
        (1, 9)
    """
    name = np.dtype(dtype).name
    if name not in _DTYPES:
        raise ValueError(
            message("ONNX tensors have no such dtype.", expected=", ".join(_DTYPES), received=name)
        )
    return _DTYPES[name]


def attribute(name: str, value: Any) -> dict[str, Any]:
    """An attribute of a node: a number, a text, a graph, or a list of whole numbers or of texts (bytes).

    Example:
        >>> attribute("axis", 1)
        {'name': 'axis', 'i': 1, 'type': 2}
    """
    if isinstance(value, float):
        return {"name": name, "f": value, "type": _FLOAT}
    if isinstance(value, str):
        return {"name": name, "s": value.encode(), "type": _TEXT}
    if isinstance(value, dict):
        return {"name": name, "g": value, "type": _GRAPH}
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], bytes):
        return {"name": name, "strings": list(value), "type": _TEXTS}
    if isinstance(value, (list, tuple)):
        return {"name": name, "ints": [int(x) for x in value], "type": _INTS}
    return {"name": name, "i": int(value), "type": _INT}


def value_info(name: str, shape: Any, dtype: Any) -> dict[str, Any]:
    """The declaration of an input or output; unknown dimensions are names or formulas."""
    dims = [{"dim_value": d} if isinstance(d, int) else {"dim_param": str(d)} for d in shape]
    return {
        "name": name,
        "type": {"tensor_type": {"elem_type": dtype_number(dtype), "shape": {"dim": dims}}},
    }


def tensor(name: str, value: np.ndarray) -> dict[str, Any]:
    """A constant with its values."""
    described = {"name": name, "data_type": dtype_number(value.dtype), "dims": value.shape}
    if value.dtype.kind == "O":
        return {**described, "string_data": value.ravel().tolist()}
    return {**described, "raw_data": little_endian(value)}


def little_endian(value: np.ndarray) -> bytes:
    """The elements one after the other."""
    return value.astype(value.dtype.newbyteorder("<"), copy=False).tobytes()

"""`tf.dtypes`: the dtypes and what converts between them."""

from addax.core.dtypes import DType, standardize
from addax.tf._create import as_dtype, cast, complex, saturate_cast  # noqa: A004

bfloat16 = standardize("bfloat16")
bool = standardize("bool")  # noqa: A001
complex64 = standardize("complex64")
complex128 = standardize("complex128")
double = float64 = standardize("float64")
float16 = half = standardize("float16")
float32 = standardize("float32")
int8 = standardize("int8")
int16 = standardize("int16")
int32 = standardize("int32")
int64 = standardize("int64")
string = standardize("string")
uint8 = standardize("uint8")
uint16 = standardize("uint16")
uint32 = standardize("uint32")
uint64 = standardize("uint64")
# Quantized numbers are plain integers here; what they stand for is written beside them anyway.
qint8, qint16, qint32, quint8, quint16 = int8, int16, int32, uint8, uint16
QUANTIZED_DTYPES = frozenset({qint8, qint16, qint32, quint8, quint16})

__all__ = [
    "QUANTIZED_DTYPES",
    "DType",
    "as_dtype",
    "bfloat16",
    "bool",
    "cast",
    "complex",
    "complex64",
    "complex128",
    "double",
    "float16",
    "float32",
    "float64",
    "half",
    "int8",
    "int16",
    "int32",
    "int64",
    "qint8",
    "qint16",
    "qint32",
    "quint8",
    "quint16",
    "saturate_cast",
    "string",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
]

"""`addax.quantizers`: numbers in few bits, and how the weights of layers are put into them."""

from addax.quantizers._abs_max import AbsMaxQuantizer, Quantizer
from addax.quantizers._configs import (
    AWQConfig,
    Float8QuantizationConfig,
    GPTQConfig,
    Int4QuantizationConfig,
    Int8QuantizationConfig,
    QuantizationConfig,
)
from addax.quantizers._float8 import (
    compute_float8_amax_history,
    compute_float8_scale,
    quantize_and_dequantize,
)
from addax.quantizers._int4 import pack_int4, unpack_int4
from addax.quantizers._integers import (
    abs_max_quantize,
    abs_max_quantize_grouped_with_zero_point,
    fake_quant_with_min_max_vars,
)
from addax.quantizers._lookup import deserialize, get, serialize

__all__ = [
    "AWQConfig",
    "AbsMaxQuantizer",
    "Float8QuantizationConfig",
    "GPTQConfig",
    "Int4QuantizationConfig",
    "Int8QuantizationConfig",
    "QuantizationConfig",
    "Quantizer",
    "abs_max_quantize",
    "abs_max_quantize_grouped_with_zero_point",
    "compute_float8_amax_history",
    "compute_float8_scale",
    "deserialize",
    "fake_quant_with_min_max_vars",
    "get",
    "pack_int4",
    "quantize_and_dequantize",
    "serialize",
    "unpack_int4",
]

"""`tf.quantization`."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.tf._quantization": """
            dequantize fake_quant_with_min_max_args fake_quant_with_min_max_args_gradient
            fake_quant_with_min_max_vars fake_quant_with_min_max_vars_gradient
            fake_quant_with_min_max_vars_per_channel fake_quant_with_min_max_vars_per_channel_gradient
            quantize quantize_and_dequantize quantize_and_dequantize_v2
        """,
    }
)

__getattr__, __dir__ = attach(__name__, _HOMES)

__all__ = sorted(_HOMES)

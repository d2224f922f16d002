"""`tf.experimental`."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.data": "Optional",
        "addax.ops._ragged_shape": "DynamicRaggedShape",
        "addax.ops._extension_type": "BatchableExtensionType ExtensionType ExtensionTypeSpec",
        "addax.tf._dispatch": """
            dispatch_for_api dispatch_for_binary_elementwise_apis dispatch_for_binary_elementwise_assert_apis
            dispatch_for_unary_elementwise_apis unregister_dispatch_for
        """,
        "addax.tf._dlpack": "dlpack",
    }
)
_SUBMODULES = ("extension_type", "numpy")

__getattr__, __dir__ = attach(__name__, _HOMES, _SUBMODULES)

__all__ = sorted({*_HOMES, *_SUBMODULES})

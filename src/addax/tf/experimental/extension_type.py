"""`tf.experimental.extension_type`."""

from addax.ops._extension_type import as_dict

__all__ = ["as_dict"]

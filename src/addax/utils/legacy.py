"""`addax.utils.legacy`: what `keras.utils.legacy` has, which is `addax.legacy.saving`."""

from addax.legacy.saving import deserialize_keras_object, serialize_keras_object

__all__ = ["deserialize_keras_object", "serialize_keras_object"]

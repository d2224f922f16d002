"""Addax: Keras 3, the tf.keras habits and the TensorFlow 2 that scripts touch, on JAX."""

__version__ = "0.1.0"

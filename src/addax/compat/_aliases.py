"""What stands behind each foreign module name. Data only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# Foreign name -> the namespaces that may stand behind it; the first that exists does. What lies below a
# foreign name is found by walking attributes and submodules, so only the starting points stand here.
ALIASES: Mapping[str, Sequence[str]] = {
    "keras": ("addax",),
    "tensorflow": ("addax.tf",),
    "tensorflow.keras": ("addax.tf.keras", "addax"),
    "tf_keras": ("addax.tf.keras", "addax"),
    # Editors that complete imports wrote this one into many Keras 3 scripts.
    "keras._tf_keras": ("addax.tf",),
}

_KERAS = ("keras", "tensorflow.keras", "tf_keras")

# Keras 1 and 2 spread a namespace over submodules which scripts import from. Each is now its namespace.
_FORMER = {
    "": (
        "api",
        "engine",
        "engine.base_layer",
        "engine.input_layer",
        "engine.network",
        "engine.sequential",
        "engine.topology",
        "engine.training",
    ),
    "callbacks": ("callbacks",),
    "layers": (
        "advanced_activations",
        "convolutional",
        "convolutional_recurrent",
        "core",
        "embeddings",
        "experimental",
        "experimental.preprocessing",
        "local",
        "merge",
        "noise",
        "normalization",
        "pooling",
        "recurrent",
        "wrappers",
    ),
    "utils": ("data_utils", "generic_utils", "io_utils", "layer_utils", "np_utils", "vis_utils"),
}

# Foreign namespace -> former submodules, dotted, that are the namespace itself today.
FORMER_MODULES: Mapping[str, Sequence[str]] = {
    f"{keras}.{namespace}".rstrip("."): names for keras in _KERAS for namespace, names in _FORMER.items()
}

_PRIVATE = "{name!r} is private to {package}. Import the public name, such as {example}."

# Modules that exist elsewhere and will not exist here -> what to do instead.
GONE: Mapping[str, str] = {
    "tensorflow.python": _PRIVATE.format(
        name="tensorflow.python",
        package="TensorFlow",
        example="tensorflow.keras.layers for tensorflow.python.keras.layers",
    ),
    "keras.src": _PRIVATE.format(
        name="keras.src", package="Keras", example="keras.layers for keras.src.layers"
    ),
    "tensorflow.keras.src": _PRIVATE.format(
        name="tensorflow.keras.src", package="Keras", example="tensorflow.keras.layers"
    ),
    "tf_keras.src": _PRIVATE.format(
        name="tf_keras.src", package="Keras", example="tf_keras.layers for tf_keras.src.layers"
    ),
    "tensorflow.contrib": "It ended with TensorFlow 1. What is left of it is in tensorflow.keras.",
    "tensorflow.examples": "It ended with TensorFlow 1. For its data sets use keras.datasets.",
}

# Where a name may stand that was looked for in the wrong namespace.
NAMESPACES: Sequence[str] = (
    "layers",
    "models",
    "optimizers",
    "losses",
    "metrics",
    "callbacks",
    "utils",
    "activations",
    "initializers",
    "regularizers",
    "constraints",
    "ops",
    "random",
    "backend",
    "datasets",
    "saving",
)

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

_TF1 = "It ended with TensorFlow 1. "

_SERVERS = (
    "There are no parameter servers here: all devices train in step. Use tf.distribute.MirroredStrategy(), or, on "
    "several machines, keras.distribution."
)

# Modules and names that exist elsewhere, or did, and will not exist here -> what to do instead.
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
    "tensorflow.contrib": _TF1 + "What is left of it is in tensorflow.keras.",
    "tensorflow.examples": _TF1 + "For its data sets use keras.datasets.",
    "tensorflow.AUTO_REUSE": _TF1 + "Call the same layer object twice to share its weights.",
    "tensorflow.ConfigProto": _TF1 + "See tf.config.",
    "tensorflow.Session": _TF1 + "Call functions directly; tf.function compiles them.",
    "tensorflow.InteractiveSession": _TF1 + "Call functions directly; tf.function compiles them.",
    "tensorflow.app": _TF1 + "Use argparse, or absl.app.",
    "tensorflow.distribute.ParameterServerStrategy": _SERVERS,
    "tensorflow.distribute.coordinator": _SERVERS,
    "tensorflow.distribute.Server": _SERVERS,
    "tensorflow.estimator": "Write a keras.Model, with compile() and fit().",
    "tensorflow.flags": _TF1 + "Use argparse, or absl.flags.",
    "tensorflow.get_variable": _TF1 + "Use tf.Variable, or add_weight() of a layer.",
    "tensorflow.global_variables_initializer": _TF1 + "Variables have their values when they are made.",
    "tensorflow.layers": _TF1 + "It is 'tensorflow.keras.layers'.",
    "tensorflow.logging": _TF1 + "Use tf.get_logger(), or logging.",
    "tensorflow.placeholder": _TF1 + "It is an argument of a function, or 'tensorflow.keras.Input'.",
    "tensorflow.train.AdamOptimizer": _TF1 + "It is 'tensorflow.keras.optimizers.Adam'.",
    "tensorflow.train.GradientDescentOptimizer": _TF1 + "It is 'tensorflow.keras.optimizers.SGD'.",
    "tensorflow.train.Saver": _TF1 + "It is 'tensorflow.train.Checkpoint'.",
    "tensorflow.variable_scope": _TF1 + "It is 'tensorflow.name_scope'.",
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

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
    # Editors that complete imports wrote these into many scripts.
    "keras._tf_keras": ("addax.tf",),
    "keras.src": ("addax",),
    "tensorflow.keras.src": ("addax.tf.keras", "addax"),
    "tf_keras.src": ("addax.tf.keras", "addax"),
    "tensorflow.python": ("addax.tf.private.python",),
    "tensorflow.python.keras": ("addax.tf.keras", "addax"),
}

# Former rooms of Keras that are something else than the namespace that they lay in.
_MOVED = {
    "backend.tensorflow_backend": "addax.backend",
    "engine.data_adapter": "addax.legacy.data_adapter",
    "engine.functional": "addax.models",
    "engine.saving": "addax.saving",
    "objectives": "addax.losses",
    "optimizer_v1": "addax.optimizers",
    "optimizer_v2": "addax.optimizers",
}

# Below these, modules that are not public stand for the public namespace that they lie in.
PRIVATE: Sequence[str] = ("keras.src", "tensorflow.keras.src", "tf_keras.src", "tensorflow.python.keras")

_KERAS = ("keras", "tensorflow.keras", "tf_keras", *PRIVATE)
# Former packages and rooms -> what has their names today; messages never speak of them.
MOVED: Mapping[str, Sequence[str]] = {
    "keras_preprocessing": ("addax.preprocessing",),
    **{f"{keras}.{name}": (target,) for keras in _KERAS for name, target in _MOVED.items()},
}

# Keras 1 and 2 spread a namespace over submodules which scripts import from. Each is now its namespace.
_FORMER = {
    "": (
        "api",
        "engine",
        "engine.base_layer",
        "engine.input_layer",
        "engine.input_spec",
        "engine.keras_tensor",
        "engine.network",
        "engine.sequential",
        "engine.topology",
        "engine.training",
    ),
    "initializers": ("initializers_v1", "initializers_v2"),
    "callbacks": ("callbacks",),
    "layers": (
        "advanced_activations",
        "attention.additive_attention",
        "attention.attention",
        "attention.multi_head_attention",
        "convolutional",
        "convolutional_recurrent",
        "core",
        "embeddings",
        "local",
        "merge",
        "noise",
        "normalization",
        "pooling",
        "preprocessing",
        "preprocessing.category_encoding",
        "preprocessing.discretization",
        "preprocessing.hashing",
        "preprocessing.image_preprocessing",
        "preprocessing.integer_lookup",
        "preprocessing.normalization",
        "preprocessing.string_lookup",
        "preprocessing.text_vectorization",
        "recurrent",
        "recurrent_v2",
        "rnn.bidirectional",
        "rnn.gru",
        "rnn.lstm",
        "rnn.simple_rnn",
        "rnn.time_distributed",
        "wrappers",
    ),
    "optimizer_v2": (
        "adadelta",
        "adagrad",
        "adam",
        "adamax",
        "ftrl",
        "gradient_descent",
        "nadam",
        "optimizer_v2",
        "rmsprop",
    ),
    "optimizers": (
        "adadelta_v2",
        "adagrad_v2",
        "adam_v2",
        "adamax_v2",
        "experimental",
        "ftrl_v2",
        "gradient_descent_v2",
        "nadam_v2",
        "rmsprop_v2",
    ),
    "distribution": ("distribution_lib",),
    "saving": ("hdf5_format", "model_config", "save", "saving_api", "saving_lib", "serialization_lib"),
    "utils": (
        "conv_utils",
        "data_utils",
        "dataset_utils",
        "generic_utils",
        "image_utils",
        "io_utils",
        "layer_utils",
        "losses_utils",
        "multi_gpu_utils",
        "np_utils",
        "tf_utils",
        "vis_utils",
    ),
}

# Foreign namespace -> former submodules, dotted, that are the namespace itself today.
FORMER_MODULES: Mapping[str, Sequence[str]] = {
    f"{keras}.{namespace}".rstrip("."): names for keras in _KERAS for namespace, names in _FORMER.items()
}

# Below these, a name that is not there -> why.
PRIVATE_HINTS: Mapping[str, str] = {
    "tensorflow.python": "'tensorflow.python' is private to TensorFlow. Import the public name, such as tensorflow.io.",
    "keras.src": "'keras.src' is private to Keras. Import the public name, such as keras.layers.",
}

_TF1 = "It ended with TensorFlow 1. "

_SERVERS = (
    "There are no parameter servers here: all devices train in step. Use tf.distribute.MirroredStrategy(), or, on "
    "several machines, keras.distribution."
)

_COLUMNS = "model = tf.keras.Sequential([tf.keras.layers.DenseFeatures(feature_columns), {layers}]); "
_DEEP = "*[tf.keras.layers.Dense(n, 'relu') for n in hidden_units], "
_CLASSES = (
    "tf.keras.layers.Dense(n_classes, 'softmax')",
    "model.compile({optimizer}, 'sparse_categorical_crossentropy', ['accuracy']); ",
)
_NUMBER = ("tf.keras.layers.Dense(1)", "model.compile({optimizer}, 'mse'); ")
_FIT = "model.fit(input_fn(), epochs=...), where input_fn gives a tf.data.Dataset of (features, labels)."
_WIDE = (
    "Add up the outputs of two models in a keras.Model, one of Dense "
    "layers behind DenseFeatures(dnn_feature_columns), one of a Dense behind DenseFeatures(linear_feature_columns)."
)
_TREES = "Keras has no trees: use scikit-learn's HistGradientBoostingClassifier, XGBoost or ydf."
_CUSTOM = (
    "Write a keras.Model with compile() and fit(); what model_fn does in each mode are its train_step, test_step and "
    "predict_step."
)


def _estimator(hidden: str, end: tuple[str, str], optimizer: str) -> str:
    """The Keras equivalent of an estimator with feature columns."""
    return (
        "Write " + _COLUMNS.format(layers=hidden + end[0]) + end[1].format(optimizer=repr(optimizer)) + _FIT
    )


# Estimators, which left TensorFlow with 2.16 -> the same in Keras.
_ESTIMATORS = {
    "DNNClassifier": _estimator(_DEEP, _CLASSES, "adagrad"),
    "DNNRegressor": _estimator(_DEEP, _NUMBER, "adagrad"),
    "LinearClassifier": _estimator("", _CLASSES, "ftrl"),
    "LinearRegressor": _estimator("", _NUMBER, "ftrl"),
    "DNNLinearCombinedClassifier": _WIDE,
    "DNNLinearCombinedRegressor": _WIDE,
    "BoostedTreesClassifier": _TREES,
    "BoostedTreesRegressor": _TREES,
    "BoostedTreesEstimator": _TREES,
    "EstimatorSpec": _CUSTOM,
    "Estimator": _CUSTOM,
    "ModeKeys": _CUSTOM,
    "RunConfig": "Its settings are those of fit(): callbacks=[tf.keras.callbacks.BackupAndRestore(model_dir)] saves.",
    "TrainSpec": "It is model.fit(train_data, steps_per_epoch=..., epochs=..., callbacks=[...]).",
    "EvalSpec": "It is model.fit(..., validation_data=..., validation_steps=...).",
    "train_and_evaluate": "It is model.fit(train_data, validation_data=..., callbacks=[...]).",
    "inputs": "Pass the arrays (or dict(frame)) to model.fit(x, y, batch_size=..., epochs=..., shuffle=...).",
    "export": "It is model.export(folder).",
}

_KERNELS = "Kernels of TensorFlow are not run. Write the op with tf functions, or tf.numpy_function."

_GRAPHS = "Graphs of TensorFlow 1 are not run. Load a SavedModel with keras.layers.TFSMLayer."

_NODES = "Functions are compiled without graphs of nodes: see tf.function."

# Modules and names that exist elsewhere, or did, and will not exist here -> what to do instead.
GONE: Mapping[str, str] = {
    "tensorflow.contrib": _TF1 + "What is left of it is in tensorflow.keras.",
    "tensorflow.examples": _TF1 + "For its data sets use keras.datasets.",
    "tensorflow.AUTO_REUSE": _TF1 + "Call the same layer object twice to share its weights.",
    "tensorflow.ConfigProto": _TF1 + "See tf.config.",
    "tensorflow.Session": _TF1 + "Call functions directly; tf.function compiles them.",
    "tensorflow.InteractiveSession": _TF1 + "Call functions directly; tf.function compiles them.",
    "tensorflow.app": _TF1 + "Use argparse, or absl.app.",
    "tensorflow.Graph": _NODES,
    "tensorflow.Operation": _NODES,
    "tensorflow.RegisterGradient": "Use tf.custom_gradient.",
    "tensorflow.dtensor": "Use keras.distribution, which lays out variables and data over a mesh of devices.",
    "tensorflow.graph_util": _GRAPHS,
    "tensorflow.import_graph_def": _GRAPHS,
    "tensorflow.load_library": _KERNELS,
    "tensorflow.load_op_library": _KERNELS,
    "tensorflow.no_gradient": "Use tf.stop_gradient.",
    "tensorflow.distribute.ParameterServerStrategy": _SERVERS,
    "tensorflow.distribute.coordinator": _SERVERS,
    "tensorflow.distribute.Server": _SERVERS,
    **{f"tensorflow.estimator.{name}": hint for name, hint in _ESTIMATORS.items()},
    "tensorflow.estimator": "Estimators left TensorFlow with 2.16. "
    + _ESTIMATORS["DNNClassifier"]
    + " A custom one becomes a keras.Model with a train_step. `addax check SCRIPT` shows the equivalent of each.",
    **{
        f"{keras}.{name}": hint
        for keras in ("keras", "tensorflow.keras", "tf_keras")
        for name, hint in {
            "layers.Merge": "Layers are joined by Add, Concatenate, Multiply, Average, Maximum or Dot.",
            "models.model_from_yaml": "YAML can run code when it is read. Use to_json() and model_from_json().",
            "utils.multi_gpu_model": "Build the model under tf.distribute.MirroredStrategy().scope().",
            "utils.print_summary": "It is model.summary().",
        }.items()
    },
    "tensorflow.keras.estimator": "The Keras model is trained as it is: model.compile() and model.fit(input_fn()).",
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

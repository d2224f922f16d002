"""Addax: Keras 3, the tf.keras habits and the TensorFlow 2 that scripts touch, on JAX.

`import addax as keras` gives the Keras namespace, `import addax.tf as tf` TensorFlow's names. Nothing else is
imported until a name is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from addax.core.lazy import attach
from addax.core.version import VERSION as __version__

_NAMESPACES = (
    "activations",
    "backend",
    "callbacks",
    "config",
    "constraints",
    "data",
    "datasets",
    "dtype_policies",
    "export",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "mixed_precision",
    "models",
    "ops",
    "optimizers",
    "preprocessing",
    "random",
    "regularizers",
    "saving",
    "tf",
    "tree",
    "utils",
)
_HOMES = {
    "DTypePolicy": "addax.dtype_policies",
    "FloatDTypePolicy": "addax.dtype_policies",
    "Initializer": "addax.initializers",
    "Input": "addax.layers",
    "InputSpec": "addax.layers",
    "KerasTensor": "addax.engine._public",
    "Layer": "addax.layers",
    "Loss": "addax.losses",
    "Metric": "addax.metrics",
    "Model": "addax.models",
    "Optimizer": "addax.optimizers",
    "Regularizer": "addax.regularizers",
    "Sequential": "addax.models",
    "Variable": "addax.engine",
    "install": "addax.compat",
    "uninstall": "addax.compat",
    "device": "addax.utils",
    "name_scope": "addax.utils",
    "version": "addax.utils",
}

__all__ = ["__version__", *_NAMESPACES, *_HOMES]  # noqa: PLE0604

__getattr__, __dir__ = attach(__name__, _HOMES, _NAMESPACES)

if TYPE_CHECKING:
    from addax import (
        activations,
        callbacks,
        data,
        datasets,
        dtype_policies,
        initializers,
        layers,
        losses,
        metrics,
        models,
        ops,
        optimizers,
        random,
        regularizers,
        tf,
    )
    from addax.compat import install, uninstall
    from addax.dtype_policies import DTypePolicy
    from addax.engine import SymbolicTensor as KerasTensor
    from addax.engine import Variable
    from addax.initializers import Initializer
    from addax.layers import Input, InputSpec, Layer
    from addax.losses import Loss
    from addax.metrics import Metric
    from addax.models import Model, Sequential
    from addax.optimizers import Optimizer
    from addax.regularizers import Regularizer

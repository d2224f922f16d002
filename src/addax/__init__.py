"""Addax: Keras 3, the tf.keras habits and the TensorFlow 2 that scripts touch, on JAX.

`import addax as keras` gives the Keras namespace, `import addax.tf as tf` TensorFlow's names. Nothing else is
imported until a name is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from addax.core import version as _version
from addax.core.lazy import attach

__version__ = _version.VERSION

_NAMESPACES = (
    "activations",
    "applications",
    "backend",
    "callbacks",
    "config",
    "constraints",
    "data",
    "datasets",
    "distillation",
    "distribution",
    "dtype_policies",
    "export",
    "initializers",
    "layers",
    "legacy",
    "losses",
    "metrics",
    "mixed_precision",
    "models",
    "ops",
    "optimizers",
    "preprocessing",
    "quantizers",
    "random",
    "regularizers",
    "saving",
    "tf",
    "tree",
    "utils",
    "visualization",
    "wrappers",
)
_HOMES = {
    "DTypePolicy": "addax.dtype_policies",
    "FloatDTypePolicy": "addax.dtype_policies",
    "Function": "addax.models",
    "Initializer": "addax.initializers",
    "Input": "addax.layers",
    "InputSpec": "addax.layers",
    "KerasTensor": "addax.engine._public",
    "Layer": "addax.layers",
    "Loss": "addax.losses",
    "Metric": "addax.metrics",
    "Model": "addax.models",
    "Operation": "addax.ops._operation",
    "Optimizer": "addax.optimizers",
    "Quantizer": "addax.quantizers",
    "Regularizer": "addax.regularizers",
    "RematScope": "addax.ops._remat",
    "Sequential": "addax.models",
    "StatelessScope": "addax.engine",
    "SymbolicScope": "addax.engine",
    "Variable": "addax.engine",
    "install": "addax.compat",
    "uninstall": "addax.compat",
    "device": "addax.utils",
    "name_scope": "addax.utils",
    "remat": "addax.ops._remat",
    "version": "addax.utils",
}

__all__ = ["__version__", *_NAMESPACES, *_HOMES]  # noqa: PLE0604

__getattr__, __dir__ = attach(__name__, _HOMES, _NAMESPACES)

if TYPE_CHECKING:
    from addax import (
        activations as activations,
    )
    from addax import (
        applications as applications,
    )
    from addax import (
        callbacks as callbacks,
    )
    from addax import (
        data as data,
    )
    from addax import (
        datasets as datasets,
    )
    from addax import (
        dtype_policies as dtype_policies,
    )
    from addax import (
        initializers as initializers,
    )
    from addax import (
        layers as layers,
    )
    from addax import (
        losses as losses,
    )
    from addax import (
        metrics as metrics,
    )
    from addax import (
        models as models,
    )
    from addax import (
        ops as ops,
    )
    from addax import (
        optimizers as optimizers,
    )
    from addax import (
        quantizers as quantizers,
    )
    from addax import (
        random as random,
    )
    from addax import (
        regularizers as regularizers,
    )
    from addax import (
        tf as tf,
    )
    from addax.compat import install as install
    from addax.compat import uninstall as uninstall
    from addax.dtype_policies import DTypePolicy as DTypePolicy
    from addax.engine import StatelessScope as StatelessScope
    from addax.engine import SymbolicScope as SymbolicScope
    from addax.engine import SymbolicTensor as KerasTensor
    from addax.engine import Variable as Variable
    from addax.initializers import Initializer as Initializer
    from addax.layers import Input as Input
    from addax.layers import InputSpec as InputSpec
    from addax.layers import Layer as Layer
    from addax.losses import Loss as Loss
    from addax.metrics import Metric as Metric
    from addax.models import Function as Function
    from addax.models import Model as Model
    from addax.models import Sequential as Sequential
    from addax.ops._operation import Operation as Operation
    from addax.ops._remat import RematScope as RematScope
    from addax.ops._remat import remat as remat
    from addax.optimizers import Optimizer as Optimizer
    from addax.quantizers import Quantizer as Quantizer
    from addax.regularizers import Regularizer as Regularizer

"""`tensorflow.python`: the private modules that scripts import from, over the public names.

Only as names: what is served is what `tf` has, found in the namespaces where TensorFlow's files had it.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, NamedTuple

from addax import tf
from addax.core.errors import MissingName

_OPS = (
    "tf",
    "tf.math",
    "tf.nn",
    "tf.linalg",
    "tf.random",
    "tf.strings",
    "tf.sparse",
    "tf.io",
    "tf.image",
    "tf.raw_ops",
)
_V1_FILES = "tf.compat.v1.gfile"

# Private module -> the namespaces in which its names are looked for, one after the other.
_MODULES: dict[str, tuple[str, ...]] = {
    "client.session": ("tf.compat.v1",),
    "data": ("tf.data",),
    "data.ops.dataset_ops": ("tf.data",),
    "distribute": ("tf.distribute",),
    "eager.backprop": ("tf",),
    "eager.context": ("tf", "tf.config"),
    "eager.def_function": ("tf",),
    "framework.constant_op": ("tf",),
    "framework.dtypes": ("tf.dtypes", "tf"),
    "framework.errors": ("tf.errors",),
    "framework.errors_impl": ("tf.errors",),
    "framework.ops": ("tf", "tf.compat.v1"),
    "framework.random_seed": ("tf.random", "tf.compat.v1"),
    "framework.sparse_tensor": ("tf", "tf.sparse"),
    "framework.tensor_shape": ("tf", "tf.compat"),
    "framework.tensor_spec": ("tf",),
    "framework.tensor_util": ("tf",),
    "lib.io.file_io": ("tf.io.gfile", _V1_FILES),
    "lib.io.tf_record": ("tf.io", "tf.data"),
    "module.module": ("tf",),
    "ops": _OPS,
    "ops.ragged": ("tf.ragged", "tf"),
    "ops.variables": ("tf", "tf.compat.v1"),
    "platform.gfile": (_V1_FILES,),
    "platform.test": ("tf.test",),
    "platform.tf_logging": ("tf.compat.v1.logging",),
    "profiler": ("tf.profiler",),
    "saved_model": ("tf.saved_model",),
    "summary": ("tf.summary",),
    "training": ("tf.compat.v1.train", "tf.keras.optimizers"),
    "training.moving_averages": ("", "tf.train"),
    "util": ("tf",),
    "util.nest": ("tf.nest",),
}
_FOLDERS = frozenset(name.rpartition(".")[0] for name in _MODULES if "." in name)


class Device(NamedTuple):
    """What `device_lib` says of a device."""

    name: str
    device_type: str
    memory_limit: int
    physical_device_desc: str


def list_local_devices(session_config: Any = None) -> list[Device]:
    """The devices of this process.

    Args:
        session_config: Accepted for TensorFlow's sake.

    Example:
        >>> list_local_devices()[0].name
        '/device:CPU:0'
    """
    from addax.engine._jax import jax

    found = []
    for device, known in zip(tf.config.list_logical_devices(), jax.devices(), strict=False):
        stats = known.memory_stats() if hasattr(known, "memory_stats") else None
        found.append(
            Device(device.name, device.device_type, (stats or {}).get("bytes_limit", 0), known.device_kind)
        )
    return found


def assign_moving_average(
    variable: Any, value: Any, decay: Any, zero_debias: bool = False, name: str | None = None
) -> Any:
    """Move a variable towards a value: `variable -= (variable - value) * (1 - decay)`.

    Args:
        variable: The variable.
        value: A value of its shape.
        decay: What it keeps of itself.
        zero_debias: False.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: For `zero_debias=True`.
    """
    if zero_debias:
        raise ValueError(
            "zero_debias=True is not supported: use tf.train.ExponentialMovingAverage, or begin with the first value."
        )
    return variable.assign_sub((variable - value) * (1 - decay))


class PrivateModule(ModuleType):
    """A private module of TensorFlow.

    Args:
        path: Its name below `tensorflow.python`.
    """

    def __init__(self, path: str) -> None:
        super().__init__(
            f"tensorflow.python.{path}".rstrip("."), f"`tensorflow.python.{path}`, over public names."
        )
        self.__path__ = []
        self._path = path

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        path = f"{self._path}.{name}".lstrip(".")
        if path in _MODULES or path in _FOLDERS or path == "client.device_lib" or self._is_file_of_ops(name):
            found: Any = PrivateModule(path)
        elif self._path == "client.device_lib" and name == "list_local_devices":
            found = list_local_devices
        else:
            found = self._public(name)
        setattr(self, name, found)
        return found

    def _is_file_of_ops(self, name: str) -> bool:
        return self._path == "ops" and name.endswith(("_ops", "_impl", "_ops_v2"))

    def _public(self, name: str) -> Any:
        places = _MODULES.get(self._path, _OPS if self._path.startswith("ops.") else ())
        for place in places:
            found = getattr(_namespace(place), name, None)
            if found is not None:
                return found
        raise MissingName(
            f"Addax has no 'tensorflow.python.{self._path}.{name}', which is private to TensorFlow. "
            "Import the public name, such as tensorflow.io.",
            name=name,
        )


def _namespace(path: str) -> Any:
    """A namespace of `tf`; this file, if no path is given."""
    if not path:
        return sys.modules[__name__]
    found: Any = tf
    for part in path.split(".")[1:]:
        found = getattr(found, part)
    return found


python = PrivateModule("")

"""`addax.parallel`: meshes of devices, and how variables and batches lie on them."""

from addax.parallel._devices import device_of, get_device_count, initialize, list_devices
from addax.parallel._distributions import (
    DataParallel,
    Distribution,
    ModelParallel,
    distribution,
    set_distribution,
)
from addax.parallel._layouts import DeviceMesh, LayoutMap, TensorLayout, distribute_tensor
from addax.parallel._mirrored import Mirrored

__all__ = [
    "DataParallel",
    "DeviceMesh",
    "Distribution",
    "LayoutMap",
    "Mirrored",
    "ModelParallel",
    "TensorLayout",
    "device_of",
    "distribute_tensor",
    "distribution",
    "get_device_count",
    "initialize",
    "list_devices",
    "set_distribution",
]

"""`tf.test`: what the machine and the build have."""

from __future__ import annotations

from typing import Any

from addax.tf._testing import TestCase, compute_gradient, main
from addax.tf.config import list_physical_devices
from addax.tf.sysconfig import get_build_info


def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: Any = None) -> bool:
    """Whether there is a GPU.

    Args:
        cuda_only: Accepted for TensorFlow's sake; a GPU of any maker counts.
        min_cuda_compute_capability: Accepted for TensorFlow's sake; a GPU of any age counts.
    """
    return bool(list_physical_devices("GPU"))


def gpu_device_name() -> str:
    """The name of the first GPU, empty if there is none."""
    return "/device:GPU:0" if list_physical_devices("GPU") else ""


def is_built_with_cuda() -> bool:
    """Whether NVIDIA GPUs are used."""
    return is_gpu_available()


def is_built_with_gpu_support() -> bool:
    """Whether GPUs are used."""
    return is_gpu_available()


def is_built_with_rocm() -> bool:
    """Whether AMD's GPUs are used."""
    return get_build_info()["is_rocm_build"]


def is_built_with_xla() -> bool:
    """True: everything is compiled by XLA."""
    return True


__all__ = [
    "TestCase",
    "compute_gradient",
    "gpu_device_name",
    "is_built_with_cuda",
    "is_built_with_gpu_support",
    "is_built_with_rocm",
    "is_built_with_xla",
    "is_gpu_available",
    "main",
]

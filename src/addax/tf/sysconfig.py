"""`tf.sysconfig`: what the installed libraries were built for, and where headers for operations in C++ are.

TensorFlow's own headers and library are not here, so operations that were compiled for them cannot be loaded. What
these functions name are the headers of XLA's foreign function interface, by which JAX, which runs everything here,
calls compiled code; `jax.ffi.register_ffi_target` makes such code known.
"""

from __future__ import annotations

import importlib.metadata
import os
from collections import OrderedDict
from typing import Any

from addax.engine._jax import jax

CXX11_ABI_FLAG = 1
CXX_VERSION = 201703
MONOLITHIC_BUILD = 0


def get_build_info() -> OrderedDict[str, Any]:
    """What the installed JAX can use.

    Returns:
        `is_cuda_build`, `is_rocm_build` and `is_tensorrt_build`, and for a build for CUDA its `cuda_version` and
        `cudnn_version` where they can be told.

    Example:
        >>> import addax.tf as tf
        >>> tf.sysconfig.get_build_info()["is_tensorrt_build"]
        False
    """
    installed = {d.metadata["Name"].lower() for d in importlib.metadata.distributions() if d.metadata["Name"]}
    cuda = any(name.startswith("jax-cuda") for name in installed)
    found: OrderedDict[str, Any] = OrderedDict(
        cpu_compiler="clang",
        is_cuda_build=cuda,
        is_rocm_build=any(name.startswith("jax-rocm") for name in installed),
        is_tensorrt_build=False,
    )
    if cuda:
        for key, part in (("cuda_version", "nvidia-cuda-runtime"), ("cudnn_version", "nvidia-cudnn")):
            name = next((name for name in sorted(installed) if name.startswith(part)), None)
            if name is not None:
                found[key] = importlib.metadata.version(name)
    return found


def get_include() -> str:
    """The folder of the headers of XLA's foreign function interface."""
    return jax.ffi.include_dir()


def get_lib() -> str:
    """The folder of the compiled library that runs everything: that of `jaxlib`."""
    import jaxlib

    return os.path.dirname(os.path.abspath(str(jaxlib.__file__)))


def get_compile_flags() -> list[str]:
    """The flags to compile C++ with that includes the headers of `get_include`."""
    return [f"-I{get_include()}", f"-D_GLIBCXX_USE_CXX11_ABI={CXX11_ABI_FLAG}", "--std=c++17"]


def get_link_flags() -> list[str]:
    """The flags to link with: none, for the headers are all that is needed."""
    return []


__all__ = [
    "CXX11_ABI_FLAG",
    "CXX_VERSION",
    "MONOLITHIC_BUILD",
    "get_build_info",
    "get_compile_flags",
    "get_include",
    "get_lib",
    "get_link_flags",
]

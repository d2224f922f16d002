"""`addax doctor`: versions, devices, and why no GPU is used."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import addax

_PACKAGES = ("jax", "jaxlib", "numpy", "h5py")
_GPU_PLUGINS = ("jax-cuda13-plugin", "jax-cuda12-plugin", "jax-rocm7-plugin")
_GPU_PLATFORMS = frozenset({"cuda", "gpu", "rocm"})
_CUDA13_DRIVER = 580  # the first NVIDIA driver that runs CUDA 13


@dataclass(frozen=True)
class Facts:
    """What decides whether JAX can use a GPU.

    Args:
        system: The operating system as `platform.system()` names it.
        jax: JAX's version.
        platforms: The setting `JAX_PLATFORMS`, empty if unset.
        visible: The setting `CUDA_VISIBLE_DEVICES`, None if unset.
        driver: The NVIDIA driver's version, None if there is no driver.
        amd: Whether an AMD GPU's kernel driver is loaded.
        plugins: JAX's GPU plugins that are installed, with their versions.
        failure: What JAX said when asked for its GPU devices.
    """

    system: str = "Linux"
    jax: str = ""
    platforms: str = ""
    visible: str | None = None
    driver: str | None = None
    amd: bool = False
    plugins: Mapping[str, str] = field(default_factory=dict)
    failure: str = ""


def examine(show: Callable[[str], object]) -> int:
    """Show the report.

    Args:
        show: Prints a line.

    Returns:
        The exit code: 1 if JAX cannot be started at all, else 0. Having no GPU is no error.
    """
    for name, value in _versions().items():
        show(f"{name:<10} {value}")
    from addax.engine._jax import jax

    try:
        devices = jax.devices()
    except Exception as error:  # whatever breaks inside JAX is the very thing to report
        show(f"{'devices':<10} JAX cannot start: {_first_line(error)}")
        _show_gpu(show)  # a JAX_PLATFORMS that asks for too much is the usual reason
        return 1
    for device in devices:
        show(f"{'device':<10} {device.platform}:{device.id} {device.device_kind}")
    if all(device.platform == "cpu" for device in devices):
        _show_gpu(show)
    return 0


def _show_gpu(show: Callable[[str], object]) -> None:
    cause, fix = diagnose(_collect())
    show(f"{'gpu':<10} none is used: {cause}")
    show(f"{'fix':<10} {fix}")


def diagnose(facts: Facts) -> tuple[str, str]:
    """Why JAX uses no GPU, and what to do about it.

    Args:
        facts: What was found on the machine.

    Returns:
        The cause and the fix, a sentence each.

    Example:
        >>> diagnose(Facts(system="Darwin"))[0]
        'JAX has no GPU support on this operating system (Darwin).'
    """
    asked = {name.strip().lower() for name in facts.platforms.split(",") if name.strip()}
    if asked and not asked & _GPU_PLATFORMS:
        return f"JAX_PLATFORMS={facts.platforms} keeps JAX to that.", "Unset JAX_PLATFORMS."
    if facts.system != "Linux":
        advice = "Use WSL 2." if facts.system == "Windows" else "Training runs on the CPU; nothing to repair."
        return f"JAX has no GPU support on this operating system ({facts.system}).", advice
    if facts.driver is None and not facts.amd:
        return (
            "no NVIDIA driver is visible.",
            "If there is a GPU, install its driver; in a container, start it with --gpus all.",
        )
    extra = _extra(facts)
    if not facts.plugins:
        return "JAX's GPU plugin is not installed.", f'pip install "jax[{extra}]=={facts.jax}"'
    for plugin, version in facts.plugins.items():
        if version != facts.jax:
            return (
                f"{plugin} {version} does not fit jax {facts.jax}.",
                f'pip install "jax[{extra}]=={facts.jax}"',
            )
    if facts.visible is not None and facts.visible.strip() in ("", "-1"):
        return f"CUDA_VISIBLE_DEVICES={facts.visible!r} hides every GPU.", "Unset CUDA_VISIBLE_DEVICES."
    if facts.driver and "jax-cuda12-plugin" not in facts.plugins and extra == "cuda12":
        return (
            f"driver {facts.driver} is too old for CUDA 13.",
            f'Update the driver to {_CUDA13_DRIVER} or newer, or pip install "jax[cuda12]=={facts.jax}"',
        )
    return f"JAX could not start it: {facts.failure}", "See whether nvidia-smi (or rocminfo) lists the GPU."


def _extra(facts: Facts) -> str:
    if facts.driver is None:
        return "rocm7-local"
    return "cuda13" if int(facts.driver.partition(".")[0]) >= _CUDA13_DRIVER else "cuda12"


def _versions() -> dict[str, str]:
    found = {
        "addax": addax.__version__,
        "python": f"{platform.python_version()} ({sys.executable})",
        "platform": platform.platform(),
    }
    return found | {name: _version(name) or "not installed" for name in _PACKAGES}


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _collect() -> Facts:
    return Facts(
        system=platform.system(),
        jax=_version("jax") or "",
        platforms=os.environ.get("JAX_PLATFORMS", ""),
        visible=os.environ.get("CUDA_VISIBLE_DEVICES"),
        driver=_nvidia_driver(),
        amd=Path("/dev/kfd").exists(),
        plugins={name: version for name in _GPU_PLUGINS if (version := _version(name))},
        failure=_gpu_failure(),
    )


def _nvidia_driver(record: Path = Path("/proc/driver/nvidia/version")) -> str | None:
    """The version of the NVIDIA kernel driver, such as `"580.65.06"`."""
    try:
        text = record.read_text()
    except OSError:
        text = _ask_nvidia_smi()  # under WSL there is no such file
    found = re.search(r"\b\d{3,}(\.\d+)+\b", text)
    return found.group() if found else None


def _ask_nvidia_smi() -> str:
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    question = [program, "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        return subprocess.run(question, capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def _gpu_failure() -> str:
    from addax.engine._jax import jax

    try:
        jax.devices("gpu")
    except Exception as error:  # see `examine`
        return _first_line(error)
    return "it gave no reason."


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__

"""`tf.config`: devices and switches."""

from __future__ import annotations

from typing import Any, NamedTuple

from addax.core import config as settings
from addax.core.errors import message
from addax.core.lazy import Namespace
from addax.engine._jax import jax

__all__ = [
    "LogicalDevice",
    "LogicalDeviceConfiguration",
    "PhysicalDevice",
    "experimental",
    "experimental_connect_to_cluster",
    "experimental_connect_to_host",
    "experimental_functions_run_eagerly",
    "experimental_run_functions_eagerly",
    "functions_run_eagerly",
    "get_logical_device_configuration",
    "get_soft_device_placement",
    "get_visible_devices",
    "list_logical_devices",
    "list_physical_devices",
    "optimizer",
    "run_functions_eagerly",
    "set_logical_device_configuration",
    "set_soft_device_placement",
    "set_visible_devices",
    "threading",
]


_hidden: set[str] = set()  # names of the devices that are not to be used


class PhysicalDevice(NamedTuple):
    """A device of the machine."""

    name: str
    device_type: str


class LogicalDevice(NamedTuple):
    """A device that programs see."""

    name: str
    device_type: str


class LogicalDeviceConfiguration(NamedTuple):
    """How much of a device a program may use; kept, not used."""

    memory_limit: Any = None
    experimental_priority: Any = None
    experimental_device_ordinal: Any = None


def _devices() -> list[tuple[str, int]]:
    """Kinds and numbers of the devices; the CPU is always there."""
    found = [(d.platform.upper().replace("CUDA", "GPU").replace("ROCM", "GPU"), d.id) for d in jax.devices()]
    if not any(kind == "CPU" for kind, _ in found):
        found = [("CPU", 0), *found]
    return found


def _wanted(device_type: str | None, kind: str) -> bool:
    return device_type is None or device_type.upper() == kind


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices of the machine.

    Args:
        device_type: `"CPU"`, `"GPU"` or `"TPU"`, or None for all.

    Example:
        >>> import addax.tf as tf
        >>> tf.config.list_physical_devices("CPU")[0].name
        '/physical_device:CPU:0'
    """
    return [
        PhysicalDevice(f"/physical_device:{kind}:{i}", kind)
        for kind, i in _devices()
        if _wanted(device_type, kind)
    ]


def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """The devices that programs see: one for each that `get_visible_devices` gives.

    Args:
        device_type: `"CPU"`, `"GPU"` or `"TPU"`, or None for all.
    """
    return [
        LogicalDevice(d.name.replace("/physical_device", "/device"), d.device_type)
        for d in get_visible_devices(device_type)
    ]


def get_visible_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices of the machine that programs may use.

    Args:
        device_type: `"CPU"`, `"GPU"` or `"TPU"`, or None for all.
    """
    return [d for d in list_physical_devices(device_type) if d.name not in _hidden]


def set_visible_devices(devices: Any, device_type: str | None = None) -> None:
    """Use only some devices; what `get_visible_devices` gives from now on.

    Ops run on the first GPU that is visible, or on the CPU if none is. JAX itself still sees the others, so that
    what asks for all devices, as `addax.distribution` does, finds them.

    Args:
        devices: A device that `list_physical_devices` gives, or a list of them; an empty one for none.
        device_type: The kind that the list is about, or None for all.

    Raises:
        ValueError: If there is no such device of this kind.
    """
    chosen = [devices] if isinstance(devices, PhysicalDevice) else list(devices or ())
    there = list_physical_devices(device_type)
    unknown = [d for d in chosen if d not in there]
    if unknown:
        raise ValueError(
            message("There is no such device.", expected=f"some of {there}", received=str(unknown))
        )
    _hidden.difference_update(d.name for d in there)
    _hidden.update(d.name for d in there if d not in chosen)
    if (device_type or "").upper() != "GPU" and not any(d.device_type == "GPU" for d in there):
        return
    visible = [int(d.name.rpartition(":")[2]) for d in get_visible_devices("GPU")]
    if not visible:
        jax.config.update("jax_default_device", jax.devices("cpu")[0])
    else:
        jax.config.update("jax_default_device", next(d for d in jax.devices("gpu") if d.id == visible[0]))


def set_logical_device_configuration(device: Any, logical_devices: Any) -> None:
    """Have the CPU count as several devices; memory limits are those of JAX (`XLA_PYTHON_CLIENT_MEM_FRACTION`).

    Args:
        device: A device that `list_physical_devices` gives.
        logical_devices: A list of `LogicalDeviceConfiguration`s, one for each device that it becomes.

    Raises:
        RuntimeError: If something was computed already.
    """
    count = len(logical_devices)
    if device.device_type != "CPU" or count == len(jax.devices("cpu")):
        return
    if jax.live_arrays():
        raise RuntimeError(
            message(
                "The CPU cannot become several devices any more.",
                received=f"{count} logical devices, after something was computed",
                hint="Call this first in the program.",
            )
        )
    from jax.extend.backend import clear_backends

    clear_backends()  # asking for the devices has set them up
    jax.config.update("jax_num_cpu_devices", count)


def get_soft_device_placement() -> bool:
    """Whether an op runs elsewhere if the device that it is meant for cannot run it."""
    return True


def set_soft_device_placement(enabled: bool) -> None:
    """Accepted: XLA runs every op on every device."""


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Run `tf.function`s op by op, for debugging."""
    settings.run_functions_eagerly(run_eagerly)


experimental_run_functions_eagerly = run_functions_eagerly


def functions_run_eagerly() -> bool:
    """Whether `tf.function`s run op by op."""
    return bool(settings.get("run_eagerly"))


experimental_functions_run_eagerly = functions_run_eagerly


def get_logical_device_configuration(device: PhysicalDevice) -> list[LogicalDeviceConfiguration] | None:
    """What `set_logical_device_configuration` made of a device; None if it is one device.

    Args:
        device: A device that `list_physical_devices` gives.
    """
    count = sum(d.device_type == "CPU" for d in list_physical_devices())
    if device.device_type != "CPU" or count == 1:
        return None
    return [LogicalDeviceConfiguration()] * count


class experimental(Namespace):  # noqa: N801 - a namespace
    """Names that TensorFlow calls experimental."""

    list_physical_devices = staticmethod(list_physical_devices)
    list_logical_devices = staticmethod(list_logical_devices)
    get_visible_devices = staticmethod(get_visible_devices)
    set_visible_devices = staticmethod(set_visible_devices)
    VirtualDeviceConfiguration = LogicalDeviceConfiguration

    @staticmethod
    def set_memory_growth(device: Any, enable: bool) -> None:
        """Accepted: set `XLA_PYTHON_CLIENT_PREALLOCATE=false` to let memory grow as needed."""

    @staticmethod
    def get_memory_growth(device: Any) -> bool:
        """False: JAX takes memory in advance unless the environment says otherwise."""
        return False

    @staticmethod
    def set_virtual_device_configuration(device: Any, logical_devices: Any) -> None:
        """`tf.config.set_logical_device_configuration`, under its old name."""
        set_logical_device_configuration(device, logical_devices)

    @staticmethod
    def enable_op_determinism() -> None:
        """Have ops give the same bits each time: so they do on CPUs; on GPUs XLA is told to."""
        import os

        flags = os.environ.get("XLA_FLAGS", "")
        if "xla_gpu_deterministic_ops" not in flags:
            os.environ["XLA_FLAGS"] = f"{flags} --xla_gpu_deterministic_ops=true".strip()

    @staticmethod
    def enable_tensor_float_32_execution(enabled: bool) -> None:
        """Let matrix products round their factors to 10 bits, where the device is faster with that."""
        jax.config.update("jax_default_matmul_precision", "tensorfloat32" if enabled else "float32")

    @staticmethod
    def tensor_float_32_execution_enabled() -> bool:
        """Whether matrix products may round their factors to 10 bits, as the device likes."""
        return getattr(jax.config, "jax_default_matmul_precision", None) not in ("float32", "highest")

    @staticmethod
    def get_memory_info(device: str) -> dict[str, int]:
        """How many bytes of a device's memory are in use: `"current"`, and `"peak"` since the program began.

        Args:
            device: Such as `"GPU:0"`.

        Raises:
            ValueError: If there is no such device, or it does not count.
        """
        kind, _, number = str(device).rpartition("device:")[2].partition(":")
        kind = {"cuda": "gpu", "rocm": "gpu"}.get(kind.lower(), kind.lower())
        found = [d for d in jax.devices() if d.id == int(number or 0) and kind in (d.platform, "gpu")]
        counted = found[0].memory_stats() if found and found[0].platform != "cpu" and kind != "cpu" else None
        if counted is None:
            raise ValueError(
                message(
                    "The memory of this device is not counted.",
                    expected="a GPU or TPU that is there, such as 'GPU:0'",
                    received=device,
                )
            )
        return {"current": counted["bytes_in_use"], "peak": counted["peak_bytes_in_use"]}

    @staticmethod
    def get_memory_usage(device: str) -> int:
        """`get_memory_info(device)["current"]`."""
        return experimental.get_memory_info(device)["current"]

    @staticmethod
    def get_synchronous_execution() -> bool:
        """False: operations are started, and waited for when their values are read."""
        return False

    @staticmethod
    def set_synchronous_execution(enable: bool) -> None:
        """Accepted: JAX starts operations and goes on (`JAX_CPU_ENABLE_ASYNC_DISPATCH`)."""

    @staticmethod
    def get_virtual_device_configuration(device: Any) -> Any:
        """`tf.config.get_logical_device_configuration`, under its old name."""
        return get_logical_device_configuration(device)

    @staticmethod
    def get_device_details(device: Any) -> dict[str, Any]:
        """What is known of a device."""
        kind, _, number = device.name.rpartition("device:")[2].partition(":")
        found = [d for d in jax.devices() if d.id == int(number or 0)]
        return {"device_name": found[0].device_kind} if found and kind != "CPU" else {}


def experimental_connect_to_cluster(cluster_spec_or_resolver: Any, **kwargs: Any) -> None:
    """Accepted: the devices of this machine are there already."""


def experimental_connect_to_host(remote_host: Any = None, job_name: str = "worker") -> None:
    """Accepted: the devices of this machine are there already.

    Args:
        remote_host: The address of the host.
        job_name: Accepted for TensorFlow's sake.
    """


class optimizer(Namespace):  # noqa: N801 - a namespace
    """Switches of the compiler."""

    @staticmethod
    def set_jit(enabled: Any) -> None:
        """Accepted: everything is compiled."""

    @staticmethod
    def set_experimental_options(options: dict[str, Any]) -> None:
        """Accepted: XLA decides which of its passes it runs."""

    @staticmethod
    def get_experimental_options() -> dict[str, Any]:
        """Nothing: XLA decides which of its passes it runs."""
        return {}

    @staticmethod
    def get_jit() -> str:
        """`"autoclustering"`: everything is compiled."""
        return "autoclustering"


class threading(Namespace):  # noqa: N801 - a namespace
    """Threads of the CPU; XLA decides on them itself."""

    @staticmethod
    def set_inter_op_parallelism_threads(num_threads: int) -> None:
        """Accepted: XLA decides."""

    @staticmethod
    def set_intra_op_parallelism_threads(num_threads: int) -> None:
        """Accepted: XLA decides."""

    @staticmethod
    def get_inter_op_parallelism_threads() -> int:
        """0: XLA decides."""
        return 0

    @staticmethod
    def get_intra_op_parallelism_threads() -> int:
        """0: XLA decides."""
        return 0

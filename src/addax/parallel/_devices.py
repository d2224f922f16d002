"""The devices of this machine, or of all machines that `initialize` brought together, by name."""

from __future__ import annotations

import os
from typing import Any

from addax.core.errors import message
from addax.engine._jax import jax

_VARIABLES = "KERAS_DISTRIBUTION_"


def list_devices(device_type: str | None = None) -> list[str]:
    """The names of all devices of one kind.

    Args:
        device_type: `"cpu"`, `"gpu"` or `"tpu"`; the kind that JAX computes on by default if None.

    Returns:
        Names like `"gpu:0"`.

    Raises:
        ValueError: If there is no device of this kind.

    Source: `keras.distribution.list_devices`.

    Example:
        >>> import addax as keras
        >>> keras.distribution.list_devices("cpu")[0]
        'cpu:0'
    """
    return [f"{device.platform}:{device.id}" for device in _devices(device_type)]


def get_device_count(device_type: str | None = None) -> int:
    """The number of devices of one kind.

    Args:
        device_type: As for `list_devices`.

    Raises:
        ValueError: If there is no device of this kind.

    Source: `keras.distribution.get_device_count`.

    Example:
        >>> import addax as keras
        >>> keras.distribution.get_device_count() == len(keras.distribution.list_devices())
        True
    """
    return len(_devices(device_type))


def _devices(device_type: str | None) -> list[Any]:
    kind = None if device_type is None else device_type.lower()
    try:
        return list(jax.devices(kind))
    except RuntimeError as error:
        raise ValueError(
            message(
                "There is no such device.",
                expected='"cpu", "gpu" or "tpu", if the installed JAX can use it',
                received=device_type,
            )
        ) from error


def device_of(name: Any) -> Any:
    """The JAX device of a name.

    Args:
        name: Such as `"cpu:0"`, `"gpu"` (the first one) or TensorFlow's `"/GPU:0"`; or a JAX device.

    Raises:
        ValueError: If there is none of this name.
    """
    if not isinstance(name, str) and hasattr(name, "platform"):
        return name
    kind, _, number = str(name).rpartition("/")[2].removeprefix("device:").lower().partition(":")
    for device in _devices(kind):
        if device.id == int(number or 0):
            return device
    raise ValueError(
        message("There is no such device.", expected=f"one of {list_devices(kind)}", received=name)
    )


def initialize(
    job_addresses: str | None = None, num_processes: int | None = None, process_id: int | None = None
) -> None:
    """Bring the processes of several machines together; call it before anything is computed.

    What is None is taken from `KERAS_DISTRIBUTION_JOB_ADDRESSES`, `KERAS_DISTRIBUTION_NUM_PROCESSES` and
    `KERAS_DISTRIBUTION_PROCESS_ID`; what is not there either, JAX finds out, if it runs under a cluster that it knows.

    Args:
        job_addresses: Addresses `host:port` of the processes, parted by commas; that of the first one is enough.
        num_processes: The number of processes.
        process_id: The number of this one, from 0.

    Raises:
        ValueError: If there are not as many addresses as processes.

    Source: `keras.distribution.initialize`.
    """
    job_addresses = job_addresses or os.environ.get(f"{_VARIABLES}JOB_ADDRESSES")
    num_processes = _number(num_processes, "NUM_PROCESSES")
    process_id = _number(process_id, "PROCESS_ID")
    addresses = job_addresses.split(",") if job_addresses else [None]
    if len(addresses) > 1 and num_processes is not None and num_processes != len(addresses):
        raise ValueError(
            message(
                "The addresses do not fit the number of processes.",
                expected=f"{num_processes} addresses, or that of the first process",
                received=job_addresses,
            )
        )
    jax.distributed.initialize(addresses[0], num_processes, process_id)
    _share_seed()


def _number(given: int | None, name: str) -> int | None:
    text = os.environ.get(_VARIABLES + name)
    return int(text) if given is None and text is not None else given


def _share_seed() -> None:
    """Have all processes draw the same: initial values must be equal everywhere."""
    import numpy as np
    from jax.experimental.multihost_utils import broadcast_one_to_all

    from addax.random._seed import make_default_seed, set_global_seed

    set_global_seed(int(broadcast_one_to_all(np.int32(make_default_seed()))))

"""`tf.DeviceSpec`."""

from __future__ import annotations

from typing import Any

from addax.core.errors import message

_PARTS = ("job", "replica", "task")


class DeviceSpec:
    """A device's name, or a part of one, by its parts.

    Args:
        job: The job.
        replica: The number of the replica.
        task: The number of the task.
        device_type: `"CPU"`, `"GPU"` or `"TPU"`.
        device_index: The number of the device.

    Example:
        >>> import addax.tf as tf
        >>> spec = tf.DeviceSpec(job="worker", task=1, device_type="GPU", device_index=0)
        >>> spec.to_string()
        '/job:worker/task:1/device:GPU:0'
        >>> tf.DeviceSpec.from_string("/cpu:0").device_type
        'CPU'
    """

    __slots__ = ("device_index", "device_type", "job", "replica", "task")

    def __init__(
        self,
        job: str | None = None,
        replica: int | None = None,
        task: int | None = None,
        device_type: str | None = None,
        device_index: int | None = None,
    ) -> None:
        self.job = job
        self.replica = None if replica is None else int(replica)
        self.task = None if task is None else int(task)
        self.device_type = None if device_type is None else str(device_type).upper()
        self.device_index = None if device_index is None else int(device_index)

    @classmethod
    def from_string(cls, spec: str) -> DeviceSpec:
        """The parts of a name.

        Raises:
            ValueError: If it is no such name.
        """
        found: dict[str, Any] = {}
        for part in filter(None, spec.split("/")):
            key, _, value = part.partition(":")
            if key in _PARTS and value:
                found[key] = value
            elif key == "device" or key.lower() in ("cpu", "gpu", "tpu"):
                kind, _, number = (value if key == "device" else part).partition(":")
                found["device_type"] = None if kind == "*" else kind
                found["device_index"] = None if number in ("", "*") else number
            else:
                raise ValueError(
                    message(
                        "This is no name of a device.",
                        expected="/job:worker/task:0/device:GPU:0",
                        received=spec,
                    )
                )
        return cls(**found)

    def parse_from_string(self, spec: str) -> DeviceSpec:
        """The parts of a name; see `from_string`."""
        return self.from_string(spec)

    def to_string(self) -> str:
        """The name."""
        parts = [f"/{key}:{getattr(self, key)}" for key in _PARTS if getattr(self, key) is not None]
        if self.device_type is not None:
            number = "*" if self.device_index is None else self.device_index
            parts.append(f"/device:{self.device_type}:{number}")
        return "".join(parts)

    def replace(self, **kwargs: Any) -> DeviceSpec:
        """The same device with other parts, named as the constructor names them."""
        return DeviceSpec(**{**{key: getattr(self, key) for key in self.__slots__}, **kwargs})

    def make_merged_spec(self, dev: DeviceSpec) -> DeviceSpec:
        """The parts of another one, and this one's where that one has none.

        Args:
            dev: The other one.
        """
        given = {key: getattr(dev, key) for key in self.__slots__}
        return self.replace(**{key: value for key, value in given.items() if value is not None})

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, DeviceSpec) and self.to_string() == other.to_string()

    def __hash__(self) -> int:
        return hash(self.to_string())

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{k}={v}"
            for k in (*_PARTS, "device_type", "device_index")
            if (v := getattr(self, k)) is not None
        )
        return f"<DeviceSpec({shown})>"

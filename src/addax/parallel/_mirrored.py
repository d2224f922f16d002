"""Replicas: each device runs the same code on its part of a batch, with equal variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from addax.parallel._devices import device_of, list_devices
from addax.parallel._distributions import DataParallel


class Mirrored(DataParallel):
    """What `tf.distribute` asks for: unlike with `DataParallel`, code sees the part of a batch that its device has.

    A loss is a mean over this part, and `BatchNormalization` takes the moments of it. Gradients are summed.

    Args:
        devices: Names of devices, at least two; all of `list_devices()` if None.

    Source: `tf.distribute.MirroredStrategy`.
    """

    def __init__(self, devices: Sequence[str] | None = None) -> None:
        found = list_devices() if devices is None else [_short(name) for name in devices]
        super().__init__(devices=found)
        self.replicas = len(found)


def _short(name: Any) -> str:
    device = device_of(name)
    return f"{device.platform}:{device.id}"

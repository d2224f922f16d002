"""CIFAR-10: 60,000 small colour photographs in ten classes."""

from __future__ import annotations

import numpy as np

from addax.core.config import image_data_format
from addax.datasets._files import Split, fetched, read_cifar

__all__ = ["load_data"]


def load_data() -> tuple[Split, Split]:
    """Load CIFAR-10, from the cache or the web.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: uint8 images of shape `(n, 32, 32, 3)`, or `(n, 3, 32, 32)` if
        `image_data_format()` is `"channels_first"`, and uint8 labels of shape `(n, 1)`: airplane, automobile, bird,
        cat, deer, dog, frog, horse, ship, truck.

    Raises:
        ValueError: If the file is not the one that was published.
        Exception: If it cannot be downloaded; the message says where to put it by hand.

    Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
    """
    folder = fetched("cifar10", "cifar-10-batches-py-target", extract=True) / "cifar-10-batches-py"
    batches = [read_cifar(folder / f"data_batch_{number}", b"labels") for number in range(1, 6)]
    x_train, y_train = (np.concatenate(pieces) for pieces in zip(*batches, strict=True))
    x_test, y_test = read_cifar(folder / "test_batch", b"labels")
    if image_data_format() == "channels_last":
        x_train, x_test = x_train.transpose(0, 2, 3, 1), x_test.transpose(0, 2, 3, 1)
    return (x_train, y_train), (x_test, y_test)

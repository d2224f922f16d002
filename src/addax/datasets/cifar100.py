"""CIFAR-100: 60,000 small colour photographs in a hundred classes, which form twenty groups."""

from __future__ import annotations

from addax.core.config import image_data_format
from addax.core.errors import message
from addax.datasets._files import Split, fetched, read_cifar

__all__ = ["load_data"]


def load_data(label_mode: str = "fine") -> tuple[Split, Split]:
    """Load CIFAR-100, from the cache or the web.

    Args:
        label_mode: `"fine"` for the hundred classes, `"coarse"` for the twenty groups.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: uint8 images of shape `(n, 32, 32, 3)`, or `(n, 3, 32, 32)` if
        `image_data_format()` is `"channels_first"`, and labels of shape `(n, 1)`.

    Raises:
        ValueError: If `label_mode` is another, or the file is not the one that was published.
        Exception: If it cannot be downloaded; the message says where to put it by hand.

    Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
    """
    if label_mode not in ("fine", "coarse"):
        raise ValueError(message("`label_mode`.", expected='"fine" or "coarse"', received=label_mode))
    folder = fetched("cifar100", "cifar-100-python-target", extract=True) / "cifar-100-python"
    key = f"{label_mode}_labels".encode()
    parts = []
    for part in ("train", "test"):
        images, labels = read_cifar(folder / part, key)
        if image_data_format() == "channels_last":
            images = images.transpose(0, 2, 3, 1)
        # The type that NumPy gives to a list of integers, as this function always did.
        parts.append((images, labels.astype(int)))
    return parts[0], parts[1]

"""MNIST: handwritten digits, 60,000 to train on and 10,000 to test on, grey, 28 by 28."""

from __future__ import annotations

from addax.datasets._files import Split, fetched, read_npz

__all__ = ["load_data"]


def load_data(path: str = "mnist.npz") -> tuple[Split, Split]:
    """Load MNIST, from the cache or the web.

    Args:
        path: The name of the file in the cache, or an absolute path.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: uint8 images of shape `(n, 28, 28)` from 0 (paper) to 255 (ink), and
        uint8 labels of shape `(n,)` from 0 to 9.

    Raises:
        ValueError: If the file is not the one that was published.
        Exception: If it cannot be downloaded; the message says where to put it by hand.

    Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".
    """
    names = ("x_train", "y_train", "x_test", "y_test")
    x_train, y_train, x_test, y_test = read_npz(fetched("mnist", path), names)
    return (x_train, y_train), (x_test, y_test)

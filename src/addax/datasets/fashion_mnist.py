"""Fashion-MNIST: pictures of clothes in ten classes, in the form of MNIST."""

from __future__ import annotations

from addax.datasets._files import Split, fetched, read_idx

__all__ = ["load_data"]


def load_data() -> tuple[Split, Split]:
    """Load Fashion-MNIST, from the cache (folder `datasets/fashion-mnist`) or the web.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: uint8 images of shape `(n, 28, 28)` and uint8 labels of shape `(n,)`:
        T-shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle boot.

    Raises:
        ValueError: If a file is damaged.
        Exception: If it cannot be downloaded; the message says where to put it by hand.

    Source: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST", 2017, https://arxiv.org/abs/1708.07747 (MIT licence).
    """
    parts = []
    for part in ("train", "t10k"):
        names = (f"{part}-images-idx3-ubyte.gz", f"{part}-labels-idx1-ubyte.gz")
        images, labels = (
            read_idx(fetched(f"fashion_mnist/{name}", name, "datasets/fashion-mnist")) for name in names
        )
        parts.append((images, labels))
    return parts[0], parts[1]

"""Reads the embedded digits file."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    Split = tuple[np.ndarray, np.ndarray]

_FILE = "digits.npz"


def load_data() -> tuple[Split, Split]:
    """Load the UCI handwritten digits, the small and always present sibling of MNIST.

    The split is fixed and the images are in shuffled order, so `validation_split` takes a fair sample.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, all NumPy arrays of dtype `uint8`:
        `x_train` of shape `(1437, 8, 8)` and `x_test` of shape `(360, 8, 8)` hold grey values from 0 (paper)
        to 16 (ink); `y_train` of shape `(1437,)` and `y_test` of shape `(360,)` hold the digits 0 to 9.

    Example:
        >>> from addax.datasets import digits
        >>> (x_train, y_train), (x_test, y_test) = digits.load_data()
        >>> x_train.shape, y_train.shape, int(x_train.max())
        ((1437, 8, 8), (1437,), 16)

    Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
    Repository, 1998, https://doi.org/10.24432/C50P49 (CC BY 4.0).
    """
    import numpy as np

    with resources.files(__package__ or "addax.datasets.digits").joinpath(_FILE).open("rb") as file:
        with np.load(file, allow_pickle=False) as arrays:
            return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])

"""California housing: 20,640 districts with 8 features each, and the median price of their houses in 1990."""

from __future__ import annotations

from addax.core.errors import message
from addax.datasets._files import Split, check_fraction, divided, fetched, read_npz, shuffled

__all__ = ["load_data"]


def load_data(
    version: str = "large", path: str = "california_housing.npz", test_split: float = 0.2, seed: int = 113
) -> tuple[Split, Split]:
    """Load the districts, from the cache or the web.

    Args:
        version: `"large"` for all, `"small"` for the first 600.
        path: The name of the file in the cache, or an absolute path.
        test_split: The part to test on.
        seed: Seed of the order.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: float32, of shapes `(n, 8)` (longitude, latitude, age, rooms,
        bedrooms, population, households, income) and `(n,)`; prices in dollars.

    Raises:
        ValueError: If an argument is out of range, or the file is not the one that was published.
        Exception: If it cannot be downloaded; the message says where to put it by hand.

    Source: R. K. Pace and R. Barry, "Sparse Spatial Autoregressions", 1997.
    """
    check_fraction(test_split)
    if version not in ("small", "large"):
        raise ValueError(message("`version`.", expected='"small" or "large"', received=version))
    x, y = read_npz(fetched("california_housing", path), ("x", "y"))
    count = 600 if version == "small" else len(x)
    x, y = shuffled(seed, x[:count], y[:count])
    return divided(x, y, test_split)

"""Boston housing: 506 districts with 13 features each, and the median price of their houses in 1978."""

from __future__ import annotations

from addax.datasets._files import Split, check_fraction, divided, fetched, read_npz, shuffled

__all__ = ["load_data"]


def load_data(
    path: str = "boston_housing.npz", test_split: float = 0.2, seed: int = 113
) -> tuple[Split, Split]:
    """Load the districts, from the cache or the web.

    One of the features is built on an assumption about race, so it should not serve as an example; see
    `california_housing`.

    Args:
        path: The name of the file in the cache, or an absolute path.
        test_split: The part to test on.
        seed: Seed of the order.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: float64, of shapes `(n, 13)` and `(n,)`; prices in 1,000 dollars.

    Raises:
        ValueError: If `test_split` is no part, or the file is not the one that was published.
        Exception: If it cannot be downloaded; the message says where to put it by hand.

    Source: D. Harrison and D. Rubinfeld, "Hedonic housing prices and the demand for clean air", 1978.
    """
    check_fraction(test_split)
    x, y = shuffled(seed, *read_npz(fetched("boston_housing", path), ("x", "y")))
    return divided(x, y, test_split)

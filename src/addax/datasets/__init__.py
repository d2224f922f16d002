"""Data sets to learn and test on; each is a module with a `load_data()`."""

from addax.datasets import digits

__all__ = ["digits"]

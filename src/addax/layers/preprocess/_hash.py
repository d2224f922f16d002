"""Values as the numbers of hash buckets."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core.errors import message


def salt_of(value: Any, where: str) -> list[int] | None:
    """The key of the salted hash, from one integer or two.

    Raises:
        ValueError: If it is anything else.
    """
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return [value, value]
    if isinstance(value, (list, tuple)) and len(value) == 2 and all(isinstance(v, int) for v in value):
        return list(value)
    raise ValueError(
        message("`salt` is wrong.", where=where, expected="an integer, or two of them", received=value)
    )


def buckets(values: np.ndarray, count: int, salt: list[int] | None = None) -> np.ndarray:
    """The bucket of each value, by TensorFlow's hashes; numbers are hashed as decimal text.

    Args:
        values: An array of integers, floats (their whole part counts), or bytes.
        count: The number of buckets.
        salt: Two integers, for SipHash; FarmHash if None.

    Returns:
        An int64 array of the same shape.
    """
    from addax.formats import fingerprint64, siphash

    if values.dtype.kind in "fb":
        values = values.astype("int64")
    found: dict[Any, int] = {}
    flat = values.ravel().tolist()
    for value in flat:
        if value not in found:
            text = value if isinstance(value, bytes) else str(value).encode()
            hashed = fingerprint64(text) if salt is None else siphash(text, (salt[0], salt[1]))
            found[value] = hashed % count
    return np.array([found[value] for value in flat], "int64").reshape(values.shape)

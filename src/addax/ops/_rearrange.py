"""`rearrange`: axes split, moved and joined by a pattern such as `"b (h p) c -> b p (h c)"`."""

from __future__ import annotations

import math
import re
from typing import Any

from addax.core.errors import message
from addax.engine._jax import jnp
from addax.engine._op import op


def _groups(side: str) -> list[list[str]]:
    """The axes of one side of a pattern; a group in parentheses is one axis of the tensor."""
    return [item.strip("()").split() for item in re.findall(r"\w+|\([^()]*\)", side)]


def _lengths(groups: list[list[str]], shape: tuple, given: dict[str, int], pattern: str) -> dict[str, int]:
    """The length of every named axis."""
    if len(groups) != len(shape):
        raise ValueError(
            message(
                "The pattern of rearrange() does not fit the tensor.",
                expected=f"rank {len(groups)} for pattern {pattern!r}",
                received=f"shape {tuple(shape)}",
            )
        )
    lengths = dict(given)
    for group, size in zip(groups, shape, strict=True):
        unknown = [name for name in group if name not in given]
        known = math.prod(given[name] for name in group if name in given)
        if len(unknown) > 1 or size % known or (not unknown and known != size):
            raise ValueError(
                message(
                    f"rearrange() cannot split an axis of size {size} into ({' '.join(group)}).",
                    expected="the length of all of its axes but one, and lengths that divide its size",
                    received=", ".join(f"{name}={length}" for name, length in given.items()) or "no lengths",
                )
            )
        lengths.update({name: size // known for name in unknown})
    return lengths


@op(static=("pattern",))
def rearrange(tensor: Any, pattern: str, **axes_lengths: int) -> Any:
    """Split, move and join axes, as a pattern in the notation of einops says.

    Args:
        tensor: A tensor.
        pattern: The axes before and after `->`, separated by spaces; axes in parentheses form one together.
        **axes_lengths: Lengths of axes in parentheses on the left, of all in a group but one.

    Raises:
        ValueError: If the pattern does not fit the tensor.

    Example:
        >>> import addax as keras
        >>> images = keras.ops.zeros((2, 4, 6, 3))
        >>> keras.ops.rearrange(images, "b (h p) w c -> b h (p w c)", p=2).shape
        TensorShape([2, 2, 36])
    """
    left, arrow, right = pattern.partition("->")
    before, after = _groups(left), _groups(right)
    names = [name for group in before for name in group]
    kept = [name for group in after for name in group]
    if not arrow or sorted(names) != sorted(kept) or len(set(names)) != len(names):
        raise ValueError(
            message(
                "Wrong pattern of rearrange().",
                expected='every axis once on both sides of "->", such as "b h w c -> b (h w) c"',
                received=repr(pattern),
            )
        )
    tensor = jnp.asarray(tensor)
    lengths = _lengths(before, tensor.shape, axes_lengths, pattern)
    split = jnp.reshape(tensor, [lengths[name] for name in names])
    moved = jnp.transpose(split, [names.index(name) for name in kept])
    return jnp.reshape(moved, [math.prod(lengths[name] for name in group) for group in after])

from __future__ import annotations

import numpy as np
import pytest

from addax import ops
from addax.engine import Function, SymbolicTensor


def test_pad_takes_constants_in_one_mode_only() -> None:
    with pytest.raises(ValueError, match="constant_values only in one mode"):
        ops.pad([1, 2], 1, mode="edge", constant_values=3)


@pytest.mark.parametrize("axes", [(0, 0), (0, 1, 2)])
def test_rot90_needs_two_axes(axes: tuple) -> None:
    with pytest.raises(ValueError, match="plane of two axes"):
        ops.rot90(ops.zeros((2, 2, 2)), axes=axes)


def test_sizes_of_symbolic_tensors_are_usable_as_shapes() -> None:
    x = SymbolicTensor((None, 3))
    flat = ops.reshape(x, (ops.size(x),))
    assert flat.shape == (None,)
    assert ops.ndim(x) == 2


def test_split_into_unequal_pieces_is_an_error() -> None:
    with pytest.raises(ValueError):
        ops.split(ops.zeros(5), 2)


@pytest.mark.parametrize(
    ("pattern", "lengths", "problem"),
    [
        ("a b", {}, "Wrong pattern"),
        ("a b -> a", {}, "Wrong pattern"),
        ("a a -> a a", {}, "Wrong pattern"),
        ("a b c -> c b a", {}, "does not fit"),
        ("a (b c) -> a b c", {}, "cannot split"),
        ("a (b c) -> a b c", {"c": 4}, "cannot split"),
    ],
)
def test_rearrange_says_what_is_wrong_with_a_pattern(pattern: str, lengths: dict, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        ops.rearrange(ops.zeros((2, 6)), pattern, **lengths)


def test_roll_by_as_much_as_a_compiled_function_is_told() -> None:
    x = np.arange(12.0).reshape(3, 4)
    compiled = Function(lambda shift: ops.roll(x, shift, axis=(0, 1)))
    for shift in ([1, 2], [-1, 0], [7, -9]):
        np.testing.assert_array_equal(compiled(ops.convert_to_tensor(shift)), np.roll(x, shift, (0, 1)))

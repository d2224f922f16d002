from __future__ import annotations

import pytest

from addax import ops
from addax.engine import Compiled, GradientTape


def test_the_number_of_segments_shows_in_known_ids() -> None:
    assert ops.segment_sum([1.0, 2.0, 3.0], [0, 2, 2]).numpy().tolist() == [1, 0, 5]


def test_the_number_of_segments_must_be_given_when_it_does_not_show() -> None:
    with pytest.raises(ValueError, match="number of segments"):
        Compiled(lambda ids: ops.segment_sum([1.0, 2.0], ids))(ops.array([0, 1]))


def test_the_gradient_of_a_product_passes_over_zeros() -> None:
    x = ops.array([0.0, 2.0, 3.0, 0.0, 0.0, 5.0])
    with GradientTape() as tape:
        tape.watch(x)
        y = ops.segment_prod(x, [0, 0, 1, 2, 2, 1], 3)
    assert tape.gradient(y, x).numpy().tolist() == [2, 0, 5, 0, 0, 3]

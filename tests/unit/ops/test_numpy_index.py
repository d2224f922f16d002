from __future__ import annotations

import numpy as np
import pytest

from addax import ops
from addax.engine import Compiled, SymbolicTensor, Tensor


@pytest.mark.parametrize("name", ["nonzero", "where", "unique", "bincount"])
def test_what_depends_on_the_data_says_so_when_it_is_compiled(name: str) -> None:
    with pytest.raises(TypeError, match="depends on the") as caught:
        Compiled(getattr(ops, name))(ops.array([1, 0, 1]))
    assert "hint: " in str(caught.value)


def test_what_depends_on_the_data_says_so_in_a_graph() -> None:
    with pytest.raises(TypeError, match="depends on the"):
        ops.unique(SymbolicTensor((None,), "int32"))


def test_nonzero_gives_one_vector_for_each_axis() -> None:
    rows, columns = ops.nonzero([[0, 1], [2, 0]])
    assert rows.numpy().tolist() == [0, 1]
    assert columns.numpy().tolist() == [1, 0]


def test_unique_of_a_fixed_size_compiles() -> None:
    found = Compiled(lambda x: ops.unique(x, size=3, fill_value=-1))(ops.array([4, 4, 2]))
    assert found.numpy().tolist() == [2, 4, -1]


def test_take_beyond_the_end_gives_nan() -> None:
    assert np.isnan(ops.take([1.0, 2.0], [5]).numpy()).all()
    assert ops.take([1.0, 2.0], [-1]).numpy().tolist() == [2.0]


def test_select_refuses_lists_that_do_not_match() -> None:
    with pytest.raises(ValueError, match="a condition for each choice"):
        ops.select([Tensor(np.array([True]))], [])

import numpy as np
import pytest

from addax.data import Dataset, TensorSpec


def test_reduce_keeps_the_dtypes_of_the_state():
    total = Dataset.range(5).reduce(np.int64(0), lambda total, x: total + x)
    assert total.dtype == "int64" and int(total) == 10
    count, mean = Dataset.from_tensor_slices([1.0, 3.0]).reduce(
        (0, 0.0), lambda s, x: (s[0] + 1, s[1] + x / 2)
    )
    assert (int(count), float(mean)) == (2, 2.0) and count.dtype == "int32"


def test_reduce_of_nothing_is_the_initial_state():
    assert Dataset.range(0).reduce({"a": "x"}, lambda s, x: s)["a"].numpy() == b"x"


def test_elements_come_whole_to_reduce():
    ds = Dataset.from_tensor_slices(([1, 2], [3, 4]))
    assert int(ds.reduce(0, lambda s, pair: s + pair[0] * pair[1])) == 11


def test_states_may_grow_and_functions_may_need_values():
    joined = Dataset.range(3).reduce(np.zeros(0, np.int64), lambda s, x: np.append(s, x))
    assert joined.numpy().tolist() == [0, 1, 2]


def test_the_state_keeps_its_form_and_dtype():
    ds = Dataset.range(3)
    with pytest.raises(TypeError, match="dtype of the state(.|\n)*int32(.|\n)*float32"):
        ds.reduce(0, lambda s, x: s + 0.5)
    with pytest.raises(TypeError, match=r"form of the state(.|\n)*\(\*, \*\)"):
        ds.reduce(0, lambda s, x: (s, s))
    with pytest.raises(TypeError, match="scan"):
        list(ds.scan({"a": 0}, lambda s, x: ({"b": s["a"]}, x)))
    with pytest.raises(TypeError, match="pair"):
        ds.scan(0, lambda s, x: s)


def test_scan_carries_a_nest_and_knows_its_spec():
    def step(state, x):
        return {"total": state["total"] + x}, (x, state["total"])

    ds = Dataset.from_tensor_slices([1.0, 2.0, 3.0]).scan({"total": 10.0}, step)
    assert ds.element_spec == (TensorSpec((), "float32"), TensorSpec((), "float32"))
    assert [float(before) for _, before in ds] == [10.0, 11.0, 13.0] == [float(before) for _, before in ds]


def test_scan_on_the_host():
    ds = Dataset.from_tensor_slices(["a", "b"]).scan("", lambda s, x: (s.numpy() + x.numpy(), len(s.numpy())))
    assert [int(n) for n in ds] == [0, 1] and ds.element_spec == TensorSpec((), "int32")


def test_unique_compares_whole_elements():
    rows = Dataset.from_tensor_slices(([[1, 2], [1, 3], [1, 2]], ["a", "b", "a"])).unique()
    assert [x.numpy().tolist() for x, _ in rows] == [[1, 2], [1, 3]]

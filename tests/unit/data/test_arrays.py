from collections import namedtuple

import numpy as np
import pandas as pd
import pytest

from addax.data import Dataset
from addax.engine import Tensor

Pair = namedtuple("Pair", "x y")


def test_slices_keep_nests_and_named_tuples():
    ds = Dataset.from_tensor_slices(Pair(np.arange(2), {"a": ["u", "v"], "n": None}))
    element = next(iter(ds))
    assert type(element) is Pair and int(element.x) == 0
    assert element.y["a"].numpy() == b"u" and element.y["n"] is None


def test_a_pandas_table_gives_a_dict_of_columns():
    frame = pd.DataFrame({"age": [30, 40], "name": ["a", "b"], "height": [1.5, 1.75]})
    spec = Dataset.from_tensor_slices(dict(frame)).element_spec
    assert {k: v.dtype for k, v in spec.items()} == {"age": "int64", "name": "string", "height": "float64"}


def test_elements_are_tensors_over_the_arrays_and_nobody_can_write_into_these():
    array = np.arange(6.0).reshape(3, 2)
    first = next(iter(Dataset.from_tensor_slices(array)))
    assert isinstance(first, Tensor) and np.shares_memory(np.asarray(first), array)
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(first)[0] = 5
    array[0] = 7.0  # the user's own array stays writable
    with pytest.raises(ValueError, match="read-only"):
        next(Dataset.from_tensors(array).as_numpy_iterator())[0] = 1


def test_different_lengths_are_an_error_that_shows_all_of_them():
    with pytest.raises(ValueError, match=r"\['x'\]: \(2, 3\), \['y'\]: \(3,\), \['z'\]: \(2,\)"):
        Dataset.from_tensor_slices({"x": np.ones((2, 3)), "y": np.ones(3), "z": np.ones(2)})


@pytest.mark.parametrize("tensors, message", [(3, "scalar"), (([1], 2.0), "scalar"), ((), "at least one")])
def test_what_cannot_be_sliced_is_an_error(tensors, message):
    with pytest.raises(ValueError, match=message):
        Dataset.from_tensor_slices(tensors)


def test_from_tensors_needs_a_tensor():
    with pytest.raises(ValueError, match="at least one"):
        Dataset.from_tensors(None)


def test_the_class_is_not_called():
    with pytest.raises(TypeError, match="from_tensor_slices"):
        Dataset([1, 2])


def test_an_empty_array_is_an_empty_dataset():
    ds = Dataset.from_tensor_slices(np.zeros((0, 3)))
    assert len(ds) == 0 and list(ds) == [] and list(ds.shuffle(3).repeat().batch(2)) == []
    assert ds.element_spec.shape == (3,)


def test_numpy_and_jax_stay_unused_until_a_function_is_given():
    import subprocess
    import sys

    code = (
        "import sys, numpy as np; from addax.data import Dataset\n"
        "for b in Dataset.from_tensor_slices(np.arange(9)).shuffle(4).repeat(2).batch(4).prefetch(1): pass\n"
        "assert 'jax' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

import pickle

import numpy as np
import pytest

from addax.data import Dataset, DatasetSpec, TensorSpec
from addax.engine import Tensor


def test_specs_show_themselves_as_tensorflow_shows_them():
    assert (
        repr(TensorSpec((None, 2), "float32")) == "TensorSpec(shape=(None, 2), dtype=tf.float32, name=None)"
    )
    assert repr(TensorSpec(None, "int32", "n")) == "TensorSpec(shape=<unknown>, dtype=tf.int32, name='n')"
    assert repr(TensorSpec([])) == "TensorSpec(shape=(), dtype=tf.float32, name=None)"
    window = Dataset.range(3).window(2).element_spec
    assert repr(window) == ("DatasetSpec(TensorSpec(shape=(), dtype=tf.int64, name=None), TensorShape([]))")


def test_specs_are_equal_by_shape_dtype_and_name():
    spec = TensorSpec((None, 2), "float32")
    assert spec == TensorSpec([None, 2], np.float32)
    assert hash(spec) == hash(TensorSpec([None, 2], np.float32))
    assert spec != TensorSpec((None, 2), "float32", "x")
    assert spec != TensorSpec((2, 2), "float32")
    assert spec != TensorSpec((None, 2), "int32")
    assert DatasetSpec(spec) == DatasetSpec(spec) != DatasetSpec(TensorSpec(()))


def test_compatibility_is_that_of_shapes_and_dtypes():
    spec = TensorSpec((None, 2), "float32")
    assert spec.is_compatible_with(Tensor(np.ones((3, 2), "float32")))
    assert spec.is_compatible_with(TensorSpec((4, None), "float32"))
    assert spec.is_compatible_with([[1.0, 2.0]])
    assert not spec.is_compatible_with(np.ones((3, 2)))
    assert not spec.is_compatible_with(TensorSpec((4, 3), "float32"))
    assert TensorSpec(None, "int32").is_compatible_with(TensorSpec((4, 3), "int32"))


def test_subtypes_and_common_types():
    wide, narrow = TensorSpec((None, 2)), TensorSpec((3, 2))
    assert narrow.is_subtype_of(wide) and not wide.is_subtype_of(narrow)
    assert narrow.is_subtype_of(TensorSpec(None)) and not TensorSpec(None).is_subtype_of(wide)
    assert narrow.most_specific_compatible_type(TensorSpec((4, 2))) == wide
    assert narrow.most_specific_compatible_type(TensorSpec((4,))) == TensorSpec(None)
    with pytest.raises(ValueError, match="No spec"):
        narrow.most_specific_compatible_type(TensorSpec((3, 2), "int32"))


def test_specs_come_from_tensors_and_specs_and_survive_pickling():
    spec = TensorSpec.from_tensor(Tensor(np.ones((3, 2))))
    assert spec == TensorSpec((3, 2), "float64")
    assert TensorSpec.from_spec(spec, "x").name == "x"
    assert pickle.loads(pickle.dumps(spec)) == spec
    assert TensorSpec(5).shape == (5,) and TensorSpec([-1, 2]).shape == (None, 2)

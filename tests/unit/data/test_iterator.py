import json

import numpy as np
import pytest

from addax.data import Dataset, OutOfRangeError, TensorSpec


def test_elements_are_tensors_in_nests():
    x, y = next(iter(Dataset.from_tensor_slices(([[1.0, 2.0]], ["a"]))))
    assert repr(x) == "<tf.Tensor: shape=(2,), dtype=float32, numpy=array([1., 2.], dtype=float32)>"
    assert repr(y) == "<tf.Tensor: shape=(), dtype=string, numpy=b'a'>"


def test_numpy_iterators_give_arrays_and_scalars():
    ds = Dataset.from_tensor_slices({"a": np.arange(2), "b": np.ones((2, 2)), "c": ["x", "y"]})
    first = next(ds.as_numpy_iterator())
    assert first["a"] == 0 and isinstance(first["a"], np.int64)
    assert first["b"].tolist() == [1, 1] and first["c"] == b"x"


def test_next_is_a_method_too():
    assert [Dataset.range(3, 5).as_numpy_iterator().next(), int(iter(Dataset.range(1)).next())] == [3, 0]


def test_get_next_has_an_error_of_its_own():
    iterator = iter(Dataset.range(1))
    assert iterator.element_spec == TensorSpec((), "int64") and int(iterator.get_next()) == 0
    with pytest.raises(OutOfRangeError, match="End of sequence"):
        iterator.get_next()


def test_datasets_are_true_and_have_a_length_if_it_is_known():
    assert Dataset.range(0) and len(Dataset.range(3)) == 3
    with pytest.raises(TypeError, match="The dataset is infinite"):
        len(Dataset.range(3).repeat())
    with pytest.raises(TypeError, match="The dataset length is unknown"):
        len(Dataset.range(3).filter(lambda x: x > 0))


def test_cardinality_is_a_tensor():
    size = Dataset.range(42).cardinality()
    assert repr(size) == "<tf.Tensor: shape=(), dtype=int64, numpy=42>" and bool((size == 42).numpy())


def test_a_single_element():
    assert Dataset.range(5).batch(9).get_single_element().numpy().tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="Dataset was empty"):
        Dataset.range(0).get_single_element()
    with pytest.raises(ValueError, match="more than one element"):
        Dataset.range(2).get_single_element()


def plain(state):
    """The state as JSON sees it, so that anything but data is an error."""
    if isinstance(state, np.ndarray):
        return [str(state.dtype), state.tolist()]
    if isinstance(state, dict):
        return {str(k): plain(v) for k, v in state.items()}
    if isinstance(state, (list, tuple)):
        return [plain(v) for v in state]
    return state


def test_states_are_data():
    ds = Dataset.from_tensor_slices((np.arange(9), np.ones((9, 2)))).map(lambda a, b: (a, b * 2)).cache()
    ds = ds.shuffle(4).window(2).flat_map(lambda a, b: Dataset.zip((a, b))).batch(2).prefetch(1)
    iterator = iter(ds)
    next(iterator)
    assert json.dumps(plain(iterator.get_state()))


def test_a_state_of_another_pipeline_is_an_error():
    state = iter(Dataset.range(3).batch(2)).get_state()
    with pytest.raises(ValueError, match="another pipeline"):
        iter(Dataset.range(3)).set_state(state)


def test_a_position_among_datasets_that_are_elements_cannot_be_saved():
    ds = Dataset.range(5).map(lambda x: Dataset.range(3)).shuffle(3)
    iterator = iter(ds)
    next(iterator)
    with pytest.raises(TypeError, match="flat_map"):
        iterator.get_state()


def test_a_dataset_shows_its_spec_without_running():
    def explode():
        raise AssertionError

    ds = Dataset.from_generator(explode, output_signature=TensorSpec((), "int32")).map(lambda x: int(x))
    assert repr(ds) == "<_MapDataset element_spec=unknown>"
    assert repr(Dataset.range(2).map(lambda x: (x, 1), num_parallel_calls=2)).startswith(
        "<_ParallelMapDataset "
    )


def test_apply_wants_a_dataset():
    assert [int(x) for x in Dataset.range(3).apply(lambda ds: ds.skip(1))] == [1, 2]
    with pytest.raises(TypeError, match="must be a dataset"):
        Dataset.range(3).apply(lambda ds: 3)


def test_the_spec_of_an_empty_dataset_with_a_function_on_the_host():
    assert Dataset.range(0).map(lambda x: float(x)).element_spec == TensorSpec((), "float32")
    assert Dataset.range(0).flat_map(Dataset.range).element_spec == TensorSpec((), "int64")
    none_left = Dataset.range(2).map(lambda x: float(x)).filter(lambda x: x > 5)
    assert none_left.map(lambda x: int(x)).element_spec == TensorSpec((), "int32")
    with pytest.raises(ValueError, match="element_spec is not known"):
        _ = none_left.scan(0, lambda s, x: (s, float(x))).element_spec


def test_transformations_of_a_users_own_class_are_plain_datasets():
    class Counted(Dataset):
        def __init__(self, count):
            super().__init__(Dataset.range(count)._node)

    for made in (Counted(3).map(lambda x: x), Counted(3).cache(), Counted(3).batch(3).unbatch()):
        assert type(made) is Dataset and list(made.as_numpy_iterator()) == [0, 1, 2]

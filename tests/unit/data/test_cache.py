import gc

import numpy as np
import pytest

from addax.data import Dataset, TensorSpec


def counted(values, signature=None):
    """A dataset of some values, and a list that grows with each value that is read."""
    read = []

    def generate():
        for value in values:
            read.append(value)
            yield value

    return Dataset.from_generator(generate, output_signature=signature or TensorSpec((), "int64")), read


def lists(dataset):
    return [x.numpy().tolist() for x in dataset]


@pytest.mark.parametrize("where", ["memory", "file"])
def test_the_input_is_read_once(where, tmp_path):
    source, read = counted([1, 2, 3])
    ds = source.cache("" if where == "memory" else str(tmp_path / "folder" / "x"))
    assert lists(ds) == lists(ds) == lists(ds.repeat(1)) == [1, 2, 3] and read == [1, 2, 3]
    assert lists(ds.batch(2)) == [[1, 2], [3]] and read == [1, 2, 3]
    assert lists(ds.shuffle(3, seed=1).batch(3)) == lists(source.shuffle(3, seed=1).batch(3))


@pytest.mark.parametrize("where", ["memory", "file"])
def test_a_partial_iteration_caches_nothing(where, tmp_path):
    source, read = counted([1, 2, 3])
    ds = source.cache("" if where == "memory" else str(tmp_path / "x"))
    assert lists(ds.take(2)) == [1, 2]
    assert lists(ds) == [1, 2, 3] and read == [1, 2, 1, 2, 3]
    gc.collect()
    assert [p.name for p in tmp_path.iterdir()] == ([] if where == "memory" else ["x.cache"])


@pytest.mark.parametrize("where", ["memory", "file"])
def test_elements_of_all_kinds_come_back(where, tmp_path):
    def generate():
        for n in (0, 1, 3):
            yield {"text": ["ab"] * n, "x": (np.full((n, 2), n, "float16"), n > 1)}

    signature = {
        "text": TensorSpec((None,), "string"),
        "x": (TensorSpec((None, 2), "float16"), TensorSpec((), "bool")),
    }
    ds = Dataset.from_generator(generate, output_signature=signature)
    cached = ds.cache("" if where == "memory" else str(tmp_path / "x"))
    for _ in range(2):
        for a, b in zip(ds, cached, strict=True):
            assert a["text"].numpy().tolist() == b["text"].numpy().tolist()
            np.testing.assert_array_equal(a["x"][0].numpy(), b["x"][0].numpy())
            assert a["x"][0].dtype == b["x"][0].dtype and bool(a["x"][1]) == bool(b["x"][1])
    assert cached.element_spec == signature


def test_a_file_serves_other_datasets(tmp_path):
    lists(counted([1, 2])[0].cache(str(tmp_path / "x")))
    source, read = counted([7, 8])
    assert lists(source.cache(str(tmp_path / "x"))) == [1, 2] and read == []


def test_files_that_are_damaged_or_no_caches_are_an_error(tmp_path):
    lists(counted([1, 2])[0].cache(str(tmp_path / "x")))
    file = tmp_path / "x.cache"
    data = file.read_bytes()
    file.write_bytes(data[:-4])
    with pytest.raises(ValueError, match="damaged(.|\n)*x.cache"):
        lists(counted([1, 2])[0].cache(str(tmp_path / "x")))
    file.write_bytes(b"something else")
    with pytest.raises(ValueError, match="no cache file"):
        lists(counted([1, 2])[0].cache(str(tmp_path / "x")))


def test_a_cache_freezes_the_order_before_it_and_not_the_one_after():
    before = Dataset.range(20).shuffle(20).cache()
    assert lists(before) == lists(before)
    after = Dataset.range(20).cache().shuffle(20)
    assert lists(after) != lists(after)


def test_over_arrays_only_the_order_is_kept():
    array = np.arange(6.0).reshape(3, 2)
    ds = Dataset.from_tensor_slices(array).cache()
    lists(ds)
    assert all(np.shares_memory(np.asarray(x), array) for x in ds)


def test_a_full_cache_of_equal_shapes_is_an_array_source():
    ds = counted([1, 2, 3])[0].map(lambda x: x * 2).cache()
    assert ds.batch(2)._as_arrays() is None
    lists(ds)
    feed = ds.batch(2)._as_arrays()
    assert feed is not None and feed.arrays.tolist() == [2, 4, 6]


def test_cached_elements_cannot_be_written_into():
    ds = Dataset.range(2).map(lambda x: x * 2).batch(2).cache()
    for _ in range(2):
        with pytest.raises(ValueError, match="read-only"):
            np.asarray(next(iter(ds)))[0] = 5


@pytest.mark.parametrize("position", [0, 1, 3])
def test_a_position_while_the_file_is_being_written_is_exact(position, tmp_path):
    iterator = iter(counted([1, 2, 3])[0].cache(str(tmp_path / "x")))
    for _ in range(position):
        next(iterator)
    state = iterator.get_state()
    other = iter(counted([1, 2, 3])[0].cache(str(tmp_path / "y")))
    other.set_state(state)
    rest = lists(other)
    assert rest == [1, 2, 3][position:] and lists(counted([])[0].cache(str(tmp_path / "y"))) == [1, 2, 3]
    assert lists(iterator) == rest  # now x is complete, too
    over = iter(counted([1, 2, 3])[0].cache(str(tmp_path / "x")))
    over.set_state(state)
    assert lists(over) == rest


def test_a_position_in_a_file_that_is_gone_is_found_again(tmp_path):
    ds = counted([1, 2, 3])[0].cache(str(tmp_path / "x"))
    lists(ds)
    iterator = iter(ds)
    next(iterator)
    state = iterator.get_state()
    other = iter(counted([1, 2, 3])[0].cache(str(tmp_path / "y")))
    other.set_state(state)
    assert lists(other) == [2, 3]


def test_ragged_elements_are_cached_too():
    ragged = Dataset.range(5).map(lambda n: np.arange(int(n))).ragged_batch(2)
    dataset = ragged.cache()
    for _ in range(2):
        assert [e.to_list() for e in dataset] == [[[], [0]], [[0, 1], [0, 1, 2]], [[0, 1, 2, 3]]]
    assert [e.to_list() for e in ragged.prefetch(1).repeat(2).shuffle(1)] == [e.to_list() for e in ragged] * 2

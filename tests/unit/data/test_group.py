import numpy as np
import pytest

from addax import ops
from addax.data import Dataset, TensorSpec


def lists(dataset):
    return [x.numpy().tolist() for x in dataset]


def ragged(lengths):
    return Dataset.from_generator(
        lambda: iter([n] * n for n in lengths), output_signature=TensorSpec((None,), "int32")
    )


LENGTHS = (1, 4, 3, 5, 6, 2, 9)


def test_elements_meet_others_of_similar_length():
    ds = ragged(LENGTHS).bucket_by_sequence_length(lambda x: ops.shape(x)[0], [3, 5], [2, 2, 2])
    assert [[len(set(row) - {0}) and max(row) for row in batch] for batch in lists(ds)] == [
        [4, 3],
        [5, 6],
        [1, 2],
        [9],
    ]
    assert all(len(batch[0]) == max(map(max, batch)) for batch in lists(ds))
    assert ds.element_spec == TensorSpec((None, None), "int32")


def test_padding_reaches_up_to_the_boundary_if_asked():
    ds = ragged((1, 4, 2)).bucket_by_sequence_length(
        lambda x: ops.shape(x)[0], [3, 6], [2, 2, 2], pad_to_bucket_boundary=True, padding_values=-1
    )
    assert lists(ds) == [[[1, -1], [2, 2]], [[4, 4, 4, 4, -1]]]
    with pytest.raises(ValueError, match="below 3"):
        lists(ragged((3,)).bucket_by_sequence_length(len, [3], [2, 2], pad_to_bucket_boundary=True))


def test_buckets_of_several_components():
    ds = Dataset.zip((ragged((1, 2)), Dataset.range(2))).bucket_by_sequence_length(
        lambda x, y: ops.shape(x)[0], [9], [2, 2], padded_shapes=([4], [])
    )
    x, y = next(iter(ds))
    assert x.shape == (2, 4) and y.numpy().tolist() == [0, 1]


def test_equal_elements_need_no_padding():
    ds = ragged((2, 1, 2)).bucket_by_sequence_length(
        lambda x: ops.shape(x)[0], [2], [2, 2], no_padding=True, drop_remainder=True
    )
    assert lists(ds) == [[[2, 2], [2, 2]]]


def test_each_bucket_has_a_batch_size():
    with pytest.raises(ValueError, match="3 batch sizes for 2 boundaries(.|\n)*2"):
        ragged((1,)).bucket_by_sequence_length(len, [3, 5], [2, 2])


def test_groups_by_key():
    ds = Dataset.range(7).group_by_window(
        lambda x: x % 2, lambda key, w: w.batch(9).map(lambda b: (key, b)), 2
    )
    assert [(int(k), b.numpy().tolist()) for k, b in ds] == [(0, [0, 2]), (1, [1, 3]), (0, [4, 6]), (1, [5])]


@pytest.mark.parametrize("options", [{}, {"window_size": 2, "window_size_func": lambda k: 2}])
def test_the_size_is_given_once(options):
    with pytest.raises(ValueError, match="either"):
        Dataset.range(3).group_by_window(lambda x: x, lambda k, w: w, **options)


def test_functions_must_give_what_is_expected():
    with pytest.raises(TypeError, match="integer scalar"):
        list(Dataset.range(3).group_by_window(lambda x: x * 0.5, lambda k, w: w, 1))
    with pytest.raises(TypeError, match="must give a dataset"):
        list(Dataset.range(3).group_by_window(lambda x: x, lambda k, w: np.ones(2), 1))


def test_datasets_that_the_functions_make_are_made_again_from_a_state():
    def build():
        ds = Dataset.range(30).group_by_window(lambda x: x % 3, lambda k, w: w.shuffle(5), 5)
        return iter(ds)

    iterator = build()
    for _ in range(7):
        next(iterator)
    state = iterator.get_state()
    rest = [int(x) for x in iterator]
    other = build()
    other.set_state(state)
    assert [int(x) for x in other] == rest

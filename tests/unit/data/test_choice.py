import numpy as np
import pytest

from addax.data import INFINITE_CARDINALITY, Dataset

A, B = Dataset.range(0, 1000), Dataset.range(1000, 2000)


def values(dataset):
    return [int(x) for x in dataset]


def test_sampling_follows_the_weights_and_keeps_each_order():
    found = values(Dataset.sample_from_datasets([A, B], [0.25, 0.75], seed=1, stop_on_empty_dataset=True))
    from_a, from_b = [x for x in found if x < 1000], [x for x in found if x >= 1000]
    assert from_a == list(range(len(from_a))) and from_b == list(range(1000, 1000 + len(from_b)))
    assert len(from_b) == 1000 and 250 < len(from_a) < 420


def test_every_element_comes_unless_the_first_end_is_the_end():
    assert sorted(values(Dataset.sample_from_datasets([A, B], seed=1))) == list(range(2000))


def test_samples_repeat_unless_told_otherwise():
    fixed = Dataset.sample_from_datasets([A, B], seed=1).take(30)
    assert values(fixed) == values(fixed)
    free = Dataset.sample_from_datasets([A, B], seed=1, rerandomize_each_iteration=True).take(30)
    assert values(free) == values(fixed) != values(free)


def test_weights_may_come_from_a_dataset():
    weights = Dataset.from_tensor_slices([[1.0, 0.0], [0.0, 1.0]]).repeat()
    assert values(Dataset.sample_from_datasets([A, B], weights).take(4)) == [0, 1000, 1, 1001]


def test_what_has_no_weight_does_not_keep_the_others_from_ending():
    assert values(Dataset.sample_from_datasets([Dataset.range(3), B], [1.0, 0.0])) == [0, 1, 2]


def test_an_endless_part_makes_the_whole_endless():
    mixed = Dataset.sample_from_datasets([A.repeat(), B])
    assert int(mixed.cardinality()) == INFINITE_CARDINALITY


@pytest.mark.parametrize("weights", [[1.0], [1.0, -1.0], [0.0, 0.0], [[1.0, 1.0]]])
def test_weights_must_fit(weights):
    with pytest.raises(ValueError, match="2 weights"):
        Dataset.sample_from_datasets([A, B], weights)


def test_there_must_be_datasets_and_of_the_same_elements():
    with pytest.raises(ValueError, match="no datasets"):
        Dataset.sample_from_datasets([])
    with pytest.raises(TypeError, match="different elements"):
        Dataset.sample_from_datasets([A, Dataset.from_tensors("a")])
    with pytest.raises(TypeError, match="must be a dataset"):
        Dataset.choose_from_datasets([A, B], [0, 1])


def test_a_choice_must_exist():
    with pytest.raises(ValueError, match="numbers from 0 to 1(.|\n)*2"):
        values(Dataset.choose_from_datasets([A, B], Dataset.from_tensor_slices(np.array([0, 2]))))

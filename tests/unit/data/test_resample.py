"""`rejection_resample`."""

import numpy as np
import pytest

from addax.data import Dataset

LABELS = np.array([0] * 3000 + [1] * 1000)


def shares(**options):
    dataset = Dataset.from_tensor_slices((np.arange(4000), LABELS)).shuffle(4000, seed=1)
    kept = dataset.rejection_resample(lambda x, y: y, [0.5, 0.5], seed=2, **options)
    pairs = [(int(label), int(x), int(y)) for label, (x, y) in kept]
    assert all(label == y == LABELS[x] for label, x, y in pairs)
    return np.mean([label for label, _, _ in pairs]), len(pairs)


def test_shares_are_those_wanted_if_the_first_ones_are_known():
    share, count = shares(initial_dist=[0.75, 0.25])
    assert share == pytest.approx(0.5, abs=0.04)
    assert 1800 < count < 2200


def test_shares_are_counted_otherwise():
    share, _ = shares()
    assert share == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("target", [[0.5, 0.6], [-0.5, 1.5], [[0.5, 0.5]]])
def test_what_is_no_share_is_refused(target):
    with pytest.raises(ValueError, match="shares"):
        Dataset.range(3).rejection_resample(lambda x: x, target)


def test_classes_have_to_be_known():
    with pytest.raises(ValueError, match="0 to 1"):
        list(Dataset.range(9).rejection_resample(lambda x: x, [0.5, 0.5]))
    with pytest.raises(ValueError, match="classes"):
        Dataset.range(9).rejection_resample(lambda x: x, [0.5, 0.5], [1.0])

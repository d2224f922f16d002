import numpy as np
import pytest

from addax import utils


def test_the_format_of_datasets_is_tensorflows():
    windows = utils.timeseries_dataset_from_array(np.arange(4), None, 2, format="tf")
    assert next(iter(windows)).shape == (3, 2)


@pytest.mark.parametrize(
    "make",
    [
        lambda **options: utils.timeseries_dataset_from_array(np.arange(4), None, 2, **options),
        lambda **options: utils.image_dataset_from_directory("missing", **options),
        lambda **options: utils.text_dataset_from_directory("missing", **options),
    ],
)
def test_another_format_is_named_before_anything_is_read(make):
    with pytest.raises(
        ValueError, match=r'(?s)dataset format.*expected: format="tf".*received: format=.grain'
    ):
        make(format="grain")

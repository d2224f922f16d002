import logging

import pytest

from addax.data import INFINITE_CARDINALITY, Dataset, assert_cardinality, cardinality


def stream(count):
    return Dataset.from_generator(lambda: iter(range(count)), output_types="int32", output_shapes=())


def fussy(x):
    if int(x) % 2:
        raise ValueError(f"odd: {int(x)}")
    return x


def test_an_asserted_cardinality_is_known_and_checked():
    ds = stream(3).apply(assert_cardinality(3))
    assert len(ds) == 3 == int(cardinality(ds)) and len(ds.batch(2)) == 2
    assert [int(x) for x in ds] == [0, 1, 2]
    for wrong in (2, 4, INFINITE_CARDINALITY):
        with pytest.raises(ValueError, match="asserted cardinality"):
            list(stream(3).apply(assert_cardinality(wrong)))


def test_elements_with_errors_are_passed_over(caplog):
    ds = Dataset.range(6).map(fussy)
    assert [int(x) for x in ds.ignore_errors()] == [0, 2, 4]
    assert [int(x) for x in ds.prefetch(1).ignore_errors()] == [0, 2, 4]
    with caplog.at_level(logging.WARNING, "addax"):
        list(ds.ignore_errors(log_warning=True))
    assert [r.getMessage() for r in caplog.records] == [
        f"An element of a dataset was passed over: odd: {n}" for n in (1, 3, 5)
    ]

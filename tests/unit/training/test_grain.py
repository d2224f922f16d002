"""grain's data sets and loaders, with worker processes, errors in them, and states."""

from __future__ import annotations

import traceback

import grain
import numpy as np
import pytest
from tests.unit.training import _records

import addax as keras
from addax.training._feed import make_feed


def loader(records, workers, epochs=1):
    return grain.DataLoader(
        data_source=records,
        sampler=grain.samplers.IndexSampler(len(records), shuffle=True, seed=3, num_epochs=epochs),
        operations=[grain.transforms.Batch(4)],
        worker_count=workers,
    )


def data(records=None):
    return grain.MapDataset.source(records or _records.Records(20)).shuffle(seed=1).batch(4)


def processes(dataset):
    return dataset.to_iter_dataset().mp_prefetch(grain.multiprocessing.MultiprocessingOptions(num_workers=2))


def seen(source):
    return [y.tolist() for _, y in make_feed(source).epoch()]


@pytest.mark.parametrize("kind", ["map", "iter", "loader"])
def test_batches_of_grain(kind):
    source = {"map": data(), "iter": data().to_iter_dataset(), "loader": loader(_records.Records(20), 0)}[
        kind
    ]
    feed = make_feed(source)
    for _ in range(2):
        found = list(feed.epoch())
        assert sorted(int(i) for _, y in found for i in y) == list(range(20))
        assert all((x[:, 0] == y).all() for x, y in found)
    assert feed.steps == 5


def test_an_endless_data_set_needs_steps():
    with pytest.raises(ValueError, match="steps_per_epoch"):
        make_feed(data().repeat())
    assert len(list(make_feed(data().repeat(), steps=7).epoch())) == 7


def test_worker_processes_give_the_same_batches():
    assert sorted(seen(processes(data()))) == sorted(seen(data()))


def test_an_error_in_a_worker_process_comes_with_its_place():
    with pytest.raises(ValueError, match="record 11 is bad") as raised:
        seen(processes(data(_records.Failing(20))))
    assert "_records.py" in "".join(traceback.format_exception(raised.value))


def test_a_worker_process_that_is_killed_is_an_error_and_no_wait():
    with pytest.raises(RuntimeError, match="terminated unexpectedly"):
        seen(processes(data(_records.Dying(20))))


@pytest.mark.parametrize("kind", ["map", "iter", "loader"])
@pytest.mark.parametrize("done", [1, 3, 5])
def test_a_position_is_saved_and_restored_exactly(kind, done):
    def feed():
        return make_feed(
            {"map": data(), "iter": data().to_iter_dataset(), "loader": loader(_records.Records(20), 0)}[kind]
        )

    first = feed()
    batches = first.epoch()
    for _ in range(done):
        next(batches)
    position = first.position()
    rest = [y.tolist() for _, y in batches]
    second = feed()
    second.go_to(position)
    assert [y.tolist() for _, y in second.epoch(done)] == rest


def test_models_take_them():
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(data(), validation_data=data().to_iter_dataset(), epochs=2, verbose=0).history
    assert len(history["val_loss"]) == 2
    assert model.predict(loader(_records.Records(20), 0), verbose=0).shape == (20, 1)
    assert np.isfinite(model.evaluate(data(), verbose=0))

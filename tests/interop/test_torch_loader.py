"""`fit`, `evaluate` and `predict` take PyTorch's `DataLoader`, with its worker processes."""

from __future__ import annotations

import traceback

import numpy as np
import pytest
import torch
from tests.interop import _torch_data as data
from torch.utils.data import DataLoader

import addax as keras
from addax.training._feed import make_feed


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_in_order(workers):
    context = "spawn" if workers else None
    feed = make_feed(
        DataLoader(data.Pairs(10), batch_size=4, num_workers=workers, multiprocessing_context=context)
    )
    for _ in range(2):
        found = list(feed.epoch())
        assert [y.tolist() for _, y in found] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
        assert all(isinstance(x, np.ndarray) and x.dtype == np.float32 for x, _ in found)
    assert feed.steps == 3


def test_dicts_and_streams():
    feed = make_feed(DataLoader(data.Stream(6), batch_size=4))
    assert feed.steps is None
    assert [(x["a"].shape, x["b"][0].shape, y.shape) for x, y in feed.epoch()] == [
        ((4, 2), (4, 1), (4,)),
        ((2, 2), (2, 1), (2,)),
    ]


def test_an_error_in_a_worker_comes_with_its_place():
    loader = DataLoader(data.Failing(10), batch_size=2, num_workers=1, multiprocessing_context="spawn")
    with pytest.raises(ValueError, match="record 7 is bad") as raised:
        list(make_feed(loader).epoch())
    assert "_torch_data.py" in "".join(traceback.format_exception(raised.value))


def test_models_take_them():
    torch.manual_seed(0)
    loader = DataLoader(data.Pairs(10), batch_size=4, shuffle=True)
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(loader, validation_data=loader, epochs=2, verbose=0).history
    assert len(history["val_loss"]) == 2
    assert model.predict(loader, verbose=0).shape == (10, 1)
    assert np.isfinite(model.evaluate(loader, verbose=0))
    with pytest.raises(ValueError, match="validation_split"):
        model.fit(loader, validation_split=0.5)

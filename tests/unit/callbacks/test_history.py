"""History."""

from __future__ import annotations

import gc
import pickle
import weakref

import numpy as np
import pandas as pd
from tests.unit.callbacks.fakes import FakeModel, losses, run_epochs

from addax import callbacks as cb


def test_history_is_a_dict_of_lists_that_pandas_takes():
    callbacks = cb.CallbackList(add_history=True, model=FakeModel())
    run_epochs(callbacks, [{"loss": np.float32(0.5), "val_loss": 1}, {"loss": 0.25, "val_loss": 2}])
    history = callbacks.callbacks[0]
    assert history.history == {"loss": [0.5, 0.25], "val_loss": [1.0, 2.0]} and history.epoch == [0, 1]
    frame = pd.DataFrame(history.history)
    assert frame.shape == (2, 2) and all(dtype == np.float64 for dtype in frame.dtypes)


def test_a_new_run_starts_afresh():
    history = cb.History()
    callbacks = cb.CallbackList([history], model=FakeModel())
    run_epochs(callbacks, losses(1, 2))
    run_epochs(callbacks, losses(3))
    assert history.history == {"val_loss": [3.0]} and history.epoch == [0]


def test_a_history_can_be_pickled_and_does_not_keep_the_model():
    model = FakeModel()
    history = cb.CallbackList(add_history=True, model=model).callbacks[0]
    history.on_epoch_end(0, {"loss": 1.0})
    assert pickle.loads(pickle.dumps(history)).history == {"loss": [1.0]}
    alive = weakref.ref(model)
    gc.disable()
    try:
        del model
        assert alive() is None and history.model is None
    finally:
        gc.enable()

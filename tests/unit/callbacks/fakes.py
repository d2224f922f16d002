"""A model as callbacks see it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from addax.engine import Variable
from addax.optimizers import SGD


class FakeModel:
    """One weight, an optimizer, and a record of what was saved."""

    def __init__(self, optimizer=None, metrics=()):
        self.name = "fake"
        self.weight = Variable([0.0, 1.0], name="kernel")
        self.optimizer = SGD(0.1) if optimizer is None else optimizer
        self.metrics = list(metrics)
        self.stop_training = False
        self.history = None
        self.saved = []
        self.layers = [SimpleNamespace(name="dense", weights=[self.weight])]

    def get_weights(self):
        return [self.weight.numpy()]

    def set_weights(self, weights):
        self.weight.assign(weights[0])

    def save(self, filepath, overwrite=True):
        self.saved.append(("model", str(filepath)))

    def save_weights(self, filepath, overwrite=True):
        self.saved.append(("weights", str(filepath)))


def run_epochs(callbacks, logs, before=None):
    """Call the hooks of `fit` for each dict of logs; the number of epochs that ran."""
    callbacks.on_train_begin()
    epoch = -1
    for epoch, epoch_logs in enumerate(logs):
        callbacks.on_epoch_begin(epoch)
        if before is not None:
            before(epoch)
        callbacks.on_epoch_end(epoch, dict(epoch_logs))
        if callbacks.model.stop_training:
            break
    callbacks.on_train_end(logs[-1] if logs else None)
    return epoch + 1


def losses(*values):
    """Logs with a validation loss for each value."""
    return [{"val_loss": np.float32(v)} for v in values]

"""Sources of batches for worker processes, which import them from here."""

from __future__ import annotations

import os
import signal
import time

import numpy as np

from addax.utils import PyDataset


class Numbers(PyDataset):
    """Batch `i` is full of `i`; its targets say which process made it."""

    def __init__(self, count=6, **options):
        super().__init__(**options)
        self.count, self.shift = count, 0

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        return np.full((2, 1), index + self.shift, "float32"), np.full((2, 1), os.getpid())

    def on_epoch_end(self):
        self.shift += 100


class Random(Numbers):
    def __getitem__(self, index):
        return np.random.rand(2, 1)


class Failing(Numbers):
    def __getitem__(self, index):
        if index == 3:
            raise KeyError(f"record {index} is bad")
        return super().__getitem__(index)


class Dying(Numbers):
    def __getitem__(self, index):
        if index == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.01)
        return super().__getitem__(index)

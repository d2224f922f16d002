"""Sources of records for grain's worker processes, which import them from here; they need no Addax."""

from __future__ import annotations

import os
import signal

import numpy as np


class Records:
    def __init__(self, count):
        self.count = count

    def __repr__(self):  # by which grain knows that a state belongs to it
        return f"{type(self).__name__}({self.count})"

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        return np.full(3, index, "float32"), np.int32(index)


class Failing(Records):
    def __getitem__(self, index):
        if index == 11:
            raise ValueError(f"record {index} is bad")
        return super().__getitem__(index)


class Dying(Records):
    def __getitem__(self, index):
        if index == 11:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__getitem__(index)

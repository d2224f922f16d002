"""Data sets for PyTorch's worker processes, which import them from here."""

from __future__ import annotations

import torch
from torch.utils.data import Dataset, IterableDataset


class Pairs(Dataset):
    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        return torch.full((3,), index / 10), index


class Failing(Pairs):
    def __getitem__(self, index):
        if index == 7:
            raise ValueError(f"record {index} is bad")
        return super().__getitem__(index)


class Stream(IterableDataset):
    def __init__(self, count):
        self.count = count

    def __iter__(self):
        for number in range(self.count):
            yield {"a": torch.ones(2), "b": (torch.zeros(1),)}, number

"""A feed that goes to the position of another gives the batches that the other would have given."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import addax as keras
from addax.data import Dataset
from addax.saving._state_file import is_plain
from addax.training._feed import make_feed
from addax.training._progress import Progress, random_state, set_random_state

X = np.arange(22.0, dtype="float32").reshape(11, 2)
Y = (np.arange(11) % 2).astype("float32")[:, None]


class Batches(keras.utils.PyDataset):
    def __init__(self):
        super().__init__()
        self.order = np.arange(8)

    def __len__(self):
        return 4

    def __getitem__(self, i):
        rows = self.order[2 * i : 2 * i + 2]
        return X[rows] + np.random.rand(), Y[rows]

    def on_epoch_end(self):
        np.random.shuffle(self.order)  # as scripts do; each order comes from the one before

    def get_state(self):
        return {"order": self.order.copy()}

    def set_state(self, state):
        self.order = state["order"].copy()


class Counting:
    """An iterator of the user's that can be set."""

    def __init__(self):
        self.at = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.at += 1
        return np.full((2, 1), self.at), np.zeros((2, 1))

    def get_state(self):
        return {"at": self.at}

    def set_state(self, state):
        self.at = state["at"]


def noise():
    while True:
        yield np.random.rand(2, 1), np.zeros((2, 1))


def data():
    return Dataset.from_tensor_slices((X, Y)).shuffle(5).batch(3)


FEEDS = {
    "arrays": lambda: make_feed(X, Y, batch_size=3, shuffle=True),
    "arrays as they are": lambda: make_feed(X, Y, batch_size=3),
    "batches in disorder": lambda: make_feed(X, Y, batch_size=3, shuffle="batch", steps=3),
    "weighted": lambda: make_feed(X, Y, batch_size=3, shuffle=True, steps=5, class_weight={0: 1, 1: 2}),
    "a Dataset": lambda: make_feed(data()),
    "a Dataset in pieces": lambda: make_feed(data().repeat(), steps=3),
    "a Dataset with weights": lambda: make_feed(data(), steps=6, class_weight={0: 1.0, 1: 2.0}),
    "a Dataset that is cached": lambda: make_feed(data().map(lambda x, y: (x * 2, y)).cache()),
    "a PyDataset": lambda: make_feed(Batches(), shuffle=True),
    "a PyDataset in pieces": lambda: make_feed(Batches(), shuffle=True, steps=3),
    "functions": lambda: make_feed(lambda: itertools.islice(noise(), 4)),
    "functions in pieces": lambda: make_feed(lambda: itertools.islice(noise(), 4), steps=3),
    "a generator": lambda: make_feed(noise(), steps=3),
    "an iterator with a state": lambda: make_feed(Counting(), steps=3),
}


def run(feed, epochs, start=0):
    """The batches of some epochs, the first one behind its first `start` batches."""
    found = []
    for epoch in range(epochs):
        for batch in feed.epoch(start if not epoch else 0):
            found.append([np.asarray(part).tolist() for part in batch if part is not None])
        np.random.rand()  # as callbacks draw
    return found


@pytest.mark.parametrize("name", FEEDS)
@pytest.mark.parametrize(("epoch", "step", "ahead"), [(0, 2, 0), (1, 0, 0), (2, 1, 0), (1, 2, 1)])
def test_the_rest_of_the_data_is_the_same(name, epoch, step, ahead):
    keras.utils.set_random_seed(1)
    first = FEEDS[name]()
    first.peek()
    run(first, epoch)
    batches = first.epoch()
    seen = list(itertools.islice(batches, step + ahead)) if step else []
    if ahead and any(word in name for word in ("PyDataset", "function", "generator")):
        return  # they draw while they are read, so that the loop never reads ahead of a backup
    position, drawn = first.position(step if step else None), random_state()
    assert is_plain(position) and len(seen) == step + ahead
    rest = run(first, 2) if not step else None
    if step:
        rest = [[np.asarray(p).tolist() for p in b if p is not None] for b in [*seen[step:], *batches]]
        np.random.rand()
        rest += run(first, 1)
    keras.utils.set_random_seed(99)
    second = FEEDS[name]()
    second.peek()
    second.go_to(position)
    set_random_state(drawn)
    assert run(second, 2, step) == rest


def test_data_that_are_shorter_than_before_are_an_error():
    first, second = make_feed(noise(), steps=3), make_feed(itertools.islice(noise(), 2), steps=3)
    run(first, 2)
    with pytest.raises(ValueError, match=r"shorter[\s\S]*6 batches"):
        second.go_to(first.position())


def test_progress_knows_what_is_left():
    assert list(Progress(2).epochs(4)) == [2, 3]
    assert list(Progress(2, stopped=True).epochs(4)) == []
    assert list(Progress(2, step=1, stopped=True).epochs(4)) == [2]
    progress = Progress(1, step=3, logs={"loss": 1.0})
    assert progress.logs_so_far == {"loss": 1.0}
    progress.begin(2)
    assert progress.logs_so_far is None and (progress.epoch, progress.step, progress.whole) == (2, 0, False)

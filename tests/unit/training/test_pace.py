"""How many dispatches are under way at a time."""

from types import SimpleNamespace

from addax.engine import Tensor
from addax.training import _chunks


class Array:
    """A result that notes when it is waited for."""

    def __init__(self, name, events, deleted=False):
        self.name, self.events, self.deleted = name, events, deleted

    def is_deleted(self):
        return self.deleted

    def block_until_ready(self):
        self.events.append(f"wait {self.name}")


def test_the_third_waits_for_the_first(monkeypatch):
    monkeypatch.setattr(_chunks, "jax", SimpleNamespace(Array=Array))
    events = []

    def dispatch(number, deleted=False):
        def run():
            events.append(f"run {number}")
            return {"loss": Tensor(Array(number, events, deleted)), "text": "no tensor"}

        return _chunks.Dispatch(run, 1)

    for paced in _chunks.paced(
        [dispatch(0), dispatch(1, deleted=True), dispatch(2), dispatch(3), dispatch(4)]
    ):
        assert set(paced.run()) == {"loss", "text"}
    assert events == ["run 0", "run 1", "wait 0", "run 2", "run 3", "wait 2", "run 4"]

"""Every signature that Addax shares with Keras is Keras's, but for the differences that are listed with a reason."""

from __future__ import annotations

import keras
import pytest
from tests.api._differences import PAGE, Difference, Reason, compare, differences, page, reasons

import addax

FOUND = differences(keras, addax)
REASONS = reasons()


def test_every_difference_has_a_reason():
    unexplained = [f"{d.name}: {d.what}" for d in FOUND if not any(r.covers(d) for r in REASONS)]
    assert unexplained == []


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.title)
def test_every_reason_still_applies(reason):
    """Each name and each pattern of it, so that none outlives the difference that it was written for."""
    covered = [d for d in FOUND if reason.covers(d)]
    idle = [n for n in reason.names if not any(reason._replace(names=[n]).covers(d) for d in covered)]
    idle += [w for w in reason.what if not any(reason._replace(what=[w]).covers(d) for d in covered)]
    assert idle == []
    assert len(reason.reason) > 20 and reason.reason.endswith(".")


def test_the_page_shows_the_reasons():
    assert PAGE.read_text(encoding="utf-8") == page(), "Run `python -m tests.api.record docs`."


def _theirs(a, b=1, *, c=None):
    return a, b, c


@pytest.mark.parametrize(
    ("ours", "found"),
    [
        (lambda a, b=1, c=None: 0, []),
        (lambda a, b=1, *, c=None, old=0, **kwargs: 0, []),
        (lambda a, old=0, b=1, c=None: 0, ["b is not positional argument 2"]),
        (lambda a, b=2, c=None: 0, ["b is 2, not 1"]),
        (lambda a, b=True, c=None: 0, ["b is True, not 1"]),
        (lambda a, b, c=None: 0, ["b is required, not 1"]),
        (lambda x, b=1, c=None: 0, ["no parameter a", "x is required"]),
        (lambda a, b=1, **kwargs: 0, ["no parameter c"]),
        (lambda a, *, b=1, c=None: 0, ["b is not positional argument 2"]),
    ],
)
def test_the_comparison_sees_names_order_and_defaults(ours, found):
    assert list(compare(_theirs, ours)) == found


def test_the_comparison_sees_missing_rests():
    assert list(compare(lambda *args, **kwargs: 0, lambda: 0)) == ["no *args", "no **kwargs"]


def test_a_reason_covers_what_it_names():
    reason = Reason("t", "r", ["keras.layers.*.call"], ["x is [1], not *"])
    assert reason.covers(Difference("keras.layers.Dense.call", "x is [1], not 2"))
    assert not reason.covers(Difference("keras.layers.Dense", "x is [1], not 2"))
    assert not reason.covers(Difference("keras.layers.Dense.call", "x is 1, not 2"))

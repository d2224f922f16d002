from __future__ import annotations

import pytest

from addax import losses
from addax.losses._resolve import resolve_loss


@pytest.mark.parametrize(
    ("true", "pred", "function"),
    [
        ((8, 1), (8, 1), losses.binary_crossentropy),
        ((8,), (8, 3), losses.sparse_categorical_crossentropy),
        ((8, 3), (8, 3), losses.categorical_crossentropy),
    ],
)
@pytest.mark.parametrize("name", ["crossentropy", "ce"])
def test_crossentropy_is_chosen_by_the_shapes(name, true, pred, function):
    loss = resolve_loss(name, true, pred)
    assert loss.fn is function and loss.name == name


def my_loss(y_true, y_pred):
    return y_pred


class Callable:
    def __call__(self, y_true, y_pred):
        return y_pred


@pytest.mark.parametrize(("given", "name"), [("mse", "mse"), (my_loss, "my_loss"), (Callable(), "callable")])
def test_functions_are_wrapped_under_their_name(given, name):
    assert resolve_loss(given, (8, 1), (8, 1)).name == name


def test_objects_are_kept_and_none_is_none():
    loss = losses.Huber()
    assert resolve_loss(loss, (8, 1), (8, 1)) is loss
    assert resolve_loss(None, (8, 1), (8, 1)) is None

from __future__ import annotations

import numpy as np
import pytest

from addax import measures
from addax.engine import SymbolicTensor


def _tensor(*shape):
    return measures.as_tensor(np.zeros(shape, "float32"))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((4,), (4, 1), ((4, 1), (4, 1))),
        ((4, 1), (4,), ((4, 1), (4, 1))),
        ((4, 3, 1), (4, 3), ((4, 3), (4, 3))),
        ((4, 3), (4, 3, 1), ((4, 3), (4, 3))),
        ((4,), (4, 3), ((4,), (4, 3))),
        ((4, 3), (4, 3), ((4, 3), (4, 3))),
        ((4,), (4, 1, 1), ((4,), (4, 1, 1))),
    ],
)
def test_only_a_last_axis_of_size_one_is_squeezed_or_expanded(first, second, expected):
    a, b = measures.squeeze_or_expand(_tensor(*first), _tensor(*second))
    assert (a.shape, b.shape) == expected


@pytest.mark.parametrize(
    ("true", "pred", "kind", "words"),
    [
        ((4,), (4, 3), "regression", "give it 1 unit"),
        ((4,), (4, 3), "categorical", "sparse_categorical_crossentropy"),
        ((4, 1), (4, 3), "categorical", "to_categorical(y, num_classes=3)"),
        ((4, 3), (4, 1), "regression", "give the last layer 3 units"),
        ((4, 3), (4, 1), "binary", "categorical_crossentropy"),
        ((5, 3), (4, 3), "regression", "y_true holds 5 samples and y_pred 4"),
        ((4, 2), (4, 3), "regression", "give the last layer 2 units"),
        ((4,), (4, 3, 2), "regression", "same rank"),
        ((4,), (), "regression", "single number"),
    ],
)
def test_shapes_that_would_only_broadcast_are_errors_with_both_shapes_and_a_hint(true, pred, kind, words):
    with pytest.raises(ValueError, match="the labels do not fit the predictions") as caught:
        measures.same_shape(_tensor(*true), _tensor(*pred), "some_loss", kind)
    text = str(caught.value)
    assert text.startswith("some_loss: ") and str(pred) in text and str(true) in text and words in text


def test_a_scalar_label_stands_for_all():
    y_true, y_pred = measures.same_shape(_tensor(), _tensor(4, 3), "some_loss")
    assert y_true.shape == y_pred.shape == (4, 3)
    assert [y.shape for y in measures.same_shape(_tensor(), _tensor(), "some_loss")] == [(1,), (1,)]


def test_unknown_dimensions_fit_any():
    y_true, y_pred = SymbolicTensor((None, 3)), SymbolicTensor((8, None))
    assert measures.same_shape(y_true, y_pred, "some_loss") == (y_true, y_pred)


@pytest.mark.parametrize(
    ("true", "pred", "axis", "expected"),
    [
        ((4,), (4, 3), -1, (4,)),
        ((4, 1), (4, 3), -1, (4,)),
        ((4, 5), (4, 5, 3), -1, (4, 5)),
        ((4, 5, 1), (4, 5, 3), -1, (4, 5)),
        ((4, 5), (4, 3, 5), 1, (4, 5)),
        ((4, 1, 5), (4, 3, 5), 1, (4, 5)),
        ((), (3,), -1, ()),
    ],
)
def test_class_ids_lose_the_axis_of_classes_and_become_integers(true, pred, axis, expected):
    ids = measures.class_ids(_tensor(*true), _tensor(*pred), "some_loss", axis)
    assert ids.shape == expected and ids.dtype == "int32"


@pytest.mark.parametrize(
    ("true", "pred", "words"),
    [
        ((4, 3), (4, 3), "use categorical_crossentropy"),
        ((5,), (4, 3), "y_true holds 5 samples and y_pred 4"),
        ((4,), (4, 5, 3), "Flatten"),
        ((4, 5, 3), (4, 3), "Flatten"),
    ],
)
def test_class_ids_of_another_shape_are_errors_with_a_hint(true, pred, words):
    with pytest.raises(ValueError, match="integer y_true of shape") as caught:
        measures.class_ids(_tensor(*true), _tensor(*pred), "some_loss")
    assert words in str(caught.value) and str(true) in str(caught.value)


@pytest.mark.parametrize("axis", [2, -3, True])
def test_an_axis_of_classes_that_does_not_exist_is_an_error(axis):
    with pytest.raises(ValueError, match="`axis` is no axis"):
        measures.class_ids(_tensor(4), _tensor(4, 3), "some_loss", axis)


@pytest.mark.parametrize(
    ("true", "pred", "kind"),
    [
        ((None, 1), (None, 1), "binary"),
        ((None,), (None, 1), "binary"),
        ((None,), (None, 3), "sparse"),
        ((None, 1), (None, 3), "sparse"),
        ((None, 3), (None, 3), "categorical"),
        ((None, 5), (None, 5, 3), "sparse"),
        ((None, 5, 3), (None, 5, 3), "categorical"),
    ],
)
def test_the_kind_of_labels_follows_from_shapes(true, pred, kind):
    assert measures.label_kind(true, pred) == kind

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from addax import losses

ELEMENTWISE = [
    "mean_squared_error",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_logarithmic_error",
    "huber",
    "log_cosh",
    "poisson",
    "cosine_similarity",
    "kl_divergence",
    "hinge",
    "squared_hinge",
    "categorical_hinge",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "dice",
    "tversky",
]


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize(
    ("true", "pred"), [((4,), (4, 3)), ((4, 1), (4, 3)), ((4, 3), (4, 1)), ((5, 3), (4, 3))]
)
def test_labels_that_would_only_broadcast_are_an_error_that_names_the_loss(name, true, pred):
    with pytest.raises(ValueError, match=f"^{name}: the labels do not fit") as caught:
        getattr(losses, name)(np.zeros(true, "float32"), np.ones(pred, "float32"))
    assert str(true) in str(caught.value) and "hint: " in str(caught.value)


@pytest.mark.parametrize(
    "name", ["categorical_crossentropy", "categorical_focal_crossentropy", "kl_divergence"]
)
def test_integer_labels_for_one_hot_losses_point_to_the_sparse_loss(name):
    with pytest.raises(ValueError, match="use sparse_categorical_crossentropy"):
        getattr(losses, name)([0, 1, 2, 0], np.ones((4, 3), "float32"))


@pytest.mark.parametrize("name", ["sparse_categorical_crossentropy", "categorical_generalized_cross_entropy"])
def test_one_hot_labels_for_sparse_losses_point_to_the_categorical_loss(name):
    args = (0.5,) if "generalized" in name else ()
    with pytest.raises(ValueError, match="use categorical_crossentropy"):
        getattr(losses, name)(np.eye(3), np.ones((3, 3), "float32"), *args)


def test_the_same_error_comes_from_the_objects():
    with pytest.raises(ValueError, match="^mean_squared_error: the labels do not fit"):
        losses.MeanSquaredError()(np.zeros(4), np.ones((4, 3)))
    with pytest.raises(ValueError, match="^sparse_categorical_crossentropy: the labels do not fit"):
        losses.SparseCategoricalCrossentropy()(np.zeros((4, 5)), np.ones((4, 3)))


def test_a_number_stands_for_all_labels():
    y_pred = np.array([[1.0], [3.0]], "float32")
    assert losses.mean_squared_error(1.0, y_pred).numpy().tolist() == [0.0, 4.0]
    expected = losses.binary_crossentropy(np.ones((2, 1)), y_pred, from_logits=True).numpy()
    assert losses.binary_crossentropy(1, y_pred, from_logits=True).numpy().tolist() == expected.tolist()
    assert float(losses.mean_squared_error(1.0, 3.0)) == 4.0


def test_classes_may_be_on_another_axis():
    logits = np.random.default_rng(0).normal(size=(2, 3, 5)).astype("float32")
    labels = np.random.default_rng(1).integers(0, 3, (2, 5))
    expected = losses.sparse_categorical_crossentropy(labels, np.moveaxis(logits, 1, -1), from_logits=True)
    found = losses.sparse_categorical_crossentropy(labels, logits, from_logits=True, axis=1)
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-6, atol=1e-6)
    one_hot = np.moveaxis(np.eye(3, dtype="float32")[labels], -1, 1)
    smooth = losses.categorical_crossentropy(one_hot, logits, from_logits=True, axis=1, label_smoothing=0.3)
    moved = losses.categorical_crossentropy(
        np.moveaxis(one_hot, 1, -1), np.moveaxis(logits, 1, -1), from_logits=True, label_smoothing=0.3
    )
    np.testing.assert_allclose(smooth.numpy(), moved.numpy(), rtol=1e-5, atol=1e-6)


def test_ignored_places_have_no_loss_and_no_gradient_even_if_their_probabilities_are_nan():
    y_pred = jnp.array([[0.5, 0.5], [np.nan, np.nan]])
    found = losses.sparse_categorical_crossentropy([0, -1], [[0.5, 0.5], [np.nan, np.nan]], ignore_class=-1)
    assert found.numpy().tolist() == pytest.approx([np.log(2), 0.0])
    assert found._keras_mask.numpy().tolist() == [True, False]
    labels = np.array([0, -1])
    grad = jax.grad(lambda p: losses.SparseCategoricalCrossentropy(ignore_class=-1)(labels, p))(y_pred)
    assert np.isfinite(np.asarray(grad)).all()


def test_a_single_class_is_warned_about():
    with pytest.warns(SyntaxWarning, match="single class"):
        losses.categorical_crossentropy([[1.0]], [[0.3]])


def test_zero_vectors_have_a_finite_gradient_in_the_cosine():
    grad = jax.grad(lambda p: losses.cosine_similarity(jnp.ones((1, 2)), p)[0])(jnp.zeros((1, 2)))
    assert np.isfinite(np.asarray(grad)).all()


def test_samples_without_a_pair_do_not_count_in_the_circle_loss():
    embeddings = np.eye(3, dtype="float32")
    values = losses.circle([0, 1, 2], embeddings)
    assert values.numpy().tolist() == [0.0, 0.0, 0.0] and not values._keras_mask.numpy().any()
    references = losses.circle(
        [0], embeddings[:1], ref_labels=[0, 1], ref_embeddings=embeddings[:2], remove_diagonal=False
    )
    assert references.shape == (1,) and float(references[0]) > 0


@pytest.mark.parametrize(("true", "pred"), [((3, 2), (3, 4)), ((3,), (3, 4, 2))])
def test_label_sequences_of_the_wrong_rank_are_errors_in_the_circle_loss_and_ctc(true, pred):
    with pytest.raises(ValueError, match="^ctc: the labels do not fit"):
        losses.ctc(np.zeros(true, int), np.zeros(pred, "float32"))
    with pytest.raises(ValueError, match="^circle: the labels do not fit"):
        losses.circle(np.zeros((3, 2), int), np.zeros(pred, "float32"))


def test_log_cosh_does_not_overflow():
    assert float(losses.log_cosh([[0.0]], [[1e4]])[0]) == pytest.approx(1e4 - np.log(2), rel=1e-6)


def test_hinge_takes_labels_of_minus_one_and_one_as_they_are():
    assert losses.hinge([[-1.0, 1.0]], [[0.0, 0.0]]).numpy().tolist() == [1.0]

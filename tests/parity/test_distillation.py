"""`keras.distillation` trains as the real Keras does, and files go both ways."""

from __future__ import annotations

import keras as real
import numpy as np
import pytest

import addax as keras

X = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
Y = np.arange(8) % 3
T = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, -1.0]], "float32")
S = np.array([[1.0, 0.0, 3.0], [0.0, 2.0, -1.0]], "float32")


def model(k, role, width):
    inputs = k.Input((4,))
    hidden = k.layers.Dense(width, activation="relu", name=f"{role}_hidden")(inputs)
    return k.Model(inputs, k.layers.Dense(3, activation="softmax", name=f"{role}_out")(hidden), name=role)


def distiller(k):
    losses = [
        k.distillation.LogitsDistillation(2.0, k.losses.KLDivergence()),
        k.distillation.FeatureDistillation("mse", "teacher_hidden", "student_hidden"),
        k.distillation.FeatureDistillation("mae"),
    ]
    made = k.distillation.Distiller(
        model(k, "teacher", 5), model(k, "student", 5), losses, [1.0, 0.5, 2.0], student_loss_weight=0.3
    )
    made.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return made


@pytest.fixture(scope="module")
def pair():
    """Ours and the real one with the same weights, trained for one epoch."""
    ours, theirs = distiller(keras), distiller(real)
    for role in ("teacher", "student"):
        getattr(ours, role).set_weights(getattr(theirs, role).get_weights())
    options = {"batch_size": 4, "shuffle": False, "verbose": 0}
    return ours, theirs, ours.fit(X, Y, **options).history, theirs.fit(X, Y, **options).history


def test_training_gives_the_same_numbers(pair):
    ours, theirs, history, expected = pair
    assert list(history) == list(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(history[name], values, rtol=1e-5, err_msg=name)
    for weight, other in zip(ours.student.get_weights(), theirs.student.get_weights(), strict=True):
        np.testing.assert_allclose(weight, other, atol=1e-6)
    np.testing.assert_allclose(ours.evaluate(X, Y, verbose=0), theirs.evaluate(X, Y, verbose=0), rtol=1e-5)
    np.testing.assert_allclose(ours.predict(X, verbose=0), theirs.predict(X, verbose=0), atol=1e-6)


def test_only_the_student_is_trained(pair):
    ours, theirs, *_ = pair
    assert not ours.teacher.trainable
    assert [v.path for v in ours.trainable_variables] == [v.path for v in theirs.trainable_variables]


def test_files_go_both_ways_and_ours_stays_compiled(pair, tmp_path):
    ours, theirs, *_ = pair
    theirs.save(tmp_path / "theirs.keras")
    ours.save(tmp_path / "ours.keras")
    results = []
    for k, name in ((keras, "theirs"), (real, "ours")):
        loaded = k.models.load_model(tmp_path / f"{name}.keras", compile=False)
        loaded.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        results.append(loaded.evaluate(X, Y, verbose=0))
    np.testing.assert_allclose(*results, rtol=1e-5)
    again = keras.models.load_model(tmp_path / "ours.keras")
    np.testing.assert_allclose(again.evaluate(X, Y, verbose=0), results[0], rtol=1e-5)


@pytest.mark.parametrize(
    "make",
    [
        lambda k: k.distillation.LogitsDistillation(),
        lambda k: k.distillation.LogitsDistillation(2, k.losses.KLDivergence()),
        lambda k: k.distillation.LogitsDistillation(loss="mse"),
        lambda k: k.distillation.FeatureDistillation(k.losses.MeanAbsoluteError()),
    ],
)
def test_single_losses(make):
    loss, other = make(keras), make(real)
    expected = float(other.compute_loss(T, S))
    assert float(loss.compute_loss(T, S)) == pytest.approx(expected, rel=1e-5)
    assert type(loss).from_config(loss.get_config()).get_config() == loss.get_config()


def test_nests_of_outputs_with_one_left_out():
    made = [
        k.distillation.FeatureDistillation({"a": "mse", "b": None}).compute_loss(
            {"a": T, "b": S}, {"a": S, "b": T}
        )
        for k in (keras, real)
    ]
    assert float(made[0]) == pytest.approx(float(made[1]))


def test_a_loss_of_one_s_own_and_unnamed_features():
    class Gap(keras.distillation.DistillationLoss):
        def compute_loss(self, teacher_outputs, student_outputs, **kwargs):
            return keras.ops.mean(keras.ops.abs(teacher_outputs - student_outputs))

    made = keras.distillation.Distiller(
        model(keras, "t", 5), model(keras, "s", 2), Gap(), student_loss_weight=0.0
    )
    made.compile("adam", "sparse_categorical_crossentropy")
    gaps = made.fit(X, epochs=4, verbose=0).history["distillation_loss"]
    assert gaps[-1] < gaps[0]


def other(k, **shapes):
    inputs = k.Input(shapes.get("i", (4,)))
    return k.Model(inputs, k.layers.Dense(shapes.get("o", 3))(inputs))


LOGITS = keras.distillation.LogitsDistillation


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda d, a: d(a, 3, LOGITS()), "student is no model"),
        (lambda d, a: d(a, other(keras, o=2), LOGITS()), "different outputs"),
        (lambda d, a: d(a, other(keras, i=(5,)), LOGITS()), "different inputs"),
        (lambda d, a: d(a, other(keras), LOGITS(), student_loss_weight=2), "from 0 to 1"),
        (lambda d, a: d(a, other(keras), [LOGITS()], [1.0, 2.0]), "another length"),
        (lambda d, a: d(a, other(keras), "mse"), "A distillation loss is none"),
        (
            lambda d, a: d(a, other(keras), keras.distillation.FeatureDistillation("mse", "no", None)),
            "The teacher: No such layer",
        ),
        (lambda d, a: d(a, other(keras), LOGITS()).compile("sgd"), "needs the loss"),
        (lambda d, a: LOGITS(0), "temperature"),
        (lambda d, a: LOGITS(loss={"a": None}), "at least one loss"),
    ],
)
def test_errors(make, text):
    with pytest.raises(ValueError, match=text):
        make(keras.distillation.Distiller, other(keras))

"""The estimators of tf.keras 2, in scikit-learn's searches."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score

import addax as keras
from addax.wrappers.scikit_learn import KerasClassifier, KerasRegressor

X = np.random.default_rng(0).normal(size=(60, 3)).astype("float32")


def build(units=8, loss="sparse_categorical_crossentropy", outputs=2, metrics=("accuracy",)):
    keras.utils.set_random_seed(0)
    activation = {1: "sigmoid"}.get(outputs, "softmax") if metrics else None
    model = keras.Sequential(
        [keras.layers.Dense(units, activation="relu"), keras.layers.Dense(outputs, activation=activation)]
    )
    model.compile(keras.optimizers.Adam(0.05), loss, metrics=list(metrics))
    return model


@pytest.mark.parametrize(
    ("loss", "outputs"),
    [("sparse_categorical_crossentropy", 2), ("categorical_crossentropy", 2), ("binary_crossentropy", 1)],
)
def test_a_classifier_learns_classes_of_any_name(loss, outputs):
    y = np.where(X[:, 0] > 0, "high", "low")
    classifier = KerasClassifier(build, loss=loss, outputs=outputs, epochs=30, verbose=0)
    history = classifier.fit(X, y)
    assert len(history.history["loss"]) == 30
    assert classifier.classes_.tolist() == ["high", "low"]
    assert (classifier.predict(X) == y).mean() > 0.9
    assert classifier.predict_proba(X).shape == (60, 2)
    assert classifier.score(X, y) == pytest.approx((classifier.predict(X) == y).mean())


def test_a_search_changes_parameters_of_the_function_and_of_fit():
    y = (X[:, 0] > 0).astype(int)
    search = GridSearchCV(
        KerasClassifier(build_fn=build, verbose=0), {"units": [2, 4], "epochs": [1, 2]}, cv=2
    )
    search.fit(X, y)
    assert set(search.best_params_) == {"units", "epochs"}
    copy = clone(KerasClassifier(build, units=3))
    assert copy.get_params() == {"build_fn": build, "units": 3}


def test_a_regressor_scores_by_its_loss():
    regressor = KerasRegressor(build, outputs=1, loss="mse", metrics=(), epochs=40, verbose=0)
    regressor.fit(X, X.sum(1))
    found = regressor.predict(X)
    assert found.shape == (60,)
    expected = -np.square(found - X.sum(1)).mean()
    assert regressor.score(X, X.sum(1)) == pytest.approx(expected, rel=1e-3)
    assert cross_val_score(regressor, X, X.sum(1), cv=2).shape == (2,)


def test_parameters_that_nobody_takes_are_refused():
    with pytest.raises(ValueError, match="unts"):
        KerasClassifier(build, unts=3)

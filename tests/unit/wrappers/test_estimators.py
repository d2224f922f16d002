"""Models in scikit-learn: all of its own checks, pipelines, searches, pickles."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

import addax as keras
from addax.wrappers import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3)).astype("float32")


def make(X, y, loss="mse", activation=None, rate=0.05):
    start = keras.initializers.GlorotUniform(seed=1)  # the checks fit twice and compare
    layer = keras.layers.Dense(y.shape[1], activation, kernel_initializer=start)
    model = keras.Sequential([keras.Input((X.shape[1],)), layer])
    model.compile(keras.optimizers.Adam(rate), loss)
    return model


def make_deep(X, y, loss="mse"):
    """What can learn the checks' problems; each time the same numbers, for they fit twice and compare."""
    keras.utils.set_random_seed(0)
    end = keras.layers.Dense(y.shape[1], "softmax" if loss == "categorical_crossentropy" else None)
    model = keras.Sequential([keras.Input((X.shape[1],)), keras.layers.Dense(10, "relu"), end])
    model.compile(keras.optimizers.Adam(0.03), loss)
    return model


SILENT = {"verbose": 0, "shuffle": False}
CLASSES = {"loss": "categorical_crossentropy", "activation": "softmax"}
LONG = {**SILENT, "epochs": 40}
CHECKED = (
    SKLearnClassifier(make_deep, model_kwargs={"loss": "categorical_crossentropy"}, fit_kwargs=LONG),
    SKLearnRegressor(make_deep, fit_kwargs=LONG),
    SKLearnTransformer(make_deep, fit_kwargs=LONG),
)
# What scikit-learn itself leaves out: for estimators that say they are random, and without a setting of SciPy's.
LEFT_OUT = {
    "check_pipeline_consistency",
    "check_array_api_input",
    "check_transformer_data_not_an_array",
    "check_transformer_general",
}


def checks():
    for estimator in CHECKED:
        for number, (one, check) in enumerate(estimator_checks_generator(estimator)):
            if check.func.__name__ not in LEFT_OUT:
                yield pytest.param(one, check, id=f"{type(one).__name__}-{number}-{check.func.__name__}")


@pytest.mark.grid
@pytest.mark.filterwarnings("ignore")  # of the data that the checks bring
@pytest.mark.parametrize(("estimator", "check"), list(checks()))
def test_checks_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def classifier():
    y = np.where(X[:, 0] > 0, "high", "low")
    pipeline = make_pipeline(
        StandardScaler(), SKLearnClassifier(make, model_kwargs=CLASSES, fit_kwargs={"epochs": 20, **SILENT})
    )
    return pipeline.fit(X, y), y


def test_a_classifier_in_a_pipeline_learns(classifier):
    pipeline, y = classifier
    assert pipeline.score(X, y) > 0.85
    scores = pipeline.decision_function(X)
    assert scores.shape == (60,)  # of two classes: above zero for the second
    assert pipeline.predict(X).tolist() == pipeline.classes_[(scores > 0).astype(int)].tolist()
    assert len(pipeline[-1].epoch_) == 20


def test_a_fitted_estimator_is_pickled_with_its_model(classifier):
    pipeline, _ = classifier
    again = pickle.loads(pickle.dumps(pipeline))
    np.testing.assert_array_equal(again.decision_function(X), pipeline.decision_function(X))
    assert again[-1].history_.history == pipeline[-1].history_.history


def test_a_compiled_model_is_copied_and_warm_start_goes_on():
    model = make(X, np.zeros((60, 2)))
    before = model.get_weights()
    estimator = SKLearnRegressor(model, fit_kwargs=SILENT)
    y = np.stack([X.sum(1), X[:, 0]], 1)
    estimator.fit(X, y)
    np.testing.assert_array_equal(model.get_weights()[0], before[0])
    assert estimator.model_ is not model and estimator.predict(X).shape == (60, 2)
    first = estimator.model_
    copied = clone(estimator)
    assert copied.model is not model and copied.fit_kwargs == SILENT
    np.testing.assert_array_equal(copied.model.get_weights()[0], before[0])
    assert estimator.set_params(warm_start=True).fit(X, y).model_ is first


def test_a_search_over_arguments_of_the_function():
    search = GridSearchCV(
        SKLearnRegressor(make, fit_kwargs={"epochs": 8, **SILENT}),
        {"model_kwargs": [{"rate": 1e-6}, {"rate": 0.1}]},
        cv=2,
    )
    assert search.fit(X, X[:, 0]).best_params_ == {"model_kwargs": {"rate": 0.1}}
    assert search.predict(X).shape == (60,)


def test_errors():
    with pytest.raises(RuntimeError, match="compiled model"):
        SKLearnRegressor(keras.Sequential([keras.layers.Dense(1)])).fit(X, X[:, 0])
    with pytest.raises(ValueError, match="Unknown label type"):
        SKLearnClassifier(make).fit(X, X[:, 0])
    with pytest.raises(RuntimeError, match="routing"):
        SKLearnRegressor(make).set_fit_request(sample_weight=True)


def test_scikit_learn_is_imported_late_and_missed_politely():
    code = """
import sys
import addax as keras
keras.wrappers
assert "sklearn" not in sys.modules
sys.modules["sklearn"] = None
try:
    keras.wrappers.SKLearnRegressor
except ImportError as error:
    print(error)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert "pip install scikit-learn" in ran.stdout, ran.stderr

"""`addax.wrappers.scikit_learn`: the estimators of tf.keras 2, which are made of a function that builds a model."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core.errors import message

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
except ImportError as error:
    raise ImportError(
        message("keras.wrappers.scikit_learn needs scikit-learn.", hint="pip install scikit-learn")
    ) from error

__all__ = ["KerasClassifier", "KerasRegressor"]

_OF_THE_LOOP = {"fit": "fit", "predict": "predict", "predict_proba": "predict", "score": "evaluate"}


class _Wrapper(BaseEstimator):
    """What the two have in common: parameters go to the function or to the method of the model that knows them."""

    def __init__(self, build_fn: Callable | None = None, **sk_params: Any) -> None:
        self.build_fn = build_fn
        self.sk_params = sk_params
        self.check_params(sk_params)

    def _builder(self) -> Callable:
        found: Any = self if self.build_fn is None else self.build_fn  # a subclass may define __call__
        if not callable(found):
            raise ValueError(
                message(
                    f"{type(self).__name__} needs `build_fn`.",
                    expected="a function that gives a compiled model",
                    received=self.build_fn,
                )
            )
        return found

    def check_params(self, params: dict[str, Any]) -> None:
        """Refuse parameters that neither the function nor `fit`, `predict` or `evaluate` takes.

        Args:
            params: Name -> value.

        Raises:
            ValueError: If there is one.
        """
        from addax.models import Model

        takers = [self._builder(), Model.fit, Model.predict, Model.evaluate]
        known = {name for taker in takers for name in inspect.signature(taker).parameters}
        anything = any(p.kind is p.VAR_KEYWORD for p in inspect.signature(takers[0]).parameters.values())
        unknown = [name for name in params if name not in known and name != "nb_epoch"]
        if unknown and not anything:
            expected = ", ".join(sorted(known - {"self"}))
            raise ValueError(message("Unknown parameters.", expected=expected, received=", ".join(unknown)))

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters, `build_fn` among them."""
        return {**self.sk_params, "build_fn": self.build_fn}

    def set_params(self, **params: Any) -> Any:
        """Change parameters; gives the estimator."""
        params = dict(params)
        self.build_fn = params.pop("build_fn", self.build_fn)
        self.check_params(params)
        self.sk_params = {**self.sk_params, **params}
        return self

    def filter_sk_params(self, fn: Callable, override: dict[str, Any] | None = None) -> dict[str, Any]:
        """The parameters that a function takes.

        Args:
            fn: The function.
            override: Values that come before those of the estimator.
        """
        names = inspect.signature(fn).parameters
        return {**{k: v for k, v in self.sk_params.items() if k in names}, **(override or {})}

    def _options(self, method: str, given: dict[str, Any]) -> dict[str, Any]:
        return self.filter_sk_params(getattr(type(self.model), _OF_THE_LOOP[method]), given)

    def fit(self, x: Any, y: Any, **kwargs: Any) -> Any:
        """Build a model and train it.

        Args:
            x: Samples.
            y: Targets.
            **kwargs: Arguments of `Model.fit`.

        Returns:
            The history of the training.
        """
        build = self._builder()
        self.model = build(**self.filter_sk_params(build))
        self.history = self.model.fit(x, self._encoded(np.asarray(y)), **self._options("fit", kwargs))
        return self.history

    def _encoded(self, y: np.ndarray) -> np.ndarray:
        return y

    def _wants_one_hot(self) -> bool:
        loss = self.model.loss
        name = loss if isinstance(loss, str) else getattr(loss, "name", getattr(loss, "__name__", ""))
        return name == "categorical_crossentropy"


class KerasClassifier(ClassifierMixin, _Wrapper):
    """A function that builds a model, as a classifier.

    Source: `tf.keras.wrappers.scikit_learn` of TensorFlow 2.0 to 2.11. In new code, take `SKLearnClassifier`.

    Args:
        build_fn: Gives a compiled model; it is called with the parameters that it takes.
        **sk_params: Parameters of `build_fn`, and of `fit`, `predict` and `evaluate`.

    Raises:
        ValueError: If a parameter belongs to none of them.

    Example:
        >>> import addax as keras
        >>> def build(units=2):
        ...     model = keras.Sequential([keras.layers.Dense(units, activation="softmax")])
        ...     model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        ...     return model
        >>> classifier = keras.wrappers.scikit_learn.KerasClassifier(build, epochs=2, verbose=0)
        >>> _ = classifier.fit(keras.ops.ones((4, 3)).numpy(), ["a", "b", "a", "b"])
        >>> classifier.predict(keras.ops.ones((1, 3)).numpy()).shape
        (1,)
    """

    def _encoded(self, y: np.ndarray) -> np.ndarray:
        if y.ndim == 2 and y.shape[1] > 1:
            self.classes_ = np.arange(y.shape[1])
            return y
        self.classes_, numbers = np.unique(y.reshape(-1), return_inverse=True)
        self.n_classes_ = len(self.classes_)
        return self._numbers(numbers)

    def _numbers(self, numbers: np.ndarray) -> np.ndarray:
        return np.eye(len(self.classes_), dtype="float32")[numbers] if self._wants_one_hot() else numbers

    def predict(self, x: Any, **kwargs: Any) -> np.ndarray:
        """The classes of samples.

        Args:
            x: Samples.
            **kwargs: Arguments of `Model.predict`.
        """
        found = np.asarray(self.model.predict(x, **self._options("predict", kwargs)))
        if found.shape[-1] > 1:
            return self.classes_[found.argmax(axis=-1)]
        return self.classes_[(found[..., 0] > 0.5).astype(int)]

    def predict_proba(self, x: Any, **kwargs: Any) -> np.ndarray:
        """The probability of each class, of shape `(samples, classes)`.

        Args:
            x: Samples.
            **kwargs: Arguments of `Model.predict`.
        """
        found = np.asarray(self.model.predict(x, **self._options("predict_proba", kwargs)))
        return np.hstack([1 - found, found]) if found.shape[1] == 1 else found

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """The accuracy on samples.

        Args:
            x: Samples.
            y: Their classes.
            **kwargs: Arguments of `Model.evaluate`.

        Raises:
            ValueError: If the model was compiled without `metrics=["accuracy"]`.
        """
        y = np.asarray(y)
        if y.ndim == 1 or y.shape[1] == 1:
            y = self._numbers(np.searchsorted(self.classes_, y.reshape(-1)))
        logs = self.model.evaluate(x, y, return_dict=True, **self._options("score", kwargs))
        for name in ("accuracy", "acc"):
            if name in logs:
                return logs[name]
        hint = 'compile(..., metrics=["accuracy"])'
        raise ValueError(message("The model has no accuracy to score by.", received=list(logs), hint=hint))


class KerasRegressor(RegressorMixin, _Wrapper):
    """A function that builds a model, as a regressor.

    Source: `tf.keras.wrappers.scikit_learn` of TensorFlow 2.0 to 2.11. In new code, take `SKLearnRegressor`.

    Args:
        build_fn: Gives a compiled model; it is called with the parameters that it takes.
        **sk_params: Parameters of `build_fn`, and of `fit`, `predict` and `evaluate`.

    Raises:
        ValueError: If a parameter belongs to none of them.
    """

    def predict(self, x: Any, **kwargs: Any) -> np.ndarray:
        """Predictions for samples.

        Args:
            x: Samples.
            **kwargs: Arguments of `Model.predict`.
        """
        return np.squeeze(self.model.predict(x, **self._options("predict", kwargs)), axis=-1)

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """The loss on samples with its sign turned, so that more is better.

        Args:
            x: Samples.
            y: Targets.
            **kwargs: Arguments of `Model.evaluate`.
        """
        logs = self.model.evaluate(x, y, return_dict=True, **self._options("score", kwargs))
        return -logs["loss"]

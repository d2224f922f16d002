"""Models as estimators of scikit-learn: parameters, `fit`, `predict`, clones and tags as its pipelines want them."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.models import Model, clone_model

try:
    from sklearn import get_config
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
    from sklearn.utils.metadata_routing import MetadataRequest
    from sklearn.utils.multiclass import type_of_target
    from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data
except ImportError as error:
    raise ImportError(
        message("keras.wrappers needs scikit-learn 1.6 or newer.", hint="pip install scikit-learn")
    ) from error


class _Estimator(BaseEstimator):
    """What the three have in common; parameters as scikit-learn wants them: kept as they are, checked in `fit`.

    Args:
        model: A compiled model, of which `fit` trains a copy; or a function of `X`, `y` and `model_kwargs` that makes
            one, with `X` and `y` as the model will get them.
        warm_start: Whether `fit` goes on with the model of the last `fit`.
        model_kwargs: Further arguments of the function.
        fit_kwargs: Arguments of `Model.fit`.
    """

    def __init__(
        self,
        model: Any,
        warm_start: bool = False,
        model_kwargs: dict[str, Any] | None = None,
        fit_kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.model = model
        self.warm_start = warm_start
        self.model_kwargs = model_kwargs
        self.fit_kwargs = fit_kwargs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = True
        return tags

    def __sklearn_clone__(self) -> Any:
        model = clone_of(self.model) if isinstance(self.model, Model) else self.model
        return type(self)(
            model,
            warm_start=self.warm_start,
            model_kwargs=copy.copy(self.model_kwargs),
            fit_kwargs=copy.copy(self.fit_kwargs),
        )

    @property
    def epoch_(self) -> Any:
        """The numbers of the epochs of the last `fit`."""
        history = getattr(self, "history_", None)
        return 0 if history is None else history.epoch

    def set_fit_request(self, **kwargs: Any) -> Any:
        """Say which metadata `fit` wants from a pipeline.

        Args:
            **kwargs: Name -> whether it is wanted, or under which name.

        Raises:
            RuntimeError: Unless metadata routing is enabled in scikit-learn.
        """
        if not get_config().get("enable_metadata_routing", False):
            raise RuntimeError(
                message(
                    "Metadata routing is not enabled.",
                    hint="sklearn.set_config(enable_metadata_routing=True)",
                )
            )
        request = getattr(self, "_metadata_request", None) or MetadataRequest(owner=type(self).__name__)
        for name, alias in kwargs.items():
            request.fit.add_request(param=name, alias=alias)
        self._metadata_request = request
        return self

    def fit(self, X: Any, y: Any, **kwargs: Any) -> Any:
        """Train a new copy of the model.

        Args:
            X: Samples, of shape `(samples, features)`.
            y: Targets.
            **kwargs: Arguments of `Model.fit`, over those of `fit_kwargs`.

        Returns:
            The estimator.

        Raises:
            ValueError: If the data does not suit.
            RuntimeError: If the model is not compiled.
        """
        X, y = validate_data(self, X, y, multi_output=True)
        y = self._encoded(y)
        model = self._model_for(X, y)
        self.history_ = model.fit(X, y, **{**(self.fit_kwargs or {}), **kwargs})
        self.model_ = model
        return self

    def _model_for(self, X: Any, y: Any) -> Any:
        if self.warm_start and getattr(self, "model_", None) is not None:
            return self.model_
        if isinstance(self.model, Model):
            model = clone_of(self.model)
        else:
            model = self.model(X=X, y=y, **(self.model_kwargs or {}))
        if not isinstance(model, Model) or not model.compiled or not model.loss or not model.optimizer:
            raise RuntimeError(
                message(
                    "The estimator needs a compiled model.",
                    expected="a model with a loss and an optimizer",
                    received=model,
                )
            )
        return model

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = dict(super().__getstate__())  # type: ignore[call-overload]
        if "history_" in state:  # it knows the model, which is stored already
            history = copy.copy(state["history_"])
            history.__dict__ = {"epoch": history.epoch, "history": history.history, "params": history.params}
            state["history_"] = history
        return state

    def _outputs(self, X: Any) -> np.ndarray:
        """What the fitted model gives."""
        check_is_fitted(self, "model_")
        return self.model_.predict(validate_data(self, X, reset=False), verbose=0)

    def predict(self, X: Any) -> np.ndarray:
        """Predictions for samples, in the form of the targets.

        Args:
            X: Samples, of shape `(samples, features)`.
        """
        return self._decoded(self._outputs(X))

    def _encoded(self, y: np.ndarray) -> np.ndarray:
        """Targets as the model gets them: of rank 2."""
        type_of_target(y, raise_unknown=True)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        self._target_rank = y.ndim
        return y.reshape(-1, 1) if y.ndim == 1 else y

    def _decoded(self, outputs: np.ndarray) -> np.ndarray:
        return outputs[:, 0] if self._target_rank == 1 and outputs.ndim == 2 else outputs


def clone_of(model: Any) -> Any:
    """A model of the same structure, weights and compilation, that shares nothing with the first."""
    copied = clone_model(model)
    if model.built:
        copied.set_weights(model.get_weights())
    if model.compiled:
        from addax.core import serial

        copied.compile_from_config(serial.serialize(model.get_compile_config()))
    return copied


class SKLearnClassifier(ClassifierMixin, _Estimator):
    """A model as a classifier; it gets the classes one-hot.

    Args:
        model: A compiled model, of which `fit` trains a copy; or a function of `X`, `y` and `model_kwargs` that makes
            one, with `X` and `y` as the model will get them.
        warm_start: Whether `fit` goes on with the model of the last `fit`.
        model_kwargs: Further arguments of the function.
        fit_kwargs: Arguments of `Model.fit`.

    Example:
        >>> import addax as keras
        >>> def make(X, y):
        ...     model = keras.Sequential([keras.layers.Dense(y.shape[1], activation="softmax")])
        ...     model.compile("adam", "categorical_crossentropy")
        ...     return model
        >>> classifier = keras.wrappers.SKLearnClassifier(make, fit_kwargs={"verbose": 0})
        >>> classifier.fit([[0.0], [1.0]], ["no", "yes"]).predict([[1.0]]).shape
        (1,)
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True
        return tags

    def decision_function(self, X: Any) -> np.ndarray:
        """What the model gives for samples: a number for each class.

        Of two classes, scikit-learn wants one number, above zero for the second class; it is the difference. Its
        scorers, such as `roc_auc`, rely on that. (Keras gives two numbers here.)

        Args:
            X: Samples, of shape `(samples, features)`.

        Returns:
            Numbers of shape `(samples, classes)`, or `(samples,)` for two classes.
        """
        outputs = self._outputs(X)
        return outputs[:, 1] - outputs[:, 0] if outputs.shape[1:] == (2,) else outputs

    def _encoded(self, y: np.ndarray) -> np.ndarray:
        kind = type_of_target(y, raise_unknown=True)
        if kind not in ("binary", "multiclass"):
            raise ValueError(
                message(f"Unknown label type: {kind}.", expected="classes (binary or multiclass)", received=y)
            )
        self.classes_, numbers = np.unique(column_or_1d(y, warn=True), return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                message("Classifier can't train on one class.", received=f"only {self.classes_[0]!r}")
            )
        return np.eye(len(self.classes_))[numbers]

    def _decoded(self, outputs: np.ndarray) -> np.ndarray:
        return self.classes_[np.argmax(outputs, axis=-1)]


class SKLearnRegressor(RegressorMixin, _Estimator):
    """A model as a regressor.

    Args:
        model: A compiled model, of which `fit` trains a copy; or a function of `X`, `y` and `model_kwargs` that makes
            one, with `X` and `y` as the model will get them.
        warm_start: Whether `fit` goes on with the model of the last `fit`.
        model_kwargs: Further arguments of the function.
        fit_kwargs: Arguments of `Model.fit`.
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True
        return tags


class SKLearnTransformer(TransformerMixin, _Estimator):
    """A model as a transformer: its outputs are the features of the next step.

    Args:
        model: A compiled model, of which `fit` trains a copy; or a function of `X`, `y` and `model_kwargs` that makes
            one, with `X` and `y` as the model will get them.
        warm_start: Whether `fit` goes on with the model of the last `fit`.
        model_kwargs: Further arguments of the function.
        fit_kwargs: Arguments of `Model.fit`.
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags

    def transform(self, X: Any) -> np.ndarray:
        """What the model gives for samples.

        Args:
            X: Samples, of shape `(samples, features)`.
        """
        return self._outputs(X)

"""`addax.wrappers`: models as estimators of scikit-learn, which is imported when one of these names is used."""

from typing import TYPE_CHECKING

from addax.core.lazy import attach

__all__ = ["SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer", "scikit_learn"]

__getattr__, __dir__ = attach(
    __name__, dict.fromkeys(__all__[:3], "addax.wrappers._estimators"), submodules=("scikit_learn",)
)

if TYPE_CHECKING:
    from addax.wrappers import scikit_learn as scikit_learn
    from addax.wrappers._estimators import SKLearnClassifier as SKLearnClassifier
    from addax.wrappers._estimators import SKLearnRegressor as SKLearnRegressor
    from addax.wrappers._estimators import SKLearnTransformer as SKLearnTransformer

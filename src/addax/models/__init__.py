"""Floor 7: models."""

from typing import TYPE_CHECKING

from addax.core.lazy import attach
from addax.models._clone import clone_model
from addax.models._function import Function as Function
from addax.models._functional import Functional
from addax.models._model import Model
from addax.models._sequential import Sequential

if TYPE_CHECKING:
    from addax.saving import load_model, model_from_json, save_model

__all__ = ["Functional", "Model", "Sequential", "clone_model", "load_model", "model_from_json", "save_model"]
# What few programs use is imported when it is asked for.
_LATE = {
    "Cross": "_feature_kinds",
    "Distiller": "_distiller",
    "Feature": "_feature_kinds",
    "FeatureDistillation": "_distillation_losses",
    "FeatureSpace": "_feature_space",
    "LogitsDistillation": "_distillation_losses",
    "TFDIdentity": "_feature_kinds",
}
_OF_TF_KERAS = ("LinearModel", "WideDeepModel")
__getattr__, _ = attach(
    __name__,
    dict.fromkeys(("load_model", "model_from_json", "save_model"), "addax.saving")
    | dict.fromkeys(_OF_TF_KERAS, "addax.legacy.experimental")
    | {name: f"{__name__}.{file}" for name, file in _LATE.items()},
)
# Public elsewhere; files find them here.
_LOADABLE = ("Function", *_OF_TF_KERAS, *_LATE)

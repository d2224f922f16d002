"""Floor 7: models."""

from typing import TYPE_CHECKING

from addax.core.lazy import attach
from addax.models._clone import clone_model
from addax.models._distillation_losses import FeatureDistillation as FeatureDistillation
from addax.models._distillation_losses import LogitsDistillation as LogitsDistillation
from addax.models._distiller import Distiller as Distiller
from addax.models._feature_kinds import Cross as Cross
from addax.models._feature_kinds import Feature as Feature
from addax.models._feature_kinds import TFDIdentity as TFDIdentity
from addax.models._feature_space import FeatureSpace as FeatureSpace
from addax.models._function import Function as Function
from addax.models._functional import Functional
from addax.models._model import Model
from addax.models._sequential import Sequential

if TYPE_CHECKING:
    from addax.saving import load_model, model_from_json, save_model

__all__ = ["Functional", "Model", "Sequential", "clone_model", "load_model", "model_from_json", "save_model"]
__getattr__, _ = attach(
    __name__, dict.fromkeys(("load_model", "model_from_json", "save_model"), "addax.saving")
)
# Public elsewhere; files find them here.
_LOADABLE = (
    "Cross",
    "Distiller",
    "Feature",
    "FeatureDistillation",
    "FeatureSpace",
    "Function",
    "LogitsDistillation",
    "TFDIdentity",
)

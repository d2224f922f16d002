"""Floor 7: models."""

from addax.models._clone import clone_model
from addax.models._function import Function as Function
from addax.models._functional import Functional
from addax.models._model import Model
from addax.models._sequential import Sequential
from addax.saving import load_model, model_from_json, save_model

__all__ = ["Functional", "Model", "Sequential", "clone_model", "load_model", "model_from_json", "save_model"]
_LOADABLE = ("Function",)  # public at the root; files find it here

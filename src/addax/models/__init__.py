"""Floor 7: models."""

from addax.models._clone import clone_model
from addax.models._functional import Functional
from addax.models._model import Model
from addax.models._sequential import Sequential

__all__ = ["Functional", "Model", "Sequential", "clone_model"]

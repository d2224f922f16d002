"""`addax.distillation`: a small model learns from a large one."""

from addax.models._distillation_losses import DistillationLoss, FeatureDistillation, LogitsDistillation
from addax.models._distiller import Distiller

__all__ = ["DistillationLoss", "Distiller", "FeatureDistillation", "LogitsDistillation"]

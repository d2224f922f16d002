"""Floor 5: models as pictures, drawn by our own code."""

from addax.visual._dot import Dot, model_to_dot
from addax.visual._drawing import Drawing
from addax.visual._plot import plot_model

__all__ = ["Dot", "Drawing", "model_to_dot", "plot_model"]

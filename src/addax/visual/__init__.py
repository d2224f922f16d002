"""Floor 5: models as pictures, drawn by our own code."""

from addax.visual._drawing import Drawing
from addax.visual._plot import plot_model

__all__ = ["Drawing", "plot_model"]

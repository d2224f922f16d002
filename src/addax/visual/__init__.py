"""Floor 5: models, images, boxes and masks as pictures, drawn by our own code."""

from addax.visual._dot import Dot, model_to_dot
from addax.visual._drawing import Drawing
from addax.visual._gallery import (
    plot_bounding_box_gallery,
    plot_image_gallery,
    plot_segmentation_mask_gallery,
)
from addax.visual._overlay import draw_bounding_boxes, draw_segmentation_masks
from addax.visual._plot import plot_model

__all__ = [
    "Dot",
    "Drawing",
    "draw_bounding_boxes",
    "draw_segmentation_masks",
    "model_to_dot",
    "plot_bounding_box_gallery",
    "plot_image_gallery",
    "plot_model",
    "plot_segmentation_mask_gallery",
]

"""Galleries of images, with titles, boxes or masks, by Matplotlib (an optional dependency)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.layers.preprocess._image import check_value_range, in_range
from addax.visual._overlay import channels_last, draw_bounding_boxes, draw_segmentation_masks, is_first


def _pyplot() -> Any:
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError(
            message("Galleries are drawn by Matplotlib.", hint='pip install "addax[plot]"')
        ) from error
    return pyplot


def plot_image_gallery(
    images: Any,
    y_true: Any = None,
    y_pred: Any = None,
    label_map: Mapping | None = None,
    rows: int | None = None,
    cols: int | None = None,
    value_range: tuple[float, float] = (0, 255),
    scale: float = 2,
    path: Any = None,
    show: bool | None = None,
    transparent: bool = True,
    dpi: float = 60,
    legend_handles: list | None = None,
    data_format: str | None = None,
) -> None:
    """Show images in rows and columns, by Matplotlib.

    Args:
        images: Images of shape (batch, height, width, channels), or as `data_format` says; 1, 3 or 4 channels.
        y_true: The labels of the images.
        y_pred: The labels that a model gives them.
        label_map: Label -> name, for the titles; needed if there are labels.
        rows: How many rows there are; so many that all images have a place, and about as many as columns, if None.
        cols: How many columns, likewise.
        value_range: The smallest and the largest value of an image.
        scale: The side of an image, in inches.
        path: The file for the picture; it is shown if None.
        show: Whether the picture is shown. If False and there is no `path`, it stays Matplotlib's current figure.
        transparent: Whether the file has no background.
        dpi: The resolution of the file.
        legend_handles: Matplotlib's handles of a legend below the images.
        data_format: `"channels_last"` or `"channels_first"`; the global setting if None.

    Raises:
        ValueError: If `images` has not 4 dimensions, there are labels without names, or there are both `path` and
            `show`.
        ImportError: If Matplotlib is missing.

    Example:
        >>> import numpy as np
        >>> import addax as keras
        >>> keras.visualization.plot_image_gallery(np.zeros((4, 8, 8, 3)), path="/dev/null", dpi=10)
    """
    where = "plot_image_gallery()"
    pyplot = _pyplot()
    if path is not None and show:
        expected = "`path`, or `show=True`"
        raise ValueError(message("A gallery has one destination.", where=where, expected=expected))
    if (y_true is not None or y_pred is not None) and label_map is None:
        raise ValueError(message("`label_map` is missing.", where=where, hint="Pass {label: name}."))
    pictures = _pictures(images, value_range, data_format, where)
    rows, cols = _grid(len(pictures), rows, cols)
    figure, axes = pyplot.subplots(
        rows,
        cols,
        figsize=(cols * scale, rows * scale),
        frameon=False,
        layout="tight",
        squeeze=False,
        sharex="row",
        sharey="col",
    )
    if legend_handles is not None:
        figure.legend(handles=legend_handles, loc="lower center")
    titles = _titles(y_true, y_pred, label_map)
    for index, axis in enumerate(axes.flat):
        axis.margins(x=0, y=0)
        axis.axis("off")
        if index < len(pictures):
            picture = pictures[index]
            axis.imshow(picture.repeat(3, axis=-1) if picture.shape[-1] == 1 else picture)
        if index < len(titles) and index < len(pictures):
            axis.set_title(titles[index], fontsize=8)
    if path is not None:
        figure.savefig(path, pad_inches=0, bbox_inches="tight", transparent=transparent, dpi=dpi)
    elif show is None or show:
        pyplot.show()
    else:
        return
    pyplot.close(figure)


def _pictures(images: Any, value_range: Any, data_format: str | None, where: str) -> np.ndarray:
    """Images as bytes, channels last."""
    check_value_range(value_range, where)
    array = channels_last(images, data_format, where)
    if array.dtype == "uint8" and tuple(value_range) == (0, 255):
        return array
    return np.clip(in_range(array.astype("float32"), value_range, (0, 255)), 0, 255).astype("uint8")


def _grid(count: int, rows: int | None, cols: int | None) -> tuple[int, int]:
    if rows is None:
        rows = math.ceil(count / cols) if cols else math.ceil(math.sqrt(count))
    rows = max(1, rows)
    return rows, max(1, cols or math.ceil(count / rows))


def _titles(y_true: Any, y_pred: Any, names: Mapping | None) -> list[str]:
    """One title for each image that has a label."""
    parts: list[list[str]] = []
    for kind, labels in (("Label", y_true), ("Pred", y_pred)):
        flat = [] if labels is None else ops.convert_to_numpy(labels).reshape(-1).tolist()
        parts += [[] for _ in range(len(flat) - len(parts))]
        for title, label in zip(parts, flat, strict=False):
            title.append(f"{kind}: {(names or {}).get(label, 'Unknown')}")
    return ["  ".join(title) for title in parts]


def plot_bounding_box_gallery(
    images: Any,
    bounding_box_format: str,
    y_true: Any = None,
    y_pred: Any = None,
    value_range: tuple[float, float] = (0, 255),
    true_color: tuple = (0, 188, 212),
    pred_color: tuple = (255, 235, 59),
    line_thickness: int = 2,
    font_scale: float = 1.0,
    text_thickness: int | None = None,
    class_mapping: Mapping | None = None,
    ground_truth_mapping: Mapping | None = None,
    prediction_mapping: Mapping | None = None,
    legend: bool = False,
    legend_handles: list | None = None,
    rows: int | None = None,
    cols: int | None = None,
    data_format: str | None = None,
    **kwargs: Any,
) -> None:
    """Show images with true and predicted boxes, by Matplotlib.

    Args:
        images: Images of shape (batch, height, width, channels), or as `data_format` says.
        bounding_box_format: How the boxes are given; see `draw_bounding_boxes`.
        y_true: The true boxes, a dict as `draw_bounding_boxes` takes it.
        y_pred: The predicted boxes, likewise.
        value_range: The smallest and the largest value of an image.
        true_color: The color of true boxes.
        pred_color: The color of predicted boxes.
        line_thickness: How thick the lines are.
        font_scale: The size of the names of classes.
        text_thickness: How bold the names are; as the lines if None.
        class_mapping: Label -> name, for both kinds of boxes.
        ground_truth_mapping: Label -> name, for true boxes, in place of `class_mapping`.
        prediction_mapping: Label -> name, for predicted boxes, likewise.
        legend: Whether a legend tells which color is which.
        legend_handles: Matplotlib's handles of another legend.
        rows: How many rows there are; see `plot_image_gallery`.
        cols: How many columns, likewise.
        data_format: `"channels_last"` or `"channels_first"`; the global setting if None.
        **kwargs: Further arguments of `plot_image_gallery`.

    Raises:
        ValueError: If `images` has not 4 dimensions, or there are both `legend` and `legend_handles`.
        ImportError: If Matplotlib is missing.
    """
    where = "plot_bounding_box_gallery()"
    _pyplot()
    if legend and legend_handles:
        expected = "`legend`, or `legend_handles`"
        raise ValueError(message("A gallery has one legend.", where=where, expected=expected))
    pictures = _pictures(images, value_range, data_format, where)
    truth = (y_true, true_color, ground_truth_mapping)
    for boxes, color, mapping in (truth, (y_pred, pred_color, prediction_mapping)):
        if boxes is not None:
            pictures = draw_bounding_boxes(
                pictures,
                boxes,
                bounding_box_format,
                class_mapping=mapping or class_mapping,
                color=color,
                line_thickness=line_thickness,
                text_thickness=text_thickness,
                font_scale=font_scale,
                data_format="channels_last",
            )
    if legend:
        legend_handles = [_patch(true_color, "Ground Truth"), _patch(pred_color, "Prediction")]
    plot_image_gallery(
        pictures, rows=rows, cols=cols, legend_handles=legend_handles, data_format="channels_last", **kwargs
    )


def _patch(color: Any, label: str) -> Any:
    from matplotlib.patches import Patch

    fractions: Any = tuple(n / 255 for n in color)
    return Patch(color=fractions, label=label)


def plot_segmentation_mask_gallery(
    images: Any,
    num_classes: int,
    value_range: tuple[float, float] = (0, 255),
    y_true: Any = None,
    y_pred: Any = None,
    color_mapping: Any = None,
    blend: bool = True,
    alpha: float = 0.8,
    ignore_index: int = -1,
    data_format: str | None = None,
    **kwargs: Any,
) -> None:
    """Show images beside their true and predicted masks, one image a row, by Matplotlib.

    Args:
        images: Images of shape (batch, height, width, 3), or as `data_format` says.
        num_classes: Classes from 0 up to this number, without it, are painted; see `draw_segmentation_masks`.
        value_range: The smallest and the largest value of an image.
        y_true: The true masks, as `draw_segmentation_masks` takes them.
        y_pred: The predicted masks, likewise.
        color_mapping: Class -> color.
        blend: Whether images and masks are mixed.
        alpha: How much of a mask is seen, from 0 to 1.
        ignore_index: The class that is not painted.
        data_format: `"channels_last"` or `"channels_first"`; the global setting if None.
        **kwargs: Further arguments of `plot_image_gallery`.

    Raises:
        ValueError: If shapes do not fit.
        ImportError: If Matplotlib is missing.
    """
    where = "plot_segmentation_mask_gallery()"
    _pyplot()
    pictures = _pictures(images, value_range, data_format, where)
    columns = [pictures]
    for masks in (y_true, y_pred):
        if masks is None:
            continue
        classes = ops.convert_to_numpy(masks).astype("int32")
        if is_first(data_format) and classes.ndim == 4:
            classes = classes.transpose(0, 2, 3, 1)
        drawn = draw_segmentation_masks(
            pictures,
            classes,
            num_classes=num_classes,
            color_mapping=color_mapping,
            alpha=alpha,
            blend=blend,
            ignore_index=ignore_index,
            data_format="channels_last",
        )
        columns.append(np.clip(drawn, 0, 255).astype("uint8"))
    gallery = np.stack(columns, axis=1).reshape(-1, *pictures.shape[1:])
    plot_image_gallery(gallery, rows=len(pictures), cols=len(columns), data_format="channels_last", **kwargs)

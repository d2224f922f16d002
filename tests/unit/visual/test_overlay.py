"""Boxes, masks and galleries: names of classes, channels first, files, and wrong arguments."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from matplotlib import pyplot
from PIL import Image

from addax import visualization as visual

IMAGES = np.zeros((3, 60, 90, 3), "uint8")
BOXES = {"boxes": [[[20, 40, 40, 55]]] * 3, "labels": [[1]] * 3}


def test_a_name_is_written_above_its_box():
    plain = visual.draw_bounding_boxes(IMAGES, BOXES, "xyxy", {2: "other"}, color=(0, 200, 100))
    named = visual.draw_bounding_boxes(IMAGES, BOXES, "xyxy", {1: "Hill"}, color=(0, 200, 100))
    changed = (plain != named).any(axis=(0, 3))
    rows, columns = np.nonzero(changed)
    assert rows.min() in range(8, 13) and rows.max() <= 32  # 21 pixels above the line that is 8 above the box
    assert columns.min() >= 20 and named[..., 0].max() == 0 and named[..., 1].max() == 200
    bold = visual.draw_bounding_boxes(
        IMAGES, BOXES, "xyxy", {1: "Hill"}, color=(0, 200, 100), text_thickness=4
    )
    assert (bold > 0).sum() > (named > 0).sum()


def test_channels_first():
    last = visual.draw_bounding_boxes(IMAGES, BOXES, "xyxy", color=(1, 2, 3))
    first = visual.draw_bounding_boxes(
        IMAGES.transpose(0, 3, 1, 2), BOXES, "xyxy", color=(1, 2, 3), data_format="channels_first"
    )
    np.testing.assert_array_equal(first, last.transpose(0, 3, 1, 2))


def test_masks_have_every_class_that_occurs_and_colors_of_some():
    images, masks = np.full((1, 1, 4, 3), 50.0), np.array([[[0, 1, 2, 3]]])
    drawn = visual.draw_segmentation_masks(images, masks, alpha=1)
    assert len({tuple(pixel) for pixel in drawn[0, 0]}) == 4
    partly = visual.draw_segmentation_masks(images, masks, color_mapping={2: (1, 2, 3)}, alpha=1)
    assert partly[0, 0].tolist() == [[50] * 3, [50] * 3, [1, 2, 3], [50] * 3]


def test_all_images_have_a_place_and_files_are_written(tmp_path):
    visual.plot_image_gallery(np.full((5, 8, 8, 1), 0.5), value_range=(0, 1), show=False)
    figure = pyplot.gcf()
    shown = [axis.images[0].get_array() for axis in figure.axes if axis.images]
    assert len(shown) == 5 and len(figure.axes) == 6 and (np.array(shown) == 127).all()
    pyplot.close(figure)
    boxes = {**BOXES, "labels": [[-1], [1], [1]]}
    visual.plot_bounding_box_gallery(
        IMAGES / 255, "xyxy", boxes, value_range=(0, 1), cols=3, path=tmp_path / "b.png"
    )
    with Image.open(tmp_path / "b.png") as image:
        assert image.width > 2 * image.height and (0, 188, 212) in {c[1][:3] for c in image.getcolors(9999)}
    assert pyplot.get_fignums() == []


def test_a_gallery_is_shown_if_it_has_no_file(monkeypatch):
    shown = []
    monkeypatch.setattr(pyplot, "show", lambda: shown.append(len(pyplot.gcf().axes)))
    masks = np.ones((3, 90, 60), "float32").transpose(0, 2, 1)
    visual.plot_segmentation_mask_gallery(IMAGES, 2, y_true=masks)
    assert shown == [6] and pyplot.get_fignums() == []


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: visual.draw_bounding_boxes(IMAGES[0], BOXES, "xyxy"), ValueError, "4 dimensions"),
        (lambda: visual.draw_bounding_boxes(IMAGES, [1], "xyxy"), TypeError, "a dict"),
        (lambda: visual.draw_bounding_boxes(IMAGES, {"boxes": 1}, "xyxy"), ValueError, "labels"),
        (lambda: visual.draw_bounding_boxes(IMAGES, BOXES, "corners"), ValueError, "rel_xyxy"),
        (lambda: visual.draw_bounding_boxes(IMAGES[:2], BOXES, "xyxy"), ValueError, "do not fit"),
        (lambda: visual.draw_bounding_boxes(IMAGES, BOXES, "xyxy", data_format="x"), ValueError, "format"),
        (lambda: visual.draw_segmentation_masks(IMAGES, IMAGES / 2), TypeError, "integers"),
        (lambda: visual.draw_segmentation_masks(IMAGES, IMAGES[:, :4, :, 0]), ValueError, "do not fit"),
        (lambda: visual.plot_image_gallery(IMAGES, path="x.png", show=True), ValueError, "destination"),
        (lambda: visual.plot_image_gallery(IMAGES, y_true=[1, 2, 3]), ValueError, "label_map"),
        (
            lambda: visual.plot_bounding_box_gallery(IMAGES, "xyxy", legend=True, legend_handles=[1]),
            ValueError,
            "one legend",
        ),
    ],
)
def test_wrong_arguments_are_named(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert visual.draw_bounding_boxes(IMAGES, BOXES, "xyxy").any()
    with pytest.raises(ImportError, match="pip install pillow"):
        visual.draw_bounding_boxes(IMAGES, BOXES, "xyxy", {1: "Hill"})
    with pytest.raises(ImportError, match=r"addax\[plot\]"):
        visual.plot_segmentation_mask_gallery(IMAGES, 2)

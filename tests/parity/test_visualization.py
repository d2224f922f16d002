"""`keras.visualization` against the real Keras, and against what OpenCV paints."""

from __future__ import annotations

import inspect
import sys
from types import SimpleNamespace

import keras as oracle
import numpy as np
import pytest
from matplotlib import pyplot

import addax as keras
from addax.visual._overlay import _rectangle

_rng = np.random.default_rng(5)
IMAGES = _rng.integers(0, 256, (4, 40, 50, 3)).astype("uint8")
BOXES = {
    "boxes": np.array(
        [[[4, 30, 20, 38], [0.5, 0.5, 9.9, 70]], [[3, 2, 60, 20], [1, 1, 5, 5]]] * 2, "float32"
    ),
    "labels": np.array([[1, 0], [2, -1]] * 2),
    "confidences": np.array([[0.5, 0.25], [0.987, 0]] * 2, "float32"),
}
MASKS = _rng.integers(0, 5, (4, 40, 50, 1))

# What OpenCV 4.14 and 5.0 paint for a rectangle from (3, 3) to (8, 7), and for one that leaves the image.
PAINTED = {
    (3, 3, 8, 7, 1): """
        ............
        ............
        ............
        ...######...
        ...#....#...
        ...#....#...
        ...#....#...
        ...######...
        ............
        ............
    """,
    (3, 3, 8, 7, 2): """
        ............
        ............
        ...######...
        ..########..
        ..########..
        ..###..###..
        ..########..
        ..########..
        ...######...
        ............
    """,
    (9, 8, -2, 2, 3): """
        ##########..
        ###########.
        ############
        ############
        ############
        #......#####
        ############
        ############
        ############
        ###########.
    """,
    (8, 7, 3, 3, -1): """
        ............
        ............
        ............
        ...######...
        ...######...
        ...######...
        ...######...
        ...######...
        ............
        ............
    """,
}


@pytest.fixture
def opencv(monkeypatch):
    """Lets Keras draw without OpenCV: rectangles by our code, which `PAINTED` holds; the texts are noted."""
    texts = []

    def rectangle(image, first, second, color, thickness):
        _rectangle(image, [*first, *second], np.array(color, "uint8"), thickness)

    def write(**given):
        texts.append((given["text"], given["org"], given["thickness"]))

    fake = SimpleNamespace(rectangle=rectangle, putText=write, FONT_HERSHEY_SIMPLEX=0)
    monkeypatch.setattr(sys.modules["keras.src.visualization.draw_bounding_boxes"], "cv2", fake)
    return texts


@pytest.mark.parametrize("case", PAINTED, ids=str)
def test_rectangles_are_those_of_opencv(case):
    *box, thickness = case
    image = np.zeros((1, 10, 12, 1), "uint8")
    boxes = {"boxes": [[box]], "labels": [[7]]}
    drawn = keras.visualization.draw_bounding_boxes(
        image, boxes, "xyxy", color=(9,), line_thickness=thickness
    )
    assert ["".join(".#"[int(n == 9)] for n in row) for row in drawn[0, ..., 0]] == PAINTED[case].split()
    assert image.sum() == 0


@pytest.mark.parametrize(
    ("images", "form", "options"),
    [
        (IMAGES, "xyxy", {}),
        (IMAGES / 255, "xywh", {"color": (255, 0, 9), "line_thickness": 3}),
        (IMAGES.astype("float32") * 2 - 40, "center_yxhw", {"line_thickness": 1}),
    ],
)
def test_boxes_are_drawn_where_keras_draws_them(images, form, options, opencv):
    ours = keras.visualization.draw_bounding_boxes(images, BOXES, form, **options)
    theirs = oracle.visualization.draw_bounding_boxes(images, BOXES, form, **options)
    assert ours.dtype == theirs.dtype == "uint8"
    np.testing.assert_array_equal(ours, theirs)


def test_names_stand_where_keras_writes_them(opencv, monkeypatch):
    texts = []
    ours = sys.modules["addax.visual._overlay"]
    monkeypatch.setattr(
        ours, "_write", lambda _image, text, place, _ink, _scale, bold: texts.append((text, place, bold))
    )
    for options in ({"font_scale": 0.5}, {"text_thickness": None, "line_thickness": 4}):
        for package in (keras, oracle):
            package.visualization.draw_bounding_boxes(IMAGES, BOXES, "xyxy", {1: "a", 2: "b"}, **options)
    assert texts == opencv and len(texts) == 8
    assert texts[0] == ("a | 0.50", (4, 22), 1)


@pytest.mark.parametrize(
    "options",
    [
        {"num_classes": 5},
        {"num_classes": 3, "alpha": 0.3, "ignore_index": 0},
        {"num_classes": 2, "color_mapping": {0: (9, 8, 7), 1: (255, 0, 3)}, "blend": False},
    ],
)
def test_masks_are_those_of_keras(options):
    ours = keras.visualization.draw_segmentation_masks(IMAGES, MASKS, **options)
    theirs = oracle.visualization.draw_segmentation_masks(IMAGES, MASKS, **options)
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours, theirs)
    first = {**options, "data_format": "channels_first"}
    turned = [x.transpose(0, 3, 1, 2) for x in (IMAGES, MASKS)]
    np.testing.assert_array_equal(keras.visualization.draw_segmentation_masks(*turned, **first), theirs)


def figure_of(package, function, *arguments, **options):
    """What a gallery shows: images, titles, size and legend."""
    getattr(package.visualization, function)(*arguments, show=False, **options)
    figure = pyplot.gcf()
    shown = [np.array(axis.images[0].get_array()) for axis in figure.axes]
    legends = [
        (t.get_text(), h.get_facecolor())
        for x in figure.legends
        for t, h in zip(x.texts, x.get_patches(), strict=True)
    ]
    found = [axis.get_title() for axis in figure.axes], legends, figure.get_size_inches().tolist()
    pyplot.close(figure)
    return shown, found


@pytest.mark.parametrize(
    ("function", "arguments", "options"),
    [
        ("plot_image_gallery", (IMAGES,), {}),
        (
            "plot_image_gallery",
            (IMAGES / np.float32(255),),
            {
                "value_range": (0, 1), "rows": 1, "cols": 3, "scale": 1,
                "y_true": np.array([0, 1, 5]), "y_pred": np.array([1, 1]), "label_map": {0: "no", 1: "yes"},
            },
        ),
        ("plot_bounding_box_gallery", (IMAGES, "xyxy", BOXES, BOXES), {"legend": True, "pred_color": (1, 2, 3)}),
        ("plot_segmentation_mask_gallery", (IMAGES, 5), {"y_true": MASKS, "y_pred": MASKS[::-1], "alpha": 0.4}),
    ],
)  # fmt: skip
def test_galleries_are_those_of_keras(function, arguments, options, opencv):
    ours, rest = figure_of(keras, function, *arguments, **options)
    theirs, expected = figure_of(oracle, function, *arguments, **options)
    assert rest == expected and len(ours) == len(theirs) > 2
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("name", keras.visualization.__all__)
def test_signatures_are_those_of_keras(name):
    pairs = [
        [(p.name, p.default) for p in inspect.signature(getattr(x.visualization, name)).parameters.values()]
        for x in (keras, oracle)
    ]
    assert pairs[0] == pairs[1]

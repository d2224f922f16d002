"""Pictures of models: what they say, where it stands, and the files."""

import re
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image

import addax as keras
from addax import layers
from addax.visual._drawing import Arrow, Drawing, Rectangle, Text, head_of, polyline


def residual(blocks):
    x = inputs = keras.Input((8, 8, 3), name="image")
    x = layers.Conv2D(4, 3, padding="same", name="stem")(x)
    for i in range(blocks):
        y = layers.Conv2D(4, 3, padding="same", activation="relu", name=f"conv{i}")(x)
        x = layers.Add(name=f"add{i}")([x, layers.BatchNormalization(name=f"norm{i}")(y)])
    return keras.Model(inputs, layers.Dense(2, name="head")(layers.Flatten(name="flat")(x)))


def nested():
    start = keras.Input((8,), name="start")
    pair = [layers.Dense(4, name="mean")(start), layers.Dense(4, name="spread")(start)]
    encoder = keras.Model(start, pair, name="encoder")
    decoder = keras.Sequential([keras.Input((4,)), layers.Dense(8)], name="decoder")
    x = keras.Input((8,), name="x")
    mean, spread = encoder(x)
    return keras.Model(x, decoder(layers.Multiply(name="mix")([spread, mean])), name="outer")


def texts(drawing):
    return [e.text for e in drawing.elements if isinstance(e, Text)]


def plot(model, **options):
    return keras.utils.plot_model(model, to_file=None, **options)


def boxes_by_title(drawing):
    """Title -> the rectangle whose head it stands in (the outer one comes first)."""
    found, last = {}, []
    for element in drawing.elements:
        if isinstance(element, Rectangle):
            last.append(element)
        elif isinstance(element, Text) and element.bold and len(last) > 1:
            found.setdefault(element.text, []).append(last[-2])
    return found


def test_boxes_have_the_classes_and_what_was_asked_for():
    model = residual(1)
    assert set(texts(plot(model))) == {
        "InputLayer",
        "Conv2D",
        "BatchNormalization",
        "Add",
        "Flatten",
        "Dense",
    }
    assert {"image", "stem", "norm0"} <= set(texts(plot(model, show_layer_names=True)))
    shown = texts(plot(model, show_shapes=True))
    assert "in: (None, 8, 8, 4), (None, 8, 8, 4)" in shown and "shape: (None, 8, 8, 3)" in shown
    assert "activation: relu" in texts(plot(model, show_layer_activations=True))
    assert "dtype: float32" in texts(plot(model, show_dtype=True))
    model.get_layer("stem").trainable = False
    shown = texts(plot(model, show_trainable=True))
    assert "frozen" in shown and "trainable" in shown


def test_every_connection_is_an_arrow_once():
    model = residual(3)
    arrows = [e for e in plot(model).elements if isinstance(e, Arrow)]
    connections = {(x._node.operation.name, n.operation.name) for n in model._graph.nodes for x in n.inputs}
    assert len(arrows) == len(connections)
    shared = layers.Dense(3)
    a, b = keras.Input((3,)), keras.Input((3,))
    both = keras.Model([a, b], layers.Add()([shared(a), shared(b)]))
    assert sum(t == "Dense" for t in texts(plot(both))) == 1
    assert sum(isinstance(e, Arrow) for e in plot(both).elements) == 3


def test_arrows_begin_and_end_at_boxes():
    for direction in ("TB", "LR"):
        drawing = plot(residual(4), rankdir=direction, show_shapes=True)
        boxes = [e for e in drawing.elements if isinstance(e, Rectangle)]
        for arrow in (e for e in drawing.elements if isinstance(e, Arrow)):
            for x, y in (arrow.points[0], arrow.points[-1]):
                assert any(
                    b.x - 1 <= x <= b.x + b.width + 1 and b.y - 1 <= y <= b.y + b.height + 1 for b in boxes
                )


def test_text_fits_into_its_box():
    drawing = plot(residual(2), show_shapes=True, show_layer_names=True)
    image = drawing._to_image(96)[0]
    assert image.size == (round(drawing.width), round(drawing.height))
    canvas = np.asarray(image.convert("L"))
    boxes = [e for e in drawing.elements if isinstance(e, Rectangle)]
    for box in boxes[::2]:
        left, right = int(box.x) + 2, int(box.x + box.width) - 2
        rows = slice(int(box.y) + 6, int(box.y + box.height) - 6)
        assert canvas[rows, left : left + 2].min() > 60 and canvas[rows, right - 1 : right].min() > 60


def test_directions():
    down, right = plot(residual(2)), plot(residual(2), rankdir="LR")
    assert down.height > down.width and right.width > right.height
    with pytest.raises(ValueError, match="rankdir"):
        plot(residual(1), rankdir="XY")


def test_lines_are_right_angles_curves_or_straight():
    def slants(drawing):
        pieces = [
            (a, b)
            for e in drawing.elements
            if isinstance(e, Arrow)
            for a, b in zip(e.points, e.points[1:], strict=False)
        ]
        return sum(abs(a[0] - b[0]) > 0.5 and abs(a[1] - b[1]) > 0.5 for a, b in pieces)

    model = residual(2)
    assert slants(plot(model)) == 0
    assert slants(plot(model, splines="line")) == slants(plot(model, splines="curved")) > 0
    assert "C" in plot(model, splines="spline").to_svg().split("<path", 2)[1]
    assert all(e.curved for e in plot(model, splines="curved").elements if isinstance(e, Arrow))
    for wrong in ({"splines": "wavy"}, {"rankdir": "down"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            plot(model, **wrong)
    with pytest.raises(TypeError, match="layer_range"):
        plot(model, layer_range=("a", "b"))


def test_lines_that_go_across_between_two_ranks_do_not_lie_on_each_other():
    x = keras.Input((4,))
    hidden = [layers.Dense(2)(x) for _ in range(4)]
    model = keras.Model(x, [layers.Add()([hidden[i], hidden[3 - i]]) for i in range(4)])
    across = {}
    for arrow in (e for e in plot(model).elements if isinstance(e, Arrow)):
        for a, b in zip(arrow.points, arrow.points[1:], strict=False):
            if a[1] == b[1] and a[0] != b[0]:
                across.setdefault(round(a[1], 3), set()).add(arrow.points[0])
    assert across and all(len(starts) == 1 for starts in across.values())


def test_nested_models_are_boxes_or_frames():
    model = nested()
    assert {"Functional", "Sequential"} <= set(texts(plot(model)))
    opened = plot(model, expand_nested=True, show_layer_names=True)
    assert {"encoder (Functional)", "decoder (Sequential)", "mean", "spread"} <= set(texts(opened))
    frames = [e for e in opened.elements if isinstance(e, Rectangle) and e.dashed]
    inner = boxes_by_title(opened)["Dense"]
    for box in inner:
        inside = [f for f in frames if f.x < box.x and box.x + box.width < f.x + f.width]
        assert any(f.y < box.y and box.y + box.height < f.y + f.height for f in inside)


def test_arrows_lead_into_frames_to_the_boxes_that_are_meant():
    opened = plot(nested(), expand_nested=True)
    mean, spread = boxes_by_title(opened)["Dense"][:2]
    mix = boxes_by_title(opened)["Multiply"][0]
    to_mix = [e for e in opened.elements if isinstance(e, Arrow) and abs(e.points[-1][1] - mix.y) < 1]
    starts = sorted(round(a.points[0][0]) for a in to_mix)
    assert starts == sorted(round(b.x + b.width / 2) for b in (mean, spread))


def test_models_without_a_graph():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(2)

        def call(self, x):
            return self.dense(x)

    assert texts(plot(Net())) == ["Net"]
    chain = keras.Sequential([layers.Dense(2), layers.ReLU()])
    drawing = plot(chain, show_shapes=True)
    assert [t for t in texts(drawing) if t[0].isupper()] == ["Dense", "ReLU"]
    assert sum(isinstance(e, Arrow) for e in drawing.elements) == 1
    with pytest.raises(ValueError, match="draws models"):
        plot(layers.Dense(2))


def test_svg_is_well_formed_and_escapes_names():
    x = keras.Input((2,), name='a<script>"&')
    drawing = plot(keras.Model(x, x * 2), show_layer_names=True)
    root = ElementTree.fromstring(drawing._repr_svg_())
    shown = [e.text for e in root.iter("{http://www.w3.org/2000/svg}text")]
    assert 'a<script>"&' in shown and "multiply" in shown
    assert "<script" not in drawing.to_svg()
    numbers = re.findall(r'width="([\d.]+)" height="([\d.]+)" viewBox', drawing.to_svg())
    assert numbers == [(f"{drawing.width:.0f}", f"{drawing.height:.0f}")]


def test_files(tmp_path):
    model = residual(1)
    keras.utils.plot_model(model, tmp_path / "m.svg")
    assert (tmp_path / "m.svg").read_text().startswith("<svg ")
    keras.utils.plot_model(model, str(tmp_path / "m.png"), dpi=192)
    with Image.open(tmp_path / "m.png") as image:
        assert image.size == tuple(round(2 * n) for n in (plot(model).width, plot(model).height))
    keras.utils.plot_model(model, tmp_path / "m.pdf")
    assert (tmp_path / "m.pdf").read_bytes().startswith(b"%PDF")
    with pytest.raises(ValueError, match="kind of picture"):
        keras.utils.plot_model(model, tmp_path / "m.docx")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m.pdf", "m.png", "m.svg"]


def test_without_pillow_svg_still_works(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    keras.utils.plot_model(residual(1), tmp_path / "m.svg")
    with pytest.raises(ImportError, match="pip install pillow"):
        keras.utils.plot_model(residual(1), tmp_path / "m.png")


def test_a_huge_picture_stays_within_limits():
    drawing = Drawing(40_000, 40_000, [Rectangle(0, 0, 10, 10)])
    image, _ = drawing._to_image(200)
    assert image.size[0] * image.size[1] <= 61_000_000


def test_a_deep_residual_network_is_one_column():
    drawing = plot(residual(16))
    middles = {round(b.x + b.width / 2) for group in boxes_by_title(drawing).values() for b in group}
    assert len(middles) == 1


def test_heads_point_along_their_arrows():
    down = Arrow([(0, 0), (0, 10), (5, 30), (5, 40)])
    assert head_of(down)[0] == (5, 40) and head_of(down)[1][1] < 40
    up = Arrow([(0, 40), (0, 30), (0, 10), (0, 0)])
    assert head_of(up)[1][1] > 0
    for arrow in (down, Arrow(down.points, curved=False)):
        points = polyline(arrow)
        assert points[0] == (0, 0) and points[-1] == (5, 40)
        assert [y for _, y in points] == sorted(y for _, y in points)

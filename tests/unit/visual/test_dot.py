"""`model_to_dot`: well-formed DOT text with every box and edge."""

from __future__ import annotations

import re

import pytest

import addax as keras
from addax.utils import model_to_dot


@pytest.fixture(scope="module")
def model():
    x = inputs = keras.Input((4,), name="start")
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, name="inside")], name="inner")
    x = keras.layers.Add(name="sum")([inner(x), inputs])
    return keras.Model(inputs, x, name='my "model"')


def test_boxes_and_edges(model, tmp_path):
    dot = model_to_dot(model, show_shapes=True, rankdir="LR")
    text = dot.to_string()
    assert text.startswith("digraph G {") and text.count("{") - text.count("\\{") == text.count("}")
    assert len(re.findall(r'^  "\d+" \[label=', text, re.MULTILINE)) == 3
    assert len(re.findall(r'^  "\d+" -> "\d+";', text, re.MULTILINE)) == 3
    assert "start|shape: (None, 4)" in text and "rankdir=LR" in text
    dot.write(tmp_path / "model.dot")
    assert (tmp_path / "model.dot").read_text() == str(dot) == text


def test_opened_models_are_clusters(model):
    text = model_to_dot(model, expand_nested=True, show_layer_names=False).to_string()
    (cluster,) = re.findall(r'subgraph "cluster_(\d+)"', text)
    assert re.search(rf'-> "{cluster}/\d+";', text) and "Dense" in text and "inside" not in text
    nodes = set(re.findall(r'^ *"([\d/]+)" \[', text, re.MULTILINE))
    assert {end for edge in re.findall(r'"([\d/]+)" -> "([\d/]+)"', text) for end in edge} <= nodes


def test_a_subgraph_has_names_of_its_own(model):
    text = model_to_dot(model, subgraph=True).to_string()
    assert text.startswith(r'subgraph "cluster_my \"model\"" {') and r'"my \"model\"/0"' in text


@pytest.mark.parametrize(
    ("arguments", "error"),
    [({"rankdir": "RL"}, ValueError), ({"splines": "none"}, ValueError), ({"shapes": True}, TypeError)],
)
def test_wrong_arguments(arguments, error, model):
    with pytest.raises(error):
        model_to_dot(model, **arguments)
    with pytest.raises(ValueError, match="describes models"):
        model_to_dot(3)

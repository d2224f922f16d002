"""Event files: tags, steps and values, read back by our reader and by the real TensorBoard."""

from __future__ import annotations

import glob
import os
from types import SimpleNamespace

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tests.unit.callbacks.fakes import FakeModel

from addax import callbacks as cb
from addax.callbacks._graph import graph_nodes
from addax.engine import Variable
from addax.formats import read_events


def _events(folder):
    (path,) = glob.glob(os.path.join(folder, "events.out.tfevents.*"))
    return {(value.tag, event.step): value.value for event in read_events(path) for value in event.values}


def _fit(callback, model, epochs=2, steps=3):
    callbacks = cb.CallbackList([callback], model=model)
    callbacks.on_train_begin()
    for epoch in range(epochs):
        callbacks.on_epoch_begin(epoch)
        for step in range(steps):
            callbacks.on_train_batch_begin(step)
            model.optimizer.apply([np.ones(2)], [model.weight])
            callbacks.on_train_batch_end(step, {"loss": 10.0 * epoch + step})
        callbacks.on_test_begin()
        callbacks.on_test_end({"loss": 7.0})
        callbacks.on_epoch_end(epoch, {"loss": 1.0 + epoch, "accuracy": 0.5, "val_loss": 7.0})
    callbacks.on_train_end()


def test_epochs_go_to_train_and_validation_as_tensorflow_writes_them(tmp_path):
    _fit(cb.TensorBoard(tmp_path), FakeModel())
    train, validation = _events(tmp_path / "train"), _events(tmp_path / "validation")
    assert {tag for tag, _ in train} == {"epoch_loss", "epoch_accuracy", "epoch_learning_rate"}
    assert train["epoch_loss", 1] == 2.0 and train["epoch_learning_rate", 0] == pytest.approx(0.1)
    assert validation["epoch_loss", 0] == 7.0
    assert [step for tag, step in validation if tag == "evaluation_loss_vs_iterations"] == [3, 6]


def test_the_real_tensorboard_reads_scalars_histograms_and_images(tmp_path):
    _fit(cb.TensorBoard(tmp_path, histogram_freq=1, write_images=True), FakeModel())
    reader = EventAccumulator(str(tmp_path / "train"), size_guidance={"tensors": 0})
    reader.Reload()
    assert {"epoch_loss", "kernel/histogram", "kernel/image"} <= set(reader.Tags()["tensors"])
    assert [event.step for event in reader.Tensors("kernel/histogram")] == [0, 1]
    assert [
        event.tensor_proto.float_val or event.tensor_proto.tensor_content
        for event in reader.Tensors("epoch_loss")
    ]


def test_an_evaluation_by_itself_leaves_no_file_open(tmp_path):
    callback = cb.TensorBoard(tmp_path)
    callbacks = cb.CallbackList([callback], model=FakeModel())
    callbacks.on_test_begin()
    callbacks.on_test_end({"loss": 7.0})
    assert callback._writers == {} and _events(tmp_path / "validation") == {
        ("evaluation_loss_vs_iterations", 0): 7.0
    }


@pytest.mark.parametrize(("freq", "expected"), [("batch", [1, 2, 3, 4, 5, 6]), (2, [2, 4, 6]), ("epoch", [])])
def test_batches_are_written_as_often_as_asked(tmp_path, freq, expected):
    _fit(cb.TensorBoard(tmp_path, update_freq=freq), FakeModel())
    events = _events(tmp_path / "train")
    assert [step for tag, step in events if tag == "batch_loss"] == expected
    if freq == 2:
        assert events["batch_loss", 4] == 10.0


def test_speed_is_written_if_asked(tmp_path):
    _fit(cb.TensorBoard(tmp_path, write_steps_per_second=True, update_freq=1), FakeModel())
    events = _events(tmp_path / "train")
    assert events["epoch_steps_per_second", 0] > 0 and events["batch_steps_per_second", 1] > 0


def test_a_second_run_begins_new_files(tmp_path):
    callback = cb.TensorBoard(tmp_path, update_freq=3)
    for _ in range(2):
        _fit(callback, FakeModel(), epochs=1)
    assert len(glob.glob(str(tmp_path / "train" / "*"))) == 2
    assert callback._writers == {} and callback._batch == 3


def test_batches_can_be_profiled(tmp_path):
    _fit(cb.TensorBoard(tmp_path, profile_batch=(2, 3), write_graph=False), FakeModel(), epochs=1)
    assert glob.glob(str(tmp_path / "train" / "plugins" / "profile" / "*" / "*"))


@pytest.mark.parametrize("wrong", [-1, (3, 2), "a,b", (1, 2, 3), None])
def test_wrong_ranges_are_refused(wrong):
    with pytest.raises(ValueError, match="profile_batch"):
        cb.TensorBoard(profile_batch=wrong)
    with pytest.raises(ValueError, match="update_freq"):
        cb.TensorBoard(update_freq="sometimes")


# The graph ----------------------------------------------------------------------------------------------
class Sequential:
    def __init__(self, layers):
        self.name, self.layers = "seq", layers


class Functional:
    name = "model"

    def __init__(self, layers, config):
        self.layers, self.config = layers, config

    def get_config(self):
        return self.config


def _tensor(name):
    return {"class_name": "__keras_tensor__", "config": {"shape": [None, 2], "keras_history": [name, 0, 0]}}


def test_layers_of_a_sequential_are_a_chain(tmp_path):
    layers = [SimpleNamespace(name="a"), SimpleNamespace(name="b", output=SimpleNamespace(shape=(None, 3)))]
    model = FakeModel()
    model.__class__ = type("Sequential", (FakeModel,), {})
    model.layers = [
        SimpleNamespace(name=layer.name, weights=[], **vars(layer)) if False else layer for layer in layers
    ]
    nodes = graph_nodes(model)
    assert [(n.name, tuple(n.inputs), n.shape) for n in nodes] == [("a", (), None), ("b", ("a",), (None, 3))]
    callbacks = cb.CallbackList([cb.TensorBoard(tmp_path)], model=model)
    callbacks.on_train_begin()
    callbacks.on_train_end()
    (path,) = glob.glob(str(tmp_path / "train" / "*"))
    assert [n.name for event in read_events(path) for n in event.graph] == ["a", "b"]


def test_layers_of_a_functional_model_are_joined_as_its_config_says():
    inner = Sequential([SimpleNamespace(name="x"), SimpleNamespace(name="y")])
    layers = [SimpleNamespace(name="in"), inner, SimpleNamespace(name="add")]
    config = {
        "layers": [
            {"name": "in", "inbound_nodes": []},
            {"name": "seq", "inbound_nodes": [{"args": [_tensor("in")], "kwargs": {}}]},
            {
                "name": "add",
                "inbound_nodes": [{"args": [[_tensor("in"), _tensor("seq")]], "kwargs": {"mask": None}}],
            },
        ]
    }
    nodes = {n.name: tuple(n.inputs) for n in graph_nodes(Functional(layers, config))}
    assert nodes == {"in": (), "seq": ("in",), "seq/x": (), "seq/y": ("seq/x",), "add": ("in", "seq")}
    assert graph_nodes(FakeModel()) == []


# Embeddings ---------------------------------------------------------------------------------------------
class Embedding:
    name = "words"

    def __init__(self):
        self.embeddings = Variable(np.arange(6.0).reshape(3, 2), name="embeddings")
        self.weights = [self.embeddings]


def test_embeddings_are_tables_that_the_projector_reads(tmp_path):
    model = FakeModel()
    model.layers = [Embedding()]
    callback = cb.TensorBoard(
        tmp_path, embeddings_freq=1, embeddings_metadata={"words": "labels.tsv"}, write_graph=False
    )
    _fit(callback, model, epochs=1)
    np.testing.assert_allclose(np.loadtxt(tmp_path / "words_embedding.tsv"), np.arange(6.0).reshape(3, 2))
    text = (tmp_path / "projector_config.pbtxt").read_text()
    assert 'tensor_path: "words_embedding.tsv"' in text and 'metadata_path: "labels.tsv"' in text
    from google.protobuf import text_format
    from tensorboard.plugins.projector import ProjectorConfig

    assert text_format.Parse(text, ProjectorConfig()).embeddings[0].tensor_name == "words"
    with pytest.raises(ValueError, match=r"no embeddings[\s\S]*wrods"):
        cb.TensorBoard(tmp_path, embeddings_freq=1, embeddings_metadata={"wrods": "x"}).set_model(model)

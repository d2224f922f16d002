"""Event files of Addax in the real TensorBoard, read through the interface that serves its web pages."""

import io
import wave

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.context import RequestContext
from tensorboard.data.provider import RunTagFilter
from tensorboard.util.tensor_util import make_ndarray

from addax.formats import EventWriter, GraphNode

IMAGES = np.random.default_rng(0).integers(0, 256, (2, 4, 6, 3)).astype("uint8")
VALUES = np.random.default_rng(0).normal(size=500)
SOUNDS = np.sin(np.arange(200, dtype="float32")).reshape(2, 50, 2) / 2
REQUEST = {"experiment_id": "", "run_tag_filter": RunTagFilter()}


@pytest.fixture(scope="module")
def logdir(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("logs")
    for run, loss in (("train", 0.5), ("validation", 0.75)):
        with EventWriter(logdir / run) as writer:
            for step in range(3):
                writer.scalar("epoch_loss", loss / (step + 1), step, wall_time=100.0 + step)
            writer.scalar("lr", 1e-3, 0, description="the *rate*")
            writer.histogram("dense/kernel", VALUES, step=2)
            writer.image("samples", IMAGES, step=1)
            writer.audio("tones", SOUNDS, step=1, sample_rate=8000)
            writer.text("note", "**hello**", step=0)
            writer.graph([GraphNode("x", "Input", (), (None, 3)), GraphNode("dense", "Dense", ("x",))])
    return logdir


@pytest.fixture(scope="module")
def provider(logdir):
    multiplexer = EventMultiplexer()
    multiplexer.AddRunsFromDirectory(str(logdir))
    multiplexer.Reload()
    return MultiplexerDataProvider(multiplexer, str(logdir))


def read(method, plugin, **extra):
    return method(RequestContext(), plugin_name=plugin, **REQUEST, **extra)


def test_runs_are_found(provider):
    assert sorted(run.run_name for run in provider.list_runs(RequestContext(), experiment_id="")) == [
        "train",
        "validation",
    ]


def test_scalars_are_charts(provider):
    series = read(provider.read_scalars, "scalars", downsample=100)
    points = series["validation"]["epoch_loss"]
    assert [(point.step, point.wall_time) for point in points] == [(0, 100.0), (1, 101.0), (2, 102.0)]
    np.testing.assert_allclose([point.value for point in points], [0.75, 0.375, 0.25])
    about = read(provider.list_scalars, "scalars")["train"]["lr"]
    assert about.description == "the *rate*"


def test_histograms_have_their_buckets(provider):
    (point,) = read(provider.read_tensors, "histograms", downsample=10)["train"]["dense/kernel"]
    assert (point.step, point.numpy.shape) == (2, (30, 3))
    assert point.numpy[:, 2].sum() == VALUES.size
    np.testing.assert_array_equal(point.numpy[:, 2], np.histogram(VALUES, 30)[0])


def test_images_are_pictures(provider):
    (sequence,) = read(provider.read_blob_sequences, "images", downsample=10)["train"]["samples"]
    width, height, *pictures = (
        provider.read_blob(RequestContext(), blob_key=reference.blob_key) for reference in sequence.values
    )
    assert (width, height) == (b"6", b"4")
    for picture, image in zip(pictures, IMAGES, strict=True):
        with Image.open(io.BytesIO(picture)) as decoded:
            np.testing.assert_array_equal(np.asarray(decoded), image)


def test_sounds_are_wav_files(logdir):
    accumulator = EventAccumulator(str(logdir / "train"))
    accumulator.Reload()
    assert accumulator.SummaryMetadata("tones").plugin_data.plugin_name == "audio"
    (event,) = accumulator.Tensors("tones")
    files = make_ndarray(event.tensor_proto)[:, 0]
    for data, sound in zip(files, SOUNDS, strict=True):
        with wave.open(io.BytesIO(data)) as file:
            assert (file.getframerate(), file.getnchannels()) == (8000, 2)
            samples = np.frombuffer(file.readframes(50), "<i2").reshape(50, 2) / 32768
        np.testing.assert_allclose(samples, sound, atol=1 / 32768)


def test_texts_are_texts(provider):
    (point,) = read(provider.read_tensors, "text", downsample=10)["train"]["note"]
    assert point.numpy.item() == b"**hello**"


def test_graphs_are_graphs(logdir):
    accumulator = EventAccumulator(str(logdir / "train"))
    accumulator.Reload()
    graph = accumulator.Graph()
    assert isinstance(graph, GraphDef)
    assert [(node.name, node.op, list(node.input)) for node in graph.node] == [
        ("x", "Input", []),
        ("dense", "Dense", ["x"]),
    ]
    assert [dim.size for dim in graph.node[0].attr["_output_shapes"].list.shape[0].dim] == [-1, 3]


def test_the_accumulator_of_scripts_reads_the_files(logdir):
    accumulator = EventAccumulator(str(logdir / "validation"))
    accumulator.Reload()
    values = [float(make_ndarray(event.tensor_proto)) for event in accumulator.Tensors("epoch_loss")]
    np.testing.assert_allclose(values, [0.75, 0.375, 0.25])

"""What `tf.summary.trace_export` and `graph` write, read by the real TensorBoard."""

import warnings

import pytest
from google.protobuf import text_format
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.context import RequestContext
from tensorboard.data.provider import RunTagFilter
from tensorboard.util.tensor_util import make_ndarray

import addax as keras
import addax.tf as tf

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the plugins import something that is deprecated
    from tensorboard.plugins.base_plugin import TBContext
    from tensorboard.plugins.graph.graphs_plugin import GraphsPlugin


@tf.function
def before(x):
    return tf.nn.relu(x)


def step(model, x):
    with tf.name_scope("inner"):
        y = tf.nn.relu(tf.matmul(x, x))
    y = tf.while_loop(lambda y: tf.reduce_sum(y) < 100.0, lambda y: (y + 1.0,), (y,))[0]
    return model(y)


@pytest.fixture(scope="module")
def logdir(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("logs")
    model = keras.Sequential([keras.layers.Dense(3, name="first"), keras.layers.Dense(1, name="second")])
    before(tf.ones((4, 4)))
    writer = tf.summary.create_file_writer(str(logdir))
    with writer.as_default():
        for name in ("both", "again"):
            tf.summary.trace_on(graph=True)
            tf.function(lambda x: step(model, x))(tf.ones((4, 4)))
            if name == "both":
                before(tf.ones((4, 4)))
            tf.summary.trace_export(name, step=3)
        before(tf.ones((4, 4)))  # nobody asks
        assert tf.summary.graph(before.get_concrete_function(tf.TensorSpec((None, 4))).graph)
    writer.close()
    return str(logdir)


@pytest.fixture(scope="module")
def plugin(logdir):
    multiplexer = EventMultiplexer()
    multiplexer.AddRunsFromDirectory(logdir)
    multiplexer.Reload()
    return GraphsPlugin(TBContext(data_provider=MultiplexerDataProvider(multiplexer, logdir)))


def text(plugin, tag):
    body, _ = plugin.graph_impl(RequestContext(), ".", tag, is_conceptual=False, experiment="")
    return text_format.Parse(body, GraphDef())


def test_tags_are_found(plugin):
    (run,) = plugin.info_impl(RequestContext(), experiment="").values()
    assert run["run_graph"] and set(run["tags"]) == {"both", "again"}
    assert all(tag["op_graph"] for tag in run["tags"].values())


def test_graphs_have_scopes_layers_and_loops(plugin):
    graph = text(plugin, "again")
    nodes = {node.name: node for node in graph.node}
    assert nodes["inner/matmul/MatMul"].op == "MatMul"
    assert list(nodes["inner/matmul/MatMul"].input) == ["args_0", "args_0"]
    (kernel,) = (
        n for n in nodes if n.endswith("/first/kernel")
    )  # the model's number depends on those before it
    model = kernel.removesuffix("/first/kernel")
    assert nodes[kernel].op == "VarHandleOp"
    assert any(n.startswith(f"{model}/second/") and nodes[n].op == "MatMul" for n in nodes)
    assert {i.split(":")[0] for n in graph.node for i in n.input} <= set(nodes)
    (loop,) = [n for n in graph.node if n.op in ("Scan", "While")]
    names = [f.signature.name for f in graph.library.function]
    assert loop.attr["body"].func.name in names


def test_two_functions_are_two_graphs(plugin):
    names = {node.name.split("/")[0] for node in text(plugin, "both").node}
    assert names == {"graph_1", "graph_2"}


def test_the_graph_of_a_run(plugin, logdir):
    graph = text(plugin, None)
    shapes = {n.name: [d.size for d in n.attr["_output_shapes"].list.shape[0].dim] for n in graph.node}
    assert shapes["x"] == [-1, 4] and shapes["relu/relu/Maximum"] == [-1, 4]
    accumulator = EventAccumulator(logdir)
    accumulator.Reload()
    assert len(accumulator.Graph().node) == len(graph.node)


def test_raw_messages_and_metadata(tmp_path):
    summary = Summary(value=[Summary.Value(tag="raw", simple_value=2.0)])
    metadata = SummaryMetadata()
    metadata.plugin_data.plugin_name = "mine"
    with tf.summary.create_file_writer(str(tmp_path)) as writer, writer.as_default(step=4):
        assert tf.summary.experimental.write_raw_pb(summary.SerializeToString())
        assert tf.summary.write("tensor", tf.constant([1, 2]), metadata=metadata)
    multiplexer = EventMultiplexer()
    multiplexer.AddRunsFromDirectory(str(tmp_path))
    multiplexer.Reload()
    assert multiplexer.SummaryMetadata(".", "tensor").plugin_data.plugin_name == "mine"
    (event,) = multiplexer.Tensors(".", "tensor")
    assert event.step == 4 and make_ndarray(event.tensor_proto).tolist() == [1, 2]
    filter_ = RunTagFilter(tags=["raw"])
    provider = MultiplexerDataProvider(multiplexer, str(tmp_path))
    series = provider.read_scalars(
        RequestContext(), experiment_id="", plugin_name="scalars", downsample=9, run_tag_filter=filter_
    )
    assert [p.value for p in series["."]["raw"]] == [2.0]

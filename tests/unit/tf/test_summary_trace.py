"""`tf.summary.trace_on` and what belongs to it."""

import pytest

import addax.tf as tf
from addax.engine import _collecting


@pytest.fixture(autouse=True)
def off():
    yield
    tf.summary.trace_off()


def test_there_must_be_a_trace():
    with pytest.raises(ValueError, match="trace_on"):
        tf.summary.trace_export("name", step=0)


def test_off_forgets():
    tf.summary.trace_on()
    assert _collecting.collected is not None
    tf.summary.trace_off()
    assert _collecting.collected is None
    with pytest.raises(ValueError, match="trace_on"):
        tf.summary.trace_export("name", step=0)


def test_a_second_beginning_is_none(caplog):
    tf.summary.trace_on()
    tf.summary.trace_on()
    assert "already" in caplog.text


@pytest.mark.parametrize("where", ["on", "export"])
def test_profiles(tmp_path, where):
    folder = str(tmp_path / "profile")
    with tf.summary.create_file_writer(str(tmp_path)) as writer, writer.as_default():
        tf.summary.trace_on(profiler=True, profiler_outdir=folder if where == "on" else None)
        tf.function(lambda x: x + 1.0)(tf.ones(3))
        tf.summary.trace_export("p", step=0, profiler_outdir=folder if where == "export" else None)
    assert list((tmp_path / "profile").glob("plugins/profile/*/*.xplane.pb"))


def test_a_profile_needs_a_place():
    tf.summary.trace_on(graph=False, profiler=True)
    with pytest.raises(ValueError, match="nowhere"):
        tf.summary.trace_export("p", step=0)


def test_without_a_writer_nothing_is_written():
    tf.summary.trace_on()
    tf.summary.trace_export("p", step=0)
    assert not tf.summary.graph(tf.function(lambda x: x).get_concrete_function(tf.TensorSpec([2])).graph)


def test_a_graph_is_a_graph():
    with pytest.raises(TypeError, match="GraphDef"):
        tf.summary.graph(3)


def test_names_of_summaries():
    with tf.name_scope("outer"), tf.summary.experimental.summary_scope("loss") as (tag, scope):
        assert (tag, scope) == ("outer/loss", "outer/loss/")


def test_operations_of_a_concrete_function():
    graph = tf.function(lambda x: tf.matmul(x, x)).get_concrete_function(tf.TensorSpec([2, 2])).graph
    assert [op.op for op in graph.get_operations()] == ["Placeholder", "MatMul", "Identity"]
    assert 'op: "MatMul"' in str(graph.as_graph_def())

import io
import threading

import numpy as np
import pytest
from PIL import Image

from addax.formats import EventWriter, GraphNode, Schema, encode_record, read_events


def events_of(writer: EventWriter) -> list:
    writer.close()
    return list(read_events(writer.path))


@pytest.fixture
def writer(tmp_path):
    with EventWriter(tmp_path / "run") as writer:
        yield writer


def test_a_file_begins_with_its_version(writer):
    (first,) = events_of(writer)
    assert first.file_version == "brain.Event:2"
    assert ".tfevents." in writer.path


def test_scalars_are_read_back(writer):
    writer.scalar("loss", 0.25, step=1, wall_time=12.5, description="the *loss*")
    writer.scalar("loss", np.float64(0.5), step=2)
    _, first, second = events_of(writer)
    (value,) = first.values
    assert (first.step, first.wall_time) == (1, 12.5)
    assert (value.tag, value.plugin, value.description) == ("loss", "scalars", "the *loss*")
    assert value.value.dtype == np.float32
    assert (float(value.value), float(second.values[0].value), second.step) == (0.25, 0.5, 2)
    assert second.wall_time > 1e9


def test_a_scalar_must_be_one(writer):
    with pytest.raises(ValueError, match=r"Scalar 'loss': expected shape \(\), received shape \(2,\)"):
        writer.scalar("loss", [1, 2], step=0)


def test_histograms_count_every_finite_value(writer):
    values = np.append(np.random.default_rng(0).normal(size=1000), [np.nan, np.inf])
    writer.histogram("kernel", values.reshape(2, -1), step=3, buckets=10)
    table = events_of(writer)[1].values[0].value
    assert table.shape == (10, 3)
    assert table[:, 2].sum() == 1000
    assert (table[0, 0], table[-1, 1]) == (values[:-2].min(), values[:-2].max())
    np.testing.assert_array_equal(table[1:, 0], table[:-1, 1])


@pytest.mark.parametrize(("values", "count"), [([], 0), ([2.0, 2.0], 2), ([np.nan], 0)])
def test_histograms_of_nothing_and_of_one_value(writer, values, count):
    writer.histogram("h", values, step=0)
    table = events_of(writer)[1].values[0].value
    assert table.shape == (30, 3)
    assert table[:, 2].sum() == count


def test_images_are_png(writer):
    images = np.random.default_rng(0).integers(0, 256, (5, 4, 6, 3)).astype("uint8")
    writer.image("sample", images, step=0, max_outputs=2)
    width, height, *pictures = events_of(writer)[1].values[0].value
    assert (width, height, len(pictures)) == (b"6", b"4", 2)
    with Image.open(io.BytesIO(pictures[1])) as picture:
        np.testing.assert_array_equal(np.asarray(picture), images[1])


def test_images_need_a_batch(writer):
    with pytest.raises(ValueError, match="expected shape"):
        writer.image("sample", np.zeros((4, 6, 3)), step=0)


def test_texts_are_read_back(writer):
    writer.text("note", "one", step=0)
    writer.text("notes", ["two", "three"], step=0)
    _, one, two = events_of(writer)
    assert one.values[0].value.item() == b"one"
    assert two.values[0].value.tolist() == [b"two", b"three"]


def test_graphs_are_read_back(writer):
    nodes = (GraphNode("x", "InputLayer", (), (None, 3)), GraphNode("model/dense", "Dense", ("x",)))
    writer.graph(nodes)
    assert events_of(writer)[1].graph == nodes


def test_a_file_that_is_being_written_is_read_as_far_as_it_goes(writer):
    writer.scalar("loss", 1.0, step=1)
    writer.scalar("loss", 1.0, step=2)
    writer.close()
    with open(writer.path, "r+b") as file:
        file.seek(0, 2)
        file.truncate(file.tell() - 4)
    assert [event.step for event in read_events(writer.path)] == [0, 1]


def test_flush_makes_events_visible(writer):
    writer.scalar("loss", 1.0, step=1)
    writer.flush()
    assert len(list(read_events(writer.path))) == 2


def test_two_writers_of_one_second_have_their_own_files(tmp_path):
    with EventWriter(tmp_path) as first, EventWriter(tmp_path, filename_suffix=".v2") as second:
        assert first.path != second.path
        assert second.path.endswith(".v2")


def test_threads_may_share_a_writer(writer):
    def work(number):
        for step in range(50):
            writer.scalar(f"t{number}", step, step=step)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(events_of(writer)) == 201


def test_old_scalars_are_read(tmp_path):
    old = Schema(
        """
        Event: step=2:int summary=5:Summary
        Summary: value=1:*Value
        Value: tag=1:str simple_value=2:float image=4:bytes
        """
    )
    values = [{"tag": "loss", "simple_value": 0.5}, {"tag": "picture", "image": b""}]
    (tmp_path / "old").write_bytes(
        encode_record(old.encode("Event", {"step": 4, "summary": {"value": values}}))
    )
    (event,) = read_events(tmp_path / "old")
    assert [(value.tag, float(value.value)) for value in event.values] == [("loss", 0.5)]


def test_a_file_that_is_something_else_is_a_value_error(tmp_path):
    (tmp_path / "x").write_bytes(b"not an event file at all")
    with pytest.raises(ValueError, match="Corrupt length of record 0"):
        list(read_events(tmp_path / "x"))

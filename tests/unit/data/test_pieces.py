"""Lines, records and runs of bytes of files: what they hold, where a position is, which file is damaged."""

import gc
import gzip
import os
import zlib

import pytest

from addax.data import lines_of_files, records_of_files, runs_of_files
from addax.formats import encode_record

PACK = {"": bytes, "GZIP": gzip.compress, "ZLIB": zlib.compress}
RECORDS = [b"", b"a\0", b"b" * 300, b"c"]


def shown(dataset):
    return [x.numpy() for x in dataset]


@pytest.fixture
def file(tmp_path):
    def make(data, kind="", name="file"):
        path = tmp_path / f"{name}{len(os.listdir(tmp_path))}"
        path.write_bytes(PACK[kind](data))
        return str(path)

    return make


def datasets(file, kind):
    """Each kind of dataset over two files, and what TensorFlow gives for them."""
    lines = [file(b"a\rb\r\r\n\r\nx\n\ny\0\r", kind), file(b"1\n2\n\xff\n", kind)]
    yield lines_of_files(lines, kind), [b"ab", b"", b"x", b"", b"y\0", b"1", b"2", b"\xff"]
    records = [file(b"".join(map(encode_record, part)), kind) for part in (RECORDS[:3], RECORDS[3:])]
    yield records_of_files(records, kind), RECORDS
    runs = [file(bytes(range(10)), kind)] * 2
    yield runs_of_files(runs, 4, 1, 1, kind), [b"\1\2\3\4", b"\5\6\7\10"] * 2


@pytest.mark.parametrize("kind", list(PACK))
def test_the_pieces_one_by_one_and_in_batches(file, kind):
    for dataset, expected in datasets(file, kind):
        assert shown(dataset) == expected
        assert [x for batch in dataset.batch(3) for x in batch.numpy().tolist()] == expected


@pytest.mark.parametrize("kind", list(PACK))
def test_a_position_is_a_place_in_a_file(file, kind):
    for dataset, expected in datasets(file, kind):
        for place in range(len(expected) + 1):
            iterator = iter(dataset)
            for _ in range(place):
                next(iterator)
            state = iterator.get_state()
            assert [x.numpy() for x in iterator] == expected[place:]
            again = iter(dataset)
            again.set_state(state)
            assert [x.numpy() for x in again] == expected[place:]


def test_nothing_before_a_position_is_read_again(tmp_path):
    path = tmp_path / "lines"
    path.write_bytes(b"one\ntwo\nthree\n")
    iterator = iter(lines_of_files([str(path)]))
    next(iterator)
    state = iterator.get_state()
    path.write_bytes(b"???\ntwo\nthree\n")
    iterator.set_state(state)
    assert [x.numpy() for x in iterator] == [b"two", b"three"]


def test_files_by_turns(file):
    names = [file(b"a\nb\nc\n"), file(b"1\n"), file(b"x\ny\n")]
    assert shown(lines_of_files(names, parallel=2)) == [b"a", b"1", b"b", b"c", b"x", b"y"]  # as TensorFlow
    assert shown(lines_of_files(names, parallel=-1)) == [b"a", b"b", b"c", b"1", b"x", b"y"]


def test_dropping_an_iterator_closes_the_file(file):
    name = file(b"a\nb\n")
    iterator = iter(lines_of_files([name]))
    next(iterator)
    gc.disable()
    try:
        opened = iterator._cursor.opened[0]
        del iterator
        assert opened.closed
    finally:
        gc.enable()


@pytest.mark.parametrize(
    "make, data, words",
    [
        (lambda n: lines_of_files(n, "GZIP"), b"plain", "compression_type='GZIP'"),
        (lambda n: lines_of_files(n, "GZIP"), gzip.compress(b"a\n" * 99, mtime=0)[:-9], "EOFError"),
        (lambda n: lines_of_files(n, "ZLIB"), b"plain", "compression_type='ZLIB'"),
        (records_of_files, encode_record(b"a") + b"more", "Truncated record 1"),
        (records_of_files, encode_record(b"a")[:-1] + b"?", "Corrupt record 0"),
        (lambda n: runs_of_files(n, 3), bytes(10), "10 bytes .* no multiple of 3"),
    ],
)
def test_a_damaged_file_is_named(file, make, data, words):
    name = file(data, name="damaged")
    with pytest.raises(ValueError, match=rf"(?s)damaged0 cannot be read.*{words}"):
        shown(make([name]))


@pytest.mark.parametrize("count", [1, 2, 8])
def test_what_stands_before_the_damage_and_in_other_files_is_read(file, count):
    broken, sound = encode_record(b"a") + encode_record(b"b") + b"?", encode_record(b"c")
    dataset = records_of_files([file(broken), file(sound)])
    assert shown(dataset.ignore_errors()) == [b"a", b"b", b"c"]
    with pytest.raises(ValueError, match="record 2"):
        shown(dataset.batch(count))
    iterator = iter(dataset.shuffle(1).ignore_errors())  # reads ahead
    first = next(iterator).numpy()
    state = iterator.get_state()
    rest = [x.numpy() for x in iterator]
    assert [first, *rest] == [b"a", b"b", b"c"]
    again = iter(dataset.shuffle(1).ignore_errors())
    again.set_state(state)
    assert [x.numpy() for x in again] == rest


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_a_position_behind_a_batch(file, count):
    dataset = lines_of_files([file(b"a\nb\nc\n"), file(b""), file(b"d\ne\n")]).batch(count)
    whole = [x.numpy().tolist() for x in dataset]
    assert [x for batch in whole for x in batch] == [b"a", b"b", b"c", b"d", b"e"]
    for place in range(len(whole) + 1):
        iterator = iter(dataset)
        for _ in range(place):
            next(iterator)
        again = iter(dataset)
        again.set_state(iterator.get_state())
        assert [x.numpy().tolist() for x in again] == whole[place:]


def test_what_is_wrong_from_the_start():
    with pytest.raises(ValueError, match="Unknown compression_type"):
        lines_of_files(["a"], "BZ2")
    with pytest.raises(ValueError, match="record_bytes"):
        runs_of_files(["a"], 0)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        shown(lines_of_files(["nowhere"]))

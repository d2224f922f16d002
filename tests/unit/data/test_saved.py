"""`save`, `load` and `snapshot`: whole folders, sound errors, and runs that are killed."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from addax.data import Dataset, TensorSpec


def source():
    words = [str(i) * i for i in range(10)]
    return Dataset.from_tensor_slices({"a": np.arange(10), "pair": (words, np.eye(10, dtype="float32"))})


def numbers(dataset):
    return [int(e["a"]) for e in dataset]


@pytest.mark.parametrize("compression", [None, "GZIP"])
def test_what_was_saved_is_loaded(tmp_path, compression):
    source().save(tmp_path / "ds", compression=compression)
    loaded = Dataset.load(str(tmp_path / "ds"))
    assert loaded.element_spec == source().element_spec
    assert len(loaded) == 10
    for mine, other in zip(loaded, source(), strict=True):
        assert mine["pair"][0].numpy() == other["pair"][0].numpy()
        np.testing.assert_array_equal(mine["pair"][1], other["pair"][1])


def test_shards_and_readers(tmp_path):
    source().save(tmp_path, shard_func=lambda e: e["a"] % 3)
    assert numbers(Dataset.load(tmp_path)) == list(range(10))  # by turns
    in_order = Dataset.load(tmp_path, reader_func=lambda shards: shards.flat_map(lambda shard: shard))
    assert numbers(in_order) == [0, 3, 6, 9, 1, 4, 7, 2, 5, 8]


READERS = {
    "in order": lambda shards: shards.flat_map(lambda shard: shard),
    "by turns": lambda shards: shards.interleave(lambda shard: shard, cycle_length=2),
    "shuffled": lambda shards: shards.shuffle(3, seed=1).flat_map(lambda shard: shard.shuffle(4, seed=2)),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("count", [0, 1, 5, 10])
def test_the_position_in_files_is_saved(tmp_path, reader, count):
    source().save(tmp_path, shard_func=lambda e: e["a"] % 3)
    first = iter(Dataset.load(tmp_path, reader_func=READERS[reader]))
    for _ in range(count):
        next(first)
    again = iter(Dataset.load(tmp_path, reader_func=READERS[reader]))
    again.set_state(first.get_state())
    assert numbers(again) == numbers(first)
    with pytest.raises(ValueError, match="another pipeline"):
        iter(Dataset.range(3)).set_state(first.get_state())


def test_a_state_names_files_by_number_only(tmp_path):
    source().save(tmp_path, shard_func=lambda e: e["a"] % 3)
    iterator = iter(Dataset.load(tmp_path, reader_func=READERS["in order"]))
    next(iterator)
    state = iterator.get_state()
    assert "cache" not in repr(state)
    wrong = eval(repr(state).replace("'__given__': 0", "'__given__': 7"))
    with pytest.raises(ValueError, match="one of 3"):
        iter(Dataset.load(tmp_path, reader_func=READERS["in order"])).set_state(wrong)


def test_a_second_save_replaces_the_first_when_it_is_whole(tmp_path):
    source().save(tmp_path)

    def broken():
        yield 1
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        Dataset.from_generator(broken, output_signature=TensorSpec((), "int32")).save(tmp_path)
    assert numbers(Dataset.load(tmp_path)) == list(range(10))
    Dataset.range(2).save(tmp_path)
    assert [int(x) for x in Dataset.load(tmp_path)] == [0, 1]
    assert len(list(tmp_path.iterdir())) == 2


def test_unequal_shapes_and_no_elements(tmp_path):
    Dataset.range(1, 4).map(lambda n: np.arange(int(n))).save(tmp_path / "a")
    assert [x.shape[0] for x in Dataset.load(tmp_path / "a")] == [1, 2, 3]
    Dataset.range(0).save(tmp_path / "b")
    assert list(Dataset.load(tmp_path / "b")) == []


def test_what_cannot_be_saved_or_loaded(tmp_path):
    with pytest.raises(ValueError, match="take"):
        Dataset.range(3).repeat().save(tmp_path)
    with pytest.raises(TypeError, match="dataset"):
        Dataset.range(3).window(2).save(tmp_path)
    with pytest.raises(FileNotFoundError, match="no saved dataset"):
        Dataset.load(tmp_path / "none")
    source().save(tmp_path)
    with pytest.raises(ValueError, match="other elements"):
        Dataset.load(tmp_path, (TensorSpec((), "int32"), TensorSpec((), "int32")))
    with pytest.raises(ValueError, match="compression"):
        source().save(tmp_path, compression="BZIP")


@pytest.mark.parametrize("change", ["escape", "format", "count", "shape", "short", "lengths"])
def test_damaged_folders_are_refused(tmp_path, change):
    Dataset.from_tensor_slices(["a", "bb"]).save(tmp_path)
    index = json.loads((tmp_path / "dataset.json").read_text())
    shard = tmp_path / index["shards"][0]["file"]
    data = shard.read_bytes()
    if change == "escape":
        index["shards"][0]["file"] = "../../etc/passwd"
    elif change == "format":
        index["format"] = "other"
    elif change == "count":
        index["shards"][0]["elements"] = 3
    elif change == "shape":
        index["spec"]["shape"] = [7]
    elif change == "short":
        shard.write_bytes(data[:-4])
    else:
        shard.write_bytes(data.replace(b'["string", [], 1, [1]]', b'["string", [9], 1, [1]]'))
    (tmp_path / "dataset.json").write_text(json.dumps(index))
    with pytest.raises(ValueError, match="damaged|no index"):
        list(Dataset.load(tmp_path))


def test_a_snapshot_is_computed_once(tmp_path):
    calls = []

    def counted(x):
        calls.append(int(x))
        return x * 2

    dataset = Dataset.range(4).map(counted).snapshot(str(tmp_path))
    first = [int(x) for x in dataset]
    made = len(calls)
    assert [int(x) for x in dataset] == first == [0, 2, 4, 6]
    assert len(calls) == made
    assert [int(x) for x in Dataset.range(9).snapshot(str(tmp_path))] == first  # what is there counts


def test_a_snapshot_that_was_not_finished_is_not_there(tmp_path):
    dataset = Dataset.range(4).snapshot(str(tmp_path), shard_func=lambda x: x % 2)
    iterator = iter(dataset)
    next(iterator)
    state = iterator.get_state()
    del iterator
    assert not (tmp_path / "dataset.json").exists()
    other = iter(Dataset.range(4).snapshot(str(tmp_path)))
    other.set_state(state)
    assert [int(x) for x in other] == [1, 2, 3]
    assert [int(x) for x in dataset] == [0, 1, 2, 3]
    iter(dataset).set_state(state)
    assert [int(x) for x in dataset] == [0, 1, 2, 3]


KILLED = """
import sys, pickle, time
from addax.data import Dataset
import tests.unit.data.test_saved as here
iterator = iter(here.pipeline())
for step, batch in enumerate(iterator):
    state = iterator.get_state()
    with open(sys.argv[1] + ".part", "wb") as file:
        pickle.dump((step, state), file)
    import os
    os.replace(sys.argv[1] + ".part", sys.argv[1])
    time.sleep(0.02)
"""


def pipeline():
    dataset = Dataset.range(200).shuffle(30, seed=1).map(lambda x: x * 3).batch(4)
    return dataset.interleave(lambda b: Dataset.from_tensor_slices(b), 3).repeat(2).prefetch(2)


def test_a_killed_process_leaves_a_position_to_go_on_from(tmp_path):
    import pickle

    path = str(tmp_path / "state")
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, path], env={**os.environ, "PYTHONPATH": os.getcwd()}
    )
    try:
        for _ in range(600):
            if os.path.exists(path):
                break
            time.sleep(0.1)
        time.sleep(0.2)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    with open(path, "rb") as file:
        step, state = pickle.load(file)
    iterator = iter(pipeline())
    iterator.set_state(state)
    rest = [int(x) for x in iterator]
    assert rest == [int(x) for x in pipeline()][step + 1 :]
    assert rest

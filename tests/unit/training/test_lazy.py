"""Tables of other libraries, sparse matrices, and data that is read a batch at a time."""

from __future__ import annotations

import resource
import subprocess
import sys

import datasets
import h5py
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse as sp

import addax as keras
from addax.training import _lazy
from addax.training._feed import make_feed, split_validation

X = np.arange(30, dtype="float32").reshape(10, 3)
Y = np.arange(10, dtype="int32")
FRAME = pl.DataFrame({name: X[:, i] for i, name in enumerate("abc")})


def epoch(*data, **options):
    return list(make_feed(*data, **{"batch_size": 4, **options}).epoch())


def joined(batches, part=0):
    return np.concatenate([batch[part] for batch in batches])


# Tables --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("x", "y"),
    [
        (FRAME, pl.Series(Y)),
        (FRAME.to_arrow(), FRAME.to_arrow()["a"]),
        (FRAME.to_arrow().to_batches()[0], pa.array(Y)),
        (FRAME.to_pandas(), pl.Series(Y)),
    ],
    ids=["polars", "arrow", "records of arrow", "mixed"],
)
def test_tables(x, y):
    found = epoch(x, y)
    np.testing.assert_array_equal(joined(found), X)
    assert [b[1].shape for b in found] == [(4, 1), (4, 1), (2, 1)]


def test_columns_by_name():
    for columns in (FRAME.to_dict(), {name: FRAME.to_arrow()[name] for name in "abc"}):
        (x,) = epoch(columns)[0]
        assert {name: part.shape for name, part in x.items()} == dict.fromkeys("abc", (4, 1))


@pytest.mark.parametrize(
    "table", [pl.DataFrame({"a": [1, 2], "n": ["x", "y"]}), pa.table({"a": [1, 2], "n": ["x", "y"]})]
)
def test_columns_of_text_are_named(table):
    with pytest.raises(ValueError, match=r"columns \['n'\]"):
        epoch(table)


def test_a_lazy_frame_says_what_to_do():
    with pytest.raises(ValueError, match=r"collect\(\)"):
        epoch(FRAME.lazy())


@pytest.mark.parametrize(
    "kind", ["csr_array", "csc_matrix", "coo_matrix", "lil_matrix", "dok_matrix", "bsr_array"]
)
@pytest.mark.parametrize("large", [False, True])
def test_sparse_matrices(kind, large, monkeypatch):
    monkeypatch.setattr(_lazy, "_SMALL", 0 if large else 1000)
    feed = make_feed(getattr(sp, kind)(X), Y, batch_size=4, shuffle=True)
    assert isinstance(feed.arrays[0], _lazy.Rows) is large
    for x, y in feed.epoch():
        np.testing.assert_array_equal(x, X[y])


# Files ---------------------------------------------------------------------------------------------------
def mapped(tmp_path, array):
    np.save(tmp_path / "x.npy", array)
    return np.load(tmp_path / "x.npy", mmap_mode="r")


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64", "int64"])
@pytest.mark.parametrize("shuffle", [False, True])
def test_mapped_files_are_read_a_batch_at_a_time(dtype, shuffle, tmp_path):
    file = mapped(tmp_path, X.astype(dtype))
    feed = make_feed(file[1:], Y[1:], batch_size=4, shuffle=shuffle)
    assert isinstance(feed.arrays[0], _lazy.Rows)
    for x, y in feed.epoch():
        np.testing.assert_array_equal(x, X[y].astype(dtype))
        assert x.dtype.itemsize <= 4 and not isinstance(x, np.memmap) and x.flags.owndata


def test_a_mapped_file_is_never_in_memory_as_a_whole(tmp_path):
    """A file of 2 GB, mostly holes, is trained on with far less memory."""
    program = f"""
import resource
import numpy as np
import addax as keras
big = np.lib.format.open_memmap({str(tmp_path / "big.npy")!r}, "w+", "float64", (1 << 16, 4096))
del big
x = np.load({str(tmp_path / "big.npy")!r}, mmap_mode="r")
model = keras.Sequential([keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.predict(np.zeros((64, 4096)), verbose=0)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
model.fit(x, np.zeros((len(x), 1)), batch_size=64, steps_per_epoch=20, shuffle=False, validation_split=0.5,
          validation_steps=2, verbose=0)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) * (1 if sys.platform == "darwin" else 1024) < 1 << 29
    assert resource.getpagesize()  # the numbers above are of this system


def test_hdf5(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["x"] = X
        feed = make_feed(file["x"], Y, batch_size=4, shuffle=True)
        for x, y in feed.epoch():
            np.testing.assert_array_equal(x, X[y])


def test_a_part_is_held_out_without_reading(tmp_path):
    (x, y, _), (held, _, _) = split_validation(mapped(tmp_path, X), Y, None, 0.3)
    assert isinstance(x, _lazy.Rows) and isinstance(held, _lazy.Rows) and len(y) == 7
    np.testing.assert_array_equal(np.asarray(held), X[7:])
    np.testing.assert_array_equal(joined(epoch(held)), X[7:])


def test_training_on_a_mapped_file_is_training_on_its_array(tmp_path):
    def losses(x):
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        return model.fit(x, Y / 10, epochs=2, batch_size=4, verbose=0).history["loss"]

    assert losses(mapped(tmp_path, X / 30)) == losses(X / 30)


# Hugging Face --------------------------------------------------------------------------------------------
TABLE = datasets.Dataset.from_dict(
    {"a": X.tolist(), "n": Y.tolist(), "t": list("abcdefghij"), "label": Y.tolist()}
)


def test_columns_of_a_data_set_are_inputs_and_its_labels_targets():
    feed = make_feed(TABLE, batch_size=4, shuffle=True)
    for x, y in feed.epoch():
        np.testing.assert_array_equal(x["a"], X[y])
        np.testing.assert_array_equal(x["n"], y)
        assert x["t"].tolist() == [b"abcdefghij"[i : i + 1] for i in y]


def test_one_column_is_one_input_and_targets_may_be_given():
    one = TABLE.select_columns(["a", "label"])
    np.testing.assert_array_equal(joined(epoch(one)), X)
    (x, y) = epoch(one, Y * 2)[0]
    assert set(x) == {"a", "label"} and y.tolist() == [0, 2, 4, 6]
    assert epoch(X, TABLE["n"])[0][1].tolist() == [0, 1, 2, 3]


def test_one_without_an_end_is_read_through():
    stream = TABLE.to_iterable_dataset()
    found = epoch(stream)
    assert [len(y) for _, y in found] == [4, 4, 2]
    np.testing.assert_array_equal(np.concatenate([x["a"] for x, _ in found]), X)


def test_models_take_them():
    one = TABLE.select_columns(["a", "label"])
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(one, validation_split=0.3, epochs=2, verbose=0).history
    assert len(history["val_loss"]) == 2
    model.fit(one.to_iterable_dataset(), validation_data=one, epochs=2, verbose=0)
    assert model.predict(one, verbose=0).shape == (10, 1)
    assert isinstance(model.evaluate(one, verbose=0), float)

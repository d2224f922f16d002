"""CSV files as datasets: what TensorFlow gives for them, and errors that name the place."""

import gzip
import zlib

import numpy as np
import pytest

import addax.tf as tf
from addax.data import Dataset, csv_dataset, make_csv_dataset

TEXT = 'id,x,name,empty,big,label\n1,0.5,ann,,3000000000,0\n2,NA,"b,c",,5,1\n3,2,,,7,1\n'


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(TEXT)
    return str(path)


def batches(dataset):
    return [({k: v.numpy().tolist() for k, v in x.items()}, y.numpy().tolist()) for x, y in dataset]


def test_columns_are_inferred_and_missing_values_filled(file):
    dataset = make_csv_dataset(file, 2, label_name="label", num_epochs=1, shuffle=False, na_value="NA")
    features, label = dataset.element_spec
    assert {k: v.dtype.name for k, v in features.items()} == {
        "id": "int32", "x": "float32", "name": "string", "empty": "string", "big": "int64",
    }  # fmt: skip
    assert label.dtype == "int32"
    assert batches(dataset) == [
        (
            {
                "id": [1, 2],
                "x": [0.5, 0.0],
                "name": [b"ann", b"b,c"],
                "empty": [b"", b""],
                "big": [3000000000, 5],
            },
            [0, 1],
        ),
        ({"id": [3], "x": [2.0], "name": [b""], "empty": [b""], "big": [7]}, [1]),
    ]


def test_without_an_end_batches_have_a_fixed_size(file):
    dataset = make_csv_dataset(file, 2, select_columns=["x", "id"], na_value="NA", shuffle_seed=1)
    assert {k: tuple(v.shape) for k, v in dataset.element_spec.items()} == {"id": (2,), "x": (2,)}
    assert list(dataset.element_spec) == ["id", "x"]
    drawn = [i for batch in dataset.take(6) for i in batch["id"].numpy().tolist()]
    assert sorted(drawn[:3]) == sorted(drawn[3:6]) == [1, 2, 3]


def test_names_and_defaults_of_the_user(file):
    dataset = make_csv_dataset(
        file, 3, column_names=list("abcdef"), column_defaults=[tf.int32, -1.0, "none", "", tf.int64, 0],
        num_epochs=1, shuffle=False, na_value="NA",
    )  # fmt: skip
    (batch,) = dataset
    assert batch["b"].numpy().tolist() == [0.5, -1.0, 2.0]
    assert batch["c"].numpy().tolist() == [b"ann", b"b,c", b"none"]


def test_several_files_and_a_pattern(tmp_path, file):
    (tmp_path / "b.csv").write_text("id,x,name,empty,big,label\n9,1,z,,1,0\n")
    pattern = str(tmp_path / "*.csv")
    dataset = make_csv_dataset(pattern, 10, num_epochs=1, shuffle=False, na_value="NA")
    assert [b["id"].numpy().tolist() for b in dataset.unbatch().batch(10)] == [[1, 2, 3, 9]]
    shuffled = make_csv_dataset(pattern, 2, num_epochs=2, na_value="NA", shuffle_seed=3)
    assert sorted(i for b in shuffled for i in b["id"].numpy().tolist()) == [1, 1, 2, 2, 3, 3, 9, 9]


@pytest.mark.parametrize(
    "options, text",
    [
        ({"label_name": "y"}, "label_name is no column"),
        ({"select_columns": ["y"]}, "no column"),
        ({"column_defaults": [0]}, "column_defaults"),
        ({"header": False}, "column_names"),
        ({"column_names": list("aabcde")}, "twice"),
        ({"column_names": list("abc")}, "expected: 3 fields"),
        ({"compression_type": "BZIP"}, "compression"),
    ],
)
def test_what_does_not_fit_is_said(file, options, text):
    with pytest.raises(ValueError, match=text):
        make_csv_dataset(file, 2, **options)


@pytest.mark.parametrize("kind", [None, "GZIP", "ZLIB"])
def test_rows_as_tuples(tmp_path, kind):
    path = tmp_path / "a.csv"
    data = TEXT.encode()
    path.write_bytes({None: bytes, "GZIP": gzip.compress, "ZLIB": zlib.compress}[kind](data))
    dataset = tf.data.experimental.CsvDataset(
        [path], [tf.int32, [9.5], tf.string], kind, header=True, select_cols=[0, 1, 2], na_value="NA"
    )
    rows = [tuple(x.numpy() for x in row) for row in dataset.take(2)]
    assert rows == [(1, 0.5, b"ann"), (2, 9.5, b"b,c")]


@pytest.mark.parametrize(
    "defaults, options, text",
    [
        ([tf.int32, tf.float32], {"select_cols": [0, 1]}, "Field 1 of row 2"),
        ([tf.int32, tf.float32], {}, "row|Row 1 of"),
        ([tf.int32, tf.int32], {"select_cols": [0, 2]}, "'ann'"),
        ([tf.int32], {"select_cols": [9]}, "at least 10"),
        ([tf.int32], {"select_cols": [0, 1]}, "record_defaults"),
        ([tf.int32], {"select_cols": [0], "exclude_cols": [1]}, "not both"),
    ],
)
def test_rows_that_do_not_fit_are_named(file, defaults, options, text):
    with pytest.raises(ValueError, match=text):
        list(csv_dataset(file, defaults, header=True, na_value="NA", **options))


def test_numbers_that_are_too_large_and_bytes_that_are_no_utf8(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xff\xfe,3000000000\n")
    ((text, number),) = csv_dataset(path, [tf.string, tf.int64])
    assert text.numpy() == b"\xff\xfe"
    assert int(number) == 3_000_000_000
    with pytest.raises(ValueError, match="no int32"):
        list(csv_dataset(path, [tf.string, tf.int32]))


def test_a_saved_position_is_the_row(file):
    dataset = csv_dataset(file, [tf.int32], header=True, select_cols=[0]).repeat(2)
    iterator = iter(dataset)
    next(iterator)
    state = iterator.get_state()
    rest = [int(x[0]) for x in iterator]
    other = iter(dataset)
    other.set_state(state)
    assert [int(x[0]) for x in other] == rest == [2, 3, 1, 2, 3]


def test_errors_may_be_passed_over(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a\n1\nx\n3\n")
    dataset = make_csv_dataset(
        str(path), 1, column_defaults=[tf.int32], num_epochs=1, shuffle=False, ignore_errors=True
    )
    assert [b["a"].numpy().tolist() for b in dataset] == [[1], [3]]


def test_fit_takes_it(file):
    from addax import Sequential, layers

    dataset = make_csv_dataset(file, 2, select_columns=["x", "label"], label_name="label", na_value="NA")
    model = Sequential([layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(
        dataset.map(lambda x, y: (x["x"][:, None], y)), epochs=2, steps_per_epoch=3, verbose=0
    )
    assert np.isfinite(history.history["loss"]).all()
    assert isinstance(dataset, Dataset)

"""Whatever holds the data becomes the same batches."""

import threading
import warnings

import numpy as np
import pandas as pd
import pytest

import addax as keras
from addax.data import Dataset
from addax.training._batches import ArrayFeed, StreamFeed, standard_batch
from addax.training._feed import make_feed, split_validation

RNG = np.random.RandomState(0)
X = RNG.rand(10, 3).astype("float32")
Y = RNG.randint(0, 2, (10, 1)).astype("float32")
W = RNG.rand(10).astype("float32")


def epoch(feed):
    """The batches of one epoch, as nests of NumPy arrays."""
    return [keras.tree.map_structure(np.asarray, batch) for batch in feed.epoch()]


def joined(feed, part=0):
    return np.concatenate([batch[part] for batch in epoch(feed)])


class Batches(keras.utils.PyDataset):
    def __init__(self, count=3, **kwargs):
        super().__init__(**kwargs)
        self.count, self.begun, self.ended, self.threads = count, 0, 0, set()

    def __len__(self):
        return self.count

    def __getitem__(self, i):
        self.threads.add(threading.get_ident())
        return np.full((2, 3), i, "float32"), np.full((2, 1), i, "float32")

    def on_epoch_begin(self):
        self.begun += 1

    def on_epoch_end(self):
        self.ended += 1


def batches():
    for i in range(0, 10, 4):
        yield X[i : i + 4], Y[i : i + 4]


# Arrays --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("x", "y"),
    [
        (X, Y),
        (X.tolist(), Y.tolist()),
        (keras.ops.convert_to_tensor(X), keras.ops.convert_to_tensor(Y)),
        (keras.ops.convert_to_tensor(X)._value, Y),
        (pd.DataFrame(X, columns=list("abc")), pd.Series(Y[:, 0])),
        (pd.DataFrame(X.astype("float64")), pd.DataFrame(Y)),
    ],
    ids=["numpy", "lists", "tensors", "jax", "frame and series", "frames"],
)
def test_every_kind_of_array_gives_the_same_batches(x, y):
    found = epoch(make_feed(x, y, batch_size=4))
    assert [len(batch[0]) for batch in found] == [4, 4, 2]
    for (a, b), (c, d) in zip(found, batches(), strict=True):
        np.testing.assert_allclose(a, c, rtol=1e-6)
        np.testing.assert_allclose(b.reshape(-1, 1), d)
        assert a.dtype == np.float32 and b.dtype == np.float32


def test_nests_keep_their_form():
    feed = make_feed({"a": X, "b": [X, Y]}, (Y, {"z": Y}), batch_size=8)
    x, y = epoch(feed)[1]
    assert x["a"].shape == (2, 3) and x["b"][1].shape == (2, 1)
    assert isinstance(y, tuple) and y[1]["z"].shape == (2, 1)


def test_columns_of_a_frame_become_inputs_by_name():
    frame = pd.DataFrame({"age": [1, 2, 3], "name": ["x", "yy", "z"]})
    (x,) = epoch(make_feed(dict(frame)))[0]
    assert x["age"].shape == (3, 1) and x["age"].dtype == np.int32
    assert x["name"].tolist() == [[b"x"], [b"yy"], [b"z"]]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("uint8", "uint8"),
        ("int64", "int32"),
        ("float64", "float32"),
        ("bool", "bool"),
        ("float16", "float16"),
    ],
)
def test_dtypes_are_kept_but_64_bits_narrowed(given, kept):
    assert epoch(make_feed(np.ones((3, 2), given)))[0][0].dtype == kept


def test_python_numbers_are_narrowed():
    assert epoch(make_feed([1, 2, 3]))[0][0].dtype == np.int32
    assert epoch(make_feed([[1.5], [2.5]]))[0][0].dtype == np.float32


def test_shuffling_moves_rows_together_and_anew_each_epoch():
    rows = np.arange(50)
    feed = make_feed(rows, rows * 2, rows * 3, batch_size=7, shuffle=True)
    orders = [joined(feed) for _ in range(2)]
    assert not np.array_equal(*orders) and all(sorted(order) == list(rows) for order in orders)
    for x, y, w in epoch(feed):
        np.testing.assert_array_equal(y, 2 * x)
        np.testing.assert_array_equal(w, 3 * x)


def test_shuffling_of_whole_batches():
    feed = make_feed(np.arange(40), batch_size=4, shuffle="batch")
    firsts = [batch[0][0] for batch in epoch(feed)]
    assert sorted(firsts) == list(range(0, 40, 4)) and firsts != sorted(firsts)
    assert all(np.array_equal(batch[0], np.arange(batch[0][0], batch[0][0] + 4)) for batch in epoch(feed))


def test_without_shuffling_batches_are_views_in_order():
    feed = make_feed(X, batch_size=4)
    np.testing.assert_array_equal(joined(feed), X)
    assert next(iter(feed.epoch()))[0].base is not None


def test_a_shortened_epoch_goes_on_in_the_next_one():
    feed = make_feed(np.arange(10), batch_size=4, steps=2)
    assert [joined(feed).tolist() for _ in range(2)] == [list(range(8)), [8, 9, 0, 1, 2, 3]]
    assert feed.steps == 2


def test_steps_alone_divide_the_arrays():
    assert [len(batch[0]) for batch in epoch(make_feed(X, steps=3))] == [4, 4, 2]


def test_peeking_disturbs_nothing():
    for feed in (make_feed(X, batch_size=4), make_feed(batches()), make_feed(batches)):
        assert feed.peek()[0].shape == (4, 3) == feed.peek()[0].shape
        assert len(epoch(feed)) == 3


def test_strings_become_bytes_on_the_host():
    for text in (["a", "bb"], np.array(["a", "bb"]), np.array(["a", "bb"], object), pd.Series(["a", "bb"])):
        (x,) = epoch(make_feed(text))[0]
        assert x.dtype == object and x.ravel().tolist() == [b"a", b"bb"]


def test_objects_that_are_numbers_are_numbers():
    assert epoch(make_feed(np.array([[1, 2.5], [True, 4]], object)))[0][0].dtype == np.float32


def test_sparse_matrices_are_made_dense():
    scipy = pytest.importorskip("scipy.sparse")
    np.testing.assert_array_equal(joined(make_feed(scipy.csr_matrix(np.eye(3)))), np.eye(3))


@pytest.mark.parametrize(
    ("x", "kwargs", "words"),
    [
        (X, {"y": Y[:3]}, ["x: 10", "y: 3"]),
        ({"a": X, "b": X[:4]}, {}, ["x['a']: 10", "x['b']: 4"]),
        (X[:0], {}, ["empty"]),
        (None, {}, ["no data"]),
        (np.float32(3), {}, ["single number"]),
        ([[1, 2], [3]], {}, ["unequal length", "pad_sequences"]),
        (np.array([[1], [{}]], object), {}, ["not numbers", "{}"]),
        (np.array(["2020-01-01"], "datetime64[D]"), {}, ["dates"]),
        (pd.DataFrame({"ok": [1], "bad": ["x"]}), {}, ["bad", "dict(frame)"]),
        (Dataset.from_tensor_slices(X).batch(2), {"y": Y}, ["`y`", "yields (x, y)"]),
        (batches, {"sample_weight": W}, ["`sample_weight`"]),
        (object(), {}, ["not understood"]),
    ],
)
def test_what_is_no_data_is_explained(x, kwargs, words):
    with pytest.raises((ValueError, TypeError)) as error:
        make_feed(x, **kwargs)
    assert all(word in str(error.value) for word in words), str(error.value)


def test_a_symbolic_tensor_is_no_data():
    with pytest.raises(TypeError, match="symbolic"):
        make_feed(keras.Input((3,)))


def test_nan_is_counted():
    bad = X.copy()
    bad[1, 2] = bad[3, 0] = np.nan
    with pytest.warns(UserWarning, match=r"x\['a'\] holds 2 NaN values \(of 30\)"):
        make_feed({"a": bad})
    infinite = np.full((2, 2), np.inf, "float32")
    assert isinstance(make_feed(infinite), ArrayFeed)  # no NaN, no warning


# Streams -------------------------------------------------------------------------------------------------
def test_a_generator_is_used_up():
    feed = make_feed(batches())
    assert len(epoch(feed)) == 3 and feed.spent()


def test_a_generator_goes_on_over_epochs_of_some_steps():
    feed = make_feed((x for x in (X[:1], X[1:2], X[2:3], X[3:4])), steps=2)
    assert [joined(feed).tolist() for _ in range(2)] == [X[:2].tolist(), X[2:4].tolist()]
    assert feed.spent()


def test_a_generator_that_ends_within_an_epoch_warns():
    feed = make_feed(batches(), steps=5)
    with pytest.warns(UserWarning, match="ended after 3 of 5 batches"):
        assert len(epoch(feed)) == 3
    assert feed.spent()


def test_a_generator_function_starts_again():
    feed = make_feed(batches)
    assert [len(epoch(feed)) for _ in range(2)] == [3, 3]
    assert not feed.spent() and feed.steps == 3
    endless = make_feed(batches, steps=5)
    np.testing.assert_array_equal(joined(endless), np.concatenate([X, X[:8]]))


def test_an_iterable_of_batches_starts_again():
    class Source:
        def __iter__(self):
            return batches()

        def __len__(self):
            return 3

    feed = make_feed(Source())
    assert feed.steps == 3
    assert [len(epoch(feed)) for _ in range(2)] == [3, 3]


def test_an_empty_stream_with_steps_ends():
    feed = make_feed(lambda: iter([]), steps=4)
    with pytest.warns(UserWarning, match="0 of 4"):
        assert epoch(feed) == []
    with pytest.raises(ValueError, match="empty"):
        make_feed(lambda: iter([])).peek()


def test_datasets_restart_continue_and_say_their_length():
    data = Dataset.from_tensor_slices((X, Y)).batch(4)
    feed = make_feed(data)
    assert isinstance(feed, StreamFeed) and feed.steps == 3
    assert [len(epoch(feed)) for _ in range(2)] == [3, 3]
    cut = make_feed(data, steps=2)
    assert [[len(b[0]) for b in epoch(cut)] for _ in range(2)] == [[4, 4], [2, 4]]
    endless = make_feed(data.repeat(), steps=4)
    assert len(epoch(endless)) == 4
    with pytest.raises(ValueError, match="steps_per_epoch"):
        make_feed(data.repeat())


def test_sequences_give_batches_by_index():
    data = Batches()
    feed = make_feed(data)
    for _ in range(2):
        np.testing.assert_array_equal(joined(feed)[:, 0], [0, 0, 1, 1, 2, 2])
    assert feed.steps == 3 and data.begun == 2 and data.ended == 2


def test_sequences_are_shuffled_by_batch():
    data = Batches(30)
    firsts = joined(make_feed(data, shuffle=True))[::2, 0].tolist()
    assert sorted(firsts) == list(range(30)) and firsts != sorted(firsts)


def test_sequences_with_workers_keep_their_order():
    data = Batches(20, workers=4)
    np.testing.assert_array_equal(joined(make_feed(data))[::2, 0], np.arange(20))
    assert threading.get_ident() not in data.threads


def test_an_error_in_a_worker_reaches_the_loop():
    class Broken(Batches):
        def __getitem__(self, i):
            if i == 2:
                raise RuntimeError("no such file")
            return super().__getitem__(i)

    with pytest.raises(RuntimeError, match="no such file"):
        epoch(make_feed(Broken(5, workers=2)))


def test_an_endless_sequence_needs_steps():
    class Endless(Batches):
        num_batches = None

    with pytest.raises(ValueError, match="steps_per_epoch"):
        make_feed(Endless())
    feed = make_feed(Endless(), steps=2)
    assert [joined(feed)[::2, 0].tolist() for _ in range(2)] == [[0, 1], [2, 3]]


def test_an_old_sequence_without_a_base_class_works():
    class Old:
        def __len__(self):
            return 2

        def __getitem__(self, i):
            return X[i : i + 1], Y[i : i + 1]

        def on_epoch_end(self):
            pass

    assert len(epoch(make_feed(Old()))) == 2


# One batch -----------------------------------------------------------------------------------------------
def test_batches_in_every_form():
    for batch in ((X, Y), [X, Y], [X.tolist(), Y.tolist()], (pd.DataFrame(X), pd.Series(Y[:, 0]))):
        x, y = standard_batch(batch)
        assert x.shape == (10, 3) and y.shape == (10, 1)
    assert [part.shape for part in standard_batch([X, Y, W])] == [(10, 3), (10, 1), (10,)]
    assert standard_batch(X)[0] is X and len(standard_batch({"a": X})) == 1
    assert standard_batch([1.0, 2.0])[0].tolist() == [1.0, 2.0]
    assert standard_batch((["a", "b"], Y))[0].tolist() == [b"a", b"b"]
    assert len(standard_batch([[X, X], Y])[0]) == 2


def test_a_batch_of_four_parts_is_an_error():
    with pytest.raises(ValueError, match="too many parts"):
        standard_batch((X, Y, W, W))


# Weights by class ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "y",
    [
        np.array([0, 1, 2, 1]),
        np.array([[0], [1], [2], [1]]),
        np.eye(3)[[0, 1, 2, 1]],
        np.array([0.0, 1.0, 2.0, 1.0]),
    ],
    ids=["integers", "column", "one-hot", "floats"],
)
def test_class_weights_become_sample_weights(y):
    weights = epoch(make_feed(X[:4], y, class_weight={0: 2.0, 1: 0.5}))[0][2]
    np.testing.assert_allclose(weights, [2.0, 0.5, 1.0, 0.5])


def test_class_weights_multiply_sample_weights_and_reach_streams():
    found = epoch(make_feed(X[:3], np.array([0, 1, 0]), W[:3], class_weight={0: 3.0}))[0][2]
    np.testing.assert_allclose(found, W[:3] * [3, 1, 3])
    stream = make_feed(lambda: iter([(X[:2], np.array([1, 0]))]), class_weight={1: 4.0})
    np.testing.assert_allclose(epoch(stream)[0][2], [4, 1])
    np.testing.assert_allclose(stream.peek()[2], [4, 1])


def test_class_weights_by_output():
    y = {"a": np.array([0, 1]), "b": np.array([1, 1])}
    weights = make_feed(X[:2], y, class_weight={"a": {1: 5.0}}).peek()[2]
    np.testing.assert_allclose(weights["a"], [1, 5])
    assert weights["b"] is None
    with pytest.raises(ValueError, match="one mapping for each"):
        make_feed(X[:2], y, class_weight={0: 1.0})
    with pytest.raises(ValueError, match="targets"):
        make_feed(X, class_weight={0: 1.0})


# Validation ----------------------------------------------------------------------------------------------
def test_the_end_of_the_arrays_is_held_out():
    train, held = split_validation({"a": X}, [Y], None, 0.25)
    np.testing.assert_array_equal(train[0]["a"], X[:7])
    np.testing.assert_array_equal(held[1][0], Y[7:])
    assert train[2] is None and held[2] is None
    train, held = split_validation(pd.DataFrame(X), pd.Series(Y[:, 0]), W, 0.3)
    assert len(train[2]) == 7 and len(held[2]) == 3


@pytest.mark.parametrize(
    ("x", "fraction", "words"),
    [
        (batches(), 0.5, "validation_data"),
        (batches, 0.5, "validation_data"),
        (Batches(), 0.5, "validation_data"),
        (Dataset.from_tensor_slices(X), 0.5, "validation_data"),
        (X, 1.5, "between 0 and 1"),
        (X[:1], 0.5, "one part empty"),
    ],
)
def test_what_cannot_be_split_is_an_error(x, fraction, words):
    with pytest.raises(ValueError, match=words):
        split_validation(x, None, None, fraction)


def test_no_warning_comes_from_good_data():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(epoch(make_feed(X, Y, W))) == 1

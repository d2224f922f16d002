import numpy as np
import pytest

from addax.data import Dataset, TensorSpec

X, Y = np.arange(20.0).reshape(10, 2), np.arange(10)


def source():
    return Dataset.from_tensor_slices((X, {"y": Y}))


PIPELINES = {
    "batch": lambda ds: ds.batch(3),
    "shuffle": lambda ds: ds.shuffle(4, seed=1).batch(3),
    "repeat": lambda ds: ds.shuffle(10, seed=1).repeat(2).batch(4, drop_remainder=True).prefetch(2),
    "behind": lambda ds: ds.batch(3).shuffle(2, seed=1).repeat(2).skip(1).take(5).shard(2, 0),
    "before": lambda ds: ds.take(8).skip(1).shard(2, 1).cache().prefetch(1).batch(2),
}


@pytest.mark.parametrize("name", PIPELINES)
def test_a_feed_of_arrays_gives_the_rows_of_the_batches(name):
    ds, same = PIPELINES[name](source()), PIPELINES[name](source())
    feed = same._as_arrays()
    assert feed.arrays[0].shape == (10, 2) and feed.arrays[1]["y"].tolist() == list(range(10))
    for _ in range(2):  # two epochs, in orders of their own
        rows = list(feed)
        assert all(r.ndim == 1 and r.dtype == np.int64 for r in rows)
        batches = list(ds._batches())
        assert [b[1]["y"].tolist() for b in batches] == [feed.arrays[1]["y"][r].tolist() for r in rows]
        np.testing.assert_array_equal(
            np.concatenate([b[0] for b in batches]), np.concatenate([X[r] for r in rows])
        )
    assert feed.cardinality() == len(ds)


def test_a_feed_knows_its_batches():
    feed = source().batch(3, drop_remainder=True).repeat()._as_arrays()
    assert (feed.batch_size, feed.drop_remainder, feed.cardinality()) == (3, True, -1)
    assert (source().batch(4)._as_arrays().batch_size, source().batch(4)._as_arrays().drop_remainder) == (
        4,
        False,
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda ds: ds,
        lambda ds: ds.batch(2).batch(2),
        lambda ds: ds.map(lambda x, y: (x * 2, y)).batch(2),
        lambda ds: ds.batch(2).map(lambda x, y: (x * 2, y)),
        lambda ds: ds.filter(lambda x, y: True).batch(2),
        lambda ds: ds.concatenate(ds).batch(2),
        lambda ds: ds.batch(2).unbatch(),
        lambda ds: Dataset.from_generator(lambda: iter([1]), output_signature=TensorSpec((), "int32")).batch(
            2
        ),
    ],
)
def test_other_pipelines_have_no_such_feed(change):
    assert change(source())._as_arrays() is None


def test_a_feed_is_as_restorable_as_an_iterator():
    def build():
        return source().shuffle(10, seed=3).repeat(2).batch(3)._as_arrays()

    feed = build()
    iterator = iter(feed)
    next(iterator)
    state = iterator.get_state()
    rest, later = [r.tolist() for r in iterator], [r.tolist() for r in feed]
    other = build()
    iterator = iter(other)
    iterator.set_state(state)
    assert [r.tolist() for r in iterator] == rest and [r.tolist() for r in other] == later


def test_batches_are_host_arrays():
    ds = Dataset.from_tensor_slices({"a": [1.0, 2.0], "s": ["x", "y"]}).map(lambda e: e).batch(2)
    batch = next(ds._batches())
    assert type(batch["a"]) is np.ndarray and batch["s"].tolist() == [b"x", b"y"]

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from addax.data import Dataset, TensorSpec

OPS = {
    "take": st.integers(-1, 12),
    "skip": st.integers(-1, 12),
    "repeat": st.integers(0, 3),
    "shard": st.tuples(st.integers(1, 4), st.integers(0, 3)),
    "shuffle": st.tuples(st.integers(1, 12), st.integers(0, 5)),
    "prefetch": st.just(0),
    "cache": st.just(None),
}
STEPS = st.lists(st.sampled_from(sorted(OPS)).flatmap(lambda n: st.tuples(st.just(n), OPS[n])), max_size=4)


def piped(source, steps, batch):
    for name, argument in steps:
        if name == "shard":
            source = source.shard(argument[0], argument[1] % argument[0])
        elif name == "shuffle":
            source = source.shuffle(argument[0], seed=argument[1])
        elif name == "cache":
            source = source.cache()
        else:
            source = getattr(source, name)(argument)
    return source.batch(*batch) if batch else source


def lists(iterator):
    return [x.numpy().tolist() for x in iterator]


def sources(count):
    arrays = Dataset.from_tensor_slices(np.arange(count) * 10)
    stream = Dataset.from_generator(
        lambda: iter(range(0, 10 * count, 10)), output_signature=TensorSpec((), "int64")
    )
    return arrays, stream


@given(st.integers(0, 9), STEPS, st.none() | st.tuples(st.integers(1, 4), st.booleans()))
def test_a_planned_pipeline_gives_what_a_streamed_one_gives(count, steps, batch):
    arrays, stream = (piped(source, steps, batch) for source in sources(count))
    for _ in range(2):  # two epochs, in which caches and shuffles go on
        assert lists(arrays) == lists(stream)
    if int(stream.cardinality()) >= 0:
        assert len(arrays) == len(stream) == len(lists(stream))


@given(st.integers(0, 9), STEPS, st.integers(0, 6), st.booleans())
def test_a_saved_position_is_exact(count, steps, position, planned):
    ds = piped(sources(count)[0 if planned else 1], steps, None)
    iterator = iter(ds)
    for _, _ in zip(range(position), iterator, strict=False):
        pass
    state = iterator.get_state()
    rest, later = lists(iterator), lists(ds)
    again = piped(sources(count)[0 if planned else 1], steps, None)
    other = iter(again)
    other.set_state(state)
    assert lists(other) == rest
    assert lists(again) == later


@pytest.mark.parametrize("count, index", [(3, 3), (2, -1), (0, 0)])
def test_a_shard_that_is_none_is_an_error(count, index):
    with pytest.raises(ValueError, match="index|num_shards"):
        Dataset.range(5).shard(count, index)


def test_take_does_not_read_on():
    seen = []

    def generate():
        for i in range(10):
            seen.append(i)
            yield i

    ds = Dataset.from_generator(generate, output_types="int32", output_shapes=())
    assert [int(x) for x in ds.take(2)] == [0, 1] and seen == [0, 1]

import gc
import itertools
import threading
import time
import traceback

import numpy as np
import pytest

from addax.data import AUTOTUNE, Dataset, TensorSpec, _prefetch


def threads():
    return [t for t in threading.enumerate() if t.name == "addax-prefetch"]


def settled(count):
    """Wait until there are `count` threads."""
    end = time.monotonic() + 5
    while len(threads()) != count and time.monotonic() < end:
        time.sleep(0.005)
    return len(threads()) == count


@pytest.fixture(autouse=True)
def no_thread_is_left():
    before = len(threads())
    yield
    gc.collect()
    assert settled(before)


def values(iterator):
    return [x.numpy().tolist() for x in iterator]


@pytest.mark.parametrize("size", [0, 1, 3, AUTOTUNE, 100])
def test_the_elements_are_the_same(size):
    assert values(Dataset.range(5).prefetch(size)) == [0, 1, 2, 3, 4]
    arrays = Dataset.from_tensor_slices(np.arange(7)).shuffle(7, seed=1).batch(2)
    assert values(arrays.prefetch(size)) == values(
        Dataset.from_tensor_slices(np.arange(7)).shuffle(7, seed=1).batch(2)
    )


def test_a_thread_runs_ahead_but_not_further_than_the_buffer():
    made = []

    def generate():
        for i in range(100):
            made.append(i)
            yield i

    ds = Dataset.from_generator(generate, output_signature=TensorSpec((), "int64")).prefetch(3)
    iterator = iter(ds)
    assert made == []
    next(iterator)
    end = time.monotonic() + 5
    while len(made) < 4 and time.monotonic() < end:
        time.sleep(0.005)
    time.sleep(0.05)
    assert made == [0, 1, 2, 3]


def test_the_thread_ends_when_the_iterator_is_dropped():
    iterator = iter(Dataset.range(10).repeat().prefetch(2))
    next(iterator)
    assert settled(1)
    del iterator
    assert settled(0)


def test_leaving_a_loop_drops_the_iterator():
    for _ in Dataset.range(10).repeat().prefetch(2):
        break
    assert settled(0)


def test_an_error_arrives_with_its_own_traceback():
    def find_the_culprit(x):
        if int(x) == 2:
            raise KeyError("culprit")
        return x

    iterator = iter(Dataset.range(5).map(find_the_culprit).prefetch(2))
    assert [int(next(iterator)), int(next(iterator))] == [0, 1]
    with pytest.raises(KeyError, match="culprit") as caught:
        next(iterator)
    assert "find_the_culprit" in "".join(traceback.format_tb(caught.value.__traceback__))
    assert values(iterator) == [3, 4]


def test_behind_the_end_there_is_nothing():
    iterator = iter(Dataset.range(1).prefetch(2))
    assert values(iterator) == [0] and next(iterator, None) is None and next(iterator, None) is None


def test_a_state_falls_between_two_elements():
    ds = Dataset.range(50).map(lambda x: x * 2).shuffle(10, seed=1).prefetch(4)
    iterator = iter(ds)
    for position in range(20):
        next(iterator)
        state = iterator.get_state()
        if position % 6 == 0:
            rest = iter(Dataset.range(50).map(lambda x: x * 2).shuffle(10, seed=1).prefetch(4))
            next(rest)
            rest.set_state(state)
            expected = values(Dataset.range(50).map(lambda x: x * 2).shuffle(10, seed=1))[position + 1 :]
            assert values(rest) == expected


def test_several_threads_in_a_row_and_side_by_side():
    ds = Dataset.range(20).prefetch(1).map(lambda x: x + 1).prefetch(2)
    both = Dataset.zip((ds, ds)).prefetch(1)
    assert [(int(a), int(b)) for a, b in both] == [(i, i) for i in range(1, 21)]


def test_a_program_ends_while_threads_run():
    import subprocess
    import sys

    code = (
        "from addax.data import Dataset\n"
        "it = iter(Dataset.range(9).repeat().map(lambda x: x * 2).prefetch(2)); next(it); print('done')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "done\n" and done.stderr == ""


def test_a_state_is_that_of_one_moment_while_the_thread_begins_new_passes():
    def slow():
        for number in range(3):
            time.sleep(0.005)
            yield number

    def numbers():
        source = Dataset.from_generator(slow, output_signature=TensorSpec((), "int64"))
        return source.shuffle(3, seed=1).repeat(6).batch(6).prefetch(1)

    iterator = iter(numbers())
    next(iterator)  # the thread goes on to the next batch, for which it begins two passes
    state = iterator.get_state()
    rest = [x.numpy().tolist() for x in iterator]
    again = iter(numbers())
    again.set_state(state)
    assert [x.numpy().tolist() for x in again] == rest


@pytest.mark.parametrize(("width", "count"), [(4, 0), (4096, 1)])
def test_small_batches_of_arrays_are_gathered_without_a_thread(width, count):
    before = len(threads())
    x = np.arange(64 * width).reshape(64, width)
    iterator = iter(Dataset.from_tensor_slices(x).shuffle(64, seed=1).batch(8).prefetch(AUTOTUNE))
    first = next(iterator)
    assert len(threads()) == before + count
    rows = np.concatenate([first.numpy(), *(batch.numpy() for batch in iterator)])
    np.testing.assert_array_equal(rows[rows[:, 0].argsort()], x)


@pytest.fixture
def changing(monkeypatch):
    """The taker and the thread compute the elements by turns, in an order that says nothing of the clock."""
    turns = itertools.cycle([True, True, False, True, False, False, False, True])

    def note(pace, entered):
        pace.alone = next(turns)

    monkeypatch.setattr(_prefetch._Pace, "note", note)


def _pipeline():
    return Dataset.range(40).map(lambda x: x * 2).shuffle(10, seed=1)


def test_whoever_computes_the_elements_they_are_the_same(changing):
    assert values(_pipeline().prefetch(3)) == values(_pipeline())
    assert values(Dataset.range(1).prefetch(2).repeat(9)) == [0] * 9


def test_states_while_the_taker_and_the_thread_change_places(changing):
    expected = values(_pipeline())
    iterator = iter(_pipeline().prefetch(3))
    for position in range(20):
        next(iterator)
        rest = iter(_pipeline().prefetch(3))
        next(rest)
        rest.set_state(iterator.get_state())
        assert values(rest) == expected[position + 1 :]


def test_errors_while_the_taker_and_the_thread_change_places(changing):
    iterator = iter(Dataset.range(40).map(lambda x: 1 // (int(x) % 5)).prefetch(2))
    got = []
    for _ in range(40):
        try:
            got.append(int(next(iterator)))
        except ZeroDivisionError:
            got.append(None)
    assert got == [None if i % 5 == 0 else 1 // (i % 5) for i in range(40)] and next(iterator, None) is None


def test_a_taker_that_only_waits_computes_the_elements_until_it_takes_its_time():
    pace = _prefetch._Pace()

    def elements(own, waited, count=8):
        for _ in range(count):
            pace.left = time.perf_counter() - own - waited
            pace.note(pace.left + own)
        return pace.alone

    assert elements(own=0.0, waited=1.0)
    assert elements(own=0.2, waited=1.0)  # still
    assert not elements(own=0.3, waited=1.0)
    assert not elements(own=0.2, waited=1.0)
    assert not elements(own=0.0, waited=1.0, count=7) and elements(own=0.0, waited=1.0, count=1)

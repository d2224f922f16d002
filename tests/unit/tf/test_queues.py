"""Queues between threads, as TensorFlow 2.21 has them in eager code."""

import threading

import numpy as np
import pytest
from tests.waiting import until

import addax.tf as tf

FIFO = tf.queue.FIFOQueue


def test_elements_of_several_tensors():
    queue = FIFO(10, [tf.int32, tf.float32], shapes=[(), (2,)])
    queue.enqueue((1, [1.0, 2.0]))
    queue.enqueue_many(([2, 3], [[3.0, 4.0], [5, 6]]))
    number, pair = queue.dequeue()
    assert (int(number), pair.numpy().tolist()) == (1, [1.0, 2.0])
    numbers, pairs = queue.dequeue_many(2)
    assert numbers.numpy().tolist() == [2, 3] and pairs.shape == (2, 2)
    assert int(queue.size()) == 0
    assert queue.shapes == [(), (2,)] and queue.dtypes == [tf.int32, tf.float32] and queue.names is None


def test_named_tensors():
    queue = FIFO(10, [tf.int32, tf.string], shapes=[(), ()], names=["a", "b"])
    queue.enqueue({"a": 1, "b": "x"})
    found = queue.dequeue_many(1)
    assert sorted(found) == ["a", "b"] and found["b"].numpy().tolist() == [b"x"]


def test_a_closed_queue():
    queue = FIFO(10, tf.int32, shapes=[()])
    queue.enqueue_many([[1, 2, 3]])
    assert not bool(queue.is_closed())
    queue.close()
    assert bool(queue.is_closed())
    with pytest.raises(tf.errors.CancelledError, match="closed"):
        queue.enqueue(4)
    with pytest.raises(tf.errors.OutOfRangeError, match="too few"):
        queue.dequeue_many(5)
    assert queue.dequeue_up_to(2).numpy().tolist() == [1, 2]
    assert queue.dequeue_up_to(2).numpy().tolist() == [3]
    assert queue.dequeue_many(0).shape == (0,)
    with pytest.raises(tf.errors.OutOfRangeError):
        queue.dequeue()
    with pytest.raises(tf.errors.CancelledError, match="already"):
        queue.close()


def test_threads_wait_for_room_and_for_elements():
    queue = FIFO(1, tf.int32, shapes=[()])

    def produce():
        for i in range(4):
            queue.enqueue(i)
        queue.close()

    thread = threading.Thread(target=produce)
    thread.start()
    assert [int(queue.dequeue()) for _ in range(4)] == [0, 1, 2, 3]
    thread.join(10)
    with pytest.raises(tf.errors.OutOfRangeError):
        queue.dequeue()


@pytest.mark.parametrize("cancel", [False, True])
def test_closing_while_elements_wait_for_room(cancel):
    queue = FIFO(1, tf.int32, shapes=[()])
    queue.enqueue(1)
    ended = []

    def wait():
        try:
            queue.enqueue_many([[2, 3]])
            ended.append("put in")
        except tf.errors.CancelledError:
            ended.append("cancelled")

    thread = threading.Thread(target=wait)
    thread.start()
    until(lambda: queue.queue_ref._waiting)
    queue.close(cancel_pending_enqueues=cancel)
    found = queue.dequeue_up_to(5).numpy().tolist()
    thread.join(10)
    assert (found, ended) == (([1], ["cancelled"]) if cancel else ([1, 2, 3], ["put in"]))


def test_padding():
    queue = tf.queue.PaddingFIFOQueue(5, [tf.int32, tf.string], [(None,), (None, 2)])
    queue.enqueue(([1], [["a", "b"]]))
    queue.enqueue(([1, 2, 3], tf.zeros((0, 2), tf.string)))
    numbers, texts = queue.dequeue_many(2)
    assert numbers.numpy().tolist() == [[1, 0, 0], [1, 2, 3]]
    assert texts.numpy().tolist() == [[[b"a", b"b"]], [[b"", b""]]]
    with pytest.raises(ValueError, match="shape"):
        queue.enqueue(([1], [["a"]]))
    with pytest.raises(ValueError, match="needs the shapes"):
        tf.queue.PaddingFIFOQueue(5, [tf.int32], None)


def test_priorities():
    queue = tf.queue.PriorityQueue(5, tf.string, shapes=[()])
    queue.enqueue((3, "c"))
    queue.enqueue_many(([2, -1, 2], ["b", "a", "b2"]))
    numbers, texts = queue.dequeue_many(4)
    assert numbers.numpy().tolist() == [-1, 2, 2, 3] and texts.numpy().tolist() == [b"a", b"b", b"b2", b"c"]
    assert queue.dtypes == [tf.int64, tf.string]
    with pytest.raises(ValueError, match="shape"):
        queue.enqueue(([3], "c"))
    with pytest.raises(ValueError, match="number of tensors"):
        queue.enqueue("c")


def test_a_random_order():
    queue = tf.queue.RandomShuffleQueue(100, 2, tf.int32, shapes=[()], seed=1)
    queue.enqueue_many([list(range(50))])
    found = queue.dequeue_many(48).numpy().tolist()
    assert found != sorted(found)
    queue.close()
    assert sorted(found + queue.dequeue_many(2).numpy().tolist()) == list(range(50))
    for least in (-1, 100):
        with pytest.raises(ValueError, match="min_after_dequeue"):
            tf.queue.RandomShuffleQueue(100, least, tf.int32)


def test_elements_stay_for_the_random_order():
    queue = tf.queue.RandomShuffleQueue(100, 2, tf.int32, shapes=[()])
    queue.enqueue_many([[1, 2]])
    found = []
    thread = threading.Thread(target=lambda: found.append(int(queue.dequeue())))
    thread.start()
    thread.join(0.1)
    assert not found
    queue.enqueue(3)
    thread.join(10)
    assert len(found) == 1 and int(queue.size()) == 2


def test_shared_names():
    one, other = (FIFO(3, tf.int32, shapes=[()], shared_name="test_shared_names") for _ in range(2))
    one.enqueue(4)
    assert int(other.size()) == 1 and int(other.dequeue()) == 4


def test_one_of_several():
    queues = [FIFO(3, tf.int32, shapes=[()]) for _ in range(2)]
    assert tf.queue.QueueBase.from_list(tf.constant(1), queues) is queues[1]
    with pytest.raises(IndexError, match="no such queue"):
        tf.queue.QueueBase.from_list(2, queues)
    for wrong in ([], [3], [queues[0], FIFO(3, tf.float32)]):
        with pytest.raises(TypeError):
            tf.queue.QueueBase.from_list(0, wrong)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"dtypes": [], "shapes": []}, "no dtypes"),
        ({"dtypes": tf.int32, "shapes": [(), ()]}, "as many shapes"),
        ({"dtypes": tf.int32, "shapes": [(None,)]}, "PaddingFIFOQueue"),
        ({"dtypes": tf.int32, "names": ["a", "b"]}, "as many names"),
    ],
)
def test_wrong_queues(options, what):
    with pytest.raises(ValueError, match=what):
        FIFO(3, **options)


@pytest.mark.parametrize(
    ("value", "error", "what"),
    [
        (1.5, TypeError, "another dtype"),
        ("a", TypeError, "another dtype"),
        (tf.constant(1.0), TypeError, "another dtype"),
        ([[1, 2]], ValueError, "another shape"),
        ([1, 2], ValueError, "number of tensors"),
        ({"a": 1}, ValueError, "no names"),
    ],
)
def test_wrong_elements(value, error, what):
    with pytest.raises(error, match=what):
        FIFO(3, tf.int32, shapes=[()]).enqueue(value)


def test_wrong_rows():
    queue = FIFO(9, [tf.int32, tf.int32], shapes=[(), ()], names=["a", "b"])
    with pytest.raises(ValueError, match="as many rows"):
        queue.enqueue_many({"a": [1, 2], "b": [1]})
    with pytest.raises(ValueError, match="names of the element"):
        queue.enqueue({"a": 1})
    with pytest.raises(ValueError, match="negative"):
        queue.dequeue_many(-1)
    with pytest.raises(ValueError, match="shapes"):
        FIFO(3, tf.int32).dequeue_many(1)


def test_numbers_of_other_kinds():
    queue = FIFO(3, [tf.float32, tf.int64, tf.bool], shapes=[(), (), ()])
    queue.enqueue((1, np.int32(2), True))
    assert [part.numpy().tolist() for part in queue.dequeue_many(1)] == [[1.0], [2], [True]]

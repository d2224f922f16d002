"""Conversions of users' classes, makers of variables, critical sections, fingerprints, `tf.compat.v2`."""

import threading

import numpy as np
import pytest

import addax.tf as tf


class Box:
    def __init__(self, value):
        self.value = value


def test_conversions_are_asked_by_priority():
    class Own(Box):
        pass

    register = tf.register_tensor_conversion_function
    register(Own, lambda value, dtype=None, name=None, as_ref=False: tf.constant(value.value))
    assert int(Own(3) + tf.constant(1)) == int(tf.add(Own(3), 1)) == 4
    assert tf.stack([Own(1), Own(2)]).numpy().tolist() == [1, 2]
    assert tf.convert_to_tensor(Own(3), tf.float32).dtype == tf.float32
    assert int(tf.function(lambda x: x + Own(2))(tf.constant(1))) == 3
    register(Own, lambda value, **_: NotImplemented if value.value else tf.constant(-1), priority=50)
    assert (int(tf.convert_to_tensor(Own(3))), int(tf.convert_to_tensor(Own(0)))) == (3, -1)
    register(Own, lambda value, **_: 5, priority=10)
    with pytest.raises(RuntimeError, match="gave no tensor"):
        tf.convert_to_tensor(Own(3))


def test_conversions_that_all_decline():
    class Own(Box):
        pass

    tf.register_tensor_conversion_function((Own,), lambda value, **_: NotImplemented)
    with pytest.raises(ValueError, match="No function"):
        tf.convert_to_tensor(Own(1))


@pytest.mark.parametrize(
    ("kind", "function", "what"),
    [
        (3, print, "no class"),
        ((), print, "no class"),
        (Box, 3, "no function"),
        (int, print, "one way only"),
        (np.ndarray, print, "one way only"),
        (tf.Tensor, print, "one way only"),
        (dict, print, "cannot be changed"),
    ],
)
def test_wrong_conversions(kind, function, what):
    with pytest.raises(TypeError, match=what):
        tf.register_tensor_conversion_function(kind, function)


def test_makers_of_variables():
    asked = []

    def inner(next_creator, **arguments):
        asked.append(sorted(arguments))
        return next_creator(**{**arguments, "trainable": False})

    def outer(next_creator, **arguments):
        asked.append((arguments["name"], arguments["trainable"], arguments["initial_value"]))
        return next_creator(**arguments)

    with tf.variable_creator_scope(outer), tf.variable_creator_scope(inner):
        assert not tf.Variable(1.0, name="q").trainable
    assert asked[1] == ("q", False, 1.0)
    assert asked[0] == [
        "aggregation", "caching_device", "constraint", "dtype", "experimental_enable_variable_lifting", "import_scope",
        "initial_value", "name", "shape", "synchronization", "trainable", "validate_shape", "variable_def",
    ]  # fmt: skip
    assert tf.Variable(1.0).trainable
    with tf.variable_creator_scope(lambda next_creator, **_: 5):
        assert tf.Variable(2.0) == 5
    with pytest.raises(TypeError, match="no function"), tf.variable_creator_scope(3):
        pass


def test_a_critical_section_runs_one_function_at_a_time():
    section, inside, most = tf.CriticalSection(name="x"), [], []

    def run():
        inside.append(1)
        most.append(len(inside))
        threading.Event().wait(0.005)
        inside.pop()

    threads = [threading.Thread(target=lambda: section.execute(run)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 5 and section.name == "x"


def test_wrong_uses_of_a_critical_section():
    section = tf.CriticalSection()
    with pytest.raises(ValueError, match="inside of itself"):
        section.execute(lambda: section.execute(lambda: 1))
    assert section.execute(lambda: [tf.constant(1), None])[1] is None
    with pytest.raises(TypeError, match="function"):
        section.execute(3)
    with pytest.raises(ValueError, match="graph"):
        tf.CriticalSection(critical_section_def="x")
    shared = [tf.CriticalSection(shared_name="same") for _ in range(2)]
    with pytest.raises(ValueError, match="inside of itself"):
        shared[0].execute(lambda: shared[1].execute(lambda: 1))


def test_wrong_fingerprints():
    with pytest.raises(ValueError, match="rank 1"):
        tf.fingerprint(tf.constant(1))
    with pytest.raises(ValueError, match="Unknown method"):
        tf.fingerprint(tf.constant([1]), "md5")
    assert tf.fingerprint(tf.zeros((0, 3))).shape == (0, 8)


def test_approx_top_k_of_the_smallest():
    found = tf.approx_top_k([[3.0, 1.0, 2.0, 5.0]], 2, is_max_k=False)
    assert found.values.numpy().tolist() == [[1, 2]] and found.indices.numpy().tolist() == [[1, 2]]


def test_compat_v2_is_tf():
    assert tf.compat.v2 is tf


def test_matches_are_kept(tmp_path):
    for name in ("b.txt", "a.txt", "c.none"):
        (tmp_path / name).write_text("")
    found = tf.io.match_filenames_once(str(tmp_path / "*.txt"))
    (tmp_path / "d.txt").write_text("")
    assert [path.decode().rpartition("/")[2] for path in found.numpy().tolist()] == ["a.txt", "b.txt"]
    assert tf.io.match_filenames_once([str(tmp_path / "*.nothing")]).shape == (0,)

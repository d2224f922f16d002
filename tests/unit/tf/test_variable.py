"""`tf.Variable` and `tf.Module`: constructor, names, text, parts, the walk over attributes."""

import copy
import pickle

import numpy as np
import pytest

import addax.tf as tf


def test_constructor_arguments_in_tensorflows_order():
    v = tf.Variable([1, 2], False, True, None, "counts", None, tf.float32)
    assert v.name == "counts:0" and v.dtype == tf.float32 and not v.trainable
    assert tf.Variable(lambda: 3.0).numpy() == 3.0 and tf.Variable(1).dtype == tf.int32
    assert tf.Variable(np.float64(1.5)).name == "Variable:0"
    with pytest.raises(ValueError, match="initial_value"):
        tf.Variable()
    with pytest.raises(ValueError, match=r"\(2,\)(.|\n)*\(3,\)"):
        tf.Variable([1.0, 2.0, 3.0], shape=(2,))


def test_text():
    v = tf.Variable([[1.0], [2.0]], name="w")
    assert repr(v) == str(v)
    assert repr(v) == (
        "<tf.Variable 'w:0' shape=(2, 1) dtype=float32, numpy=\narray([[1.],\n       [2.]], dtype=float32)>"
    )
    assert repr(tf.Variable(6.0)) == "<tf.Variable 'Variable:0' shape=() dtype=float32, numpy=6.0>"


def test_value_is_a_tensor_and_can_be_called():
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(v.value() * 2 + v.value)
    assert tape.gradient(y, v).numpy().tolist() == [3.0, 3.0]
    assert v.value.shape == (2,) and tf.is_tensor(v.value()) and v.read_value().numpy().tolist() == [1.0, 2.0]


def test_parts_are_scattered_and_gathered():
    v = tf.Variable([1.0, 2.0, 3.0, 4.0])
    v.scatter_nd_update([[0], [2]], [10.0, 30.0])
    v.scatter_nd_add([[0], [0]], [1.0, 1.0])
    v.scatter_nd_sub([[3]], [1.0])
    assert v.numpy().tolist() == [12.0, 2.0, 30.0, 3.0]
    v.scatter_update(tf.IndexedSlices([7.0], [1]))
    v.scatter_add(tf.IndexedSlices(values=[1.0], indices=[1]))
    v.scatter_max(tf.IndexedSlices([5.0], [3]))
    assert v.numpy().tolist() == [12.0, 8.0, 30.0, 5.0]
    assert v.sparse_read([1, 1]).numpy().tolist() == [8.0, 8.0] and v.gather_nd([[0]]).numpy().tolist() == [
        12.0
    ]
    v[1:3].assign([0.0, 0.0])
    assert v.numpy().tolist() == [12.0, 0.0, 0.0, 5.0]


def test_indexed_slices_are_dense_where_a_tensor_is_wanted():
    slices = tf.IndexedSlices(values=[[1.0, 2.0]], indices=[1], dense_shape=(3, 2))
    assert tf.convert_to_tensor(slices).numpy().tolist() == [[0, 0], [1, 2], [0, 0]]
    assert slices.shape == (3, 2) and slices.dtype == tf.float32
    with pytest.raises(ValueError, match="dense_shape"):
        tf.IndexedSlices([1.0], [0]).shape  # noqa: B018


def test_copies():
    v = tf.Variable([1.0], name="v")
    other, restored = copy.deepcopy(v), pickle.loads(pickle.dumps(v))
    v.assign([5.0])
    assert other.numpy().tolist() == restored.numpy().tolist() == [1.0] and restored.name == "v:0"


def test_name_scopes():
    with tf.name_scope("outer") as scope:
        v = tf.Variable(1.0, name="w")
    assert scope == "outer/" and v.path == "outer/w"


class Linear(tf.Module):
    def __init__(self, name=None):
        super().__init__(name=name)
        self.w = tf.Variable(tf.ones((2, 2)), name="w")
        self.b = tf.Variable(tf.zeros(2), name="b")
        self.steps = tf.Variable(0, trainable=False)

    @tf.function
    def __call__(self, x):
        self.steps.assign_add(1)
        return x @ self.w + self.b


def test_module_finds_variables_and_submodules():
    class Net(tf.Module):
        def __init__(self):
            super().__init__()
            self.layers = [Linear("first"), {"x": Linear()}]
            self.scale = tf.Variable(2.0)

        def __call__(self, x):
            for layer in (self.layers[0], self.layers[1]["x"]):
                x = layer(x)
            return x * self.scale

    net = Net()
    assert net(tf.ones((1, 2))).numpy().tolist() == [[8.0, 8.0]]
    assert (
        len(net.variables) == 7
        and len(net.trainable_variables) == 5
        and len(net.non_trainable_variables) == 2
    )
    assert [m.name for m in net.submodules] == ["first", "linear"] and net.name == "net"
    assert [v.name for v in Linear().variables] == ["b:0", "Variable:0", "w:0"]
    assert int(net.layers[0].steps) == 1


def test_with_name_scope():
    class Named(tf.Module):
        @tf.Module.with_name_scope
        def build(self):
            return tf.Variable(1.0, name="w")

    assert Named(name="mine").build().path == "mine/w"


def test_names_have_their_scopes_in_front():
    with tf.name_scope("outer"), tf.name_scope("inner"):
        v = tf.Variable(1.0, name="w")

    class Dense(tf.Module):
        @tf.Module.with_name_scope
        def __call__(self, x):
            self.b = tf.Variable(0.0)
            return x + self.b

    dense = Dense()
    dense(1.0)
    assert (v.name, dense.b.name, tf.Variable(1.0, name="v").name) == (
        "outer/inner/w:0",
        "dense/Variable:0",
        "v:0",
    )

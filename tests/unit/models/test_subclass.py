"""Models by subclassing, and mixed with graphs."""

import numpy as np
import pytest

import addax as keras
import addax.tf as tf
from addax import layers, ops

RNG = np.random.RandomState(0)
X = RNG.rand(6, 4).astype("float32")


class TwoInputs(keras.Model):
    def __init__(self):
        super().__init__()
        self.left, self.right = layers.Dense(2), layers.Dense(2)

    def call(self, inputs):
        a, b = inputs
        return {"sum": self.left(a) + self.right(b), "left": self.left(a)}


def test_several_inputs_and_outputs_train():
    model = TwoInputs()
    model.compile("sgd", {"sum": "mse", "left": "mae"})
    y = {"sum": X[:, :2], "left": X[:, 2:]}
    history = model.fit([X, X], y, epochs=2, batch_size=4, verbose=0).history
    assert history["loss"][1] < history["loss"][0] and set(history) == {"loss", "sum_loss", "left_loss"}
    assert model.predict([X, X], verbose=0)["sum"].shape == (6, 2)
    assert len(model.layers) == 2 and model.count_params() == 20


class ByName(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(1)

    def call(self, data):
        return self.dense(ops.concatenate([data["a"], data["b"]], axis=-1))


def test_a_dict_of_inputs():
    model = ByName()
    model.compile("sgd", "mse")
    data = {"b": X[:, :1], "a": X}
    model.fit(data, X[:, :1], verbose=0)
    assert model.count_params() == 6
    w, b = model.get_weights()
    want = np.concatenate([X, X[:, :1]], 1) @ w + b
    # Sums that cancel to almost nothing keep the rounding of their terms.
    np.testing.assert_allclose(model.predict(data, verbose=0), want, rtol=1e-5, atol=1e-6)


def test_a_build_method_with_a_tensor_shape():
    shapes = []

    class Built(keras.Model):
        def build(self, input_shape):
            shapes.append(input_shape)
            self.w = self.add_weight(shape=(input_shape[-1], 2), initializer="ones", name="w")
            super().build(input_shape)

        def call(self, x):
            return x @ self.w

    model = Built()
    model.build(input_shape=tf.TensorShape([None, 4]))
    assert shapes == [(None, 4)] and model.built
    np.testing.assert_allclose(model(X), X @ np.ones((4, 2)), rtol=1e-6, atol=1e-6)
    lazy = Built()
    assert lazy.predict(X, verbose=0).shape == (6, 2) and shapes[1][-1] == 4


class Leaf:
    def __init__(self, word):
        self.word = word


class TreeNet(keras.Model):
    """A network whose structure is that of the data: Python objects, no arrays."""

    def __init__(self):
        super().__init__()
        self.words = layers.Embedding(5, 3)
        self.join = layers.Dense(3, activation="tanh")
        self.head = layers.Dense(1)

    def walk(self, tree):
        if isinstance(tree, Leaf):
            return self.words(tf.constant([tree.word]))
        return self.join(tf.concat([self.walk(tree[0]), self.walk(tree[1])], axis=1))

    def call(self, tree):
        return self.head(self.walk(tree))


def test_structure_that_depends_on_the_data():
    model = TreeNet()
    trees = [(Leaf(1), (Leaf(2), Leaf(3))), ((Leaf(4), Leaf(1)), (Leaf(0), Leaf(2)))]
    optimizer = keras.optimizers.SGD(0.1)
    losses = []
    for _ in range(15):
        for tree, target in zip(trees, (1.0, -1.0), strict=True):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(tf.square(model(tree) - target))
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
            losses.append(float(loss))
    assert sum(losses[-2:]) < 0.1 * sum(losses[:2]) and len(model.weights) == 5


def test_python_control_flow_on_tensors_and_values():
    class Branching(keras.Model):
        def __init__(self):
            super().__init__()
            self.a, self.b = layers.Dense(2), layers.Dense(2)

        def call(self, x):
            if tf.reduce_sum(x) > 0:
                return self.a(x)
            return self.b(x)

    model = Branching()
    np.testing.assert_allclose(model(X), model.a(X), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(model(-X), model.b(-X), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(model.predict(X, verbose=0), model.a(X), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model.predict(-X, verbose=0), model.b(-X), rtol=1e-5, atol=1e-6)


def test_an_eager_call_runs_the_code_once_with_values():
    seen = []

    class Looking(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, x):
            seen.append(x.numpy().sum())
            return self.dense(x)

    model = Looking()
    assert model(X).shape == (6, 1)
    assert seen == [pytest.approx(X.sum(), rel=1e-5)] and model.built and len(model.weights) == 2


def test_a_subclass_inside_a_graph_and_a_graph_inside_a_subclass():
    class Outer(keras.Model):
        def __init__(self):
            super().__init__()
            x = keras.Input((4,))
            self.graph = keras.Model(x, layers.Dense(3)(x))
            self.stack = keras.Sequential([layers.Dense(2)])

        def call(self, x):
            return self.stack(self.graph(x))

    outer = Outer()
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dense(1)(outer(x)))
    assert model.count_params() == 15 + 8 + 3 and model.layers[1] is outer
    model.compile("sgd", "mse")
    before = outer.graph.get_weights()[0]
    model.fit(X, X[:, :1], verbose=0)
    assert not np.array_equal(outer.graph.get_weights()[0], before)


def test_optimizers_and_models_in_attributes():
    class Holder(keras.Model):
        def __init__(self):
            super().__init__()
            self.optim = keras.optimizers.Adam()
            self.parts = {"one": layers.Dense(1), "more": [layers.Dense(2), (layers.Dense(3),)]}

        def call(self, x):
            return self.parts["one"](self.parts["more"][0](self.parts["more"][1][0](x)))

    model = Holder()
    model(X)
    model.optim.build(model.trainable_variables)
    assert len(model.layers) == 3 and len(model.variables) == len(model.weights) == 6


def test_a_model_without_call_or_super_says_so():
    class Empty(keras.Model):
        pass

    with pytest.raises(NotImplementedError, match="neither a graph nor a call"):
        Empty()(X)

    class Forgetful(keras.Model):
        def __init__(self):
            self.dense = layers.Dense(1)

    with pytest.raises(RuntimeError, match="super"):
        Forgetful()


def test_summaries_of_subclassed_models():
    model = TwoInputs()
    lines = []
    model([X, X])
    model.summary(print_fn=lines.append)
    text = "\n".join(lines)
    assert "(Dense)" in text and "Total params: 20" in text


def test_summary_goes_to_the_screen_and_names_what_is_not_built(capsys):
    keras.Sequential([layers.Dense(2)], name="open").summary()
    assert "open" in capsys.readouterr().out


def test_get_layer_and_read_only_layers():
    model = TwoInputs()
    assert model.get_layer(index=1) is model.right
    with pytest.raises(ValueError, match="no layer at index 2"):
        model.get_layer(index=2)
    with pytest.raises(ValueError, match="name or an index"):
        model.get_layer()
    with pytest.raises(AttributeError, match="read-only"):
        model.layers = []


class Wandering(layers.Layer):
    """Python's conditions, loops and assertions on values."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(4)

    def call(self, x):
        y = self.dense(x)
        if tf.reduce_mean(y) > 0.0:
            y = y * 2.0
        else:
            y = -y
        total = tf.zeros_like(y)
        for i in tf.range(3):
            total += y * tf.cast(i + 1, "float32")
            if tf.reduce_sum(total) > 1e4:
                break
        turns = 0
        while tf.reduce_sum(tf.abs(total)) < 10.0 and turns < 5:
            total = total * 2.0
            turns += 1
        assert tf.reduce_all(tf.math.is_finite(total)), "not finite"
        return total


def test_control_flow_in_call_is_the_same_trained_eager_and_exported(tmp_path):
    model = keras.Sequential([keras.Input((4,)), Wandering(), layers.Dense(1)])
    model.compile("sgd", "mse")
    weights = model.get_weights()
    fitted = model.fit(X, X[:, :1], epochs=2, shuffle=False, verbose=0).history["loss"]
    model.set_weights(weights)
    model.compile("sgd", "mse", run_eagerly=True)
    slow = model.fit(X, X[:, :1], epochs=2, shuffle=False, verbose=0).history["loss"]
    np.testing.assert_allclose(fitted, slow, rtol=1e-4)
    assert all(abs(w - v).max() > 0 for w, v in zip(model.get_weights(), weights, strict=True))
    outputs = model.predict(X, verbose=0)
    model.export(tmp_path, verbose=False)
    served = tf.saved_model.load(str(tmp_path)).serve(X)
    np.testing.assert_allclose(served, outputs, rtol=1e-5, atol=1e-6)
    with pytest.raises(AssertionError, match="not finite"):  # it ran eagerly
        model.predict(np.full_like(X, np.inf), verbose=0)

"""`tf.saved_model.save` with signatures of the user's own, and of modules."""

import numpy as np
import pytest

import addax as keras
import addax.tf as tf

X = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")


class Model(tf.Module):
    def __init__(self):
        self.w = tf.Variable(np.ones((3, 2), "float32"), name="w")

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="rows")])
    def __call__(self, rows):
        return rows @ self.w

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32)])
    def both(self, x):
        y = x @ self.w
        return {"sum": tf.reduce_sum(y, axis=1), "product": y}

    @tf.function
    def never_called(self, x):
        return x

    def plain(self, x):
        return x


def test_a_module_is_saved_with_its_compiled_methods(tmp_path) -> None:
    module = Model()
    tf.saved_model.save(module, str(tmp_path / "m"))
    module.w.assign(module.w * 0)
    loaded = tf.saved_model.load(str(tmp_path / "m"))
    np.testing.assert_allclose(loaded(X), X @ np.ones((3, 2)), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(loaded.both(X)["sum"], (X @ np.ones((3, 2))).sum(1), rtol=1e-5, atol=1e-6)
    assert set(loaded.signatures) == {"serving_default", "both"}
    assert len(loaded.variables) == 1


def test_signatures_of_a_model(tmp_path) -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="features")])
    def classify(features):
        logits = model(features)
        return {"class": tf.argmax(logits, axis=1), "scores": tf.nn.softmax(logits)}

    @tf.function
    def double(x):
        return {"twice": 2 * model(x)}

    signatures = {
        "serving_default": classify,
        "double": double.get_concrete_function(tf.TensorSpec([None, 3], tf.float32, name="x")),
    }
    tf.saved_model.save(model, str(tmp_path / "m"), signatures=signatures)
    loaded = tf.saved_model.load(str(tmp_path / "m"))
    found = loaded.signatures["serving_default"](features=tf.constant(X))
    assert sorted(found) == ["class", "scores"]
    np.testing.assert_allclose(found["scores"], keras.ops.softmax(model(X)), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        loaded.signatures["double"](x=X[:2])["twice"], 2 * np.asarray(model(X[:2])), rtol=1e-5
    )


def test_what_cannot_be_saved(tmp_path) -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    for obj, signatures, kind, words in (
        (3, None, TypeError, "cannot be saved"),
        (model, lambda x: x, TypeError, "no compiled function"),
        (model, {"a": tf.function(lambda x: x)}, ValueError, "not known"),
        (tf.Module(), None, ValueError, "no function"),
        (tf.Module(), Model().both, ValueError, "not tracked"),
    ):
        with pytest.raises(kind, match=words):
            tf.saved_model.save(obj, str(tmp_path / "m"), signatures=signatures)
    assert not (tmp_path / "m").exists()

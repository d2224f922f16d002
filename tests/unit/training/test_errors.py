"""Every error of the foundation: what was expected, what came, and a hint."""

import numpy as np
import pytest

import addax as keras
from addax import layers


def compiled(loss="mse", units=1, **kwargs):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(units)])
    model.compile("sgd", loss, **kwargs)
    return model


X, Y = np.ones((8, 3), "float32"), np.ones((8, 1), "float32")


def raised(action, kind=ValueError):
    with pytest.raises(kind) as info:
        action()
    return "\n".join([str(info.value), *getattr(info.value, "__notes__", [])])


def test_incompatible_shapes_in_a_merge():
    a, b = keras.Input((3,)), keras.Input((4,))
    text = raised(lambda: layers.Add()([a, b]))
    assert "3" in text and "4" in text and "expected" in text


def test_wrong_rank_and_width():
    layer = layers.Dense(2)
    layer(np.ones((1, 3)))
    assert "axis -1 of size 3" in raised(lambda: layer(np.ones((1, 4))))
    text = raised(lambda: layers.Conv2D(2, 3)(np.ones((8, 8, 1))))
    assert "ndim" in text and "(8, 8, 1)" in text and "batch" in text


def test_a_model_that_is_not_compiled_or_built():
    model = keras.Sequential([layers.Dense(1)])
    text = raised(lambda: model.fit(X, Y))
    assert "compile" in text and "hint" in text
    assert "not built" in raised(lambda: layers.Dense(1).count_params())
    assert "not built" in raised(lambda: model.save_weights("x.weights.h5"))


def test_too_few_inputs():
    a, b = keras.Input((3,), name="a"), keras.Input((4,), name="b")
    model = keras.Model([a, b], layers.Concatenate()([a, b]))
    text = raised(lambda: model(np.ones((1, 3))))
    assert "2 inputs" in text and "'a'" in text
    assert "Missing: ['b']" in raised(lambda: model({"a": np.ones((1, 3))}))


@pytest.mark.parametrize(
    ("action", "nearest"),
    [
        (lambda: compiled("meen_squared_error"), "mean_squared_error"),
        (lambda: keras.optimizers.get("addam"), "adam"),
        (lambda: keras.metrics.get("acuracy"), "accuracy"),
        (lambda: layers.Dense(1, activation="relo"), "relu"),
        (lambda: layers.Dense(1, kernel_initializer="glorot_unifrm"), "glorot_uniform"),
    ],
)
def test_unknown_names_give_the_nearest(action, nearest):
    assert nearest in raised(action)


def test_labels_of_shape_n_are_squeezed_as_documented():
    model = compiled()
    loss = model.evaluate(X, Y, verbose=0)
    assert model.evaluate(X, Y[:, 0], verbose=0) == pytest.approx(loss)


def test_labels_that_would_only_broadcast_are_an_error_naming_the_output():
    text = raised(lambda: compiled(units=3).fit(X, Y, verbose=0))
    assert "(8, 1)" in text and "(8, 3)" in text and "output" in text
    text = raised(lambda: compiled("sparse_categorical_crossentropy", 3).fit(X, np.ones((8, 3)), verbose=0))
    assert "categorical_crossentropy" in text


def test_lengths_that_differ():
    text = raised(lambda: compiled().fit(X, Y[:5]))
    assert "x: 8" in text and "y: 5" in text


def test_nan_in_x_warns():
    bad = X.copy()
    bad[2, 1] = np.nan
    with pytest.warns(UserWarning, match="1 NaN values"):
        compiled().predict(bad, verbose=0)


def test_strings_and_objects_in_x():
    text = raised(
        lambda: compiled().fit(np.array([["a", "b", "c"]] * 8), Y, verbose=0), (ValueError, TypeError)
    )
    assert "string" in text
    text = raised(lambda: compiled().fit(np.array([[1, {}, 2]] * 8, object), Y))
    assert "not numbers" in text and "{}" in text


def test_empty_data():
    assert "empty" in raised(lambda: compiled().fit(X[:0], Y[:0]))
    assert "generator is empty" in raised(lambda: compiled().fit(iter([]), verbose=0))
    assert "no data" in raised(lambda: compiled().fit())


def test_an_optimizer_without_variables():
    text = raised(lambda: keras.optimizers.SGD().apply_gradients([]))
    assert "no gradients" in text.lower() or "nothing" in text.lower(), text


def test_files_missing_truncated_or_foreign(tmp_path):
    load = keras.models.load_model
    assert "File not found" in raised(lambda: load(tmp_path / "none.keras"))
    (tmp_path / "text.keras").write_text("hello")
    assert "no Keras model file" in raised(lambda: load(tmp_path / "text.keras"))
    compiled().save(tmp_path / "good.keras")
    (tmp_path / "cut.keras").write_bytes((tmp_path / "good.keras").read_bytes()[:-200])
    assert "damaged" in raised(lambda: load(tmp_path / "cut.keras"))


def test_an_unknown_class_in_a_file(tmp_path):
    class Mine(layers.Layer):
        def call(self, x):
            return x

    model = keras.Sequential([keras.Input((3,)), Mine()])
    model.save(tmp_path / "m.keras")
    text = raised(lambda: keras.models.load_model(tmp_path / "m.keras"), TypeError)
    assert "custom_objects={'Mine': Mine}" in text and "searched" in text
    assert keras.models.load_model(tmp_path / "m.keras", {"Mine": Mine}).layers[0].__class__ is Mine


def test_validation_split_with_a_generator():
    def batches():
        yield X, Y

    text = raised(lambda: compiled().fit(batches(), validation_split=0.5))
    assert "validation_data" in text


def test_a_callback_that_monitors_an_absent_metric():
    stopping = keras.callbacks.EarlyStopping(monitor="val_los")
    with pytest.warns(UserWarning, match="val_los"):
        compiled().fit(X, Y, callbacks=[stopping], verbose=0)


def test_infinite_data_needs_steps():
    data = keras.data.Dataset.from_tensor_slices((X, Y)).batch(4).repeat()
    assert "steps_per_epoch" in raised(lambda: compiled().fit(data))


def test_wrong_types_in_a_sequential_model():
    assert "Only layers" in raised(lambda: keras.Sequential([3]), TypeError)
    assert "Dense(...)" in raised(lambda: keras.Sequential([layers.Dense]), TypeError)
    assert "unique" in raised(
        lambda: keras.Sequential([layers.Dense(1, name="a"), layers.Dense(1, name="a")])
    )


def test_a_forgotten_super_init():
    class Forgetful(layers.Layer):
        def __init__(self):
            self.dense = layers.Dense(1)

    assert "super().__init__()" in raised(Forgetful, RuntimeError)


def test_weights_that_do_not_fit_give_a_table(tmp_path):
    compiled(units=2).save_weights(tmp_path / "w.weights.h5")
    text = raised(lambda: compiled(units=5).load_weights(tmp_path / "w.weights.h5"))
    assert "(3, 5)" in text and "(3, 2)" in text and "layers/dense" in text


def test_a_missing_loss():
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    model.compile("sgd")
    assert "no loss" in raised(lambda: model.fit(X, Y, verbose=0))


def test_a_disconnected_graph():
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    out = layers.Dense(1)(b)
    text = raised(lambda: keras.Model(a, out))
    assert "disconnected" in text and "'b'" in text


def test_symbolic_tensors_in_python_conditions():
    x = keras.Input((3,))
    with pytest.raises(TypeError, match="no value"):
        bool(x > 0)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([0, 1, 3], "Give the last layer 4 units"),
        ([1, 2, 3], "y - 1"),
        ([-1, 0, 2], "ignore_class"),
    ],
)
def test_labels_outside_of_the_classes(labels, words):
    x, y = np.ones((3, 2), "float32"), np.array(labels)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    for call in (model.fit, model.evaluate):
        with pytest.raises(ValueError, match=f"labels from {min(labels)} to {max(labels)}.*\n.*{words}"):
            call(x, y, verbose=0)
    model.fit(x, y, sample_weight=np.array([0.0, 1.0, 0.0]), verbose=0)  # weights may leave them out
    ignoring = keras.losses.SparseCategoricalCrossentropy(ignore_class=labels[0])
    model.compile("sgd", ignoring)
    model.fit(x, np.array([labels[0], 1, 2]), verbose=0)

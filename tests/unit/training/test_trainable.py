"""The public methods: compile and what it keeps, single batches, old names, saving between fits."""

import numpy as np
import pytest

import addax as keras
from addax import layers, ops

RNG = np.random.RandomState(0)
X = RNG.rand(10, 3).astype("float32")
Y = (X @ [[1.0], [2.0], [-1.0]]).astype("float32")


def linear(optimizer="sgd", **compile_arguments):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    model.compile(optimizer, **{"loss": "mse", "metrics": ["mae"], **compile_arguments})
    return model


def mean_losses(model):
    off = model.predict(X, verbose=0) - Y
    return np.mean(off**2), np.mean(np.abs(off))


# compile -------------------------------------------------------------------------------------------------
def test_metrics_may_come_third_as_in_tf_keras():
    model = linear()
    for arguments in (("sgd", "mse", ["mae"]), ("sgd", "mse", None, ["mae"]), ("sgd", "mse", ["mae"], [2.0])):
        model.compile(*arguments, run_eagerly=True)
        loss, mae = model.evaluate(X, Y, verbose=0)
        factor = 2 if len(arguments) == 4 and arguments[3] == [2.0] else 1
        assert (loss, mae) == pytest.approx((factor * mean_losses(model)[0], mean_losses(model)[1]), rel=1e-5)


@pytest.mark.parametrize(
    "optimizer",
    [
        "Adam",
        "sgd",
        keras.optimizers.RMSprop(0.01),
        keras.optimizers.AdamW,
        keras.optimizers.SGD(
            keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9), momentum=0.9, nesterov=True
        ),
        {"class_name": "Nadam", "config": {"learning_rate": 0.01}},
    ],
    ids=["name", "lower case", "object", "class", "schedule", "config"],
)
def test_optimizers_in_every_form(optimizer):
    model = linear(optimizer() if isinstance(optimizer, type) else optimizer)
    losses = model.fit(X, Y, epochs=3, verbose=0).history["loss"]
    assert losses[2] < losses[0] and int(model.optimizer.iterations) == 3


def test_unknown_arguments_are_named():
    with pytest.raises(TypeError, match="metric"):
        linear(metric=["mae"])
    with pytest.raises(TypeError, match="epoch"):
        linear().fit(X, Y, epoch=3)
    model = linear()
    model.compile("sgd", "mse", sample_weight_mode=None, target_tensors=None)
    assert model.fit(X, Y, workers=4, use_multiprocessing=True, max_queue_size=3, verbose=0).epoch == [0]


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_what_needs_compile_says_so(method):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    with pytest.raises(ValueError, match=rf"{method}\(\) needs a compiled model"):
        getattr(model, method)(X, Y)
    assert model.predict(X, verbose=0).shape == model.predict_on_batch(X).shape == (10, 1)


def test_training_needs_an_optimizer_but_evaluation_does_not():
    model = linear(None)
    assert model.evaluate(X, Y, verbose=0) == pytest.approx(mean_losses(model), rel=1e-5)
    with pytest.raises(ValueError, match="needs an optimizer"):
        model.fit(X, Y, verbose=0)
    model.trainable = False
    model.compile(None, "mse")
    assert model.fit(X, Y, verbose=0).history["loss"][0] == pytest.approx(mean_losses(model)[0], rel=1e-5)


def test_compiling_again_starts_metrics_and_optimizer_over():
    model = linear("adam")
    model.fit(X, Y, verbose=0)
    weights = model.get_weights()
    model.compile("sgd", "mae", metrics=["mse"])
    assert model.metrics_names == ["loss"] and int(model.optimizer.iterations) == 0
    for mine, before in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(mine, before)
    history = model.fit(X, Y, verbose=0).history
    assert list(history) == ["loss", "mse"]
    kept = model.optimizer
    model.compile(kept, "mse")
    model.fit(X, Y, epochs=2, verbose=0)
    assert model.optimizer is kept and int(kept.iterations) == 3  # an object goes on


def test_the_learning_rate_can_be_set_between_fits():
    model = linear(keras.optimizers.SGD(0.1))
    model.fit(X, Y, verbose=0)
    model.optimizer.learning_rate = 0.0
    before = model.get_weights()
    model.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], before[0])
    model.optimizer.learning_rate.assign(0.1)
    model.fit(X, Y, verbose=0)
    assert not np.array_equal(model.get_weights()[0], before[0])


def test_compile_config_makes_an_equal_model():
    model = linear(keras.optimizers.Adam(0.03), loss=keras.losses.Huber(delta=0.5), loss_weights=[0.5])
    config = model.get_compile_config()
    assert config["loss_weights"] == [0.5]
    other = keras.models.clone_model(model)
    other.set_weights(model.get_weights())
    other.compile_from_config(config)
    assert other.evaluate(X, Y, verbose=0) == pytest.approx(model.evaluate(X, Y, verbose=0))
    assert other.optimizer.learning_rate == np.float32(0.03)
    assert keras.Sequential([layers.Dense(1)]).get_compile_config() == {}


# Single batches ------------------------------------------------------------------------------------------
def test_train_on_batch_updates_and_reports():
    model = linear(keras.optimizers.SGD(0.1))
    expected = mean_losses(model)
    before = model.get_weights()[0]
    assert model.train_on_batch(X, Y) == pytest.approx(expected, rel=1e-5)
    assert not np.array_equal(model.get_weights()[0], before)
    expected = mean_losses(model)
    logs = model.train_on_batch(X, Y, return_dict=True)
    assert logs == {"loss": pytest.approx(expected[0], rel=1e-5), "mae": pytest.approx(expected[1], rel=1e-5)}
    assert all(type(value) is float for value in logs.values())


def test_a_single_loss_is_a_number():
    model = linear(metrics=None)
    assert type(model.train_on_batch(X, Y)) is float
    assert type(model.test_on_batch(X, Y)) is float
    assert type(model.evaluate(X, Y, verbose=0)) is float


def test_weights_of_a_single_batch():
    model = linear(keras.optimizers.SGD(0.0), metrics=None)
    off = (model.predict(X, verbose=0) - Y)[:, 0]
    weight = RNG.rand(10)
    assert model.train_on_batch(X, Y, sample_weight=weight) == pytest.approx(
        np.mean(off**2 * weight), rel=1e-4
    )
    assert model.test_on_batch(X, Y, weight) == pytest.approx(np.mean(off**2 * weight), rel=1e-4)
    labels = np.arange(10) % 2
    classes = np.where(labels == 1, 4.0, 1.0)
    off = model.predict(X, verbose=0)[:, 0] - labels
    found = model.train_on_batch(X, labels, class_weight={1: 4.0})
    assert found == pytest.approx(np.mean(off**2 * classes), rel=1e-4)


def test_metrics_of_single_batches_can_be_kept():
    model = linear()
    first, second = model.test_on_batch(X[:4], Y[:4]), model.test_on_batch(X[4:], Y[4:])
    model.reset_metrics()
    model.test_on_batch(X[:4], Y[:4], reset_metrics=False)
    both = model.test_on_batch(X[4:], Y[4:], reset_metrics=False)
    np.testing.assert_allclose(both, (4 * np.array(first) + 6 * np.array(second)) / 10, rtol=1e-5)
    model.reset_metrics()
    assert model.get_metrics_result()["mae"] == 0.0


def test_a_loop_over_batches_equals_fit():
    by_hand, fitted = linear("adam"), linear("adam")
    fitted.set_weights(by_hand.get_weights())
    for _ in range(2):
        for start in range(0, 10, 4):
            by_hand.train_on_batch(X[start : start + 4], Y[start : start + 4])
    fitted.fit(X, Y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    for a, b in zip(by_hand.get_weights(), fitted.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def test_single_batches_of_tensors_lists_and_dicts():
    a, b = keras.Input((1,), name="a"), keras.Input((2,), name="b")
    model = keras.Model([a, b], layers.Dense(1, name="out")(layers.Concatenate()([a, b])))
    model.compile("sgd", "mse", run_eagerly=True)
    parts = [X[:, :1], X[:, 1:]]
    value = model.test_on_batch(parts, Y)
    assert model.test_on_batch({"a": parts[0], "b": parts[1]}, {"out": Y}) == pytest.approx(value)
    assert model.test_on_batch([ops.convert_to_tensor(p) for p in parts], Y.tolist()) == pytest.approx(value)
    assert model.predict_on_batch(parts).shape == (10, 1)
    assert type(model.predict_on_batch(parts)) is np.ndarray


# Old names -----------------------------------------------------------------------------------------------
def test_the_old_methods_for_generators():
    model = linear(keras.optimizers.SGD(0.0))

    def batches():
        while True:
            yield X[:5], Y[:5]
            yield X[5:], Y[5:]

    history = model.fit_generator(batches(), steps_per_epoch=2, epochs=2, verbose=0, workers=2)
    assert history.history["loss"][1] == pytest.approx(mean_losses(model)[0], rel=1e-5)
    assert model.evaluate_generator(batches(), steps=2, verbose=0) == pytest.approx(
        mean_losses(model), rel=1e-5
    )
    found = model.predict_generator(batches(), steps=2, verbose=0)
    np.testing.assert_allclose(found, model.predict(X, verbose=0), rtol=1e-6, atol=1e-6)


def test_metrics_names_go_with_what_evaluate_lists():
    x = keras.Input((3,))
    model = keras.Model(x, [layers.Dense(1, name="left")(x), layers.Dense(1, name="right")(x)])
    model.compile("sgd", "mse", metrics={"right": ["mae", "mape"]}, run_eagerly=True)
    listed = model.evaluate(X, [Y, Y], verbose=0)
    named = model.evaluate(X, [Y, Y], verbose=0, return_dict=True)
    assert dict(zip(model.metrics_names, listed, strict=True)) == pytest.approx(named)
    assert model.metrics_names == ["loss", "left_loss", "right_loss", "right_mae", "right_mape"]
    assert list(named) == sorted(named)


def test_the_variables_of_training_are_none_of_the_models():
    model = linear("adam")
    model.fit(X, Y, verbose=0)
    assert len(model.variables) == len(model.weights) == 2
    assert len(model.metrics_variables) == 4 and len(model.optimizer.variables) == 6
    assert [metric.name for metric in model.metrics] == ["loss", "mae"]


def test_metrics_of_layers_are_reported_and_those_of_inner_models_not():
    class Counting(layers.Layer):
        def __init__(self):
            super().__init__()
            self.seen = keras.metrics.Sum(name="seen")

        def call(self, x):
            self.seen.update_state(ops.ones_like(x[:, 0]))
            return x

    inner = keras.Sequential([keras.Input((3,)), layers.Dense(3), Counting()])
    inner.compile("sgd", "mse", metrics=["mape"])
    model = keras.Sequential([keras.Input((3,)), inner, layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(X, Y, epochs=2, batch_size=4, verbose=0).history
    assert history["seen"] == [10.0, 10.0] and list(history) == ["loss", "seen"]


# Models inside of models ---------------------------------------------------------------------------------
def test_a_frozen_discriminator_inside_a_stacked_model():
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(3)])
    discriminator = keras.Sequential([keras.Input((3,)), layers.Dense(1, activation="sigmoid")])
    discriminator.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    discriminator.trainable = False
    z = keras.Input((2,))
    stacked = keras.Model(z, discriminator(generator(z)))
    stacked.compile("sgd", "binary_crossentropy")
    noise, ones = RNG.rand(6, 2), np.ones((6, 1))
    before = discriminator.get_weights()[0], generator.get_weights()[0]
    loss = stacked.train_on_batch(noise, ones)
    np.testing.assert_array_equal(discriminator.get_weights()[0], before[0])
    assert not np.array_equal(generator.get_weights()[0], before[1]) and type(loss) is float
    discriminator.trainable = True
    moved = generator.get_weights()[0]
    found = discriminator.train_on_batch(generator.predict(noise, verbose=0), np.zeros((6, 1)))
    assert len(found) == 2 and not np.array_equal(discriminator.get_weights()[0], before[0])
    np.testing.assert_array_equal(generator.get_weights()[0], moved)


def test_a_discriminator_that_was_frozen_after_compile_trains_by_itself():
    generator = keras.Sequential([layers.Dense(3, input_dim=2)])
    discriminator = keras.Sequential(
        [layers.Dense(2, input_dim=3), layers.BatchNormalization(), layers.Dense(1, activation="sigmoid")]
    )
    discriminator.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    discriminator.trainable = False
    z = keras.Input((2,))
    stacked = keras.Model(z, discriminator(generator(z)))
    stacked.compile("adam", "binary_crossentropy")
    noise, ones = RNG.rand(6, 2), np.ones((6, 1))
    for _ in range(2):
        before = discriminator.get_weights()
        with pytest.warns(UserWarning, match="frozen .* after compile"):
            discriminator.train_on_batch(X[:6], ones)
        after = discriminator.get_weights()
        assert all(
            not np.array_equal(a, b) for a, b in zip(before, after, strict=True)
        )  # moving averages too
        stacked.train_on_batch(noise, ones)
        for a, b in zip(discriminator.get_weights(), after, strict=True):
            np.testing.assert_array_equal(a, b)
    assert not discriminator.trainable and discriminator.trainable_weights == []


def test_a_trained_model_is_called_like_a_function():
    model = linear()
    model.fit(X, Y, verbose=0)
    np.testing.assert_allclose(model(X), model.predict(X, verbose=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        model(ops.convert_to_tensor(X), training=False), model.predict_on_batch(X), rtol=1e-5
    )


# Saving between fits -------------------------------------------------------------------------------------
def test_training_goes_on_after_loading_as_if_nothing_happened(tmp_path):
    straight, stopped = linear("adam"), linear("adam")
    stopped.set_weights(straight.get_weights())
    expected = straight.fit(X, Y, epochs=4, batch_size=5, shuffle=False, verbose=0).history["loss"]
    stopped.fit(X, Y, epochs=2, batch_size=5, shuffle=False, verbose=0)
    stopped.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    history = loaded.fit(X, Y, initial_epoch=2, epochs=4, batch_size=5, shuffle=False, verbose=0).history
    np.testing.assert_allclose(history["loss"], expected[2:], rtol=1e-5)
    assert list(history) == ["loss", "mae"] and int(loaded.optimizer.iterations) == 8
    for a, b in zip(loaded.get_weights(), straight.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def test_weights_loaded_into_a_compiled_model_are_used(tmp_path):
    model, other = linear(), linear()
    model.fit(X, Y, verbose=0)
    model.save_weights(tmp_path / "w.weights.h5")
    other.fit(X, Y, verbose=0)
    other.load_weights(tmp_path / "w.weights.h5")
    np.testing.assert_allclose(other.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-6, atol=1e-6)


def test_weights_read_before_a_step_keep_their_values():
    model = linear(keras.optimizers.SGD(0.5))
    kernel = model.layers[0].kernel
    seen, array, listed = kernel.value, kernel.numpy(), model.get_weights()[0]
    copy = array.copy()
    model.fit(X, Y, epochs=3, batch_size=4, verbose=0)
    for kept in (seen, array, listed):
        np.testing.assert_array_equal(kept, copy)
    assert not np.array_equal(kernel.numpy(), copy)

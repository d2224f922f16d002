"""Steps: the built-in one under every option, and those that users write."""

import numpy as np
import pytest

import addax as keras
import addax.tf as tf
from addax import layers, ops
from addax.engine._errors import UnknownValue

RNG = np.random.RandomState(0)
X = RNG.rand(12, 3).astype("float32")
Y = (X @ [[1.0], [2.0], [-1.0]]).astype("float32")
START = [RNG.rand(3, 1).astype("float32"), np.zeros(1, "float32")]


class Plain(keras.Model):
    """A linear model that custom steps below are compared with."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(1)

    def call(self, x, training=False):
        return self.dense(x)


def trained(cls, epochs=2, **compile_arguments):
    model = cls()
    model.build((None, 3))
    model.set_weights(START)
    arguments = {"optimizer": keras.optimizers.SGD(0.1), "loss": "mse", "metrics": ["mae"]}
    model.compile(**{**arguments, **compile_arguments})
    history = model.fit(X, Y, batch_size=5, epochs=epochs, shuffle=False, verbose=0).history
    return model, history


@pytest.fixture(scope="module")
def plain():
    return trained(Plain)


def check_like(plain, model, history, names=("loss", "mae")):
    for name in names:
        np.testing.assert_allclose(history[name], plain[1][name], rtol=1e-5)
    for mine, theirs in zip(model.get_weights(), plain[0].get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)


# Steps that users write ----------------------------------------------------------------------------------
class Keras3Step(Plain):
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=y_pred)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss, sample_weight=x.shape[0])
            else:
                metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}

    def test_step(self, data):
        x, y = data
        y_pred = self(x, training=False)
        loss = self.compute_loss(y=y, y_pred=y_pred)
        return {"loss": loss, "twice": 2 * loss}

    def predict_step(self, data):
        return self(data, training=False) * 10.0


def test_a_step_with_compute_loss(plain):
    model, history = trained(Keras3Step)
    check_like(plain, model, history)
    found = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert found["twice"] == pytest.approx(2 * found["loss"])
    np.testing.assert_allclose(model.predict(X, verbose=0), 10 * plain[0].predict(X, verbose=0), rtol=1e-4)


class Keras2Step(Plain):
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compiled_loss(y, y_pred, regularization_losses=self.losses)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        self.compiled_metrics.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}

    def test_step(self, data):
        x, y = data
        y_pred = self(x, training=False)
        self.compiled_loss(y, y_pred)
        self.compiled_metrics.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


def test_a_step_of_tf_keras_2(plain):
    model, history = trained(Keras2Step)
    check_like(plain, model, history)
    np.testing.assert_allclose(
        model.evaluate(X, Y, batch_size=5, verbose=0), plain[0].evaluate(X, Y, verbose=0), rtol=1e-5
    )


class MinimizeStep(Plain):
    def train_step(self, data):
        x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
        assert weight is None
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self(x, training=True) - y))
        self.optimizer.minimize(loss, self.trainable_variables, tape=tape)
        return {"loss": loss}


def test_a_step_with_minimize(plain):
    model, history = trained(MinimizeStep)
    for mine, theirs in zip(model.get_weights(), plain[0].get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)
    assert list(history) == ["loss"]


class OwnLoss(Plain):
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return ops.mean(ops.square(y - y_pred))

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        logs = super().compute_metrics(x, y, y_pred, sample_weight)
        return {**logs, "largest": ops.max(y_pred)}


class OldLoss(Plain):
    def compute_loss(self, x, y, y_pred, sample_weight):
        return np.float32(1.0) * ops.mean(ops.square(y - y_pred))


def test_own_losses_and_metrics(plain):
    model, history = trained(OwnLoss, loss=None)
    check_like(plain, model, history)
    assert len(history["largest"]) == 2
    check_like(plain, *trained(OldLoss, loss=None))  # without the argument that Keras 3.3 added


class OwnTrackers(Plain):
    def __init__(self):
        super().__init__()
        self.total = keras.metrics.Mean(name="total")
        self.part = keras.metrics.Mean(name="part")

    @property
    def metrics(self):
        return [self.total, self.part]

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self(x, training=True) - y))
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
        self.total.update_state(loss, sample_weight=tf.shape(x)[0])
        self.part.update_state(tf.reduce_sum(tf.abs(x)))
        return {"total": self.total.result(), "part": self.part.result()}


def test_own_trackers_are_reset_each_epoch(plain):
    model, history = trained(OwnTrackers)
    assert list(history) == ["part", "total"]
    np.testing.assert_allclose(history["total"], plain[1]["loss"], rtol=1e-5)
    assert history["part"][0] == pytest.approx(history["part"][1], rel=1e-5)
    assert model.metrics_names == ["total", "part"]


class PythonStep(Plain):
    """Python control flow on tensors, printing of shapes, and a counter."""

    def __init__(self):
        super().__init__()
        self.count = self.add_weight(shape=(), initializer="zeros", trainable=False, name="count")

    def train_step(self, data):
        self.count.assign_add(1.0)
        logs = super().train_step(data)
        if self.count > 2.0:
            extra = self.count * 10.0
        else:
            extra = self.count
        return {**logs, "extra": extra}


def test_control_flow_and_state_in_a_step(plain):
    model = PythonStep()
    model.build((None, 3))
    model.set_weights(
        [START[0], START[1], np.float32(0)] if len(model.weights[0].shape) == 2 else [np.float32(0), *START]
    )
    model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["mae"])
    history = model.fit(X, Y, batch_size=5, epochs=2, shuffle=False, verbose=0).history
    np.testing.assert_allclose(history["loss"], plain[1]["loss"], rtol=1e-5)
    assert history["extra"] == [30.0, 60.0] and float(model.count) == 6.0


class Gan(keras.Model):
    def __init__(self):
        super().__init__()
        self.generator = keras.Sequential([keras.Input((2,)), layers.Dense(3)])
        self.discriminator = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
        self.g_metric = keras.metrics.Mean(name="g_loss")
        self.d_metric = keras.metrics.Mean(name="d_loss")

    def compile(self, g_optimizer, d_optimizer, loss_fn):
        super().compile()
        self.g_optimizer, self.d_optimizer, self.loss_fn = g_optimizer, d_optimizer, loss_fn

    @property
    def metrics(self):
        return [self.g_metric, self.d_metric]

    def train_step(self, real):
        batch = tf.shape(real)[0]
        noise = tf.random.normal(shape=(batch, 2))
        fake = self.generator(noise)
        both = tf.concat([fake, real], axis=0)
        labels = tf.concat([tf.ones((batch, 1)), tf.zeros((batch, 1))], axis=0)
        labels += 0.05 * tf.random.uniform(tf.shape(labels))
        with tf.GradientTape() as tape:
            d_loss = self.loss_fn(labels, self.discriminator(both))
        grads = tape.gradient(d_loss, self.discriminator.trainable_weights)
        self.d_optimizer.apply_gradients(zip(grads, self.discriminator.trainable_weights, strict=True))
        with tf.GradientTape() as tape:
            guesses = self.discriminator(self.generator(tf.random.normal(shape=(batch, 2))))
            g_loss = self.loss_fn(tf.zeros((batch, 1)), guesses)
        grads = tape.gradient(g_loss, self.generator.trainable_weights)
        self.g_optimizer.apply_gradients(zip(grads, self.generator.trainable_weights, strict=True))
        self.g_metric.update_state(g_loss)
        self.d_metric.update_state(d_loss)
        return {"g_loss": self.g_metric.result(), "d_loss": self.d_metric.result()}


def test_a_gan_with_two_optimizers():
    model = Gan()
    before = model.get_weights()
    adam = keras.optimizers.Adam
    model.compile(adam(0.01), adam(0.02), keras.losses.BinaryCrossentropy(from_logits=True))
    history = model.fit(X, batch_size=5, epochs=2, verbose=0).history
    assert list(history) == ["d_loss", "g_loss"] and np.all(np.isfinite(list(history.values())))
    assert all(not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert int(model.g_optimizer.iterations) == int(model.d_optimizer.iterations) == 6
    names = {v.path for v in model.variables}
    assert not any("adam" in name for name in names)  # optimizers are none of the model's


class Vae(keras.Model):
    def __init__(self):
        super().__init__()
        x = keras.Input((3,))
        self.encoder = keras.Model(x, [layers.Dense(2)(x), layers.Dense(2)(x)])
        self.decoder = keras.Sequential([keras.Input((2,)), layers.Dense(3)])
        self.trackers = [keras.metrics.Mean(name=name) for name in ("loss", "reconstruction", "kl")]

    @property
    def metrics(self):
        return self.trackers

    def train_step(self, data):
        with tf.GradientTape() as tape:
            mean, log_var = self.encoder(data)
            z = mean + tf.exp(0.5 * log_var) * tf.random.normal(tf.shape(mean))
            reconstruction = tf.reduce_mean(tf.reduce_sum(keras.losses.mse(data, self.decoder(z)), axis=-1))
            kl = -0.5 * tf.reduce_mean(tf.reduce_sum(1 + log_var - tf.square(mean) - tf.exp(log_var), axis=1))
            total = reconstruction + kl
        grads = tape.gradient(total, self.trainable_weights)
        self.optimizer.apply_gradients(zip(grads, self.trainable_weights, strict=True))
        for tracker, value in zip(self.trackers, (total, reconstruction, kl), strict=True):
            tracker.update_state(value)
        return {tracker.name: tracker.result() for tracker in self.trackers}


def test_a_vae_that_is_not_called_itself():
    model = Vae()
    model.compile(optimizer=keras.optimizers.Adam(0.05))
    history = model.fit(X, epochs=8, batch_size=6, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    np.testing.assert_allclose(history["loss"], np.add(history["reconstruction"], history["kl"]), rtol=1e-5)


class Penalty(Plain):
    """A gradient penalty: a tape inside a tape, and a tape that is used twice."""

    def train_step(self, data):
        x, y = data
        with tf.GradientTape(persistent=True) as outer:
            with tf.GradientTape() as inner:
                inner.watch(x)
                y_pred = self(x, training=True)
            slope = inner.gradient(y_pred, x)
            loss = tf.reduce_mean(tf.square(y_pred - y))
            penalty = tf.reduce_mean(tf.reduce_sum(tf.square(slope), axis=1))
        kernel, bias = self.trainable_variables
        grads = [
            outer.gradient(loss, kernel) + 0.5 * outer.gradient(penalty, kernel),
            outer.gradient(loss, bias),
        ]
        self.optimizer.apply(grads, [kernel, bias])
        return {"loss": loss, "penalty": penalty}


def test_nested_and_persistent_tapes():
    model = Penalty()
    model.build((None, 3))
    model.set_weights(START)
    model.compile(keras.optimizers.SGD(0.1), "mse")
    history = model.fit(X, Y, batch_size=12, shuffle=False, verbose=0).history
    w, b = START
    off = X @ w + b - Y
    assert history["penalty"][0] == pytest.approx(np.sum(w**2), rel=1e-5)
    np.testing.assert_allclose(model.get_weights()[0], w - 0.1 * (2 * X.T @ off / 12 + w), rtol=1e-4)


def test_a_step_must_return_logs():
    class Silent(Plain):
        def train_step(self, data):
            return 3.0

    with pytest.raises(TypeError, match="dict of logs"):
        trained(Silent)


# The built-in step under every option --------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cls", "options"),
    [
        (Plain, {"run_eagerly": True}),
        (Keras3Step, {"run_eagerly": True}),
        (Plain, {"jit_compile": False}),
        (Plain, {"jit_compile": True, "auto_scale_loss": False}),
        (Plain, {"steps_per_execution": 2}),
    ],
)
def test_options_of_compile_do_not_change_the_numbers(plain, cls, options):
    check_like(plain, *trained(cls, **options))


def test_eager_steps_can_be_debugged():
    seen = []

    class Debugged(Plain):
        def call(self, x):
            seen.append(ops.sum(x).numpy())
            return super().call(x)

    model = Debugged()
    model.compile("sgd", "mse", run_eagerly=True)
    model.fit(X, Y, batch_size=12, shuffle=False, verbose=0)
    assert seen[-1] == pytest.approx(X.sum(), rel=1e-5)
    model.run_eagerly = False
    with pytest.raises(UnknownValue, match="run_eagerly=True"):
        model.fit(X, Y, verbose=0)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision(policy, plain):
    x = keras.Input((3,))
    hidden = layers.Dense(8, activation="relu", dtype=policy)(x)
    model = keras.Model(x, layers.Dense(1, dtype="float32")(hidden))
    assert hidden.dtype == policy.removeprefix("mixed_")
    model.compile(keras.optimizers.SGD(0.05), "mse")
    history = model.fit(X, Y, epochs=6, batch_size=4, verbose=0).history["loss"]
    assert history[-1] < history[0] and all(w.dtype == np.float32 for w in model.get_weights())
    scaled = isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    assert scaled == (policy == "mixed_float16")
    assert model.predict(X, verbose=0).dtype == np.float32


def test_an_overflow_skips_the_update():
    with_policy = keras.Sequential([keras.Input((3,)), layers.Dense(1, dtype="mixed_float16")])
    with_policy.set_weights(START)
    with_policy.compile(
        keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1), initial_scale=2.0**40), "mse"
    )
    with_policy.fit(X, Y, batch_size=12, verbose=0)
    np.testing.assert_array_equal(with_policy.get_weights()[0], START[0])
    assert float(with_policy.optimizer.dynamic_scale) == 2.0**39


def test_layers_with_state_are_updated_in_training_only():
    model = keras.Sequential([keras.Input((3,)), layers.BatchNormalization(momentum=0.5), layers.Dense(1)])
    model.compile("sgd", "mse")
    moving = model.layers[0].moving_mean
    model.evaluate(X, Y, verbose=0)
    model.predict(X, verbose=0)
    np.testing.assert_array_equal(moving, np.zeros(3))
    model.fit(X, Y, batch_size=12, verbose=0)
    np.testing.assert_allclose(moving, 0.5 * X.mean(0), rtol=1e-5)


def test_dropout_acts_in_training_only():
    model = keras.Sequential([keras.Input((3,)), layers.Dropout(0.5), layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    losses = [model.fit(X, Y, verbose=0).history["loss"][0] for _ in range(2)]
    assert losses[0] != losses[1]
    assert model.evaluate(X, Y, verbose=0) == model.evaluate(X, Y, verbose=0)


def test_losses_of_layers_alone():
    class Spread(layers.Layer):
        def call(self, x):
            self.add_loss(ops.mean(ops.square(x)))
            return x

    model = keras.Sequential([keras.Input((3,)), layers.Dense(2, use_bias=False), Spread()])
    model.compile(keras.optimizers.SGD(0.1))
    history = model.fit(X, epochs=3, batch_size=6, verbose=0).history["loss"]
    assert history[2] < history[0]
    assert model.evaluate(X, verbose=0) == pytest.approx(np.mean(model.predict(X, verbose=0) ** 2), rel=1e-5)


def test_a_loss_for_each_sample_counts_as_their_sum():
    class Each(layers.Layer):
        def call(self, x):
            self.add_loss(ops.sum(x, axis=-1))
            return x

    model = keras.Sequential([keras.Input((3,)), Each(), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.layers[-1].set_weights([np.zeros((3, 1)), np.zeros(1)])
    expected = X[:4].sum() + np.mean(Y[:4] ** 2)
    assert model.evaluate(X[:4], Y[:4], verbose=0) == pytest.approx(expected, rel=1e-4, abs=1e-4)
    assert model.train_on_batch(X[:4], Y[:4]) == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_penalties_of_weights_and_activities():
    model = keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(
                1,
                kernel_regularizer=keras.regularizers.L2(0.1),
                bias_regularizer="l1",
                activity_regularizer="l2",
            ),
        ]
    )
    model.set_weights([START[0], np.ones(1, "float32")])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    out = X @ START[0] + 1
    expected = np.mean((out - Y) ** 2) + 0.1 * np.sum(START[0] ** 2) + 0.01 + 0.01 * np.sum(out**2) / 12
    assert model.fit(X, Y, verbose=0).history["loss"][0] == pytest.approx(expected, rel=1e-4)


def test_constraints_hold_after_a_step():
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1, kernel_constraint="non_neg")])
    model.compile(keras.optimizers.SGD(0.5), "mse")
    model.fit(X, -Y - 3, epochs=3, verbose=0)
    assert np.all(model.get_weights()[0] >= 0)


def test_strings_are_looked_up_before_the_step():
    words = np.array([["a"], ["b"], ["c"], ["a"]])
    lookup = layers.StringLookup(vocabulary=["a", "b", "c"])
    x = keras.Input((1,), dtype="string")
    model = keras.Model(x, layers.Flatten()(layers.Embedding(5, 1)(lookup(x))))
    model.compile(keras.optimizers.SGD(1.0), "mse", metrics=["mae"])
    targets = np.array([[1.0], [2.0], [3.0], [1.0]], "float32")
    history = model.fit(words, targets, epochs=20, batch_size=3, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    found = model.predict(np.array([["c"], ["a"]]), verbose=0)
    assert found.shape == (2, 1) and found[0, 0] > found[1, 0]
    assert model.evaluate(words, targets, verbose=0)[0] == pytest.approx(
        np.mean((model.predict(words, verbose=0) - targets) ** 2), rel=1e-4
    )
    streamed = keras.Sequential([lookup, layers.Embedding(5, 1), layers.Flatten()])
    streamed.compile("sgd", "mse")
    assert streamed.fit(lambda: iter([(words.tolist(), targets)]), epochs=2, verbose=0).history["loss"]


def test_freezing_after_compile_takes_effect():
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(X, Y, verbose=0)
    model.layers[0].trainable = False
    frozen, free = model.layers[0].get_weights()[0], model.layers[1].get_weights()[0]
    model.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(model.layers[0].get_weights()[0], frozen)
    assert not np.array_equal(model.layers[1].get_weights()[0], free)
    model.layers[0].trainable = True
    model.fit(X, Y, verbose=0)
    assert not np.array_equal(model.layers[0].get_weights()[0], frozen)


def test_averaged_weights_are_put_in_place_at_the_end():
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    model.set_weights(START)
    model.compile(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5), "mse")
    model.fit(X, Y, batch_size=12, epochs=2, shuffle=False, verbose=0)
    steps, w, b = [], START[0].astype("float64"), 0.0
    for _ in range(2):
        off = X @ w + b - Y
        w, b = w - 0.2 * X.T @ off / 12, b - 0.2 * off.mean(0)
        steps.append(w)
    average = 0.5 * steps[0] + 0.5 * steps[1]  # the average begins with the first step
    np.testing.assert_allclose(model.get_weights()[0], average, rtol=1e-4)

"""Ragged tensors in `fit`, `evaluate` and `predict`. The numbers are held to TensorFlow's in tests/parity."""

from __future__ import annotations

import numpy as np
import pytest

import addax.tf as tf
from addax.training._ragged import filled

layers = tf.keras.layers
LENGTHS = [2, 5, 1, 3, 4]
ROWS = tf.RaggedTensor.from_row_lengths(
    np.random.default_rng(0).normal(size=(sum(LENGTHS), 3)).astype("float32"), LENGTHS
)
Y = np.arange(len(LENGTHS), dtype="float32")[:, None]


def compiled(*stack, **options):
    model = tf.keras.Sequential([layers.Input((None, 3), ragged=True), *stack])
    model.compile(tf.keras.optimizers.SGD(0.05), "mse", **options)
    return model


def test_a_row_gives_what_it_gives_alone() -> None:
    x = layers.Input((None, 3), ragged=True)
    attended = layers.MultiHeadAttention(2, 3)(x, x)
    model = tf.keras.Model(x, layers.GRU(2)(layers.BatchNormalization()(layers.Add()([x, attended]))))
    together = model.predict(ROWS, verbose=0)
    alone = [np.asarray(model(ROWS[i][None]))[0] for i in range(len(LENGTHS))]
    np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-5)


def test_batches_of_other_longest_rows_have_few_forms() -> None:
    widths = {filled(tf.ragged.constant([[1] * n, [1]])).padded.shape[1] for n in range(1, 101)}
    assert len(widths) <= 14
    assert max(widths) <= 1.5 * 100


def test_predictions_for_each_step_are_ragged() -> None:
    model = compiled(layers.Dense(2))
    found = model.predict(ROWS, batch_size=2, verbose=0)
    assert found.row_lengths().numpy().tolist() == LENGTHS
    kernel = model.layers[0].kernel.numpy()
    np.testing.assert_allclose(
        found.flat_values.numpy(), ROWS.flat_values.numpy() @ kernel, rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize("how", ["eager", "validation_split", "on_batch", "subclass"])
def test_other_ways_into_training_agree_with_fit(how: str) -> None:
    def trained(run_eagerly=False, fit=None):
        tf.keras.utils.set_random_seed(0)
        stack = [layers.GRU(2), layers.Dense(1)]
        if how == "subclass" and fit is not None:

            class Net(tf.keras.Model):
                def __init__(self):
                    super().__init__()
                    self.parts = stack

                def call(self, x):
                    return self.parts[1](self.parts[0](x))

                def train_step(self, data):
                    x, y = data
                    assert tf.shape(x)[0] == 5
                    with tf.GradientTape() as tape:
                        loss = tf.reduce_mean(tf.square(self(x, training=True) - y))
                    self.optimizer.apply(
                        tape.gradient(loss, self.trainable_variables), self.trainable_variables
                    )
                    return {"loss": loss}

            model = Net()
            model.compile(tf.keras.optimizers.SGD(0.05))
        else:
            model = compiled(*stack, run_eagerly=run_eagerly)
        (fit or (lambda model: model.fit(ROWS, Y, batch_size=5, shuffle=False, verbose=0)))(model)
        return [w.numpy() for w in model.weights]

    ways = {
        "eager": lambda: trained(run_eagerly=True),
        "validation_split": lambda: trained(
            fit=lambda model: model.fit(
                tf.concat([ROWS, ROWS[:1]], 0),
                np.append(Y, [[9.0]], 0),
                5,
                validation_split=0.1,
                shuffle=False,
                verbose=0,
            )
        ),  # fmt: skip
        "on_batch": lambda: trained(fit=lambda model: model.train_on_batch(ROWS, Y)),
        "subclass": lambda: trained(
            fit=lambda model: model.fit(ROWS, Y, batch_size=5, shuffle=False, verbose=0)
        ),
    }
    for ours, wanted in zip(ways[how](), trained(), strict=True):
        np.testing.assert_allclose(ours, wanted, rtol=1e-4, atol=1e-5)


def test_padding_spoils_no_gradient() -> None:
    model = compiled(layers.Lambda(lambda x: tf.sqrt(tf.nn.relu(x) + 1e-3)), layers.GlobalAveragePooling1D())
    x = layers.Input((None, 3), ragged=True)
    inner = tf.sqrt(layers.Dense(2, "relu", bias_initializer="ones", kernel_initializer="zeros")(x))
    model = tf.keras.Model(x, tf.reduce_sum(inner, axis=1))
    model.compile("sgd", "mse")
    model.fit(ROWS, np.ones((5, 2), "float32"), verbose=0)
    assert all(np.isfinite(w.numpy()).all() for w in model.weights)


def test_a_saved_model_takes_ragged_tensors_again(tmp_path) -> None:
    model = compiled(layers.Bidirectional(layers.LSTM(2)))
    model.save(tmp_path / "m.keras")
    again = tf.keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(
        again.predict(ROWS, verbose=0), model.predict(ROWS, verbose=0), rtol=1e-6, atol=1e-6
    )


def test_zeros_that_an_embedding_masks_do_not_count_in_ragged_rows() -> None:
    model = tf.keras.Sequential([layers.Embedding(5, 2, mask_zero=True), layers.GlobalAveragePooling1D()])
    found = model.predict(tf.ragged.constant([[1, 0, 3], [1, 3], [2]]), verbose=0)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6, atol=1e-6)


def test_what_cannot_be_served_is_refused() -> None:
    with pytest.raises(ValueError, match="expected: ragged targets for ragged predictions"):
        compiled(layers.Dense(1)).fit(ROWS, Y, verbose=0)
    with pytest.raises(ValueError, match="one ragged dimension"):
        tf.keras.Sequential([layers.Embedding(5, 2)]).predict(tf.ragged.constant([[[1], [2, 3]]]), verbose=0)
    with pytest.raises(TypeError, match="ragged tensors do not know: conv"):
        compiled(layers.Conv1D(2, 2))
    with pytest.raises(TypeError, match="Flatten does not take ragged tensors"):
        compiled(layers.Flatten())
    with pytest.raises(TypeError, match=r"to_tensor\(\) without a length"):
        compiled(layers.Lambda(lambda x: x.to_tensor()))
    with pytest.raises(ValueError, match="takes no mask"):
        layers.GRU(2)(ROWS, mask=np.ones((5, 5), bool))


def test_rows_of_numbers_are_no_features() -> None:
    rows = tf.ragged.constant([[1.0, 2.0], [3.0]])
    np.testing.assert_allclose(layers.Activation("relu")(rows).flat_values, [1, 2, 3], rtol=1e-6, atol=1e-6)
    softmax = layers.Softmax()(rows).to_list()
    np.testing.assert_allclose(softmax[1], [1], rtol=1e-6, atol=1e-6)
    dense = layers.Dense(1)
    dense.build((None, 2))
    with pytest.raises(TypeError, match="Dense does not take ragged tensors"):
        dense(rows)

"""The functions of tf.keras's backend by value, against NumPy, and that all of them work on symbolic tensors."""

import numpy as np
import pytest

import addax as keras
from addax import backend as K
from addax import ops

X = np.random.default_rng(0).uniform(-1.5, 2, (2, 3)).astype(np.float32)
Y = np.random.default_rng(1).uniform(-1, 1, (2, 3)).astype(np.float32)
IMAGES = np.random.default_rng(2).normal(size=(2, 4, 6, 3)).astype(np.float32)
P = np.float32([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])
LABELS = np.float32([[0, 1, 0], [0, 0, 1]])


def soft(x: np.ndarray) -> np.ndarray:
    return np.exp(x) / np.exp(x).sum(-1, keepdims=True)


VALUES = {
    "abs": (lambda x: K.abs(x), np.abs(X)),
    "arith": (lambda x: K.exp(x) + K.sin(x) * K.cos(x) + K.sign(x), np.exp(X) + np.sin(X) * np.cos(X) + np.sign(X)),
    "log": (lambda x: K.log(K.square(x) + 1.0), np.log(X**2 + 1)),
    "sqrt": (lambda x: K.sqrt(x), np.sqrt(np.maximum(X, 0))),
    "pow": (lambda x: K.pow(x, 3) + K.round(x), X**3 + np.round(X)),
    "clip": (lambda x: K.clip(x, -0.5, 0.5), np.clip(X, -0.5, 0.5)),
    "clip crossed": (lambda x: K.clip(x, 0.5, 0.0), np.full_like(X, 0.5)),
    "max and min": (lambda x: K.maximum(x, Y) - K.minimum(x, Y), np.abs(X - Y)),
    "comparisons": (
        lambda x: K.stack(
            [K.equal(x, x), K.not_equal(x, x), K.greater(x, Y), K.greater_equal(x, x), K.less(x, Y), K.less_equal(x, Y)]
        ),
        np.stack([X == X, X != X, X > Y, X >= X, X < Y, X <= Y]),
    ),
    "sum": (lambda x: K.sum(x, axis=1, keepdims=True), X.sum(1, keepdims=True)),
    "reductions": (
        lambda x: K.stack([K.prod(x, 1), K.mean(x, -1), K.var(x, 1), K.std(x, 1), K.max(x, 1), K.min(x, 1)]),
        np.stack([X.prod(1), X.mean(1), X.var(1), X.std(1), X.max(1), X.min(1)]),
    ),
    "mean of bools": (lambda x: K.mean(K.greater(x, 0.0)), (X > 0).mean(dtype=np.float32)),
    "any and all": (lambda x: K.stack([K.any(x > 1.0, 1), K.all(x > -9.0, 1)]), np.stack([(X > 1).any(1), [1, 1]]) > 0),
    "positions": (lambda x: K.stack([K.argmax(x), K.argmin(x)]), np.stack([X.argmax(1), X.argmin(1)]).astype(np.int32)),
    "cumulative": (lambda x: K.cumsum(x, 1) + K.cumprod(x, 1), X.cumsum(1) + X.cumprod(1)),
    "logsumexp": (lambda x: K.logsumexp(x, 1), np.log(np.exp(X).sum(1))),
    "dot": (lambda x: K.dot(x, K.transpose(x)), X @ X.T),
    "batch_dot": (lambda x: K.batch_dot(x, Y), (X * Y).sum(1, keepdims=True)),
    "l2_normalize": (lambda x: K.l2_normalize(x, 1), X / np.linalg.norm(X, axis=1, keepdims=True)),
    "cast": (lambda x: K.cast(x, "int32"), X.astype(np.int32)),
    "like": (lambda x: K.ones_like(x) + K.zeros_like(x) + K.identity(x), 1 + X),
    "reshape": (lambda x: K.reshape(K.expand_dims(x), (3, 2)), X.reshape(3, 2)),
    "flatten": (lambda x: K.flatten(x), X.ravel()),
    "squeeze": (lambda x: K.squeeze(K.expand_dims(x, 0), 0), X),
    "axes": (lambda x: K.permute_dimensions(K.repeat(x, 2), (1, 0, 2)), np.stack([X, X])),
    "join": (lambda x: K.concatenate([x, x], 1) + K.tile(x, [1, 2]), 2 * np.tile(X, (1, 2))),
    "repeat": (lambda x: K.repeat_elements(x, 2, 1), X.repeat(2, 1)),
    "reverse": (lambda x: K.reverse(x, 1) + K.reverse(x, [0]), X[:, ::-1] + X[::-1]),
    "gather": (lambda x: K.gather(x, [1, 0, 1]), X[[1, 0, 1]]),
    "one_hot": (lambda x: K.one_hot(K.argmax(x), 3), np.eye(3, dtype=np.float32)[X.argmax(1)]),
    "relu": (lambda x: K.relu(x, alpha=0.1, max_value=1.0), np.where(X < 0, 0.1 * X, np.minimum(X, 1))),
    "activations": (
        lambda x: K.elu(x) + K.sigmoid(x) + K.hard_sigmoid(x) + K.tanh(x) + K.softplus(x) + K.softsign(x),
        np.where(X > 0, X, np.expm1(X)) + 1 / (1 + np.exp(-X)) + np.clip(0.2 * X + 0.5, 0, 1) + np.tanh(X)
        + np.log1p(np.exp(X)) + X / (1 + np.abs(X)),
    ),
    "softmax": (lambda x: K.softmax(x), soft(X)),
    "batch_normalization": (
        lambda x: K.batch_normalization(x, X.mean(0), X.var(0), np.float32([1, 2, 3]), None, epsilon=0.1),
        (X - X.mean(0)) / np.sqrt(X.var(0) + 0.1) + [1, 2, 3],
    ),
    "categorical": (lambda x: K.categorical_crossentropy(LABELS, x, True), -np.log((soft(X) * LABELS).sum(1))),
    "sparse": (lambda x: K.sparse_categorical_crossentropy([1, -1], x, True, ignore_class=-1),
               np.float32([-np.log(soft(X)[0, 1]), 0])),
    "binary": (lambda x: K.binary_crossentropy(LABELS, x, True), np.log1p(np.exp(X)) - X * LABELS),
    "focal": (lambda x: K.categorical_focal_crossentropy(LABELS, x, from_logits=True),
              -(0.25 * (1 - soft(X)) ** 2 * LABELS * np.log(soft(X))).sum(1)),
    "in_top_k": (lambda x: K.in_top_k(x, [0, 1], 2), np.array([X[0, 0] > X[0].min(), X[1, 1] > X[1].min()])),
    "bias_add": (lambda x: K.bias_add(x, np.float32([1, 2, 3])), X + [1, 2, 3]),
    "padding": (lambda x: K.temporal_padding(K.expand_dims(x), (1, 0)), np.pad(X[..., None], ((0, 0), (1, 0), (0, 0)))),
    "stop_gradient": (lambda x: K.stop_gradient([x])[0], X),
    "switch": (lambda x: K.switch(x > 0.0, x, K.zeros_like(x)), np.maximum(X, 0)),
    "foldl": (lambda x: K.foldl(lambda a, b: a * 2 + b, x), X[0] * 2 + X[1]),
    "map_fn": (lambda x: K.map_fn(lambda row: K.sum(row), x), X.sum(1)),
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_values_and_symbolic_calls(name: str) -> None:
    function, expected = VALUES[name]
    found = function(ops.array(X))
    assert found.dtype == np.asarray(expected).dtype or np.asarray(expected).dtype == np.float64
    np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-5, atol=1e-6)
    symbol = function(keras.KerasTensor((2, 3)))
    assert (tuple(symbol.shape), symbol.dtype) == (tuple(found.shape), found.dtype)


SHAPES = [
    (lambda x: K.conv2d(x, ops.ones((3, 3, 3, 5)), padding="same"), (2, 4, 6, 5)),
    (lambda x: K.conv1d(x[:, 0], ops.ones((3, 3, 5)), padding="causal", dilation_rate=2), (2, 6, 5)),
    (lambda x: K.conv3d(x[:, None], ops.ones((1, 2, 2, 3, 5))), (2, 1, 3, 5, 5)),
    (lambda x: K.conv2d_transpose(x, ops.ones((3, 3, 5, 3)), (2, 9, 13, 5), (2, 2)), (2, 9, 13, 5)),
    (lambda x: K.conv2d_transpose(x, ops.ones((3, 3, 5, 3)), (2, 7, 11, 5), (2, 2), "same"), (2, 7, 11, 5)),
    (lambda x: K.depthwise_conv2d(x, ops.ones((2, 2, 3, 2))), (2, 3, 5, 6)),
    (lambda x: K.separable_conv2d(x, ops.ones((2, 2, 3, 1)), ops.ones((1, 1, 3, 4))), (2, 3, 5, 4)),
    (lambda x: K.pool2d(x, (2, 2), (2, 2), pool_mode="avg"), (2, 2, 3, 3)),
    (lambda x: K.pool3d(x[:, None], (1, 2, 2)), (2, 1, 3, 5, 3)),
    (lambda x: K.spatial_2d_padding(x, ((1, 0), (2, 0))), (2, 5, 8, 3)),
    (lambda x: K.spatial_3d_padding(x[:, None], data_format="channels_first"), (2, 1, 6, 8, 5)),
    (lambda x: K.resize_images(x, 2, 3, "channels_last"), (2, 8, 18, 3)),
    (lambda x: K.resize_volumes(x[:, None], 2, 1, 2, "channels_last"), (2, 2, 4, 12, 3)),
    (lambda x: K.batch_flatten(x), (2, 72)),
    (lambda x: K.bias_add(x, ops.ones((4,)), "channels_first"), (2, 4, 6, 3)),
    (lambda x: K.dropout(x, 0.5, seed=1), (2, 4, 6, 3)),
    (lambda x: K.shape(x), (4,)),
]


@pytest.mark.parametrize("case", range(len(SHAPES)))
def test_shapes_of_images(case: int) -> None:
    function, shape = SHAPES[case]
    assert tuple(function(ops.array(IMAGES)).shape) == shape
    assert tuple(function(keras.KerasTensor((2, 4, 6, 3))).shape) == shape


def test_what_is_made() -> None:
    assert K.constant(2, shape=(2, 2)).numpy().tolist() == [[2.0, 2.0], [2.0, 2.0]]
    assert K.arange(3).dtype == "int32"
    assert K.eval(K.ones((2,), "int32")).tolist() == [1, 1]
    assert K.cast_to_floatx([1, 2]).dtype == np.float32
    for draw in (K.random_normal, K.random_uniform, K.truncated_normal):
        assert np.array_equal(draw((3,), seed=1), draw((3,), seed=1))
    assert set(np.unique(K.random_bernoulli((99,), 0.5))) == {0.0, 1.0}
    assert K.random_normal_variable((2,), 0.0, 1.0, seed=1).trainable
    assert float(K.random_uniform_variable((1,), 3.0, 4.0)[0]) >= 3.0


def test_ctc() -> None:
    frames = np.eye(4, dtype=np.float32)[[[0, 0, 3, 2, 3], [1, 3, 3, 3, 3]]] * 0.97 + 0.01
    cost = K.ctc_batch_cost([[0, 2], [1, 0]], frames, [[5], [5]], [[2], [1]])
    assert cost.shape == (2, 1)
    logits = ops.log(frames)
    expected = ops.ctc_loss([[0, 2], [1, 0]], logits, [2, 1], [5, 5], mask_index=3)
    np.testing.assert_allclose(cost[:, 0], expected, rtol=1e-4)
    for greedy in (True, False):
        (labels,), _ = K.ctc_decode(frames, [5, 5], greedy=greedy, beam_width=5)
        assert labels.numpy()[:, :2].tolist() == [[0, 2], [1, -1]]
    sparse = K.ctc_label_dense_to_sparse([[3, 4], [5, 9]], [2, 1])
    assert K.is_sparse(sparse)
    assert not K.is_sparse(cost)
    assert K.to_dense(sparse).numpy().tolist() == [[3, 4], [5, 0]]


def test_focal_crossentropy_is_that_of_the_loss() -> None:
    found = K.mean(K.binary_focal_crossentropy(LABELS, P, apply_class_balancing=True))
    expected = keras.losses.BinaryFocalCrossentropy(apply_class_balancing=True)(LABELS, P)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_wrong_arguments() -> None:
    with pytest.raises(ValueError, match="pool_mode"):
        K.pool2d(IMAGES, 2, pool_mode="sum")
    with pytest.raises(ValueError, match="another rank"):
        K.bias_add(ops.array(IMAGES), ops.ones((2, 2)))
    with pytest.raises(TypeError, match="depends on values"):
        K.ctc_label_dense_to_sparse(keras.KerasTensor((1, 2)), [1])

"""Matrices that are never written out: maximum likelihood of a factor model, a blurred signal restored, a ridge
regression on a Kronecker grid, and an operator of one's own, all with tf.linalg.LinearOperator."""

import numpy as np
import tensorflow as tf

la = tf.linalg
rng = np.random.default_rng(0)

# A factor model: the covariance is a diagonal and a part of low rank, and its likelihood is maximised.
FEATURES, FACTORS, ROWS = 12, 2, 400
loadings = rng.normal(size=(FEATURES, FACTORS))
noise = 0.3 + 0.2 * rng.random(FEATURES)
data = rng.normal(size=(ROWS, FACTORS)) @ loadings.T + rng.normal(size=(ROWS, FEATURES)) * np.sqrt(noise)
data = tf.constant(data, tf.float32)
w = tf.Variable(rng.normal(size=(FEATURES, FACTORS)) * 0.3, dtype=tf.float32)
log_noise = tf.Variable(tf.zeros(FEATURES))


def covariance():
    base = la.LinearOperatorDiag(tf.exp(log_noise), is_positive_definite=True, is_self_adjoint=True)
    return la.LinearOperatorLowRankUpdate(base, w)


@tf.function
def negative_log_likelihood():
    operator = covariance()
    distances = tf.reduce_sum(data * tf.transpose(operator.solve(data, adjoint_arg=True)), axis=1)
    return 0.5 * (operator.log_abs_determinant() + tf.reduce_mean(distances))


optimizer = tf.keras.optimizers.Adam(0.05)
first = float(negative_log_likelihood())
for _ in range(150):
    with tf.GradientTape() as tape:
        loss = negative_log_likelihood()
    optimizer.apply_gradients(zip(tape.gradient(loss, [w, log_noise]), [w, log_noise]))
last = float(negative_log_likelihood())
sample = np.cov(data.numpy().T, bias=True)
best = 0.5 * (np.linalg.slogdet(sample)[1] + FEATURES)
assert covariance().is_positive_definite and covariance().is_non_singular
assert last < first - 0.5 and best - 0.1 < last < best + 0.4, (first, last, best)
error = np.abs(covariance().to_dense().numpy() - sample).max() / np.abs(sample).max()
assert error < 0.25, error

# A blur is a circulant; its spectrum is its kernel's Fourier transform, and to solve is to restore.
SIZE = 64
kernel = np.zeros(SIZE)
kernel[[0, 1, -1]] = 0.6, 0.2, 0.2
blur = la.LinearOperatorCirculant(
    tf.signal.fft(tf.constant(kernel, tf.complex64)), input_output_dtype=tf.float32
)
signal = tf.constant(np.sign(np.sin(np.arange(SIZE) / 5)), tf.float32)
blurred = blur.matvec(signal)
assert float(tf.reduce_max(tf.abs(blurred - signal))) > 0.1
np.testing.assert_allclose(blur.solvevec(blurred), signal, atol=1e-3)
assert all(isinstance(x, la.LinearOperatorCirculant) for x in (blur @ blur, blur.inverse(), blur.H))

# A grid: the covariance of all its points is a Kronecker product of those of its axes.
points = tf.constant([5, 7])
axes = []
for count in points.numpy():
    places = np.linspace(0, 1, count)
    gram = np.exp(-4 * np.abs(places[:, None] - places)) + 0.1 * np.eye(count)
    axes.append(
        la.LinearOperatorFullMatrix(gram.astype("float32"), is_self_adjoint=True, is_positive_definite=True)
    )
grid = la.LinearOperatorKronecker(axes)
assert grid.shape == (35, 35) and isinstance(grid.cholesky(), la.LinearOperatorKronecker)
y = tf.constant(rng.normal(size=35), tf.float32)
dense = grid.to_dense().numpy()
np.testing.assert_allclose(grid.solvevec(y), np.linalg.solve(dense, y.numpy()), rtol=1e-2, atol=1e-3)
np.testing.assert_allclose(grid.log_abs_determinant(), np.linalg.slogdet(dense)[1], rtol=1e-3)
draws = grid.cholesky().matmul(tf.constant(rng.normal(size=(35, 4)), tf.float32))
assert draws.shape == (35, 4)


# An operator of one's own says its shape and what it does to vectors; all else follows.
class SecondDifferences(la.LinearOperator):
    def __init__(self, size, weight):
        self._size, self._weight = size, weight
        super().__init__(
            dtype=tf.float32, is_self_adjoint=True, is_positive_definite=True, name="differences"
        )

    def _shape(self):
        return tf.TensorShape([self._size, self._size])

    def _shape_tensor(self):
        return tf.constant([self._size, self._size])

    def _matmul(self, x, adjoint=False, adjoint_arg=False):
        x = la.adjoint(x) if adjoint_arg else x
        zero = tf.zeros_like(x[..., :1, :])
        before = tf.concat([zero, x[..., :-1, :]], axis=-2)
        after = tf.concat([x[..., 1:, :], zero], axis=-2)
        return self._weight * (2 * x - before - after) + x


own = SecondDifferences(6, 2.0)
tridiagonal = la.LinearOperatorTridiag(
    [tf.fill([6], -2.0), tf.fill([6], 5.0), tf.fill([6], -2.0)], diagonals_format="sequence"
)
np.testing.assert_allclose(own.to_dense(), tridiagonal.to_dense(), atol=1e-6)
rhs = tf.ones((6, 1))
np.testing.assert_allclose(own.solve(rhs), tridiagonal.solve(rhs), rtol=1e-4)
np.testing.assert_allclose(own.determinant(), tridiagonal.determinant(), rtol=1e-4)
assert isinstance(own @ tridiagonal, la.LinearOperatorComposition) and own.adjoint() is own
blocks = la.LinearOperatorBlockDiag([own, la.LinearOperatorIdentity(2)])
upper, lower = blocks.solvevec([tf.ones(6), tf.ones(2)])
np.testing.assert_allclose(upper, own.solve(rhs)[:, 0], rtol=1e-5)
np.testing.assert_allclose(lower, [1.0, 1.0])
try:
    own.solve(tf.ones((5, 1)))
except ValueError:
    pass
else:
    raise AssertionError("a right side of another size was taken")
print(f"likelihood {first:.2f} -> {last:.2f} (best {best:.2f})")

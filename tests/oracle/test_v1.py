"""`tf.compat.v1` against the real one: every name that is served, and what its own functions compute."""

import types

import numpy as np
import pytest
import tensorflow as real

from addax import tf

v1, old = tf.compat.v1, real.compat.v1
RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(2, 6, 4)).astype("float32")
LABELS = np.eye(4, dtype="float32")[RNG.integers(0, 4, 6)]
CLASSES = LABELS.argmax(1)
WEIGHTS = np.array([0.0, 1.0, 2.0, 0.0, 0.5, 1.0], "float32")

# Served by today's function, where TensorFlow has two of them: only arguments that few scripts name differ.
ALIKE = {
    "DeviceSpec", "Variable", "VariableAggregation", "argmax", "argmin", "assert_equal", "assert_greater",
    "assert_less", "assert_rank", "boolean_mask", "case", "cond", "constant", "constant_initializer",
    "convert_to_tensor", "decode_raw", "device", "executing_eagerly", "expand_dims", "foldl", "foldr", "gather",
    "gather_nd", "gradients", "hessians", "map_fn", "norm", "ones_initializer", "ones_like", "pad",
    "parse_example", "parse_single_example", "py_func", "reverse_sequence", "scalar_mul", "scan",
    "set_random_seed", "shape", "size", "squeeze", "string_to_number", "substr", "transpose", "tuple", "where",
    "zeros_initializer", "zeros_like",
}  # fmt: skip


def test_what_is_served_is_the_same_function_in_tensorflow():
    differ, lacking = set(), set()
    for name in v1.__all__:
        if name in v1._HOMES or name in v1._SUBMODULES or name in v1._CASTS:
            assert hasattr(old, name), name
            continue
        then, now = getattr(old, name, None), real
        for part in v1._RENAMED.get(name, name).split("."):
            now = getattr(now, part)
        if then is None:
            lacking.add(name)
        elif not isinstance(then, types.ModuleType) and then is not now:
            differ.add(name)
    assert lacking == set()
    assert differ - ALIKE == set() and ALIKE - differ == set()


LOSSES = {
    "absolute_difference": (A, B),
    "mean_squared_error": (A, B),
    "huber_loss": (A, B),
    "log_loss": (LABELS, 1 / (1 + np.exp(-A))),
    "hinge_loss": (LABELS, A),
    "sigmoid_cross_entropy": (LABELS, A),
    "softmax_cross_entropy": (LABELS, A),
    "sparse_softmax_cross_entropy": (CLASSES, A),
}


@pytest.mark.parametrize(
    "reduction", ["NONE", "SUM", "MEAN", "SUM_OVER_BATCH_SIZE", "SUM_BY_NONZERO_WEIGHTS"]
)
@pytest.mark.parametrize("name", LOSSES)
def test_losses(name, reduction):
    weights = WEIGHTS if name.endswith(("softmax_cross_entropy",)) else WEIGHTS[:, None]
    found, expected = (
        getattr(space.losses, name)(
            *LOSSES[name], weights=weights, reduction=getattr(space.losses.Reduction, reduction)
        )
        for space in (v1, old)
    )
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["softmax_cross_entropy", "sigmoid_cross_entropy"])
def test_label_smoothing(name):
    found, expected = (getattr(s.losses, name)(LABELS, A, label_smoothing=0.2) for s in (v1, old))
    np.testing.assert_allclose(float(found), float(expected), rtol=2e-5)


EXPRESSIONS = [
    "div(7, 2)",
    "div(-7, 2)",
    "div(7.0, 2.0)",
    "reduce_sum(A, reduction_indices=1, keep_dims=True)",
    "reduce_mean(A, 0)",
    "reduce_max(A, axis=1, keepdims=True)",
    "while_loop(lambda i: i < 5, lambda i: i + 2, [0])",
    "while_loop(lambda i, j: i < 5, lambda i, j: (i + 2, j * 2), [0, 1])[1]",
    "nn.in_top_k(A, CLASSES, 2)",
    "math.in_top_k(A, CLASSES, 1)",
    "strings.split(['a b c', 'd']).values",
    "strings.split(['a b c', 'd'], result_type='RaggedTensor').flat_values",
    "to_float([1, 2])",
    "to_int32([1.7, -1.7])",
    "nn.softmax_cross_entropy_with_logits(labels=LABELS, logits=A)",
    "nn.softmax_cross_entropy_with_logits_v2(labels=LABELS, logits=A)",
    "data.make_one_shot_iterator(data.Dataset.range(3)).get_next()",
    "random_uniform_initializer()([1000])[0] * 0",
    "log(A * A)",
    "matrix_inverse(A[:4])",
    "squared_difference(A, B)",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expression(text):
    found, expected = (
        eval(text, {"A": A, "B": B, "CLASSES": CLASSES, "LABELS": LABELS}, _Names(space))
        for space in (v1, old)
    )
    found, expected = np.asarray(found), np.asarray(expected)
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    if found.dtype.kind in "fc":
        np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-6)
    else:
        np.testing.assert_array_equal(found, expected)


class _Names(dict):
    """The names of a namespace, for `eval`."""

    def __init__(self, space):
        super().__init__()
        self._space = space

    def __missing__(self, name):
        if name in ("A", "B", "CLASSES", "LABELS", "lambda"):
            raise KeyError(name)
        if hasattr(self._space, name):
            return getattr(self._space, name)
        raise KeyError(name)


@pytest.mark.parametrize(
    "name", ["random_uniform_initializer", "random_normal_initializer", "truncated_normal_initializer"]
)
def test_initializers_have_their_old_spread(name):
    found, expected = (np.asarray(getattr(s, name)(seed=1)([20_000])) for s in (v1, old))
    np.testing.assert_allclose(found.mean(), expected.mean(), atol=0.05)
    np.testing.assert_allclose(found.std(), expected.std(), rtol=0.03)


@pytest.mark.parametrize(
    "make, rtol",
    [
        ("AdamOptimizer(0.1)", 1e-4),
        ("GradientDescentOptimizer(0.1)", 1e-6),
        ("MomentumOptimizer(0.1, 0.9)", 1e-5),
        ("MomentumOptimizer(0.1, 0.9, use_nesterov=True)", 1e-5),
        ("AdagradOptimizer(0.1)", 1e-5),
        ("AdadeltaOptimizer(1.0)", 1e-4),
        ("FtrlOptimizer(0.1, l1_regularization_strength=0.01)", 1e-5),
    ],
)
def test_optimizers_step_alike(make, rtol):
    values = []
    for space, root in ((v1, tf), (old, real)):
        variable = root.Variable(A)
        optimizer = eval(make, {}, _Names(space.train))
        for _ in range(5):
            optimizer.minimize(lambda v=variable, r=root: r.reduce_sum(r.sin(v)), var_list=[variable])
        values.append(variable.numpy())
    np.testing.assert_allclose(*values, rtol=rtol, atol=3e-6)

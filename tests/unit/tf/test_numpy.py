"""`tf.experimental.numpy`: NumPy's names over the ops, and NumPy's methods for tensors."""

import subprocess
import sys

import numpy as np
import pytest

import addax.tf as tf

tnp = tf.experimental.numpy
A = np.arange(6, dtype="float32").reshape(2, 3)


@pytest.mark.parametrize(
    "use",
    [
        lambda n: n.mean(n.asarray(A), axis=0),
        lambda n: n.concatenate([n.ones((1, 3), "float32"), n.asarray(A)]),
        lambda n: n.atleast_2d(np.float32([1, 2])),
        lambda n: n.atleast_3d(A),
        lambda n: n.array_equal(A, A[:1]),
        lambda n: n.divmod(np.int32([7, -7]), np.int32(3)),
        lambda n: n.ix_([0, 1], [2, 0]),
        lambda n: n.compress([True, False, True], A, axis=1),
        lambda n: n.diag_indices(3),
        lambda n: n.polyval(np.float32([1, 2, 3]), np.float32([2])),
        lambda n: n.iscomplex(np.complex64([1j, 1])),
        lambda n: n.broadcast_arrays(A, np.float32([1])),
        lambda n: n.isrealobj(A) and not n.iscomplexobj(A) and n.isscalar(3.0),
        lambda n: n.shape(A),
    ],
)
def test_results_are_numpys(use):
    found, wanted = use(tnp), use(np)
    many = isinstance(wanted, (tuple, list))
    for mine, theirs in zip(found, wanted, strict=True) if many else [(found, wanted)]:
        np.testing.assert_allclose(np.asarray(mine), theirs, rtol=1e-6, atol=1e-6)


def test_dtypes_are_promoted():
    assert tnp.promote_types("int32", "float32") == np.float32
    assert (
        tnp.result_type(tf.constant(1), np.float32(2)) == np.float32
        and tnp.result_type("int8", "int16") == np.int16
    )
    assert tnp.finfo(tnp.float32).max > 1e38 and tnp.issubdtype(tnp.int32, np.integer)


def test_random_numbers_follow_the_seed():
    draws = []
    for _ in range(2):
        tnp.random.seed(3)
        draws.append([tnp.random.rand(2), tnp.random.randn(2), tnp.random.randint(5, size=(2,))])
    np.testing.assert_array_equal(*[np.stack([np.asarray(x, "float32") for x in d]) for d in draws])
    assert tnp.random.uniform(2.0, 3.0).shape == () and tnp.ndarray is tf.Tensor and tnp.newaxis is None


def test_tensors_get_the_methods_of_arrays():  # in a process of its own, for it changes the class
    code = (
        "import addax.tf as tf; x = tf.constant([[1., 2.], [3., 4.]]); assert not hasattr(x, 'sum')\n"
        "tf.experimental.numpy.experimental_enable_numpy_behavior()\n"
        "assert float(x.sum()) == 10 and x.mean(axis=0).numpy().tolist() == [2, 3] and x.flatten().shape == (4,)\n"
        "assert x.transpose(1, 0)[0, 1] == x.transpose([1, 0])[0, 1] == x.transpose()[0, 1] == 3\n"
        "assert x.clip(2, 3)[0, 0] == 2\n"
        "assert tf.Variable(x).max() == 4"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

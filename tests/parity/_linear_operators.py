"""Linear operators of every kind, and a plain form of what they give; runs under TensorFlow and under Addax."""

from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).with_name("linear_operators.json")
N = 4
CASES = (("float32", ()), ("complex64", (2,)))


def numbers(shape, seed, dtype="float32"):
    """Numbers around 0 that do not change."""
    draw = np.random.RandomState(seed)
    values = draw.uniform(-1, 1, shape)
    if dtype.startswith("complex"):
        values = values + 1j * draw.uniform(-1, 1, shape)
    return values.astype(dtype)


def positive(shape, seed, dtype="float32"):
    """Numbers from 1 to 2, with an imaginary part of 0."""
    return np.random.RandomState(seed).uniform(1, 2, shape).astype(dtype)


def general(batch, seed, dtype, n=N):
    """Matrices that are far from singular."""
    return (numbers((*batch, n, n), seed, dtype) + 3 * np.eye(n)).astype(dtype)


def definite(batch, seed, dtype, n=N):
    """Positive definite matrices."""
    half = general(batch, seed, dtype, n)
    return (half @ np.conj(np.swapaxes(half, -1, -2))).astype(dtype)


def unit(batch, seed, dtype):
    """Vectors of length 1."""
    v = numbers((*batch, N), seed, dtype)
    return (v / np.linalg.norm(v, axis=-1, keepdims=True)).astype(dtype)


def hermitian_spectrum(batch, shape, seed):
    """The Fourier transform of real numbers, far from 0."""
    axes = tuple(range(-len(shape), 0))
    kernel = numbers((*batch, *shape), seed)
    kernel[(..., *[0] * len(shape))] += 4
    return np.fft.fftn(kernel, axes=axes).astype("complex64")


def leaves(tf, dtype, batch):
    """Operators that are made of arrays, of size 4."""
    la = tf.linalg

    def num(*shape, seed=0):
        return tf.constant(numbers((*batch, *shape), seed, dtype))

    def pos(*shape, seed=0):
        return tf.constant(positive((*batch, *shape), seed, dtype))

    def real(*shape, seed=0):
        return tf.constant(positive((*batch, *shape), seed))

    triangle = tf.constant(np.tril(general(batch, 5, dtype)).astype(dtype))
    order = np.broadcast_to(np.array([2, 0, 3, 1], np.int32), (*batch, N))
    base = la.LinearOperatorDiag(pos(N, seed=9), is_positive_definite=True, is_self_adjoint=True)
    return {
        "FullMatrix": la.LinearOperatorFullMatrix(tf.constant(general(batch, 1, dtype))),
        "FullMatrix/pd": la.LinearOperatorFullMatrix(
            tf.constant(definite(batch, 2, dtype)), is_positive_definite=True, is_self_adjoint=True
        ),
        "FullMatrix/wide": la.LinearOperatorFullMatrix(num(2, N, seed=3)),
        "LowerTriangular": la.LinearOperatorLowerTriangular(triangle),
        "Diag": la.LinearOperatorDiag(num(N, seed=6)),
        "Diag/pd": la.LinearOperatorDiag(
            pos(N, seed=7), is_positive_definite=True, is_self_adjoint=True, is_non_singular=True
        ),
        "Identity": la.LinearOperatorIdentity(N, batch_shape=list(batch) or None, dtype=dtype),
        "ScaledIdentity": la.LinearOperatorScaledIdentity(N, num(seed=8)),
        "ScaledIdentity/pd": la.LinearOperatorScaledIdentity(
            N, pos(seed=8), is_positive_definite=True, is_self_adjoint=True
        ),
        "Zeros": la.LinearOperatorZeros(N, batch_shape=list(batch) or None, dtype=dtype),
        "Householder": la.LinearOperatorHouseholder(tf.constant(unit(batch, 10, dtype))),
        "Permutation": la.LinearOperatorPermutation(tf.constant(order), dtype=dtype),
        "Tridiag": la.LinearOperatorTridiag(
            tf.constant(numbers((*batch, 3, N), 11, dtype) + np.array([[0], [3], [0]], dtype))
        ),
        "Tridiag/sequence": la.LinearOperatorTridiag(
            [num(N, seed=12), pos(N, seed=13), num(N, seed=14)], diagonals_format="sequence"
        ),
        "Tridiag/matrix": la.LinearOperatorTridiag(
            tf.constant(np.triu(np.tril(general(batch, 15, dtype), 1), -1)), diagonals_format="matrix"
        ),
        "Toeplitz": _toeplitz(tf, batch, dtype),
        "Circulant": la.LinearOperatorCirculant(
            tf.constant(hermitian_spectrum(batch, (N,), 17)), input_output_dtype=dtype
        ),
        "Circulant/real": la.LinearOperatorCirculant(real(N, seed=18)),
        "Circulant/pd": la.LinearOperatorCirculant(
            tf.constant(np.broadcast_to(np.array([3, 2, 1, 2], "complex64"), (*batch, N)).copy()),
            input_output_dtype=dtype,
            is_positive_definite=True,
            is_self_adjoint=True,
        ),
        "Circulant2D": la.LinearOperatorCirculant2D(
            tf.constant(hermitian_spectrum(batch, (2, 2), 19)), input_output_dtype=dtype
        ),
        "Circulant3D": la.LinearOperatorCirculant3D(
            tf.constant(hermitian_spectrum(batch, (1, 2, 2), 20)), input_output_dtype=dtype
        ),
        "LowRankUpdate": la.LinearOperatorLowRankUpdate(
            base, num(N, 2, seed=21), pos(2, seed=22), is_diag_update_positive=True
        ),
        "LowRankUpdate/uv": la.LinearOperatorLowRankUpdate(
            la.LinearOperatorFullMatrix(tf.constant(general(batch, 23, dtype)), is_non_singular=True),
            num(N, 2, seed=24),
            pos(2, seed=25),
            num(N, 2, seed=26),
        ),
        "LowRankUpdate/plain": la.LinearOperatorLowRankUpdate(base, num(N, 1, seed=27)),
    }


def _toeplitz(tf, batch, dtype):
    column, row = numbers((*batch, N), 16, dtype), numbers((*batch, N), 17, dtype)
    column[..., 0] += 3
    row[..., 0] = column[..., 0]
    return tf.linalg.LinearOperatorToeplitz(tf.constant(column), tf.constant(row))


def small(tf, dtype, batch):
    """Operators of size 2 that others are made of."""
    la = tf.linalg
    return (
        la.LinearOperatorFullMatrix(tf.constant(general(batch, 31, dtype, 2)), is_non_singular=True),
        la.LinearOperatorDiag(tf.constant(positive((*batch, 2), 32, dtype)), is_non_singular=True),
        la.LinearOperatorFullMatrix(tf.constant(numbers((*batch, 2, 2), 33, dtype))),
    )


def made(tf, dtype, batch):
    """Operators that are made of operators, of size 4."""
    la = tf.linalg
    full, diag, below = small(tf, dtype, batch)
    definites = [
        la.LinearOperatorFullMatrix(
            tf.constant(definite(batch, seed, dtype, 2)), is_positive_definite=True, is_self_adjoint=True
        )
        for seed in (34, 35)
    ]
    wide = la.LinearOperatorFullMatrix(tf.constant(numbers((*batch, 1, 2), 36, dtype)))
    tall = la.LinearOperatorFullMatrix(tf.constant(numbers((*batch, 2, 1), 37, dtype)))
    big = la.LinearOperatorFullMatrix(tf.constant(general(batch, 38, dtype)), is_non_singular=True)
    other = la.LinearOperatorFullMatrix(tf.constant(general(batch, 39, dtype)), is_non_singular=True)
    return {
        "BlockDiag": la.LinearOperatorBlockDiag([full, diag]),
        "BlockDiag/pd": la.LinearOperatorBlockDiag(
            definites, is_positive_definite=True, is_self_adjoint=True
        ),
        "BlockDiag/oblong": la.LinearOperatorBlockDiag([full, wide], is_square=False),
        "BlockLowerTriangular": la.LinearOperatorBlockLowerTriangular([[full], [below, diag]]),
        "Kronecker": la.LinearOperatorKronecker([full, diag]),
        "Kronecker/pd": la.LinearOperatorKronecker(
            definites, is_positive_definite=True, is_self_adjoint=True
        ),
        "Kronecker/oblong": la.LinearOperatorKronecker([full, tall]),
        "Composition": la.LinearOperatorComposition([big, other]),
        "Composition/oblong": la.LinearOperatorComposition([tall, wide]),
        "Adjoint": la.LinearOperatorAdjoint(big),
        "Inversion": la.LinearOperatorInversion(big),
    }


def operators(tf, dtype, batch):
    """All of them by name."""
    return {**leaves(tf, dtype, batch), **made(tf, dtype, batch)}


HINTS = ("is_non_singular", "is_self_adjoint", "is_positive_definite", "is_square")
ERRORS = {"InvalidArgumentError": "ValueError"}


def hints(operator):
    """The four hints, as one word of T, F and - (unknown)."""
    return "".join({True: "T", False: "F", None: "-"}[getattr(operator, hint)] for hint in HINTS)


def kind(value):
    """The short name of an operator's class, with its hints."""
    return f"{type(value).__name__.removeprefix('LinearOperator')} {hints(value)}"


def attempt(call):
    """What a call gives, or the name of its error."""
    try:
        return call()
    except Exception as error:
        return ERRORS.get(type(error).__name__, type(error).__name__)


def methods(tf, operator, batch):
    """Calls by name."""
    x = tf.constant(numbers((*batch, operator.shape[-1], 2), 50, operator.dtype.name))
    y = tf.constant(numbers((*batch, operator.shape[-2], 2), 51, operator.dtype.name))
    asserts = ("assert_non_singular", "assert_positive_definite", "assert_self_adjoint")
    numbers_of = ("to_dense", "determinant", "log_abs_determinant", "trace", "diag_part", "cond", "eigvals")
    plain_calls = (*numbers_of, "adjoint", "inverse", "cholesky", *asserts, "shape_tensor")
    calls = {name: getattr(operator, name) for name in plain_calls}
    return calls | {"matmul": lambda: operator.matmul(x), "solve": lambda: operator.solve(y)}


def plain(value):
    """A result as JSON: the kind of an operator, the name of an error, or numbers with dtype and shape."""
    if value is None or isinstance(value, str):
        return value
    if hasattr(value, "to_dense"):
        return kind(value)
    array = np.asarray(value)
    flat = array.ravel()
    if array.dtype.kind == "c":
        flat = np.stack([flat.real, flat.imag], axis=-1).ravel()
    numbers_ = [float(f"{item:.5g}") if array.dtype.kind != "i" else int(item) for item in flat.tolist()]
    return [array.dtype.name, list(array.shape), numbers_]


def pairs(tf):
    """Kinds of the products and quotients of two operators: kind -> names of the second ones."""
    found = {}
    known = {
        name: operator
        for name, operator in operators(tf, "float32", ()).items()
        if "oblong" not in name and "wide" not in name and operator.dtype == tf.float32
    }
    for left, a in known.items():
        for method in ("matmul", "solve"):
            row = found.setdefault(f"{left} {method}", {})
            for right, b in known.items():
                of = plain(attempt(lambda a=a, b=b, method=method: getattr(a, method)(b)))
                row.setdefault(of, []).append(right)
    return found


def results(tf):
    """All that is compared, by the name of a case."""
    found = {}
    for dtype, batch in CASES:
        for name, operator in operators(tf, dtype, batch).items():
            calls = methods(tf, operator, batch)
            row = {method: plain(attempt(call)) for method, call in calls.items()}
            row["itself"] = [kind(operator), operator.name, list(operator.shape), sorted(operator.parameters)]
            found[f"{dtype} {name}"] = row
    return found

"""`tf.linalg.LinearOperator*` against their own dense matrices; `tests/parity` holds them against TensorFlow."""

import numpy as np
import pytest
from tests.parity._linear_operators import CASES, kind, numbers, operators, small

import addax.tf as tf

la = tf.linalg
BATCHES = (*CASES, ("float32", (2, 1)))
ALL = [
    pytest.param(name, dtype, batch, id=f"{name}-{dtype}-{batch}")
    for dtype, batch in BATCHES
    for name in operators(tf, "float32", ())
]
KNOWN = {case: operators(tf, *case) for case in BATCHES}


def adjoint(x):
    return np.conj(np.swapaxes(x, -1, -2))


def near(mine, expected):
    mine = np.asarray(mine)
    np.testing.assert_allclose(mine, expected, rtol=3e-3, atol=3e-3)


def argument(operator, batch, rows):
    """Matrices for a product: of the batch, and of another one that broadcasts with it."""
    shape = (3, 2) if not batch else (*batch[:-1], 2) if batch[-1] == 1 else batch
    return numbers((*shape, operator.shape[-2 if rows else -1], 3), 60, operator.dtype.name)


@pytest.mark.grid
@pytest.mark.parametrize(("name", "dtype", "batch"), ALL)
def test_products_are_those_of_the_dense_matrix(name, dtype, batch):
    operator = KNOWN[dtype, batch][name]
    dense = operator.to_dense().numpy()
    assert dense.shape == tuple(operator.shape) and dense.dtype.name == operator.dtype.name
    x, y = argument(operator, batch, False), argument(operator, batch, True)
    near(operator.matmul(x), dense @ x)
    near(operator.matmul(adjoint(x), adjoint_arg=True), dense @ x)
    near(operator.matmul(y, adjoint=True), adjoint(dense) @ y)
    near(operator.matvec(x[..., 0]), (dense @ x)[..., 0])
    near(operator.matvec(y[..., 0], adjoint=True), (adjoint(dense) @ y)[..., 0])
    near(operator.adjoint().to_dense(), adjoint(dense))
    near(operator.H.matmul(y), adjoint(dense) @ y)
    near(operator.add_to_tensor(np.ones(dense.shape, dense.dtype)), dense + 1)
    near(operator.diag_part(), np.diagonal(dense, axis1=-2, axis2=-1))
    near(operator.trace(), np.trace(dense, axis1=-2, axis2=-1))


@pytest.mark.grid
@pytest.mark.parametrize(
    ("name", "dtype", "batch"), [x for x in ALL if not x.id.startswith(("Zeros", "Composition/o"))]
)
def test_solutions_are_those_of_the_dense_matrix(name, dtype, batch):
    operator = KNOWN[dtype, batch][name]
    dense = operator.to_dense().numpy()
    y = argument(operator, batch, True)
    if dense.shape[-1] != dense.shape[-2]:
        for call in (lambda: operator.solve(y), operator.determinant, lambda: operator.solvevec(y[..., 0])):
            with pytest.raises(NotImplementedError, match="not square"):
                call()
        return
    inverse = np.linalg.inv(dense)
    near(operator.solve(y), inverse @ y)
    near(operator.solve(adjoint(y), adjoint_arg=True), inverse @ y)
    near(operator.solve(y, adjoint=True), adjoint(inverse) @ y)
    near(operator.solvevec(y[..., 0]), (inverse @ y)[..., 0])
    near(operator.solvevec(y[..., 0], adjoint=True), (adjoint(inverse) @ y)[..., 0])
    near(operator.inverse().to_dense(), inverse)
    near(operator.inverse().solve(y), dense @ y)
    near(operator.determinant() / np.linalg.det(dense), np.ones(dense.shape[:-2]))
    near(np.real(operator.log_abs_determinant()), np.linalg.slogdet(dense)[1])
    if operator.is_self_adjoint and operator.is_positive_definite:
        factor = operator.cholesky().to_dense().numpy()
        near(factor @ adjoint(factor), dense)
        near(np.triu(factor, 1), np.zeros_like(factor))


@pytest.mark.parametrize("method", ["matmul", "solve"])
def test_two_operators_in_a_row(method):
    dense = {name: x.to_dense().numpy() for name, x in KNOWN["complex64", (2,)].items()}
    chosen = ["FullMatrix", "LowerTriangular", "Diag", "Identity", "ScaledIdentity", "Circulant2D", "BlockDiag",
              "BlockDiag/pd", "Inversion", "Adjoint", "Toeplitz"]  # fmt: skip
    for left in chosen:
        for right in [*chosen, "Zeros"]:
            a, b = (KNOWN["complex64", (2,)][name] for name in (left, right))
            first = np.linalg.inv(dense[left]) if method == "solve" else dense[left]
            near(getattr(a, method)(b).to_dense(), first @ dense[right])
            near(getattr(a, method)(b, adjoint_arg=True).to_dense(), first @ adjoint(dense[right]))


def test_a_batch_of_identities_is_not_lost():
    wide = la.LinearOperatorIdentity(4, batch_shape=[3])
    full = KNOWN["float32", ()]["FullMatrix"]
    for found in (wide @ full, full @ wide, full @ la.LinearOperatorZeros(4, batch_shape=[3])):
        assert found.shape == (3, 4, 4) and found.to_dense().shape == (3, 4, 4)


def test_large_operators_are_not_written_out():
    n = 200_000
    x = tf.ones((n, 1))
    many = [
        la.LinearOperatorDiag(2 * tf.ones(n), is_non_singular=True),
        la.LinearOperatorIdentity(n),
        la.LinearOperatorScaledIdentity(n, 2.0),
        la.LinearOperatorHouseholder(tf.ones(n)),
        la.LinearOperatorPermutation(np.arange(n)[::-1]),
        la.LinearOperatorTridiag([tf.ones(n), 4 * tf.ones(n), tf.ones(n)], "sequence"),
        la.LinearOperatorCirculant(2 * tf.ones(n, "complex64"), "float32"),
        la.LinearOperatorLowRankUpdate(la.LinearOperatorScaledIdentity(n, 2.0), tf.ones((n, 1)) / n),
        la.LinearOperatorKronecker([la.LinearOperatorDiag(tf.ones(2)), la.LinearOperatorIdentity(n // 2)]),
        la.LinearOperatorBlockDiag([la.LinearOperatorIdentity(n // 2)] * 2),
    ]
    for operator in many:
        near(operator.solve(operator @ x), x)
        near(operator.inverse().matmul(operator.matmul(x)), x)
        assert operator.trace().shape == () and operator.diag_part().shape == (n,)
        if not isinstance(operator, la.LinearOperatorPermutation):
            assert np.isfinite(operator.log_abs_determinant())
    near(la.LinearOperatorToeplitz(tf.ones(n) / n, tf.ones(n) / n) @ x, x)


# Gradients and compiled code -----------------------------------------------------------------------------

PARAMETERS = {
    "FullMatrix": "matrix", "FullMatrix/pd": "matrix", "LowerTriangular": "tril", "Diag": "diag",
    "ScaledIdentity": "multiplier", "Householder": "reflection_axis", "Tridiag": "diagonals",
    "Toeplitz": "col", "Circulant/real": "spectrum", "LowRankUpdate": "u", "LowRankUpdate/uv": "v",
}  # fmt: skip


def remade(operator, name, value):
    return type(operator)(**{**operator.parameters, name: value})


def through_operator(operator, x):
    return tf.math.real(
        tf.reduce_sum(operator.solve(x))
        + tf.reduce_sum(operator.matmul(x, adjoint=True) ** 2)
        + tf.reduce_sum(operator.log_abs_determinant())
    )


def through_matrix(operator, x):
    dense = operator.to_dense()
    half = tf.math.log(tf.abs(tf.linalg.det(dense)))
    return tf.math.real(
        tf.reduce_sum(tf.linalg.solve(dense, x))
        + tf.reduce_sum(tf.linalg.matmul(dense, x, adjoint_a=True) ** 2)
    ) + tf.reduce_sum(half)


@pytest.mark.parametrize("name", PARAMETERS)
def test_gradients_flow_to_the_parameters(name):
    operator = KNOWN["float32", ()][name]
    parameter = PARAMETERS[name]
    x = tf.constant(numbers((4, 2), 61, operator.dtype.name))
    value = tf.Variable(getattr(operator, parameter))
    compiled = tf.function(lambda: through_operator(remade(operator, parameter, value), x))
    found = []
    for call in (
        lambda: through_operator(remade(operator, parameter, value), x),
        lambda: through_matrix(remade(operator, parameter, value), x),
        compiled,
    ):
        with tf.GradientTape() as tape:
            result = call()
        found.append((result.numpy(), tape.gradient(result, value).numpy()))
    for result, gradient in found[1:]:
        near(found[0][0], result)
        near(gradient, found[0][1])


def test_gradients_through_blocks_and_kronecker():
    v = tf.Variable([2.0, 3.0])
    full = small(tf, "float32", ())[0]
    for cls in (la.LinearOperatorBlockDiag, la.LinearOperatorKronecker, la.LinearOperatorComposition):
        with tf.GradientTape(persistent=True) as tape:
            operator = cls([la.LinearOperatorDiag(v), full])
            x = tf.ones((operator.shape[-1], 1))
            mine, dense = tf.reduce_sum(operator.solve(x)), tf.reduce_sum(la.solve(operator.to_dense(), x))
        near(tape.gradient(mine, v), tape.gradient(dense, v))
        assert operator.trainable_variables == (v,)


def test_a_variable_is_read_at_each_call():
    v = tf.Variable([1.0, 2.0])
    operator = la.LinearOperatorDiag(v)
    assert operator.diag is v and operator.variables == (v,) and operator.parameters["diag"] is v
    step = tf.function(operator.determinant)
    assert operator.determinant().numpy() == 2 and step().numpy() == 2
    v.assign([3.0, 4.0])
    assert operator.determinant().numpy() == 12 and step().numpy() == 12


@pytest.mark.grid
@pytest.mark.parametrize("name", KNOWN["float32", ()])
def test_operators_go_into_compiled_code_and_come_out(name):
    operator = KNOWN["float32", ()][name]
    traces = []

    @tf.function
    def step(given):
        traces.append(1)
        return given, given.adjoint().to_dense(), given.matmul(tf.ones((given.shape[-1], 1), given.dtype))

    for _ in range(2):
        back, dense, product = step(operator)
    assert kind(back) == kind(operator) and back.shape == operator.shape and len(traces) == 1
    near(dense, adjoint(operator.to_dense().numpy()))
    near(product, np.sum(operator.to_dense().numpy(), -1, keepdims=True))
    near(back.to_dense(), operator.to_dense())


def test_the_gradient_by_an_operator_is_an_operator():
    operator = la.LinearOperatorDiag([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(operator)
        y = tf.reduce_sum(operator.matvec([3.0, 4.0]))
    found = tape.gradient(y, operator)
    assert isinstance(found, la.LinearOperatorDiag) and found.diag.numpy().tolist() == [3.0, 4.0]


def test_nests_take_operators_apart():
    operator = KNOWN["float32", ()]["BlockDiag"]
    leaves = tf.nest.flatten(operator, expand_composites=True)
    assert [x.shape for x in leaves] == [(2, 2), (2,)] and tf.nest.flatten(operator) == [operator]
    doubled = tf.nest.map_structure(lambda x: 2 * x, operator, expand_composites=True)
    near(doubled.to_dense(), 2 * operator.to_dense())
    with tf.GradientTape() as tape:
        tape.watch(operator)
        y = operator.trace()
    near(tape.gradient(y, operator.operators[1].diag), [1.0, 1.0])


def test_loops_and_branches_take_operators():
    operator = KNOWN["float32", ()]["LowRankUpdate"]
    found = tf.cond(tf.constant(True), lambda: operator.inverse().operator, lambda: operator)
    near(found.to_dense(), operator.to_dense())
    power = tf.while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, operator @ x), (0, tf.eye(4)))[1]
    near(power, np.linalg.matrix_power(operator.to_dense().numpy(), 3))


# Slices, blocks, functions -------------------------------------------------------------------------------


@pytest.mark.grid
@pytest.mark.parametrize("name", KNOWN["complex64", (2,)])
def test_slices_of_the_batch(name):
    operator = KNOWN["complex64", (2,)][name]
    dense = operator.to_dense().numpy()
    near(operator[1].to_dense(), dense[1])
    near(operator[tf.newaxis, 1:, ...].to_dense(), dense[None, 1:])
    with pytest.raises(ValueError, match="into its batch"):
        operator[0, 0]


def test_lists_of_blocks():
    known = KNOWN["float32", ()]
    blocks = [numbers((2, 3), 62), numbers((2, 3), 63)]
    for operator in (known["BlockDiag"], known["BlockLowerTriangular"], known["BlockLowerTriangular"].H,
                     known["BlockDiag"].inverse(), la.LinearOperatorInversion(known["BlockDiag"]),
                     known["BlockDiag"] @ known["BlockLowerTriangular"]):  # fmt: skip
        for method in ("matmul", "solve"):
            for flag in (False, True):
                whole = getattr(operator, method)(np.concatenate(blocks), adjoint=flag)
                parts = getattr(operator, method)(blocks, adjoint=flag)
                assert isinstance(parts, list) and [x.shape for x in parts] == [(2, 3), (2, 3)]
                near(tf.concat(parts, 0), whole)
        parts = operator.matvec([blocks[0][:, 0], blocks[1][:, 0]])
        near(tf.concat(parts, 0), operator.matvec(np.concatenate(blocks)[:, 0]))
        parts = operator.solvevec([blocks[0][:, 0], blocks[1][:, 0]])
        near(tf.concat(parts, 0), operator.solvevec(np.concatenate(blocks)[:, 0]))
        turned = operator.matmul([adjoint(x) for x in blocks], adjoint_arg=True)
        near(tf.concat(turned, 0), operator.matmul(np.concatenate(blocks)))
    with pytest.raises(ValueError, match="one for each block"):
        known["BlockDiag"].matmul(blocks[:1])
    with pytest.raises(ValueError, match="other sizes"):
        known["BlockDiag"].matmul([np.ones((1, 1), "float32"), np.ones((3, 1), "float32")])
    assert known["BlockDiag"].matmul([[1.0], [1.0], [1.0], [1.0]]).shape == (4, 1)


def test_functions_of_tf_linalg_take_operators():
    a, other = (operators(tf, "complex64", ())[name] for name in ("FullMatrix/pd", "FullMatrix"))
    dense = a.to_dense().numpy()
    x = numbers((4, 3), 64, "complex64")
    near(la.matmul(a, x), dense @ x)
    near(tf.matmul(a, adjoint(x), adjoint_b=True), dense @ x)
    full = other.to_dense().numpy()
    near(tf.matmul(other, x, adjoint_a=True), adjoint(full) @ x)
    near(tf.matmul(adjoint(x), other), adjoint(x) @ full)
    near(tf.matmul(x, other, adjoint_a=True, adjoint_b=True), adjoint(x) @ adjoint(full))
    near(tf.constant(adjoint(x)) @ other, adjoint(x) @ full)
    near(tf.Variable(adjoint(x)) @ other, adjoint(x) @ full)
    near(adjoint(x) @ other, adjoint(x) @ full)
    near(other @ x, full @ x)
    near(la.matvec(other, x[:, 0]), full @ x[:, 0])
    near(la.solve(other, x, adjoint=True), np.linalg.solve(adjoint(full), x))
    near(la.det(other), np.linalg.det(full))
    near(tf.math.real(la.logdet(a)), np.linalg.slogdet(dense)[1])
    near(la.trace(other), np.trace(full))
    near(la.diag_part(other), np.diagonal(full))
    near(la.diag_part(other, k=1), np.diagonal(full, 1))
    near(la.inv(other).to_dense(), np.linalg.inv(full))
    near(la.inv(other, adjoint=True).to_dense(), adjoint(np.linalg.inv(full)))
    near(la.adjoint(other).to_dense(), adjoint(full))
    assert kind(la.cholesky(a)) == "LowerTriangular TF-T" and kind(la.matmul(a, other)).startswith(
        "Composition"
    )
    assert kind(la.solve(a, other)).startswith("Composition")
    found = la.experimental.conjugate_gradient(a, tf.ones(4, "complex64"), max_iter=30)
    near(a.matvec(found.x), np.ones(4))
    with pytest.raises(ValueError, match="does not transpose"):
        tf.matmul(a, x, transpose_a=True)
    for call in (
        lambda: la.svd(a),
        lambda: a + tf.constant(x),
        lambda: tf.constant(x) + a,
        lambda: la.solve(x, a),
    ):
        with pytest.raises(TypeError, match="LinearOperatorFullMatrix"):
            call()


def test_classes_of_users():
    class Twice(la.LinearOperator):
        def __init__(self, factor):
            self.factor = tf.Variable(factor)
            super().__init__(tf.float32, is_square=True)

        def _shape(self):
            return tf.TensorShape([3, 3])

        def _matmul(self, x, adjoint=False, adjoint_arg=False):
            return self.factor * (tf.linalg.adjoint(x) if adjoint_arg else x)

    operator = Twice(2.0)
    assert operator.name == "Twice" and operator.parameters == {"factor": 2.0}
    near(operator.to_dense(), 2 * np.eye(3))
    near(operator.solve(tf.ones((3, 1))), np.full((3, 1), 0.5))
    near(operator.adjoint().matvec([1.0, 2.0, 3.0]), [2, 4, 6])
    near((operator @ la.LinearOperatorIdentity(3) @ operator).determinant(), 64)
    near(operator.inverse().to_dense(), np.eye(3) / 2)
    near([operator.trace(), operator.determinant(), operator.cond()], [6, 8, 1])
    with tf.GradientTape() as tape:
        y = operator.log_abs_determinant()
    near(tape.gradient(y, operator.trainable_variables[0]), 1.5)
    assert isinstance(operator, tf.Module) and operator.shape_tensor().numpy().tolist() == [3, 3]
    with pytest.raises(TypeError, match="no complete operator"):
        type("Less", (la.LinearOperator,), {"_shape": lambda self: (2, 2)})(tf.float32)


def test_circulant_kernels():
    spectrum = np.fft.fft([4.0, 1.0, 2.0]).astype("complex64")
    operator = la.LinearOperatorCirculant(spectrum, "float32")
    near(operator.convolution_kernel(), [4, 1, 2])
    near(operator.to_dense(), [[4, 2, 1], [1, 4, 2], [2, 1, 4]])
    operator.assert_hermitian_spectrum()
    with pytest.raises(ValueError, match="not hermitian"):
        la.LinearOperatorCirculant(np.array([1, 2j, 3], "complex64"), "float32").assert_hermitian_spectrum()
    deep = KNOWN["float32", ()]["Circulant3D"]
    assert deep.block_shape == (1, 2, 2) and deep.block_depth == 3
    assert deep.block_shape_tensor().numpy().tolist() == [1, 2, 2]


@pytest.mark.parametrize(
    ("call", "kind_of_error", "text"),
    [
        (lambda a: a.matmul(tf.ones((3, 2))), ValueError, "rows: 4"),
        (lambda a: a.matmul(tf.ones(4)), ValueError, "Use matvec"),
        (lambda a: a.matvec(tf.ones(3)), ValueError, "vectors of size 4"),
        (lambda a: a.matmul(tf.ones((4, 1), "complex64")), TypeError, "another dtype"),
        (lambda a: a.solve(tf.ones((3, 1))), ValueError, "rows: 4"),
        (lambda a: a.matvec(a), TypeError, "Use matmul"),
        (lambda a: a.add_to_tensor(tf.ones((4, 3))), ValueError, "4 columns"),
        (lambda a: KNOWN["complex64", (2,)]["Diag"] @ tf.ones((3, 4, 1), "complex64"), ValueError, "broadcasts"),
        (lambda a: a @ KNOWN["complex64", (2,)]["Diag"], TypeError, "different dtypes"),
        (lambda a: a @ KNOWN["float32", ()]["FullMatrix/wide"], ValueError, "4 rows"),
        (lambda a: a.cholesky(), ValueError, "Cholesky"),
        (lambda a: a.eigvals(), NotImplementedError, "self-adjoint"),
        (lambda a: KNOWN["float32", ()]["Zeros"].inverse(), ValueError, "no inverse"),
        (lambda a: KNOWN["float32", ()]["Zeros"].solve(tf.ones((4, 1))), NotImplementedError, "no inverse"),
        (lambda a: la.LinearOperatorFullMatrix([[1, 2], [3, 4]]), TypeError, "tf.cast"),
        (lambda a: la.LinearOperatorFullMatrix([1.0]), ValueError, "rank 2"),
        (lambda a: la.LinearOperatorFullMatrix(None), ValueError, "needs `matrix`"),
        (lambda a: la.LinearOperatorFullMatrix(np.eye(2), is_positive_definite=True, is_non_singular=False),
         ValueError, "contradict"),
        (lambda a: la.LinearOperatorFullMatrix(np.eye(2), is_square=False).is_square, ValueError, "contradict"),
        (lambda a: la.LinearOperatorLowerTriangular(tf.ones((2, 3))), ValueError, "not square"),
        (lambda a: la.LinearOperatorDiag([1.0], is_self_adjoint=False), ValueError, "self-adjoint"),
        (lambda a: la.LinearOperatorIdentity(-1), ValueError, "0 or more"),
        (lambda a: la.LinearOperatorIdentity(2.5), TypeError, "an integer"),
        (lambda a: la.LinearOperatorIdentity(2, batch_shape=3), ValueError, "list of integers"),
        (lambda a: la.LinearOperatorZeros(2, 3), ValueError, "2 rows and 3 columns"),
        (lambda a: la.LinearOperatorPermutation([0, 0]), ValueError, "no permutation"),
        (lambda a: la.LinearOperatorPermutation([0.0]), TypeError, "integer"),
        (lambda a: la.LinearOperatorTridiag(tf.ones((3, 4)), "diagonal"), ValueError, "diagonals_format"),
        (lambda a: la.LinearOperatorTridiag(tf.ones((2, 4))), ValueError, "do not fit"),
        (lambda a: la.LinearOperatorTridiag([[1.0], [1.0, 2.0]], "sequence"), ValueError, "do not fit"),
        (lambda a: la.LinearOperatorToeplitz([1.0, 2.0], [1.0]), ValueError, "same size"),
        (lambda a: la.LinearOperatorCirculant2D([1.0]), ValueError, "rank 2"),
        (lambda a: la.LinearOperatorLowRankUpdate(a, tf.ones((3, 1))), ValueError, "`u`"),
        (lambda a: la.LinearOperatorBlockDiag([]), ValueError, "one or more"),
        (lambda a: la.LinearOperatorBlockDiag([tf.ones((2, 2))]), TypeError, "LinearOperatorFullMatrix"),
        (lambda a: la.LinearOperatorBlockLowerTriangular([[a], [a]]), ValueError, "2 operators in row 1"),
        (lambda a: la.LinearOperatorKronecker([la.LinearOperatorIdentity(2)], is_non_singular=False),
         ValueError, "contradict"),
        (lambda a: la.LinearOperatorComposition([a, KNOWN["float32", ()]["FullMatrix/wide"]]), ValueError, "fit"),
        (lambda a: la.LinearOperatorInversion(KNOWN["float32", ()]["Zeros"]), ValueError, "inverse"),
        (lambda a: la.LinearOperatorAdjoint(np.eye(2)), TypeError, "LinearOperatorFullMatrix"),
        (lambda a: la.LinearOperatorDiag([1.0, 0.0]).assert_non_singular(), ValueError, "zero"),
        (lambda a: la.LinearOperatorDiag([1.0, -1.0]).assert_positive_definite(), ValueError, "not above 0"),
        (lambda a: a.assert_self_adjoint(), ValueError, "self-adjoint"),
    ],
)  # fmt: skip
def test_errors(call, kind_of_error, text):
    with pytest.raises(kind_of_error, match=text):
        call(KNOWN["float32", ()]["FullMatrix"])


def test_assertions_in_compiled_code():
    @tf.function
    def checked(diag):
        operator = la.LinearOperatorDiag(diag)
        operator.assert_non_singular()
        return operator.determinant()

    assert checked(tf.constant([1.0, 2.0])).numpy() == 2
    with pytest.raises(ValueError, match="no inverse"):
        checked(tf.constant([1.0, 0.0]))


def test_signs_of_permutations():
    draw = np.random.RandomState(0)
    orders = np.stack([draw.permutation(9) for _ in range(20)])
    dense = np.eye(9)[orders]
    near(la.LinearOperatorPermutation(orders).determinant(), np.linalg.det(dense))
    assert la.LinearOperatorPermutation(np.arange(100_000)[::-1]).determinant().numpy() == 1


def test_gradients_reach_variables_that_are_multiplied():
    v = tf.Variable([[1.0], [2.0]])
    operator = la.LinearOperatorFullMatrix([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape(persistent=True) as tape:
        product, solution = tf.reduce_sum(operator @ v), tf.reduce_sum(operator.solve(v))
    near(tape.gradient(product, v), [[4], [6]])
    near(tape.gradient(solution, v), np.linalg.inv([[1.0, 3.0], [2.0, 4.0]]) @ np.ones((2, 1)))


def test_checkpoints_hold_the_variables(tmp_path):
    operator = la.LinearOperatorBlockDiag([la.LinearOperatorDiag(tf.Variable([1.0, 2.0]))])
    path = tf.train.Checkpoint(operator=operator).save(str(tmp_path / "c"))
    operator.trainable_variables[0].assign([0.0, 0.0])
    tf.train.Checkpoint(operator=operator).restore(path)
    near(operator.diag_part(), [1, 2])


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision(dtype):
    m = tf.constant([[2.0, 1.0], [1.0, 3.0]], dtype)
    hints = {"is_self_adjoint": True, "is_positive_definite": True}
    for operator in (la.LinearOperatorFullMatrix(m), la.LinearOperatorFullMatrix(m, **hints),
                     la.LinearOperatorTridiag(m, "matrix"), la.LinearOperatorToeplitz(m[0], m[0])):  # fmt: skip
        found = operator.matmul(operator.solve(tf.ones((2, 1), dtype)))
        assert found.dtype == dtype and operator.log_abs_determinant().dtype == dtype
        np.testing.assert_allclose(tf.cast(found, "float32"), np.ones((2, 1)), atol=0.05)
        operator.assert_non_singular()
    factor = la.LinearOperatorFullMatrix(m, **hints).cholesky().to_dense()
    assert factor.dtype == dtype


def test_integers_stay_exact():
    assert la.LinearOperatorToeplitz([1, 2, 3], [1, 4, 7]).matvec([7, 8, 9]).numpy().tolist() == [102, 58, 46]
    assert la.LinearOperatorDiag([1, 2]).matvec([3, 4]).numpy().tolist() == [3, 8]


def test_operators_are_layers_of_graphs():
    inputs = tf.keras.Input((4, 3))
    operator = KNOWN["float32", ()]["LowRankUpdate"]
    model = tf.keras.Model(inputs, operator.solve(operator @ inputs))
    x = numbers((2, 4, 3), 65)
    near(model.predict(x, verbose=0), x)


def test_matrices_of_size_zero_one_and_two():
    for n in (0, 1, 2):
        operator = la.LinearOperatorTridiag(tf.ones((3, n)) + tf.constant([[0.0], [3.0], [0.0]]))
        dense = operator.to_dense().numpy()
        near(operator.determinant(), np.linalg.det(dense))
        near(operator.solvevec(tf.ones(n)), np.linalg.solve(dense, np.ones(n)))
        toeplitz = la.LinearOperatorToeplitz(2 * tf.ones(n), 2 * tf.ones(n))
        near(toeplitz.matvec(tf.ones(n)), 2 * n * np.ones(n))


def mixed():
    """Operators whose parts have different batches, that of the whole is (3, 2)."""

    def full(*batch, seed=0, rows=2, columns=2):
        eye = 3 * np.eye(rows, columns, dtype="float32")
        return la.LinearOperatorFullMatrix(numbers((*batch, rows, columns), seed) + eye)

    diag = la.LinearOperatorDiag(2 + numbers((2, 2), 1))
    one, wide = full(3, 1, seed=2), la.LinearOperatorIdentity(2, batch_shape=[2])
    return {
        "BlockDiag": la.LinearOperatorBlockDiag([full(), diag, one]),
        "BlockLower": la.LinearOperatorBlockLowerTriangular([[full()], [one, diag]]),
        "BlockLower/below": la.LinearOperatorBlockLowerTriangular(
            [[full()], [full(3, 2, seed=4), full(seed=5)]]
        ),
        "Kronecker": la.LinearOperatorKronecker([full(), diag, one]),
        "Kronecker/oblong": la.LinearOperatorKronecker(
            [full(2, rows=2, columns=3), full(3, 1, rows=1, columns=2)]
        ),
        "Composition": la.LinearOperatorComposition([one, full(), diag]),
        "Composition/identity": la.LinearOperatorComposition([one, wide]),
        "LowRankUpdate": la.LinearOperatorLowRankUpdate(one, numbers((2, 1), 6), 1 + numbers((2, 1), 7) ** 2),
        "LowRankUpdate/v": la.LinearOperatorLowRankUpdate(
            full(), numbers((3, 1, 2, 1), 6), v=numbers((2, 2, 1), 8)
        ),
        "Toeplitz": la.LinearOperatorToeplitz(4 + numbers((3, 1, 3), 9), numbers((2, 3), 10)),
        "Tridiag": la.LinearOperatorTridiag(
            [numbers((3, 1, 3), 11), 4 + numbers((4,), 12), numbers((2, 3), 13)], "sequence"
        ),
        "Adjoint": la.LinearOperatorAdjoint(la.LinearOperatorKronecker([one, diag])),
        "Inversion": la.LinearOperatorInversion(la.LinearOperatorComposition([one, diag])),
    }


@pytest.mark.parametrize("name", mixed())
def test_batches_of_parts_broadcast(name):
    operator = mixed()[name]
    dense = operator.to_dense().numpy()
    assert dense.shape == tuple(operator.shape) and operator.batch_shape == (3, 2)
    x, y = numbers((2, dense.shape[-1], 3), 14), numbers((dense.shape[-2], 3), 15)
    near(operator.matmul(x), dense @ x)
    near(operator.matmul(y, adjoint=True), adjoint(dense) @ y)
    near(operator.matvec(x[0, :, 0]), (dense @ x[0])[..., 0])
    near(operator.trace(), np.trace(dense, axis1=-2, axis2=-1))
    near(operator.diag_part(), np.diagonal(dense, axis1=-2, axis2=-1))
    near(operator[1, 1].to_dense(), dense[1, 1])
    near(operator[:, 0].matmul(x[0]), dense[:, 0] @ x[0])
    if dense.shape[-1] == dense.shape[-2]:
        near(operator.solve(y), np.linalg.solve(dense, y))
        near(operator.solve(y, adjoint=True), np.linalg.solve(adjoint(dense), y))
        near(operator.determinant(), np.linalg.det(dense))
        near(operator.log_abs_determinant(), np.linalg.slogdet(dense)[1])
        near(operator.inverse().to_dense(), np.linalg.inv(dense))

"""One row for each op: what to call it on. `test_ops.py` here and in `tests/parity` run over all rows."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

B = 7  # the size of the batch axis: an array whose first axis has this size gets an unknown one in graphs
_rng = np.random.default_rng(7)

FLAGS = {
    "eager",  # the result's shape depends on the data: neither compiled nor in graphs
    "fixed",  # not defined for an unknown batch size
    "nograd",  # gradients are zero, undefined or not implemented
    "nolow",  # not defined for bfloat16
    "wraps",  # gives a Tensor or a number for raw arrays too
    "noparity",  # differs from Keras on purpose; the row says why
    "lean",  # of a family with tests of its own: checked in one test here
    "random",  # draws, so that only shapes can be compared
}


@dataclasses.dataclass(frozen=True)
class Row:
    """A call of an op on example arguments."""

    name: str
    args: tuple
    kwargs: dict[str, Any]
    flags: frozenset[str]
    number: int

    @property
    def id(self) -> str:
        return f"{self.name}-{self.number}"


ROWS: list[Row] = []


def row(name: str, *args: Any, flags: str = "", **kwargs: Any) -> None:
    """Add a row; NumPy arrays among the arguments (also in lists) are its tensors."""
    chosen = frozenset(flags.split())
    assert chosen <= FLAGS, chosen - FLAGS
    number = sum(r.name == name for r in ROWS)
    ROWS.append(Row(name, args, kwargs, chosen, number))


def F(*shape: int, low: float = -1.0, high: float = 1.0) -> np.ndarray:
    """Floats."""
    return _rng.uniform(low, high, shape).astype(np.float32)


def P(*shape: int) -> np.ndarray:
    """Positive floats."""
    return F(*shape, low=0.3, high=2.0)


def I(*shape: int, low: int = 0, high: int = 4) -> np.ndarray:  # noqa: E743
    """Integers from `low` to `high - 1`."""
    return _rng.integers(low, high, shape).astype(np.int32)


def T(*shape: int) -> np.ndarray:
    """Bools."""
    return _rng.integers(0, 2, shape).astype(bool)


def distinct(*shape: int) -> np.ndarray:
    """Floats far from each other, so that their order is the same in low precision."""
    return (_rng.permutation(int(np.prod(shape))).reshape(shape) / 4 - 1).astype(np.float32)


def with_nan(*shape: int) -> np.ndarray:
    """Floats, one of them NaN."""
    x = distinct(*shape)
    x[(0,) * len(shape)] = np.nan
    return x


def definite(*shape: int) -> np.ndarray:
    """Positive definite matrices."""
    x = F(*shape)
    return x @ np.swapaxes(x, -1, -2) + shape[-1] * np.eye(shape[-1], dtype=np.float32)


# Element-wise, one argument ---------------------------------------------------------------------------------
for _name in (
    "abs absolute fabs negative exp exp2 expm1 square sin cos tan arctan sinh cosh tanh arcsinh deg2rad "
    "rad2deg sinc cbrt i0 real conj conjugate erf erfc"
).split():
    row(_name, F(B, 3))
for _name in "log log10 log1p log2 sqrt rsqrt reciprocal".split():
    row(_name, P(B, 3))
for _name in "arcsin arccos arctanh erfinv".split():
    row(_name, F(B, 3, low=-0.8, high=0.8))
row("arccosh", F(B, 3, low=1.2, high=3.0))
for _name in (
    "sign signbit floor ceil trunc isnan isinf isfinite isposinf isneginf isreal logical_not imag angle"
).split():
    row(_name, F(B, 3, low=-3, high=3), flags="nograd")
for _name in "bitwise_not bitwise_invert".split():
    row(_name, I(B, 3))
for _name in "exp sqrt square abs floor sign mean sin".split():
    row(_name, I(B, 3))
row("round", distinct(B, 3), flags="nograd")
row("round", F(B, 3), 1, flags="nograd nolow")
row("round", I(B, 3, high=99), -1)
row("nan_to_num", with_nan(B, 3))
row("nan_to_num", np.array([np.nan, np.inf, -np.inf], np.float32), nan=1.0, posinf=2.0, neginf=3.0)
row("copy", F(B, 3))
row("array", F(B, 3))
row("cast", F(B, 3), "int32", flags="nograd")
row("cast", I(B, 3), "float16")
row("identity", 3)
row("view", F(B, 3), "int32", flags="nolow")
row("view_as_complex", F(B, 3, 2), flags="nolow")
row("view_as_real", (F(B, 3) + 1j * F(B, 3)).astype(np.complex64), flags="nograd")
row("real", (F(B, 3) + 1j * F(B, 3)).astype(np.complex64), flags="nograd")
row("angle", (F(B, 3) + 1j * F(B, 3)).astype(np.complex64), flags="nograd")

# Element-wise, several arguments ----------------------------------------------------------------------------
for _name in "add subtract multiply maximum minimum fmax fmin arctan2 hypot logaddexp logaddexp2".split():
    row(_name, F(B, 3), F(B, 3))
    row(_name, F(B, 3), F(3))
for _name in "divide true_divide divide_no_nan".split():
    row(_name, F(B, 3), P(3))
row("add", F(B, 3), 1)
row("add", I(B, 3), 1.5)
row("add", I(B, 3), T(B, 3))
row("divide", I(B, 3), I(B, 3, low=1))
row("divide_no_nan", F(B, 3), np.array([0, 1, 2], np.float32))
row("floor_divide", F(B, 3, low=-9, high=9), P(3), flags="nograd nolow")
row("mod", F(B, 3, low=-9, high=9), P(3), flags="nograd nolow")
row("fmod", F(B, 3, low=-9, high=9), P(3), flags="nograd nolow")
for _name in "floor_divide mod fmod gcd lcm".split():
    row(_name, I(B, 3, low=1, high=9), I(B, 3, low=1))
row("power", P(B, 3), F(B, 3))
row("power", F(B, 3), 2)
row("ldexp", F(B, 3), I(3))
row("nextafter", F(B, 3), F(B, 3), flags="nograd nolow")
row("heaviside", F(B, 3), F(3), flags="nograd")
row("clip", F(B, 3), -0.5, 0.5)
row("clip", I(B, 3), 1, 2)
row("clip", F(B, 3), F(3, low=-1, high=0), None)
for _name in "equal not_equal less less_equal greater greater_equal".split():
    row(_name, I(B, 3), I(3))
    row(_name, F(B, 3), 0.1)
for _name in "logical_and logical_or logical_xor".split():
    row(_name, T(B, 3), T(3))
    row(_name, I(B, 3), F(3))
for _name in "bitwise_and bitwise_or bitwise_xor".split():
    row(_name, I(B, 3), I(3))
    row(_name, T(B, 3), T(B, 3))
for _name in "bitwise_left_shift bitwise_right_shift left_shift right_shift".split():
    row(_name, I(B, 3), I(3))
for _name in "isclose allclose".split():
    row(_name, F(B, 3), F(3))
    row(_name, with_nan(B, 3), with_nan(B, 3), rtol=0.1, atol=1.0, equal_nan=True, flags="nolow")
row("isin", I(B, 3), I(2))
row("isin", I(B, 3), I(2), invert=True)
row("where", T(B, 3), F(B, 3), F(3))
row("where", T(B, 3), 1, 2.5)
row("where", T(B, 3), flags="eager")
row("select", [T(B, 3), T(B, 3)], [F(B, 3), F(B, 3)], 0.5)

# Reductions -------------------------------------------------------------------------------------------------
for _name in "sum mean prod var std max min amax amin ptp median".split():
    row(_name, distinct(B, 3))
    row(_name, distinct(B, 3), axis=1)
    row(_name, distinct(B, 3, 2), axis=(1, -1), keepdims=True)
for _name in "sum mean prod var std max min".split():
    row(_name, I(B, 3), axis=0)
for _name in "nansum nanmean nanprod nanvar nanstd nanmax nanmin nanmedian".split():
    row(_name, with_nan(B, 3))
    row(_name, with_nan(B, 3), axis=1, keepdims=True)
for _name in "any all count_nonzero".split():
    row(_name, T(B, 3), axis=1)
    row(_name, F(B, 3))
for _name in "argmax argmin nanargmax nanargmin".split():
    row(_name, distinct(B, 3))
    row(_name, distinct(B, 3), axis=-1, keepdims=True)
row("sum", T(B, 3))
row("prod", I(B, 3), dtype="float32")
row("max", F(B, 3), axis=1, initial=0.5)
row("min", F(B, 0), axis=1, initial=0.5, flags="nograd")
row("logsumexp", F(B, 3), axis=1)
row("logsumexp", F(B, 3), keepdims=True)
for _name in "cumsum cumprod".split():
    row(_name, P(B, 3))
    row(_name, I(B, 3), axis=1, dtype="float32")
for _name in "nancumsum nancumprod".split():
    row(_name, with_nan(B, 3), axis=1)
row("average", F(B, 3))
row("average", F(B, 3), axis=1, weights=P(3))
row("average", I(B, 3), weights=P(B, 3))
for _name in "quantile nanquantile".split():
    row(_name, distinct(B, 3), 0.3, axis=1)
    row(_name, distinct(B, 4), np.array([0.25, 0.5], np.float32), keepdims=True)
for _name in "percentile nanpercentile".split():
    row(_name, distinct(B, 3), 30.0, axis=1)
    row(_name, distinct(B, 3), np.array([20.0, 50.0], np.float32), method="nearest", flags="nograd nolow")
row("bincount", I(6), flags="eager")
row("bincount", I(B, 3), P(B, 3), minlength=9, flags="eager")
row("histogram", F(9), flags="nolow")
row("histogram", F(9), 4, (-0.5, 1.0), flags="nolow")
row("digitize", F(B, 3, low=0, high=5), np.array([1, 2, 4], np.float32), flags="nograd")
row("searchsorted", np.array([1, 2, 4], np.float32), F(B, 3, low=0, high=5), flags="nograd")
row("searchsorted", np.array([1, 2, 4], np.int32), I(B), side="right")
row("corrcoef", F(3, 4))
row("correlate", F(6), F(3))
row("correlate", F(3), F(4), "full")
row("diff", F(B, 4), 2)
row("diff", F(B, 4), axis=0)
row("trapezoid", F(B, 4), dx=0.5)
row("trapezoid", F(B, 4), np.array([0, 1, 3, 4], np.float32))

# Creation ---------------------------------------------------------------------------------------------------
for _name in "zeros ones".split():
    row(_name, (2, 3))
    row(_name, 4, "int32")
    row(_name + "_like", F(B, 3), flags="nograd")
    row(_name + "_like", F(B, 3), "int32", flags="nograd")
row("empty", (2, 3))
row("empty_like", F(B, 3), flags="nograd")
row("full", (2, 3), 7)
row("full", (2, 3), F(3), "float16", flags="nograd nolow")
row("full_like", F(B, 3), 2, flags="nograd")
row("full_like", F(B, 3), F(3), flags="fixed")
row("eye", 3)
row("eye", 3, 4, 1, dtype="int32")
row("tri", 3, 4, -1)
row("arange", 5)
row("arange", 1.0, 2.0, 0.25)
row("arange", 5, 1, -2, "float16")
row("linspace", 0, 1, 5)
row("linspace", F(3), F(3), 4, axis=1)
row("linspace", 1, 3, num=4, endpoint=False, retstep=True)
row("logspace", 0, 2, 5)
row("logspace", F(3), F(3), 4, base=2)
row("geomspace", 1, 8, 4)
row("geomspace", P(3), P(3), 4)
row("meshgrid", F(B), F(3))
row("meshgrid", F(2), F(3), I(4), indexing="ij")
row("vander", P(B), 3)
row("vander", P(3), increasing=True)
for _name in "bartlett blackman hamming hanning".split():
    row(_name, 6)
row("kaiser", 6, 3.0)

# Shapes -----------------------------------------------------------------------------------------------------
row("reshape", F(B, 4), (-1, 2, 2))
row("transpose", F(B, 3))
row("transpose", F(B, 3, 2), (0, 2, 1))
row("expand_dims", F(B, 3), -1)
row("expand_dims", F(B, 3), (0, 2))
row("squeeze", F(B, 1, 3), 1)
row("squeeze", F(2, 1, 3))
row("moveaxis", F(B, 3, 2), 0, -1)
row("moveaxis", F(B, 3, 2), (0, 1), (1, 2))
row("swapaxes", F(B, 3), 0, 1)
row("ravel", F(B, 3))
row("flip", F(B, 3))
row("flip", F(B, 3), axis=1)
row("fliplr", F(B, 3))
row("flipud", F(B, 3))
row("rot90", F(B, 3))
row("rot90", F(B, 3, 2), k=3, axes=(1, 2))
row("roll", F(B, 3), 2)
row("roll", F(B, 3), (1, 2), axis=(0, 1))
row("repeat", F(B, 3), 2)
row("repeat", F(B, 3), [1, 0, 2], axis=1, flags="noparity")  # Keras refuses a list
row("tile", F(B, 3), 2)
row("tile", F(B, 3), (2, 1, 2))
row("broadcast_to", F(3), (2, 3))
row("pad", F(B, 3), 1)
row("pad", F(B, 3), ((0, 0), (1, 2)), constant_values=9)
row("pad", F(B, 3), ((0, 0), (1, 2)), mode="reflect")
row("concatenate", [F(B, 3), F(B, 2)], axis=1)
row("concatenate", [F(B, 3), I(B, 3)])
row("stack", [F(B, 3), F(B, 3)], axis=1)
row("split", F(B, 4), 2, axis=1)
row("split", F(B, 4), [1, 3], axis=-1)
row("array_split", F(B, 5), 2, axis=1)
row("hsplit", F(B, 4), 2)
row("vsplit", F(4, 3), [1])
row("dsplit", F(B, 3, 4), 2)
for _name in "hstack vstack dstack".split():
    row(_name, [F(B, 3), F(B, 3)])
row("hstack", [F(2), F(3)])
row("append", F(B, 3), F(B, 3))
row("append", F(B, 3), F(B, 3), axis=1)
row("ndim", F(B, 3), flags="wraps nograd")
row("size", F(B, 3), flags="wraps")
row("rearrange", F(B, 4, 3), "b (h p) c -> b p (h c)", p=2)

# Indices and order ------------------------------------------------------------------------------------------
row("get_item", F(B, 3), 1)
row("get_item", F(B, 3), (slice(None), slice(1, None)))
row("take", F(B, 3), I(4, high=3), axis=1)
row("take", F(B, 3), I(2, 2))
row("take_along_axis", F(B, 3), I(B, 2, high=3), axis=1)
row("take_along_axis", F(B, 3), I(4))
row("sort", distinct(B, 3))
row("sort", distinct(B, 3), axis=0)
row("argsort", distinct(B, 3))
row("argsort", distinct(B, 3), axis=None)
row("argpartition", distinct(4, 3), 1)
row("top_k", distinct(B, 4), 2)
row("in_top_k", I(B, high=3), distinct(B, 3), 2)
row("nonzero", I(B, 3), flags="eager")
row("unique", I(B, 3), flags="eager")
row("unique", I(B, 3), return_index=True, return_inverse=True, return_counts=True, flags="eager")
row("unique", I(B, 3), axis=0, flags="eager")
row("unique", I(B, 3), size=6, fill_value=-1, flags="fixed")
row("unravel_index", I(B), (2, 3))
row("diag", F(3))
row("diag", F(B, 3), 1)
row("diagflat", F(2, 2), 1, flags="fixed")
row("diagonal", F(B, 3, 3), 1, 1, 2)
row("trace", F(B, 3, 3), axis1=1, axis2=2)
row("tril", F(B, 3, 3))
row("triu", F(B, 3, 3), 1)

# Products ---------------------------------------------------------------------------------------------------
row("matmul", F(B, 3), F(3, 2))
row("matmul", F(B, 2, 3), F(3))
row("dot", F(B, 3), F(3, 2))
row("inner", F(B, 3), F(2, 3))
row("outer", F(B), F(3))
row("vdot", F(6), F(2, 3))
row("kron", F(2, 3), F(3, 2))
row("cross", F(B, 3), F(B, 3))
row("cross", F(3, 4), F(3, 4), axis=0)
row("tensordot", F(B, 3, 4), F(3, 4, 2))
row("tensordot", F(B, 3, 4), F(4, 3), axes=[[1, 2], [1, 0]])
row("einsum", "bij,jk->bik", F(B, 2, 3), F(3, 4))
row("einsum", "bi->b", F(B, 3))

# Linear algebra ---------------------------------------------------------------------------------------------
row("cholesky", definite(B, 3, 3), flags="nolow")
row("cholesky", definite(3, 3), upper=True, flags="nolow")
row("cholesky_inverse", np.tril(definite(3, 3)), flags="nolow")
row("det", definite(B, 3, 3), flags="nolow")
row("slogdet", definite(B, 3, 3), flags="nolow")
row("logdet", definite(B, 3, 3), flags="nolow")
row("inv", definite(B, 3, 3), flags="nolow")
row("eig", definite(3, 3), flags="nograd nolow")
row("eigh", definite(B, 3, 3), flags="nolow nograd")
row("lu_factor", definite(B, 3, 3), flags="nolow")
row("qr", definite(B, 3, 3), flags="nolow")
row("qr", F(4, 3), mode="complete", flags="nolow nograd")
row("svd", F(B, 3, 2), full_matrices=False, flags="nolow nograd")
row("svd", F(3, 2), compute_uv=False, flags="nolow")
row("solve", definite(3, 3), F(3, 2), flags="nolow")
row("solve_triangular", np.tril(definite(3, 3)), F(3, 2), lower=True, flags="nolow")
row("lstsq", F(4, 3), F(4), flags="nolow")
row("pinv", F(4, 3), flags="nolow")
row("matrix_rank", F(B, 4, 3), flags="nolow nograd")
row("norm", F(B, 3))
row("norm", F(B, 3), ord=1, axis=1)
row("norm", F(B, 3, 2), ord="fro", axis=(1, 2), keepdims=True)
row("cdist", F(B, 4, 3), F(B, 2, 3))

# Segments ---------------------------------------------------------------------------------------------------
for _name in "segment_sum segment_max segment_min segment_prod".split():
    row(_name, F(6, 3), np.array([0, 0, 1, 1, 2, 2], np.int32), num_segments=3)
    row(_name, F(B, 3), np.array([2, 0, 1, 0, 2, 2, 0], np.int32), num_segments=3, flags="fixed")

row("segment_prod", np.array([0, 2, 0, 0, 3, 4], np.float32), np.repeat(np.arange(3, dtype=np.int32), 2), 3)

# Signals ----------------------------------------------------------------------------------------------------
row("fft", (F(B, 8), F(B, 8)), flags="nolow")
row("fft2", (F(B, 4, 4), F(B, 4, 4)), flags="nolow")
row("ifft2", (F(B, 4, 4), F(B, 4, 4)), flags="nolow")
row("rfft", F(B, 8), flags="nolow")
row("rfft", F(B, 8), 6, flags="nolow")
row("irfft", (F(B, 5), F(B, 5)), flags="nolow")
row("irfft", (F(B, 5), F(B, 5)), 9, flags="nolow")
row("extract_sequences", F(B, 9), 4, 2)
row("stft", F(B, 32), 6, 4, 8, flags="nolow")
row("stft", F(B, 36), 6, 4, 8, window=None, center=False, flags="nolow")
row("stft", F(32), 8, 4, 8, window="hamming", flags="nolow")
row("istft", (F(B, 9, 5), F(B, 9, 5)), 6, 4, 8, flags="nolow")
row("istft", (F(9, 5), F(9, 5)), 8, 4, 8, length=30, window="hamming", flags="nolow")
row("istft", (F(9, 5), F(9, 5)), 6, 4, 8, window=None, center=False, flags="nolow")
row("istft", (F(9, 5), F(9, 5)), 8, 4, 8, window=P(8), flags="nolow")

from tests.conformance import _ops_rows_nn  # noqa: E402, F401

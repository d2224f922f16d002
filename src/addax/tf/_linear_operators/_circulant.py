"""Circulant matrices, which Fourier transforms make diagonal, in one, two or three dimensions."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.engine import TensorShape, op
from addax.engine import _operators as operators
from addax.engine._jax import jnp
from addax.tf._linear_operators import _arrays as arrays
from addax.tf._linear_operators._base import LinearOperator
from addax.tf._linear_operators._checks import fixed, is_complex, parameter


class BaseCirculant(LinearOperator):
    """What circulant operators of all depths share.

    Args:
        spectrum: The Fourier transforms of the first columns, a float or complex tensor of shape `(..., *block)`.
        depth: The number of axes of a block.
        input_output_dtype: The dtype of the matrices.
        is_non_singular: A hint, see `LinearOperator`.
        is_self_adjoint: A hint; real spectra always are those of self-adjoint matrices.
        is_positive_definite: A hint.
        is_square: A hint, which can only be True.
        name: A name.
    """

    _depth = 1

    def __init__(
        self,
        spectrum: Any,
        input_output_dtype: Any,
        is_non_singular: bool | None,
        is_self_adjoint: bool | None,
        is_positive_definite: bool | None,
        is_square: bool | None,
        name: str,
    ) -> None:
        owner = type(self).__name__
        fixed(owner, "It is square.", {"is_square": (is_square, True)})
        self._spectrum = parameter(spectrum, owner, "spectrum", self._depth, dtype="float32")
        self._ranks = {"spectrum": self._depth}
        if not is_complex(self._spectrum.dtype):
            law = "A matrix with a real spectrum is self-adjoint."
            fixed(owner, law, {"is_self_adjoint": (is_self_adjoint, True)})
            is_self_adjoint = True
        super().__init__(
            input_output_dtype,
            is_non_singular=is_non_singular,
            is_self_adjoint=is_self_adjoint,
            is_positive_definite=is_positive_definite,
            is_square=True,
            name=name,
        )

    @property
    def spectrum(self) -> Any:
        """The Fourier transforms of the first columns."""
        return self._spectrum

    @property
    def block_depth(self) -> int:
        """The number of axes of a block."""
        return self._depth

    @property
    def block_shape(self) -> TensorShape:
        """The sizes of a block."""
        return TensorShape(self._spectrum.shape[-self._depth :])

    def block_shape_tensor(self) -> Any:
        """The sizes of a block, as a tensor of int32."""
        return ops.convert_to_tensor(list(self.block_shape), "int32")

    def convolution_kernel(self, name: str = "convolution_kernel") -> Any:
        """What vectors are convolved with: the inverse Fourier transform of the spectrum, shape `(..., *block)`."""
        return ops.cast(_kernel(self._spectrum, depth=self._depth), self.dtype)

    def assert_hermitian_spectrum(self, name: str = "assert_hermitian_spectrum") -> None:
        """Raise ValueError if the spectrum is not that of a real kernel."""
        kernel = _kernel(self._spectrum, depth=self._depth)
        limit = 1e-5 * max(1, int(np.prod(self.block_shape)))
        rest = ops.max(operators.absolute(ops.imag(kernel)))
        size = ops.max(operators.absolute(kernel))
        self._demand(operators.less_equal(rest, size * limit), "has a spectrum that is not hermitian")

    def _flat(self) -> Any:
        return operators.reshape(self._spectrum, (*self.batch_shape, self.shape[-1]))

    def _shape(self) -> Any:
        size = int(np.prod(self.block_shape))
        return (*self._spectrum.shape[: -self._depth], size, size)

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return _applied(self._spectrum, arrays.turned(x, adjoint_arg), depth=self._depth, adjoint=adjoint)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        rhs = arrays.turned(rhs, adjoint_arg)
        return _applied(self._spectrum, rhs, depth=self._depth, adjoint=adjoint, inverse=True)

    def _determinant(self) -> Any:
        return self._cast(ops.prod(self._flat(), axis=-1))

    def _log_abs_determinant(self) -> Any:
        return self._cast(arrays.sum_of_logs(self._flat()))

    def _trace(self) -> Any:
        return self._cast(ops.sum(self._flat(), axis=-1))

    def _diag_part(self) -> Any:
        mean = ops.mean(self._flat(), axis=-1, keepdims=True)
        return arrays.spread_over(self._cast(mean), tuple(self.shape[:-1]))

    def _eigvals(self) -> Any:
        return ops.convert_to_tensor(self._flat())

    def _cond(self) -> Any:
        return arrays.spread_of(self._flat())

    def _cast(self, x: Any) -> Any:
        real = is_complex(x.dtype) and not is_complex(self.dtype)
        return ops.cast(ops.real(x) if real else x, self.dtype)

    def _assert_non_singular(self) -> None:
        lowest = ops.min(operators.absolute(self._flat()))
        self._demand(operators.greater(lowest, 0.0), "has zeros in its spectrum, so no inverse")

    def _assert_positive_definite(self) -> None:
        lowest = ops.min(ops.real(self._flat()))
        self._demand(operators.greater(lowest, 0.0), "has a spectrum that is not above 0")

    def _assert_self_adjoint(self) -> None:
        if is_complex(self._spectrum.dtype):
            rest = ops.max(operators.absolute(ops.imag(self._flat())))
            size = ops.max(operators.absolute(self._flat()))
            self._demand(operators.less_equal(rest, size * 1e-6), "has a spectrum that is not real")

    def _linop_adjoint(self) -> LinearOperator:
        return self._with(ops.conj(self._spectrum), **self._hints())

    def _linop_inverse(self) -> LinearOperator:
        return self._with(operators.divide(1, self._spectrum), **{**self._hints(), "is_non_singular": None})

    def _hints(self) -> dict:
        return {
            "is_non_singular": self.is_non_singular,
            "is_self_adjoint": self.is_self_adjoint,
            "is_positive_definite": self.is_positive_definite,
        }

    def _with(self, spectrum: Any, **hints: Any) -> LinearOperator:
        return type(self)(spectrum, input_output_dtype=self.dtype, **hints)  # type: ignore[call-arg]


class LinearOperatorCirculant(BaseCirculant):
    """Circulant matrices: each column is the one before it, moved down by one.

    A product is a convolution, made by Fourier transforms.

    Args:
        spectrum: The Fourier transforms of the first columns, a float or complex tensor of shape `(..., n)`.
        input_output_dtype: The dtype of the matrices; for a float one the spectrum has to be that of real columns.
        is_non_singular: A hint, see `LinearOperator`.
        is_self_adjoint: A hint; if the spectrum is real, it always is.
        is_positive_definite: A hint.
        is_square: A hint, which can only be True.
        name: A name.

    Raises:
        ValueError: If the spectrum has too few axes, or a hint cannot be true.

    Example:
        >>> import addax.tf as tf
        >>> operator = tf.linalg.LinearOperatorCirculant(
        ...     tf.signal.fft(tf.constant([1, 2, 3], "complex64")), "float32"
        ... )
        >>> operator.to_dense().numpy().round(3).tolist()
        [[1.0, 3.0, 2.0], [2.0, 1.0, 3.0], [3.0, 2.0, 1.0]]
    """

    def __init__(
        self,
        spectrum: Any,
        input_output_dtype: Any = "complex64",
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = True,
        name: str = "LinearOperatorCirculant",
    ) -> None:
        super().__init__(
            spectrum,
            input_output_dtype,
            is_non_singular,
            is_self_adjoint,
            is_positive_definite,
            is_square,
            name,
        )


class LinearOperatorCirculant2D(BaseCirculant):
    """Circulant matrices of circulant blocks: convolutions in two dimensions, of vectors that are read as matrices.

    Args:
        spectrum: The Fourier transforms of the kernels, a float or complex tensor of shape `(..., m, n)`.
        input_output_dtype: The dtype of the matrices; for a float one the spectrum has to be that of real kernels.
        is_non_singular: A hint, see `LinearOperator`.
        is_self_adjoint: A hint; if the spectrum is real, it always is.
        is_positive_definite: A hint.
        is_square: A hint, which can only be True.
        name: A name.

    Raises:
        ValueError: If the spectrum has too few axes, or a hint cannot be true.

    Example:
        >>> import addax.tf as tf
        >>> operator = tf.linalg.LinearOperatorCirculant2D([[1.0, 2.0], [3.0, 4.0]], "float32")
        >>> operator.trace().numpy(), operator.block_shape
        (np.float32(10.0), TensorShape([2, 2]))
    """

    _depth = 2

    def __init__(
        self,
        spectrum: Any,
        input_output_dtype: Any = "complex64",
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = True,
        name: str = "LinearOperatorCirculant2D",
    ) -> None:
        super().__init__(
            spectrum,
            input_output_dtype,
            is_non_singular,
            is_self_adjoint,
            is_positive_definite,
            is_square,
            name,
        )


class LinearOperatorCirculant3D(BaseCirculant):
    """Circulant matrices of circulant blocks of circulant blocks: convolutions in three dimensions.

    Args:
        spectrum: The Fourier transforms of the kernels, a float or complex tensor of shape `(..., l, m, n)`.
        input_output_dtype: The dtype of the matrices; for a float one the spectrum has to be that of real kernels.
        is_non_singular: A hint, see `LinearOperator`.
        is_self_adjoint: A hint; if the spectrum is real, it always is.
        is_positive_definite: A hint.
        is_square: A hint, which can only be True.
        name: A name.

    Raises:
        ValueError: If the spectrum has too few axes, or a hint cannot be true.

    Example:
        >>> import addax.tf as tf
        >>> tf.linalg.LinearOperatorCirculant3D(tf.ones((2, 2, 3)), "float32").shape
        TensorShape([12, 12])
    """

    _depth = 3

    def __init__(
        self,
        spectrum: Any,
        input_output_dtype: Any = "complex64",
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = True,
        name: str = "LinearOperatorCirculant3D",
    ) -> None:
        super().__init__(
            spectrum,
            input_output_dtype,
            is_non_singular,
            is_self_adjoint,
            is_positive_definite,
            is_square,
            name,
        )


@op(name="circulant_product")
def _applied(spectrum: Any, x: Any, depth: int = 1, adjoint: bool = False, inverse: bool = False) -> Any:
    spectrum, x = jnp.asarray(spectrum), jnp.asarray(x)
    spectrum = jnp.conj(spectrum) if adjoint else spectrum
    block = spectrum.shape[-depth:]
    vectors = jnp.swapaxes(x, -1, -2).reshape(*x.shape[:-2], x.shape[-1], *block)
    axes = tuple(range(-depth, 0))
    waves = jnp.fft.fftn(vectors, axes=axes)
    spectrum = spectrum.reshape(*spectrum.shape[:-depth], 1, *block)
    found = jnp.fft.ifftn(waves / spectrum if inverse else waves * spectrum, axes=axes)
    found = jnp.swapaxes(found.reshape(*found.shape[:-depth], -1), -1, -2)
    return (found if jnp.iscomplexobj(x) else found.real).astype(x.dtype)


@op(name="circulant_kernel")
def _kernel(spectrum: Any, depth: int = 1) -> Any:
    return jnp.fft.ifftn(spectrum, axes=tuple(range(-depth, 0)))

"""`tf.experimental.numpy`: NumPy's names, over the ops of Addax."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.ops.numpy": """
            abs absolute add all allclose amax amin angle any append arange arccos arccosh arcsin arcsinh arctan
            arctan2 arctanh argmax argmin argsort array average bitwise_and bitwise_not bitwise_or bitwise_xor
            broadcast_to cbrt ceil clip concatenate conj conjugate copy cos cosh count_nonzero cross cumprod
            cumsum deg2rad diag diagflat diagonal diff divide dot dsplit dstack einsum empty empty_like equal exp
            exp2 expand_dims expm1 eye fabs flip fliplr flipud floor floor_divide full full_like gcd geomspace
            greater greater_equal heaviside hsplit hstack hypot identity imag inner isclose isfinite isinf isnan
            isneginf isposinf isreal kron lcm less less_equal linspace log log10 log1p log2 logaddexp logaddexp2
            logical_and logical_not logical_or logical_xor logspace matmul max maximum mean meshgrid min minimum
            mod moveaxis multiply nanmean nanprod nansum ndim negative nextafter nonzero not_equal ones ones_like
            outer pad power prod ptp rad2deg ravel real reciprocal repeat reshape roll rot90 round select sign
            signbit sin sinc sinh size sort split sqrt square squeeze stack std subtract sum swapaxes take
            take_along_axis tan tanh tensordot tile trace transpose tri tril triu true_divide vander var vdot
            vsplit vstack where zeros zeros_like
        """,
        "addax.tf._numpy": """
            around array_equal asanyarray asarray ascontiguousarray atleast_1d atleast_2d atleast_3d bool_
            broadcast_arrays complex128 complex64 complex_ compress diag_indices divmod e
            experimental_enable_numpy_behavior finfo fix flatten float16 float32 float64 float_ float_power iinfo
            inexact inf int16 int32 int64 int8 int_ iscomplex iscomplexobj isrealobj isscalar issubdtype ix_
            ndarray newaxis object_ pi polyval positive promote_types remainder result_type shape string_ uint16
            uint32 uint64 uint8 unicode_
        """,
    }
)
_SUBMODULES = ("random",)

__getattr__, __dir__ = attach(__name__, _HOMES, _SUBMODULES)

__all__ = sorted({*_HOMES, *_SUBMODULES})

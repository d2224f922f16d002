"""`tf.math`."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.tf._math": """
            abs accumulate_n acos acosh add add_n angle asin asinh atan atan2 atanh ceil conj cos cosh
            divide divide_no_nan equal exp expm1 floor floordiv floormod greater greater_equal imag
            is_finite is_inf is_nan is_non_decreasing is_strictly_increasing less less_equal log log1p
            log_sigmoid logical_and logical_not logical_or logical_xor maximum minimum mod multiply
            multiply_no_nan negative not_equal pow real reciprocal reciprocal_no_nan rint round rsqrt
            scalar_mul sigmoid sign sin sinh softplus softsign sqrt square squared_difference subtract tan
            tanh truediv xdivy xlog1py xlogy
        """,
        "addax.tf._products": "confusion_matrix in_top_k l2_normalize nextafter zero_fraction",
        "addax.tf._special": """
            bessel_i0 bessel_i0e bessel_i1 bessel_i1e betainc digamma erf erfc erfcinv erfinv igamma igammac lbeta
            lgamma ndtri polygamma zeta
        """,
        "addax.tf._reduce": """
            argmax argmin bincount count_nonzero cumprod cumsum cumulative_logsumexp reduce_all reduce_any
            reduce_euclidean_norm reduce_logsumexp reduce_max reduce_mean reduce_min reduce_prod reduce_std
            reduce_sum reduce_variance segment_max segment_mean segment_min segment_prod segment_sum
            unsorted_segment_max unsorted_segment_mean unsorted_segment_min unsorted_segment_prod
            unsorted_segment_sqrt_n unsorted_segment_sum
        """,
        "addax.tf._series": "approx_max_k approx_min_k invert_permutation polyval sobol_sample",
        "addax.tf._order": "top_k",
        "addax.tf._nn": "log_softmax softmax",
    }
)

_SUBMODULES = ("special",)

__getattr__, __dir__ = attach(__name__, _HOMES, _SUBMODULES)

__all__ = sorted({*_HOMES, *_SUBMODULES})

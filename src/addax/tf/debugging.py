"""`tf.debugging`."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.tf._assertions": """
            Assert assert_all_finite assert_equal assert_greater assert_greater_equal assert_integer
            assert_less assert_less_equal assert_near assert_negative assert_non_negative
            assert_non_positive assert_none_equal assert_positive assert_proper_iterable assert_rank
            assert_rank_at_least assert_rank_in assert_same_float_dtype assert_scalar assert_shapes
            assert_type check_numerics disable_check_numerics enable_check_numerics get_log_device_placement
            is_numeric_tensor set_log_device_placement
        """,
        "addax.config": """
            disable_traceback_filtering enable_traceback_filtering is_traceback_filtering_enabled
        """,
    }
)

__getattr__, __dir__ = attach(__name__, _HOMES)

__all__ = sorted(_HOMES)

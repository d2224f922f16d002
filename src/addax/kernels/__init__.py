"""Programs for what XLA's own translation of an operation runs slowly: functions of raw arrays, below the ops."""

from addax.kernels._conv import conv, conv_transpose
from addax.kernels._native import native_operations, says_where
from addax.kernels._pool import max_windows, sum_windows

__all__ = ["conv", "conv_transpose", "max_windows", "native_operations", "says_where", "sum_windows"]

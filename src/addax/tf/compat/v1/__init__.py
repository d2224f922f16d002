"""`tf.compat.v1`: what of TensorFlow 1 scripts use that compute eagerly.

Names that mean today what they meant then are those of `tf`; those with a new name are served under the old one. What
builds graphs (`placeholder`, `get_variable`, `layers.dense`) is not there, and says what to write instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addax import tf
from addax.core.errors import MissingName
from addax.core.lazy import attach
from addax.tf._lookup import homes

_SUBMODULES = ("data", "gfile", "image", "logging", "losses", "math", "nn", "random", "strings", "train")
_HOMES = homes(
    {
        f"{__name__}._session": """
            ConfigProto GPUOptions InteractiveSession RunOptions Session get_default_session
            global_variables_initializer initialize_all_variables local_variables_initializer reset_default_graph
            tables_initializer
        """,
        f"{__name__}._switches": """
            control_flow_v2_enabled disable_control_flow_v2 disable_eager_execution disable_resource_variables
            disable_tensor_equality disable_v2_behavior disable_v2_tensorshape enable_control_flow_v2
            enable_eager_execution enable_resource_variables enable_tensor_equality enable_v2_behavior
            enable_v2_tensorshape executing_eagerly_outside_functions resource_variables_enabled
        """,
        f"{__name__}._functions": """
            Print div glorot_normal_initializer glorot_uniform_initializer orthogonal_initializer
            random_normal_initializer random_uniform_initializer truncated_normal_initializer
            variance_scaling_initializer while_loop
        """,
        f"{__name__}.math": """
            reduce_all reduce_any reduce_logsumexp reduce_max reduce_mean reduce_min reduce_prod reduce_sum
        """,
    }
)
# TensorFlow 1's name -> today's, where the arguments are the same.
_RENAMED = {
    "ceil": "math.ceil",
    "cholesky": "linalg.cholesky",
    "conj": "math.conj",
    "cross": "linalg.cross",
    "cumprod": "math.cumprod",
    "decode_base64": "io.decode_base64",
    "decode_raw": "io.decode_raw",
    "diag": "linalg.tensor_diag",
    "digamma": "math.digamma",
    "div_no_nan": "math.divide_no_nan",
    "encode_base64": "io.encode_base64",
    "erf": "math.erf",
    "erfc": "math.erfc",
    "fft": "signal.fft",
    "floordiv": "math.floordiv",
    "imag": "math.imag",
    "invert_permutation": "math.invert_permutation",
    "is_finite": "math.is_finite",
    "is_inf": "math.is_inf",
    "is_nan": "math.is_nan",
    "lgamma": "math.lgamma",
    "log": "math.log",
    "log1p": "math.log1p",
    "log_sigmoid": "math.log_sigmoid",
    "logical_xor": "math.logical_xor",
    "matrix_band_part": "linalg.band_part",
    "matrix_determinant": "linalg.det",
    "matrix_diag": "linalg.diag",
    "matrix_inverse": "linalg.inv",
    "matrix_solve": "linalg.solve",
    "matrix_transpose": "linalg.matrix_transpose",
    "parse_example": "io.parse_example",
    "parse_single_example": "io.parse_single_example",
    "py_func": "numpy_function",
    "qr": "linalg.qr",
    "random_gamma": "random.gamma",
    "random_normal": "random.normal",
    "random_shuffle": "random.shuffle",
    "random_uniform": "random.uniform",
    "read_file": "io.read_file",
    "real": "math.real",
    "regex_replace": "strings.regex_replace",
    "reciprocal": "math.reciprocal",
    "rsqrt": "math.rsqrt",
    "segment_max": "math.segment_max",
    "segment_mean": "math.segment_mean",
    "segment_min": "math.segment_min",
    "segment_sum": "math.segment_sum",
    "set_random_seed": "random.set_seed",
    "sparse_tensor_to_dense": "sparse.to_dense",
    "sparse_to_indicator": "sparse.to_indicator",
    "squared_difference": "math.squared_difference",
    "string_join": "strings.join",
    "string_to_hash_bucket_fast": "strings.to_hash_bucket_fast",
    "string_to_number": "strings.to_number",
    "substr": "strings.substr",
    "svd": "linalg.svd",
    "trace": "linalg.trace",
    "truncated_normal": "random.truncated_normal",
    "unsorted_segment_sum": "math.unsorted_segment_sum",
    "write_file": "io.write_file",
    "zeta": "math.zeta",
}
# Public in `tf`, but unknown or something else under these names then.
_CHANGED = frozenset(
    """
    autodiff batch_to_space compat confusion_matrix eig eigvals get_current_name_scope initializers inside_function
    metrics name_scope newaxis optimizers space_to_batch summary variable_creator_scope
    """.split()
)
_CASTS = {
    "to_bfloat16": "bfloat16",
    "to_complex64": "complex64",
    "to_double": "float64",
    "to_float": "float32",
    "to_int32": "int32",
    "to_int64": "int64",
}

_NOTHING = object()
_own, _ = attach(__name__, _HOMES, _SUBMODULES)


def __getattr__(name: str) -> Any:
    if name in _HOMES or name in _SUBMODULES:
        return _own(name)
    if name.startswith("_") and name not in tf.__all__:
        raise AttributeError(name)
    found = _today(name)
    if found is _NOTHING:
        raise MissingName(f"Addax has no 'tf.compat.v1.{name}'. {_hint(name)}", name=name)
    globals()[name] = found
    return found


def _today(name: str) -> Any:
    if name in _CASTS:
        return _cast_to(_CASTS[name], name)
    if name in _CHANGED:
        return _NOTHING
    found: Any = tf
    for part in _RENAMED.get(name, name).split("."):
        found = getattr(found, part, _NOTHING)
    return found


def _cast_to(dtype: str, name: str) -> Callable:
    def cast(x: Any, name: str | None = None) -> Any:
        return tf.cast(x, dtype)

    cast.__name__ = cast.__qualname__ = name
    cast.__doc__ = (
        f"`tf.cast` to {dtype}.\n\nArgs:\n    x: A tensor.\n    name: Accepted for TensorFlow's sake."
    )
    return cast


def _hint(name: str) -> str:
    from addax.compat._lookup import look_up

    today = look_up(f"tensorflow.{name}")
    return f"It is 'tf.{name}', with other arguments." if today.supported else today.hint


__all__ = sorted({*_HOMES, *_SUBMODULES, *_RENAMED, *_CASTS, *tf.__all__} - _CHANGED)


def __dir__() -> list[str]:
    return __all__

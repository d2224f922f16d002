"""`addax.tf`: the TensorFlow names that Keras programs use, over the ops of Addax.

Nothing is imported until a name is used. A name that is not here fails with the nearest one that is.
"""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import advice, homes

_NAMESPACES = (
    "audio",
    "autodiff",
    "autograph",
    "bitwise",
    "compat",
    "config",
    "data",
    "debugging",
    "distribute",
    "dtypes",
    "errors",
    "experimental",
    "feature_column",
    "image",
    "initializers",
    "io",
    "keras",
    "linalg",
    "lite",
    "lookup",
    "losses",
    "math",
    "metrics",
    "nest",
    "nn",
    "optimizers",
    "profiler",
    "quantization",
    "queue",
    "ragged",
    "random",
    "raw_ops",
    "saved_model",
    "sets",
    "signal",
    "sparse",
    "strings",
    "summary",
    "sysconfig",
    "test",
    "tpu",
    "train",
    "types",
    "version",
)
_HOMES = homes(
    {
        "addax.tf._arrays": """
            boolean_mask broadcast_to concat expand_dims identity_n meshgrid pad parallel_stack repeat reshape reverse
            roll split squeeze stack tile transpose unravel_index unstack where
        """,
        "addax.tf._assertions": "Assert assert_equal assert_greater assert_less assert_rank",
        "addax.tf._control": "case cond foldl foldr map_fn scan switch_case vectorized_map while_loop",
        "addax.tf._create": """
            bitcast broadcast_dynamic_shape broadcast_static_shape cast complex constant convert_to_tensor ensure_shape
            executing_eagerly eye fill get_static_value identity inside_function is_symbolic_tensor is_tensor linspace
            one_hot ones ones_like range rank saturate_cast shape shape_n size stop_gradient zeros zeros_like
        """,
        "addax.ops._composite_specs": "RaggedTensorSpec SparseTensorSpec",
        "addax.ops._ragged": "RaggedTensor",
        "addax.ops._sparse": "SparseTensor",
        "addax.tf._gather": """
            dynamic_partition dynamic_stitch gather gather_nd scatter_nd slice strided_slice tensor_scatter_nd_add
            tensor_scatter_nd_max tensor_scatter_nd_min tensor_scatter_nd_sub tensor_scatter_nd_update
        """,
        "addax.tf._gradients": "gradients hessians",
        "addax.tf._initializers": """
            constant_initializer ones_initializer random_normal_initializer random_uniform_initializer zeros_initializer
        """,
        "addax.tf._linalg": "eig eigvals matrix_square_root",
        "addax.tf._math": """
            abs acos acosh add add_n asin asinh atan atan2 atanh clip_by_value cos cosh divide equal exp
            floor greater greater_equal less less_equal logical_and logical_not logical_or maximum minimum
            multiply negative not_equal pow realdiv round scalar_mul sigmoid sign sin sinh sqrt square
            subtract tan tanh truediv truncatediv truncatemod
        """,
        "addax.tf._critical": "CriticalSection",
        "addax.tf._device_spec": "DeviceSpec",
        "addax.tf._edit_distance": "edit_distance",
        "addax.tf._identify": "approx_top_k fingerprint guarantee_const",
        "addax.tf._registered": "register_tensor_conversion_function",
        "addax.tf._signal": "fftnd ifftnd irfftnd rfftnd",
        "addax.tf._order": """
            argsort histogram_fixed_width histogram_fixed_width_bins searchsorted sequence_mask sort unique
            unique_with_counts
        """,
        "addax.tf._products": "einsum matmul tensordot",
        "addax.tf._records": "make_ndarray make_tensor_proto",
        "addax.tf._module": "Module",
        "addax.tf._python": "numpy_function print py_function",
        "addax.tf._reduce": """
            argmax argmin clip_by_global_norm clip_by_norm cumsum norm reduce_all reduce_any reduce_logsumexp reduce_max
            reduce_mean reduce_min reduce_prod reduce_sum
        """,
        "addax.tf._space_to_batch": """
            batch_to_space extract_volume_patches required_space_to_batch_paddings reverse_sequence space_to_batch
            space_to_batch_nd
        """,
        "addax.tf._scopes": """
            control_dependencies device grad_pass_through group init_scope name_scope no_op recompute_grad tuple
        """,
        "addax.tf._tools": """
            GradientTape Tensor TensorArray TensorShape TensorSpec UnconnectedGradients custom_gradient function
            AggregationMethod TypeSpec get_current_name_scope get_logger newaxis timestamp type_spec_from_value
        """,
        "addax.tf._variable": """
            IndexedSlices Variable VariableAggregation VariableSynchronization variable_creator_scope
        """,
        "addax.tf.dtypes": """
            DType as_dtype bfloat16 bool complex64 complex128 double float16 float32 float64 half int8 int16 int32 int64
            qint8 qint16 qint32 quint8 quint16 string uint8 uint16 uint32 uint64
        """,
        "addax.tf.strings": "as_string",
        "addax.tf.version": "__version__ __git_version__",
    }
)

__getattr__, __dir__ = attach(__name__, _HOMES, _NAMESPACES, advice)

__all__ = sorted([*_HOMES, *_NAMESPACES])

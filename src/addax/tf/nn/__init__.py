"""`tf.nn`."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.tf._nn": """
            batch_normalization collapse_repeated crelu ctc_loss dropout elu embedding_lookup
            embedding_lookup_sparse safe_embedding_lookup_sparse
            gelu l2_loss leaky_relu local_response_normalization log_poisson_loss log_softmax lrn moments
            nce_loss relu relu6 sampled_softmax_loss selu sigmoid_cross_entropy_with_logits silu softmax
            softmax_cross_entropy_with_logits sparse_softmax_cross_entropy_with_logits swish
            weighted_cross_entropy_with_logits
        """,
        "addax.tf._ctc": "ctc_beam_search_decoder ctc_greedy_decoder ctc_unique_labels",
        "addax.tf._nn_moments": """
            batch_norm_with_global_normalization normalize_moments sufficient_statistics weighted_moments
        """,
        "addax.tf._nn_windows": """
            atrous_conv2d atrous_conv2d_transpose conv_transpose depthwise_conv2d_backprop_filter
            depthwise_conv2d_backprop_input dilation2d erosion2d isotonic_regression max_pool_with_argmax
        """,
        "addax.tf._nn_fractional": "fractional_avg_pool fractional_max_pool with_space_to_batch",
        "addax.tf._rnn_wrappers": "RNNCellDeviceWrapper RNNCellDropoutWrapper RNNCellResidualWrapper",
        "addax.tf._samplers": """
            all_candidate_sampler compute_accidental_hits fixed_unigram_candidate_sampler
            learned_unigram_candidate_sampler
        """,
        "addax.tf._series": "approx_max_k approx_min_k",
        "addax.tf._space_to_batch": "space_to_batch",
        "addax.tf._nn_conv": """
            depth_to_space space_to_depth
            avg_pool avg_pool1d avg_pool2d avg_pool3d bias_add conv1d conv1d_transpose conv2d
            conv2d_transpose conv3d conv3d_transpose convolution depthwise_conv2d max_pool max_pool1d
            max_pool2d max_pool3d pool separable_conv2d
        """,
        "addax.tf._math": "sigmoid softplus softsign tanh",
        "addax.tf._products": "in_top_k l2_normalize zero_fraction",
        "addax.tf._order": "top_k",
        "addax.tf._compute": "compute_average_loss scale_regularization_loss",
    }
)

_SUBMODULES = ("experimental",)

__getattr__, __dir__ = attach(__name__, _HOMES, _SUBMODULES)

__all__ = sorted({*_HOMES, *_SUBMODULES})

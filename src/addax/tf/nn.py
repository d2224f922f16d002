"""`tf.nn`."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.tf._nn": """
            avg_pool avg_pool1d avg_pool2d avg_pool3d batch_normalization bias_add collapse_repeated conv1d
            conv1d_transpose conv2d conv2d_transpose conv3d conv3d_transpose convolution crelu ctc_loss
            depth_to_space depthwise_conv2d dropout elu embedding_lookup gelu l2_loss leaky_relu
            local_response_normalization log_poisson_loss log_softmax lrn max_pool max_pool1d max_pool2d
            max_pool3d moments nce_loss pool relu relu6 sampled_softmax_loss selu separable_conv2d
            sigmoid_cross_entropy_with_logits silu softmax softmax_cross_entropy_with_logits space_to_depth
            sparse_softmax_cross_entropy_with_logits swish weighted_cross_entropy_with_logits
        """,
        "addax.tf._math": "in_top_k l2_normalize sigmoid softplus softsign tanh zero_fraction",
        "addax.tf._arrays": "top_k",
        "addax.tf._compute": "compute_average_loss scale_regularization_loss",
    }
)

__getattr__, __dir__ = attach(__name__, _HOMES)

__all__ = sorted(_HOMES)

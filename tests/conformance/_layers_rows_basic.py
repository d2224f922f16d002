"""Rows of the layers with weights and windows: core, convolution, pooling, normalization."""

from __future__ import annotations

import numpy as np
from tests.conformance._layers_registry import FIRST, B, F, I, _rng, row

# core
row(
    "Dense",
    F(3),
    {"units": 4},
    {"units": 4, "activation": "relu", "use_bias": False, "kernel_initializer": "he_normal"},
    {"units": 2, "kernel_regularizer": "l2", "bias_constraint": "non_neg", "activity_regularizer": "l1"},
    flags="grad",
)
row("Dense", F(5, 3), {"units": 4, "trainable": False})
row("Dense", F(3), {"units": 4, "lora_rank": 2}, flags="grad")
row(
    "Dense", F(3), {"units": 4, "lora_rank": 2, "lora_alpha": 8}, flags="noparity"
)  # Keras forgets this alpha
row("Conv2D", F(4, 4, 3), {"filters": 4, "kernel_size": 2, "lora_rank": 2, "kernel_regularizer": "l2"})
row("EinsumDense", F(3), {"equation": "ab,bcd->acd", "output_shape": (2, 4), "lora_rank": 2})
row("Embedding", I(3, high=6), {"input_dim": 6, "output_dim": 4, "lora_rank": 2})
row("Activation", F(3), {"activation": "relu"}, {"activation": "softmax"}, {"activation": "linear"})
row(
    "EinsumDense",
    F(5, 3),
    {"equation": "abc,cd->abd", "output_shape": (None, 4), "bias_axes": "d", "activation": "tanh"},
    {"equation": "abc,cde->abde", "output_shape": (None, 2, 4), "bias_axes": "de"},
    {
        "equation": "abc,cde->adbe",
        "output_shape": (2, None, 4),
        "bias_axes": "d",
        "activity_regularizer": "l2",
    },
    {"equation": "...x,xy->...y", "output_shape": 4, "bias_axes": "y"},
    flags="grad",
)
row("EinsumDense", F(3, 5), {"equation": "ab...,bc->ac...", "output_shape": (4,), "bias_axes": "c"})
row(
    "Embedding",
    I(3, high=6),
    {"input_dim": 6, "output_dim": 4},
    {"input_dim": 6, "output_dim": 4, "mask_zero": True, "embeddings_constraint": "unit_norm"},
    {"input_dim": 6, "output_dim": 2, "activity_regularizer": "l2", "embeddings_initializer": "he_normal"},
)
row("Embedding", F(3) * 0 + 2, {"input_dim": 6, "output_dim": 4})
row(
    "ReversibleEmbedding",
    I(3, high=6),
    {"input_dim": 6, "output_dim": 4},
    {"input_dim": 6, "output_dim": 4, "tie_weights": False, "mask_zero": True},
)
row(
    "ReversibleEmbedding",
    F(3, 4),
    {"input_dim": 6, "output_dim": 4, "logit_soft_cap": 2.0},
    {"input_dim": 6, "output_dim": 4, "tie_weights": False, "reverse_dtype": "float32"},
    call={"reverse": True},
)
row("Identity", F(3))
row("Masking", np.where(_rng.random((B, 5, 1)) < 0.5, 0, F(5, 3)).astype("float32"), {}, {"mask_value": 1.5})
row(
    "Lambda",
    F(3),
    lambda keras: {"function": keras.ops.square},
    {"function": lambda x: x * 2},
    flags="noconfig",
)
row("Lambda", F(3), lambda keras: {"function": keras.activations.relu, "arguments": {"max_value": 0.5}})
row(
    "Wrapper", F(3), lambda keras: {"layer": keras.layers.Dense(4, name="inner")}, flags="noparity nolow"
)  # Keras's has no call; the layer inside has its own dtype
row(
    "ReLU",
    F(3),
    {},
    {"max_value": 0.5, "negative_slope": 0.1, "threshold": 0.2},
    {"activity_regularizer": "l2"},
)
row("LeakyReLU", F(3), {}, {"negative_slope": 0.1}, flags="grad")
row("PReLU", F(5, 3), {}, {"shared_axes": [1], "alpha_regularizer": "l2"}, {"shared_axes": 2}, flags="grad")
row("ELU", F(3), {}, {"alpha": 0.5})
row("Softmax", F(5, 3), {}, {"axis": 1}, {"axis": [1, 2]})
row("ThresholdedReLU", F(3), {"theta": 0.3}, flags="noparity")  # a layer of tf.keras
row("TernaryDense", F(3), {"units": 4}, {"units": 2, "threshold": 0.3}, flags="noparity")  # of a later Keras

# conv
CONV = {"filters": 4, "kernel_size": 3}
ODD = {"kernel_initializer": "ones", "use_bias": False, "activation": "relu", "activity_regularizer": "l2"}
row(
    "Conv1D",
    F(9, 6),
    CONV,
    {**CONV, "padding": "causal", "dilation_rate": 2},
    {**CONV, "padding": "same", "strides": 2, "groups": 2},
    {**CONV, **ODD},
    flags="grad",
)
row("Conv1D", F(6, 9), {**CONV, **FIRST}, {**CONV, **FIRST, "padding": "causal"})
row(
    "Conv2D",
    F(7, 8, 6),
    CONV,
    {**CONV, "padding": "SAME", "strides": (2, 1), "kernel_size": (2, 3)},
    {**CONV, "dilation_rate": (2, 1), "groups": 2, "bias_regularizer": "l1"},
    flags="grad",
)
row("Conv2D", F(6, 7, 8), {**CONV, **FIRST}, {**CONV, **FIRST, "padding": "same", "strides": 3, "groups": 2})
row("Conv3D", F(5, 4, 6, 2), CONV, {**CONV, "padding": "same", "strides": 2})
row("Conv3D", F(2, 5, 4, 6), {**CONV, **FIRST})
row(
    "Conv1DTranspose",
    F(5, 3),
    CONV,
    {**CONV, "padding": "same", "strides": 2},
    {**CONV, "strides": 3, "output_padding": 1},
    {**CONV, "dilation_rate": 2, "activation": "tanh"},
)
row("Conv1DTranspose", F(3, 5), {**CONV, **FIRST, "strides": 2})
row(
    "Conv2DTranspose",
    F(4, 5, 3),
    CONV,
    {**CONV, "padding": "same", "strides": (2, 3)},
    {**CONV, "padding": "same", "strides": 2, "output_padding": (1, 0)},
    {**CONV, "strides": 2, "use_bias": False},
    flags="grad",
)
row("Conv2DTranspose", F(3, 4, 5), {**CONV, **FIRST, "strides": 2, "padding": "same"})
row("Conv3DTranspose", F(3, 3, 2, 2), CONV, {**CONV, "padding": "same", "strides": 2})
row("Conv3DTranspose", F(2, 3, 3, 2), {**CONV, **FIRST})
row(
    "DepthwiseConv1D",
    F(7, 3),
    {"kernel_size": 3},
    {"kernel_size": 2, "depth_multiplier": 2, "strides": 2, "padding": "same", "use_bias": False},
)
row("DepthwiseConv1D", F(3, 7), {"kernel_size": 3, **FIRST})
row(
    "DepthwiseConv2D",
    F(7, 6, 3),
    {"kernel_size": 3, "depthwise_regularizer": "l2"},
    {"kernel_size": (2, 3), "depth_multiplier": 2, "strides": 2, "padding": "same", "activation": "relu"},
    {"kernel_size": 3, "dilation_rate": 2},
    flags="grad",
)
row("DepthwiseConv2D", F(3, 7, 6), {"kernel_size": 3, "depth_multiplier": 2, **FIRST})
row("SeparableConv1D", F(7, 3), CONV, {**CONV, "padding": "same", "strides": 2, "depth_multiplier": 2})
row("SeparableConv1D", F(3, 7), {**CONV, **FIRST})
row(
    "SeparableConv2D",
    F(7, 6, 3),
    CONV,
    {**CONV, "padding": "same", "strides": 2, "depth_multiplier": 2, "use_bias": False},
    {**CONV, "pointwise_constraint": "max_norm", "depthwise_initializer": "he_normal"},
    flags="grad",
)
row("SeparableConv2D", F(3, 7, 6), {**CONV, **FIRST})

# pool
for rank, last, first in (
    (1, F(7, 3), F(3, 7)),
    (2, F(7, 6, 3), F(3, 7, 6)),
    (3, F(5, 4, 4, 2), F(2, 5, 4, 4)),
):
    for kind in ("Max", "Average"):
        row(
            f"{kind}Pooling{rank}D",
            last,
            {"pool_size": 2},
            {"pool_size": 3, "strides": 2, "padding": "same"},
            {"pool_size": (2,) * rank, "strides": 1},
            flags="grad" if rank == 2 else "",
        )
        row(f"{kind}Pooling{rank}D", first, {"pool_size": 2, **FIRST})
        row(f"Global{kind}Pooling{rank}D", last, {}, {"keepdims": True})
        row(f"Global{kind}Pooling{rank}D", first, FIRST, {**FIRST, "keepdims": True})
        row(f"Adaptive{kind}Pooling{rank}D", last, {"output_size": 2}, {"output_size": (3,) * rank})
        row(f"Adaptive{kind}Pooling{rank}D", first, {"output_size": 2, **FIRST})

# norm
row(
    "BatchNormalization",
    F(5, 3),
    {},
    {"axis": 1, "momentum": 0.5, "epsilon": 0.1},
    {"center": False, "scale": False},
    {"gamma_regularizer": "l2", "moving_mean_initializer": "ones", "beta_constraint": "non_neg"},
    {"trainable": False},
    {"renorm": True, "renorm_clipping": {"rmax": 1.5, "rmin": 0.5, "dmax": 0.5}, "momentum": 0.9},
    {"renorm": True, "renorm_clipping": {}, "renorm_momentum": 0.5},
    flags="grad train",
)
row("BatchNormalization", F(5, 4, 3), {}, {"axis": 1}, flags="train")
row(
    "BatchNormalization", F(3), {"synchronized": True}, flags="train noparity"
)  # Keras refuses it outside TensorFlow
row(
    "LayerNormalization",
    F(5, 3),
    {},
    {"axis": [1, 2], "epsilon": 0.1},
    {"axis": 1, "center": False},
    {"scale": False, "beta_initializer": "ones", "gamma_regularizer": "l1"},
    flags="grad",
)
row(
    "GroupNormalization",
    F(5, 6),
    {"groups": 2},
    {"groups": -1},
    {"groups": 1, "scale": False},
    {"groups": 3, "center": False, "epsilon": 0.1},
    flags="grad",
)
row("GroupNormalization", F(6, 5, 4), {"groups": 2, "axis": 1})
row("RMSNormalization", F(5, 3), {}, {"axis": [1, 2], "epsilon": 0.1}, {"axis": 2})
row("UnitNormalization", F(5, 3), {}, {"axis": 1}, {"axis": [1, 2]}, flags="grad")
row(
    "SpectralNormalization",
    F(5, 4, 3),
    lambda keras: {"layer": keras.layers.Conv2D(4, 2, name="inner"), "power_iterations": 2},
    lambda keras: {"layer": keras.layers.Dense(4, name="inner")},
    flags="train nolow",
)

"""Rows of the families that have tests of their own in `tests/parity`: networks, images, slices. All are `lean`."""

from __future__ import annotations

from typing import Any

import numpy as np
from tests.conformance._ops_registry import B, F, I, P, T, distinct, row


def lean(name: str, *args: Any, flags: str = "", **kwargs: Any) -> None:
    """Add a row that is checked in one test: inferred, in a saved graph, and differentiated."""
    row(name, *args, flags=f"lean {flags}", **kwargs)


# Activations ------------------------------------------------------------------------------------------------
for _name in (
    "celu elu gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu log_sigmoid log_softmax "
    "relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus sparse_sigmoid sparsemax "
    "squareplus swish tanh_shrink"
).split():
    lean(_name, distinct(B, 6))
lean("threshold", distinct(B, 3), 0.3, 0.1)
lean("softmax", F(B, 3, 2), axis=1)
lean("gelu", F(B, 3), approximate=False)

# Windows ----------------------------------------------------------------------------------------------------
lean("conv", F(B, 5, 6, 3), F(3, 2, 3, 4), strides=(2, 1), padding="same", data_format="channels_last")
lean("conv", F(B, 3, 6), F(3, 3, 4), dilation_rate=2, data_format="channels_first")
lean("conv_transpose", F(B, 4, 3), F(3, 5, 3), strides=2, padding="same", data_format="channels_last")
lean("depthwise_conv", F(B, 5, 5, 2), F(2, 2, 2, 3), data_format="channels_last")
lean(
    "separable_conv", F(B, 5, 5, 2), F(2, 2, 2, 1), F(1, 1, 2, 4), padding="same", data_format="channels_last"
)
lean("max_pool", distinct(B, 6, 4, 2), 2, data_format="channels_last")
lean("average_pool", F(B, 6, 2), 3, strides=1, padding="same", data_format="channels_last")
lean("adaptive_max_pool", distinct(B, 6, 4, 2), (3, 2), data_format="channels_last")
lean("adaptive_average_pool", F(B, 6, 2), 4, data_format="channels_last")
lean("unfold", F(B, 2, 5, 5), 2, stride=2)
lean("fold", F(B, 8, 4), (4, 4), 2, stride=2)
lean("depth_to_space", F(B, 2, 3, 8), 2, data_format="channels_last")
lean("space_to_depth", F(B, 4, 6, 2), 2, data_format="channels_last")

# Normalization, attention, losses ---------------------------------------------------------------------------
lean("batch_normalization", F(B, 3), F(3), P(3), axis=-1, offset=F(3), scale=F(3))
lean("layer_normalization", F(B, 4), P(4), F(4))
lean("rms_normalization", F(B, 4), P(4))
lean("normalize", P(B, 4), axis=-1, order=2)
lean("moments", F(B, 4), axes=[1], keepdims=True)
lean("dot_product_attention", F(B, 3, 2, 4), F(B, 5, 2, 4), F(B, 5, 2, 4))
lean("dot_product_attention", F(B, 3, 2, 4), F(B, 3, 2, 4), F(B, 3, 2, 4), is_causal=True, scale=0.5)
lean("one_hot", I(B, high=3), 3)
lean("multi_hot", I(B, 2, high=3), 3)
lean("binary_crossentropy", F(B, 3, low=0.1, high=0.9), F(B, 3, low=0.1, high=0.9))
lean("categorical_crossentropy", F(B, 3, low=0.1, high=0.9), F(B, 3), from_logits=True)
lean("sparse_categorical_crossentropy", I(B, high=3), F(B, 3), from_logits=True)
lean("psnr", F(B, 3), F(B, 3), 1.0)
lean("polar", P(B, 3), F(B, 3), flags="nograd")
lean("ctc_loss", I(B, 2, low=1, high=4), F(B, 6, 4), np.full(B, 2, np.int32), np.full(B, 6, np.int32))
lean("ctc_decode", F(B, 6, 4), np.full(B, 6, np.int32), flags="nograd")

# Images -----------------------------------------------------------------------------------------------------
IMAGES = np.clip(F(B, 6, 8, 3), 0.05, 0.95)
EYE = np.tile(np.float32([1, 0.1, 0.2, 0, 1, 0.3, 0, 0]), (B, 1))
CORNERS = np.tile(np.float32([[0, 0], [7, 0], [0, 5], [7, 5]]), (B, 1, 1))
CHANNELS = {"data_format": "channels_last"}
lean("image.affine_transform", IMAGES, EYE, **CHANNELS)
lean("image.crop_images", IMAGES, 1, 2, target_height=3, target_width=4, **CHANNELS)
lean("image.pad_images", IMAGES, 1, 2, target_height=9, target_width=12, **CHANNELS)
lean("image.elastic_transform", IMAGES, seed=1, flags="fixed nograd random", **CHANNELS)
lean("image.extract_patches", IMAGES, 2, **CHANNELS)
lean("image.extract_patches_3d", F(B, 4, 4, 4, 2), 2, **CHANNELS)
lean("image.gaussian_blur", IMAGES, (3, 3), (1.0, 1.0), **CHANNELS)
lean("image.rgb_to_grayscale", IMAGES, **CHANNELS)
lean("image.rgb_to_hsv", IMAGES, flags="nograd", **CHANNELS)
lean("image.hsv_to_rgb", IMAGES, flags="nograd", **CHANNELS)
lean("image.map_coordinates", F(6, 8), P(2, 5), 1)
lean("image.perspective_transform", IMAGES, CORNERS + 0.25, CORNERS, flags="nograd", **CHANNELS)
lean("image.resize", IMAGES, (4, 5), **CHANNELS)
lean("image.resize", IMAGES, (12, 5), interpolation="bicubic", antialias=True, **CHANNELS)
lean(
    "image.scale_and_translate",
    F(6, 8, 3),
    (4, 4, 3),
    np.float32([0.5, 0.5]),
    np.float32([0.0, 1.0]),
    (0, 1),
    "linear",
)
lean("image.sobel_edges", IMAGES, **CHANNELS)
lean("image.ssim", F(B, 16, 16, 1, low=0), F(B, 16, 16, 1, low=0), 1.0)

# Slices and conversions -------------------------------------------------------------------------------------
lean("cast", F(B, 3), "float16", flags="nograd")
lean("convert_to_tensor", F(B, 3), flags="wraps nograd")
lean("saturate_cast", F(B, 3) * 300, "int8")
lean("scatter", np.array([[0], [2]], np.int32), F(2, 3), (4, 3))
lean("scatter_update", F(4, 3), np.array([[0], [2]], np.int32), F(2, 3))
lean("slice", F(B, 6), (0, 1), (3, 2), flags="fixed")
lean("slice_update", F(B, 6), (1, 2), F(3, 2))
lean("stop_gradient", F(B, 3), flags="nograd")
lean("unstack", F(B, 3), axis=1)
lean("where", T(B, 3), F(B, 3), F(B, 3))

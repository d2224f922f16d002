"""`tf.image`."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.tf._image": """
            ResizeMethod central_crop crop_and_resize crop_to_bounding_box extract_patches flip_left_right
            flip_up_down pad_to_bounding_box random_crop random_flip_left_right random_flip_up_down resize
            resize_with_crop_or_pad resize_with_pad rot90 stateless_random_crop
            stateless_random_flip_left_right stateless_random_flip_up_down transpose
        """,
        "addax.tf._image_colour": """
            adjust_brightness adjust_contrast adjust_gamma adjust_hue adjust_saturation convert_image_dtype
            grayscale_to_rgb hsv_to_rgb image_gradients per_image_standardization psnr random_brightness
            random_contrast random_hue random_saturation rgb_to_grayscale rgb_to_hsv sobel_edges ssim
            stateless_random_brightness stateless_random_contrast total_variation
        """,
        "addax.tf._codecs": """
            decode_bmp decode_gif decode_image decode_jpeg decode_png encode_jpeg encode_png is_jpeg
        """,
    }
)

__getattr__, __dir__ = attach(__name__, _HOMES)

__all__ = sorted(_HOMES)

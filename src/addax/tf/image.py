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
            grayscale_to_rgb hsv_to_rgb per_image_standardization random_brightness random_contrast random_hue
            random_saturation rgb_to_grayscale rgb_to_hsv rgb_to_yiq rgb_to_yuv stateless_random_brightness
            stateless_random_contrast stateless_random_hue stateless_random_saturation yiq_to_rgb yuv_to_rgb
        """,
        "addax.tf._image_boxes": """
            combined_non_max_suppression non_max_suppression non_max_suppression_overlaps
            non_max_suppression_padded non_max_suppression_with_scores
        """,
        "addax.tf._image_drawing": """
            draw_bounding_boxes extract_glimpse sample_distorted_bounding_box
            stateless_sample_distorted_bounding_box
        """,
        "addax.tf._image_measures": """
            image_gradients psnr sobel_edges ssim ssim_multiscale total_variation
        """,
        "addax.tf._jpeg": """
            adjust_jpeg_quality decode_and_crop_jpeg extract_jpeg_shape random_jpeg_quality
            stateless_random_jpeg_quality
        """,
        "addax.tf._codecs": """
            decode_bmp decode_gif decode_image decode_jpeg decode_png decode_webp encode_jpeg encode_png is_jpeg
        """,
    }
)

__getattr__, __dir__ = attach(__name__, _HOMES)

__all__ = sorted(_HOMES)

"""`tf.image`: what the results of TensorFlow in tests/parity do not show: compiled code, draws, errors, files."""

import numpy as np
import pytest

import addax.tf as tf

BOXES = [[0.0, 0.0, 1.0, 1.0], [0.0, 0.1, 1.0, 1.1], [0.0, 2.0, 1.0, 3.0]]
SCORES = [0.8, 0.9, 0.5]


def test_boxes_are_chosen_in_compiled_code():
    kept, count = tf.function(
        lambda b, s: tf.image.non_max_suppression_padded(b, s, 3, pad_to_max_output_size=True),
        jit_compile=True,
    )(tf.constant(BOXES), tf.constant(SCORES))
    assert kept.numpy().tolist() == [1, 2, 0] and int(count) == 2
    with pytest.warns(UserWarning, match="step by step"):  # how many there are is no matter of shapes
        found = tf.function(lambda b, s: tf.image.non_max_suppression(b, s, 3))(tf.constant(BOXES), SCORES)
    assert found.numpy().tolist() == [1, 2]


def test_each_image_of_a_batch_is_for_itself():
    both = tf.constant([BOXES, BOXES[::-1]])
    kept, counts = tf.image.non_max_suppression_padded(both, [SCORES, SCORES], 2, pad_to_max_output_size=True)
    assert kept.numpy().tolist() == [[1, 2], [1, 0]] and counts.numpy().tolist() == [2, 2]


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: tf.image.non_max_suppression(BOXES, [0.1], 2), "belong together"),
        (lambda: tf.image.non_max_suppression(BOXES, SCORES, 2, iou_threshold=1.5), "share"),
        (lambda: tf.image.non_max_suppression_padded([BOXES], [SCORES], 2), "pad_to_max_output_size"),
        (lambda: tf.image.non_max_suppression_overlaps([[1.0, 0.0]], [0.5], 2), "belong together"),
        (lambda: tf.image.combined_non_max_suppression([BOXES], [SCORES], 2, 2), "belong together"),
        (lambda: tf.image.draw_bounding_boxes(tf.zeros((4, 4, 3)), BOXES, None), "batch"),
        (lambda: tf.image.extract_glimpse(tf.zeros((1, 4, 4, 1)), (2, 2), [[0.0, 0.0]], noise="no"), "noise"),
        (lambda: tf.image.sample_distorted_bounding_box((4, 4, 3), np.zeros((1, 0, 4))), "use_image_if"),
        (lambda: tf.image.sample_distorted_bounding_box((4, 4, 3), [BOXES], area_range=(0.5, 0.2)), "empty"),
        (lambda: tf.image.adjust_jpeg_quality(tf.zeros((1, 4, 4, 3)), 50), "one image"),
        (lambda: tf.image.random_jpeg_quality(tf.zeros((4, 4, 3)), 50, 40), "empty"),
        (lambda: tf.image.resize(tf.zeros((4, 4, 3)), (2, 2), "cubist"), "mitchellcubic"),
        (
            lambda: tf.image.ssim_multiscale(tf.zeros((64, 64, 1)), tf.zeros((64, 64, 1)), 1.0),
            "power_factors",
        ),
    ],
)
def test_wrong_calls(call, match):
    with pytest.raises(ValueError, match=match):
        call()


def test_random_parts_show_what_they_have_to():
    box = np.asarray([[[0.3, 0.3, 0.7, 0.6]]], np.float32)
    for seed in range(20):
        begin, size, found = tf.image.stateless_sample_distorted_bounding_box(
            (40, 60, 3),
            box,
            [seed, 1],
            min_object_covered=0.5,
            area_range=(0.1, 0.6),
            aspect_ratio_range=(0.8, 2.0),
        )
        top, left, bottom, right = found.numpy().ravel()
        assert begin.numpy().tolist() == np.round([top * 40, left * 60, 0]).astype(int).tolist()
        height, width = size.numpy()[:2].tolist()
        assert 0.09 <= height * width / 2400 <= 0.61 and 0.7 <= width / height <= 2.2
        shared = max(0, min(bottom, 0.7) - max(top, 0.3)) * max(0, min(right, 0.6) - max(left, 0.3))
        assert shared >= 0.5 * 0.4 * 0.3 - 1e-6
        assert tf.slice(tf.zeros((40, 60, 3)), begin, size).shape == (height, width, 3)


def test_an_impossible_part_is_the_whole_image():
    box = [[[0.0, 0.0, 1.0, 1.0]]]
    _, size, _ = tf.image.sample_distorted_bounding_box(
        (8, 8, 3), box, min_object_covered=1.0, area_range=(0.1, 0.2)
    )
    assert size.numpy().tolist() == [8, 8, -1]


def test_noise_is_outside_of_the_image_only():
    found = tf.image.extract_glimpse(tf.zeros((1, 4, 4, 1)), (4, 4), [[1.0, 1.0]]).numpy()[0, :, :, 0]
    assert (found[:2, :2] == 0).all() and (np.delete(found, [0, 1], 0) > 0).mean() > 0.9


def test_jpeg_quality_in_compiled_code():
    image = tf.constant(np.random.default_rng(0).uniform(size=(16, 16, 3)).astype("float32"))
    plain, compiled = (
        tf.image.adjust_jpeg_quality(image, 40),
        tf.function(tf.image.adjust_jpeg_quality)(image, 40),
    )
    np.testing.assert_allclose(plain, compiled, atol=1e-6)
    assert plain.dtype == tf.float32 and 0.01 < float(tf.reduce_mean(tf.abs(plain - image))) < 0.3

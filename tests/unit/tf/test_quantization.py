"""`tf.quantization`: gradients, compiled code, the way there and back, errors."""

import numpy as np
import pytest

import addax.tf as tf

Q = tf.quantization


def test_gradients_pass_between_the_ends():
    x, low, high = tf.constant([-2.0, 0.1, 0.9, 3.0]), tf.Variable(-1.0), tf.Variable(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(Q.fake_quant_with_min_max_vars(x, low, high) * [1.0, 2.0, 3.0, 4.0])
    by_x, by_low, by_high = tape.gradient(y, [x, low, high])
    assert by_x.numpy().tolist() == [0.0, 2.0, 3.0, 0.0]
    assert (float(by_low), float(by_high)) == (1.0, 4.0)


def test_rounding_is_trained_through_in_compiled_code():
    @tf.function(jit_compile=True)
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = Q.fake_quant_with_min_max_args(x, -1, 1)
        return tape.gradient(y, x)

    assert slope(tf.constant([0.3, 5.0])).numpy().tolist() == [1.0, 0.0]


@pytest.mark.parametrize("dtype", [tf.quint8, tf.qint8, tf.qint16])
@pytest.mark.parametrize("mode", ["MIN_COMBINED", "SCALED"])
def test_there_and_back(dtype, mode):
    x = np.linspace(0.0 if dtype == tf.quint8 else -2.0, 3.0, 11).astype("float32")
    found = Q.quantize(x, float(x.min()), 3.0, dtype, mode=mode)
    assert found.output.dtype == dtype
    back = Q.dequantize(found.output, found.output_min, found.output_max, mode=mode)
    np.testing.assert_allclose(back, x, atol=3 / 100)


def test_both_kinds_of_gradient_of_a_rounded_trip():
    x = tf.constant([0.2, 7.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        new = Q.quantize_and_dequantize_v2(x, -1.0, 1.0, range_given=True)
        old = Q.quantize_and_dequantize(x, -1.0, 1.0, range_given=True)
    np.testing.assert_allclose(new, old)
    assert tape.gradient(new, x).numpy().tolist() == [1.0, 0.0]
    assert tape.gradient(old, x).numpy().tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: Q.fake_quant_with_min_max_args([1.0], 1, 1), "empty"),
        (lambda: Q.fake_quant_with_min_max_vars([1.0], 0.0, 1.0, num_bits=1), "num_bits"),
        (lambda: Q.fake_quant_with_min_max_vars_per_channel([[1.0, 2.0]], [0.0], [1.0]), "channel"),
        (lambda: Q.quantize([1.0], 0.0, 1.0, tf.float32), "quint8"),
        (lambda: Q.quantize([1.0], 0.0, 1.0, tf.qint8, mode="NO"), "SCALED"),
        (lambda: Q.quantize([1.0], 0.0, 1.0, tf.qint8, round_mode="HALF_TO_EVEN"), "round_mode"),
        (lambda: Q.quantize_and_dequantize_v2([1.0], 0.0, 1.0, round_mode="NO"), "round_mode"),
    ],
)
def test_wrong_calls(call, match):
    with pytest.raises(ValueError, match=match):
        call()

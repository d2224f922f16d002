"""Layers whose weights are kept in few bits."""

from __future__ import annotations

import numpy as np
import pytest

from addax import Sequential, dtype_policies, layers, ops, quantizers
from addax.engine import GradientTape

rng = np.random.default_rng(0)
X = rng.normal(size=(3, 6)).astype("float32")


def array(x):
    return np.asarray(x)


def dense(**options):
    layer = layers.Dense(4, **options)
    layer.build((None, 6))
    return layer


def test_the_weight_is_replaced_by_integers_and_a_scale():
    layer = dense()
    floats = array(layer.kernel)
    before = array(layer(X))
    layer.quantize("int8")
    assert layer.kernel.dtype == "int8" and [v.name for v in layer.weights] == [
        "bias",
        "kernel",
        "kernel_scale",
    ]
    np.testing.assert_allclose(array(layer.kernel) / array(layer.kernel_scale), floats, atol=0.01)
    np.testing.assert_allclose(array(layer(X)), before, atol=0.05)
    assert layer.dtype_policy.name == "int8_from_float32" and layer.quantization_mode == "int8"
    again = layers.Dense.from_config(layer.get_config())
    assert again.quantization_config.mode == "int8" and again.dtype_policy == layer.dtype_policy
    again.build((None, 6))
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(array(again(X)), array(layer(X)))


def test_half_bytes_are_shown_one_by_one():
    layer = dense()
    floats = np.linspace(-1, 1, 6)[:, None] * [1, 0.5, -1, 0.1]
    layer.kernel.assign(floats)
    layer.quantize(config=quantizers.Int4QuantizationConfig(block_size=4))
    assert layer.weights[1].shape == (6, 2) and layer.kernel.shape == (6, 4) and layer.g_idx.shape == (6,)
    groups = array(layer.g_idx).astype(int)
    rebuilt = (array(layer.kernel).astype("float32") - array(layer.kernel_zero)[groups]) * array(
        layer.kernel_scale
    )[groups]
    np.testing.assert_allclose(rebuilt, floats, atol=0.1)


@pytest.mark.parametrize("mode", ["int8", "float8"])
def test_tapes_see_the_gradient_of_the_inputs(mode):
    layer = dense()
    expected = array(layer.kernel).sum(axis=1)
    layer.quantize(mode)
    x = ops.convert_to_tensor(X)
    with GradientTape() as tape:
        tape.watch(x)
        y = ops.sum(layer(x))
    np.testing.assert_allclose(array(tape.gradient(y, x))[0], expected, atol=0.3)


def test_float8_remembers_what_it_met_in_training_alone():
    layer = dense()
    layer.quantize("float8")
    model = Sequential([layer])
    state = [layer.inputs_scale, layer.inputs_amax_history]
    for training in (False, True):
        with GradientTape() as tape:
            y = ops.sum(model(X, training=training))
        scale, history = (array(g) for g in tape.gradient(y, state))
        assert scale == 1.0 and history[0] == (np.abs(X).max() if training else 0.0)


def test_float8_with_lora_saves_the_sum():
    layer = dense()
    layer.quantize("float8")
    layer.enable_lora(2)
    layer.lora_kernel_b.assign(np.ones((2, 4)))
    store = {}
    layer.save_own_variables(store)
    np.testing.assert_allclose(array(store["0"]), array(layer.kernel), rtol=1e-6)
    assert len(store) == 8 and not layer._raw("kernel").trainable


@pytest.mark.parametrize("mode", ["int8", "int4"])
@pytest.mark.parametrize(
    ("equation", "output_shape", "shape"),
    [
        ("...ab,bc->...ac", (5, 4), (2, 3, 5, 6)),
        ("abc,db->adc", (4, 5), (2, 6, 5)),  # the kernel ends with the axis that is summed over
        ("ab,b->ab", 6, (2, 6)),  # no axis is summed over
    ],
)
def test_equations(mode, equation, output_shape, shape):
    layer = layers.EinsumDense(equation, output_shape)
    x = rng.normal(size=shape).astype("float32")
    before = array(layer(x))
    layer.quantize(mode)
    np.testing.assert_allclose(array(layer(x)), before, atol=0.06 if mode == "int8" else 1.0)
    if equation == "ab,b->ab":
        return
    layer.enable_lora(2)
    layer._lora_pair()[1].assign(np.ones(layer._lora_pair()[1].shape))
    expected = ops.einsum(equation, x, layer.kernel)
    np.testing.assert_allclose(array(layer(x)), array(expected), atol=0.1)


def test_a_policy_quantizes():
    layer = dense()
    layer.dtype_policy = "int4/2_from_float32"
    assert layer._storage.block_size == 2 and layer.kernel_scale.shape == (3, 4)
    policies = dtype_policies.DTypePolicyMap("float32")
    policies["inner"] = "int8_from_mixed_bfloat16"
    inner, other = (
        layers.Dense(2, dtype=policies, name="inner"),
        layers.Dense(2, dtype=policies, name="other"),
    )
    for one in (inner, other):
        one.build((None, 3))
    assert (inner.quantization_mode, inner.compute_dtype) == ("int8", "bfloat16")
    assert (other.quantization_mode, other.compute_dtype) == (None, "float32")
    other.quantize("int8")
    assert policies["other"].name == "int8_from_float32"
    with pytest.raises(ValueError, match="needs data"):
        dense().dtype_policy = "gptq/4/-1_from_float32"


def test_a_layer_of_ones_own_may_compute_in_another_way_when_quantized():
    class Doubling(layers.Layer):
        def call(self, x):
            return x * 2

        def quantized_call(self, x):
            return x * 3

    assert array(Doubling()(X))[0, 0] == X[0, 0] * 2
    assert array(Doubling(dtype="int8_from_float32")(X))[0, 0] == X[0, 0] * 3
    with pytest.raises(NotImplementedError, match="cannot be quantized"):
        Doubling().quantized_build((2,), "int8")
    with pytest.raises(ValueError, match="another shape"):
        dense().quantized_build((2, 3), "int8")


def test_quantizers_of_weights():
    layer = dense()
    layer.quantize(config=quantizers.Int8QuantizationConfig(quantizers.AbsMaxQuantizer(value_range=(-3, 3))))
    assert array(layer.kernel).max() == 3
    with pytest.raises(ValueError, match=r"(?s)another shape.*axis=\(0,\)"):
        dense().quantize(config=quantizers.Int8QuantizationConfig(quantizers.AbsMaxQuantizer(axis=1)))


def test_what_cannot_be_quantized():
    with pytest.raises(ValueError, match=r"Invalid quantization mode(?s:.*)Did you mean 'int8'"):
        dense().quantize("int7")
    with pytest.raises(ValueError, match="a mode among"):
        dense().quantize()
    with pytest.raises(ValueError, match="Mode and config differ"):
        dense().quantize("int4", config=quantizers.Int8QuantizationConfig())
    with pytest.raises(ValueError, match="GPTQConfig"):
        dense().quantize("gptq")
    with pytest.raises(ValueError, match="not built"):
        layers.Dense(2).quantize("int8")
    with pytest.raises(ValueError, match="does not work well"):
        dense(dtype="float16").quantize("int8")
    layer = dense()
    layer.quantize(config="int8")
    with pytest.raises(ValueError, match="quantized already"):
        layer.quantize("int4")
    embedding = layers.Embedding(3, 2)
    embedding.build()
    with pytest.raises(NotImplementedError, match=r"(?s)'float8'.*'int8', 'int4'"):
        embedding.quantize("float8")
    with pytest.raises(NotImplementedError, match="cannot be quantized"):
        layers.Flatten().quantize("int8")

    class Mine(layers.Dense):
        pass

    mine = Mine(4)
    mine.build((None, 6))
    with pytest.raises(NotImplementedError, match="type_check=False"):
        mine.quantize("int8")
    mine.quantize("int8", type_check=False)
    assert mine.kernel.dtype == "int8"


def test_gptq_waits_for_data():
    config = quantizers.GPTQConfig([[1]], str.split, group_size=-1, quantization_layer_structure={"a": [1]})
    layer = dense()
    before = array(layer(X))
    layer.quantize(config=config)
    np.testing.assert_array_equal(array(layer(X)), before)
    assert layer.quantization_config.dataset is layer.quantization_config.quantization_layer_structure is None
    with pytest.raises(ValueError, match="met no data"):
        layer.save_own_variables({})
    with pytest.raises(ValueError, match=r"(?s)LoRA.*int4"):
        layer.enable_lora(2)
    swapped = layers.EinsumDense("abc,db->adc", (4, 5))
    swapped.build((2, 6, 5))
    with pytest.raises(ValueError, match="first axes are not summed"):
        swapped.quantize(config=config)
    assert swapped.quantization_mode is None

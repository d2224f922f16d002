"""Quantizers have the names, arguments, configs and values of Keras."""

from __future__ import annotations

import json

import keras as real
import numpy as np
import pytest

import addax as keras
from addax import quantizers
from addax.engine import Compiled, GradientTape

rng = np.random.default_rng(0)
W = rng.normal(size=(7, 3)).astype("float32")


def same(ours, theirs, **tolerance):
    for a, b in zip(ours, theirs, strict=True):
        b = np.asarray(b)
        assert (a.dtype, tuple(a.shape)) == (b.dtype, b.shape)
        np.testing.assert_allclose(np.asarray(a), b, **tolerance)


@pytest.mark.parametrize("axis", [0, -1, (0, 1)])
@pytest.mark.parametrize("to_numpy", [False, True])
def test_abs_max(axis, to_numpy):
    options = {"value_range": (-8, 7), "to_numpy": to_numpy}
    theirs = real.quantizers.abs_max_quantize(real.ops.array(W), axis, **options)
    same(quantizers.abs_max_quantize(W, axis, **options), theirs, rtol=1e-6)
    same(quantizers.AbsMaxQuantizer(axis, (-8, 7))(W, to_numpy=to_numpy), theirs, rtol=1e-6)


@pytest.mark.parametrize("block", [4, 16])
def test_blocks(block):
    x = np.concatenate([W, np.zeros((7, 1), np.float32)], axis=1)  # a column without a range
    theirs = real.quantizers.abs_max_quantize_grouped_with_zero_point(real.ops.array(x), block)
    same(quantizers.abs_max_quantize_grouped_with_zero_point(x, block), theirs, rtol=1e-6)
    same(quantizers.abs_max_quantize_grouped_with_zero_point(x, block, to_numpy=True), theirs, rtol=1e-6)
    with pytest.raises(ValueError, match="rank 2"):
        quantizers.abs_max_quantize_grouped_with_zero_point(x[0], block)


@pytest.mark.parametrize(
    "low, high, options",
    [
        (-1.0, 1.3, {}),
        (-0.4, 0.6, {"num_bits": 4, "narrow_range": True}),
        (np.float32([-1, -0.5, 0]), np.float32([0.5, 1, 2]), {"axis": 1}),
    ],
)
def test_fake_quantization_and_its_gradients(low, high, options):
    import jax

    def loss(fake, x, low, high):
        return (fake(x, low, high, **options) * np.cos(np.arange(21.0)).reshape(7, 3)).sum()

    fake = real.quantizers.fake_quant_with_min_max_vars
    arguments = [jax.numpy.asarray(a, "float32") for a in (W, low, high)]
    theirs = jax.grad(lambda *a: loss(fake, *a), (0, 1, 2))(*arguments)
    same(
        [quantizers.fake_quant_with_min_max_vars(W, low, high, **options)],
        [fake(real.ops.array(W), arguments[1], arguments[2], **options)],
        atol=1e-6,
    )
    tensors = [keras.ops.array(np.asarray(a)) for a in arguments]

    def gradients():
        with GradientTape() as tape:
            tape.watch(tensors)
            out = keras.ops.sum(
                quantizers.fake_quant_with_min_max_vars(*tensors, **options)
                * np.cos(np.arange(21.0)).reshape(7, 3)
            )
        return tape.gradient(out, tensors)

    same(gradients(), theirs, atol=1e-5)
    same(Compiled(gradients)(), theirs, atol=1e-5)


def test_fake_quantization_is_a_node_of_a_saved_graph(tmp_path):
    x = keras.Input((3,))
    model = keras.Model(x, quantizers.fake_quant_with_min_max_vars(x, -1.0, 1.0, num_bits=3))
    model.save(tmp_path / "m.keras")
    np.testing.assert_allclose(keras.models.load_model(tmp_path / "m.keras")(W), model(W))


@pytest.mark.parametrize("dtype", ["int8", "uint8"])
@pytest.mark.parametrize("shape, axis", [((5, 3), 0), ((2, 3, 5), -1)])
def test_int4(dtype, shape, axis):
    x = rng.integers(*((-8, 8) if dtype == "int8" else (0, 16)), shape).astype(dtype)
    packed, packed_shape, length = quantizers.pack_int4(x, axis, dtype)
    theirs = real.quantizers.pack_int4(real.ops.array(x), axis, dtype)
    same([packed], theirs[:1])
    assert (packed_shape, length) == theirs[1:]
    same([quantizers.unpack_int4(packed, length, axis, dtype)], [x])
    same([Compiled(lambda p: quantizers.unpack_int4(p, length, axis, dtype))(packed)], [x])
    with pytest.raises(TypeError, match="another dtype"):
        quantizers.pack_int4(x.astype("float32"), axis, dtype)
    with pytest.raises(ValueError, match="int8 or uint8"):
        quantizers.pack_int4(x, axis, "int4")


def test_float8():
    for amax in (0.0, 3.0, np.inf):
        arguments = (np.float32(amax), np.float32(0.5), np.float32(448.0))
        same(
            [quantizers.compute_float8_scale(*arguments, margin=1)],
            [real.quantizers.compute_float8_scale(*map(real.ops.array, arguments), margin=1)],
        )
    history = np.arange(4, dtype="float32")
    same(
        [quantizers.compute_float8_amax_history(W, history)],
        [real.quantizers.compute_float8_amax_history(real.ops.array(W), real.ops.array(history))],
    )
    for dtype in ("float8_e4m3fn", "float8_e5m2"):
        same(
            [quantizers.quantize_and_dequantize(W * 900, np.float32(1.5), dtype, "float32")],
            [real.quantizers.quantize_and_dequantize(real.ops.array(W) * 900, 1.5, dtype, "float32")],
        )


CONFIGS = [
    ("Int8QuantizationConfig", (), {}),
    ("Int8QuantizationConfig", (), {"activation_quantizer": None}),
    ("Int4QuantizationConfig", (), {"block_size": 32}),
    ("Float8QuantizationConfig", (), {}),
    ("GPTQConfig", (None, None), {"weight_bits": 8, "group_size": -1, "symmetric": True}),
    ("AWQConfig", (None, None), {"num_grid_points": 5}),
    ("AbsMaxQuantizer", (), {"axis": 0, "value_range": (-8, 7)}),
]


@pytest.mark.parametrize("name, args, options", CONFIGS)
def test_configs(name, args, options):
    ours, theirs = (getattr(m.quantizers, name)(*args, **options) for m in (keras, real))
    config = real.quantizers.serialize(theirs)
    assert json.dumps(quantizers.serialize(ours)) == json.dumps(config)
    again = quantizers.deserialize(config)
    assert json.dumps(quantizers.serialize(again)) == json.dumps(config)
    for attribute in ("mode", "dtype_policy_string"):
        if hasattr(theirs, attribute):
            value, expected = getattr(again, attribute), getattr(theirs, attribute)
            assert (value() == expected()) if callable(value) else value == expected


@pytest.mark.parametrize(
    "name, args, options",
    [
        ("AbsMaxQuantizer", (), {"value_range": (-200, 100)}),
        ("Int4QuantizationConfig", (), {"block_size": 0}),
        ("Int4QuantizationConfig", (), {"activation_quantizer": "AbsMaxQuantizer"}),
        ("GPTQConfig", (None, None), {"weight_bits": 5}),
        ("GPTQConfig", (None, None), {"hessian_damping": 2.0}),
        ("AWQConfig", (None, None), {"weight_bits": 8}),
        ("AWQConfig", (None, None), {"num_samples": 0}),
        ("AWQConfig", (None, None), {"group_size": 0}),
    ],
)
def test_wrong_arguments_are_refused_by_both(name, args, options):
    for module in (keras, real):
        with pytest.raises(ValueError):
            getattr(module.quantizers, name)(*args, **options)


def test_names():
    assert quantizers.get(None) is None
    assert type(quantizers.get("abs_max_quantizer")) is quantizers.AbsMaxQuantizer
    assert quantizers.get(config := quantizers.Int8QuantizationConfig()) is config
    assert quantizers.get({"class_name": "AbsMaxQuantizer", "config": {"axis": 1}}).axis == (1,)
    with pytest.raises(ValueError):
        quantizers.get("no_such_quantizer")
    with pytest.raises(NotImplementedError):
        _ = quantizers.QuantizationConfig().mode

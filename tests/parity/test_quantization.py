"""Quantized layers and models have the weights, outputs, gradients and files of Keras."""

from __future__ import annotations

import warnings

import jax
import keras as oracle
import numpy as np
import pytest
from keras.src.quantizers.awq import awq_quantize_matrix

import addax
from addax.quantizers import _awq, _gptq
from addax.quantizers._groups import group_parameters, to_integers

rng = np.random.default_rng(0)
TOKENS = rng.integers(0, 11, (6, 5)).astype("int32")
X = rng.normal(size=(5, 6)).astype("float32")


def config(k, name):
    quantizers = k.quantizers
    return {
        "int8": lambda: quantizers.Int8QuantizationConfig(),
        "int4": lambda: quantizers.Int4QuantizationConfig(block_size=4),
        "int4 inputs": lambda: quantizers.Int4QuantizationConfig(
            block_size=-1, activation_quantizer=quantizers.AbsMaxQuantizer()
        ),
        "float8": lambda: quantizers.Float8QuantizationConfig(),
    }[name]()


def quantized(model, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras warns of each layer that it leaves alone
        model.quantize(*args, **kwargs)
    return model


def same(here, there, **tolerance):
    np.testing.assert_allclose(np.asarray(here), np.asarray(there), **tolerance)


def same_weights(model, other):
    assert [v.path for v in model.weights] == [v.path for v in other.weights]
    for a, b in zip(model.weights, other.weights, strict=True):
        assert str(np.asarray(a).dtype) == str(np.asarray(b).dtype) and a.trainable == b.trainable
        same(a, b, rtol=1e-6, atol=1e-7)


def network(k):
    layers = k.layers
    return k.Sequential(
        [
            k.Input((5,), dtype="int32"),
            layers.Embedding(11, 7),
            layers.EinsumDense("abc,cde->abde", output_shape=(5, 2, 3), bias_axes="de", activation="tanh"),
            layers.EinsumDense("abde,def->abf", output_shape=(5, 4)),
            layers.Flatten(),
            layers.Dense(3, activation="sigmoid"),
        ],
        name="net",
    )


@pytest.fixture(scope="module")
def floats():
    return network(addax).get_weights()


@pytest.mark.grid
@pytest.mark.parametrize("name", ["int8", "int4", "float8"])
def test_models_and_their_files(name, floats, tmp_path):
    models = []
    for k in (addax, oracle):
        k.utils.clear_session()
        models.append(network(k))
        models[-1].set_weights(floats)
        quantized(models[-1], config=config(k, name))
    mine, theirs = models
    same_weights(mine, theirs)
    outputs = mine.predict_on_batch(TOKENS)
    assert [x.quantization_mode for x in mine.layers] == [x.quantization_mode for x in theirs.layers]
    for k, model, other in ((addax, mine, oracle), (oracle, theirs, addax)):
        model.save(tmp_path / "net.keras")
        loaded = other.models.load_model(tmp_path / "net.keras")
        same(loaded.predict_on_batch(TOKENS), outputs, rtol=1e-5, atol=1e-6)
        assert loaded.layers[-1].dtype_policy.name == model.layers[-1].dtype_policy.name
        assert k is addax or loaded.layers[-1].quantization_config.mode == mine.layers[-1].quantization_mode


def test_attention_comes_back_quantized(tmp_path):
    x = addax.Input((4, 6))
    model = addax.Model(x, addax.layers.MultiHeadAttention(2, 3, name="mha")(x, x))
    inputs = rng.normal(size=(2, 4, 6)).astype("float32")
    before = np.asarray(model(inputs))
    model.quantize("int8", filters="query|output")
    outputs = model(inputs)
    same(outputs, before, atol=0.02)
    model.save(tmp_path / "mha.keras")
    for k in (addax, oracle):
        loaded = k.models.load_model(tmp_path / "mha.keras")
        modes = [d.quantization_mode for d in (loaded.layers[1].query_dense, loaded.layers[1].key_dense)]
        assert modes == ["int8", None]
        same(loaded.predict_on_batch(inputs), outputs, rtol=1e-6)


@pytest.mark.grid
@pytest.mark.parametrize(("name", "tied"), [("int4 inputs", True), ("int4", False)])
def test_an_embedding_and_its_way_back(name, tied):
    layers, vectors = [], rng.normal(size=(2, 7)).astype("float32")
    for k in (addax, oracle):
        layer = k.layers.ReversibleEmbedding(11, 7, tie_weights=tied, logit_soft_cap=2.0, name="back")
        layer.build()
        layers.append(layer)
    layers[1].set_weights(layers[0].get_weights())
    for k, layer in zip((addax, oracle), layers, strict=True):
        layer.quantize(config=config(k, name))
    same_weights(*layers)
    mine, theirs = layers
    same(mine(TOKENS), theirs(TOKENS), rtol=1e-6)
    same(mine(vectors, reverse=True), theirs(oracle.ops.array(vectors), reverse=True), rtol=1e-5, atol=1e-6)
    stores = [{}, {}]
    for layer, store in zip(layers, stores, strict=True):
        layer.save_own_variables(store)
    assert list(stores[0]) == list(stores[1])
    for key, value in stores[0].items():
        same(value, stores[1][key], rtol=1e-6)


def dense_pair(name, **options):
    layers = []
    for k in (addax, oracle):
        layer = k.layers.Dense(4, bias_initializer="ones", name="dense", **options)
        layer.build((None, 6))
        layers.append(layer)
    layers[1].set_weights(layers[0].get_weights())
    for k, layer in zip((addax, oracle), layers, strict=True):
        layer.quantize(config=config(k, name))
    return layers


def gradients(layer, x):
    """Outputs, gradients of the inputs and of the trainable weights."""

    def loss(x, trainable):
        y, _ = layer.stateless_call(trainable, others, x)
        y = getattr(y, "_value", y)
        return (y**2).sum(), y

    values, others = (
        [jax.numpy.asarray(np.asarray(v)) for v in group]
        for group in (layer.trainable_variables, layer.non_trainable_variables)
    )
    found, y = jax.grad(loss, argnums=(0, 1), has_aux=True)(jax.numpy.asarray(x), values)
    return y, found


@pytest.mark.parametrize("name", ["int8", "int4"])
def test_gradients_with_lora(name):
    layers = dense_pair(name)
    for layer in layers:
        layer.enable_lora(2, lora_alpha=3)
    for mine, theirs in zip(layers[0].weights, layers[1].weights, strict=True):
        value = rng.normal(size=mine.shape) if "lora" in mine.name else np.asarray(mine)
        mine.assign(value.astype(str(np.asarray(mine).dtype)))
        theirs.assign(np.asarray(mine))
    (y, mine), (other_y, theirs) = (gradients(layer, X) for layer in layers)
    same(y, other_y, rtol=1e-5, atol=1e-6)
    same(mine[0], theirs[0], rtol=1e-4, atol=1e-4)
    for a, b in zip(mine[1], theirs[1], strict=True):
        same(a, b, rtol=1e-4, atol=1e-4)
    stores = [{}, {}]
    for layer, store in zip(layers, stores, strict=True):
        layer.save_own_variables(store)
    assert len(stores[0]) == len(stores[1])
    for key, value in stores[0].items():
        same(value, stores[1][key], rtol=1e-5, atol=1e-6)


def test_float8_training():
    models = []
    for k in (addax, oracle):
        k.utils.clear_session()
        model = k.Sequential([k.Input((6,)), k.layers.Dense(1, name="a")])
        if models:
            model.set_weights(models[0])
        else:
            models.append(model.get_weights())
        quantized(model, "float8")
        model.compile(k.optimizers.SGD(0.01), "mse")
        model.fit(X, X[:, :1] * 3, batch_size=3, epochs=2, shuffle=False, verbose=0)
        models.append(model)
    _, mine, theirs = models
    for a, b in zip(mine.weights, theirs.weights, strict=True):
        same(a, b, rtol=1e-5, atol=1e-6)
    assert np.count_nonzero(mine.layers[0].outputs_grad_amax_history) == 4
    assert float(mine.layers[0].inputs_scale) != 1.0


@pytest.mark.parametrize(
    "policy",
    ["int8_from_mixed_bfloat16", "int4/4_from_float32", "gptq/8/-1_from_float32", "awq/4/4_from_float32"],
)
def test_layers_are_built_from_a_policy(policy):
    def layers(k):
        k.utils.clear_session()
        yield k.layers.Dense(5, dtype=policy), (None, 6)
        yield k.layers.EinsumDense("abc,cde->abde", (None, 2, 5), bias_axes="e", dtype=policy), (None, 3, 6)
        if policy.startswith("int"):
            yield k.layers.Embedding(5, 7, dtype=policy), (None, 3)

    for (mine, shape), (theirs, _) in zip(layers(addax), layers(oracle), strict=True):
        mine.build(shape)
        theirs.build(shape)
        described = [
            [(v.path, tuple(v.shape), str(np.asarray(v).dtype), v.trainable) for v in x.weights]
            for x in (mine, theirs)
        ]
        assert described[0] == described[1]
        assert mine.quantization_mode == theirs.quantization_mode


# Modes that look at data -----------------------------------------------------------------------------------
WEIGHTS = rng.normal(size=(16, 32)).astype("float32")
INPUTS = (rng.normal(size=(99, 32)) @ rng.normal(size=(32, 32)) * rng.uniform(0.1, 3, 32)).astype("float32")


def test_awq_of_a_matrix():
    sizes = np.abs(INPUTS).max(axis=0)
    mine = _awq.quantize(WEIGHTS, sizes, 12, 2)
    theirs = awq_quantize_matrix(WEIGHTS, sizes, num_grid_points=2, group_size=12)
    for a, b in zip(mine, theirs, strict=True):
        same(a, b, rtol=1e-6, atol=1e-6)
    assert np.ptp(mine.awq_scales) > 0


def error(integers, scale, zero, groups):
    """The mean squared change of the outputs."""
    groups = np.asarray(groups).astype(int)
    scale, zero = np.asarray(scale)[:, groups], np.asarray(zero).astype(float)[:, groups]
    return np.square(INPUTS @ ((np.asarray(integers) - zero) * scale - WEIGHTS).T).mean()


@pytest.mark.parametrize(
    ("group_size", "order", "symmetric", "bits"),
    [(-1, False, False, 4), (16, False, True, 3), (16, True, False, 2)],
)
def test_gptq_of_a_matrix_is_nearer_than_rounding(group_size, order, symmetric, bits):
    hessian = _gptq.Hessian(32)
    for rows in (INPUTS[:40], INPUTS[40:]):
        hessian.add(rows)
    same(hessian.matrix, 2 * INPUTS.T.astype("float64") @ INPUTS / 99, rtol=1e-5)
    found = _gptq.quantize(WEIGHTS, hessian.matrix, bits, group_size, symmetric, activation_order=order)
    groups = np.arange(32) // (32 if group_size == -1 else group_size)
    pieces = [group_parameters(WEIGHTS[:, groups == g], bits, symmetric) for g in range(groups.max() + 1)]
    scale, zero = (np.concatenate(parts, axis=1) for parts in zip(*pieces, strict=True))
    plain = to_integers(WEIGHTS, scale[:, groups], zero[:, groups], bits)
    assert error(*found) < 0.8 * error(plain, scale, zero, groups)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("GPTQ", {"group_size": 4, "activation_order": True}),
        ("AWQ", {"group_size": 6, "num_grid_points": 5}),
    ],
)
def test_blocks_of_a_model_are_calibrated_and_keras_reads_them(name, options, floats, tmp_path):
    addax.utils.clear_session()
    layers = network(addax).layers
    embedding, first, second, flatten, head = layers
    block = addax.Sequential([first, second], name="block")
    model = addax.Sequential([addax.Input((5,), dtype="int32"), embedding, block, flatten, head], name="net")
    model.set_weights(floats)
    before = np.asarray(model(TOKENS))
    settings = getattr(addax.quantizers, f"{name}Config")(
        list(TOKENS),
        str.split,
        num_samples=6,
        sequence_length=5,
        quantization_layer_structure={"pre_block_layers": [embedding], "sequential_blocks": [block]},
        **options,
    )
    model.quantize(config=settings)
    assert [x.quantization_mode for x in (embedding, first, second, head)] == [
        None,
        name.lower(),
        name.lower(),
        None,
    ]
    outputs = np.asarray(model(TOKENS))
    same(outputs, before, atol=0.1)
    assert (outputs != before).any()
    model.save(tmp_path / "net.keras")
    for k in (addax, oracle):
        loaded = k.models.load_model(tmp_path / "net.keras")
        same(loaded.predict_on_batch(TOKENS), outputs, rtol=1e-5, atol=1e-6)
        kept = loaded.get_layer("block").layers[0]
        assert kept.dtype_policy.name == f"{settings.dtype_policy_string()}_from_float32"
        assert kept.quantization_config.group_size == options["group_size"]


class Words:
    """A tokenizer of the form that Keras asks for."""

    def tokenize(self, text):
        return np.array([int(word) for word in text.split()], "int32")


def calibrated_in_keras(name, path, inside=True, **options):
    """Outputs of a model of the real Keras, quantized and saved there."""
    oracle.utils.clear_session()
    tokens = oracle.Input((6,), dtype="int32")
    embedding = oracle.layers.Embedding(20, 16)
    first, second = oracle.layers.Dense(16, activation="relu"), oracle.layers.Dense(8)
    block = oracle.Sequential([first, second] if inside else [first])
    outputs = block(embedding(tokens))
    model = oracle.Model(tokens, outputs if inside else second(outputs))
    structure = {"pre_block_layers": [embedding], "sequential_blocks": [block]}
    model.get_quantization_layer_structure = lambda mode=None: structure  # in the config, it cannot be saved
    data = np.random.default_rng(0).integers(0, 20, (8, 6)).astype("int32")
    texts = [" ".join(map(str, row)) for row in data]
    config = getattr(oracle.quantizers, f"{name}Config")(
        texts, Words(), num_samples=8, sequence_length=6, group_size=8, **options
    )
    model.quantize(name.lower(), config=config)
    model.save(path)
    return data, np.asarray(model(data))


@pytest.mark.filterwarnings("ignore")  # of Keras, about layers without a quantized form
def test_symmetric_gptq_files_of_keras_are_read_though_they_lack_the_zero_points(tmp_path):
    data, expected = calibrated_in_keras("GPTQ", tmp_path / "net.keras", symmetric=True)
    same(addax.models.load_model(tmp_path / "net.keras")(data), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.grid
@pytest.mark.parametrize(
    ("name", "options", "complaint"),
    [
        ("AWQ", {}, "lacks the zero points"),
        ("GPTQ", {}, "lacks the zero points"),
        ("GPTQ", {"symmetric": True, "inside": False}, "does not have the weights"),
    ],
)
def test_what_keras_loses_in_its_files_is_said(name, options, complaint, tmp_path):
    calibrated_in_keras(name, tmp_path / "net.keras", **options)
    with pytest.raises(ValueError, match=complaint):
        addax.models.load_model(tmp_path / "net.keras")

"""Dense, Embedding, EinsumDense, Lambda, Masking, Wrapper, activations as layers, LoRA."""

import numpy as np
import pytest

import addax as keras
from addax import layers, ops
from addax.engine import GradientTape

X = np.arange(6, dtype="float32").reshape(2, 3)


def array(tensor):
    return np.asarray(tensor)


# Dense
def test_dense_computes_the_affine_map():
    layer = layers.Dense(2)
    layer.build((None, 3))
    layer.set_weights([np.arange(6).reshape(3, 2), np.array([1.0, -1.0])])
    np.testing.assert_array_equal(array(layer(X)), X @ np.arange(6).reshape(3, 2) + [1, -1])


@pytest.mark.parametrize("units", [0, -1, 2.5, "3", True, None])
def test_dense_refuses_units_that_are_no_positive_integer(units):
    with pytest.raises(ValueError, match=r"Dense: `units` is wrong[\s\S]*positive integer[\s\S]*received"):
        layers.Dense(units)


def test_a_layer_called_with_another_width_says_what_it_was_built_for():
    layer = layers.Dense(2)
    layer(X)
    with pytest.raises(
        ValueError, match=r"expected: axis -1 of size 3[\s\S]*received: shape \(2, 4\)[\s\S]*hint"
    ):
        layer(np.ones((2, 4)))


def test_unknown_arguments_are_named():
    with pytest.raises(TypeError, match=r"Dense\(\) got unknown arguments: unitz[\s\S]*units"):
        layers.Dense(2, unitz=3)


# Embedding
def test_embedding_looks_up_rows():
    layer = layers.Embedding(3, 2, weights=[np.arange(6).reshape(3, 2)], input_length=2)
    np.testing.assert_array_equal(array(layer([[2, 0]])), [[[4, 5], [0, 1]]])
    assert "weights" not in layer.get_config()


def test_embedding_masks_index_zero():
    out = layers.Embedding(5, 2, mask_zero=True)(np.array([[1, 0]]))
    np.testing.assert_array_equal(array(out._keras_mask), [[True, False]])
    assert getattr(layers.Embedding(5, 2)(np.array([[1, 0]])), "_keras_mask", None) is None


def test_embedding_does_not_round_float_indices_in_half_precision():
    layer = layers.Embedding(3000, 1, dtype="mixed_float16", embeddings_initializer="zeros")
    layer.build()
    layer.embeddings.assign(np.arange(3000, dtype="float32")[:, None] % 7)
    assert float(layer(np.array([2999.0], "float32"))[0, 0]) == 2999 % 7


def test_embedding_of_text_hints_at_string_lookup():
    with pytest.raises(TypeError, match="StringLookup"):
        layers.Embedding(3, 2)(np.array([["a"]]))


@pytest.mark.parametrize(("sizes", "name"), [((0, 2), "input_dim"), ((2, -1), "output_dim")])
def test_embedding_refuses_sizes_that_are_not_positive(sizes, name):
    with pytest.raises(ValueError, match=f"Embedding: `{name}` is wrong"):
        layers.Embedding(*sizes)


def test_reversible_embedding_gives_scores_of_all_tokens():
    layer = layers.ReversibleEmbedding(5, 2)
    vectors = layer(np.array([[1, 4]]))
    scores = layer(vectors, reverse=True)
    table = array(layer.embeddings)
    np.testing.assert_allclose(array(scores)[0], table[[1, 4]] @ table.T, rtol=1e-5)


# EinsumDense
@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"equation": "ab,bc", "output_shape": 4}, "The equation is wrong"),
        ({"equation": "abc,cd->abd", "output_shape": 4}, "does not fit the input"),
        ({"equation": "ab,dc->ac", "output_shape": 4}, "Axis 'd' has no known size"),
        ({"equation": "ab,bc->ad", "output_shape": 4}, "Axis 'd' of the output is in no operand"),
        ({"equation": "ab,bc->ac", "output_shape": 4, "bias_axes": "z"}, "Axis 'z' of the bias"),
        ({"equation": "ab,ab->ab", "output_shape": 4}, "Axis 'b' has two sizes"),
    ],
)
def test_einsum_dense_names_what_is_wrong_in_the_equation(arguments, problem):
    with pytest.raises(ValueError, match=problem + r"[\s\S]*expected[\s\S]*equation="):
        layers.EinsumDense(**arguments)(X)


# Lambda
def test_lambda_passes_arguments_training_and_mask():
    layer = layers.Lambda(lambda x, factor, training: x * factor if training else x, arguments={"factor": 3})
    np.testing.assert_array_equal(array(layer(X)), X)
    np.testing.assert_array_equal(array(layer(X, training=True)), X * 3)
    masked = layers.Lambda(lambda x, mask: x + ops.cast(mask, x.dtype)[..., None])
    steps = np.array([[[1.0], [0.0]]], "float32")
    np.testing.assert_array_equal(array(masked(layers.Masking()(steps)))[0, :, 0], [2, 0])


def test_lambda_takes_lists_and_finds_shapes_and_dtypes_by_itself():
    a, b = keras.Input((3,)), keras.Input((3,))
    assert layers.Lambda(lambda pair: pair[0] @ ops.transpose(pair[1]))([a, b]).shape == (None, None)
    assert layers.Lambda(lambda x: ops.argmax(x, axis=-1))(a).dtype == "int32"


def test_lambda_output_shape_is_the_users():
    x = keras.Input((3,))
    assert layers.Lambda(lambda x: x, output_shape=(7,))(x).shape == (None, 7)
    assert layers.Lambda(lambda x: x, output_shape=lambda shape: (shape[0], 9))(x).shape == (None, 9)


def test_lambda_mask_is_a_mask_or_a_function():
    layer = layers.Lambda(lambda x: x * 2, mask=lambda inputs, mask: ops.logical_not(mask))
    out = layer(layers.Masking()(np.array([[[1.0], [0.0]]], "float32")))
    np.testing.assert_array_equal(array(out._keras_mask), [[False, True]])


def test_code_of_a_lambda_is_not_loaded_in_safe_mode():
    config = layers.serialize(layers.Lambda(lambda x: x * 2, name="double"))
    with pytest.raises(ValueError, match=r"lambda[\s\S]*safe_mode=False"):
        layers.deserialize(config)
    with keras.saving.custom_object_scope({}):
        from addax.core import serial

        again = serial.deserialize(config, safe_mode=False)
    np.testing.assert_array_equal(array(again(X)), X * 2)


def test_lambda_needs_a_function():
    with pytest.raises(TypeError, match="`function` is wrong"):
        layers.Lambda(3)


# Masking and masks
def test_masking_zeroes_and_marks_padding():
    out = layers.Masking(mask_value=2.0)(np.array([[[2.0, 2.0], [2.0, 1.0]]], "float32"))
    np.testing.assert_array_equal(array(out), [[[0, 0], [2, 1]]])
    np.testing.assert_array_equal(array(out._keras_mask), [[False, True]])


def test_masks_go_through_layers_that_keep_the_steps():
    out = layers.Masking()(np.array([[[1.0, 1.0], [0.0, 0.0]]], "float32"))
    for layer in (
        layers.Dense(3),
        layers.Dropout(0.1),
        layers.ReLU(),
        layers.LayerNormalization(),
        layers.Identity(),
    ):
        out = layer(out)
    np.testing.assert_array_equal(array(out._keras_mask), [[True, False]])


def test_losing_a_mask_warns():
    masked = layers.Masking()(np.array([[[1.0, 1.0], [0.0, 0.0]]], "float32"))
    with pytest.warns(UserWarning, match="does not support masking"):
        layers.Flatten()(masked)


# Activations as layers
def test_softmax_gives_masked_entries_nothing():
    out = layers.Softmax()(np.ones((2, 3), "float32"), mask=np.array([[True, True, False], [False] * 3]))
    np.testing.assert_allclose(array(out), [[0.5, 0.5, 0], [0] * 3], rtol=1e-6, atol=1e-6)


def test_softmax_takes_the_mask_of_steps():
    masked = layers.Masking()(np.array([[[1.0], [0.0], [1.0]]], "float32"))
    np.testing.assert_allclose(array(layers.Softmax(axis=1)(masked))[0, :, 0], [0.5, 0, 0.5])


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("ReLU", {"max_value": -1}),
        ("ReLU", {"negative_slope": None}),
        ("ReLU", {"threshold": -1}),
        ("LeakyReLU", {"negative_slope": -1}),
        ("LeakyReLU", {"negative_slope": None}),
        ("ThresholdedReLU", {"theta": -1}),
    ],
)
def test_activation_arguments_are_not_negative(name, arguments):
    with pytest.raises(ValueError, match=f"{name}: `{next(iter(arguments))}` is wrong"):
        getattr(layers, name)(**arguments)


def test_leaky_relu_takes_the_old_name_of_its_slope():
    with pytest.warns(UserWarning, match="negative_slope"):
        assert layers.LeakyReLU(alpha=0.2).negative_slope == 0.2


def test_prelu_needs_known_or_shared_sizes():
    with pytest.raises(ValueError, match="shared_axes"):
        layers.PReLU()(keras.Input((None, 3)))
    assert layers.PReLU(shared_axes=[1])(keras.Input((None, 3))).shape == (None, None, 3)


# Wrapper
def test_wrapper_holds_the_weights_of_its_layer():
    wrapper = layers.Wrapper(layers.Dense(2, name="inner"), name="outer")
    wrapper(X)
    assert [w.path for w in wrapper.weights] == ["outer/inner/kernel", "outer/inner/bias"]
    with pytest.raises(TypeError, match="`layer` is wrong"):
        layers.Wrapper(3)


# LoRA
def lora_layers():
    yield layers.Dense(4), X
    yield layers.EinsumDense("ab,bcd->acd", output_shape=(2, 4)), X
    yield layers.Embedding(6, 4), np.array([[1, 5]])
    yield layers.Conv1D(4, 2), np.ones((2, 5, 3), "float32")


@pytest.mark.parametrize(
    ("layer", "inputs"), list(lora_layers()), ids=["dense", "einsum", "embedding", "conv"]
)
def test_lora_trains_two_small_matrices_in_place_of_the_weight(layer, inputs):
    before = array(layer(inputs))
    frozen = layer._own_variables()[0]
    layer.enable_lora(2, lora_alpha=4.0)
    np.testing.assert_array_equal(array(layer(inputs)), before)  # b starts at zero
    a, b = layer._lora_pair()
    assert not frozen.trainable and any(v is b for v in layer.trainable_weights)
    b.assign(np.ones(b.shape))
    expected = array(frozen) + 2.0 * array(a) @ array(b)
    np.testing.assert_allclose(array(getattr(layer, layer._adapted)), expected, rtol=1e-5)
    with GradientTape() as tape:
        loss = ops.sum(layer(inputs) ** 2)
    assert all(g is not None for g in tape.gradient(loss, [a, b]))

    store = {}
    layer.save_own_variables(store)
    assert len(store) == len(layer.weights) - 2
    np.testing.assert_allclose(array(store["0"]), expected, rtol=1e-5)
    layer.load_own_variables(store)
    np.testing.assert_allclose(array(frozen), expected, rtol=1e-5)
    assert not array(b).any()


def test_lora_by_the_constructor_is_in_the_config():
    layer = layers.Dense(4, lora_rank=2)
    layer(X)
    assert layer.lora_enabled and layer.get_config()["lora_rank"] == 2 == layer.get_config()["lora_alpha"]
    assert "lora_rank" not in layers.Dense(4).get_config()


def test_lora_says_why_it_cannot_be_enabled():
    with pytest.raises(ValueError, match="before the layer is built"):
        layers.Dense(4).enable_lora(2)
    constrained = layers.Dense(4, kernel_constraint="non_neg")
    constrained(X)
    with pytest.raises(ValueError, match="constraint"):
        constrained.enable_lora(2)
    twice = layers.Dense(4, lora_rank=2)
    twice(X)
    with pytest.raises(ValueError, match="enabled already"):
        twice.enable_lora(2)

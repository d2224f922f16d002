"""`Layer`: building, tracking, freezing, dtypes, losses, configs, masks; `Input` and `InputSpec`."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import addax as keras
from addax import layers, ops

X = np.ones((2, 3), "float32")


class Scale(layers.Layer):
    def __init__(self, factor=2.0, input_dim=None, **kwargs):
        super().__init__(**kwargs)
        self.factor, self.width = factor, input_dim

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="w", regularizer="l2")

    def call(self, x, training=False):
        return x * self.w * (self.factor if training else 1.0)


class Block(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.many = [layers.Dense(3, name="first"), Scale(name="second")]
        self.named = {"norm": layers.BatchNormalization(name="norm"), "rest": (layers.Dropout(0.5),)}

    def call(self, x):
        for layer in self.many:
            x = layer(x)
        return self.named["rest"][0](self.named["norm"](x))


def paths(variables):
    return [v.path for v in variables]


# Building and tracking
def test_weights_are_made_by_the_first_call_under_the_names_of_the_layers_around():
    block = Block(name="block")
    assert block.weights == [] and not block.built
    block(X)
    assert paths(block.trainable_weights) == [
        "block/first/kernel",
        "block/first/bias",
        "block/second/w",
        "block/norm/gamma",
        "block/norm/beta",
    ]
    assert paths(block.non_trainable_weights) == ["block/norm/moving_mean", "block/norm/moving_variance"]
    assert len(block.variables) == 8  # and the seed of Dropout
    assert block.many[1].path == "block/second"


def test_a_layer_built_inside_another_build_knows_its_path():
    class Outer(layers.Layer):
        def __init__(self):
            super().__init__(name="outer")
            self.inner = layers.Dense(2, name="inner")

        def build(self, input_shape):
            self.inner.build(input_shape)

        def call(self, x):
            return self.inner(x)

    outer = Outer()
    outer(X)
    assert outer.inner.path == "outer/inner" and paths(outer.weights) == [
        "outer/inner/kernel",
        "outer/inner/bias",
    ]


def test_build_takes_the_shapes_of_several_inputs_by_name_or_as_a_nest():
    class Two(layers.Layer):
        def build(self, query_shape, value_shape):
            self.shapes = tuple(query_shape), tuple(value_shape)

        def call(self, query, value):
            return ops.sum(query) + ops.sum(value)

    two = Two()
    two(value=np.ones((2, 5)), query=X)
    assert two.shapes == ((2, 3), (2, 5))
    assert two.get_build_config() == {"shapes_dict": {"query_shape": (2, 3), "value_shape": (2, 5)}}

    class Nest(layers.Layer):
        def build(self, anything):
            self.shapes = {key: tuple(shape) for key, shape in anything.items()}

        def call(self, inputs):
            return inputs["a"] + inputs["b"]

    nest = Nest()
    nest({"a": keras.Input((3,)), "b": keras.Input((3,))})
    assert nest.shapes == {"a": (None, 3), "b": (None, 3)}


def test_a_second_build_makes_no_second_weights():
    layer = layers.Dense(2)
    layer.build((None, 3))
    layer.build((None, 3))
    assert len(layer.weights) == 2


def test_a_built_layer_is_built_again_from_its_build_config():
    layer = Scale()
    layer(X)
    again = Scale()
    again.build_from_config(layer.get_build_config())
    assert again.built and again.w.shape == (3,)
    plain = layers.Flatten()
    plain.build((None, 3))
    assert plain.get_build_config() == {"input_shape": (None, 3)}


def test_add_weight_in_the_order_of_tf_keras():
    class Old(layers.Layer):
        def build(self, input_shape):
            self.a = self.add_weight("a", shape=(2,))
            self.b = self.add_weight("b", (2,), "float32", "ones", trainable=None)
            self.c = self.add_variable(
                name="c", shape=(), initializer="zeros", trainable=False, dtype="int32"
            )

        def call(self, x):
            return x

    old = Old()
    old(X)
    assert [v.name for v in old.weights] == ["a", "b", "c"]
    assert np.asarray(old.b).tolist() == [1, 1] and old.b.trainable and old.c.dtype == "int32"


def test_setting_layers_before_the_base_constructor_says_what_to_do():
    class Wrong(layers.Layer):
        def __init__(self):
            self.inner = layers.Dense(2)

    with pytest.raises(RuntimeError, match=r"super\(\).__init__\(\)"):
        Wrong()


def test_a_layer_without_call_says_so():
    with pytest.raises(TypeError, match=r"no call\(\) method"):
        layers.Layer()(X)


# Freezing
def test_trainable_reaches_inside_and_back():
    block = Block()
    block(X)
    block.trainable = False
    assert block.trainable_weights == [] and len(block.non_trainable_weights) == 7 and block.losses == []
    block.trainable = True
    assert len(block.trainable_weights) == 5 and len(block.losses) == 1
    block.many[0].trainable = False
    assert len(block.trainable_weights) == 3


def test_freezing_before_the_build_holds_after_it():
    block = Block()
    block.trainable = False
    block(X)
    assert block.trainable_weights == []


# Calling
def test_training_is_inherited_and_an_explicit_value_wins():
    class Outer(layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = Scale()

        def call(self, x):
            return self.inner(x), self.inner(x, training=False)

    outer = Outer()
    assert [float(y[0, 0]) for y in outer(X)] == [1, 1]
    assert [float(y[0, 0]) for y in outer(X, training=True)] == [2, 1]


def test_numbers_lists_and_raw_arrays():
    layer = layers.Dense(2)
    assert layer([[1, 2, 3]]).shape == (1, 2)
    raw = layer(jnp.ones((1, 3)))
    assert isinstance(raw, jax.Array)
    gradient = jax.grad(lambda x: layer(x).sum())(jnp.ones((1, 3)))
    np.testing.assert_allclose(np.asarray(gradient)[0], np.asarray(layer.kernel).sum(1), rtol=1e-6, atol=1e-6)


def test_an_error_inside_names_the_layer_once_and_shows_its_arguments():
    class Faulty(layers.Layer):
        def call(self, x):
            raise KeyError("inside")

    class Outer(layers.Layer):
        def __init__(self):
            super().__init__(name="outer")
            self.faulty = Faulty(name="faulty")

        def call(self, x):
            return self.faulty(x)

    with pytest.raises(KeyError) as caught:
        Outer()(X)
    assert len(caught.value.__notes__) == 1
    assert (
        "'outer/faulty' (Faulty)" in caught.value.__notes__[0]
        and "(2, 3) float32" in caught.value.__notes__[0]
    )


def test_the_first_argument_is_required():
    with pytest.raises(ValueError, match=r"needs its first argument[\s\S]*call\(inputs\)"):
        layers.Dense(2)()
    with pytest.raises(ValueError, match="no tensor"):
        layers.Dense(2)(None)


# Dtypes
def test_mixed_precision_casts_inputs_and_reads_of_weights():
    seen = {}

    class Look(layers.Layer):
        def build(self, input_shape):
            self.w = self.add_weight(shape=(), initializer="ones")
            self.n = self.add_weight(shape=(), initializer="zeros", dtype="int32", trainable=False)

        def call(self, x):
            seen.update(x=x.dtype, w=(self.w + 0).dtype, n=(self.n + 0).dtype)
            return x * self.w

    layer = Look(dtype="mixed_bfloat16")
    assert layer(X).dtype == "bfloat16" and layer.w.dtype == layer.dtype == "float32"
    assert seen == {"x": "bfloat16", "w": "bfloat16", "n": "int32"}
    Look(dtype="mixed_bfloat16", autocast=False)(X)
    assert seen["x"] == seen["w"] == "float32"
    Look()(np.ones((2,), "int32"))
    assert seen["x"] == "int32"


def test_the_dtype_policy_can_be_set_by_name():
    layer = layers.Dense(2)
    layer.dtype_policy = "mixed_bfloat16"
    assert layer.compute_dtype == "bfloat16" and layer(X).dtype == "bfloat16"


# Losses
def test_losses_are_those_of_the_last_call():
    class Penalty(layers.Layer):
        def call(self, x):
            self.add_loss(ops.sum(x))
            return x

    class Twice(layers.Layer):
        def __init__(self):
            super().__init__()
            self.penalty = Penalty()

        def call(self, x):
            return self.penalty(self.penalty(x))

    twice = Twice()
    for _ in range(2):
        twice(X)
        assert [float(loss) for loss in twice.losses] == [6, 6]


def test_weight_penalties_follow_the_weights():
    layer = Scale()
    layer(X)
    assert float(layer.losses[0]) == pytest.approx(0.03)
    layer.w.assign([0, 0, 0])
    assert float(layer.losses[0]) == 0


# Weights as arrays
def test_set_weights_checks_number_and_shapes():
    layer = layers.Dense(2)
    layer(X)
    with pytest.raises(ValueError, match=r"expected: 2 arrays[\s\S]*received: 1 arrays"):
        layer.set_weights([np.ones((3, 2))])
    with pytest.raises(ValueError, match=r"dense.*kernel[\s\S]*\(3, 2\)[\s\S]*\(1, 1\)"):
        layer.set_weights([np.ones((1, 1)), np.ones(2)])


def test_count_params_needs_a_built_layer():
    with pytest.raises(ValueError, match="not built"):
        layers.Dense(2).count_params()


# Configs
def test_the_config_of_a_users_layer_is_what_its_constructor_got():
    layer = Scale(5.0, input_dim=3, name="scale", trainable=False)
    config = layer.get_config()
    assert config["factor"] == 5.0 and config["input_dim"] == 3
    again = Scale.from_config(config)
    assert (again.factor, again.width, again.name, again.trainable) == (5.0, 3, "scale", False)


def test_configs_hold_no_arguments_that_only_describe_the_input():
    assert "input_shape" not in layers.Dense(2, input_shape=(3,)).get_config()
    assert "weights" not in layers.Embedding(2, 2, weights=[np.ones((2, 2))]).get_config()


# Shapes
def test_shapes_are_found_by_running_the_layer():
    assert layers.Conv2D(4, 3).compute_output_shape((None, 8, 8, 3)) == (None, 6, 6, 4)
    spec = layers.Dense(4).compute_output_spec(keras.Input((3,)))
    assert spec.shape == (None, 4) and spec._node is None


def test_a_users_output_shape_wins_and_may_ask_the_base():
    class Doubled(layers.Layer):
        def call(self, x):
            return ops.concatenate([x, x], axis=-1)

        def compute_output_shape(self, input_shape):
            return super().compute_output_shape(input_shape)

    class Claimed(layers.Layer):
        def call(self, x):
            return x

        def compute_output_shape(self, input_shape):
            return (input_shape[0], 7)

    class Spec(layers.Layer):
        def call(self, x):
            return x

        def compute_output_spec(self, x):
            found = super().compute_output_spec(x)
            return keras.KerasTensor(found.shape, "int32")

    x = keras.Input((3,))
    assert Doubled()(x).shape == (None, 6) and Doubled().compute_output_shape((None, 3)) == (None, 6)
    assert Claimed()(x).shape == (None, 7)
    assert Spec()(x).dtype == "int32" and Spec().compute_output_shape((None, 3)) == (None, 3)


def test_input_and_output_are_those_of_the_first_call():
    layer, x = layers.Dense(2), keras.Input((3,))
    with pytest.raises(AttributeError, match="never called on a symbolic input"):
        _ = layer.output
    first = layer(x)
    layer(keras.Input((3,)))
    assert layer.input is x and layer.output is first
    assert layer.input_shape == (None, 3) and layer.output_shape == (None, 2)


# Input and InputSpec
def test_spellings_of_input():
    assert keras.Input((3,), batch_size=2).shape == (2, 3)
    assert keras.Input(batch_shape=(2, None)).shape == (2, None)
    assert keras.Input((), dtype="int32").shape == (None,)
    wrapped = keras.Input(tensor=keras.Input((3,)))
    assert wrapped.shape == (None, 3)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"shape": 3}, r"must be a tuple[\s\S]*shape=\(3,\)"),
        ({}, "needs a shape"),
        ({"shape": (3,), "batch_shape": (2, 3)}, "not both"),
    ],
)
def test_wrong_inputs_say_what_is_wrong(arguments, problem):
    with pytest.raises(ValueError, match=problem):
        keras.Input(**arguments)


@pytest.mark.parametrize(
    ("spec", "shape", "expected"),
    [
        ({"ndim": 3}, (2, 3), "3 dimensions"),
        ({"min_ndim": 3}, (2, 3), "at least 3 dimensions"),
        ({"max_ndim": 1}, (2, 3), "at most 1 dimensions"),
        ({"axes": {-1: 4}}, (2, 3), "axis -1 of size 4"),
        ({"shape": (None, 4)}, (2, 3), r"shape \(None, 4\)"),
        ({"dtype": "int32"}, (2, 3), "dtype .*int32"),
    ],
)
def test_input_specs_refuse_what_does_not_fit(spec, shape, expected):
    class Strict(layers.Layer):
        def __init__(self):
            super().__init__(name="strict")
            self.input_spec = layers.InputSpec(**spec)

        def call(self, x):
            return x

    with pytest.raises(
        ValueError, match=rf"strict[\s\S]*expected: {expected}[\s\S]*received: shape \(2, 3\)"
    ):
        Strict()(np.ones(shape, "float32"))


def test_input_specs_of_several_inputs():
    class Pair(layers.Layer):
        def __init__(self):
            super().__init__()
            self.input_spec = [layers.InputSpec(ndim=2), layers.InputSpec(ndim=1)]

        def call(self, pair):
            return pair[0]

    assert Pair()([X, np.ones(2)]).shape == (2, 3)
    with pytest.raises(ValueError, match=r"2 input tensors[\s\S]*1 input tensors"):
        Pair()([X])


def test_a_layer_with_its_own_masks_supports_masking():
    class Halves(layers.Layer):
        def call(self, x):
            return keras.ops.split(x, 2, axis=1)

        def compute_mask(self, inputs, mask=None):
            return keras.ops.split(mask, 2, axis=1)

    class Unmasked(Halves):
        supports_masking = False

    x = layers.Masking()(np.array([[[1.0], [0.0]]]))
    assert [half._keras_mask.numpy().tolist() for half in Halves()(x)] == [[[True]], [[False]]]
    assert not any(hasattr(half, "_keras_mask") for half in Unmasked()(x))

import copy
import re

import jax
import numpy as np
import pytest

import addax as keras
from addax import ops
from addax.engine import Compiled, GradientTape


def blocks_of(layer: keras.layers.Layer, x: np.ndarray) -> int:
    """How many rematerialized blocks a layer's program has."""
    program = str(jax.make_jaxpr(lambda x: ops.sum(layer(x)))(x))
    return len(re.findall(r"\b(?:remat2?|checkpoint)\[", program))


def test_a_function_keeps_its_value_gradient_and_writes() -> None:
    count = keras.Variable(0.0)
    w = keras.Variable([2.0, 3.0])

    @keras.remat
    def f(x, power, flag=True):
        assert flag is True
        count.assign_add(1.0)
        return {"y": ops.sin(x * w) ** power, "n": 3}

    def step(x):
        with GradientTape() as tape:
            out = f(x, 2, flag=True)
        assert out["n"] == 3
        return out["y"], tape.gradient(out["y"], w)

    x = np.array([0.1, 0.2], np.float32)
    y, grad = Compiled(step)(ops.array(x))
    np.testing.assert_allclose(y, np.sin(x * [2, 3]) ** 2, rtol=1e-6)
    np.testing.assert_allclose(grad, np.sin(2 * x * [2, 3]) * x, rtol=1e-5)
    assert float(count) == 1.0
    assert f(ops.array(x), 2)["y"].shape == (2,)
    assert float(count) == 2.0


@pytest.mark.parametrize(
    ("scope", "blocks"),
    [
        ({"mode": "full"}, 3),
        ({"mode": "activations"}, 3),
        ({"mode": "larger_than", "output_size_threshold": 30}, 1),
        ({"mode": "list_of_layers", "layer_names": ["a", "b"]}, 2),
        ({"mode": None}, 0),
    ],
)
def test_the_modes_choose_what_is_computed_again(scope: dict, blocks: int) -> None:
    def model() -> keras.Model:
        return keras.Sequential(
            [
                keras.Input((3,)),
                keras.layers.Dense(16, activation="tanh", name="a"),
                keras.layers.Dense(4, name="b"),
                keras.layers.Dense(2, name="c"),
            ]
        )

    with keras.RematScope(**scope):
        rematted = model()
    plain = model()
    plain.set_weights(rematted.get_weights())
    x = np.ones((2, 3), np.float32)
    assert blocks_of(plain, x) == 0
    assert blocks_of(rematted, x) == blocks
    np.testing.assert_allclose(
        jax.grad(lambda x: ops.sum(rematted(x)))(x), jax.grad(lambda x: ops.sum(plain(x)))(x), rtol=1e-5
    )


def test_training_is_the_same_with_state_losses_and_masks() -> None:
    def trained(mode: str | None) -> list:
        keras.utils.set_random_seed(3)
        keras.backend.clear_session()
        with keras.RematScope(mode):
            inner = keras.Sequential(
                [
                    keras.layers.Embedding(5, 4, mask_zero=True),
                    keras.layers.Dense(4, activity_regularizer="l2"),
                    keras.layers.BatchNormalization(),
                    keras.layers.Dropout(0.5, seed=2),
                ]
            )
            model = keras.Sequential([keras.Input((6,)), inner, keras.layers.GlobalAveragePooling1D()])
        model.compile("sgd", "mse")
        x = np.array([[1, 2, 3, 0, 0, 0], [4, 1, 0, 0, 0, 0]])
        loss = model.fit(x, np.ones((2, 4)), epochs=2, verbose=0).history["loss"]
        return [*loss, *model.get_weights()]

    for a, b in zip(trained("full"), trained(None), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_a_layer_is_copied_with_its_mode() -> None:
    with keras.RematScope("larger_than", output_size_threshold=7):
        copied = copy.deepcopy(keras.layers.Dense(1))
    scope = copied._remat_mode
    assert scope is not None
    assert (scope.mode, scope.output_size_threshold) == ("larger_than", 7)


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="list_of_layers"):
        keras.RematScope("some")

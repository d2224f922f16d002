import jax
import numpy as np
import pytest

import addax as keras


def test_values_are_overlaid_and_assignments_collected() -> None:
    v, other = keras.Variable([1.0, 2.0]), keras.Variable(3.0)
    with keras.StatelessScope([(v, np.ones(2))]) as scope:
        assert v.numpy().tolist() == [1.0, 1.0]
        v.assign_add([1.0, 1.0])
        scope.add_update((other, 7.0))
        assert float(other) == 7.0
    assert v.numpy().tolist() == [1.0, 2.0]
    assert float(other) == 3.0
    assert scope.get_current_value(v).tolist() == [2.0, 2.0]
    assert scope.get_current_value(keras.Variable(0.0)) is None
    assert set(scope.state_mapping) == {id(v), id(other)}


def test_a_layer_is_a_pure_function_of_what_the_scope_gives() -> None:
    layer = keras.layers.Dense(2, activity_regularizer=keras.regularizers.L2(0.5))
    layer.build((None, 3))
    x = np.ones((4, 3), np.float32)

    def loss(kernel: jax.Array) -> jax.Array:
        with keras.StatelessScope([(layer.kernel, kernel)], collect_losses=True) as scope:
            layer(x)
        (penalty,) = scope.losses
        return penalty.value if hasattr(penalty, "value") else penalty._value

    grad = jax.jit(jax.grad(loss))(np.ones((3, 2), np.float32))
    np.testing.assert_allclose(
        grad, np.full((3, 2), 3.0), rtol=1e-6
    )  # 0.5 * 2 * 3 for each of 4 samples, / 4


def test_random_state_is_collected_too() -> None:
    dropout = keras.layers.Dropout(0.5, seed=1)
    seed = dropout.seed_generator.state
    before = seed.numpy()
    with keras.StatelessScope() as scope:
        dropout(np.ones((2, 2)), training=True)
    assert (seed.numpy() == before).all()
    assert not (np.asarray(scope.get_current_value(seed)) == before).all()


def test_wrong_mappings_are_refused() -> None:
    with pytest.raises(ValueError, match="must be variables"):
        keras.StatelessScope([("v", 1.0)])
    with pytest.raises(ValueError, match=r"shape \(2,\)"):
        keras.StatelessScope([(keras.Variable([1.0, 2.0]), [1.0])])


def test_scopes_nest() -> None:
    v = keras.Variable(1.0)
    with keras.StatelessScope([(v, 2.0)]), keras.SymbolicScope():
        assert float(v) == 2.0
        v.assign(9.0)
    assert float(v) == 1.0

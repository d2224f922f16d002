import numpy as np
import pytest

import addax as keras
from addax import ops


def test_a_graph_is_called_on_other_tensors() -> None:
    a, b = keras.KerasTensor((None, 2, 3)), keras.KerasTensor((None, 2, 3))
    function = keras.Function([a, b], {"sum": a + b, "sigmoid": ops.sigmoid(a)}, name="f")
    x = np.ones((4, 2, 3), np.float32)
    out = function([x, 2 * x])
    np.testing.assert_allclose(out["sum"], 3 * x)
    np.testing.assert_allclose(out["sigmoid"], 1 / (1 + np.exp(-x)), rtol=1e-6, atol=1e-6)
    assert (function.name, len(function.inputs), len(function.outputs)) == ("f", 2, 2)


def test_a_part_of_a_model_shares_its_layers() -> None:
    x = keras.Input((3,))
    hidden = keras.layers.Dense(4)(x)
    last = keras.layers.Dense(2)
    model = keras.Model(x, last(hidden))
    tail = keras.Function(hidden, model.output)
    assert tail.operations[-1] is last
    data = np.ones((1, 4), np.float32)
    np.testing.assert_allclose(tail(data), last(data))


def test_shapes_are_inferred_for_other_shapes() -> None:
    x = keras.KerasTensor((None, None))
    function = keras.Function({"x": x}, [ops.sum(x, axis=1)])
    assert function.compute_output_spec({"x": keras.KerasTensor((5, 2))})[0].shape == (5,)
    assert function.compute_output_shape({"x": (None, 4)})[0] == (None,)
    again = function({"x": keras.Input((7,))})[0]
    assert again.op is function


def test_a_function_inside_a_model_is_saved_and_loaded(tmp_path) -> None:
    x = keras.Input((3,))
    inner = keras.Function(x, ops.exp(x) * 2, name="inner")
    y = keras.Input((3,))
    model = keras.Model(y, inner(keras.layers.Dense(3)(y)))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    data = np.ones((2, 3), np.float32)
    np.testing.assert_allclose(loaded(data), model(data), rtol=1e-6, atol=1e-6)


def test_what_does_not_fit_is_refused() -> None:
    x = keras.KerasTensor((None, 2))
    function = keras.Function(x, x + 1)
    with pytest.raises(ValueError, match="wrong number"):
        function([np.ones((1, 2)), np.ones((1, 2))])
    with pytest.raises(ValueError, match="another shape"):
        function(np.ones((1, 3)))
    with pytest.raises(ValueError, match="disconnected"):
        keras.Function(keras.Input((1,)), keras.Input((1,)) + 1)

import numpy as np
import pytest

import addax as keras
from addax import ops


@keras.saving.register_keras_serializable("test_operation")
class Shifted(keras.Operation):
    def __init__(self, by: float, times: int = 2, **kwargs) -> None:
        super().__init__(**kwargs)
        self.by, self.times = by, times

    def call(self, x, y=None):
        out = x * self.times + self.by
        return out if y is None else out + y


def test_eager_calls_run_call() -> None:
    assert Shifted(1.0)(ops.array([1.0, 2.0])).numpy().tolist() == [3.0, 5.0]


def test_symbolic_calls_make_nodes_with_inferred_shapes() -> None:
    a, b = keras.Input((3,)), keras.Input((1,))
    shifted = Shifted(1.0, name="here")
    out = shifted(a, y=b)
    assert (out.shape, out.dtype, out.op) == ((None, 3), "float32", shifted)
    assert shifted.output is out
    assert shifted.input == [a, b]
    assert shifted.compute_output_spec(a).op is None
    assert keras.layers.Dense(2).symbolic_call(a).shape == (None, 2)


def test_a_model_with_operations_is_saved_and_loaded(tmp_path) -> None:
    x = keras.Input((3,))
    y = Shifted(0.5, name="first")(keras.layers.Dense(2)(x), y=x[:, :1])
    model = keras.Model(x, Shifted(1.0, times=3)(y))
    assert [type(layer).__name__ for layer in model.layers] == ["InputLayer", "Dense"]
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    data = np.ones((2, 3), np.float32)
    np.testing.assert_allclose(loaded(data), model(data))
    np.testing.assert_allclose(keras.models.clone_model(model)(data).shape, (2, 2))
    assert "first" in [op.name for op in loaded.operations]


def test_a_compute_output_spec_of_ones_own_decides() -> None:
    class Fixed(keras.Operation):
        def call(self, x):
            raise AssertionError

        def compute_output_spec(self, x):
            return keras.KerasTensor((7,), "int32")

    assert Fixed()(keras.Input((2,))).dtype == "int32"


def test_layers_are_operations() -> None:
    assert isinstance(keras.layers.Dense(1), keras.Operation)
    x = keras.Input((1,))
    assert isinstance(keras.Model(x, x * 1), keras.Operation)


def test_names_and_configs() -> None:
    assert Shifted(1.0, name="s").get_config() == {"by": 1.0, "name": "s"}
    assert Shifted.from_config({"by": 2.0, "times": 1}).times == 1
    with pytest.raises(ValueError, match="without '/'"):
        Shifted(1.0, name="a/b")
    with pytest.raises(AttributeError, match="never called"):
        _ = Shifted(1.0).output

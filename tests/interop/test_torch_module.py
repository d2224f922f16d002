"""`TorchModuleWrapper`: values and gradients are PyTorch's, in `fit`, on tapes and in files."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import addax as keras

torch.set_num_threads(1)
torch.manual_seed(0)
X = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
Y = X @ np.ones((3, 1), "float32")


class Branches(torch.nn.Module):
    """Two inputs and two outputs, one of them integers; a frozen parameter; a buffer that is made anew."""

    def __init__(self):
        super().__init__()
        self.table = torch.nn.Embedding(5, 3)
        self.scale = torch.nn.Parameter(torch.full((3,), 2.0), requires_grad=False)
        self.register_buffer("calls", torch.zeros(()))
        self.drop = torch.nn.Dropout(0.5)

    def forward(self, x, index, factor=1.0):
        if self.training:
            self.calls = self.calls + 1
        rows = self.table(index) * x * self.scale * factor
        if bool((rows.abs() > 1e6).any()):  # looks at values
            raise AssertionError
        return {"rows": self.drop(rows), "best": rows.argmax(-1)}


def network():
    layers = torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Tanh(), torch.nn.Linear(4, 1)
    return torch.nn.Sequential(*layers)


@pytest.fixture(scope="module")
def trained():
    """A module, the model around it after two steps of `fit`, and its loss."""
    module = network()
    start = {key: value.clone() for key, value in module.state_dict().items()}
    model = keras.Sequential([keras.Input((3,)), keras.layers.TorchModuleWrapper(module, name="inner")])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.fit(X, Y, batch_size=8, epochs=1, shuffle=False, verbose=0)
    return start, model


def test_fit_trains_as_torch_does(trained):
    start, model = trained
    twin = network()
    twin.load_state_dict(start)
    optimizer = torch.optim.SGD(twin.parameters(), 0.1)
    for part in (slice(0, 8), slice(8, 16)):
        optimizer.zero_grad()
        loss = ((twin(torch.from_numpy(X[part])) - torch.from_numpy(Y[part])) ** 2).mean()
        loss.backward()
        optimizer.step()
    found = model.layers[0].module.state_dict()
    assert set(found) == set(twin.state_dict()) and int(found["1.num_batches_tracked"]) == 2
    for key, value in twin.state_dict().items():
        np.testing.assert_allclose(found[key], value, rtol=1e-5, atol=1e-6)
    expected = twin.eval()(torch.from_numpy(X)).detach()
    np.testing.assert_allclose(model.predict(X, verbose=0), expected, rtol=1e-5, atol=1e-6)


def test_weights_are_stored_by_name_and_modules_are_not(trained, tmp_path):
    _, model = trained
    model.save(tmp_path / "m.keras")
    with pytest.raises(ValueError, match="load_weights"):
        keras.models.load_model(tmp_path / "m.keras", safe_mode=False)
    other = keras.Sequential([keras.Input((3,)), keras.layers.TorchModuleWrapper(network(), name="inner")])
    other.load_weights(tmp_path / "m.keras")
    np.testing.assert_array_equal(other(X), model(X))
    store = {}
    model.layers[0].save_own_variables(store)
    assert list(store) == list(network().state_dict())
    del store["0.bias"]
    with pytest.raises(ValueError, match=r"0\.bias"):
        other.layers[0].load_own_variables(store)


def test_gradients_frozen_parameters_buffers_and_draws():
    layer = keras.layers.TorchModuleWrapper(Branches())
    assert [w.name for w in layer.trainable_weights] == ["table.weight"]
    assert [w.name for w in layer.non_trainable_weights] == ["scale", "calls"]
    index = np.arange(16) % 4
    x = keras.tf.constant(X)
    with keras.tf.GradientTape() as tape:
        tape.watch(x)
        out = layer(x, index, factor=3.0, training=True)
        total = keras.ops.sum(out["rows"] ** 2)
    of_x, of_table = tape.gradient(total, [x, layer.trainable_weights[0]])
    kept = out["rows"].numpy() != 0  # the way back has to drop the same
    rows = layer.trainable_weights[0].numpy()[index]
    np.testing.assert_allclose(of_x, kept * 2 * (12 * rows) ** 2 * X, rtol=1e-5, atol=1e-6)
    assert 0 < kept.sum() < kept.size and not of_table.numpy()[4].any() and of_table.numpy()[:4].any()
    assert out["best"].dtype == "int32" and float(layer.non_trainable_weights[1].numpy()) == 1
    assert float(layer.module.calls) == 1
    assert (layer(x, index)["rows"].numpy() != 0).all()  # evaluation


def test_mixed_precision_and_a_given_output_shape():
    layer = keras.layers.TorchModuleWrapper(
        torch.nn.Linear(3, 2), output_shape=(None, 2), dtype="mixed_bfloat16"
    )
    out = layer(keras.Input((3,)))
    assert tuple(out.shape) == tuple(layer.output_shape) == (None, 2) and out.dtype == "bfloat16"
    found = np.asarray(layer(X)).astype("float32")
    np.testing.assert_allclose(found, layer.module(torch.from_numpy(X)).detach(), rtol=0.05, atol=0.05)


@keras.saving.register_keras_serializable("tests")
class Described(torch.nn.Linear):
    def get_config(self):
        return {"in_features": self.in_features, "out_features": self.out_features}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def test_a_module_with_a_config_is_loaded_with_the_model(tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.TorchModuleWrapper(Described(3, 2))])
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    assert isinstance(loaded.layers[0].module, Described)
    np.testing.assert_array_equal(loaded(X), model(X))


def test_what_is_no_module_is_refused():
    for wrong, text in ((X, "torch.nn.Module"), (torch.nn.LazyLinear(2), "no shapes")):
        with pytest.raises(ValueError, match=text):
            keras.layers.TorchModuleWrapper(wrong)

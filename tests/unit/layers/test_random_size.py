"""`RandomHeight` and `RandomWidth`: another size where that is possible, another scale in compiled code."""

import numpy as np
import pytest

import addax as keras
from addax import layers
from addax.engine import Compiled

RECTANGLE = np.zeros((2, 40, 44, 1), "float32")
RECTANGLE[:, 12:20, 10:30] = 1.0


def extent(image: np.ndarray) -> list[int]:
    rows, columns = (np.flatnonzero((image[..., 0] > 0.5).any(axis=axis)) for axis in (1, 0))
    return [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]


@pytest.mark.parametrize(
    "name, shape, inside",
    [("RandomHeight", (2, 60, 44, 1), [10, 8, 30, 20]), ("RandomWidth", (2, 40, 66, 1), [4, 12, 34, 20])],
)
def test_size_and_boxes_change_together(name: str, shape: tuple, inside: list) -> None:
    layer = getattr(layers, name)((0.5, 0.5), seed=1, bounding_box_format="xyxy")
    data = {"images": RECTANGLE, "bounding_boxes": {"boxes": np.float32([[[10, 12, 30, 20]]] * 2)}}
    eager = layer(data, training=True)
    assert tuple(eager["images"].shape) == shape
    np.testing.assert_allclose(
        eager["bounding_boxes"]["boxes"][0, 0], extent(eager["images"].numpy()[0]), atol=1
    )
    traced = Compiled(lambda data: layer(data, training=True))(data)
    assert tuple(traced["images"].shape) == RECTANGLE.shape
    found = traced["bounding_boxes"]["boxes"][0, 0]
    np.testing.assert_allclose(found, extent(np.asarray(traced["images"])[0]), atol=1.6)
    np.testing.assert_allclose(found, inside, atol=1.6)
    assert layer(RECTANGLE, training=False).shape == RECTANGLE.shape


def test_a_model_with_both_trains_and_is_saved(tmp_path) -> None:
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.RandomHeight(0.2, seed=1),
            layers.RandomWidth((-0.3, 0.1), "nearest", seed=2),
            layers.GlobalAveragePooling2D(),
            layers.Dense(1),
        ]
    )
    model.compile("sgd", "mse")
    x = np.random.default_rng(0).uniform(size=(4, 8, 8, 3)).astype("float32")
    assert np.isfinite(model.fit(x, np.ones((4, 1)), verbose=0).history["loss"]).all()
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(loaded.predict(x, verbose=0), model.predict(x, verbose=0))
    assert loaded.layers[1].factor == [-0.3, 0.1]


@pytest.mark.parametrize("factor", [-1.5, (0.5, 0.1), (-1, 0)])
def test_factors_out_of_range_are_refused(factor) -> None:
    with pytest.raises(ValueError, match="factor"):
        layers.RandomHeight(factor)

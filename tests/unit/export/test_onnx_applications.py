"""Every architecture of `applications` as an ONNX file, run in onnxruntime."""

from __future__ import annotations

import numpy as np
import pytest
from tests.parity import _applications_golden as golden
from tests.parity import _applications_weights as weights
from tests.unit.export._onnx import check_file, session

import addax as keras

# So that the last maps have more than one place.
_SIZES = {"InceptionV3": 139, "InceptionResNetV2": 139, "Xception": 96}


def _row(name: str):
    return name if name == "MobileNetV2" else pytest.param(name, marks=pytest.mark.grid(one_in=13))


@pytest.mark.parametrize("name", [_row(name) for name in golden.members()])
def test_an_architecture_computes_what_it_did(name, tmp_path) -> None:
    keras.utils.clear_session()
    size = _SIZES.get(name, 64)
    model = getattr(keras.applications, name)(
        weights=None, input_shape=(size, size, 3), classes=7, classifier_activation=None
    )
    rng = np.random.default_rng(11)
    images = rng.uniform(0, 255, (2, size, size, 3)).astype("float32")
    weights.shake(model, rng)
    weights.normalize(model, images)
    wanted = model.predict(images, verbose=0)
    path = tmp_path / "model.onnx"
    model.export(path, format="onnx", verbose=False)
    del model  # the largest have a gigabyte of weights
    check_file(path)
    running = session(path)
    path.unlink()
    scale = np.abs(wanted).max()
    assert np.isfinite(scale)
    assert np.ptp(wanted, axis=0).max() > 1e-4 * scale  # the images make a difference
    name = running.get_inputs()[0].name
    for batch in (1, 2):
        (found,) = running.run(None, {name: images[:batch]})
        np.testing.assert_allclose(found, wanted[:batch], atol=1e-5 * scale, rtol=0)

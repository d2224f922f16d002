"""Which programs call other libraries, although they are compiled anew by each process then."""

from __future__ import annotations

import numpy as np
import pytest

import addax as keras
from addax import tf
from addax.engine import _work


def net(channels: int):
    layers = [keras.layers.DepthwiseConv2D(3, activation="relu") for _ in range(2)]
    return keras.Sequential([keras.Input((16, 16, channels)), *layers, keras.layers.GlobalAveragePooling2D()])


def images(batch: int, channels: int):
    return np.ones((batch, 16, 16, channels), "float32")


def decisions(monkeypatch, run) -> list[bool]:
    """What was decided for the programs that have convolutions."""
    found = []

    def noted(jaxpr):
        pays = _work.libraries_pay(jaxpr)
        if any("addax_conv" in e.primitive.name for e in _work.equations(jaxpr)):
            found.append(pays)
        return pays

    monkeypatch.setattr("addax.engine._compile.libraries_pay", noted)
    run()
    return found


@pytest.mark.parametrize(("channels", "batch", "pays"), [(8, 2, False), (32, 256, True)])
def test_a_step_that_learns_calls_them_for_enough_work(monkeypatch, channels, batch, pays) -> None:
    model = net(channels)
    model.compile("sgd", "mse")
    y = np.ones((batch, channels), "float32")
    assert decisions(
        monkeypatch, lambda: model.fit(images(batch, channels), y, batch_size=batch, verbose=0)
    ) == [pays]


def test_inference_calls_them_for_more_work(monkeypatch) -> None:
    few, many = images(64, 16), images(512, 32)
    assert decisions(monkeypatch, lambda: net(16).predict(few, batch_size=64, verbose=0)) == [False]
    assert decisions(monkeypatch, lambda: net(32).predict(many, batch_size=512, verbose=0)) == [True]


def test_dense_convolutions_pay_over_few_places_only() -> None:
    narrow, few = (
        _work.seconds_saved(1e9, 1e6, depthwise=False),
        _work.seconds_saved(1e9, 64, depthwise=False),
    )
    assert narrow == 0 < few


def test_a_decision_holds_for_what_is_compiled(monkeypatch) -> None:
    seen = []
    monkeypatch.setattr(
        "addax.kernels._conv.suits", lambda x, w, form: seen.append(_work.libraries_allowed()) or False
    )
    for decision in (True, False):
        monkeypatch.setattr("addax.engine._compile.libraries_pay", lambda jaxpr, d=decision: d)
        tf.function(lambda x: tf.nn.conv2d(x, x[:3, :3, :1] * 0 + 1, 1, "SAME"))(tf.ones((4, 4, 4, 1)))
        assert seen and set(seen) == {decision}
        seen.clear()
    assert _work.libraries_allowed()

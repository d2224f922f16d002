"""What XLA's CPU compiler is kept from."""

from __future__ import annotations

import re

import jax
import jax.numpy as jnp
import numpy as np

from addax import ops
from addax.kernels import _native


def test_a_result_is_computed_once() -> None:
    """However many loops read it; without `once` each of them multiplies for itself."""

    def both(keep):
        def run(x, w):
            y = keep(jnp.multiply, x, w)
            return jnp.maximum(y[:150], y[150:]), jnp.where(y > 0, x, 0.0)

        return jax.jit(run)

    arrays = np.random.default_rng(0).normal(size=(2, 300, 200)).astype("float32")
    kept, plain = both(_native.once), both(lambda fn, *given: fn(*given))
    texts = [run.lower(*arrays).compile().as_text() for run in (kept, plain)]
    counts = [text.count(" multiply(") for text in texts]
    assert counts[0] == 1 < counts[1]
    for a, b in zip(kept(*arrays), plain(*arrays), strict=True):
        np.testing.assert_array_equal(a, b)


def test_several_devices_share_no_such_call(monkeypatch) -> None:
    monkeypatch.setattr(_native.jax, "device_count", lambda: 2)
    assert "inlineable" not in jax.jit(lambda x: _native.once(jnp.sum, x)).lower(jnp.ones(3)).as_text()


def test_a_convolution_of_few_channels_is_computed_once(monkeypatch) -> None:
    monkeypatch.setattr(_native.jax, "device_count", lambda: 1)  # several compute it in each loop

    def loss(x, w):
        return jnp.sum(ops.max_pool(jax.nn.relu(ops.conv(x, w, data_format="channels_last")), 2) ** 2)

    shapes = [jax.ShapeDtypeStruct(s, "float32") for s in ((8, 12, 12, 1), (3, 3, 1, 16))]
    text = jax.jit(jax.grad(loss, (0, 1))).lower(*shapes).compile().as_text()
    assert len(re.findall(r" call\(.*to_apply=%_shifted_sum", text)) == 1

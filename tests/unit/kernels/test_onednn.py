"""Where convolutions are given to oneDNN, and what comes of the programs that call it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from addax import kernels, ops
from addax.kernels import _onednn

FEW = ((8, 2, 2, 256), (3, 3, 256, 256))  # 32 places

if not _onednn.available():
    pytest.skip("jaxlib has no oneDNN on this machine", allow_module_level=True)


def compiled(x, w, **options):
    run = jax.jit(lambda x, w: ops.conv(x, w, 1, "same", data_format="channels_last", **options))
    shapes = [jax.ShapeDtypeStruct(a, "float32") for a in (x, w)]
    return run, run.lower(*shapes).compile().as_text()


def test_convolutions_over_few_places_are_calls_of_it() -> None:
    assert compiled(*FEW)[1].count("__onednn$convolution") == 1


@pytest.mark.parametrize(
    ("x", "w", "options"),
    [
        ((1, 8, 8, 16), (3, 3, 16, 16), {}),
        ((4, 28, 28, 128), (3, 3, 128, 128), {}),
        ((32, 32, 32, 16), (3, 3, 16, 16), {}),
        ((32, 28, 28, 1), (3, 3, 1, 32), {}),
        ((32, 32, 32, 32), (1, 1, 32, 64), {}),
        ((32, 32, 32, 16), (3, 3, 4, 16), {}),
        ((32, 200, 16), (5, 1, 16), {}),
        ((32, 32, 32, 32), (3, 3, 1, 32), {"dilation_rate": 2}),
    ],
    ids=["small", "wide", "narrow", "one channel", "points", "groups", "depthwise line", "depthwise dilated"],
)
def test_others_are_not(x, w, options) -> None:
    assert "__onednn" not in compiled(x, w, **options)[1]


@pytest.mark.parametrize(
    ("x", "w", "count"),
    [
        (*FEW, 2),
        ((32, 32, 32, 32), (3, 3, 1, 32), 2),
    ],
    ids=["few places", "depthwise"],
)
def test_the_ways_back(x, w, count) -> None:
    """To the inputs as forwards, to the kernel not."""

    def step(x, w):
        return jnp.sum(jnp.tanh(ops.conv(x, w, 1, "same", data_format="channels_last")))

    shapes = [jax.ShapeDtypeStruct(a, "float32") for a in (x, w)]
    text = jax.jit(jax.grad(step, (0, 1))).lower(*shapes).compile().as_text()
    assert text.count("__onednn$convolution") == count


def test_negative_padding_is_cut_off() -> None:
    """XLA's call of Eigen reads what lies beside the images, which it does not in `lax` alone at each try."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(8, 13, 9, 64)).astype("float32")
    w = rng.normal(size=(2, 1, 64, 64)).astype("float32")
    inner = np.pad(x[:, 1:, 1:], ((0, 0), (0, 1), (0, 0), (0, 0))).astype("float64")
    expected = inner[:, :-1] @ w[0, 0].astype("float64") + inner[:, 1:] @ w[1, 0].astype("float64")
    run = jax.jit(lambda x, w: kernels.conv(x, w, (1, 1), ((-1, 1), (-1, 0)), (1, 1), 1, True))
    for _ in range(3):
        np.testing.assert_allclose(run(x, w), expected, atol=1e-4)


def test_an_exported_program_has_whole_convolutions() -> None:
    from jax import export

    run, _ = compiled(*FEW)
    shapes = [jax.ShapeDtypeStruct(a, "float32") for a in FEW]
    assert "__onednn$" not in export.export(run)(*shapes).mlir_module()


def test_a_vectorized_function_can_be_differentiated() -> None:
    rng = np.random.default_rng(0)
    x, w = (jnp.asarray(rng.normal(size=(3, *shape)), "float32") for shape in FEW)

    def total(x, w):
        each = jax.vmap(lambda x, w: ops.conv(x, w, 1, "same", data_format="channels_last"))
        return jnp.sum(each(x, w) ** 2)

    ours = jax.jit(jax.grad(total, (0, 1)))(x, w)
    with kernels.native_operations():
        theirs = jax.jit(jax.grad(lambda *a: total(*a), (0, 1)))(x, w)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5 * float(jnp.abs(b).max()))


PROGRAM = """
import json, os, sys, warnings
warnings.simplefilter("error")
import numpy as np
import addax as keras
from addax.kernels import _onednn
layers = [keras.layers.DepthwiseConv2D(3), keras.layers.Flatten(), keras.layers.Dense(1)]
model = keras.Sequential([keras.Input((32, 32, 64)), *layers])
model.compile("sgd", "mse")
model.fit(np.ones((32, 32, 32, 64), "float32"), np.ones((32, 1), "float32"), verbose=0)
print(json.dumps([_onednn.available(), bool(np.isfinite(model.get_weights()[0]).all())]))
"""


@pytest.mark.parametrize(
    ("variables", "is_used"),
    [
        ({}, True),
        ({"ADDAX_ONEDNN": "0"}, False),
        ({"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}, False),
    ],
    ids=["by default", "switched off", "two devices"],
)
def test_a_process_of_its_own(variables, is_used, tmp_path) -> None:
    """Programs that XLA cannot write to the disk are no matter for a warning."""
    environment = {**os.environ, "ADDAX_COMPILATION_CACHE": str(tmp_path), **variables}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == [is_used, True]


DRAWN = """
import random
import jax.numpy as jnp
from addax.kernels import _onednn, _primitive
from addax.kernels._conv_form import Form
_onednn.seconds_saved = lambda *_: 1.0
_primitive._TRANSLATED.set(True)
draw, count = random.Random(5), 0
while count < 60:
    rank, channels = draw.choice([1, 2, 2, 3]), draw.choice([2, 3, 7, 16, 33, 64])
    groups = draw.choice([1, 1, channels])
    filters = draw.choice([1, 3, 8, 17, 64]) if groups == 1 else channels
    window = [draw.randint(1, 5) for _ in range(rank)]
    form = Form(
        tuple(draw.choice([1, 1, 2, 3]) for _ in window),
        tuple((draw.randint(-1, 4), draw.randint(-1, 4)) for _ in window),
        tuple(draw.choice([1, 1, 2]) for _ in window),
        groups,
    )
    x = jnp.ones((draw.choice([1, 2, 8]), *(draw.randint(1, 14) for _ in window), channels))
    w = jnp.ones((*window, channels // groups, filters))
    if _onednn.suits(x, w, form):
        _onednn.onednn_conv(x, w, form)
        count += 1
"""


@pytest.mark.parametrize("instructions", ["ALL", "AVX2"])
def test_its_programs_are_those_that_were_tried(instructions) -> None:
    """What it computes as products waits for XLA's threads, and they for it: a call in a thousand never ends."""
    environment = {**os.environ, "ONEDNN_VERBOSE": "1", "ONEDNN_MAX_CPU_ISA": instructions}
    done = subprocess.run(
        [sys.executable, "-c", DRAWN], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    runs = [line.split(",") for line in done.stdout.splitlines() if ",exec,cpu,convolution," in line]
    assert len(runs) == 60
    products = [run[6] for run in runs if ":gemm" in run[6] or run[6].startswith(("gemm", "ip"))]
    assert products == []

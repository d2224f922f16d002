"""The workloads in plain JAX. A net is `(params, state)` and `apply(params, state, x, key, train) -> (out, state)`.

`key` is None where nothing is random; `state` holds what batch normalization remembers.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import lax

from benchmarks.workloads import gpt2, gru, lstm, resnet20, resnet50, transformer, wide_deep_ids

_RNG = np.random.default_rng(0)


def _glorot(*shape):
    area = int(np.prod(shape[:-2]))
    limit = np.sqrt(6 / (area * (shape[-2] + shape[-1])))
    return _RNG.uniform(-limit, limit, shape).astype("float32")


def _dense(inputs, outputs):
    return {"w": _glorot(inputs, outputs), "b": np.zeros(outputs, "float32")}


def _apply(layer, x):
    return x @ layer["w"] + layer["b"]


def _stateless(params, apply):
    return params, {}, lambda p, state, x, key, train: (apply(p, x), state)


def _linear():
    return _stateless(_dense(2, 1), _apply)


def _mlp():
    params = [_dense(784, 128), _dense(128, 10)]
    return _stateless(params, lambda p, x: _apply(p[1], jax.nn.relu(_apply(p[0], x))))


def _autoencoder():
    widths = (784, 128, 32, 128, 784)
    params = [_dense(i, o) for i, o in zip(widths[:-1], widths[1:], strict=True)]

    def apply(p, x):
        for layer in p[:-1]:
            x = jax.nn.relu(_apply(layer, x))
        return jax.nn.sigmoid(_apply(p[-1], x))

    return _stateless(params, apply)


def _wide_deep():
    numbers = wide_deep_ids.NUMBERS
    params = {
        "jobs": _glorot(wide_deep_ids.JOBS, 8),
        "places": _glorot(wide_deep_ids.PLACES, 16),
        "deep": [_dense(numbers + 24, 64), _dense(64, 32), _dense(32, 1)],
        "wide": _dense(numbers, 1),
    }

    def apply(p, x):
        deep = jnp.concatenate((x["numbers"], p["jobs"][x["job"][:, 0]], p["places"][x["place"][:, 0]]), 1)
        for layer in p["deep"][:-1]:
            deep = jax.nn.relu(_apply(layer, deep))
        return _apply(p["deep"][-1], deep) + _apply(p["wide"], x["numbers"])

    return _stateless(params, apply)


def _cells(inputs, units, gates, bias_rows):
    return {
        "w": _glorot(inputs, gates * units),
        "u": _glorot(units, gates * units),
        "b": np.zeros((bias_rows, gates * units), "float32"),
    }


def _run_lstm(p, x):
    units = p["u"].shape[0]
    products = jnp.swapaxes(x @ p["w"] + p["b"][0], 0, 1)

    def step(carry, product):
        h, c = carry
        i, f, g, o = jnp.split(product + h @ p["u"], 4, axis=1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

    zeros = jnp.zeros((x.shape[0], units), x.dtype)
    (h, _), _ = lax.scan(step, (zeros, zeros), products)
    return h


def _run_gru(p, x):
    units = p["u"].shape[0]
    products = jnp.swapaxes(x @ p["w"] + p["b"][0], 0, 1)

    def step(h, product):
        z, r, n = jnp.split(product, 3, axis=1)
        uz, ur, un = jnp.split(h @ p["u"] + p["b"][1], 3, axis=1)
        z = jax.nn.sigmoid(z + uz)
        h = z * h + (1 - z) * jnp.tanh(n + jax.nn.sigmoid(r + ur) * un)
        return h, h

    h, outputs = lax.scan(step, jnp.zeros((x.shape[0], units), x.dtype), products)
    return h, jnp.swapaxes(outputs, 0, 1)


def _lstm():
    params = {"cells": _cells(lstm.WIDTH, lstm.UNITS, 4, 1), "head": _dense(lstm.UNITS, 10)}
    return _stateless(params, lambda p, x: _apply(p["head"], _run_lstm(p["cells"], x)))


def _gru():
    first, second = _cells(gru.WIDTH, gru.UNITS, 3, 2), _cells(gru.UNITS, gru.UNITS, 3, 2)
    params = {"first": first, "second": second, "head": _dense(gru.UNITS, 10)}

    def apply(p, x):
        _, outputs = _run_gru(p["first"], x)
        return _apply(p["head"], _run_gru(p["second"], outputs)[0])

    return _stateless(params, apply)


def _norm(p, x):
    # Statistics in float32, also where the products are in bfloat16.
    wide = x.astype(jnp.float32)
    mean = wide.mean(-1, keepdims=True)
    variance = jnp.square(wide - mean).mean(-1, keepdims=True)
    return ((wide - mean) * lax.rsqrt(variance + 1e-6)).astype(x.dtype) * p["scale"] + p["shift"]


def _drop(x, rate, key, train):
    if not train or not rate:
        return x
    return jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x / (1 - rate), jnp.zeros_like(x))


def _attend(p, x, heads, causal, rate, key, train):
    rows, tokens, width = x.shape
    parts = _apply(p["inward"], x).reshape(rows, tokens, 3, heads, width // heads)
    query, keys, values = jnp.moveaxis(parts, 2, 0)
    if causal:
        seen = jax.nn.dot_product_attention(query, keys, values, is_causal=True)
    else:
        scores = jnp.einsum("bqhd,bkhd->bhqk", query, keys) / np.sqrt(width // heads).astype("float32")
        weights = _drop(jax.nn.softmax(scores), rate, key, train)
        seen = jnp.einsum("bhqk,bkhd->bqhd", weights, values)
    return _apply(p["outward"], seen.reshape(rows, tokens, width))


def _block_params(width, inner):
    norm = {"scale": np.ones(width, "float32"), "shift": np.zeros(width, "float32")}
    return {
        "inward": _dense(width, 3 * width),
        "outward": _dense(width, width),
        "up": _dense(width, inner),
        "down": _dense(inner, width),
        "first": dict(norm),
        "second": dict(norm),
    }


def _encoder_block(p, x, keys, train):
    rate = transformer.DROPOUT
    seen = _attend(p, x, transformer.HEADS, False, rate, keys[0], train)
    x = _norm(p["first"], x + _drop(seen, rate, keys[1], train))
    thought = _apply(p["down"], jax.nn.relu(_apply(p["up"], x)))
    return _norm(p["second"], x + _drop(thought, rate, keys[2], train))


def _gpt_block(p, x, keys, train):
    seen = _attend(p, _norm(p["first"], x), gpt2.HEADS, True, 0, None, train)
    x = x + _drop(seen, gpt2.DROPOUT, keys[0], train)
    thought = _apply(p["down"], jax.nn.gelu(_apply(p["up"], _norm(p["second"], x)), approximate=False))
    return x + _drop(thought, gpt2.DROPOUT, keys[1], train)


def _transformer(shape, inner, block, gpt):
    params = {
        "words": _RNG.uniform(-0.05, 0.05, (shape.WORDS, shape.WIDTH)).astype("float32"),
        "positions": _RNG.uniform(-0.05, 0.05, (shape.TOKENS, shape.WIDTH)).astype("float32"),
        "blocks": [_block_params(shape.WIDTH, inner) for _ in range(shape.BLOCKS)],
        "head": _dense(shape.WIDTH, shape.WORDS if gpt else 10),
    }
    if gpt:
        params["norm"] = {"scale": np.ones(shape.WIDTH, "float32"), "shift": np.zeros(shape.WIDTH, "float32")}

    def apply(p, state, x, key, train):
        keys = jax.random.split(key, (shape.BLOCKS, 3)) if train else [(None,) * 3] * shape.BLOCKS
        x = p["words"][x] + p["positions"]
        for number, part in enumerate(p["blocks"]):
            x = block(part, x, keys[number], train)
        return _apply(p["head"], _norm(p["norm"], x) if gpt else x.mean(1)), state

    return params, {}, apply


def _convolve(w, x, strides=1, padding="SAME", groups=1):
    numbers = ("NHWC", "HWIO", "NHWC")
    return lax.conv_general_dilated(
        x, w, (strides, strides), padding, dimension_numbers=numbers, feature_group_count=groups
    )


def _pool(x, size=2, strides=2, padding="VALID"):
    window, steps = (1, size, size, 1), (1, strides, strides, 1)
    return lax.reduce_window(x, np.array(-np.inf, x.dtype), lax.max, window, steps, padding)


def _convolution(size, inputs, outputs):
    return {"w": _glorot(size, size, inputs, outputs), "b": np.zeros(outputs, "float32")}


def _cnn():
    params = [_convolution(3, 1, 32), _convolution(3, 32, 64), _dense(1600, 10)]

    def apply(p, x):
        for layer in p[:2]:
            x = _pool(jax.nn.relu(_convolve(layer["w"], x, padding="VALID") + layer["b"]))
        return _apply(p[2], x.reshape(x.shape[0], -1))

    return _stateless(params, apply)


def _separable():
    widths = ((32, 64), (64, 128), (128, 128))
    params = {
        "first": _convolution(3, 3, 32),
        "depthwise": [_glorot(3, 3, 1, i) for i, _ in widths],
        "pointwise": [_convolution(1, i, o) for i, o in widths],
        "head": _dense(128, 10),
    }

    def apply(p, x):
        x = jax.nn.relu(_convolve(p["first"]["w"], x) + p["first"]["b"])
        for number, (deep, point) in enumerate(zip(p["depthwise"], p["pointwise"], strict=True)):
            x = _pool(x) if number else x
            x = _convolve(point["w"], _convolve(deep, x, groups=x.shape[-1])) + point["b"]
            x = jax.nn.relu(x)
        return _apply(p["head"], x.mean((1, 2)))

    return _stateless(params, apply)


class _Normalised:
    """Convolutions with batch normalization, numbered as they are made and used."""

    def __init__(self):
        self.params, self.state, self.strides = [], [], []

    def add(self, inputs, outputs, size, strides=1):
        scale, shift = np.ones(outputs, "float32"), np.zeros(outputs, "float32")
        self.params.append({"w": _glorot(size, size, inputs, outputs), "scale": scale, "shift": shift})
        self.state.append({"mean": np.zeros_like(scale), "variance": np.ones_like(scale)})
        self.strides.append(strides)
        return len(self.params) - 1

    def use(self, number, params, state, after, x, train):
        p, old = params[number], state[number]
        x = _convolve(p["w"], x, self.strides[number])
        wide = x.astype(jnp.float32)
        mean, variance = old["mean"], old["variance"]
        if train:
            mean = wide.mean((0, 1, 2))
            variance = jnp.square(wide).mean((0, 1, 2)) - jnp.square(mean)
            fresh = {"mean": mean, "variance": variance}
            after[number] = jax.tree.map(lambda a, b: 0.99 * a + 0.01 * lax.stop_gradient(b), old, fresh)
        factor = lax.rsqrt(variance + 1e-3) * p["scale"]
        return (wide * factor + (p["shift"] - mean * factor)).astype(x.dtype)


def _resnet(stages, depths, wide, classes, stem):
    convolutions = _Normalised()
    add, inputs, blocks = convolutions.add, stages[0], []
    first = add(3, inputs, *stem)
    for stage, (filters, depth) in enumerate(zip(stages, depths, strict=True)):
        for number in range(depth):
            strides = 2 if stage and not number else 1
            outputs = 4 * filters if wide else filters
            if wide:
                branch = [
                    add(inputs, filters, 1),
                    add(filters, filters, 3, strides),
                    add(filters, outputs, 1),
                ]
            else:
                branch = [add(inputs, filters, 3, strides), add(filters, filters, 3)]
            changed = inputs != outputs or strides != 1
            blocks.append((branch, add(inputs, outputs, 1, strides) if changed else None))
            inputs = outputs
    params = {"convolutions": convolutions.params, "head": _dense(inputs, classes)}

    def apply(p, state, x, key, train):
        after = list(state)
        use = functools.partial(_use, convolutions, p["convolutions"], state, after, train)
        x = jax.nn.relu(use(first, x))
        x = _pool(x, 3, 2, "SAME") if wide else x
        for branch, shortcut in blocks:
            y = x
            for number in branch[:-1]:
                y = jax.nn.relu(use(number, y))
            x = jax.nn.relu(use(branch[-1], y) + (x if shortcut is None else use(shortcut, x)))
        return _apply(p["head"], x.mean((1, 2))), after

    return params, convolutions.state, apply


def _use(convolutions, params, state, after, train, number, x):
    return convolutions.use(number, params, state, after, x, train)


NETS = {
    "linear": _linear,
    "mlp": _mlp,
    "cnn": _cnn,
    "autoencoder": _autoencoder,
    "wide_deep_ids": _wide_deep,
    "lstm": _lstm,
    "gru": _gru,
    "transformer": lambda: _transformer(transformer, transformer.INNER, _encoder_block, False),
    "resnet20": lambda: _resnet(resnet20.STAGES, (3, 3, 3), False, 10, (3, 1)),
    "separable": _separable,
    "resnet50": lambda: _resnet(resnet50.STAGES, resnet50.DEPTHS, True, resnet50.CLASSES, (7, 2)),
    "gpt2": lambda: _transformer(gpt2, 4 * gpt2.WIDTH, _gpt_block, True),
}


def loss_of(name):
    """The loss of the workload and the accuracy's count of hits: functions of (outputs, targets)."""
    if name in ("linear", "autoencoder"):
        return lambda out, y: jnp.square(out - y).mean(), None
    if name == "wide_deep_ids":
        hits = lambda out, y: ((out > 0) == (y > 0.5)).sum()  # noqa: E731
        return lambda out, y: optax.sigmoid_binary_cross_entropy(out, y).mean(), hits
    entropy = optax.softmax_cross_entropy_with_integer_labels
    hits = None if name == "gpt2" else lambda out, y: (out.argmax(1) == y).sum()
    return lambda out, y: entropy(out, y).mean(), hits


def optimizer_of(name):
    """The optimizer that the workload's Keras text names, with Keras's defaults."""
    if name == "linear":
        return optax.sgd(0.01)
    if name in ("resnet20", "resnet50"):
        return optax.sgd(0.01, momentum=0.9)
    return optax.adam(0.001, eps=1e-7)

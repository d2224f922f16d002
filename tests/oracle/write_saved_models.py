"""Writes SavedModels with Addax, with inputs and expected results beside them: `write_saved_models.py DIR`.

The other half, `check_saved_models.py DIR`, runs them in the real TensorFlow.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax import numpy as jnp

from addax.export import Endpoint, InputSpec, SavedVariable, read_saved_model, write_saved_model

BATCH_SIZES = (1, 5)
RANDOM = np.random.default_rng(0)


@dataclass(frozen=True)
class Case:
    """A model to write: one endpoint and its variables."""

    name: str
    endpoint: Endpoint
    variables: list[SavedVariable]


def weights(**shapes: tuple[int, ...]) -> list[SavedVariable]:
    return [
        SavedVariable(name, RANDOM.normal(size=shape).astype("float32") / 3) for name, shape in shapes.items()
    ]


def mlp(values: list[jax.Array], x: jax.Array) -> jax.Array:
    hidden = jax.nn.relu(x @ values[0] + values[1])
    return jax.nn.softmax(hidden @ values[2] + values[3])


def conv(values: list[jax.Array], image: jax.Array) -> jax.Array:
    dims = ("NHWC", "HWIO", "NHWC")
    y = jax.lax.conv_general_dilated(image, values[0], (1, 1), "SAME", dimension_numbers=dims)
    mean, variance = values[2], values[3]
    y = jax.nn.relu((y + values[1] - mean) * jax.lax.rsqrt(variance + 1e-3))
    y = jax.lax.reduce_window(y, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    return y.reshape(y.shape[0], -1) @ values[4]


def two_inputs(values: list[jax.Array], wide: jax.Array, deep: jax.Array) -> dict[str, jax.Array]:
    hidden = jnp.tanh(deep @ values[0])
    return {
        "score": jnp.concatenate([wide, hidden], axis=-1) @ values[1],
        "class": jnp.argmax(hidden, axis=-1),
    }


def sequence(
    values: list[jax.Array], tokens: jax.Array, mask: jax.Array
) -> tuple[jax.Array, list[jax.Array]]:
    embedded = values[0][tokens] * mask[..., None]

    def step(state: jax.Array, item: jax.Array) -> tuple[jax.Array, jax.Array]:
        state = jnp.tanh(item @ values[1] + state @ values[2])
        return state, state

    start = jnp.zeros((tokens.shape[0], values[2].shape[0]))
    last, states = jax.lax.scan(step, start, embedded.swapaxes(0, 1))
    return last, [states.swapaxes(0, 1)]


def cases() -> list[Case]:
    conv_variables = weights(kernel=(3, 3, 1, 4), bias=(4,), mean=(4,), scale=(4,), dense=(64, 3))
    # Moving statistics are not trained, and a variance is positive.
    conv_variables[2] = SavedVariable("mean", conv_variables[2].value, trainable=False)
    conv_variables[3] = SavedVariable("variance", np.abs(conv_variables[3].value) + 0.5, trainable=False)
    unused = SavedVariable("counter", np.int32(3), trainable=False)
    return [
        Case(
            "mlp",
            Endpoint(mlp, [InputSpec("x", (None, 4))]),
            weights(kernel=(4, 8), bias=(8,), kernel_1=(8, 3), bias_1=(3,)),
        ),
        Case("conv", Endpoint(conv, [InputSpec("image", (None, 8, 8, 1))]), [*conv_variables, unused]),
        Case(
            "two_inputs",
            Endpoint(two_inputs, [InputSpec("wide", (None, 2)), InputSpec("deep", (None, 5))], "dict"),
            weights(kernel=(5, 6), out=(8, 1)),
        ),
        Case(
            "sequence",
            Endpoint(
                sequence,
                [InputSpec("tokens", (None, None), "int32"), InputSpec("mask", (None, None))],
                "list",
            ),
            weights(embeddings=(10, 3), kernel=(3, 4), recurrent=(4, 4)),
        ),
    ]


def example(spec: InputSpec, batch_size: int) -> np.ndarray:
    shape = [batch_size if axis == 0 else dim or 3 + batch_size for axis, dim in enumerate(spec.shape)]
    if spec.dtype == "int32":
        return RANDOM.integers(0, 10, shape).astype("int32")
    return RANDOM.normal(size=shape).astype("float32")


def named(results: Any) -> dict[str, np.ndarray]:
    if not isinstance(results, dict):
        results = {f"output_{number}": item for number, item in enumerate(jax.tree.leaves(results))}
    return {name: np.asarray(item) for name, item in results.items()}


def write_case(case: Case, folder: Path) -> None:
    write_saved_model(folder / "model", {"serving_default": case.endpoint}, case.variables)
    values = [jnp.asarray(variable.value) for variable in case.variables]
    again = read_saved_model(folder / "model").signatures["serving_default"]
    for batch_size in BATCH_SIZES:
        inputs = {spec.name: example(spec, batch_size) for spec in case.endpoint.inputs}
        expected = named(case.endpoint.function(values, *inputs.values()))
        for name, result in again(**inputs).items():
            np.testing.assert_allclose(result, expected[name], rtol=1e-5, atol=1e-6)
        np.savez(folder / f"inputs_{batch_size}.npz", **inputs)
        np.savez(folder / f"expected_{batch_size}.npz", **expected)
    about = {
        "packing": case.endpoint.packing,
        "inputs": [spec.name for spec in case.endpoint.inputs],
        "variables": len(case.variables),
        "trainable": [variable.name for variable in case.variables if variable.trainable],
        "batch_sizes": BATCH_SIZES,
    }
    (folder / "about.json").write_text(json.dumps(about))


def main(target: str) -> None:
    for case in cases():
        folder = Path(target) / case.name
        folder.mkdir(parents=True, exist_ok=True)
        write_case(case, folder)
        print(f"wrote {case.name}")


if __name__ == "__main__":
    main(sys.argv[1])

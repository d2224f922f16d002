from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from addax import measures
from addax.engine import Tensor


class _Policy:
    compute_dtype = "bfloat16"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, "float32"),
        ("float16", "float16"),
        ("mixed_float16", "float16"),
        (np.float32, "float32"),
        (_Policy(), "bfloat16"),
        ({"class_name": "DTypePolicy", "config": {"name": "mixed_bfloat16"}}, "bfloat16"),
    ],
)
def test_dtypes_and_policies_name_the_dtype_of_the_computation(given, expected):
    assert measures.compute_dtype(given) == expected


def test_a_measure_answers_in_the_callers_arrays():
    raw = measures.mean_squared_error(np.zeros((2, 1), "float32"), jnp.ones((2, 1)))
    assert isinstance(raw, jax.Array)
    assert isinstance(measures.mean_squared_error([[0.0]], [[1.0]]), Tensor)
    assert isinstance(measures.mean_squared_error(Tensor(jnp.zeros((2, 1))), jnp.ones((2, 1))), Tensor)


def test_a_measure_can_be_differentiated_and_compiled_by_jax():
    grad = jax.jit(jax.grad(lambda p: measures.mean_squared_error(np.zeros((1, 2), "float32"), p)[0]))
    np.testing.assert_allclose(grad(jnp.array([[1.0, 2.0]])), [[1.0, 2.0]])


def test_integer_predictions_are_compared_as_floats():
    assert measures.mean_absolute_error([[0.25]], [[1]]).numpy().tolist() == [0.75]


def test_class_ids_are_not_rounded_by_a_narrow_dtype():
    y_pred = jnp.zeros((1, 4097), "float16").at[0, 4096].set(9.0)
    assert float(measures.sparse_categorical_crossentropy([4096], y_pred, from_logits=True)[0]) < 1.0


def test_measures_are_known_by_their_public_name():
    assert measures.huber.__module__ == "addax.losses" and measures.huber.__name__ == "huber"

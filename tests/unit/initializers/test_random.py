"""Distributions, seeds and shapes of the initializers that draw."""

from __future__ import annotations

import math

import numpy as np
import pytest

from addax import initializers, random
from addax.engine import Tensor, Variable
from addax.initializers._random import compute_fans
from addax.random._seed import set_global_seed

SHAPE = (200, 300)
SCALED = {
    "GlorotNormal": 2 / 500,
    "GlorotUniform": 2 / 500,
    "HeNormal": 2 / 200,
    "HeUniform": 2 / 200,
    "LecunNormal": 1 / 200,
    "LecunUniform": 1 / 200,
}


@pytest.mark.parametrize("name", SCALED)
def test_scaled_initializers_have_their_variance_and_range(name):
    values = getattr(initializers, name)(seed=1)(SHAPE).numpy()
    variance = SCALED[name]
    assert values.dtype == np.float32 and values.shape == SHAPE
    assert abs(values.mean()) < 0.01 * math.sqrt(variance)
    np.testing.assert_allclose(values.var(), variance, rtol=0.02)
    limit = math.sqrt(3 * variance) if "Uniform" in name else 2 * math.sqrt(variance) / 0.8796
    assert 0.98 * limit < abs(values).max() <= limit * 1.0001


@pytest.mark.parametrize("mode, count", [("fan_in", 200), ("fan_out", 300), ("fan_avg", 250)])
@pytest.mark.parametrize("distribution", ["uniform", "normal", "truncated_normal", "untruncated_normal"])
def test_variance_scaling(mode, count, distribution):
    values = initializers.VarianceScaling(3.0, mode, distribution, seed=2)(SHAPE).numpy()
    np.testing.assert_allclose(values.var(), 3 / count, rtol=0.03)


def test_fans_count_windows_and_given_axes():
    assert compute_fans(()) == (1, 1)
    assert compute_fans((5,)) == (5, 5)
    assert compute_fans((3, 3, 8, 16)) == (72, 144)
    assert compute_fans((2, 3, 4), input_axes=(1,), output_axes=(0, 2)) == (3, 8)


def test_an_integer_seed_gives_the_same_values_at_each_call():
    make = initializers.RandomNormal(seed=4)
    np.testing.assert_array_equal(make((3,)).numpy(), make((3,)).numpy())
    assert (make((3,)).numpy() != initializers.RandomNormal(seed=5)((3,)).numpy()).all()


def test_without_a_seed_two_instances_differ_and_a_global_seed_repeats_them():
    set_global_seed(1)
    first = [initializers.GlorotUniform()((3,)).numpy().tolist() for _ in range(2)]
    assert first[0] != first[1]
    set_global_seed(1)
    assert [initializers.GlorotUniform()((3,)).numpy().tolist() for _ in range(2)] == first


def test_a_generator_as_seed_gives_new_values_at_each_call():
    make = initializers.RandomUniform(seed=random.SeedGenerator(1))
    first, second = make((3,)).numpy(), make((3,)).numpy()
    assert (first != second).all()
    again = initializers.RandomUniform.from_config(make.get_config())
    np.testing.assert_array_equal(again((3,)).numpy(), first)


def test_uniform_and_truncated_ranges():
    values = initializers.RandomUniform(2.0, 3.0, seed=1)((1000,)).numpy()
    assert values.min() >= 2.0 and values.max() < 3.0
    values = initializers.TruncatedNormal(10.0, 0.5, seed=1)((5000,)).numpy()
    assert abs(values - 10).max() <= 1.0 and abs(values.mean() - 10) < 0.03
    np.testing.assert_allclose(values.std(), 0.5 * 0.8796, rtol=0.05)


@pytest.mark.parametrize("shape", [(4, 4), (3, 5), (5, 3), (2, 3, 4)])
def test_orthogonal_rows_or_columns(shape):
    q = initializers.Orthogonal(gain=2.0, seed=1)(shape).numpy().reshape(-1, shape[-1])
    product = q @ q.T if q.shape[0] <= q.shape[1] else q.T @ q
    np.testing.assert_allclose(product, 4 * np.eye(len(product)), atol=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_values_have_the_dtype_and_stay_on_the_host(dtype):
    for make in (initializers.HeNormal(seed=1), initializers.Orthogonal(seed=1), initializers.Ones()):
        value = make((2, 3), dtype)
        assert isinstance(value, Tensor) and value.dtype == dtype and isinstance(value._value, np.ndarray)
        assert Variable(make, shape=(2, 3), dtype=dtype).dtype == dtype


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="seed"):
        initializers.RandomNormal(seed="one")
    with pytest.raises(ValueError, match="scale"):
        initializers.VarianceScaling(scale=0.0)
    with pytest.raises(ValueError, match="mode"):
        initializers.VarianceScaling(mode="fan")
    with pytest.raises(ValueError, match="distribution"):
        initializers.VarianceScaling(distribution="beta")
    with pytest.raises(ValueError, match="rank 2"):
        initializers.Orthogonal()((3,))

"""Draws are fixed by integers, move on with generators, and work compiled and on symbolic tensors."""

from __future__ import annotations

import numpy as np
import pytest

from addax import ops, random
from addax.engine import Compiled, SymbolicTensor, Tensor, Variable
from addax.random._seed import draw_seed, global_seed_generator, set_global_seed


def test_an_integer_always_gives_the_same_numbers():
    first, second = random.normal((4,), seed=5), random.normal((4,), seed=5)
    np.testing.assert_array_equal(first.numpy(), second.numpy())
    assert (random.normal((4,), seed=6).numpy() != first.numpy()).any()


def test_no_seed_gives_new_numbers_each_time_and_a_global_seed_repeats_them():
    set_global_seed(1)
    first = [random.uniform((3,)).numpy().tolist() for _ in range(2)]
    assert first[0] != first[1]
    set_global_seed(1)
    assert [random.uniform((3,)).numpy().tolist() for _ in range(2)] == first


def test_a_global_seed_reaches_compiled_functions():
    fn = Compiled(lambda: random.normal((3,)))
    set_global_seed(1)
    first = fn().numpy().tolist()
    assert fn().numpy().tolist() != first
    set_global_seed(1)
    assert fn().numpy().tolist() == first


def test_a_generator_advances_in_compiled_functions():
    seeds = random.SeedGenerator(3)
    fn = Compiled(lambda: random.normal((2,), seed=seeds))
    compiled = [fn().numpy().tolist() for _ in range(2)]
    assert seeds.state.numpy().tolist() == [3, 2]
    again = random.SeedGenerator(3)
    np.testing.assert_allclose(
        [random.normal((2,), seed=again).numpy() for _ in range(2)], compiled, rtol=1e-6
    )


def test_a_generator_is_a_module_with_one_variable():
    seeds = random.SeedGenerator(3, name="seeds")
    assert seeds._walk_variables() == [seeds.state]
    assert seeds.state.path == "seeds/seed_generator_state" and not seeds.state.trainable
    assert random.SeedGenerator.from_config(seeds.get_config()).state.numpy().tolist() == [3, 0]


@pytest.mark.parametrize("seed", ["text", 1.5, True])
def test_wrong_seeds_are_refused(seed):
    with pytest.raises(ValueError, match="must be an integer"):
        random.SeedGenerator(seed)
    with pytest.raises(ValueError, match="`seed` is wrong"):
        draw_seed(seed)


def test_keys_are_taken_as_seeds():
    key = draw_seed(9)
    assert key.numpy().tolist() == [9, 0]
    np.testing.assert_array_equal(random.normal((2,), seed=key).numpy(), random.normal((2,), seed=9).numpy())
    assert draw_seed(-1).numpy().tolist() == [2**32 - 1, 0]


def test_parameters_may_be_tensors():
    mean = ops.convert_to_tensor([0.0, 100.0])
    x = random.normal((1000, 2), mean, 1.0, seed=1).numpy()
    np.testing.assert_allclose(x.mean(0), [0.0, 100.0], atol=0.2)


def test_symbolic_tensors_give_symbolic_draws():
    x = SymbolicTensor((None, 3))
    assert random.dropout(x, 0.5).shape == (None, 3)
    assert random.normal((ops.shape(ops.ones((4, 2)))[0], 3)).shape == (4, 3)
    assert random.categorical(x, 2).shape == (None, 2)


def test_shapes_may_hold_tensors():
    assert random.uniform(Tensor(np.array([2, 3], np.int32))).shape == (2, 3)
    assert random.uniform([2, Tensor(np.array(3, np.int32))]).shape == (2, 3)


def test_dropout_scales_what_it_keeps_and_lets_gradients_through():
    from addax.engine import GradientTape

    x = Variable(np.ones((50, 4), "float32"))
    with GradientTape() as tape:
        y = random.dropout(x, 0.75, seed=2)
    gradient = tape.gradient(y, x).numpy()
    np.testing.assert_array_equal(gradient, y.numpy())
    assert set(np.unique(y.numpy())) == {0.0, 4.0}


def test_dtypes_are_checked():
    with pytest.raises(ValueError, match="draws floats"):
        random.uniform((2,), dtype="int32")
    with pytest.raises(ValueError, match="draws integers"):
        random.randint((2,), 0, 3, dtype="float32")
    with pytest.raises(ValueError, match="rank 2"):
        random.categorical([1.0, 2.0], 3)


def test_the_global_generator_is_made_once():
    assert global_seed_generator() is global_seed_generator()

"""`tf.random`: seeds, generators, numbers without state, shapes and ranges."""

import numpy as np
import pytest

import addax.tf as tf


def test_the_global_seed_fixes_what_follows_and_leaves_numpy_alone():
    np.random.seed(5)
    expected = np.random.rand()
    np.random.seed(5)
    tf.random.set_seed(1)
    assert np.random.rand() == expected
    first = [tf.random.normal((3,)).numpy(), tf.random.uniform((3,)).numpy()]
    tf.random.set_seed(1)
    again = [tf.random.normal((3,)).numpy(), tf.random.uniform((3,)).numpy()]
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(tf.random.normal((3,)), first[0])


def test_an_op_seed_gives_a_sequence_that_the_global_seed_starts_over():
    tf.random.set_seed(2)
    a, b = tf.random.uniform((2,), seed=7).numpy(), tf.random.uniform((2,), seed=7).numpy()
    assert not np.array_equal(a, b)
    tf.random.set_seed(2)
    np.testing.assert_array_equal(tf.random.uniform((2,), seed=7), a)
    tf.random.set_seed(3)
    assert not np.array_equal(tf.random.uniform((2,), seed=7), a)


def test_integers_and_errors():
    drawn = tf.random.uniform((1000,), 3, 6, dtype=tf.int32)
    assert drawn.dtype == tf.int32 and set(drawn.numpy().tolist()) == {3, 4, 5}
    with pytest.raises(ValueError, match="maxval"):
        tf.random.uniform((2,), dtype=tf.int32)


def test_distributions():
    tf.random.set_seed(0)
    assert abs(float(tf.reduce_mean(tf.random.normal([5000], 2.0, 0.5))) - 2) < 0.05
    assert float(tf.reduce_max(tf.abs(tf.random.truncated_normal([5000])))) <= 2
    assert abs(float(tf.reduce_mean(tf.random.poisson([5000], 4.0))) - 4) < 0.2
    assert tf.random.gamma([3], [1.0, 2.0]).shape == (3, 2)
    classes = tf.random.categorical(tf.math.log([[0.0, 1.0], [1.0, 0.0]]), 4)
    assert classes.numpy().tolist() == [[1] * 4, [0] * 4]
    assert sorted(tf.random.shuffle(tf.range(10)).numpy().tolist()) == list(range(10))
    assert sorted(tf.random.shuffle(["a", "b", "c"]).numpy().tolist()) == [b"a", b"b", b"c"]


def test_stateless_numbers_follow_from_the_seed():
    a, b = (tf.random.stateless_uniform((2,), seed=[1, 2]).numpy() for _ in range(2))
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(tf.random.stateless_uniform((2,), seed=[1, 3]), a)
    assert tf.random.stateless_normal((2, 3), [0, 1]).shape == (2, 3)
    assert tf.random.split([1, 2], 3).shape == (3, 2) and tf.random.fold_in([1, 2], 3).shape == (2,)
    with pytest.raises(ValueError, match="two integers"):
        tf.random.stateless_uniform((2,), seed=[1])


def test_generators():
    g, h = tf.random.Generator.from_seed(1), tf.random.Generator.from_seed(1)
    first = g.normal((2,)).numpy()
    np.testing.assert_array_equal(h.normal((2,)), first)
    assert not np.array_equal(g.normal((2,)), first)
    g.reset_from_seed(1)
    np.testing.assert_array_equal(g.normal((2,)), first)
    copy = tf.random.Generator.from_state(g.state)
    np.testing.assert_array_equal(copy.uniform((2,)), g.uniform((2,)))
    assert g.make_seeds(2).shape == (2, 2) and len(g.split(2)) == 2
    assert g.uniform((3,), 0, 5, dtype=tf.int32).dtype == tf.int32

    draw = tf.function(lambda: g.normal((2,)))
    assert not np.array_equal(draw(), draw())


def test_dropout_and_candidate_samplers():
    tf.random.set_seed(0)
    dropped = tf.nn.dropout(tf.ones((1000,)), 0.25)
    assert abs(float(tf.reduce_mean(dropped)) - 1) < 0.1 and set(np.unique(dropped)) == {
        0.0,
        np.float32(4 / 3),
    }
    with pytest.raises(ValueError, match="rate"):
        tf.nn.dropout(tf.ones(2), 1.5)
    sampled, true_counts, counts = tf.random.log_uniform_candidate_sampler([[1], [2]], 1, 5, True, 20)
    assert len(set(sampled.numpy().tolist())) == 5 and true_counts.shape == (2, 1) and counts.shape == (5,)
    weights, biases = tf.random.normal((20, 4)), tf.zeros(20)
    losses = tf.nn.sampled_softmax_loss(weights, biases, [[1], [2]], tf.ones((2, 4)), 5, 20)
    assert losses.shape == (2,) and np.all(np.isfinite(losses))
    assert tf.nn.nce_loss(weights, biases, [[1], [2]], tf.ones((2, 4)), 5, 20).shape == (2,)


def test_shuffles_keep_rows_whole():
    rows = np.arange(20).reshape(10, 2)
    shuffled = tf.random.shuffle(rows, seed=1).numpy()
    assert not np.array_equal(shuffled, rows)
    np.testing.assert_array_equal(shuffled[np.argsort(shuffled[:, 0])], rows)


def test_generators_of_a_split_do_not_repeat_each_other():
    g = tf.random.Generator.from_seed(1)
    drawn = [float(h.normal(())) for h in (*g.split(3), g) for _ in range(3)]
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize(("dtype", "low", "high"), [("uint8", 0, 255), ("int8", -128, 127)])
def test_integers_from_the_full_range_reach_both_ends(dtype, low, high):
    drawn = tf.random.Generator.from_seed(1).uniform_full_int((4000,), dtype)
    assert drawn.dtype == dtype and (drawn.numpy().min(), drawn.numpy().max()) == (low, high)


def test_gamma_with_rates_of_more_axes_than_the_shape_parameters():
    tf.random.set_seed(0)
    drawn = tf.random.gamma([500], [4.0, 8.0], beta=[[1.0], [100.0]])
    assert drawn.shape == (500, 2, 2)
    np.testing.assert_allclose(tf.reduce_mean(drawn, 0), [[4, 8], [0.04, 0.08]], rtol=0.15)


def test_candidate_samplers_that_repeat_classes_or_have_too_few():
    sampled, true_counts, counts = tf.random.log_uniform_candidate_sampler([[0], [1]], 1, 8, False, 4)
    expected = np.array([3.4454124, 2.0154371, 1.4299754, 1.1091751], np.float32)
    np.testing.assert_allclose(true_counts, expected[:2, None], rtol=1e-6)
    np.testing.assert_allclose(counts, expected[sampled], rtol=1e-6)
    with pytest.raises(tf.errors.InvalidArgumentError, match="too few classes"):
        tf.random.uniform_candidate_sampler([[0]], 1, 5, True, 4)


def test_states_make_generators():
    state = tf.random.create_rng_state(7, tf.random.Algorithm.PHILOX)
    a, b = (tf.random.Generator.from_state(state, alg=tf.random.Algorithm.AUTO_SELECT) for _ in range(2))
    assert a.normal((3,)).numpy().tolist() == b.normal((3,)).numpy().tolist()


def test_shuffled_indices_are_a_permutation_that_the_seed_gives():
    shuffle = tf.random.experimental.index_shuffle
    found = shuffle(tf.range(50), [1, 2], max_index=49).numpy()
    assert sorted(found) == list(range(50)) and found.tolist() != list(range(50))
    assert int(shuffle(7, [1, 2], max_index=49)) == found[7]
    assert shuffle(tf.range(50), [1, 3], max_index=49).numpy().tolist() != found.tolist()


def test_unigrams_are_drawn_as_often_as_they_occur():
    tf.random.set_seed(0)
    options = {"unigrams": [0.0, 1.0, 3.0], "num_reserved_ids": 1, "range_max": 4, "num_true": 1}
    drawn, _, expected = tf.random.fixed_unigram_candidate_sampler(
        [[3]], num_sampled=4000, unique=False, **options
    )
    counts = np.bincount(drawn.numpy(), minlength=4)
    assert counts[:2].tolist() == [0, 0] and abs(counts[3] / counts[2] - 3) < 0.5
    assert set(np.round(expected.numpy()).tolist()) == {1000.0, 3000.0}
    with pytest.raises(ValueError, match="too few classes"):
        tf.random.fixed_unigram_candidate_sampler([[3]], num_sampled=3, unique=True, **options)
    with pytest.raises(ValueError, match="count"):
        tf.random.fixed_unigram_candidate_sampler([[0]], 1, 1, False, 3, unigrams=[1.0])

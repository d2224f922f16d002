"""`tf.compat.v1`, as far as eager scripts use it."""

import logging

import numpy as np
import pytest

from addax import tf
from addax.core.errors import MissingName

v1 = tf.compat.v1


def test_the_idiom_for_memory_of_gpus():
    config = v1.ConfigProto(allow_soft_placement=True, device_count={"GPU": 1})
    config.gpu_options.allow_growth = True
    config.gpu_options.per_process_gpu_memory_fraction = 0.5
    session = v1.Session(config=config)
    v1.keras.backend.set_session(session)
    assert v1.keras.backend.get_session() is session is v1.get_default_session()
    assert session.config.gpu_options.allow_growth is True
    options = v1.GPUOptions(allow_growth=True)
    assert v1.ConfigProto(gpu_options=options).gpu_options is options
    v1.InteractiveSession(config=config).close()


def test_a_session_reads_values():
    variable = tf.Variable([1.0, 2.0])
    with v1.Session() as session:
        assert session.run(v1.global_variables_initializer()) is None
        found = session.run({"a": variable, "b": [tf.constant(3), None]})
        assert v1.get_default_session() is session
    np.testing.assert_array_equal(found["a"], [1.0, 2.0])
    assert found["b"] == [3, None]
    with pytest.raises(ValueError, match="no placeholders"):
        session.run(variable, feed_dict={"x": 1})
    with pytest.raises(TypeError, match="has no value"):
        session.run(tf.keras.Input((2,)))


@pytest.mark.parametrize("name", ["disable_eager_execution", "disable_v2_behavior"])
def test_what_cannot_be_switched_off_says_so(name):
    with pytest.warns(UserWarning, match=f"{name}.. has no effect"):
        getattr(v1, name)()
    assert tf.executing_eagerly() and v1.executing_eagerly_outside_functions()


@pytest.mark.parametrize("name", [n for n in dir(v1) if n.startswith("enable_")])
def test_what_is_on_already(name):
    assert getattr(v1, name)() is None


def test_logging():
    before = logging.getLogger("tensorflow").level
    v1.logging.set_verbosity(v1.logging.ERROR)
    assert v1.logging.get_verbosity() == logging.ERROR
    logging.getLogger("tensorflow").setLevel(before)


def test_names_that_stayed_are_those_of_tf():
    assert v1.keras is tf.keras and v1.concat is tf.concat and v1.Variable is tf.Variable
    assert v1.random.normal is tf.random.normal and v1.train.Checkpoint is tf.train.Checkpoint
    assert v1.data.Dataset is tf.data.Dataset and v1.nn.relu is tf.nn.relu


@pytest.mark.parametrize("name", sorted(v1._RENAMED))
def test_every_renamed_function_is_there(name):
    assert callable(getattr(v1, name))


def test_every_listed_name_is_there():
    for name in dir(v1):
        assert hasattr(v1, name)


def test_casts():
    assert v1.to_float([1, 2]).dtype == tf.float32 and v1.to_int32([1.5]).numpy().tolist() == [1]


def test_reductions_take_their_old_arguments():
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    assert v1.reduce_sum(x, reduction_indices=[0], keep_dims=True).numpy().tolist() == [[4.0, 6.0]]
    assert v1.reduce_mean(x, 1).numpy().tolist() == [1.5, 3.5]


def test_dropout_takes_what_is_kept():
    kept = v1.nn.dropout(tf.ones(1000), 0.9, seed=1)
    assert 0.8 < np.mean(kept.numpy() > 0) < 0.98
    np.testing.assert_allclose(kept.numpy().max(), 1 / 0.9, rtol=1e-6)
    with pytest.raises(ValueError, match="one of keep_prob and rate"):
        v1.nn.dropout(tf.ones(3))


def test_labels_get_a_gradient_from_v2_alone():
    labels, logits = tf.constant([[0.2, 0.8]]), tf.constant([[1.0, 2.0]])
    grads = []
    for loss in (v1.nn.softmax_cross_entropy_with_logits, v1.nn.softmax_cross_entropy_with_logits_v2):
        with tf.GradientTape() as tape:
            tape.watch(labels)
            value = loss(labels=labels, logits=logits)
        grads.append(tape.gradient(value, labels))
    assert grads[0] is None or not grads[0].numpy().any()
    assert grads[1].numpy().any()


def test_strings_split_into_a_sparse_tensor():
    found = v1.strings.split(["a b", "c"])
    assert isinstance(found, tf.SparseTensor) and found.dense_shape.numpy().tolist() == [2, 2]
    assert v1.strings.split(["a b"], result_type="RaggedTensor").to_list() == [[b"a", b"b"]]
    with pytest.raises(ValueError, match="result_type"):
        v1.strings.split(["a"], result_type="List")
    assert v1.strings.lower is tf.strings.lower


def test_iterators():
    dataset = tf.data.Dataset.from_tensor_slices([1, 2])
    iterator = v1.data.make_one_shot_iterator(dataset)
    assert [int(iterator.get_next()) for _ in range(2)] == [1, 2]
    with pytest.raises(tf.errors.OutOfRangeError):
        iterator.get_next()
    with v1.Session() as session:
        other = v1.data.make_initializable_iterator(dataset)
        session.run(other.initializer)
        assert session.run(other.get_next()) == 1
    assert v1.data.get_output_types(dataset) == tf.int32 and v1.data.get_output_shapes(dataset) == []


def test_files(tmp_path):
    path = str(tmp_path / "a.txt")
    with v1.gfile.GFile(path, "w") as file:
        file.write("text")
    assert v1.gfile.Exists(path) and v1.gfile.ListDirectory(str(tmp_path)) == ["a.txt"]
    v1.gfile.Remove(path)
    assert not v1.gfile.Exists(path)


@pytest.mark.parametrize(
    "make",
    [
        lambda: v1.train.AdamOptimizer(0.1),
        lambda: v1.train.GradientDescentOptimizer(0.1),
        lambda: v1.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
        lambda: v1.train.RMSPropOptimizer(0.1),
        lambda: v1.train.AdagradOptimizer(0.1),
        lambda: v1.train.AdadeltaOptimizer(1.0),
        lambda: v1.train.FtrlOptimizer(0.1),
    ],
)
def test_optimizers(make):
    variable = tf.Variable([1.0, -2.0])
    optimizer = make()
    for _ in range(3):
        optimizer.minimize(lambda: tf.reduce_sum(variable**2), [variable])
    assert float(tf.reduce_sum(variable**2)) < 5.0
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(optimizer=make(), loss="mse")
    model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)


def test_global_step():
    step = v1.train.get_or_create_global_step()
    assert step.dtype == tf.int64 and v1.train.get_global_step() is step


@pytest.mark.parametrize(
    "name, words",
    [
        ("placeholder", "argument of a function"),
        ("get_variable", "add_weight"),
        ("metrics", "with other arguments"),
        ("no_such_name", "Addax has no"),
    ],
)
def test_what_builds_graphs_says_what_to_write(name, words):
    with pytest.raises(MissingName, match=words):
        getattr(v1, name)


LABELS = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], np.float32)
LOGITS = np.array([[0.3, -1.2, 0.5], [2.0, 0.1, -0.4]], np.float32)


def test_losses_of_classes():
    log_p = LOGITS - np.log(np.exp(LOGITS).sum(1, keepdims=True))
    each = -(LABELS * log_p).sum(1)
    assert float(v1.losses.softmax_cross_entropy(LABELS, LOGITS)) == pytest.approx(each.mean(), rel=1e-5)
    sparse = v1.losses.sparse_softmax_cross_entropy(LABELS.argmax(1), LOGITS, weights=[2.0, 0.0])
    assert float(sparse) == pytest.approx(2 * each[0], rel=1e-5)
    p = 1 / (1 + np.exp(-LOGITS))
    binary = -(LABELS * np.log(p) + (1 - LABELS) * np.log(1 - p))
    assert float(v1.losses.sigmoid_cross_entropy(LABELS, LOGITS)) == pytest.approx(binary.mean(), rel=1e-5)
    assert float(v1.losses.log_loss(LABELS, p)) == pytest.approx(binary.mean(), rel=1e-4)
    hinge = np.maximum(0, 1 - (2 * LABELS - 1) * LOGITS)
    assert float(v1.losses.hinge_loss(LABELS, LOGITS)) == pytest.approx(hinge.mean(), rel=1e-5)
    smooth = LABELS * 0.9 + 0.1 / 3
    expected = -(smooth * log_p).sum(1).mean()
    found = v1.losses.softmax_cross_entropy(LABELS, LOGITS, label_smoothing=0.1)
    assert float(found) == pytest.approx(expected, rel=1e-5)


def test_losses_of_numbers():
    a, b = [1.0, 2.0, 5.0], [1.5, 0.0, 5.0]
    assert float(v1.losses.absolute_difference(a, b)) == pytest.approx(2.5 / 3)
    assert float(v1.losses.mean_squared_error(a, b)) == pytest.approx(4.25 / 3)
    assert float(v1.losses.huber_loss(a, b)) == pytest.approx((0.125 + 1.5) / 3)


@pytest.mark.parametrize(
    "reduction, expected",
    [
        ("NONE", [0.0, 4.0, 3.0]),
        ("SUM", 7.0),
        ("MEAN", 7.0 / 3.0),
        ("SUM_OVER_BATCH_SIZE", 7.0 / 3.0),
        ("SUM_BY_NONZERO_WEIGHTS", 3.5),
    ],
)
def test_reductions_of_losses(reduction, expected):
    found = v1.losses.compute_weighted_loss(
        [1.0, 2.0, 3.0], [0.0, 2.0, 1.0], reduction=getattr(v1.losses.Reduction, reduction)
    )
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-6)


def test_an_unknown_reduction():
    with pytest.raises(ValueError, match="Unknown reduction"):
        v1.losses.compute_weighted_loss([1.0], reduction="most")

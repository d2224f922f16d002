"""`tf.train`: checkpoints of objects, their manager, and what the files may hold."""

from __future__ import annotations

import gc
import os

import numpy as np
import pytest

import addax.tf as tf
from addax.engine import _deferred
from addax.formats import OBJECT_GRAPH_KEY, BundleReader, write_bundle


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.first = tf.keras.layers.Dense(4, activation="tanh")
        self.blocks = [tf.keras.layers.BatchNormalization(), tf.keras.layers.Dense(2)]

    def call(self, x):
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        return x


X = np.linspace(-1, 1, 12, dtype="float32").reshape(4, 3)
Y = np.ones((4, 2), "float32")


def step(net, optimizer):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((net(X, training=True) - Y) ** 2)
    variables = net.trainable_variables
    optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))


@pytest.fixture
def trained(tmp_path):
    net, optimizer = Net(), tf.keras.optimizers.Adam(0.1)
    step(net, optimizer)
    path = tf.train.Checkpoint(net=net, optimizer=optimizer).save(tmp_path / "c")
    step(net, optimizer)
    return path, net(X).numpy()


def test_training_goes_on_where_it_stopped_in_objects_that_exist(trained):
    path, after = trained
    net, optimizer = Net(), tf.keras.optimizers.Adam(0.1)
    step(net, optimizer)
    tf.train.Checkpoint(net=net, optimizer=optimizer).restore(path).assert_consumed()
    assert int(optimizer.iterations) == 1
    step(net, optimizer)
    np.testing.assert_allclose(net(X).numpy(), after, atol=1e-6)


def test_training_goes_on_in_objects_that_are_made_later(trained):
    path, after = trained
    net, optimizer = Net(), tf.keras.optimizers.Adam(0.1)
    status = tf.train.Checkpoint(net=net, optimizer=optimizer).restore(path)
    with pytest.raises(AssertionError, match="have no object"):
        status.assert_consumed()
    step(net, optimizer)
    np.testing.assert_allclose(net(X).numpy(), after, atol=1e-6)
    status.assert_consumed()


def test_late_values_come_into_functions_that_make_the_variables(trained):
    path, after = trained
    net, optimizer = Net(), tf.keras.optimizers.Adam(0.1)
    status = tf.train.Checkpoint(net=net, optimizer=optimizer).restore(path)
    tf.function(lambda: step(net, optimizer))()
    status.assert_consumed()
    assert int(optimizer.iterations) == 2
    np.testing.assert_allclose(net(X).numpy(), after, atol=1e-6)


def test_fit_starts_from_late_values(trained):
    path, _ = trained
    net = Net()
    tf.train.Checkpoint(net=net).restore(path)
    net.compile(tf.keras.optimizers.SGD(0.0), "mse")
    net.fit(X, Y, batch_size=4, epochs=2, verbose=0)
    reader = tf.train.load_checkpoint(path)
    kernel = reader.get_tensor("net/blocks/1/kernel/.ATTRIBUTES/VARIABLE_VALUE")
    np.testing.assert_array_equal(net.blocks[1].kernel.numpy(), kernel)


def test_nothing_waits_when_all_is_there_or_gone(trained):
    path, _ = trained
    gc.collect()
    before = len(_deferred.waiting)
    net, optimizer = Net(), tf.keras.optimizers.Adam(0.1)
    checkpoint = tf.train.Checkpoint(net=net, optimizer=optimizer)
    checkpoint.restore(path)
    assert len(_deferred.waiting) > before
    step(net, optimizer)
    checkpoint.restore(path).assert_consumed()
    assert len(_deferred.waiting) == before
    other = Net()
    tf.train.Checkpoint(net=other).restore(path)
    assert len(_deferred.waiting) > before
    del other
    gc.collect()
    assert len(_deferred.waiting) == before


def test_a_compiled_model_its_optimizer_and_metrics(tmp_path):
    def make():
        model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
        model.compile("adam", "mse")
        return model

    model, mean = make(), tf.keras.metrics.Mean()
    mean.update_state([1.0, 3.0])
    model.fit(X, Y, verbose=0)
    path = tf.train.Checkpoint(model=model, mean=mean).write(tmp_path / "m")
    keys = [key for key, _ in tf.train.list_variables(path)]
    assert "model/layer-0/kernel/.ATTRIBUTES/VARIABLE_VALUE" in keys
    assert "model/optimizer/_iterations/.ATTRIBUTES/VARIABLE_VALUE" in keys
    other, found = make(), tf.keras.metrics.Mean()
    tf.train.Checkpoint(model=other, mean=found).read(path).assert_existing_objects_matched()
    assert float(found.result()) == 2.0
    model.fit(X, Y, verbose=0, shuffle=False)
    other.fit(X, Y, verbose=0, shuffle=False)
    np.testing.assert_allclose(other.get_weights()[0], model.get_weights()[0], atol=1e-6)


def test_a_root_has_no_name_in_the_keys(tmp_path):
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
    path = tf.train.Checkpoint(model).write(tmp_path / "r")
    assert tf.train.list_variables(path)[1] == ("layer-0/bias/.ATTRIBUTES/VARIABLE_VALUE", [2])
    late = tf.keras.Sequential([tf.keras.layers.Dense(2)])
    tf.train.Checkpoint(late).read(path)
    late(X)
    np.testing.assert_array_equal(late.get_weights()[0], model.get_weights()[0])


def test_load_weights_takes_a_checkpoint_of_a_model(tmp_path):
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
    path = tf.train.Checkpoint(model).write(tmp_path / "cp-0001.ckpt")
    late = tf.keras.Sequential([tf.keras.layers.Dense(2)])
    late.load_weights(path).expect_partial()
    late(X)
    np.testing.assert_array_equal(late.get_weights()[0], model.get_weights()[0])
    longer = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2), tf.keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="no values for weights[\\s\\S]*layer-1/kernel"):
        longer.load_weights(path)
    other = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="does not fit"):
        other.load_weights(path)


def test_iterators_go_on_where_they_stood(tmp_path):
    def make():
        dataset = tf.data.Dataset.range(20).shuffle(7, seed=3).map(lambda x: x * 2).batch(3)
        return iter(dataset)

    iterator = make()
    next(iterator)
    path = tf.train.Checkpoint(iterator=iterator).write(tmp_path / "i")
    expected = [batch.numpy().tolist() for batch in iterator]
    other = make()
    tf.train.Checkpoint(iterator=other).read(path).assert_consumed()
    assert [batch.numpy().tolist() for batch in other] == expected
    stranger = iter(tf.data.Dataset.range(5))
    with pytest.raises(ValueError, match="another pipeline"):
        tf.train.Checkpoint(iterator=stranger).read(path)


def test_variables_of_all_kinds_keep_dtype_and_value(tmp_path):
    values = {
        "text": tf.Variable(["a", "bb"]),
        "half": tf.Variable(1.5, dtype=tf.bfloat16),
        "wide": tf.Variable(7, dtype=tf.int64),
        "flag": tf.Variable([True, False]),
        "empty": tf.Variable(np.zeros((0, 3), "float32")),
    }
    path = tf.train.Checkpoint(**values).write(tmp_path / "k")
    dtypes = tf.train.load_checkpoint(path).get_variable_to_dtype_map()
    for name, variable in values.items():
        assert dtypes[f"{name}/.ATTRIBUTES/VARIABLE_VALUE"] == variable.dtype
    others = {name: tf.Variable(tf.zeros_like(v)) for name, v in values.items() if name != "text"}
    others["text"] = tf.Variable(["", ""])
    tf.train.Checkpoint(**others).read(path).assert_consumed()
    for name, variable in values.items():
        np.testing.assert_array_equal(others[name].numpy(), variable.numpy())


def test_one_variable_at_two_places_is_one(tmp_path):
    v = tf.Variable(1.0)
    path = tf.train.Checkpoint(a=v, b={"x/y.z": v}).write(tmp_path / "s")
    assert len(tf.train.list_variables(path)) == 2  # with the graph
    other = tf.Variable(0.0)
    tf.train.Checkpoint(b={"x/y.z": other}).read(path).assert_existing_objects_matched()
    assert float(other) == 1.0


def test_another_shape_changes_nothing(tmp_path):
    path = tf.train.Checkpoint(a=tf.Variable(1.0), b=tf.Variable([1.0, 2.0])).write(tmp_path / "x")
    a, b = tf.Variable(0.0), tf.Variable([0.0])
    with pytest.raises(ValueError, match=r"does not fit[\s\S]*\(1,\)[\s\S]*\(2,\)"):
        tf.train.Checkpoint(a=a, b=b).read(path)
    assert float(a) == 0.0


def test_statuses_say_what_is_missing(tmp_path):
    path = tf.train.Checkpoint(a=tf.Variable(1.0)).write(tmp_path / "x")
    status = tf.train.Checkpoint(b=tf.Variable(0.0)).read(path)
    with pytest.raises(AssertionError, match="a/.ATTRIBUTES"):
        status.assert_consumed()
    with pytest.raises(AssertionError, match="variables that exist[\\s\\S]*b"):
        status.assert_existing_objects_matched()
    with pytest.raises(AssertionError, match="Nothing"):
        status.assert_nontrivial_match()
    assert status.expect_partial() is status
    nothing = tf.train.Checkpoint(b=tf.Variable(0.0)).restore(None)
    with pytest.raises(AssertionError, match="No checkpoint"):
        nothing.assert_consumed()
    with pytest.raises(FileNotFoundError):
        tf.train.Checkpoint(b=tf.Variable(0.0)).restore(tmp_path / "none")
    with pytest.raises(ValueError, match="nothing in `n`"):
        tf.train.Checkpoint(n=3)


def test_a_checkpoint_without_graph_goes_by_its_keys(tmp_path):
    key = "net/w/.ATTRIBUTES/VARIABLE_VALUE"
    write_bundle(tmp_path / "g", {key: np.float32(5.0), "old/style": np.float32(6.0)})
    w, old = tf.Variable(0.0), tf.Variable(0.0)
    checkpoint = tf.train.Checkpoint(net={"w": w}, old={"style": old})
    checkpoint.read(tmp_path / "g").assert_consumed()
    assert (float(w), float(old)) == (5.0, 6.0)


# The manager ---------------------------------------------------------------------------------------------
def names(manager):
    return [os.path.basename(path) for path in manager.checkpoints]


def test_a_new_manager_goes_on_with_the_folder(tmp_path):
    v = tf.Variable(0.0)
    manager = tf.train.CheckpointManager(tf.train.Checkpoint(v=v), tmp_path, max_to_keep=2)
    for value in (1.0, 2.0, 3.0):
        v.assign(value)
        manager.save()
    checkpoint = tf.train.Checkpoint(v=v)
    other = tf.train.CheckpointManager(checkpoint, tmp_path, max_to_keep=2)
    assert names(other) == ["ckpt-2", "ckpt-3"]
    v.assign(0.0)
    assert other.restore_or_initialize() == other.latest_checkpoint == str(tmp_path / "ckpt-3")
    assert float(v) == 3.0
    other.save()
    assert names(other) == ["ckpt-3", "ckpt-4"]
    files = sorted(name for name in os.listdir(tmp_path) if name.endswith(".index"))
    assert files == ["ckpt-3.index", "ckpt-4.index"]
    assert len(os.listdir(tmp_path)) == 5


def test_a_manager_deletes_nothing_that_is_not_its_own(tmp_path):
    precious = tf.train.Checkpoint(v=tf.Variable(1.0)).write(tmp_path / "elsewhere" / "ckpt-1")
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "checkpoint").write_text(
        f'model_checkpoint_path: "{precious}"\nall_model_checkpoint_paths: "{precious}"\n'
        'all_model_checkpoint_paths: "../elsewhere/ckpt-1"\n'
    )
    manager = tf.train.CheckpointManager(tf.train.Checkpoint(v=tf.Variable(2.0)), folder, max_to_keep=1)
    manager.save()
    manager.save()
    assert os.path.exists(precious + ".index")
    assert names(manager) == ["ckpt-2"]


def test_intervals_and_hours(tmp_path, monkeypatch):
    step = tf.Variable(0)
    manager = tf.train.CheckpointManager(
        tf.train.Checkpoint(step=step), tmp_path, max_to_keep=1, step_counter=step, checkpoint_interval=5
    )
    saved = []
    for _ in range(11):
        saved.append(manager.save() is not None)
        step.assign_add(1)
    assert [number for number, done in enumerate(saved) if done] == [0, 5, 10]
    now = [1000.0]
    monkeypatch.setattr("addax.tf._checkpoint_manager.time.time", lambda: now[0])
    manager = tf.train.CheckpointManager(
        tf.train.Checkpoint(step=step), tmp_path / "h", 1, keep_checkpoint_every_n_hours=1
    )
    for _ in range(4):
        manager.save()
        now[0] += 2000
    left = sorted(name for name in os.listdir(tmp_path / "h") if name.endswith(".index"))
    assert left == ["ckpt-3.index", "ckpt-4.index"]
    with pytest.raises(ValueError, match="at least one"):
        tf.train.CheckpointManager(tf.train.Checkpoint(step=step), tmp_path, max_to_keep=0)


@pytest.mark.parametrize("name", ['a "b"', "back\\slash", "ümläut"])
def test_names_are_quoted_in_the_list(tmp_path, name):
    checkpoint = tf.train.Checkpoint(v=tf.Variable(1.0))
    path = checkpoint.save(tmp_path / name)
    assert tf.train.latest_checkpoint(tmp_path) == path


def test_a_list_that_makes_no_sense_is_no_list(tmp_path):
    (tmp_path / "checkpoint").write_text("{not a list")
    assert tf.train.latest_checkpoint(tmp_path) is None
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "gone-1"\n')
    assert tf.train.latest_checkpoint(tmp_path) is None


# The files -----------------------------------------------------------------------------------------------
def test_a_checkpoint_that_is_written_over_is_always_whole(tmp_path, monkeypatch):
    v = tf.Variable(1.0)
    checkpoint = tf.train.Checkpoint(v=v)
    path = checkpoint.write(tmp_path / "w")
    for value in (2.0, 3.0):
        v.assign(value)
        checkpoint.write(path)
        assert tf.train.load_variable(path, "v/.ATTRIBUTES/VARIABLE_VALUE") == value
        assert len(os.listdir(tmp_path)) == 2
    monkeypatch.setattr("addax.formats._bundle.encode_table", lambda items: 1 / 0)
    v.assign(4.0)
    with pytest.raises(ZeroDivisionError):
        checkpoint.write(path)
    assert tf.train.load_variable(path, "v/.ATTRIBUTES/VARIABLE_VALUE") == 3.0


def test_damage_is_noticed_before_anything_changes(tmp_path):
    path = tf.train.Checkpoint(a=tf.Variable(1.0), b=tf.Variable(np.ones(100, "float32"))).write(
        tmp_path / "d"
    )
    data = tmp_path / "d.data-00000-of-00001"
    raw = bytearray(data.read_bytes())
    raw[-300] ^= 255
    data.write_bytes(raw)
    a, b = tf.Variable(0.0), tf.Variable(np.zeros(100, "float32"))
    with pytest.raises(ValueError, match="checksum"):
        tf.train.Checkpoint(a=a, b=b).read(path)
    assert float(a) == 0.0


def test_a_graph_that_points_nowhere_is_refused(tmp_path):
    from addax.formats import CHECKPOINT_SCHEMA

    graph = {"nodes": [{"children": [{"node_id": 9, "local_name": "v"}]}]}
    write_bundle(tmp_path / "p", {OBJECT_GRAPH_KEY: CHECKPOINT_SCHEMA.encode("CheckpointGraph", graph)})
    with pytest.raises(ValueError, match="damaged"):
        tf.train.Checkpoint(v=tf.Variable(1.0)).read(tmp_path / "p")
    loop = {"nodes": [{"children": [{"node_id": 0, "local_name": "v"}]}]}
    write_bundle(tmp_path / "l", {OBJECT_GRAPH_KEY: CHECKPOINT_SCHEMA.encode("CheckpointGraph", loop)})
    checkpoint = tf.train.Checkpoint(v=tf.Variable(1.0))
    with pytest.raises(AssertionError):
        checkpoint.read(tmp_path / "l").assert_existing_objects_matched()
    node = {"attributes": [{"name": "VARIABLE_VALUE", "checkpoint_key": "nothing"}]}
    lost = {"nodes": [{"children": [{"node_id": 1, "local_name": "v"}]}, node]}
    write_bundle(tmp_path / "n", {OBJECT_GRAPH_KEY: CHECKPOINT_SCHEMA.encode("CheckpointGraph", lost)})
    with pytest.raises(ValueError, match="damaged"):
        checkpoint.read(tmp_path / "n")
    write_bundle(tmp_path / "t", {OBJECT_GRAPH_KEY: np.ones(3, "float32")})
    with pytest.raises(ValueError, match="damaged"):
        checkpoint.read(tmp_path / "t")


def test_a_reader_tells_what_is_there(tmp_path):
    path = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0])).save(tmp_path / "c")
    reader = tf.train.load_checkpoint(tmp_path)
    assert reader.has_tensor("v/.ATTRIBUTES/VARIABLE_VALUE") and not reader.has_tensor("w")
    assert b"v/.ATTRIBUTES/VARIABLE_VALUE (float32) [2]" in reader.debug_string()
    assert set(reader.get_variable_to_shape_map()) == set(BundleReader(path))
    with pytest.raises(KeyError, match="no key"):
        reader.get_tensor("v")
    with pytest.raises(ValueError, match="no checkpoint in the folder"):
        tf.train.load_checkpoint(os.path.dirname(tmp_path))

"""Averages of variables, threads that stop together, addresses, devices; numbers are those of TensorFlow 2.21."""

import threading

import numpy as np
import pytest

import addax.tf as tf


def test_averages():
    v = tf.Variable([1.0, 2.0], name="v")
    averages = tf.train.ExponentialMovingAverage(0.9)
    assert averages.average(v) is None
    averages.apply([v])
    v.assign([3.0, 4.0])
    averages.apply([v])
    np.testing.assert_allclose(averages.average(v), [1.2, 2.2], rtol=1e-6)
    assert averages.average_name(v) == "v/ExponentialMovingAverage"
    assert averages.variables_to_restore() == {"v/ExponentialMovingAverage": v}
    early = tf.train.ExponentialMovingAverage(0.9, num_updates=1)
    early.apply([v])
    v.assign([5.0, 4.0])
    early.apply([v])
    np.testing.assert_allclose(early.average(v), [4.6363635, 4.0], rtol=1e-6)
    with pytest.raises(TypeError, match="floating"):
        averages.apply([tf.Variable(1)])


def test_threads_stop_together():
    coordinator = tf.train.Coordinator()

    def wrong():
        with coordinator.stop_on_exception():
            raise RuntimeError("no more")

    threads = [threading.Thread(target=coordinator.wait_for_stop), threading.Thread(target=wrong)]
    for thread in threads:
        thread.start()
    with pytest.raises(RuntimeError, match="no more"):
        coordinator.join(threads)
    assert coordinator.should_stop() and coordinator.joined
    coordinator.clear_stop()
    assert not coordinator.should_stop()
    coordinator.request_stop(tf.errors.OutOfRangeError(None, None, "end"))
    coordinator.join()


def test_checkpoints_as_they_come(tmp_path):
    checkpoint = tf.train.Checkpoint(v=tf.Variable(1.0))
    checkpoint.save(tmp_path / "a")
    found = []
    for path in tf.train.checkpoints_iterator(tmp_path, timeout=0.01):
        found.append(path)
        if len(found) < 3:
            checkpoint.save(tmp_path / "a")
    assert len(set(found)) == 3


def test_addresses():
    cluster = tf.train.ClusterSpec({"worker": ["a:1", "b:2"], "ps": {3: "c:3"}})
    assert cluster.num_tasks("worker") == 2 and cluster.task_indices("ps") == [3]
    assert cluster.job_tasks("ps") == [None, None, None, "c:3"]
    assert cluster == tf.train.ClusterSpec(cluster.as_dict()) == tf.train.ClusterSpec(cluster) and cluster
    for call in (lambda: cluster.num_tasks("chief"), lambda: cluster.task_address("ps", 0)):
        with pytest.raises(ValueError, match="no such"):
            call()
    with pytest.raises(TypeError, match="dict"):
        tf.train.ClusterSpec(["a:1"])


def test_devices():
    spec = tf.DeviceSpec.from_string("/job:ps/replica:0/task:1/device:GPU:2")
    assert (spec.job, spec.replica, spec.task, spec.device_type, spec.device_index) == ("ps", 0, 1, "GPU", 2)
    assert spec.replace(task=3).to_string() == "/job:ps/replica:0/task:3/device:GPU:2"
    assert tf.DeviceSpec(job="w").make_merged_spec(spec) == spec
    assert repr(tf.DeviceSpec(device_type="gpu")) == "<DeviceSpec(device_type=GPU)>"
    assert tf.DeviceSpec.from_string("/gpu:*").to_string() == "/device:GPU:*"
    with pytest.raises(ValueError, match="no name"):
        tf.DeviceSpec.from_string("/house:3")


def test_shapes():
    shape = tf.TensorShape([None, 2])
    assert shape.with_rank_at_least(1) == shape.with_rank_at_most(2) == shape
    assert shape.most_specific_compatible_shape([3, 3]) == [None, None]
    assert [d.size for d in shape.as_proto().dim] == [-1, 2]
    assert tf.TensorShape([3, 2]).is_subtype_of(shape) and not shape.is_subtype_of([3, 2])
    for call in (
        lambda: shape.with_rank_at_least(3),
        lambda: shape.with_rank_at_most(1),
        lambda: shape.assert_has_rank(1),
        lambda: shape.assert_same_rank([1]),
        lambda: shape.assert_is_fully_defined(),
    ):
        with pytest.raises(ValueError, match="must"):
            call()


def test_what_the_build_has():
    info = tf.sysconfig.get_build_info()
    assert set(info) >= {"is_cuda_build", "is_rocm_build", "is_tensorrt_build"}
    assert tf.sysconfig.get_compile_flags()[0] == f"-I{tf.sysconfig.get_include()}"
    assert tf.sysconfig.get_link_flags() == [] and tf.sysconfig.get_lib()
    assert not tf.test.is_built_with_rocm()


def test_small_conversions():
    assert tf.compat.dimension_value(None) is None and tf.compat.dimension_at_index([2, 3], 1) == 3
    assert isinstance(np.int32(1), tf.compat.integral_types) and tf.compat.forward_compatible(2030, 1, 1)
    assert tf.float32.is_numeric and not tf.bool.is_numeric and not tf.int8.is_quantized


def test_sparse_tensors_as_texts():
    sparse = tf.SparseTensor([[0, 1], [2, 0]], [1.0, 2.0], [3, 4])
    many = tf.io.serialize_many_sparse(sparse)
    assert many.shape == [3, 3]
    back = tf.io.deserialize_many_sparse(many, tf.float32)
    assert back.indices.numpy().tolist() == [[0, 1], [2, 0]] and back.shape == [3, 4]
    one = tf.io.serialize_sparse(sparse)
    assert tf.io.deserialize_many_sparse(tf.stack([one, one]), tf.float32).shape == [2, 3, 4]
    with pytest.raises(ValueError, match="dtype"):
        tf.io.deserialize_many_sparse(many, tf.int32)


def test_batches_of_sparse_tensors():
    ds = tf.data.Dataset.range(1, 4).map(lambda n: tf.range(int(n)))
    (batch,) = ds.sparse_batch(3, [3])
    assert batch.indices.numpy().tolist() == [[0, 0], [1, 0], [1, 1], [2, 0], [2, 1], [2, 2]]
    assert ds.sparse_batch(3, [3]).element_spec.shape == [None, None]  # its rows are made on the host
    with pytest.raises(ValueError, match="row_shape"):
        list(ds.sparse_batch(3, [2]))


class Case(tf.test.TestCase):
    def test_comparisons(self):
        self.assertAllEqual(tf.constant(["a"]), ["a"])
        self.assertAllClose({"a": tf.constant([1.0])}, {"a": [1.0 + 1e-7]})
        self.assertNotAllClose([1.0], [2.0])
        self.assertNotAllEqual([1], [2])
        self.assertAllInRange(tf.range(3), 0, 2)
        self.assertAllInSet(tf.range(3), {0, 1, 2})
        self.assertAllGreater([1, 2], 0)
        self.assertAllLessEqual([1, 2], 2)
        self.assertDTypeEqual(tf.constant(1.0), tf.float32)
        self.assertShapeEqual(tf.zeros((2, 3)), np.zeros((2, 3)))
        self.assertNear(1.0, 1.1, 0.2)
        self.assertLen([1], 1)
        self.assertStartsWith("abc", "ab")
        self.assertBetween(1, 0, 2)
        self.create_tempfile("x.txt", "text")
        self.assertEqual(self.evaluate(tf.constant(3)), 3)
        for wrong in (
            lambda: self.assertAllEqual([1], [[1]]),
            lambda: self.assertAllClose([1.0], [1.1]),
            lambda: self.assertAllLess([1, 2], 2),
        ):
            with self.assertRaises(AssertionError):
                wrong()


def test_derivatives_by_differences():
    exact, estimated = tf.test.compute_gradient(lambda x, y: x * y, [[3.0, 4.0], [1.0, 2.0]])
    for a, b, wanted in zip(exact, estimated, ([[1, 0], [0, 2]], [[3, 0], [0, 4]]), strict=True):
        assert a.tolist() == wanted
        np.testing.assert_allclose(b, wanted, atol=1e-3)

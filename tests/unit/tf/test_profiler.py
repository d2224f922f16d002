"""`tf.profiler.experimental`: profiles where TensorBoard looks for them."""

import pytest

import addax.tf as tf

profiler = tf.profiler.experimental


def work():
    with profiler.Trace("a_step_of_mine", step_num=3, _r=1) as trace:
        trace.set_metadata(batch=4)
        tf.matmul(tf.ones((8, 8)), tf.ones((8, 8))).numpy()


def test_a_block_is_profiled(tmp_path):
    with profiler.Profile(str(tmp_path)):
        work()
    (file,) = tmp_path.glob("plugins/profile/*/*.xplane.pb")
    assert b"a_step_of_mine" in file.read_bytes()


def test_one_profile_at_a_time(tmp_path):
    with pytest.raises(tf.errors.UnavailableError, match="start"):
        profiler.stop()
    profiler.start(tmp_path, profiler.ProfilerOptions(host_tracer_level=1))
    with pytest.raises(tf.errors.AlreadyExistsError, match="stop"):
        profiler.start(tmp_path)
    profiler.stop(save=False)
    assert not list(tmp_path.glob("plugins/profile/*"))

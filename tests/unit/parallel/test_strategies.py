"""`tf.distribute` on four devices: each replica sees its part; what they join is what one device computes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.four_devices import run

import addax.tf as tf
from addax.core import tree


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    found = json.loads(run(Path(__file__).with_name("_replicated.py")))
    assert found["replicas"] == 4
    return found


def test_synchronized_training_equals_that_of_one_device(found: dict[str, Any]) -> None:
    one, four = tree.flatten(found["one"]), tree.flatten(found["four"])
    assert len(one) == len(four)
    np.testing.assert_allclose(four, one, rtol=1e-4, atol=1e-5)


def test_each_replica_normalizes_its_own_part(found: dict[str, Any]) -> None:
    for expected, got in zip(found["by hand"], found["by replicas"], strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)


def test_variables_are_joined_as_they_say(found: dict[str, Any]) -> None:
    assert found["variables"]["values"] == [11.0, 1.5, 7.0, 7.0, 1.5]
    assert found["variables"]["seen"] == [1.5] * 4
    assert "aggregation" in found["variables"]["error"]


def test_replicas_draw_different_numbers(found: dict[str, Any]) -> None:
    assert len({tuple(mask) for mask in found["noise"]}) == 4


def test_a_step_of_the_users_runs_on_each_replica(found: dict[str, Any]) -> None:
    (rows, kernel), (rows_of_four, kernel_of_four) = found["custom"]
    assert (rows, rows_of_four) == (16.0, 4.0)
    assert kernel_of_four == pytest.approx(kernel, rel=1e-4)


def test_one_replica_runs_the_function_itself() -> None:
    strategy = tf.distribute.MirroredStrategy(["/cpu:0"])
    assert strategy.num_replicas_in_sync == 1
    with strategy.scope():
        assert tf.distribute.get_strategy() is strategy and tf.distribute.has_strategy()
        assert tf.distribute.get_replica_context() is None and tf.distribute.in_cross_replica_context()
    assert not tf.distribute.has_strategy()

    def fn(x: Any) -> Any:
        context = tf.distribute.get_replica_context()
        assert context is not None and context.strategy is strategy
        return context.all_reduce("SUM", x), context.replica_id_in_sync_group

    value, number = strategy.run(fn, (tf.constant([1.0, 2.0]),))
    assert value.numpy().tolist() == [1.0, 2.0] and number == 0
    assert float(strategy.reduce("MEAN", value, axis=0)) == 1.5
    assert strategy.experimental_local_results(value) == (value,)


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="no such device"):
        tf.distribute.MirroredStrategy(["/gpu:7", "/gpu:8"])
    with pytest.raises(ValueError, match="There is no TPU"):
        tf.distribute.cluster_resolver.TPUClusterResolver()


def test_reduce_wants_a_known_operation() -> None:
    with pytest.raises(ValueError, match="reduce_op"):
        tf.distribute.get_strategy().reduce("MAX", tf.constant(1.0), axis=None)


def test_a_share_that_is_not_even_is_refused() -> None:
    context = tf.distribute.InputContext(num_replicas_in_sync=4)
    assert context.get_per_replica_batch_size(64) == 16
    with pytest.raises(ValueError, match="evenly"):
        context.get_per_replica_batch_size(66)


def test_several_workers_and_parameter_servers_are_refused_with_advice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert tf.distribute.MultiWorkerMirroredStrategy().num_replicas_in_sync >= 1
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": {"worker": ["a:1", "b:1"]}, "task": {"index": 1}}))
    with pytest.raises(ValueError, match=r"keras\.distribution"):
        tf.distribute.MultiWorkerMirroredStrategy()
    with pytest.raises(AttributeError, match="MirroredStrategy"):
        tf.distribute.ParameterServerStrategy  # noqa: B018

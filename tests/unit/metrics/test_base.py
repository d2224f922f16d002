from __future__ import annotations

import copy
import json
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from addax import metrics, ops
from addax.core import context
from addax.engine import Compiled, Variable, raw_of


class Counter(metrics.Metric):
    """A user's metric, with an argument of its own."""

    def __init__(self, step=1.0, name="counter", **kwargs):
        super().__init__(name=name, **kwargs)
        self.step = step
        self.total = self.add_weight(name="total", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.total.assign_add(self.step)

    def result(self):
        return self.total.value


class OldCounter(metrics.Metric):
    """As one was written for tf.keras: the name first, and `reset_states`."""

    def __init__(self, name="old", **kwargs):
        super().__init__(name, **kwargs)
        self.total = self.add_weight("total", initializer="zeros")
        self.resets = 0

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.total.assign_add(2)

    def result(self):
        return self.total

    def reset_states(self):
        super().reset_states()
        self.resets += 1


class Pair(metrics.Metric):
    """A metric with metrics inside it, and a result by name."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.parts = [metrics.Mean(name="a"), metrics.Sum(name="b")]

    def update_state(self, values):
        for part in self.parts:
            part.update_state(values)

    def result(self):
        return {part.name: part.result() for part in self.parts}


def test_a_metric_accumulates_until_it_is_reset():
    m = Counter()
    assert float(m([0.0], [0.0])) == 1.0 and float(m([0.0], [0.0])) == 2.0
    m.reset_state()
    assert float(m.result()) == 0.0


def test_variables_are_not_trainable_live_on_the_host_and_carry_the_metrics_name():
    m = Counter(name="a/b")
    (total,) = m.variables
    assert isinstance(total, Variable) and not total.trainable and isinstance(total._value, np.ndarray)
    assert total.path == "a>b/total" and total.dtype == "float32"


def test_variables_are_read_in_full_precision_inside_mixed_precision():
    m = Counter()
    with context.entered(autocast="float16"):
        assert m.total.value.dtype == "float32"


def test_classes_written_for_tf_keras_work():
    m = OldCounter()
    assert m.name == "old" and m.total.name == "total"
    m.update_state(None, None)
    m.reset_state()
    assert m.resets == 1 and float(m.result()) == 0.0
    m.reset_states()
    assert m.resets == 2


def test_reset_states_calls_an_overridden_reset_state():
    class Own(Counter):
        def reset_state(self):
            self.total.assign(7.0)

    m = Own()
    m.reset_states()
    assert float(m.result()) == 7.0


def test_metrics_inside_metrics_are_found_and_reset():
    m = Pair()
    assert [v.path for v in m.variables] == ["a/total", "a/count", "b/total"]
    assert {k: float(v) for k, v in m([1.0, 3.0]).items()} == {"a": 2.0, "b": 4.0}
    values = m.stateless_update_state([raw_of(v) for v in m.variables], [5.0])
    assert {k: float(v) for k, v in m.stateless_result(values).items()} == {"a": 3.0, "b": 9.0}
    m.reset_state()
    assert float(m.result()["b"]) == 0.0


def test_abstract_methods_say_what_to_define():
    with pytest.raises(NotImplementedError, match="Define update_state"):
        metrics.Metric().update_state([0.0], [0.0])
    with pytest.raises(NotImplementedError, match="Define result"):
        metrics.Metric().result()


def test_a_forgotten_super_call_is_said():
    class Forgot(metrics.Metric):
        def __init__(self):
            self.total = self.add_weight(name="total")

    with pytest.raises(RuntimeError, match=r"super\(\).__init__"):
        Forgot()


def test_a_users_metric_is_rebuilt_from_its_recorded_arguments():
    config = json.loads(json.dumps(Counter(step=3.0, dtype="float16").get_config()))
    assert config == {"name": "counter", "dtype": "float16", "step": 3.0}
    assert Counter.from_config(config).step == 3.0
    data = metrics.serialize(Counter(step=3.0))
    assert metrics.deserialize(data, custom_objects={"Counter": Counter}).step == 3.0


def test_stateless_methods_are_pure_and_compile():
    m = metrics.Mean()
    values = m.stateless_reset_state()
    step = jax.jit(m.stateless_update_state)
    for batch in ([1.0, 3.0], [8.0, 8.0]):
        values = step(values, jnp.array(batch))
    assert all(isinstance(v, jax.Array) for v in values)
    assert float(jax.jit(m.stateless_result)(values)) == 5.0 and float(m.result()) == 0.0


def test_stateless_methods_check_the_number_of_values():
    with pytest.raises(ValueError, match="expected: 2 values"):
        metrics.Mean().stateless_result([0.0])
    with pytest.raises(ValueError, match="received: 3 values"):
        metrics.Mean().stateless_update_state([0.0] * 3, [1.0])


def test_variables_that_appear_in_a_compiled_step_are_lifted():
    m = metrics.F1Score(average="macro")
    y, p = np.eye(3, dtype="float32"), np.eye(3, dtype="float32")[::-1].copy()

    def step(y, p):
        m.update_state(y, p)
        return m.result()

    compiled = Compiled(step)
    compiled(y, p)
    eager = metrics.F1Score(average="macro")
    for _ in range(2):
        eager.update_state(y, p)
    assert float(compiled(y, p)) == float(eager.result())
    assert [float(v) for v in np.asarray(m.true_positives)] == [
        float(v) for v in np.asarray(eager.true_positives)
    ]


def test_initializers_may_be_names_or_functions():
    class Started(metrics.Metric):
        def __init__(self):
            super().__init__()
            self.ones = self.add_variable((2,), "ones", name="ones")
            self.own = self.add_variable((2,), lambda shape, dtype=None: np.full(shape, 3.0), name="own")

    m = Started()
    assert np.asarray(m.ones).tolist() == [1.0, 1.0] and np.asarray(m.own).tolist() == [3.0, 3.0]


def test_copies_and_pickles_keep_the_state():
    m = Counter()
    m.update_state(None, None)
    for back in (copy.deepcopy(m), pickle.loads(pickle.dumps(m))):
        back.update_state(None, None)
        assert float(back.result()) == 2.0
    assert float(m.result()) == 1.0


def test_names_are_made_from_the_class_and_counted():
    first, second = metrics.TruePositives(), metrics.TruePositives()
    assert first.name.startswith("true_positives") and first.name != second.name
    assert repr(metrics.Mean(name="m")) == str(metrics.Mean(name="m")) == "<Mean name=m>"


def test_calls_use_few_operations(monkeypatch):
    from addax.engine import Op

    calls = []
    original = Op.__call__

    def counted(self, *args, **kwargs):
        calls.append(self.name)
        return original(self, *args, **kwargs)

    y_true, y_pred = ops.convert_to_tensor([0, 1]), ops.convert_to_tensor([0.2, 0.8])
    limits = {metrics.Mean(): 3, metrics.BinaryAccuracy(): 10, metrics.AUC(): 8, metrics.Precision(): 6}
    monkeypatch.setattr(Op, "__call__", counted)
    for metric, limit in limits.items():
        calls.clear()
        metric.update_state(*((y_pred,) if type(metric) is metrics.Mean else (y_true, y_pred)))
        assert len(calls) <= limit, (metric.name, calls)

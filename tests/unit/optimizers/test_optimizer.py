"""The base optimizer: ways in, options, errors, custom subclasses."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

from addax import optimizers
from addax.core import config, context
from addax.engine import Compiled, GradientTape, Tensor, Variable
from addax.engine._jax import jax, jnp
from addax.optimizers._slots import Slot


def _variables():
    return [Variable([[1.0, 2.0], [3.0, 4.0]], name="kernel"), Variable([1.0, 2.0], name="bias")]


def _grads(scale=1.0):
    return [np.full((2, 2), scale, "float32"), np.full(2, scale, "float32")]


# Ways in ------------------------------------------------------------------------------------------------
def test_apply_gradients_takes_pairs_and_returns_the_counter():
    variables, optimizer = _variables(), optimizers.SGD(0.5)
    counter = optimizer.apply_gradients(zip(_grads(), variables, strict=True))
    assert int(counter) == 1 and counter is optimizer.iterations
    np.testing.assert_allclose(variables[1].numpy(), [0.5, 1.5])


def test_gradients_may_be_tensors_raw_arrays_numpy_or_variables():
    variables, optimizer = _variables(), optimizers.SGD(1.0)
    optimizer.apply([Tensor(jnp.ones((2, 2))), jnp.ones(2)], variables)
    optimizer.apply([np.ones((2, 2)), Variable([1.0, 1.0])], variables)
    np.testing.assert_allclose(variables[1].numpy(), [-1.0, 0.0])


def test_all_variables_are_updated_by_one_compiled_call():
    variables, optimizer = _variables(), optimizers.Adam()
    for _ in range(3):
        optimizer.apply(_grads(), variables)
    assert optimizer._update_call.traces == 1


def test_an_update_inside_compiled_code_gives_the_same_numbers():
    eager, compiled = _variables(), _variables()
    one, two = optimizers.Adam(0.1), optimizers.Adam(0.1)
    step = Compiled(lambda grads: two.apply(grads, compiled))  # builds while it is traced
    for scale in (1.0, -0.5, 2.0):
        one.apply(_grads(scale), eager)
        step(_grads(scale))
    for a, b in zip(eager, compiled, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-6, atol=1e-6)
    assert int(two.iterations) == 3


@pytest.mark.parametrize("name", ["SGD", "ScheduleFreeAdamW"])
def test_running_eagerly_gives_the_same_numbers(name):
    compiled, eager = _variables(), _variables()
    options = {"gradient_accumulation_steps": 2, "learning_rate": 0.1}
    one, two = getattr(optimizers, name)(**options), getattr(optimizers, name)(**options)
    for _ in range(4):
        one.apply(_grads(), compiled)
        with context.entered(eager=True):
            two.apply(_grads(), eager)
    np.testing.assert_allclose(compiled[0].numpy(), eager[0].numpy(), rtol=1e-6, atol=1e-6)
    assert two._update_call is None


def test_stateless_apply_is_pure_and_takes_and_gives_raw_arrays():
    variables, optimizer = _variables(), optimizers.Adam(0.1)
    optimizer.build(variables)
    state, values = [v.value._value for v in optimizer.variables], [v.value._value for v in variables]
    new_values, new_state = jax.jit(optimizer.stateless_apply)(state, _grads(), values)
    assert all(isinstance(x, jax.Array) for x in [*new_values, *new_state])
    assert int(optimizer.iterations) == 0 and int(new_state[0]) == 1
    np.testing.assert_allclose(variables[1].numpy(), [1.0, 2.0])
    optimizer.apply(_grads())
    np.testing.assert_allclose(variables[1].numpy(), new_values[1], rtol=1e-6, atol=1e-6)


def test_minimize_differentiates_and_updates():
    v = Variable(10.0)
    optimizer = optimizers.RMSprop(0.1)
    optimizer.minimize(lambda: (v**2) / 2.0, [v])
    assert float(v) == pytest.approx(9.683772, rel=1e-6)
    with GradientTape() as tape:
        loss = v * v
    optimizer.minimize(loss, [v], tape=tape)
    assert float(v) < 9.6
    with pytest.raises(ValueError, match=r"minimize\(\) needs a tape"):
        optimizer.minimize(loss, [v])


def test_a_tape_around_the_update_records_nothing_of_it():
    v = Variable(3.0)
    with GradientTape(persistent=True) as tape:
        loss = v * v
        optimizers.SGD(0.1).apply([tape.gradient(loss, v)], [v])
    assert float(v) == pytest.approx(2.4)


# Errors -------------------------------------------------------------------------------------------------
def test_no_variables_is_an_error_with_a_hint():
    with pytest.raises(ValueError, match=r"was given no variables[\s\S]*hint: .*trainable weights"):
        optimizers.SGD().apply_gradients([])


def test_an_optimizer_that_is_not_built_needs_the_variables():
    with pytest.raises(ValueError, match=r"does not know which variables[\s\S]*optimizer\.build"):
        optimizers.SGD().apply(_grads())


def test_numbers_of_gradients_and_variables_must_agree():
    with pytest.raises(ValueError, match=r"expected: 2 gradients\n  received: 1 gradients"):
        optimizers.SGD().apply(_grads()[:1], _variables())


def test_a_variable_that_came_after_the_build_is_named():
    optimizer, variables = optimizers.SGD(), _variables()
    optimizer.build(variables[:1])
    with pytest.raises(ValueError, match=r"built on other variables[\s\S]*\['kernel'\][\s\S]*\['bias'\]"):
        optimizer.apply(_grads(), variables)


def test_a_gradient_of_another_shape_names_the_variable():
    with pytest.raises(ValueError, match=r"variable 'bias'[\s\S]*shape \(2,\)[\s\S]*shape \(3,\)"):
        optimizers.SGD().apply([np.ones((2, 2)), np.ones(3)], _variables())


def test_missing_gradients_warn_and_leave_their_variables_alone():
    variables, optimizer = _variables(), optimizers.SGD(1.0)
    with pytest.warns(UserWarning, match=r"Gradients do not exist for variables \['kernel'\]"):
        optimizer.apply([None, np.ones(2)], variables)
    np.testing.assert_allclose(variables[0].numpy(), [[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_allclose(variables[1].numpy(), [0.0, 1.0])
    optimizer.apply(_grads(), variables)
    np.testing.assert_allclose(variables[0].numpy(), [[0.0, 1.0], [2.0, 3.0]])


def test_no_gradient_at_all_is_an_error():
    with pytest.raises(ValueError, match="No gradients provided for any variable"):
        optimizers.SGD().apply([None, None], _variables())


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"clipnorm": 1.0, "clipvalue": 1.0}, "Only one of"),
        ({"gradient_accumulation_steps": 1}, "gradient_accumulation_steps"),
        ({"use_ema": True, "ema_momentum": 1.5}, "ema_momentum"),
        ({"use_ema": True, "ema_overwrite_frequency": 0.5}, "ema_overwrite_frequency"),
        ({"momentun": 0.9}, r"'momentun'[\s\S]*Did you mean[\s\S]*'momentum'"),
        ({"momentum": 2.0}, "momentum"),
        ({"learning_rate": "fast"}, "no learning rate"),
        ({"learning_rate": None}, "no learning rate"),
    ],
)
def test_wrong_arguments_are_refused(options, text):
    with pytest.raises(ValueError, match=text):
        optimizers.SGD(**options)


def test_ranges_of_single_optimizers_are_checked():
    with pytest.raises(ValueError, match="weight_decay"):
        optimizers.AdamW(weight_decay=None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="beta_1"):
        optimizers.Lion(beta_1=0.0)
    with pytest.raises(ValueError, match="learning_rate_power"):
        optimizers.Ftrl(learning_rate_power=0.5)
    with pytest.raises(ValueError, match="l1_regularization_strength"):
        optimizers.Ftrl(l1_regularization_strength=-1.0)
    with pytest.raises(ValueError, match="initial_accumulator_value"):
        optimizers.Adagrad(initial_accumulator_value=-1.0)
    with pytest.raises(ValueError, match="clipnorm"):
        optimizers.LossScaleOptimizer(optimizers.SGD(), clipnorm=1.0)
    with pytest.raises(ValueError, match="dynamic=False"):
        optimizers.LossScaleOptimizer(optimizers.SGD(), dynamic=False)


# Learning rate ------------------------------------------------------------------------------------------
def test_the_learning_rate_can_be_read_and_set_in_every_spelling():
    variables, optimizer = _variables(), optimizers.SGD(learning_rate=1)
    optimizer.apply(_grads(), variables)
    assert float(optimizer.learning_rate) == 1.0
    optimizer.learning_rate = 0.5
    assert float(optimizer.lr) == 0.5
    optimizer.learning_rate.assign(0.25)
    optimizer.lr = np.float64(0.125)
    assert optimizer.learning_rate.numpy() == 0.125
    before = variables[1].numpy()
    optimizer.apply(_grads(), variables)
    np.testing.assert_allclose(before - variables[1].numpy(), 0.125)
    assert optimizer._update_call.traces == 1


def test_a_callable_learning_rate_is_asked_at_every_step():
    rates = iter([1.0, 0.5, 0.25])
    v, optimizer = Variable(0.0), optimizers.SGD(lambda: next(rates))
    for expected in (-1.0, -1.5, -1.75):
        optimizer.apply([np.float32(1.0)], [v])
        assert float(v) == expected
    assert [w.name for w in optimizer.variables] == ["iteration"]


def test_a_variable_may_be_the_learning_rate():
    rate, v = Variable(0.5, trainable=False), Variable(0.0)
    optimizer = optimizers.SGD(rate)
    optimizer.apply([np.float32(1.0)], [v])
    rate.assign(0.25)
    optimizer.apply([np.float32(1.0)], [v])
    assert float(v) == -0.75 and optimizer.learning_rate is rate


def test_a_schedule_cannot_be_overwritten_by_a_number():
    optimizer = optimizers.SGD(optimizers.schedules.ExponentialDecay(0.1, 10, 0.5))
    assert float(optimizer.learning_rate) == pytest.approx(0.1)
    with pytest.raises(TypeError, match=r"cannot be set[\s\S]*ExponentialDecay"):
        optimizer.learning_rate = 0.5


def test_a_schedule_may_take_the_place_of_a_number():
    v, optimizer = Variable(0.0), optimizers.SGD(1.0)
    optimizer.apply([np.float32(1.0)], [v])
    optimizer.learning_rate = optimizers.schedules.PiecewiseConstantDecay([1], [0.5, 0.25])
    for _ in range(2):
        optimizer.apply([np.float32(1.0)], [v])
    assert float(v) == -1.75 and [w.name for w in optimizer.variables] == ["iteration"]


def test_a_schedule_of_the_users_own_counts_batches():
    class Halving(optimizers.schedules.LearningRateSchedule):
        def __init__(self, start):
            self.start = start

        def __call__(self, step):
            return self.start * 0.5**step

    v, optimizer = Variable(0.0), optimizers.SGD(Halving(1.0), gradient_accumulation_steps=2)
    for _ in range(4):
        optimizer.apply([np.float32(1.0)], [v])
    assert float(v) == -0.5 - 0.125
    assert optimizer.get_config()["learning_rate"]["config"] == {"start": 1.0}


def test_old_spellings_work():
    v = Variable(0.0)
    optimizer = optimizers.SGD(lr=1.0, decay=1.0)
    for expected in (-1.0, -1.5):
        optimizer.apply([np.float32(1.0)], [v])
        assert float(v) == expected
    assert optimizer.get_config()["decay"] == 1.0
    assert optimizers.Adam(epsilon=None).epsilon == config.epsilon()
    assert optimizers.legacy.Adam(0.1, decay=0.0).get_config() | {"name": "adam"} == (
        optimizers.Adam(0.1, name="adam", jit_compile=False).get_config()
    )


# Options ------------------------------------------------------------------------------------------------
def test_a_changed_hyperparameter_counts_from_the_next_step_on():
    v, optimizer = Variable(0.0), optimizers.SGD(1.0)
    optimizer.apply([np.float32(4.0)], [v])
    optimizer.clipvalue = 1.0
    optimizer.apply([np.float32(4.0)], [v])
    assert float(v) == -5.0


def test_a_changed_hyperparameter_of_a_wrapped_optimizer_counts_too():
    v, inner = Variable(0.0), optimizers.SGD(1.0)
    optimizer = optimizers.LossScaleOptimizer(inner, initial_scale=1.0)
    optimizer.apply([np.float32(4.0)], [v])
    inner.clipvalue = 1.0
    optimizer.apply([np.float32(4.0)], [v])
    assert float(v) == -5.0


def test_sixteen_bit_variables_keep_their_dtype_and_small_steps_add_up_in_the_slots():
    v = Variable(np.ones(3), dtype="bfloat16")
    optimizer = optimizers.Adam(0.1)
    for _ in range(300):
        optimizer.apply([jnp.ones(3, jnp.bfloat16)], [v])
    assert v.dtype == "bfloat16" and {str(s.dtype) for s in optimizer.variables[2:]} == {"bfloat16"}
    assert np.all(np.isfinite(np.asarray(v.numpy(), "float32"))) and float(v.numpy()[0]) < -15


def test_the_averages_take_the_place_of_the_variables_at_the_end():
    v, optimizer = Variable(0.0), optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5)
    for _ in range(2):
        optimizer.apply([np.float32(1.0)], [v])
    assert float(v) == -2.0
    optimizer.finalize_variable_values([v])
    assert float(v) == -1.5
    with pytest.raises(ValueError, match="keeps no averages"):
        optimizer.finalize_variable_values([Variable(0.0)])


def test_constraints_hold_after_each_update():
    v = Variable([1.0, -1.0], constraint=lambda w: w * 0.0 + 7.0)
    optimizers.SGD(0.1).apply([np.ones(2)], [v])
    np.testing.assert_allclose(v.numpy(), 7.0)


def test_variables_that_ask_for_it_are_overwritten_with_their_gradient():
    scale, v = Variable(1.0, name="scale"), Variable(1.0, name="v")
    scale.overwrite_with_gradient = True
    optimizer = optimizers.Adam(0.1)
    optimizer.apply([np.float32(5.0), np.float32(1.0)], [scale, v])
    assert float(scale) == 5.0 and float(v) == pytest.approx(0.9, rel=1e-5)
    assert [w.name for w in optimizer.variables[2:]] == ["v_momentum", "v_velocity"]


def test_overwriting_waits_for_the_largest_of_the_accumulated():
    scale, v = Variable(1.0, name="scale"), Variable(1.0, name="v")
    scale.overwrite_with_gradient = True
    optimizer = optimizers.SGD(1.0, gradient_accumulation_steps=2)
    seen = []
    for value in (5.0, 3.0, 2.0, 4.0):
        optimizer.apply([np.float32(value), np.float32(1.0)], [scale, v])
        seen.append(float(scale))
    assert seen == [1.0, 5.0, 5.0, 4.0] and float(v) == -1.0


def test_exclusions_come_before_the_build():
    optimizer = optimizers.AdamW()
    optimizer.build(_variables())
    with pytest.raises(ValueError, match="built already"):
        optimizer.exclude_from_weight_decay(var_names=["bias"])


def test_multi_optimizer_has_no_rate_of_its_own_and_takes_no_wrappers():
    optimizer = optimizers.MultiOptimizer(lambda v: optimizers.LossScaleOptimizer(optimizers.SGD()))
    with pytest.raises(AttributeError, match="no learning_rate"):
        _ = optimizer.learning_rate
    with pytest.raises(AttributeError, match="no learning_rate"):
        optimizer.learning_rate = 0.1
    with pytest.raises(ValueError, match="wraps no other"):
        optimizer.build(_variables())


def test_optimizer_map_prefers_the_exact_path_and_refuses_doubt():
    rest, exact, pattern = optimizers.SGD(), optimizers.SGD(), optimizers.SGD()
    chosen = optimizers.OptimizerMap(rest)
    chosen["a/b"] = exact
    chosen["a/.*"] = pattern
    assert chosen["a/b"] is exact and chosen["a/c"] is pattern and chosen["z"] is rest and len(chosen) == 2
    chosen[".*/c"] = exact
    with pytest.raises(ValueError, match="Several patterns match 'a/c'"):
        _ = chosen["a/c"]
    with pytest.raises(ValueError, match="has an optimizer already"):
        chosen["a/b"] = rest
    with pytest.raises(TypeError, match="no optimizer"):
        optimizers.OptimizerMap("sgd")  # type: ignore[arg-type]


# Files and copies ---------------------------------------------------------------------------------------
def test_own_variables_make_a_round_trip_through_a_store():
    variables, optimizer = _variables(), optimizers.Adam()
    optimizer.apply(_grads(), variables)
    store: dict = {}
    optimizer.save_own_variables(store)
    assert list(store) == [str(i) for i in range(6)] and store["0"].dtype == np.int64
    other = optimizers.Adam()
    other.build(_variables())
    other.load_own_variables(store)
    for a, b in zip(optimizer.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_store_of_another_optimizer_is_left_alone_with_a_warning():
    optimizer = optimizers.Adam()
    optimizer.build(_variables())
    with pytest.warns(UserWarning, match="not loaded: it has 6 variables and the file has 3"):
        optimizer.load_own_variables({str(i): np.int64(3) for i in range(3)})
    assert int(optimizer.iterations) == 0


def test_set_weights_checks_what_it_gets():
    optimizer = optimizers.SGD()
    with pytest.raises(ValueError, match="optimizer that is built"):
        optimizer.set_weights([1])
    optimizer.build(_variables())
    with pytest.raises(ValueError, match="expected: 2 arrays"):
        optimizer.set_weights([1])
    optimizer.set_weights([5, 0.5])
    assert int(optimizer.iterations) == 5 and float(optimizer.learning_rate) == 0.5


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_go_on_by_themselves(duplicate):
    v, optimizer = Variable(1.0), optimizers.SGD(0.5, momentum=0.5)
    optimizer.apply([np.float32(1.0)], [v])
    w, other = duplicate((v, optimizer))
    other.apply([np.float32(1.0)], [w])
    optimizer.apply([np.float32(1.0)], [v])
    assert float(v) == float(w) == -0.25 and other.variables[0] is not optimizer.variables[0]


def test_the_compiled_update_does_not_keep_the_optimizer_alive():
    v, optimizer = Variable(1.0), optimizers.SGD(0.5)
    optimizer.apply([np.float32(1.0)], [v])
    alive = weakref.ref(optimizer)
    gc.disable()
    try:
        del optimizer
        assert alive() is None
    finally:
        gc.enable()


# Subclasses ---------------------------------------------------------------------------------------------
class Keras3Style(optimizers.Optimizer):
    """Momentum, written as the Keras 3 documentation shows it."""

    def __init__(self, learning_rate=0.1, mass=0.5, **kwargs):
        super().__init__(learning_rate, **kwargs)
        self.mass = mass

    def build(self, variables):
        super().build(variables)
        self.velocities = [
            self.add_variable_from_reference(reference_variable=v, name="velocity") for v in variables
        ]
        self.calls = self.add_variable(shape=(), dtype="int32", name="calls")

    def update_step(self, gradient, variable, learning_rate):
        velocity = self.velocities[self._get_variable_index(variable)]
        self.assign(velocity, velocity * self.mass - gradient * learning_rate)
        self.assign_add(variable, velocity)
        self.assign_add(self.calls, 1)


def test_an_optimizer_written_for_keras_3_works_compiled():
    reference, variables = _variables(), _variables()
    sgd, mine = optimizers.SGD(0.1, momentum=0.5), Keras3Style(name="mine")
    for _ in range(3):
        sgd.apply(_grads(), reference)
        mine.apply(_grads(), variables)
    np.testing.assert_allclose(reference[0].numpy(), variables[0].numpy(), rtol=1e-6, atol=1e-6)
    assert int(mine.calls) == 6 and mine._update_call.traces == 1
    assert [v.path for v in mine.variables] == [
        "mine/iteration",
        "mine/learning_rate",
        "mine/kernel_velocity",
        "mine/bias_velocity",
        "mine/calls",
    ]
    again = Keras3Style.from_config(mine.get_config())
    assert again.mass == 0.5 and again.get_config() == mine.get_config()


def test_accumulation_covers_what_a_subclass_writes():
    variables, mine = _variables(), Keras3Style(gradient_accumulation_steps=2)
    for _ in range(4):
        mine.apply(_grads(), variables)
    assert int(mine.calls) == 4 and int(mine.iterations) == 2


def test_slots_may_be_shared_shaped_and_grouped():
    class Odd(optimizers.Optimizer):
        def slots(self, variable):
            return [Slot("late", 2.0, group=1), Slot("early", shape=(1,), dtype="float32")]

        def shared_slots(self):
            return [Slot("count", 1.0)]

        def advance(self, shared, step):
            return {"count": shared["count"] + step}

        def apply_one(self, grad, param, slots, step, lr):
            return param - slots["count"] * slots["late"], {"early": slots["early"] + 1}

    variables, optimizer = _variables(), Odd(0.1, name="odd")
    optimizer.apply(_grads(), variables)
    assert [v.name for v in optimizer.variables[2:]] == [
        "kernel_early",
        "bias_early",
        "kernel_late",
        "bias_late",
        "count",
    ]
    np.testing.assert_allclose(variables[1].numpy(), [-3.0, -2.0])
    np.testing.assert_allclose(optimizer.variables[3].numpy(), [1.0])


def test_an_optimizer_without_a_rule_says_what_to_write():
    class Empty(optimizers.Optimizer):
        pass

    with pytest.raises(TypeError, match=r"Empty does not say how[\s\S]*apply_one"):
        Empty(0.1).apply([np.float32(1.0)], [Variable(1.0)])


def test_add_optimizer_variables_makes_lists():
    optimizer, variables = optimizers.SGD(name="o"), _variables()
    ones, twos = optimizer.add_optimizer_variables(
        variables, ["one", "two"], [lambda s, dtype: np.ones(s), "zeros"]
    )
    assert [v.path for v in ones] == ["o/kernel_one", "o/bias_one"]
    assert float(np.sum(ones[0].numpy())) == 4.0 and float(np.sum(twos[0].numpy())) == 0.0
    with pytest.raises(ValueError, match="differ in number"):
        optimizer.add_optimizer_variables(variables, ["one", "two"], ["zeros"])

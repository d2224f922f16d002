import numpy as np
import pytest

from addax import ops, random
from addax.data import Dataset, TensorSpec
from addax.engine import GradientTape, Tensor, Variable
from addax.engine._jax import jax
from addax.random._seed import set_global_seed


def values(dataset):
    return [np.asarray(x).tolist() for x in dataset]


def test_tuples_are_spread_and_dicts_and_named_tuples_come_whole():
    pairs = Dataset.from_tensor_slices(([1, 2], [3, 4]))
    assert values(pairs.map(lambda *xs: xs[0] * xs[1])) == [3, 8]
    assert values(pairs.map(lambda a, b: {"n": (a, b)}).map(lambda d: d["n"][1])) == [3, 4]
    assert values(Dataset.from_tensors(((1, 2),)).map(lambda t: t[0] + t[1])) == [3]


def test_a_function_of_other_arguments_is_an_error_at_once():
    pairs = Dataset.from_tensor_slices(([1, 2], [3, 4]))
    with pytest.raises(
        TypeError, match=r"a function of 2 arguments, for elements such as \(\*, \*\)(.|\n)*\(x\)"
    ):
        pairs.map(lambda x: x)
    with pytest.raises(TypeError, match="1 argument, "):
        Dataset.range(3).filter(lambda x, y: True)
    with pytest.raises(TypeError, match="needs a function"):
        Dataset.range(3).map(3)


def test_a_function_that_fails_does_so_at_once():
    with pytest.raises(ZeroDivisionError):
        Dataset.range(3).map(lambda x: 1 // 0)
    with pytest.raises(AttributeError, match="nothing"):
        Dataset.range(3).map(lambda x: x.nothing)


def test_a_function_must_give_a_tensor():
    with pytest.raises(TypeError, match="gives no tensor"):
        Dataset.range(3).map(lambda x: None)
    with pytest.raises(TypeError, match="gives no tensor"):
        list(Dataset.from_tensor_slices(["a"]).map(lambda x: ()))
    with pytest.raises(TypeError, match="result cannot be turned into a tensor"):
        list(Dataset.range(3).map(lambda x: object()))


def test_the_function_runs_once_for_all_elements():
    calls = []

    def double(x):
        calls.append(type(x))
        return x * 2

    ds = Dataset.range(200).map(double)
    assert values(ds) == list(range(0, 400, 2))
    assert values(ds.batch(7).unbatch()) == list(range(0, 400, 2))
    assert calls == [Tensor]


def test_the_function_of_unknown_shapes_is_traced_for_those_that_come():
    sizes = []

    def total(x):
        sizes.append(x.shape)
        return ops.sum(x)

    batches = Dataset.range(7).batch(3).map(total)
    assert batches.element_spec == TensorSpec((), "int32")
    sizes.clear()
    assert values(batches.repeat(3)) == [3, 12, 6] * 3
    assert sizes == [(3,), (1,)]


def test_components_that_pass_through_are_not_touched():
    big = np.array([2**40, 2**41])
    ds = Dataset.from_tensor_slices((big, [1.0, 2.0])).map(lambda n, x: (x * 2, n))
    assert ds.element_spec[1] == TensorSpec((), "int64")
    assert [int(n) for _, n in ds] == big.tolist()
    assert [n.numpy().tolist() for _, n in ds.batch(2)] == [big.tolist()]


def test_constants_keep_their_dtype():
    ds = Dataset.range(3).map(lambda x: (np.float64(0.1), "a", [1, 2], Tensor(np.int64(2**40)))).batch(3)
    number, text, pair, large = next(iter(ds))
    assert number.numpy().tolist() == [0.1] * 3 and text.numpy().tolist() == [b"a"] * 3
    assert pair.numpy().tolist() == [[1, 2]] * 3 and large.numpy().tolist() == [2**40] * 3


def test_lists_of_tensors_are_stacked_below_the_top():
    ds = Dataset.range(2).map(lambda x: {"pair": [x, x + 1]})
    assert [e["pair"].numpy().tolist() for e in ds] == [[0, 1], [1, 2]]
    assert [e["pair"].numpy().tolist() for e in ds.batch(2)] == [[[0, 1], [1, 2]]]


def test_functions_that_need_values_are_called_on_each_element():
    def collatz(x):
        return x // 2 if x % 2 == 0 else 3 * x + 1

    ds = Dataset.range(5).map(collatz)
    assert "unknown" in repr(ds)
    assert values(ds) == [0, 4, 1, 10, 2] and values(ds.batch(3)) == [[0, 4, 1], [10, 2]]
    assert ds.element_spec.shape == () and ds.element_spec.dtype.is_integer
    assert values(Dataset.range(3).map(lambda x: np.arange(int(x)))) == [[], [0], [0, 1]]


def test_functions_of_text_are_called_on_each_element():
    words = Dataset.from_tensor_slices((["a b", "c"], [1, 2]))
    ds = words.map(lambda text, y: (text.numpy().decode().split(), y + 1))
    assert [(x.numpy().tolist(), int(y)) for x, y in ds] == [([b"a", b"b"], 2), ([b"c"], 3)]
    assert ds.element_spec[0] == TensorSpec((None,), "string")
    assert values(words.map(lambda text, y: y * 2).batch(2)) == [[2, 4]]


def test_knowing_the_spec_of_such_a_function_changes_nothing():
    plain = Dataset.range(8).shuffle(8, seed=1).map(lambda x: int(x))
    known = Dataset.range(8).shuffle(8, seed=1).map(lambda x: int(x))
    assert known.element_spec.shape == ()
    assert values(known) == values(plain)


def test_an_error_in_such_a_function_says_where_it_happened():
    def fussy(x):
        if int(x) == 2:
            raise ValueError("not two")
        return x

    with pytest.raises(ValueError, match="not two") as caught:
        list(Dataset.range(3).map(fussy))
    assert caught.value.__notes__ == ["This happened in the function of Dataset.map()."]
    with pytest.raises(RuntimeError, match="raised StopIteration"):
        list(Dataset.from_tensor_slices(["a"]).map(lambda x: next(iter([]))))


def test_elements_that_become_equal_in_shape_can_be_batched():
    ragged = Dataset.from_generator(
        lambda: iter([[1], [2, 3]]), output_signature=TensorSpec((None,), "int32")
    )
    assert values(ragged.map(lambda x: ops.sum(x)).batch(2)) == [[1, 5]]


def test_many_shapes_are_no_problem():
    ragged = Dataset.range(40).map(lambda x: np.zeros(int(x), "float32"))
    assert values(ragged.map(lambda x: x[:1] * 0).filter(lambda x: True).take(3)) == [[], [0.0], [0.0]]
    assert [len(x) for x in values(ragged.map(lambda x: x))] == list(range(40))


def test_variables_are_read_when_an_element_is_computed():
    scale = Variable(2.0)
    ds = Dataset.from_tensor_slices([1.0, 2.0]).map(lambda x: x * scale)
    assert values(ds) == [2.0, 4.0]
    scale.assign(10.0)
    assert values(ds) == [10.0, 20.0] and values(ds.batch(2)) == [[10.0, 20.0]]


@pytest.mark.parametrize("batched", [False, True])
def test_variables_are_written_in_the_order_of_the_elements(batched):
    total, last = Variable(0.0), Variable(0.0)

    def running(x):
        total.assign_add(x)
        last.assign(x)
        return total * 1.0

    ds = Dataset.from_tensor_slices([1.0, 2.0, 3.0, 4.0]).map(running)
    found = values(ds.batch(3).unbatch()) if batched else values(ds)
    assert found == [1.0, 3.0, 6.0, 10.0] and float(total) == 10.0 and float(last) == 4.0


def noisy(seed=None):
    return Dataset.range(50).map(lambda x: (x, random.uniform((), seed=seed)))


def draws(dataset):
    return [float(u) for _, u in dataset]


@pytest.mark.parametrize("generator", [None, 7])
def test_each_element_and_each_iteration_has_its_own_random_numbers(generator):
    seed = None if generator is None else random.SeedGenerator(generator)
    ds = noisy(seed)
    first, second = draws(ds), draws(ds)
    assert len(set(first + second)) == 100


def test_random_numbers_do_not_depend_on_batching_or_threads():
    found = []
    for arrange in (lambda ds: ds, lambda ds: ds.batch(16).unbatch(), lambda ds: ds.prefetch(4)):
        set_global_seed(11)
        ds = arrange(noisy())
        found.append(draws(ds) + draws(ds))
    assert found[0] == found[1] == found[2]


def test_running_a_pipeline_draws_nothing_from_the_generator_outside():
    set_global_seed(12)
    ds = noisy()
    before = random.uniform(()).numpy()
    set_global_seed(12)
    ds = noisy()
    list(ds)
    assert random.uniform(()).numpy() == before


def test_random_functions_on_the_host_are_as_reproducible():
    def shaky(x):
        return float(random.uniform(())) + int(x)

    set_global_seed(13)
    first = values(Dataset.range(5).map(shaky))
    set_global_seed(13)
    assert values(Dataset.range(5).map(shaky).prefetch(2)) == first
    assert len({x % 1 for x in first}) == 5


def test_random_state_is_saved():
    set_global_seed(14)
    ds = noisy()
    iterator = iter(ds)
    next(iterator)
    state = iterator.get_state()
    rest, later = draws(iterator), draws(ds)
    set_global_seed(99)
    other = noisy()
    iterator = iter(other)
    iterator.set_state(state)
    assert draws(iterator) == rest and draws(other) == later


def test_surroundings_do_not_reach_into_a_function():
    w = Variable(3.0)
    ds = Dataset.from_tensor_slices([1.0, 2.0]).map(lambda x: x * w)
    with GradientTape() as tape:
        x = next(iter(ds))
        y = x * w
    assert float(tape.gradient(y, w)) == 3.0


def test_a_pipeline_can_be_iterated_over_while_something_is_traced():
    ds = Dataset.from_tensor_slices([1.0, 2.0]).map(lambda x: x * 2).batch(1).map(lambda x: x + 1)

    def total(scale):
        return sum((x._value for x in ds), 0.0 * scale) * scale

    assert jax.jit(total)(2.0).tolist() == [16.0]


def test_python_side_effects_of_callbacks_happen_for_each_element():
    seen = []

    def noted(x):
        jax.debug.callback(lambda v: seen.append(int(v)), x._value, ordered=True)
        return x

    ds = Dataset.range(4).map(noted)
    assert values(ds.batch(4)) == [[0, 1, 2, 3]]
    jax.effects_barrier()
    assert seen == [0, 1, 2, 3]


def test_ops_that_cannot_be_vectorised_are_run_in_turn():
    primitive = jax.extend.core.Primitive("no_batching_rule")
    primitive.def_abstract_eval(lambda x: x)
    primitive.def_impl(lambda x: x)
    from jax.interpreters import mlir

    mlir.register_lowering(primitive, lambda ctx, x: [x])
    ds = Dataset.range(5).map(lambda x: Tensor(primitive.bind((x * 2)._value)))
    assert values(ds.batch(5)) == [[0, 2, 4, 6, 8]]


def test_filtering_by_blocks_and_one_by_one_agree():
    ds = Dataset.from_tensor_slices((np.arange(500), np.arange(500.0)))
    kept = ds.filter(lambda n, x: (n % 7 == 0) & (x > 50))
    expected = [n for n in range(500) if n % 7 == 0 and n > 50]
    assert [int(n) for n, _ in kept] == expected
    assert [n for b, _ in kept.batch(9) for n in b.numpy().tolist()] == expected


def test_a_predicate_may_need_values_or_text():
    assert values(Dataset.from_tensor_slices(["a", "bb"]).filter(lambda s: len(s.numpy()) > 1)) == [b"bb"]
    one = Dataset.from_tensor_slices((["a", "bb"],)).filter(lambda s: len(s.numpy()) > 1)
    assert [type(e) for e in one] == [tuple]


@pytest.mark.parametrize("predicate", [lambda x: x, lambda x: x[None] > 1, lambda x: int(x)])
def test_a_predicate_gives_a_boolean_scalar(predicate):
    with pytest.raises(TypeError, match="boolean scalar"):
        list(Dataset.range(3).filter(predicate))
    with pytest.raises(TypeError, match="boolean scalar"):
        list(Dataset.range(3).take_while(predicate))


def test_take_while_stops_for_good():
    seen = []

    def generate():
        for i in (1, 2, 9, 1, 2):
            seen.append(i)
            yield i

    ds = Dataset.from_generator(generate, output_types="int32", output_shapes=()).take_while(lambda x: x < 5)
    iterator = iter(ds)
    assert values(iterator) == [1, 2] and seen == [1, 2, 9]
    assert next(iterator, None) is None and seen == [1, 2, 9]

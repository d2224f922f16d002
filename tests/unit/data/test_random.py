import numpy as np

from addax.data._random import Draws, Keys, Orders
from addax.random import SeedGenerator


def test_draws_do_not_depend_on_how_many_are_taken_at_once():
    one, many = Draws(1, 2), Draws(1, 2)
    assert [float(one.uniform(1)[0]) for _ in range(10)] == many.uniform(10).tolist()
    assert one.permutation(5).tolist() == Draws(1, 2).permutation(5).tolist()


def test_draws_differ_by_seed_and_epoch_and_continue_from_a_state():
    assert Draws(1, 2).below(1000, 5).tolist() != Draws(1, 3).below(1000, 5).tolist()
    assert Draws(1, 2).below(1000, 5).tolist() != Draws(2, 2).below(1000, 5).tolist()
    draws = Draws(-1, 0)
    draws.uniform(7)
    other = Draws(5, 5)
    other.set_state(draws.get_state())
    assert other.uniform(3).tolist() == draws.uniform(3).tolist()


def test_orders_count_iterations():
    orders = Orders(1, again=True)
    assert orders.start().uniform(1) != orders.start().uniform(1) and orders.get_state() == [1, 2]
    fixed = Orders(1, again=False)
    assert fixed.start().uniform(1) == fixed.start().uniform(1)


def test_a_generator_gives_each_pipeline_a_key_of_its_own():
    generator = SeedGenerator(3)
    first, second = Keys(), Keys()
    a, b = first.start().get(generator.state), second.start().get(generator.state)
    assert a.tolist() != b.tolist() and a.dtype == np.uint32
    assert first.start().get(generator.state).tolist() != a.tolist()
    again = SeedGenerator(3)
    assert Keys().start().get(again.state).tolist() == a.tolist()


def test_keys_of_a_state_come_before_those_of_the_generators():
    keys = Keys()
    before = keys.start().get(SeedGenerator(1).state)
    other = Keys()
    other.set_state({**keys.get_state(), "count": 0})
    assert other.start().get(SeedGenerator(2).state).tolist() == before.tolist()

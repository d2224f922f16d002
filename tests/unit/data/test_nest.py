from collections import OrderedDict, namedtuple

import pytest

from addax.data import _nest
from addax.engine import TensorShape

Point = namedtuple("Point", "x y")


def test_lists_and_shapes_are_leaves():
    assert _nest.flatten(([1, 2], TensorShape((3, 4)), {"a": 5})) == [[1, 2], (3, 4), 5]


def test_none_has_no_leaves_and_stays():
    assert _nest.flatten((1, None)) == [1]
    assert _nest.pack((0, None, {"a": 0}), [1, 2]) == (1, None, {"a": 2})


def test_dicts_are_flattened_by_key_and_rebuilt_in_their_own_order():
    nest = {"b": 1, "a": Point(2, 3)}
    assert _nest.flatten(nest) == [2, 3, 1]
    packed = _nest.pack(nest, [20, 30, 10])
    assert list(packed) == ["b", "a"] and packed["a"] == Point(20, 30) and type(packed["a"]) is Point


def test_ordered_dicts_keep_their_type():
    nest = OrderedDict([("b", 1), ("a", 2)])
    assert _nest.map_leaves(str, nest) == OrderedDict([("b", "1"), ("a", "2")])


def test_map_up_to_stops_at_the_leaves_of_the_first_nest():
    assert _nest.map_up_to((0, {"a": 0}), lambda _, x: x, ([1, None], {"a": (2,)})) == (
        [1, None],
        {"a": (2,)},
    )
    with pytest.raises(ValueError, match="form"):
        _nest.map_up_to((0, 0), lambda _, x: x, (1, 2, 3))


def test_forms_are_compared_without_leaves():
    assert _nest.same_form((1, {"a": 2}), ("x", {"a": []}))
    assert not _nest.same_form((1, 2), {"a": 1, "b": 2})
    assert not _nest.same_form((1, None), (1, 2))
    assert _nest.form((1, {"a": 2})) == "(*, {'a': *})"


def test_paths_name_each_leaf():
    assert _nest.paths(3) == ["element"]
    assert _nest.paths({"b": (1, 2), "a": 3}) == ["['a']", "['b'][0]", "['b'][1]"]

from collections import OrderedDict, namedtuple

import keras as real
import pytest

from addax import tree

Pair = namedtuple("Pair", "a b")
PAIRS = [
    ([1], (1,)),
    ([1, 2], Pair(1, 2)),
    ((1, 2), Pair(1, 2)),
    (Pair(1, 2), Pair(3, 4)),
    ({"a": 1}, OrderedDict(a=2)),
    ({"a": 1}, {"b": 1}),
    ([[1]], [1]),
    ([1], [1, 2]),
    (None, 1),
    (None, [1]),
    ([], ()),
    (1, 2.0),
]


def _raises(check, a, b):
    try:
        check(a, b)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("name", ["assert_same_structure", "assert_same_paths"])
@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_same_nests_are_those_that_keras_calls_so(name, a, b):
    assert _raises(getattr(tree, name), a, b) == _raises(getattr(real.tree, name), a, b)


def test_check_types_false_looks_at_paths_only():
    tree.assert_same_structure([1], (1,), check_types=False)
    with pytest.raises(ValueError, match="differ"):
        tree.assert_same_structure([1], (1,))


@pytest.mark.parametrize("top_down", [True, False])
def test_traverse_puts_none_where_it_is_told_to(top_down):
    nest = {"a": [1, 2], "b": (2, {"c": 2})}
    found, wanted = (
        package.tree.traverse(lambda x, t=package.tree: t.MAP_TO_NONE if x == 2 else None, nest, top_down)
        for package in (__import__("addax"), real)
    )
    assert found == wanted == {"a": [1, None], "b": (None, {"c": None})}


@pytest.mark.parametrize("nest", [(None, 3), {"a": (None, 3), "b": [(2,), (1, 2)]}, [(1,), ()]])
def test_shapes_in_a_nest_are_mapped_as_in_keras(nest):
    assert tree.map_shape_structure(tuple, nest) == real.tree.map_shape_structure(tuple, nest)


def test_a_leaf_outside_of_shapes_is_an_error():
    with pytest.raises(ValueError, match="outside of the shapes"):
        tree.map_shape_structure(len, {"a": 1})

"""Losses, metrics and targets lined up with the outputs."""

import pytest

from addax.training._outputs import Outputs

TWO = Outputs(["p", "q"], ["left", "right"])
BY_KEY = Outputs({"z": "p", "a": "q"})
DEEP = Outputs({"pair": ["p", "q"], "one": "r"})


def test_names_come_from_layers_or_keys_or_positions():
    assert TWO.names == ["left", "right"] and TWO.named
    assert BY_KEY.names == ["a", "z"] and BY_KEY.named
    assert Outputs(["p", "q"]).names == ["output_0", "output_1"] and not Outputs(["p", "q"]).named
    assert Outputs("p").names == ["output"]
    assert DEEP.names == ["one", "pair_0", "pair_1"]
    assert Outputs({"z": "p", "a": "q"}, ["layer_a", "layer_z"]).names == ["a", "z"]


def test_repeated_names_get_numbers():
    assert Outputs(["p", "q", "r"], ["same", "same", "same"]).names == ["same", "same_1", "same_2"]


@pytest.mark.parametrize(
    ("form", "given", "lined"),
    [
        (TWO, None, [None, None]),
        (TWO, "mse", ["mse", "mse"]),
        (TWO, ["mse", "mae"], ["mse", "mae"]),
        (TWO, ("mse", None), ["mse", None]),
        (TWO, {"right": "mae"}, [None, "mae"]),
        (BY_KEY, {"z": "mse", "a": "mae"}, ["mae", "mse"]),
        (BY_KEY, ["mae", "mse"], ["mae", "mse"]),
        (DEEP, {"pair": ["mse", "mae"], "one": "hinge"}, ["hinge", "mse", "mae"]),
        (DEEP, {"pair": "mse"}, [None, "mse", "mse"]),
        (DEEP, ["a", "b", "c"], ["a", "b", "c"]),
        (Outputs("p"), ["mse"], ["mse"]),
        (Outputs("p", ["head"]), {"head": "mse"}, ["mse"]),
        (Outputs(["p"], ["head"]), "mse", ["mse"]),
    ],
)
def test_losses_line_up(form, given, lined):
    assert form.line_up(given, "loss", share=True) == lined


@pytest.mark.parametrize(
    ("form", "given", "words"),
    [
        (TWO, {"rihgt": "mae"}, "rihgt.*\n.*right|right"),
        (TWO, ["mse"] * 3, "2, for the outputs"),
        (BY_KEY, {"b": "mse"}, "outputs \\['z', 'a'\\]"),
        (Outputs("p", ["head"]), {"tail": "mse"}, "tail"),
        (Outputs("p"), ["mse", "mae"], "1, for the outputs"),
    ],
)
def test_what_does_not_line_up_is_an_error(form, given, words):
    with pytest.raises(ValueError, match=words):
        form.line_up(given, "loss", share=True)


def test_targets_line_up():
    assert TWO.targets([1, 2], [0, 1]) == [1, 2]
    assert TWO.targets({"right": 2, "left": 1}, [0, 1]) == [1, 2]
    assert TWO.targets([5], [1]) == [None, 5]  # the output without a loss needs none
    assert TWO.targets(5, [0]) == [5, None]
    assert TWO.targets(None, [0, 1]) == [None, None]
    assert Outputs("p").targets([7], [0]) == [7]
    assert Outputs("p").targets({"anything": 7}, [0]) == [7]
    assert Outputs("p").targets(None, [0]) == [None]
    with pytest.raises(ValueError, match="`y` has another number"):
        TWO.targets(5, [0, 1])


def test_several_targets_of_one_output_are_columns():
    import numpy as np

    (found,) = Outputs("p").targets([np.zeros(3), np.ones(3)], [0])
    assert found.shape == (3, 2)

"""How many of Keras's public names Addax has: the figure may only rise."""

from __future__ import annotations

import json

import pytest
from tests.api._surface import HERE, LISTS, coverage, listed, missing

RECORD = json.loads((HERE / "coverage.json").read_text(encoding="utf-8"))
OF = {"keras_api.txt": "Keras 3.15.1", "tf_keras_extra.txt": "tf.keras 2.x alone"}


@pytest.mark.parametrize("name", LISTS)
def test_no_name_that_was_there_is_gone(name, record_property):
    counts = coverage(listed(name))
    have, total = (sum(column) for column in zip(*counts.values(), strict=True))
    line = f"{have:,} of {total:,} public names of {OF[name]}"
    print(line)
    record_property("summary", line)
    fallen = {
        space: f"{counts[space][0]} of {total}, but {before} were recorded"
        for space, (before, total) in RECORD[name].items()
        if counts[space][0] < before
    }
    assert not fallen, missing(listed(name))


@pytest.mark.parametrize("name", LISTS)
def test_the_record_speaks_of_the_whole_list(name):
    assert {space: total for space, (_, total) in RECORD[name].items()} == {
        space: total for space, (_, total) in coverage(listed(name)).items()
    }


def test_a_name_that_does_not_exist_is_missing():
    names = ["keras.layers.Dense", "keras.layers.NoSuchLayer", "keras.nowhere.at_all"]
    assert missing(names) == names[1:]
    assert coverage(names) == {"keras.layers": [1, 2], "keras.nowhere": [0, 1]}


def test_the_list_is_that_of_keras():
    keras = pytest.importorskip("keras")
    from tests.api._surface import resolve

    names = listed("keras_api.txt")
    assert len(names) == len(set(names)) == 1440 and names == sorted(names)
    assert keras.__version__ == "3.15.1"
    for name in names:
        resolve(name, keras)

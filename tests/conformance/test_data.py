"""Pipelines give what TensorFlow gives, and go on from a saved position, whatever they are made of."""

import ast
import importlib
import inspect
import itertools
import pkgutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import addax.data
import addax.tf as tf
from addax import utils
from addax.data import Dataset, Options, TensorSpec
from addax.data._node import Node, walk

_LINES = (Path(__file__).parent / "fixtures" / "data_pipelines.txt").read_text().splitlines()
RECORDED = [ast.literal_eval(line) for line in _LINES if not line.startswith("#")]
_NAMES = {"D": Dataset, "S": TensorSpec, "O": Options, "np": np, "tf": tf, "utils": utils}

# TensorFlow's orders are others, so these are compared with themselves alone.
RANDOM = [
    "D.range(9).shuffle(4, seed=1)",
    "D.range(9).shuffle(20, seed=1).repeat(2)",
    "D.range(9).shuffle(4, seed=1, reshuffle_each_iteration=False).repeat(2)",
    "D.from_tensor_slices((np.arange(9), np.eye(9))).shuffle(4, seed=2).repeat(2).batch(4)",
    "D.from_tensor_slices(np.arange(9)).batch(2).shuffle(3, seed=2).prefetch(2)",
    "D.from_tensor_slices(np.arange(9)).shuffle(4, seed=2).cache().repeat(2)",
    "D.range(9).map(lambda x: x * 2).shuffle(4, seed=3).batch(2)",
    "D.range(4).map(lambda x: x * 2).cache().shuffle(4, seed=3).repeat(3)",
    "D.range(9).filter(lambda x: x > 1).shuffle(4, seed=4).repeat(2)",
    "D.range(9).window(2).shuffle(3, seed=5).flat_map(lambda w: w.batch(2))",
    "D.range(3).flat_map(lambda x: D.range(4).shuffle(4)).shuffle(3)",
    "D.range(4).interleave(lambda x: D.range(4).shuffle(4), 2).prefetch(1)",
    "D.random(seed=6).take(5)",
    "D.random(rerandomize_each_iteration=True).take(2).repeat(3)",
    "D.sample_from_datasets([D.range(4), D.range(10, 14)], [0.3, 0.7], seed=7)",
    "D.sample_from_datasets([D.range(4), D.range(9).shuffle(3)], rerandomize_each_iteration=True).repeat(2)",
    "D.range(40).rejection_resample(lambda x: x % 2, [0.2, 0.8], seed=8).repeat(2)",
    "D.range(40).rejection_resample(lambda x: x % 2, [0.2, 0.8], [0.5, 0.5], seed=8)",
]

# What reads files, of the folder F, or has its makers elsewhere than in `Dataset`.
STORED = [
    "D.range(9).shuffle(4, seed=1).cache(F + '/cache').map(lambda x: x + 1)",
    "D.range(9).shuffle(4, seed=1).snapshot(F + '/snapshot').repeat(2)",
    "D.load(F + '/saved').shuffle(4, seed=2)",
    "D.load(F + '/one').batch(3)",
    "tf.data.TextLineDataset([F + '/lines.csv', F + '/more.csv']).shuffle(3, seed=1)",
    "tf.data.experimental.CsvDataset(F + '/lines.csv', ['int32', 'float32']).batch(2)",
    "tf.data.experimental.make_csv_dataset(F + '/named.csv', 2, num_epochs=2, shuffle_seed=1)",
    "D.range(1, 9).map(lambda n: tf.range(int(n))).shuffle(3, seed=1).ragged_batch(2)",
    "D.range(9).filter(lambda x: x > 0).apply(tf.data.experimental.assert_cardinality(8)).shuffle(3, seed=1)",
    "utils.timeseries_dataset_from_array(np.arange(20), None, 3, batch_size=2, shuffle=True, seed=1)",
    "utils.image_dataset_from_directory(F + '/images', image_size=(2, 3), batch_size=2, seed=1, verbose=False)",
    "utils.image_dataset_from_directory(F + '/images', batch_size=None, seed=1, verbose=False, image_size=2)",
    "utils.text_dataset_from_directory(F + '/texts', batch_size=2, seed=1, verbose=False)",
]


def build(expression, folder=""):
    return eval(expression, {**_NAMES, "F": str(folder)})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stored")
    (folder / "lines.csv").write_text("".join(f"{n},{n / 2}\n" for n in range(7)))
    (folder / "more.csv").write_text("a\nb\n")
    (folder / "named.csv").write_text("x,y\n" + "".join(f"{n},{n * n}\n" for n in range(6)))
    Dataset.range(8).save(str(folder / "saved"), shard_func=lambda x: x % 2)
    Dataset.range(8).save(str(folder / "one"))
    for number in range(7):
        for name in (f"images/{number % 2}", f"texts/{number % 2}"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(np.full((3, 4, 3), number, np.uint8))
        image.save(folder / "images" / str(number % 2) / f"{number}.png")
        (folder / "texts" / str(number % 2) / f"{number}.txt").write_text(f"text {number}")
    return folder


def shown(value):
    if isinstance(value, Dataset):
        return [shown(element) for element in value]
    if isinstance(value, tuple):
        return tuple(map(shown, value))
    if isinstance(value, dict):
        return {key: shown(child) for key, child in value.items()}
    value = value if hasattr(value, "to_list") else value.numpy()
    if hasattr(value, "to_list"):
        return value.to_list()
    return value.tolist() if hasattr(value, "tolist") else value


def some(iterator, count):
    return [shown(element) for element in itertools.islice(iterator, count)]


@pytest.mark.parametrize("expression, spec, size, elements", RECORDED, ids=[row[0] for row in RECORDED])
def test_a_pipeline_gives_what_tensorflow_gives(expression, spec, size, elements):
    dataset = build(expression)
    assert repr(dataset.element_spec) == spec
    assert int(dataset.cardinality()) == size
    assert some(iter(dataset), 12) == elements


@pytest.mark.parametrize("expression", [row[0] for row in RECORDED] + RANDOM + STORED)
def test_a_restored_iterator_goes_on_as_the_saved_one_did(expression, folder):
    for position in (0, 1, 3):
        iterator = iter(build(expression, folder))
        some(iterator, position)
        state = iterator.get_state()
        rest = some(iterator, 12)
        other = iter(build(expression, folder))  # as in another process: built anew, and somewhere else
        some(other, 2)
        other.set_state(state)
        assert some(other, 12) == rest


def test_every_kind_of_node_is_among_these_pipelines(folder):
    for package in (addax.data, utils):
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")
    kinds, waiting = set(), [Node]
    while waiting:
        found = waiting.pop().__subclasses__()
        kinds.update(
            kind for kind in found if not inspect.isabstract(kind) and kind.__module__[:5] == "addax"
        )
        waiting.extend(found)
    met = set()
    for expression in [row[0] for row in RECORDED] + RANDOM + STORED:
        met.update(type(node) for node in walk(build(expression, folder)._node))
    assert len(kinds) > 35
    assert not kinds - met


def has_fixed_shapes(spec):
    return not any(word in spec.replace("name=None", "") for word in ("None", "<unknown>", "DatasetSpec"))


@pytest.mark.parametrize("expression", [row[0] for row in RECORDED if has_fixed_shapes(row[1])])
def test_batches_hold_the_same_elements(expression):
    dataset = build(expression)
    assert some(iter(dataset.batch(5).unbatch()), 12) == some(iter(dataset), 12)


@pytest.mark.parametrize("expression", RANDOM)
def test_later_iterations_of_a_restored_pipeline_are_the_same_too(expression):
    dataset = build(expression)
    iterator = iter(dataset)
    some(iterator, 2)
    state = iterator.get_state()
    later = [some(iter(dataset), 12) for _ in range(2)]
    again = build(expression)
    iter(again).set_state(state)
    assert [some(iter(again), 12) for _ in range(2)] == later

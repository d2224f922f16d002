"""Configs that want to run something: each payload at every door, and proof that nothing ran."""

from __future__ import annotations

import base64
import json
import marshal
import sys

import numpy as np
import pytest
from tests.security._files import (
    DOORS,
    WITH_OPTIONS,
    archive,
    dense,
    entry,
    function,
    legacy,
    sequential,
)
from tests.security._watch import tree_of, watched

import addax as keras

MARKER = b"the-payload-ran"
REFUSALS = (TypeError, ValueError)


def payload(x):
    import os

    os.system("echo the-payload-ran")
    return x


CODE = base64.b64encode(marshal.dumps(payload.__code__)).decode()
HARMLESS = base64.b64encode(marshal.dumps((lambda x: x * 3).__code__)).decode()


def lambda_forms(code):
    parts = {"code": code, "defaults": None, "closure": None}
    listed = {"value": [code, None, None]}
    keras2 = {
        "function": [code, None, None],
        "function_type": "lambda",
        "output_shape_type": "raw",
        "module": "m",
    }
    return {
        "Lambda of Keras 3": entry("Lambda", {"function": {"class_name": "__lambda__", "config": parts}}),
        "Lambda of Keras 3, listed": entry(
            "Lambda", {"function": {"class_name": "__lambda__", "config": listed}}
        ),
        "Lambda of Keras 2": entry("Lambda", {**keras2, "output_shape": None, "arguments": {}}),
        "activation": dense(activation={"class_name": "__lambda__", "config": parts}),
        "initializer": dense(kernel_initializer={"class_name": "__lambda__", "config": listed}),
    }


LAMBDAS = lambda_forms(CODE)


@pytest.fixture(autouse=True, scope="module")
def warm(tmp_path_factory):
    """What is imported on first use is imported before anything is watched."""
    for load in DOORS.values():
        load(dense(), tmp_path_factory.mktemp("warm"))


@pytest.mark.parametrize("door", DOORS)
def test_a_harmless_config_passes_every_door(door, tmp_path):
    made = DOORS[door](dense(kernel_initializer="ones", activation="relu"), tmp_path)
    made = made if isinstance(made, keras.layers.Dense) else made.layers[-1]
    assert made.units == 2 and made.activation is keras.activations.relu


def assert_refused(door, layer, tmp_path, match=None, **options):
    modules = set(sys.modules)
    with watched() as seen, pytest.raises(REFUSALS, match=match):
        DOORS[door](layer, tmp_path, **options)
    assert not seen.unmarshalled(MARKER)
    assert not {m for m in set(sys.modules) - modules if not m.startswith(("addax", "jax", "h5py", "numpy"))}


@pytest.mark.parametrize("form", LAMBDAS)
@pytest.mark.parametrize("door", DOORS)
def test_code_is_refused_at_every_door(door, form, tmp_path):
    assert_refused(door, LAMBDAS[form], tmp_path, match="safe_mode=False")


@pytest.mark.parametrize("safe_mode", [None, True])
@pytest.mark.parametrize("door", WITH_OPTIONS)
def test_unset_and_none_mean_safe(door, safe_mode, tmp_path):
    assert_refused(door, LAMBDAS["Lambda of Keras 3"], tmp_path, match="safe_mode=False", safe_mode=safe_mode)


@pytest.mark.parametrize("safe_mode", [0, "", "False", np.False_])
@pytest.mark.parametrize("door", WITH_OPTIONS)
def test_what_merely_looks_false_is_no_permission(door, safe_mode, tmp_path):
    assert_refused(door, LAMBDAS["Lambda of Keras 3"], tmp_path, match="safe_mode", safe_mode=safe_mode)


@pytest.mark.parametrize("form", [f for f in LAMBDAS if f.startswith("Lambda")])
def test_the_user_may_trust_a_file(form, tmp_path):
    path = archive(tmp_path / "m.keras", sequential(lambda_forms(HARMLESS)[form]), data=None)
    model = keras.models.load_model(path, safe_mode=False)
    np.testing.assert_array_equal(model(np.ones((1, 3))), [[3, 3, 3]])


def test_a_general_permission_does_not_outweigh_an_explicit_no(tmp_path, monkeypatch):
    from addax.core import config

    monkeypatch.setattr(config._settings, "unsafe_deserialization", True)
    path = archive(tmp_path / "m.keras", sequential(lambda_forms(HARMLESS)["Lambda of Keras 3"]))
    assert keras.models.load_model(path).layers
    with pytest.raises(ValueError, match="refused"):
        keras.models.load_model(path, safe_mode=True)


# Names -----------------------------------------------------------------------------------------------------
FOREIGN = [
    ("os", "system"),
    ("posix", "system"),
    ("subprocess", "Popen"),
    ("subprocess", "check_output"),
    ("builtins", "eval"),
    ("builtins", "exec"),
    ("builtins", "__import__"),
    ("builtins", "open"),
    ("importlib", "import_module"),
    ("pickle", "loads"),
    ("marshal", "loads"),
    ("numpy", "load"),
    ("webbrowser", "open"),
    ("keras.utils", "get_file"),
    ("keras.src.utils.file_utils", "get_file"),
    ("keras.models", "load_model"),
    ("keras.saving", "load_weights"),
    ("keras.saving", "deserialize_keras_object"),
    ("keras.layers", "deserialize"),
    ("keras.activations", "get"),
    ("keras.config", "enable_unsafe_deserialization"),
    ("keras", "config.enable_unsafe_deserialization"),
    ("keras.callbacks", "LambdaCallback"),
    ("keras.datasets", "mnist"),
    ("addax.utils", "get_file"),
    ("addax.saving._download", "get_file"),
    ("addax.core.serial", "_lambda"),
    ("addax.cli", "main"),
    ("addax.tf.io", "read_file"),
    ("tensorflow.io", "read_file"),
    (None, "eval"),
    ("", "system"),
]
PLACES = {
    "as a layer": lambda module, name: entry(name, {"command": "echo", "name": "x"}, module),
    "as a layer without a module": lambda module, name: {"class_name": name, "config": {"args": "echo"}},
    "as an activation": lambda module, name: dense(activation=function(name, module)),
    "as an activation by name": lambda module, name: dense(activation=f"{module}.{name}"),
    "as an initializer": lambda module, name: dense(kernel_initializer=entry(name, {"fname": "x"}, module)),
    "as an initializer by name": lambda module, name: dense(kernel_initializer=name),
    "as a regularizer": lambda module, name: dense(kernel_regularizer=function(name, module)),
    "as a constraint": lambda module, name: dense(kernel_constraint=function(name, module)),
    "as a dtype": lambda module, name: dense(dtype=entry(name, {"name": "float32"}, module)),
    "as the function of a Lambda": lambda module, name: entry(
        "Lambda", {"function": function(name, module), "arguments": {"origin": "file:///etc/passwd"}}
    ),
    "as a class": lambda module, name: entry(
        "Lambda", {"function": {"class_name": "__class__", "config": name, "module": module}}
    ),
    "as the inner layer": lambda module, name: entry("TimeDistributed", {"layer": entry(name, {}, module)}),
    "as a registered name": lambda module, name: entry("Dense2", {}, module, f"{module}>{name}"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("module", "name"), FOREIGN, ids=lambda v: str(v))
def test_no_name_of_a_file_leads_to_a_foreign_function(place, module, name, tmp_path):
    assert_refused("deserialize_keras_object", PLACES[place](module, name), tmp_path)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("door", DOORS)
def test_every_door_leads_to_the_one_resolver(door, place, tmp_path):
    assert_refused(door, PLACES[place]("os", "system"), tmp_path)


def test_a_user_s_module_is_not_imported_because_a_file_names_it(tmp_path, monkeypatch):
    (tmp_path / "evil_module.py").write_text("raise SystemExit('imported')\nclass Evil: pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    for layer in (entry("Evil", {}, "evil_module"), entry("Evil", {}, "evil_module", "evil_module>Evil")):
        assert_refused("load_model .keras", layer, tmp_path, match="Evil")
    assert "evil_module" not in sys.modules


WRONG_KINDS = {
    "a layer as an initializer": dense(kernel_initializer=dense()),
    "an optimizer as an initializer": dense(kernel_initializer=entry("Adam", {}, "keras.optimizers")),
    "a loss as a regularizer": dense(kernel_regularizer=entry("MeanSquaredError", {}, "keras.losses")),
    "an initializer as an activation": dense(activation=entry("Zeros", {}, "keras.initializers")),
    "an initializer as a layer": entry("Zeros", {}, "keras.initializers"),
    "an optimizer as an inner layer": entry(
        "TimeDistributed", {"layer": entry("SGD", {}, "keras.optimizers")}
    ),
    "a layer as a constraint": dense(kernel_constraint=dense()),
}


@pytest.mark.parametrize("what", WRONG_KINDS)
@pytest.mark.parametrize(
    "door", ["load_model .keras", "load_model .h5", "model_from_json", "layers.deserialize"]
)
def test_what_an_argument_cannot_hold_is_refused_before_it_is_made(door, what, tmp_path, monkeypatch):
    def made(*args, **kwargs):
        raise AssertionError("it was made")

    for cls in (keras.optimizers.Adam, keras.optimizers.SGD, keras.losses.MeanSquaredError):
        monkeypatch.setattr(cls, "__init__", made)
    assert_refused(door, WRONG_KINDS[what], tmp_path)


@pytest.mark.parametrize("config", [dense(), entry("Adam", {}, "keras.optimizers"), {}, [], 3, "x", None])
def test_a_file_holds_a_model_and_nothing_else(config, tmp_path):
    for load in (
        lambda: keras.models.load_model(archive(tmp_path / "m.keras", config)),
        lambda: keras.models.model_from_json(json.dumps(config)),
    ):
        with watched(), pytest.raises(REFUSALS):
            load()


# The policy ------------------------------------------------------------------------------------------------
@keras.saving.register_keras_serializable("security")
class Loosening(keras.layers.Layer):
    """A layer of the user that is careless with what its config holds."""

    @classmethod
    def from_config(cls, config):
        keras.saving.deserialize_keras_object(config.pop("inner"), safe_mode=False)
        return cls(**config)


@keras.saving.register_keras_serializable("security")
class Switching(keras.layers.Layer):
    @classmethod
    def from_config(cls, config):
        keras.config.enable_unsafe_deserialization()
        keras.saving.deserialize_keras_object(config.pop("inner"))
        return cls(**config)


@pytest.mark.parametrize("cls", [Loosening, Switching])
@pytest.mark.parametrize("door", DOORS)
def test_loading_cannot_change_its_own_policy(cls, door, tmp_path, monkeypatch):
    from addax.core import config

    monkeypatch.setattr(config._settings, "unsafe_deserialization", False)
    layer = entry(cls.__name__, {"inner": LAMBDAS["Lambda of Keras 3"]}, None, f"security>{cls.__name__}")
    assert_refused(door, layer, tmp_path, match="safe_mode=False")


@pytest.mark.parametrize("where", ["in the model", "in the layer", "beside the config"])
@pytest.mark.parametrize("door", ["load_model .keras", "load_model .h5", "model_from_json"])
def test_a_file_cannot_ask_for_trust(where, door, tmp_path):
    layer = json.loads(json.dumps(LAMBDAS["Lambda of Keras 3"]))
    if where == "in the layer":
        layer["config"].update(safe_mode=False, custom_objects={"\0safe_mode": False})
    model = sequential(layer)
    if where == "in the model":
        model["config"]["safe_mode"] = False
    if where == "beside the config":
        model["safe_mode"] = layer["safe_mode"] = False
    loaders = {
        "load_model .keras": lambda: keras.models.load_model(archive(tmp_path / "m.keras", model)),
        "load_model .h5": lambda: keras.models.load_model(legacy(tmp_path / "m.h5", model)),
        "model_from_json": lambda: keras.models.model_from_json(json.dumps(model)),
    }
    with watched() as seen, pytest.raises(REFUSALS):
        loaders[door]()
    assert not seen.unmarshalled(MARKER)


def test_compile_arguments_are_data_too(tmp_path):
    for compiled in (
        {"optimizer": entry("Popen", {"args": "ls"}, "subprocess"), "loss": "mse"},
        {"optimizer": "sgd", "loss": function("system", "os")},
        {"optimizer": "sgd", "loss": {"class_name": "__lambda__", "config": {"value": [CODE, None, None]}}},
        {"optimizer": "sgd", "loss": "mse", "metrics": [function("get_file", "keras.utils")]},
        {"optimizer": dense(), "loss": "mse"},
        {"optimizer": {**entry("SGD", {"learning_rate": dense()}, "keras.optimizers")}, "loss": "mse"},
    ):
        config = {**sequential(dense()), "compile_config": compiled}
        with watched() as seen, pytest.raises(REFUSALS):
            keras.models.load_model(archive(tmp_path / "m.keras", config))
        assert not seen.unmarshalled(MARKER)


def test_a_cloned_lambda_is_not_taken_apart():
    def triple(x):
        return x * 3

    model = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: triple(x))])
    with watched() as seen:
        other = keras.models.clone_model(model)
    assert other.layers[0].function is model.layers[0].function
    assert not any(event == "marshal.loads" for event, _ in seen.events)


def test_a_clone_of_a_loaded_model_has_its_policy(tmp_path):
    model = keras.models.model_from_json(json.dumps(sequential(dense())))
    model.layers[0].get_config = lambda: {"name": "d", "units": 1, "activation": function("system", "os")}
    with watched(), pytest.raises(TypeError, match="system"):
        keras.models.clone_model(model)


# Files named in configs ------------------------------------------------------------------------------------
def naming_files(path):
    return {
        "StringLookup": entry("StringLookup", {"vocabulary": path}),
        "IntegerLookup": entry("IntegerLookup", {"vocabulary": path}),
        "TextVectorization": entry("TextVectorization", {"vocabulary": path}),
        "Dense": dense(weights=path),
    }


@pytest.mark.parametrize("what", naming_files(""))
@pytest.mark.parametrize("door", DOORS)
def test_files_named_in_a_config_are_never_read(door, what, tmp_path):
    secret = tmp_path / "secret" / "passwords.txt"
    secret.parent.mkdir()
    secret.write_text("hunter2\n")
    with watched() as seen, pytest.raises(REFUSALS, match="file|weights"):
        DOORS[door](naming_files(str(secret))[what], tmp_path)
    assert str(secret) not in seen.opened


# Malformed -------------------------------------------------------------------------------------------------
MALFORMED = [
    {"class_name": 3, "config": {}},
    {"class_name": None, "config": {}},
    {"class_name": ["Dense"], "config": {}},
    {"class_name": {"a": 1}, "config": {}},
    entry("Dense", [1, 2]),
    entry("Dense", "units"),
    entry("Dense", {"units": 2}, module=7),
    entry("Dense", {"units": 2}, registered_name=7),
    entry("Dense", {"no_such_argument": 1, "units": 2}),
    entry("__class__", {}),
    entry("__init__", {}),
    {"class_name": "__numpy__", "config": {"value": [1], "dtype": "no such dtype"}},
    {"class_name": "__numpy__", "config": [1, 2]},
    {"class_name": "__slice__", "config": {}},
    {"class_name": "__bytes__", "config": {"value": 3}},
    {"class_name": "function", "config": {}},
    {"class_name": "function", "config": None},
]


@pytest.mark.parametrize("config", MALFORMED, ids=lambda c: json.dumps(c)[:60])
@pytest.mark.parametrize("door", DOORS)
def test_malformed_configs_are_refused_in_words(door, config, tmp_path):
    assert_refused(door, config, tmp_path)


def test_bottomless_configs_are_refused_in_words(tmp_path):
    nested: dict = {}
    for _ in range(20_000):
        nested = {"a": nested}
    with pytest.raises(ValueError, match="deep"):
        keras.saving.deserialize_keras_object(nested)
    with pytest.raises(ValueError, match="JSON"):
        keras.models.model_from_json("[" * 100_000)
    text = '{"class_name": "Sequential", "config": ' + '{"a":' * 900 + "1" + "}" * 900 + "}"
    with pytest.raises(REFUSALS):
        keras.models.model_from_json(text)


def test_nothing_is_left_behind(tmp_path):
    files = [archive(tmp_path / "m.keras", sequential(LAMBDAS["Lambda of Keras 2"]))]
    before = tree_of(tmp_path)
    with pytest.raises(ValueError, match="lambda"):
        keras.models.load_model(files[0])
    assert tree_of(tmp_path) == before

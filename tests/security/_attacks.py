"""The rows of `security.md`: malicious contents by carrier."""

from __future__ import annotations

import base64
import json
import os
import pickle
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from tests.security import _files as files
from tests.security.test_configs import CODE, LAMBDAS, PLACES, naming_files
from tests.security.test_files import BOMBS, LINKS, NAMES, _links
from tests.security.test_get_file import TARS, folder


class Attack(NamedTuple):
    """One malicious content.

    Attributes:
        content: What the loader of a carrier gets; made of the folder with the secret.
        contained: Whether it need not be refused, if it does nothing.
    """

    content: Callable[[Any], Any]
    contained: bool = False


def always(content: Any, contained: bool = False) -> Attack:
    return Attack(lambda place: content, contained)


# The rows -------------------------------------------------------------------------------------------------
_LAMBDA = {"class_name": "__lambda__", "config": {"code": CODE, "defaults": None, "closure": None}}
_OLD_LAMBDA = {"class_name": "__lambda__", "config": {"value": [CODE, None, None]}}
_FOREIGN = [("os", "system"), ("builtins", "eval"), ("subprocess", "Popen"), (None, "exec")]
_GADGETS = [
    ("keras.utils", "get_file"),
    ("keras.models", "load_model"),
    ("keras.saving", "deserialize_keras_object"),
    ("keras.config", "enable_unsafe_deserialization"),
    ("addax.saving._download", "get_file"),
]


def _names(pairs: list) -> dict[str, dict[str, Attack]]:
    """Functions and classes that a file names, in the places where it may name some."""
    places = ("as a layer", "as an activation", "as an initializer by name", "as the function of a Lambda")
    config = {
        f"{module}.{name} {place}": always(PLACES[place](module, name))
        for module, name in pairs
        for place in places
    }
    named: dict[str, Attack] = {}
    for module, name in pairs:
        named[f"function {module}.{name}"] = always(files.function(name, module))
        named[f"class {module}.{name}"] = always(files.entry(name, {"args": "echo"}, module))
        named[f"text {module}.{name}"] = always(f"{module}.{name}", contained=True)
    return {"config": config, "named": named}


def _policy() -> dict[str, dict[str, Attack]]:
    def careless(name: str) -> Attack:
        return always(files.entry(name, {"inner": LAMBDAS["Lambda of Keras 3"]}, None, f"security>{name}"))

    asking = json.loads(json.dumps(LAMBDAS["Lambda of Keras 3"]))
    asking["safe_mode"] = asking["config"]["safe_mode"] = False
    older = {"class_name": "Lambda", "config": LAMBDAS["Lambda of Keras 2"]["config"]}
    return {
        "config": {
            "a careless class": careless("Loosening"),
            "a class that switches": careless("Switching"),
            "a file that asks": always(asking),
            "a layer without a module": always(older),
        },
        "named": {
            "an object that asks": always({**_LAMBDA, "safe_mode": False, "module": None}),
            "one without a module": always(
                {"class_name": "Lambda", "config": LAMBDAS["Lambda of Keras 2"]["config"]}
            ),
        },
    }


class _Evil:
    def __reduce__(self) -> Any:
        return os.system, ("echo the-payload-ran",)


def _pickles() -> dict[str, Attack]:
    found = {f"protocol {n}": always(pickle.dumps([_Evil()], n)) for n in (2, 4, 5)}
    return {
        **found,
        "protocol 0": always(b"cos\nsystem\n(S'echo the-payload-ran'\ntR."),
        "a name": always(b"\x80\x02cos\nsystem\n."),
    }


_MODULE = base64.b64encode(pickle.dumps(_Evil())).decode()
_ARTEFACTS = {
    "a SavedModel": Attack(lambda place: files.entry("TFSMLayer", {"filepath": str(place)})),
    "a pickled module": always(files.entry("TorchModuleWrapper", {"module": _MODULE})),
    "YAML": always(files.entry("Dense", "!!python/object/apply:os.system [echo]")),
    "a pickle as an array": always(
        files.dense(bias_initializer={"class_name": "__numpy__", "config": {"value": _MODULE, "dtype": "O"}}),
        contained=True,  # an array of texts
    ),
}


def _bombs_of_zip() -> dict[str, Attack]:
    many = [(f"assets/{n}", b"0" * (1 << 19)) for n in range(30)]
    return {"many small": always(many), "one large": always([("assets/x", b"0" * (8 << 20))])}


ROWS: dict[str, dict[str, dict[str, Attack]]] = {
    "a Lambda with bytecode": {
        "config": {name: always(layer) for name, layer in LAMBDAS.items()},
        "named": {"a lambda": always(_LAMBDA), "an older lambda": always(_OLD_LAMBDA)},
    },
    "any module and function by name": _names(_FOREIGN),
    "functions of the package as gadgets": _names(_GADGETS),
    "the policy switched off while loading": _policy(),
    "an external artefact, YAML, pickle": {
        "config": _ARTEFACTS,
        "named": {name: attack for name, attack in _ARTEFACTS.items()},
        "pickle": _pickles(),
    },
    "a vocabulary that is a path": {
        "config": {
            n: Attack(lambda place, n=n: naming_files(str(place / "secret.raw"))[n]) for n in naming_files("")
        },
        "named": {"a lookup": Attack(lambda place: naming_files(str(place / "secret.raw"))["StringLookup"])},
    },
    "HDF5 that is kept elsewhere": {
        "hdf5": {kind: Attack(lambda place, kind=kind: _elsewhere(place, kind)) for kind in LINKS}
    },
    "members that lead out": {
        "zip": {name: always([(name, b"evil")]) for name in NAMES},
        "tar": {name: always(members) for name, members in TARS.items()},
    },
    "names that lead out": {
        "config": {
            name: always(files.dense(name=name), contained=True) for name in ("../../evil", "/tmp/addax_evil")
        },
        "zip": {"an asset": always([("assets/layers/../../../evil", b"evil")])},
        "index": {
            name: Attack(lambda place, name=name: name.format(secret=place))
            for name in ("../secret/secret.h5", "{secret}/secret.h5", "..", "a/../../secret/secret.h5")
        },
        "tar": {"a folder": always([folder("../../evil")])},
    },
    "sizes without bytes": {
        "config": {"a config": always(files.dense(units=1 << 40))},
        "hdf5": {},
        "zip": _bombs_of_zip(),
    },
}


def _elsewhere(place: Any, kind: str) -> Callable:
    def fill(group: Any) -> None:
        group["1"] = np.zeros(2, "float32")
        _links(place)[kind](group)

    return fill


def _with_bias(make: Callable) -> Callable:
    def fill(group: Any) -> None:
        group["1"] = np.zeros(2, "float32")
        make(group)

    return fill


def _shared(group: Any) -> None:
    """One array under a thousand names."""
    group["0"], group["1"] = np.zeros((3, 2), "float32"), np.zeros(2, "float32")
    group["2"] = np.zeros(1 << 16, "float32")
    for number in range(3, 1000):
        group[str(number)] = group["2"]


ROWS["sizes without bytes"]["hdf5"] = {
    **{
        name: always(_with_bias(make))
        for name, make in BOMBS.items()
        if name not in ("another shape", "a group")
    },
    "shared": always(_shared),
}

"""`addax stubs`: what editors read in the place of TensorFlow and Keras."""

from __future__ import annotations

import ast
import importlib

import pytest

from addax.cli._stubs import write_stubs


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("editor") / "typings"
    assert write_stubs(str(folder), lambda text: None) == 0
    return folder


def test_every_name_of_a_stub_is_where_it_says(folder) -> None:
    stubs = sorted(folder.rglob("*.pyi"))
    assert len(stubs) > 100
    for path in stubs:
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.ImportFrom) or node.module == "typing":
                continue
            if node.module.startswith("addax"):
                assert hasattr(importlib.import_module(node.module), node.names[0].name), (
                    path,
                    node.names[0].name,
                )
            else:
                names = [one.name for one in node.names if one.name != "*"]
                places = [
                    folder.joinpath(*node.module.split("."), *([name] if name else []))
                    for name in names or [""]
                ]
                assert all((place / "__init__.pyi").is_file() for place in places), (path, names)


def test_names_come_from_where_they_are_defined(folder) -> None:
    layers = (folder / "keras" / "layers" / "__init__.pyi").read_text()
    assert "from addax.layers.core._dense import Dense as Dense" in layers
    assert (
        "from keras.layers import *"
        in (folder / "tensorflow" / "keras" / "layers" / "__init__.pyi").read_text()
    )
    top = (folder / "tensorflow" / "__init__.pyi").read_text()
    assert "float32: _DType" in top and "from tensorflow import keras as keras" in top


def test_other_stubs_are_left_alone(folder, tmp_path) -> None:
    assert write_stubs(str(folder), lambda text: None) == 0  # its own ones are replaced
    (tmp_path / "keras").mkdir()
    (tmp_path / "keras" / "__init__.pyi").write_text("x: int\n")
    with pytest.raises(ValueError, match="not of this command's making"):
        write_stubs(str(tmp_path), lambda text: None)
    assert not (tmp_path / "tensorflow").exists()

"""What importing Addax costs, and what it must never import."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "addax"
STOOD_IN_FOR = {"tensorflow", "tf_keras", "keras", "torch"}
HEAVY = {"jax", "jaxlib", "numpy", "scipy", "ml_dtypes", "h5py", "malt", "matplotlib", "pandas"}
# Addax's own modules, its namespaces and the standard library's; JAX alone brings some 500.
MOST_MODULES_AT_IMPORT = 250


def _modules_loaded_by(code: str) -> set[str]:
    program = f"import json, sys\nbefore = set(sys.modules)\n{code}\n"
    program += "print(json.dumps(sorted(set(sys.modules) - before)))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return set(json.loads(ran.stdout.splitlines()[-1]))


def _roots(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize("code", ["import addax", "import addax as keras", "import addax.tf as tf"])
def test_importing_loads_neither_jax_nor_any_other_heavy_package(code):
    assert not _roots(_modules_loaded_by(code)) & (HEAVY | STOOD_IN_FOR)


def test_importing_loads_a_bounded_number_of_modules():
    modules = _modules_loaded_by("import addax")
    assert "addax" in modules
    assert len(modules) <= MOST_MODULES_AT_IMPORT, sorted(modules)


def test_the_first_dense_call_is_what_imports_jax():
    before_the_call = "import addax as keras\nlayer = keras.layers.Dense(2)"
    assert "jax" not in _modules_loaded_by(before_the_call)
    assert "jax" in _modules_loaded_by(f"{before_the_call}\nimport numpy\nlayer(numpy.ones((1, 2)))")


def test_using_addax_never_loads_the_packages_it_stands_in_for():
    code = """
import addax as keras
import numpy as np
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
"""
    assert not _roots(_modules_loaded_by(code)) & STOOD_IN_FOR


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every import in a module: statements, and calls of the import functions with a literal name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.lineno, node.module or ""
        elif isinstance(node, ast.Call) and node.args and _is_import_function(node.func):
            if isinstance(node.args[0], ast.Constant):
                yield node.lineno, str(node.args[0].value)


def _is_import_function(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", None)
    return name in {"import_module", "__import__"}


def _forbidden_imports(source: str) -> list[tuple[int, str]]:
    return [
        (line, name) for line, name in _imports(ast.parse(source)) if name.partition(".")[0] in STOOD_IN_FOR
    ]


def test_no_file_imports_the_packages_addax_stands_in_for():
    files = sorted(PACKAGE.rglob("*.py"))
    assert files
    found = {str(f.relative_to(PACKAGE)): _forbidden_imports(f.read_text(encoding="utf-8")) for f in files}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import tensorflow as tf",
        "import os, keras.layers",
        "from torch.nn import Module",
        "def late():\n    from tf_keras import Model",
        "import importlib\nimportlib.import_module('tensorflow.keras')",
        "__import__('keras')",
    ],
)
def test_the_scan_sees_every_way_to_import(source):
    assert _forbidden_imports(source)


def test_the_scan_lets_our_own_names_pass():
    assert not _forbidden_imports("from addax import tf\nfrom addax.tf import keras\nfrom . import keras")

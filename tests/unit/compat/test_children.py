from __future__ import annotations

import multiprocessing.spawn
import subprocess
import sys
from importlib.machinery import PathFinder
from types import SimpleNamespace

import pytest

from addax.compat._children import SPAWN_MODULE, SpawnFinder, pass_on

SCRIPT = """
import addax
{first}
{second}
import keras

def same(name):
    import keras
    return keras.__name__ == name

if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(same, ["addax"]))
"""


@pytest.mark.parametrize("late", [True, False])
def test_a_spawned_process_has_the_hook_before_it_imports_the_script(tmp_path, late):
    # The child runs the script's `import keras` as `__mp_main__`, and by then install() is skipped.
    steps = ["if __name__ == '__main__': addax.install()", "import multiprocessing, multiprocessing.spawn"]
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(first=steps[not late], second=steps[late]))
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120)
    assert (ran.stdout, ran.returncode) == ("[True]\n", 0), ran.stderr


def test_without_the_hook_children_are_told_nothing():
    spawn = SimpleNamespace(get_preparation_data=lambda name: {"name": name})
    pass_on(spawn)
    assert spawn.get_preparation_data("child") == {"name": "child"}


def test_with_the_hook_children_are_told_first(monkeypatch):
    spawn = SimpleNamespace(get_preparation_data=lambda name: {"name": name})
    monkeypatch.setattr(sys, "meta_path", [SpawnFinder(), *sys.meta_path])
    pass_on(spawn)
    pass_on(spawn)
    assert list(spawn.get_preparation_data("child")) == ["addax", "name"]


def test_only_the_spawn_module_is_touched():
    finder = SpawnFinder()
    assert finder.find_spec("multiprocessing.pool", multiprocessing.__path__) is None
    spec = finder.find_spec(SPAWN_MODULE, multiprocessing.__path__)
    assert spec is not None
    ordinary = PathFinder.find_spec(SPAWN_MODULE, multiprocessing.__path__)
    assert spec.origin == ordinary.origin == multiprocessing.spawn.__file__

"""The mechanism of the import hook, on a small package of its own."""

from __future__ import annotations

import importlib
import importlib.util
import pickle
import subprocess
import sys
import threading
import types

import pytest

from addax.compat._finder import AliasFinder, MissingNameFinder

ALIASES = {"fkeras": ("fax",), "ftf": ("fax.tf",), "ftf.keras": ("fax.tf.keras", "fax")}
FORMER = {
    "fkeras": ("engine", "engine.topology"),
    "fkeras.layers": ("core", "experimental", "experimental.pre"),
}
GONE = {"ftf.python": "It is private."}
FILES = {
    "__init__.py": """
        __all__ = ["Model", "layers", "optimizers", "tf"]
        __version__ = "9.8"

        class Model:
            pass

        def __getattr__(name):
            if name == "optimizers":
                import fax.optimizers
                return fax.optimizers
            raise AttributeError(name)
        """,
    "engine.py": "Layer = object",
    "layers/__init__.py": """
        from fax.layers._dense import Dense
        __all__ = ["Dense"]
        """,
    "layers/_dense.py": "class Dense: pass\nDense.__module__ = 'fax.layers'",
    "optimizers/__init__.py": "class Adam: pass\n__all__ = ['Adam', 'schedules']",
    "optimizers/schedules.py": "class Cosine: pass",
    "tf/__init__.py": """
        from types import SimpleNamespace
        from fax.tf import _plain as nn
        function = len
        float32 = "float32"
        data = SimpleNamespace(Dataset=dict, deep=SimpleNamespace(AUTOTUNE=-1))
        """,
    "tf/_plain.py": "relu = abs",
    "broken/__init__.py": "import a_package_that_nobody_has",
}


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Lays out files of the package `fax` and forgets it afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)

    def lay(files: dict[str, str]) -> None:
        for name, text in files.items():
            path = tmp_path / "fax" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = text.strip("\n").splitlines()
            indent = len(lines[0]) - len(lines[0].lstrip())
            path.write_text("\n".join(line[indent:] for line in lines) + "\n")
        importlib.invalidate_caches()

    yield lay
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in {"fax", "fkeras", "ftf"}:
            del sys.modules[name]


@pytest.fixture
def hook(write):
    write(FILES)
    finder, missing = AliasFinder(ALIASES, FORMER, GONE), MissingNameFinder("fax", ALIASES)
    sys.meta_path.insert(0, finder)
    sys.meta_path.append(missing)
    yield finder
    finder.withdraw()
    sys.meta_path.remove(finder)
    sys.meta_path.remove(missing)


def run(code: str) -> dict:
    names: dict = {}
    exec(code, names)
    return names


def failure(code: str) -> ImportError:
    with pytest.raises(ImportError) as caught:
        run(code)
    return caught.value


def test_aliases_are_the_same_module_objects(hook):
    got = run("import fkeras.layers, ftf.keras\nimport ftf.keras.layers as layers\nimport fax.tf")
    import fax

    assert got["fkeras"] is fax
    assert got["ftf"] is fax.tf
    assert got["ftf"].keras is fax
    assert got["layers"] is fax.layers is sys.modules["fkeras.layers"] is sys.modules["ftf.keras.layers"]


def test_classes_are_the_same_under_every_name(hook):
    from fax.layers import Dense

    assert run("from fkeras.layers import Dense")["Dense"] is Dense
    assert run("from ftf.keras.layers import Dense")["Dense"] is Dense
    assert pickle.loads(pickle.dumps(run("import ftf\nd = ftf.keras.layers.Dense()")["d"])).__class__ is Dense


def test_a_module_keeps_its_own_name_and_spec(hook):
    got = run("import ftf.keras.layers as layers, ftf")
    assert got["layers"].__name__ == got["layers"].__spec__.name == "fax.layers"
    assert got["ftf"].__spec__.name == "fax.tf"
    assert got["ftf"].__spec__.origin.endswith("__init__.py")


def test_the_first_target_that_exists_stands_behind_an_alias(hook, write):
    write({"tf/keras.py": "here = True"})
    assert run("from ftf.keras import here")["here"]


def test_lazy_attributes_and_unloaded_submodules_are_found(hook):
    assert run("from fkeras.optimizers import Adam")["Adam"].__name__ == "Adam"
    assert run("import fkeras.optimizers.schedules as s")["s"].__name__ == "fax.optimizers.schedules"


def test_namespaces_that_are_no_modules_can_be_imported(hook):
    got = run("import ftf.data.deep\nfrom ftf.data.deep import AUTOTUNE\nfrom ftf.data import Dataset")
    assert got["AUTOTUNE"] == -1
    assert got["Dataset"] is dict
    assert isinstance(got["ftf"].data, types.SimpleNamespace)


def test_plain_modules_behind_another_name_can_be_imported(hook):
    got = run("import ftf.nn\nfrom ftf.nn import relu")
    assert got["relu"] is abs
    assert sys.modules["ftf.nn"].__name__ == "fax.tf._plain"


def test_former_submodules_are_their_namespace(hook):
    import fax.layers

    assert run("from fkeras.layers.core import Dense")["Dense"] is fax.layers.Dense
    assert run("from fkeras.layers.experimental.pre import Dense")["Dense"] is fax.layers.Dense
    assert run("import fkeras.layers.experimental.pre as p")["p"] is fax.layers
    assert run("from fkeras.engine.topology import Model")["Model"] is fax.Model


def test_a_former_submodule_does_not_shadow_an_inner_package(hook):
    run("from fkeras.engine import Model")
    import fax.engine

    assert fax.engine.__name__ == "fax.engine"


def test_inner_packages_of_the_root_are_not_served(hook, write):
    write({"inner.py": "secret = 1"})
    import fax.inner  # noqa: F401

    assert failure("import fkeras.inner").name == "fkeras.inner"
    assert failure("import fkeras._anything").name == "fkeras._anything"


def test_find_spec_answers_without_an_error(hook):
    assert importlib.util.find_spec("ftf").name == "ftf"
    assert importlib.util.find_spec("fkeras.layers").submodule_search_locations == []
    assert importlib.util.find_spec("ftf.fooo") is None
    assert importlib.util.find_spec("fax.fooo") is None
    assert importlib.util.find_spec("fkerasx") is None


def test_a_missing_module_is_named_with_the_nearest(hook):
    error = failure("import ftf.funktion")
    assert isinstance(error, ModuleNotFoundError)
    assert error.name == "ftf.funktion"
    assert str(error) == (
        "No module named 'ftf.funktion'; Addax serves 'ftf' here.\n  hint: Did you mean 'ftf.function'?"
    )


def test_a_missing_name_in_a_from_import_is_named_with_the_nearest(hook):
    error = failure("from ftf.keras.layers import Densee")
    assert not isinstance(error, ModuleNotFoundError)
    assert str(error) == (
        "cannot import name 'Densee' from 'fkeras.layers'; Addax does not have it.\n"
        "  hint: Did you mean 'fkeras.layers.Dense'?"
    )
    assert "ftf.data.Dataset" in str(failure("from ftf.data import Datasett"))
    assert "'ftf.function'" in str(failure("from ftf import functions"))


def test_a_name_that_stands_elsewhere_is_shown_where(hook):
    assert "It is 'fkeras.optimizers.Adam'." in str(failure("from fkeras.layers import Adam"))
    assert "It is 'fkeras.Model'." in str(failure("from fkeras.layers import Model"))


def test_importing_a_class_as_a_module_says_how_to_write_it(hook):
    assert "Write: from fkeras.layers import Dense" in str(failure("import fkeras.layers.Dense"))


def test_a_module_that_is_gone_says_what_to_do(hook):
    assert "It is private." in str(failure("import ftf.python"))
    assert "It is private." in str(failure("from ftf.python.keras import layers"))


def test_an_alias_without_any_target_says_so(hook, tmp_path):
    (tmp_path / "fax" / "tf" / "__init__.py").unlink()
    (tmp_path / "fax" / "tf" / "_plain.py").unlink()
    (tmp_path / "fax" / "tf").rmdir()
    assert "This Addax has no fax.tf to stand in for it." in str(failure("import ftf"))


def test_an_error_inside_a_module_of_ours_passes_through(hook, write):
    write({"__init__.py": "__all__ = ['broken']"})
    assert failure("import fkeras.broken").name == "a_package_that_nobody_has"


def test_an_optional_import_can_be_caught(hook):
    got = run("try:\n    from ftf.keras.layers import Nothing\nexcept ImportError:\n    Nothing = None")
    assert got["Nothing"] is None


def test_a_circular_import_keeps_pythons_message(hook, write):
    write({"ring.py": "from fax.ring2 import b", "ring2.py": "from fax.ring import a\nb = 1"})
    assert "circular import" in str(failure("import fax.ring"))


def test_our_own_packages_are_explained_too(hook):
    assert "'fkeras.layers.Dense'" in str(failure("from fax.layers import dense"))


def test_withdraw_leaves_no_trace(hook):
    run("import fkeras.layers.core, fkeras.layers.experimental.pre, fkeras.engine")
    run("import ftf.keras.layers, ftf.data.deep, ftf.nn")
    hook.withdraw()
    assert not [name for name in sys.modules if name.partition(".")[0] in {"fkeras", "ftf"}]
    import fax.tf

    assert not hasattr(fax.tf._plain, "__path__")
    assert not hasattr(fax.tf, "keras")
    assert vars(fax.tf.data).keys() == {"Dataset", "deep"}
    assert not hasattr(fax.layers, "core")


def test_it_can_be_used_again_after_withdraw(hook):
    run("import ftf.nn")
    hook.withdraw()
    assert run("from ftf.nn import relu")["relu"] is abs


def test_threads_that_import_at_once_get_the_whole_module(hook, write):
    write({"tf/__init__.py": "import time\ntime.sleep(0.05)\nready = True"})
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(run("import ftf")["ftf"].ready)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True] * 8


def test_the_hook_itself_imports_nothing_heavy():
    code = (
        "import sys, addax.compat; addax.compat.install(); print(*{n.partition('.')[0] for n in sys.modules})"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not set(out.split()) & {"jax", "numpy", "click", "h5py", "inspect", "multiprocessing"}

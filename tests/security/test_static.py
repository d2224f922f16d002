"""Nothing in the package opens archives, decodes code or imports by name, but the few files that are listed here."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

import pytest

import addax

ROOT = Path(addax.__file__).parent

# Every file that uses one of these modules, and what for.
MODULES = {
    "h5py": {
        "saving/_hdf5.py": "the one reader",
        "saving/_state_file.py": "writes",
        "saving/_weights.py": "writes",
        "saving/_legacy_h5.py": "writes",
    },
    "zipfile": {
        "saving/_archive.py": "the one reader",
        "saving/_keras_file.py": "writes",
        "saving/_unpack.py": "unpacks downloads, with checks",
    },
    "tarfile": {"saving/_unpack.py": "unpacks downloads, with checks"},
    "bz2": {"saving/_unpack.py": "unpacks downloads, with a limit"},
    "lzma": {"saving/_unpack.py": "unpacks downloads, with a limit"},
    "marshal": {"core/serial.py": "lambdas, if the user trusts the file"},
    "importlib": {
        "core/lazy.py": "names of the package itself",
        "core/resolver.py": "the one resolver, over a fixed table",
        "core/serial.py": "what trusted lambdas may call",
        "engine/autograph/_transpile.py": "for malt, which forgets to import it",
    },
    "ctypes": {
        "engine/_memory.py": "three settings of the C library's allocator",
        "utils/_rgbx.py": "the memory of pillow's pictures, by its Arrow interface; no library is loaded",
    },
    "urllib.request": {
        "saving/_download.py": "what the user asks for",
        "callbacks/_remote.py": "RemoteMonitor, whose URL the user gives",
    },
}
# Only these run text or code.
RUNNERS = {
    "exec": {
        "cli/_run.py": "the user's script",
        "engine/autograph/_transpile.py": "the user's own functions",
    },
    "compile": {
        "cli/_run.py": "the user's script",
        "engine/autograph/_transpile.py": "the user's own functions",
    },
    "eval": {},
    "__import__": {},
}
# Whole packages whose business is importing: the hook for `import keras`, and the command line.
IMPORTERS = ("compat/", "cli/")
# Modules that nothing needs: they decode objects, run programs or load code.
NEVER = (
    "_ctypes",
    "_pickle",
    "cPickle",
    "cffi",
    "cloudpickle",
    "code",
    "codeop",
    "copyreg",
    "dbm",
    "dill",
    "imp",
    "joblib",
    "jsonpickle",
    "multiprocessing.reduction",
    "pickle",
    "pkgutil",
    "plistlib",
    "pty",
    "runpy",
    "ruamel",
    "shelve",
    "yaml",
    "zipimport",
)
# Methods of whatever object that decode objects or load code.
NEVER_CALLED = (
    "exec_module",
    "load_library",
    "load_module",
    "LoadLibrary",
    "read_hdf",
    "read_pickle",
    "unsafe_load",
)
# `np.load` of a data set that is part of the package.
NUMPY_READERS = {"datasets/digits/_load.py"}
READING_FUNCTIONS = ("load", "fromfile", "memmap", "loadtxt", "genfromtxt")


@functools.cache
def sources() -> tuple[tuple[str, ast.Module], ...]:
    files = (
        (p.relative_to(ROOT).as_posix(), p.read_text(encoding="utf-8")) for p in sorted(ROOT.rglob("*.py"))
    )
    return tuple((name, ast.parse(text)) for name, text in files)


def imported(tree: ast.Module) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def called(tree: ast.AST) -> list[tuple[str, ast.Call]]:
    return [(_dotted(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _dotted(node: ast.expr) -> str:
    """`a.b.c` as text; calls on anything but names are of no interest."""
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def users_of(module: str) -> set[str]:
    """Files that import a module (data about packages, `importlib.resources` and the like, do not count)."""
    harmless = ("importlib.resources", "importlib.metadata")
    found = set()
    for name, tree in sources():
        for one in imported(tree):
            if (one == module or one.startswith(f"{module}.")) and not one.startswith(harmless):
                found.add(name)
    return found


def literal_imports(name: str) -> bool:
    """Whether a file calls `import_module` with names that stand in its own text only."""
    tree = dict(sources())[name]
    calls = [node for function, node in called(tree) if function.rpartition(".")[2] == "import_module"]
    return bool(calls) and all(isinstance(node.args[0], ast.Constant) for node in calls)


def test_only_the_listed_files_touch_archives_code_and_imports():
    for module, allowed in MODULES.items():
        found = users_of(module)
        if module == "importlib":
            found = {f for f in found if not f.startswith(IMPORTERS) and not literal_imports(f)}
        assert found <= set(allowed), f"{sorted(found - set(allowed))} use {module}"


def test_the_lists_have_no_dead_entries():
    for module, allowed in MODULES.items():
        assert set(allowed) <= users_of(module), module
    assert set(NUMPY_READERS) <= {name for name, _ in sources()}


def test_nothing_runs_text_but_the_listed_files():
    for name, tree in sources():
        for function, node in called(tree):
            if function in RUNNERS:
                assert name in RUNNERS[function], f"{name}:{node.lineno} calls {function}"


def test_dangerous_modules_are_not_imported():
    for name, tree in sources():
        roots = {one.partition(".")[0] for one in imported(tree)}
        assert not roots & set(NEVER), name


def test_numpy_reads_no_files():
    for name, tree in sources():
        for function, node in called(tree):
            owner, _, method = function.rpartition(".")
            if owner in ("np", "numpy", "jnp", "np.lib.format") and method in READING_FUNCTIONS:
                assert name in NUMPY_READERS, f"{name}:{node.lineno} calls {function}"
                options = {k.arg: ast.unparse(k.value) for k in node.keywords}
                assert options.get("allow_pickle") == "False"


def test_nothing_is_decoded_or_loaded_by_a_method():
    for name, tree in sources():
        for function, node in called(tree):
            method = function.rpartition(".")[2]
            allowed = name.startswith(IMPORTERS) and method == "exec_module"
            assert method not in NEVER_CALLED or allowed, f"{name}:{node.lineno} calls {function}"


def test_no_dangerous_builtin_is_taken_by_its_name():
    """Not `x = eval`, `getattr(builtins, "eval")` or `globals()["exec"]` either."""
    for name, tree in sources():
        calls = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        calls |= {id(n) for node in ast.walk(tree) if isinstance(node, ast.Compare) for n in node.comparators}
        calls |= _parameters(tree)  # Keras has a parameter called `compile`
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id in RUNNERS and isinstance(node.ctx, ast.Load):
                assert id(node) in calls, f"{name}:{node.lineno} passes {node.id} on"
            if isinstance(node, ast.Constant) and node.value in (
                "__import__",
                "__builtins__",
                "__subclasses__",
            ):
                raise AssertionError(f"{name}:{node.lineno} names {node.value}")


def _parameters(tree: ast.AST) -> set[int]:
    """The names in functions that are parameters there, and no builtins."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            own = {arg.arg for arg in ast.walk(node.args) if isinstance(arg, ast.arg)}
            found |= {id(n) for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in own}
    return found


def _mode(function: str, node: ast.Call) -> str | None:
    given = [ast.unparse(k.value) for k in node.keywords if k.arg == "mode"]
    given += [ast.unparse(a) for a in node.args[1:2]]
    return given[0].strip("'\"") if given else None


def test_writers_only_write():
    """Outside of the readers every HDF5 and zip file is opened with mode "w"."""
    readers = ("saving/_hdf5.py", "saving/_archive.py", "saving/_unpack.py")
    seen, of_h5py = 0, users_of("h5py")
    for name, tree in sources():
        for function, node in called(tree):
            if function == "File" and name not in of_h5py:
                continue  # some other class of this name
            if function in ("h5py.File", "zipfile.ZipFile", "ZipFile", "File"):
                seen += 1
                assert name in readers or _mode(function, node) == "w", f"{name}:{node.lineno}"
                if name == "saving/_hdf5.py":
                    assert _mode(function, node) == "r"
    assert seen >= 5


def test_marshal_decodes_in_one_place_behind_the_check():
    tree = dict(sources())["core/serial.py"]
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    decoding = [f for f in functions if any(c == "marshal.loads" for c, _ in called(f))]
    (function,) = decoding
    first = function.body[1] if isinstance(function.body[0], ast.Expr) else function.body[0]
    assert isinstance(first, ast.If) and ast.unparse(first.test) == "in_safe_mode()"
    assert isinstance(first.body[-1], ast.Raise)


def test_the_packages_that_files_may_name_are_the_listed_ones():
    """A new package becomes part of what files can make only by a change here."""
    from addax.core import resolver

    assert set(resolver._PACKAGES.values()) == {
        "addax",
        *(
            f"addax.{name}"
            for name in (
                "activations applications.convnext applications.inception_resnet_v2 constraints dtype_policies "
                "initializers layers losses metrics models ops optimizers "
                "optimizers.schedules quantizers random regularizers"
            ).split()
        ),
    }
    assert resolver._WITH_FUNCTIONS == {f"addax.{n}" for n in ("activations", "losses", "metrics", "ops")}


# The checks can fail ------------------------------------------------------------------------------------------
MUTANTS = {
    "h5py": "import h5py",
    "h5py, late": "def f(path):\n    import h5py\n    return h5py.File(path, 'r')",
    "zipfile": "from zipfile import ZipFile",
    "tarfile": "import tarfile as t",
    "bz2": "import bz2",
    "marshal": "from marshal import loads",
    "pickle": "import pickle",
    "a part of pickle": "from pickle import Unpickler",
    "shelve": "import shelve",
    "yaml": "import yaml",
    "joblib": "from joblib import load",
    "dill": "import dill",
    "cloudpickle": "import cloudpickle",
    "runpy": "import runpy",
    "ctypes": "import ctypes.util",
    "importlib": "import importlib\ndef f(name): return importlib.import_module(name)",
    "import_module": "from importlib import import_module\ndef f(name): return import_module(name)",
    "eval": "def f(text): return eval(text)",
    "exec": "exec(text)",
    "compile": "compile(text, '', 'exec')",
    "__import__": "__import__(name)",
    "eval passed on": "run = eval",
    "a builtin by name": "import builtins\nrun = getattr(builtins, '__import__')",
    "np.load": "import numpy as np\nnp.load(path)",
    "np.load with pickles": "import numpy as np\nnp.load(path, allow_pickle=True)",
    "np.fromfile": "import numpy as np\nnp.fromfile(path)",
    "pandas": "pd.read_pickle(path)",
    "urllib": "from urllib.request import urlopen",
}
IN_LISTED_FILES = {
    "a writer reads": ("saving/_weights.py", "import h5py\nh5py.File(path, 'r')"),
    "a writer opens without a mode": ("saving/_legacy_h5.py", "import h5py\nh5py.File(path)"),
    "the reader writes": ("saving/_hdf5.py", "import h5py\nh5py.File(path, 'a')"),
    "a writer reads a zip": ("saving/_keras_file.py", "import zipfile\nzipfile.ZipFile(path)"),
    "the data set with pickles": (
        "datasets/digits/_load.py",
        "import numpy as np\nnp.load(f, allow_pickle=True)",
    ),
    "marshal without the check": ("core/serial.py", "import marshal\ndef f(x):\n    return marshal.loads(x)"),
}
CHECKS = (
    test_only_the_listed_files_touch_archives_code_and_imports,
    test_nothing_runs_text_but_the_listed_files,
    test_dangerous_modules_are_not_imported,
    test_numpy_reads_no_files,
    test_nothing_is_decoded_or_loaded_by_a_method,
    test_no_dangerous_builtin_is_taken_by_its_name,
    test_writers_only_write,
    test_marshal_decodes_in_one_place_behind_the_check,
)


def _complaints(monkeypatch, changed: dict[str, str]) -> int:
    """How many checks fail if some of the listed files have other text, or there is one more."""
    listed = {name for allowed in MODULES.values() for name in allowed} | NUMPY_READERS
    real = [(name, tree) for name, tree in sources() if name in listed - set(changed)]
    fake = (*real, *((name, ast.parse(text)) for name, text in changed.items()))
    found = 0
    with monkeypatch.context() as patch:
        patch.setitem(globals(), "sources", lambda: fake)
        for check in CHECKS:
            try:
                check()
            except (AssertionError, ValueError):
                found += 1
    return found


def test_the_listed_files_as_they_are_pass(monkeypatch):
    assert _complaints(monkeypatch, {}) == 0


@pytest.mark.parametrize("what", MUTANTS)
def test_a_file_that_does_what_it_must_not_is_found(what, monkeypatch):
    assert _complaints(monkeypatch, {"layers/_evil.py": MUTANTS[what]}) >= 1


@pytest.mark.parametrize("what", IN_LISTED_FILES)
def test_a_listed_file_that_does_more_than_it_may_is_found(what, monkeypatch):
    name, text = IN_LISTED_FILES[what]
    assert _complaints(monkeypatch, {name: text}) >= 1

"""`addax run` against `python` itself: the same program ends in the same way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "addax", "run"]


def run(*arguments: str, folder: Path, command: list[str] = COMMAND, **environment: str):
    return subprocess.run(
        [*command, *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, **environment},
        timeout=120,
    )


def under_python(*arguments: str, folder: Path):
    return run(*arguments, folder=folder, command=[sys.executable])


@pytest.fixture
def write(tmp_path):
    """Writes a file into the test's folder, makes its parents, and gives its path."""

    def lay(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return lay


def test_a_script_sees_the_names_of_addax(write, tmp_path):
    write("script.py", "import keras, tf_keras\nprint(keras.__name__)")
    assert run("script.py", folder=tmp_path).stdout == "addax\n"


LOOK_AROUND = """
import sys, pickle, helper
class Point: pass
assert type(pickle.loads(pickle.dumps(Point()))) is Point
print(sys.argv, sys.path[0], __name__, __file__, __package__, __spec__ and __spec__.name, helper.value)
print(type(__loader__).__name__, sys.modules["__main__"].Point is Point)
print(sorted(set(globals()) - {"__annotations__"}))
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ("deep/script.py",),
        ("./deep/script.py", "-h", "--epochs=3", "-m", "--", "x y"),
        ("-m", "deep.script", "-m", "--help"),
    ],
)
def test_a_program_finds_what_it_would_find_under_python(write, tmp_path, arguments):
    write("deep/script.py", LOOK_AROUND)
    write("deep/helper.py", "value = 'beside the script'")
    write("helper.py", "value = 'in the working folder'")
    expected = under_python(*arguments, folder=tmp_path)
    assert expected.returncode == 0, expected.stderr
    assert run(*arguments, folder=tmp_path).stdout == expected.stdout


def test_a_script_behind_a_link_finds_the_files_beside_its_target(write, tmp_path):
    write("deep/script.py", LOOK_AROUND)
    write("deep/helper.py", "value = 1")
    (tmp_path / "link.py").symlink_to("deep/script.py")
    expected = under_python("link.py", folder=tmp_path)
    assert run("link.py", folder=tmp_path).stdout == expected.stdout != ""


def test_a_package_runs_its_main(write, tmp_path):
    write("package/__init__.py", "import sys\nprint(sys.argv[0])")
    write(
        "package/__main__.py", "import sys\nfrom . import __name__ as n\nprint(n, sys.argv[1:], __package__)"
    )
    expected = under_python("-m", "package", "-x", folder=tmp_path)
    assert (
        run("-m", "package", "-x", folder=tmp_path).stdout
        == expected.stdout
        == "-m\npackage ['-x'] package\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "raise SystemExit(3)",
        "raise SystemExit('a last word')",
        "import sys\nsys.exit()",
        "print('done')",
        "1 / 0",
        "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise ValueError('why') from error",
        "def deep(n):\n    return deep(n - 1) if n else [].pop()\ndeep(3)",
        "import helper",
        "this is no Python",
        "# coding: latin-1\nprint('\xe9' == chr(233))",
        "import os\nos.patch",
        "import atexit\natexit.register(print, 'bye')\nraise KeyError('k')",
        "import sys\nsys.excepthook = lambda *a: print('mine', a[0].__name__)\n1 / 0",
        "import os, signal, time\nos.kill(os.getpid(), signal.SIGTERM)\ntime.sleep(9)",
        "raise KeyboardInterrupt",
    ],
)
def test_a_program_ends_as_it_would_under_python(write, tmp_path, text):
    (tmp_path / "script.py").write_bytes(text.encode("latin-1"))
    write("helper.py", "print('loaded')\nraise RuntimeError('inside')")
    expected = under_python("script.py", folder=tmp_path)
    got = run("script.py", folder=tmp_path)
    assert (got.stdout, got.stderr, got.returncode) == (expected.stdout, expected.stderr, expected.returncode)


def test_a_module_that_raises_shows_its_own_frames_only(write, tmp_path):
    write("package/__init__.py", "import package.inner")
    write("package/inner.py", "1 / 0")
    got = run("-m", "package", folder=tmp_path)
    assert got.returncode == 1
    assert got.stderr.splitlines()[-1] == "ZeroDivisionError: division by zero"
    assert "addax" not in got.stderr


def test_a_missing_name_points_at_the_users_line_alone(write, tmp_path):
    write("script.py", "import keras.no_such_room")
    lines = run("script.py", folder=tmp_path).stderr.splitlines()
    assert [line for line in lines if line.startswith("  File")] == [
        f'  File "{tmp_path / "script.py"}", line 1, in <module>'
    ]
    assert "ModuleNotFoundError: No module named 'keras.no_such_room'; Addax serves 'keras' here." in lines


def test_an_interrupt_ends_the_program_as_python_ends_it(write, tmp_path):
    write(
        "script.py",
        "import time\ntry:\n    print('ready', flush=True)\n    time.sleep(60)\nfinally:\n    print('tidy')",
    )
    # A suite that a shell runs in the background ignores interrupts, and its children would inherit that.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [*COMMAND, "script.py"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    signal.signal(signal.SIGINT, handler)
    try:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert out == "tidy\n"
    assert err.splitlines()[-1] == "KeyboardInterrupt"
    assert "click" not in err and "_run.py" not in err
    assert process.returncode == -signal.SIGINT


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("nowhere.py",), 2, "addax run: can't open file 'nowhere.py': No such file or directory"),
        ((".",), 2, "addax run: can't open file '.': Is a directory"),
        (("-m", "nowhere"), 1, "addax run: no module named 'nowhere'"),
        (("-m", "package.nowhere"), 1, "addax run: no module named 'package.nowhere'"),
        (("-m", "nowhere.at.all"), 1, "addax run: no module named 'nowhere.at.all'"),
        (("-m", "script.py"), 1, "addax run: no module named 'script.py'; to run a file, leave out -m"),
        (("-m", "package"), 1, "addax run: 'package' is a package without a __main__ module"),
        (("-m", "math"), 1, "addax run: no Python code for module 'math'"),
    ],
)
def test_a_program_that_is_not_there_is_named(write, tmp_path, arguments, code, words):
    write("package/__init__.py", "")
    got = run(*arguments, folder=tmp_path)
    assert (got.returncode, got.stdout, got.stderr.splitlines()) == (code, "", [words])


def test_a_package_that_lacks_an_import_of_its_own_says_which(write, tmp_path):
    write("package/__init__.py", "import something_else")
    got = run("-m", "package.module", folder=tmp_path)
    assert got.stderr.splitlines()[-1] == "ModuleNotFoundError: No module named 'something_else'"


def test_a_safe_search_path_stays_safe(write, tmp_path):
    write("script.py", "import sys\nprint(sys.path[0])")
    got = run("script.py", folder=tmp_path, PYTHONSAFEPATH="1")
    assert got.stdout.strip() != str(tmp_path)
    assert got.returncode == 0, got.stderr


def test_running_from_addaxs_own_folder_keeps_addax_importable(write, tmp_path):
    import addax

    path = write("script.py", "import keras\nfrom addax.core import tree\nprint(keras.__name__)")
    home = Path(addax.__path__[0]).parent
    assert run(str(path), folder=home, PYTHONPATH="").stdout == "addax\n"


def test_it_starts_fast(write, tmp_path):
    write("empty.py", "")
    write("modules.py", "import sys\nprint(*{name.partition('.')[0] for name in sys.modules})")
    loaded = run("modules.py", folder=tmp_path).stdout.split()
    assert not {"jax", "numpy", "h5py", "multiprocessing", "tensorflow"} & set(loaded)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        run("empty.py", folder=tmp_path)
        times.append(time.perf_counter() - start)
    assert min(times) < 1.0  # some 0.05 s on a free machine

"""Settings of the whole suite; they must stand before anything imports JAX or Keras."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
import zlib
from pathlib import Path

import hypothesis
import pytest

_SRC = str(Path(__file__).resolve().parent.parent / "src")

os.environ["KERAS_BACKEND"] = "jax"  # the real Keras, our oracle, on the engine we share with it
os.environ["MPLBACKEND"] = "Agg"
os.environ.setdefault("JAX_PLATFORMS", "cpu")
# Most of the suite's time is compilation, of programs that run once: the cheap passes will do.
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # each program would compile all of Addax's Python anew
# What one process of the suite has compiled, the others and those that they start need not compile again.
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["ADDAX_COMPILATION_CACHE"] = tempfile.mkdtemp(prefix="addax-tests-")
# Processes that tests start find this checkout, not another one.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [_SRC, os.environ.get("PYTHONPATH")]))

from addax.engine._jax import jax  # noqa: E402

jax.config  # noqa: B018  JAX is set up by Addax, as in a user's process, before the real Keras uses it

# A first call compiles, so the time of one example says nothing.
hypothesis.settings.register_profile("addax", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("addax")

# `make oracle` runs these, in the one environment that has the real TensorFlow.
collect_ignore = [] if importlib.util.find_spec("tensorflow") else ["oracle"]
# These need PyTorch, which tests/interop/README.md says how to come by.
collect_ignore += [] if importlib.util.find_spec("torch") else ["interop"]
# `make litert` runs these.
collect_ignore += [] if importlib.util.find_spec("ai_edge_litert") else ["litert"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="run all rows of the grids, as CI does")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the grids, keep one row in six (or in `one_in`), unless all of them or certain tests are asked for."""
    narrowed = config.option.keyword or config.args_source is not config.ArgsSource.TESTPATHS
    if config.getoption("whole") or narrowed:
        return
    left_out = [item for item in items if item.get_closest_marker("grid") and _is_left_out(item)]
    config.hook.pytest_deselected(items=left_out)
    gone = set(left_out)
    items[:] = [item for item in items if item not in gone]


def _is_left_out(item: pytest.Item) -> bool:
    """The same rows in every run and on every machine: each name in some of the checks, each check for some names."""
    one_in = item.get_closest_marker("grid").kwargs.get("one_in", 6)  # type: ignore[union-attr]
    return hasattr(item, "callspec") and zlib.crc32(item.nodeid.encode()) % one_in != 0


@pytest.fixture(autouse=True)
def _the_same_random_numbers(request: pytest.FixtureRequest) -> None:
    """Each test draws the same weights and data wherever and after whatever it runs."""
    seed = zlib.crc32(request.node.nodeid.encode())
    for name in ("addax", "keras"):
        if name in sys.modules:
            sys.modules[name].utils.set_random_seed(seed)


def pytest_unconfigure() -> None:
    """Remove the compiled programs of this run."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(os.environ["ADDAX_COMPILATION_CACHE"], ignore_errors=True)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Keep the doctest collector off programs and fixtures: it would run them by importing them."""
    if collection_path.suffix == ".py" and not collection_path.name.startswith("test_"):
        return True
    return None

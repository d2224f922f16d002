"""Settings of the whole suite; they must stand before anything imports JAX or Keras."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

import hypothesis

_SRC = str(Path(__file__).resolve().parent.parent / "src")

os.environ["KERAS_BACKEND"] = "jax"  # the real Keras, our oracle, on the engine we share with it
os.environ["MPLBACKEND"] = "Agg"
os.environ.setdefault("JAX_PLATFORMS", "cpu")
# What one process of the suite has compiled, the others and those that they start need not compile again.
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["ADDAX_COMPILATION_CACHE"] = tempfile.mkdtemp(prefix="addax-tests-")
# Processes that tests start find this checkout, not another one.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [_SRC, os.environ.get("PYTHONPATH")]))

# A first call compiles, so the time of one example says nothing.
hypothesis.settings.register_profile("addax", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("addax")

# `make oracle` runs these, in the one environment that has the real TensorFlow.
collect_ignore = [] if importlib.util.find_spec("tensorflow") else ["oracle"]


def pytest_unconfigure() -> None:
    """Remove the compiled programs of this run."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(os.environ["ADDAX_COMPILATION_CACHE"], ignore_errors=True)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Keep the doctest collector off programs and fixtures: it would run them by importing them."""
    if collection_path.suffix == ".py" and not collection_path.name.startswith("test_"):
        return True
    return None

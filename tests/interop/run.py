"""Runs the tests of this folder with the PyTorch of `.venv-bench`, if this environment has none."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent

if __name__ == "__main__":
    # Last, so that all else is this environment's.
    sys.path.extend(map(str, (HERE.parents[1] / ".venv-bench").glob("lib/python3*/site-packages")))
    sys.exit(pytest.main([str(HERE), "-q", "-p", "no:cacheprovider", *sys.argv[1:]]))

"""Run all programs under the real TensorFlow of this interpreter, one after the other, and print a table.

The programs of `legacy/` need an older Keras than the one in TensorFlow today, so they run with tf_keras.
Arguments narrow the choice: `run_oracle.py 004_ legacy/` runs the programs with one of these in their path.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDERS = ("seeds", "neighbours", "library", "tutorials", "legacy")
TIMEOUT_S = 300
TAIL_LINES = 15


def find_programs(parts: list[str]) -> list[Path]:
    """Return the programs whose path from here contains one of `parts`, or all of them."""
    paths = [path for folder in FOLDERS for path in sorted((HERE / folder).glob("*.py"))]
    return [
        path
        for path in paths
        if not parts or any(part in path.relative_to(HERE).as_posix() for part in parts)
    ]


def run_program(program: Path) -> tuple[int | str, float, str]:
    """Run one program in an empty folder; return its exit code, seconds and the end of what it printed."""
    legacy = program.parent.name == "legacy"
    if legacy and importlib.util.find_spec("tf_keras") is None:
        return "no tf_keras", 0.0, "legacy programs run with the old Keras: pip install tf_keras"
    environment = {
        **os.environ,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_USE_LEGACY_KERAS": "1" if legacy else "",
        "KERAS_BACKEND": "tensorflow",
        "CUDA_VISIBLE_DEVICES": "-1",
        "PYTHONIOENCODING": "utf-8",
        "MPLBACKEND": "Agg",
    }
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="program-") as output:
        environment["PROGRAM_OUTPUT"] = output
        try:
            done = subprocess.run(
                [sys.executable, str(program)],
                cwd=output,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                timeout=TIMEOUT_S,
            )
        except subprocess.TimeoutExpired:
            return "timeout", time.perf_counter() - start, f"longer than {TIMEOUT_S} s"
    tail = "\n".join(done.stdout.splitlines()[-TAIL_LINES:])
    return done.returncode, time.perf_counter() - start, tail


def main() -> int:
    """Run the chosen programs; return 0 if all of them passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help="run only programs with one of these in their path")
    programs = find_programs(parser.parse_args().parts)
    if not programs:
        print("no program found", file=sys.stderr)
        return 1
    if importlib.util.find_spec("tensorflow") is None:
        print(f"{sys.executable} has no tensorflow", file=sys.stderr)
        return 1
    failures = []
    width = max(len(path.relative_to(HERE).as_posix()) for path in programs)
    for program in programs:
        name = program.relative_to(HERE).as_posix()
        code, seconds, tail = run_program(program)
        print(
            f"{name:<{width}}  {'pass' if code == 0 else f'FAIL ({code})':<18} {seconds:6.1f} s", flush=True
        )
        if code != 0:
            failures.append((name, tail))
    for name, tail in failures:
        print(f"\n--- {name}\n{tail}")
    print(f"\n{len(programs) - len(failures)} of {len(programs)} programs passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

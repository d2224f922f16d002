"""Fuzzes every reader for a bounded time, each in a process of its own: `python -m tests.fuzz.run --seconds 60`."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fuzz import targets
from tests.fuzz.one import engine

_ROOT = Path(__file__).parents[2]
_GRACE = 600  # seconds for starting, and for the input that is being read when the time is over


def main() -> int:
    """Run the command line; the exit code is the number of targets with a finding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="targets; all of them if none is named")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--jobs", type=int, default=1, help="how many run at once")
    parser.add_argument("--engine", choices=("atheris", "random"), default=engine())
    parser.add_argument("--folder", type=Path, default=Path("build/fuzz"))
    options = parser.parse_args()
    names = options.names or list(targets.load_all())
    unknown = sorted(set(names) - set(targets.load_all()))
    if unknown:
        parser.error(f"there are no targets {unknown}; there are {list(targets.load_all())}")
    targets.leave()
    print(f"{len(names)} targets, {options.seconds} s each, by {options.engine}", flush=True)
    with ThreadPoolExecutor(options.jobs) as pool:
        found = sum(pool.map(lambda name: _fuzz(name, options), names))
    print(f"{found} targets with findings" if found else "no findings")
    return min(found, 100)


def _fuzz(name: str, options: argparse.Namespace) -> bool:
    """Fuzz one target, print a line, and say whether there was a finding."""
    log = options.folder / "logs" / f"{name}.txt"
    log.parent.mkdir(parents=True, exist_ok=True)
    findings = options.folder / "findings" / name
    before = set(findings.glob("*"))
    command = [sys.executable, "-m", "tests.fuzz.one", name, "--engine", options.engine]
    command += ["--seconds", str(options.seconds), "--folder", str(options.folder)]
    paths = [str(_ROOT / "src"), str(_ROOT)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "JAX_PLATFORMS": "cpu"}
    start = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="addax-fuzz-", dir=targets.memory()) as place,
        log.open("w") as out,
    ):
        environment["ADDAX_FUZZ_PLACE"] = place  # a fuzzer ends its process without tidying up
        try:
            code = subprocess.run(
                command,
                stdout=out,
                stderr=out,
                env=environment,
                timeout=options.seconds + _GRACE,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            code = -1
    text = log.read_text(errors="replace")
    count = re.findall(r"stat::number_of_executed_units: *(\d+)", text)
    fresh = sorted(set(findings.glob("*")) - before)
    state = "ok" if code == 0 else f"FINDING, see {fresh[0] if fresh else log}, {log}"
    print(
        f"  {name:22} {count[-1] if count else '?':>8} inputs {time.monotonic() - start:6.0f} s  {state}",
        flush=True,
    )
    return code != 0


if __name__ == "__main__":
    sys.exit(main())

"""Fuzzes one target: `python -m tests.fuzz.one NAME --seconds 60 --engine atheris --folder build/fuzz`."""

from __future__ import annotations

import argparse
import importlib.util
import resource
import signal
import sys
import time
import traceback
from pathlib import Path

from tests.fuzz._mutate import mutated

TIMEOUT = 10  # seconds that an input of a few kilobytes may take
MEMORY = 3 << 30  # bytes; JAX alone takes a few hundred megabytes
LONGEST = 1 << 16


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--engine", choices=("atheris", "random"), default=engine())
    parser.add_argument("--folder", type=Path, default=Path("build/fuzz"))
    options = parser.parse_args()
    findings = options.folder / "findings" / options.name
    findings.mkdir(parents=True, exist_ok=True)
    if options.engine == "atheris":
        return _atheris(options, findings)
    return _random(options, findings)


def engine() -> str:
    """The fuzzer at hand: atheris goes by coverage; without it, seeds are changed at random."""
    return "atheris" if importlib.util.find_spec("atheris") else "random"


def _atheris(options: argparse.Namespace, findings: Path) -> int:
    import atheris

    with atheris.instrument_imports(include=["addax"]):
        from tests.fuzz import targets

        target = targets.load_all()[options.name]
        seeds = target.seeds()
        for seed in seeds:  # imports what it needs, too
            target.check(seed)
    corpus = options.folder / "corpus" / options.name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    arguments = [
        sys.argv[0],
        f"-max_total_time={options.seconds}",
        f"-timeout={TIMEOUT}",
        f"-rss_limit_mb={MEMORY >> 20}",
        f"-max_len={LONGEST}",
        f"-artifact_prefix={findings}/",
        "-print_final_stats=1",
        str(corpus),
    ]
    atheris.Setup(arguments, target.check)
    atheris.Fuzz()
    return 0


def _random(options: argparse.Namespace, findings: Path) -> int:
    from tests.fuzz import targets

    target = targets.load_all()[options.name]
    signal.signal(signal.SIGALRM, _out_of_time)
    start, count = time.monotonic(), 0
    for number, data in enumerate(mutated(target.seeds(), seed=int(time.time()))):
        if time.monotonic() - start > options.seconds:
            break
        (findings / "current").write_bytes(data)  # what a crash of the process leaves behind
        signal.alarm(TIMEOUT)
        try:
            target.check(data)
            if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10 > MEMORY:
                raise AssertionError("it takes too much memory")
        except BaseException:
            traceback.print_exc()
            (findings / "current").rename(findings / f"crash-{number}")
            return 1
        finally:
            signal.alarm(0)
        count = number + 1
    (findings / "current").unlink(missing_ok=True)
    targets.leave()
    print(f"stat::number_of_executed_units: {count}")
    return 0


def _out_of_time(*_: object) -> None:
    raise AssertionError(f"it takes more than {TIMEOUT} s")


if __name__ == "__main__":
    sys.exit(main())

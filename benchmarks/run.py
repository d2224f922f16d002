"""Measures Addax and its peers in processes that alternate, and writes the page: `make bench`.

python benchmarks/run.py                     everything; hours
python benchmarks/run.py --quick             one short round at batch 32; to see that all of it works
python benchmarks/run.py --only mlp,fit.cnn  some cases; their results replace the old ones
python benchmarks/run.py report              writes the page anew from the results, without measuring
python benchmarks/run.py list                the names of the cases
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import fcntl
import json
import os
import platform
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import registry, report  # noqa: E402
from benchmarks.peers import PEERS, ROOT, US, environment  # noqa: E402

_TIMEOUT = 1_800  # seconds a process
_MACHINE = registry.Case("machine", "rates of the machine", "machine", "machine", "GFLOP/s", (US, "torch"))


@contextlib.contextmanager
def _held(path):
    """Nobody else who asks for the lock measures meanwhile."""
    if not path:
        yield
        return
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _command(case, name, options, out):
    python = str(PEERS[name].python)
    gpu = ["--gpu"] if options.gpu and not options.tiny else []
    if case.task == "startup":
        what = [*case.arguments, "--peer", name, "--workload", case.workload, *gpu]
        return [python, "-m", "benchmarks.startup", *what]
    sizes = ["--batch", str(case.batch), "--seconds", str(options.seconds), "--times", str(options.times)]
    what = [case.task, "--peer", name, "--workload", case.workload, *sizes, *case.arguments, *gpu]
    return [python, "-m", "benchmarks.worker", *what, "--out", str(out)]


def _process(command, variables):
    """Run it; seconds, or the end of what it said when it failed."""
    start = time.perf_counter()
    try:
        done = subprocess.run(
            command, env=variables, cwd=ROOT, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return None, f"took longer than {_TIMEOUT} s"
    taken = time.perf_counter() - start
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or f"ended with {done.returncode}").splitlines()
        return None, said[-1][-300:]
    return taken, ""


def _caches(cache, scratch):
    """Variables of a start: no cache, what is there by default, or all that a user could switch on."""
    if cache == "none":
        return {}
    found = {"ADDAX_COMPILATION_CACHE": str(scratch / "addax")}
    if cache == "all":
        found |= {
            "JAX_COMPILATION_CACHE_DIR": str(scratch / "jax"),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        }
    return found


def measure(case, name, options):
    """One record of the case for the peer: a dict with "value", or with "error"."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        out = scratch / "record.json"
        variables = environment(name, scratch, options.gpu and not options.tiny, options.tiny) | _caches(
            case.cache, scratch
        )
        command = _command(case, name, options, out)
        if case.cache != "none":
            _process(command, variables)  # fills the caches
        with _held(options.lock):
            taken, trouble = _process(command, variables)
        if taken is None:
            return {"error": trouble}
        if case.task == "startup":
            return {"value": taken, "samples": [taken]}
        return json.loads(out.read_text())


def machine():
    """What is known of this machine without measuring."""
    model = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    found = {"cpu": model, "cores": len(os.sched_getaffinity(0)), "system": platform.platform()}
    found["python"] = platform.python_version()
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        asked = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
        gpu = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        found["gpu"] = gpu.strip()
    return found


def _store(results, options):
    path = Path(options.results)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(results, indent=1))
    fresh.replace(path)


def _present(names):
    """Those of the peers that have an environment here; the others are named on stderr."""
    found = [name for name in names if PEERS[name].python.exists()]
    for name in set(names) - set(found):
        print(f"{name}: no {PEERS[name].home} here; `make bench-peers` makes it", file=sys.stderr)
    return found


def run(options):
    """Measure round by round; what is measured anew replaces the old results."""
    path = Path(options.results)
    results = json.loads(path.read_text()) if path.exists() else {"cases": {}}
    words = [word for word in options.only if word != _MACHINE.name]
    known = registry.cases(options.gpu)
    found = registry.chosen(known, words) if words or not options.only else {}
    if options.quick:
        found = {name: case for name, case in found.items() if case.batch != 256}
    names = _present(options.peers)
    today = datetime.date.today().isoformat()
    results |= {"machine": machine(), "date": today, "command": shlex.join(sys.argv), "gpu": options.gpu}
    if not options.only or _MACHINE.name in options.only:
        found[_MACHINE.name] = _MACHINE
    for round_ in range(options.rounds):
        for case in found.values():
            here = [name for name in names if name in case.peers]
            here = here[round_ % max(1, len(here)) :] + here[: round_ % max(1, len(here))]
            records = results["cases"].setdefault(case.name, {})
            for name in here:
                record = measure(case, name, options) | {"date": today}
                results.setdefault("versions", {}).setdefault(name, {}).update(record.pop("versions", {}))
                records[name] = [*(records.get(name, []) if round_ else []), record]
                _store(results, options)
            print(f"[{round_ + 1}/{options.rounds}] {report.line(case, records)}", flush=True)
    return results


def _options(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    listed = {"type": lambda text: [word for word in text.split(",") if word]}
    parser.add_argument("action", nargs="?", default="measure", choices=("measure", "report", "list"))
    parser.add_argument("--only", default=[], help="cases, parted by commas; machine for its rates", **listed)
    parser.add_argument("--peers", default=list(PEERS), help=f"some of {','.join(PEERS)}", **listed)
    parser.add_argument("--rounds", type=int, help="processes of each case and peer (3)")
    parser.add_argument("--seconds", type=float, help="time a process measures, about (3)")
    parser.add_argument("--quick", action="store_true", help="one short round at batch 32")
    parser.add_argument(
        "--long", action="store_true", help="memory slopes over 1,000 fits, predicts and loads"
    )
    parser.add_argument("--gpu", action="store_true", help="on the GPU, with bfloat16 and large models")
    parser.add_argument("--tiny", action="store_true", help="shrinks the large models, to try their code")
    parser.add_argument("--lock", help="a file that is locked while a process measures")
    parser.add_argument("--results", help="where the numbers are kept (benchmarks/results/cpu.json)")
    parser.add_argument("--page", help="the page that is written (docs/benchmarks.md); - for none")
    options = parser.parse_args(arguments)
    unknown = set(options.peers) - set(PEERS)
    if unknown:
        parser.error(f"expected peers of {', '.join(PEERS)}, got {', '.join(sorted(unknown))}")
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.seconds = options.seconds or (0.5 if options.quick else 3.0)
    options.times = 1_000 if options.long else 20 if options.quick else 100
    ending = ("gpu" if options.gpu else "cpu") + ("-quick" if options.quick else "")
    options.results = options.results or str(ROOT / "benchmarks" / "results" / f"{ending}.json")
    page = "docs/benchmarks-gpu.md" if options.gpu else "docs/benchmarks.md"
    options.page = options.page or ("-" if options.quick else str(ROOT / page))
    return options


def main(arguments=None):
    """The command."""
    options = _options(arguments)
    if options.action == "list":
        print("\n".join(f"{name:28} {case.title}" for name, case in registry.cases(options.gpu).items()))
        return
    results = json.loads(Path(options.results).read_text()) if options.action == "report" else run(options)
    text = report.page(results)
    if options.page == "-":
        print(text)
    else:
        Path(options.page).write_text(text)


if __name__ == "__main__":
    main()

"""One measurement in one process: `python -m benchmarks.worker TASK --peer PEER --out FILE`.

Runs in the environment of the peer, so it needs the standard library and NumPy alone.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.peers import PEERS

_SHOWN = ("addax", "jax", "jaxlib", "keras", "numpy", "optax", "tensorflow", "tf_keras", "torch")
_REPEATS = 3
_LONGEST_FIT = 200  # epochs


def memory(field):
    """A line of the process's status in MB: VmHWM is the peak of the resident memory, VmRSS its size now."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"Expected {field} in /proc/self/status, which Linux has.")


def timed(run):
    """Seconds that `run` takes, and what it gives."""
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def repeated(run, seconds, repeats=_REPEATS):
    """Seconds of one `run`, as several samples that together last about `seconds`."""
    for _ in range(5):  # what compiles a thing at its third call has done so
        once, _ = timed(run)
    number = max(1, round(seconds / repeats / max(once, 1e-7)))

    def loop():
        for _ in range(number):
            run()

    return [timed(loop)[0] / number for _ in range(repeats)]


def demand_gpu(peer):
    """Raise unless the peer computes on a GPU; TensorFlow and Keras would go on without one."""
    if peer in ("tf.keras", "tf_keras"):
        found = importlib.import_module("tensorflow").config.list_physical_devices("GPU")
    elif peer in ("keras-torch", "torch", "torch-compile"):
        found = importlib.import_module("torch").cuda.is_available()
    else:
        found = importlib.import_module("jax").devices("cuda")
    if not found:
        raise RuntimeError(f"Expected a GPU that {peer} can use, found none.")


def workload_of(name):
    """The file of the workload."""
    return importlib.import_module(f"benchmarks.workloads.{name}")


def driver(options, rows=None):
    """The peer's driver of the workload, with its data."""
    workload = workload_of(options.workload)
    batch = options.batch or workload.BATCH
    x, y = workload.data(np.random.default_rng(0), rows or workload.EXAMPLES)
    api = PEERS[options.peer].api
    if api == "keras":
        from benchmarks.keras_driver import Driver

        return Driver(workload, x, y, batch, options.peer, options.bf16)
    if api == "torch":
        from benchmarks.torch_driver import Driver

        compiled = options.peer == "torch-compile"
        return Driver(options.workload, x, y, batch, compiled, options.gpu, options.bf16)
    from benchmarks.jax_driver import Driver

    return Driver(options.workload, x, y, batch, options.gpu, options.bf16)


def fit(options):
    """Microseconds of a step of `fit`, after two fits of an epoch that warm it up."""
    return _timed_fits(driver(options), options)


def _timed_fits(subject, options):
    steps = -(-subject.count // subject.batch)
    first, loss_before = timed(lambda: subject.fit(1, options.verbose))
    epoch, _ = timed(lambda: subject.fit(1, options.verbose))
    epochs = min(_LONGEST_FIT, max(1, round(options.seconds / _REPEATS / epoch)))
    samples, loss = [], loss_before
    for _ in range(min(_REPEATS, max(1, round(options.seconds / epoch)))):
        taken, loss = timed(lambda: subject.fit(epochs, options.verbose))
        samples.append(1e6 * taken / (epochs * steps))
    if not np.isfinite(loss):
        raise ValueError(f"Expected a finite loss after training, got {loss}.")
    return {"samples": samples, "first_s": first, "epochs": epochs, "losses": [loss_before, loss]}


def fit_dataset(options):
    """As `fit`, from a `tf.data.Dataset` of the same rows."""
    from benchmarks.keras_driver import load

    subject = driver(options)
    tf = load(options.peer)[1]
    rows = tf.data.Dataset.from_tensor_slices(subject.data).shuffle(subject.count)
    subject.data, subject.sizes = (rows.batch(subject.batch).prefetch(tf.data.AUTOTUNE),), {}
    return _timed_fits(subject, options)


def data(options):
    """Microseconds of an element of a pipeline."""
    from benchmarks.data_driver import passes

    run = passes(options.workload, options.peer)
    count = run()
    return {"samples": [1e6 * s / count for s in repeated(run, options.seconds)]}


def evaluate(options):
    """Microseconds of a step of `evaluate`."""
    subject = driver(options)
    steps = -(-subject.count // subject.batch)
    return {"samples": [1e6 * s / steps for s in repeated(subject.evaluate, options.seconds)]}


def predict_row(options):
    """Microseconds of `predict` of one row, in a loop."""
    subject = driver(options, rows=options.batch)
    row = _row(options)
    return {"samples": [1e6 * s for s in repeated(lambda: subject.predict(row, 32), options.seconds)]}


def call_row(options):
    """Microseconds of `model(x)` of one row."""
    from benchmarks.keras_driver import forced

    subject = driver(options, rows=options.batch)
    call = subject.caller(_row(options))
    return {"samples": [1e6 * s for s in repeated(lambda: forced(call()), options.seconds)]}


def _row(options):
    return workload_of(options.workload).data(np.random.default_rng(1), 1)[0]


def predict_many(options):
    """Milliseconds of `predict` of 100,000 rows, in batches of 32."""
    subject = driver(options, rows=options.batch)
    x, _ = workload_of(options.workload).data(np.random.default_rng(1), 100_000)
    subject.predict(x, 32)
    return {"samples": [1e3 * timed(lambda: subject.predict(x, 32))[0] for _ in range(_REPEATS)]}


def tape(options):
    """Microseconds of a step with a gradient tape, eager or under `tf.function`."""
    from benchmarks.keras_driver import load, tape_step

    _, tf = load(options.peer)
    step = tape_step(tf, np.random.default_rng(0))
    if options.task == "function":
        step = tf.function(step)
    return {"samples": [1e6 * s for s in repeated(lambda: float(step()), options.seconds)]}


def build(options):
    """Milliseconds of building, compiling and summarising a model, once."""
    from benchmarks.keras_driver import load

    keras, _ = load(options.peer)
    workload = workload_of(options.workload)
    lines = []

    def run():
        workload.model(keras).summary(print_fn=lambda *line, **_: lines.append(line))

    taken, _ = timed(run)
    if not lines:
        raise ValueError("Expected lines of the summary, got none.")
    return {"samples": [1e3 * taken]}


def slope(options):
    """Kilobytes by which the process grows with each fit, predict or load, over the second half of many."""
    subject = driver(options, rows=4 * options.batch)
    x = subject.data[0]
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model.keras")
        subject.net.save(path)
        runs = {
            "slope_fit": lambda: subject.fit(1),
            "slope_predict": lambda: subject.predict(x, 32),
            "slope_load": lambda: subject.keras.models.load_model(path).predict(x, verbose=0),
        }
        sizes = []
        for _ in range(options.times):
            runs[options.task]()
            sizes.append(1024 * memory("VmRSS"))
    late = sizes[len(sizes) // 2 :]
    return {"samples": [float(np.polyfit(np.arange(len(late)), late, 1)[0])], "times": options.times}


def serve(options):
    """Microseconds of a request to a server of the peer's, and how long its clients wait."""
    from benchmarks.serving_driver import measure

    return measure(options.peer, options.clients, options.batch, options.seconds)


def machine(options):
    """GFLOP/s of a large matrix product and GB/s of a copy, by the peer's library and by NumPy."""
    from benchmarks import rates

    found = rates.torch_rates(options) if PEERS[options.peer].api == "torch" else rates.jax_rates(options)
    return {"samples": [found["float32"]], "rates": found}


def installed(options):
    """Megabytes of the packages that a user of the peer installs, with all that they need."""
    from benchmarks import footprint

    found = footprint.closure(PEERS[options.peer].packages)
    size = sum(footprint.size(name) for name in found) / 1e6
    return {"samples": [size], "packages": sorted(found)}


TASKS = {
    "fit": fit,
    "fit_dataset": fit_dataset,
    "data": data,
    "evaluate": evaluate,
    "predict_row": predict_row,
    "call_row": call_row,
    "predict_many": predict_many,
    "tape": tape,
    "function": tape,
    "build": build,
    "slope_fit": slope,
    "slope_predict": slope,
    "slope_load": slope,
    "serve": serve,
    "machine": machine,
    "installed": installed,
}


def versions():
    """The versions of the packages that matter and are here."""
    found = {}
    for name in _SHOWN:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def main():
    """Measure once and write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--peer", choices=PEERS, required=True)
    parser.add_argument("--workload", default="mlp")
    parser.add_argument("--batch", type=int, default=0, help="0: the workload's own")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--clients", type=int, default=1, help="connections that ask a server")
    parser.add_argument("--verbose", default=0, type=lambda text: text if text == "auto" else int(text))
    parser.add_argument("--gpu", action="store_true")
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    if options.gpu:
        demand_gpu(options.peer)
    record = TASKS[options.task](options)
    record["value"] = statistics.median(record["samples"])
    record["peak_mb"] = memory("VmHWM")
    record["versions"] = versions()
    Path(options.out).write_text(json.dumps(record))


if __name__ == "__main__":
    main()

"""All that is measured: one `Case` for each line of the page."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field

KERAS = ("addax", "tf.keras", "tf_keras", "keras-jax", "keras-torch")
EVERYONE = (*KERAS, "torch", "torch-compile", "jax")
TENSORFLOW = ("addax", "tf.keras", "tf_keras")

SECTIONS = {
    "fit": "Training: microseconds of a step of `fit`",
    "infer": "Inference and evaluation",
    "eager": "A gradient tape written by hand",
    "data": "Data: microseconds of an element",
    "serve": "Serving: microseconds of a request",
    "start": "Start",
    "slope": "Memory slope",
    "size": "Installed size",
}
FITTED = (
    "linear",
    "mlp",
    "autoencoder",
    "wide_deep_ids",
    "wide_deep",
    "cnn",
    "separable",
    "resnet20",
    "lstm",
    "gru",
    "transformer",
)
BATCHES = (32, 256)
LARGE = ("resnet50", "gpt2")


@dataclass(frozen=True)
class Case:
    """One line of the page.

    Args:
        name: The key of its results; `--only` takes it, or a word of it between dots.
        title: What the page calls it.
        section: A key of `SECTIONS`.
        task: What `benchmarks.worker` does, or "startup".
        unit: What its numbers are.
        peers: Who takes part.
        workload: A file of `benchmarks/workloads`.
        batch: Rows of a step; 0 stands for the workload's own.
        arguments: More of the command line.
        cache: For a start: "none", "default" (a second run of the script) or "all" (every peer's cache set by hand).
    """

    name: str
    title: str
    section: str
    task: str
    unit: str
    peers: tuple[str, ...] = KERAS
    workload: str = "mlp"
    batch: int = 0
    arguments: tuple[str, ...] = field(default=())
    cache: str = "none"


def title_of(workload):
    """What the workload calls itself."""
    return importlib.import_module(f"benchmarks.workloads.{workload}").TITLE


def flops_of(case):
    """Floating-point operations of a step of a fit: the forward pass and twice as much backwards."""
    workload = importlib.import_module(f"benchmarks.workloads.{case.workload}")
    return 3 * workload.FLOPS * (case.batch or workload.BATCH)


def _fits(bf16=False):
    for workload in FITTED:
        if bf16 and workload in ("linear", "wide_deep"):
            continue
        peers = TENSORFLOW if workload == "wide_deep" else EVERYONE
        for batch in BATCHES:
            yield _fit(workload, batch, peers, bf16)


def _fit(workload, batch, peers=EVERYONE, bf16=False):
    ending, words = (".bf16", ", bfloat16") if bf16 else ("", "")
    rows = f", batch {batch}" if batch else ""
    return Case(
        f"fit.{workload}.{batch}{ending}",
        f"{title_of(workload)}{rows}{words}",
        "fit",
        "fit",
        "us/step",
        peers,
        workload,
        batch,
        ("--bf16",) if bf16 else (),
    )


def _bars():
    for workload in ("linear", "mlp"):
        yield Case(
            f"fit.{workload}.32.bar",
            f"{title_of(workload)}, batch 32, progress shown",
            "fit",
            "fit",
            "us/step",
            KERAS,
            workload,
            32,
            ("--verbose", "auto"),
        )


def _inferences():
    rows = (
        ("predict_row", "`predict` of one row, in a loop", "us", EVERYONE),
        ("call_row", "`model(x)` of one row", "us", EVERYONE),
        ("predict_many", "`predict` of 100,000 rows, batch 32", "ms", EVERYONE),
    )
    for task, title, unit, peers in rows:
        yield Case(f"{task}.mlp", f"{title}: MLP", "infer", task, unit, peers, "mlp", 32)
    for workload in ("mlp", "cnn"):
        title = f"`evaluate`, batch 32: {title_of(workload)}"
        yield Case(f"evaluate.{workload}", title, "infer", "evaluate", "us/step", EVERYONE, workload, 32)


def _starts():
    yield Case("import", "import", "start", "startup", "s", EVERYONE, arguments=("import",))
    rows = (
        ("cold", "no cache", EVERYONE),
        ("default", "second run of the script, default settings", EVERYONE),
        ("all", "second run, caches set by hand", ("addax", "keras-jax", "torch-compile", "jax")),
    )
    for workload in ("mlp", "cnn"):
        for cache, words, peers in rows:
            yield Case(
                f"first_fit.{workload}.{cache}",
                f"whole process to the end of the first `fit`, {workload.upper()}: {words}",
                "start",
                "startup",
                "s",
                peers,
                workload,
                arguments=("fit",),
                cache="none" if cache == "cold" else cache,
            )
    title = "build, compile and summarise ResNet-50"
    yield Case("build.resnet50", title, "start", "build", "ms", KERAS, "resnet50")


def _data():
    from benchmarks.data_driver import TITLES, WITH_TORCH

    for name, title in TITLES.items():
        peers = ("addax", "tf.keras", *(("torch",) if name in WITH_TORCH else ()))
        yield Case(f"data.{name}", title, "data", "data", "us", peers, name, BATCHES[0])
    title = f"`fit` from a `Dataset`, a step: {title_of('cnn')}"
    yield Case("data.fit", title, "data", "fit_dataset", "us", ("addax", "tf.keras"), "cnn", 32)
    title = "the same from arrays"
    yield Case("data.fit_arrays", title, "data", "fit", "us", ("addax", "tf.keras"), "cnn", 32)


def _servers():
    from benchmarks.serving_driver import CLIENTS, ROWS

    for rows in ROWS:
        for clients in CLIENTS:
            title = (
                f"{rows} row{'s' * (rows > 1)} of 784 numbers as JSON, {clients} client{'s' * (clients > 1)}"
            )
            peers = ("addax", "tf.keras", "torch")
            more = ("--clients", str(clients))
            yield Case(
                f"serve.{rows}.{clients}", title, "serve", "serve", "us/request", peers, "mlp", rows, more
            )


def _rest():
    title = "eager step of a linear classifier"
    yield Case("tape", title, "eager", "tape", "us", ("addax", "tf.keras"))
    title = "the same under `tf.function`"
    yield Case("function", title, "eager", "function", "us", ("addax", "tf.keras"))
    for task in ("slope_fit", "slope_predict", "slope_load"):
        title = f"growth with each {task.removeprefix('slope_')}"
        yield Case(task, title, "slope", task, "KB", KERAS, "mlp", 32)
    yield Case("installed", "packages and all they need", "size", "installed", "MB", EVERYONE)


def _large():
    for workload in LARGE:
        for bf16 in (False, True):
            yield _fit(workload, 0, EVERYONE, bf16)


def cases(gpu=False):
    """All cases of a CPU, or of a GPU.

    Args:
        gpu: Adds bfloat16 and the large models, and leaves out the sizes of the installed packages.
    """
    found = [*_fits(), *_bars(), *_inferences(), *_starts(), *_data(), *_servers(), *_rest()]
    if gpu:
        found = [case for case in found if case.section not in ("size", "slope", "serve")]
        found += [*_fits(bf16=True), *_large()]
    return {case.name: case for case in found}


def chosen(found, words):
    """The cases that a word names: its whole name, or whole parts of it between dots.

    Args:
        found: What `cases` gave.
        words: Names such as "mlp", "fit.mlp" or "fit.mlp.32"; empty for all.

    Raises:
        ValueError: If a word fits no case.
    """
    if not words:
        return dict(found)
    wanted = {}
    for word in words:
        fitting = {name: case for name, case in found.items() if f".{word}." in f".{name}."}
        if not fitting:
            known = ", ".join(found)
            raise ValueError(f"Expected the name of a case or a part of it, got {word!r}. There are: {known}")
        wanted |= fitting
    return {name: case for name, case in found.items() if name in wanted}

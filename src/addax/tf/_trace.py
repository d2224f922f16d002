"""What `tf.summary.trace_on` keeps: graphs of compiled functions, and a profile."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from addax.core.errors import message
from addax.engine import _collecting
from addax.engine._graphs import run_metadata

_running: dict[str, Any] = {}  # what is kept, while something is: `graph`, `profiler`, `outdir`, `place`


def start(graph: bool, profiler: bool, outdir: Any) -> None:
    """Begin; a second beginning changes nothing.

    Args:
        graph: Whether graphs are kept.
        profiler: Whether a profile is taken.
        outdir: Where the profile goes, if that is known.
    """
    if _running:
        logging.getLogger("tensorflow").warning(
            "A trace is on already; this tf.summary.trace_on() does nothing."
        )
        return
    place = None
    if profiler:
        from addax.tf.profiler import experimental

        place = tempfile.mkdtemp() if outdir is None else os.fspath(outdir)
        experimental.start(place)
    if graph:
        _collecting.collect()
    if graph or profiler:
        _running.update(graph=graph, profiler=profiler, outdir=outdir, place=place)


def export(outdir: Any) -> tuple[bytes | None, bool]:
    """End; gives the graphs as RunMetadata, if they were kept, and whether there was a profile.

    Args:
        outdir: Where the profile goes, if `start` was not told.

    Raises:
        ValueError: If nothing was begun, or the profile has nowhere to go.
    """
    if not _running:
        raise ValueError(
            message(
                "There is no trace to export.", hint="Call tf.summary.trace_on() before the functions run."
            )
        )
    if _running["profiler"] and _running["outdir"] is None and outdir is None:
        raise ValueError(
            message(
                "The profile has nowhere to go.",
                expected="a folder",
                received="profiler_outdir=None",
                hint="Pass profiler_outdir=... to tf.summary.trace_on().",
            )
        )
    kept = dict(_running)
    graphs = run_metadata(_collecting.collected.values()) if kept["graph"] and _collecting.collected else None
    _end(save=True)
    if kept["profiler"] and kept["outdir"] is None:
        shutil.copytree(kept["place"], Path(outdir), dirs_exist_ok=True)
        shutil.rmtree(kept["place"])
    return graphs, kept["profiler"]


def stop() -> None:
    """End, and forget what was kept."""
    if _running:
        _end(save=False)


def _end(save: bool) -> None:
    kept = dict(_running)
    _running.clear()
    if kept["graph"]:
        _collecting.collect_no_more()
    if kept["profiler"]:
        from addax.tf.profiler import experimental

        experimental.stop(save=save)

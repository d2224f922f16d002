"""The page from the results. A ratio is the peer's time over Addax's: above 1, Addax is faster."""

from __future__ import annotations

import math
import statistics

from benchmarks import registry
from benchmarks.peers import PEERS, US

_NOTHING = "–"


def values(records):
    """The numbers of the rounds that went well, in the order of the rounds."""
    return [record["value"] for record in records if "value" in record]


def median(records):
    """The median over the rounds, or None if no round went well."""
    found = values(records)
    return statistics.median(found) if found else None


def ratio(ours, theirs):
    """The peer's median over ours, and the least and largest ratio of one round.

    Args:
        ours: Records of Addax, one a round.
        theirs: Records of the peer, in the same rounds.

    Returns:
        (ratio, least, largest), or None if one of the two has no number.
    """
    mine, yours = median(ours), median(theirs)
    if mine is None or yours is None or mine <= 0:
        return None
    rounds = zip(ours, theirs, strict=False)
    paired = [b["value"] / a["value"] for a, b in rounds if "value" in a and "value" in b and a["value"] > 0]
    paired = paired or [yours / mine]
    return yours / mine, min(paired), max(paired)


def number(value):
    """Three significant digits, with commas and without an exponent."""
    if value is None or not math.isfinite(value):
        return _NOTHING
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"


def _ratio_cell(records, name):
    found = ratio(records.get(US, []), records.get(name, []))
    if found is None:
        return _NOTHING
    middle, least, largest = (number(value) for value in found)
    text = f"{middle} ({least}–{largest})" if least != largest else middle
    return f"**{text}**" if found[0] < 1 else text


def _median_cell(records, name):
    found = values(records.get(name, []))
    if not found:
        return _NOTHING
    middle = number(statistics.median(found))
    return middle if len(found) == 1 else f"{middle} ({number(min(found))}–{number(max(found))})"


def _table(heads, rows):
    ruler = ["---"] + ["---:"] * (len(heads) - 1)
    return "\n".join("| " + " | ".join(row) + " |" for row in (heads, ruler, *rows))


def _chosen(results, section):
    known = registry.cases(results.get("gpu", False))
    return [
        (case, results["cases"][name])
        for name, case in known.items()
        if case.section == section and results["cases"].get(name)
    ]


def _peers(rows):
    """Those who have a number in one of the rows."""
    return [name for name in PEERS if any(values(records.get(name, [])) for _, records in rows)]


def _section_ratios(results, section):
    rows = _chosen(results, section)
    names = [name for name in _peers(rows) if name != US]
    if not names:
        return ""
    lines = [[case.title, *(_ratio_cell(records, name) for name in names)] for case, records in rows]
    return _table(["", *(PEERS[name].title for name in names)], lines)


def _section_medians(results, section):
    rows = _chosen(results, section)
    names = _peers(rows)
    if not names:
        return ""
    lines = [
        [case.title, case.unit, *(_median_cell(records, name) for name in names)] for case, records in rows
    ]
    return _table(["", "unit", *(PEERS[name].title for name in names)], lines)


def _peaks(results):
    rows = [(case, records) for case, records in _chosen(results, "fit") if case.batch in (0, 32)]
    peaks = []
    for case, records in rows:
        found = {
            name: [{"value": record["peak_mb"]} for record in list_ if "peak_mb" in record]
            for name, list_ in records.items()
        }
        peaks.append((case, found))
    names = _peers(peaks)
    lines = [[case.title, *(_median_cell(found, name) for name in names)] for case, found in peaks]
    return _table(["", *(PEERS[name].title for name in names)], lines) if names else ""


def _served(results):
    """Requests a second and the waiting times, of each peer."""
    rows = _chosen(results, "serve")
    names = _peers(rows)
    lines = []
    for case, records in rows:
        cells = []
        for name in names:
            found = [record for record in records.get(name, []) if "value" in record]
            rate = number(1e6 / median(found)) if found else _NOTHING
            waits = [
                number(statistics.median(r[key] for r in found)) for key in ("p50_ms", "p99_ms") if found
            ]
            cells.append(" / ".join([rate, *waits]))
        lines.append([case.title, *cells])
    return (
        _table(["requests/s / p50 ms / p99 ms", *(PEERS[name].title for name in names)], lines)
        if names
        else ""
    )


def roof(results, dtype="float32"):
    """The best measured rate of a matrix product in GFLOP/s, or None."""
    records = [record for list_ in results["cases"].get("machine", {}).values() for record in list_]
    keys = ("float32", "numpy") if dtype == "float32" else (dtype,)
    rates = [record["rates"][key] for record in records for key in keys if key in record.get("rates", {})]
    return max(rates, default=None)


def _copy(results):
    records = [record for list_ in results["cases"].get("machine", {}).values() for record in list_]
    return max(
        (record["rates"]["copy"] for record in records if "copy" in record.get("rates", {})), default=None
    )


def _roofline(results):
    rows = [(case, records) for case, records in _chosen(results, "fit") if "bar" not in case.name]
    names = _peers(rows)
    if not names:
        return ""
    lines = []
    for case, records in rows:
        flops = registry.flops_of(case)
        rates = {name: flops / value / 1e3 for name in names if (value := median(records.get(name, [])))}
        best = roof(results, "bfloat16" if "--bf16" in case.arguments else "float32")
        share = f"{rates[US] / best:.0%}" if best and US in rates else _NOTHING
        cells = [number(rates.get(name)) for name in names]
        lines.append([case.title, number(flops / 1e6), share, *cells])
    heads = ["", "MFLOP/step", "Addax, of the roof", *(PEERS[name].title for name in names)]
    rates = ", ".join(
        f"{dtype} {number(roof(results, dtype))} GFLOP/s"
        for dtype in ("float32", "bfloat16")
        if roof(results, dtype)
    )
    measured = f"Matrix products of this machine reach {rates or _NOTHING}; a copy moves {number(_copy(results))} GB/s."
    return f"{measured} A step counts as three forward passes. The peers' columns are GFLOP/s.\n\n" + _table(
        heads, lines
    )


def _failures(results):
    """What could not be measured, and why."""
    lines = []
    for name, peers in results["cases"].items():
        for peer, records in peers.items():
            said = next((record["error"] for record in records if "error" in record), None)
            if said is not None:
                lines.append(f"- {name}, {PEERS[peer].title}: `{said.replace('`', '')[:160]}`")
    return "\n".join(lines)


def _setting(results):
    machine = results.get("machine", {})
    lines = [f"- {key}: {value}" for key, value in machine.items()]
    for name, found in results.get("versions", {}).items():
        if found:
            lines.append(f"- {PEERS[name].title}: " + ", ".join(f"{k} {v}" for k, v in sorted(found.items())))
    dates = {
        record["date"] for peers in results["cases"].values() for list_ in peers.values() for record in list_
    }
    if dates:
        lines.append(f"- measured: {min(dates)}" + (f" to {max(dates)}" if len(dates) > 1 else ""))
    lines.append(f"- last command: `python {results.get('command', '')}`")
    return "\n".join(lines)


def page(results):
    """The whole page, as Markdown."""
    parts = [
        "# Benchmarks",
        "Written by `make bench` ([how it measures](../benchmarks/README.md)); "
        "`python benchmarks/run.py report` writes it anew from the kept results.",
        "## Ratios",
        "The peer's median over Addax's, with the least and the largest ratio of one round: **above 1, Addax is "
        "faster**. Where a peer is faster, its cell is bold.",
    ]
    compared = [section for section in registry.SECTIONS if section != "slope"]
    for section in compared:
        if text := _section_ratios(results, section):
            parts += [f"### {registry.SECTIONS[section]}", text]
    parts += ["## Medians", "Medians over the rounds, with the least and the largest."]
    for section, title in registry.SECTIONS.items():
        if text := _section_medians(results, section):
            parts += [f"### {title}", text]
    if text := _served(results):
        parts += ["### Serving: requests a second, and how long half and 99 % of the clients wait", text]
    if text := _peaks(results):
        parts += ["### Peak memory of the training processes, MB", text]
    if text := _roofline(results):
        parts += ["## Roofline", text]
    if text := _failures(results):
        parts += ["## Not measured", text]
    parts += ["## Setting", _setting(results)]
    return "\n\n".join(parts) + "\n"


def line(case, records):
    """One case as the terminal shows it while measuring."""
    cells = []
    for name in PEERS:
        list_ = records.get(name, [])
        if not list_:
            continue
        middle, compared = median(list_), ratio(records.get(US, []), list_)
        if middle is None:
            cells.append(f"{name} failed")
        elif name == US or compared is None:
            cells.append(f"{name} {number(middle)}")
        else:
            cells.append(f"{name} {number(middle)} (x{number(compared[0])})")
    return f"{case.name} [{case.unit}]: " + ", ".join(cells)

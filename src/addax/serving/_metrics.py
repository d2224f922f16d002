"""Counters in the text format of Prometheus.

Source: prometheus.io/docs/instrumenting/exposition_formats.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Sequence

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_Labels = tuple[tuple[str, str], ...]


class Metrics:
    """Numbers about the server, by name and labels.

    Example:
        >>> metrics = Metrics()
        >>> metrics.counter("requests_total", "Requests.")
        >>> metrics.add("requests_total", code="200")
        >>> print(metrics.text(), end="")
        # HELP requests_total Requests.
        # TYPE requests_total counter
        requests_total{code="200"} 1
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heads: dict[str, tuple[str, str]] = {}
        self._values: dict[str, dict[_Labels, float]] = {}
        self._gauges: dict[str, Callable[[], float]] = {}
        self._bounds: dict[str, tuple[float, ...]] = {}
        self._buckets: dict[str, dict[_Labels, list[int]]] = {}

    def counter(self, name: str, help_text: str) -> None:
        """Declare a number that only grows."""
        self._heads[name] = ("counter", help_text)
        self._values[name] = {}

    def gauge(self, name: str, help_text: str, read: Callable[[], float]) -> None:
        """Declare a number that is read when somebody asks."""
        self._heads[name] = ("gauge", help_text)
        self._gauges[name] = read

    def histogram(self, name: str, help_text: str, bounds: Sequence[float]) -> None:
        """Declare a distribution, with the upper bounds of its buckets."""
        self._heads[name] = ("histogram", help_text)
        self._values[name] = {}
        self._bounds[name] = tuple(sorted(bounds))
        self._buckets[name] = {}

    def add(self, name: str, amount: float = 1, **labels: str) -> None:
        """Let a counter grow."""
        key = tuple(sorted(labels.items()))
        with self._lock:
            values = self._values[name]
            values[key] = values.get(key, 0) + amount

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Put a value into a distribution."""
        key = tuple(sorted(labels.items()))
        bounds = self._bounds[name]
        with self._lock:
            counts = self._buckets[name].setdefault(key, [0] * (len(bounds) + 1))
            counts[bisect_left(bounds, value)] += 1
            values = self._values[name]
            values[key] = values.get(key, 0) + value

    def text(self) -> str:
        """All of it in the text format."""
        lines: list[str] = []
        with self._lock:
            for name, (kind, help_text) in self._heads.items():
                lines += [f"# HELP {name} {help_text}", f"# TYPE {name} {kind}"]
                if kind == "gauge":
                    lines.append(f"{name} {_number(self._gauges[name]())}")
                elif kind == "counter":
                    lines += [f"{name}{_braces(key)} {_number(n)}" for key, n in self._values[name].items()]
                else:
                    lines += self._histogram_lines(name)
        return "\n".join(lines) + "\n"

    def _histogram_lines(self, name: str) -> list[str]:
        lines = []
        for key, counts in self._buckets[name].items():
            total = 0
            for bound, count in zip((*self._bounds[name], float("inf")), counts, strict=True):
                total += count
                lines.append(f"{name}_bucket{_braces((*key, ('le', _number(bound))))} {total}")
            lines.append(f"{name}_sum{_braces(key)} {_number(self._values[name][key])}")
            lines.append(f"{name}_count{_braces(key)} {total}")
        return lines


def _number(value: float) -> str:
    if value == float("inf"):
        return "+Inf"
    return str(int(value)) if value == int(value) else repr(float(value))


def _braces(labels: _Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")

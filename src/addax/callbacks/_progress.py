"""Progress in the place where it is shown: redrawn in a terminal or notebook, plain lines in a file."""

from __future__ import annotations

import logging
import math
import os
import re
import shutil
import sys
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from addax.core import config
from addax.core.errors import message

_BOLD, _GREEN, _GREY, _RESET = "\x1b[1m", "\x1b[32m", "\x1b[37m", "\x1b[0m"
_CODES = re.compile(r"\x1b\[[0-9;]*m")
# The least seconds between two redrawings, by place; a notebook pays for each with a message to the browser.
_INTERVALS = {"terminal": 0.05, "notebook": 0.25, "file": 30.0, "log": 30.0}


class _Screen:
    """Standard output, and whether its last line is a bar that is still being redrawn."""

    def __init__(self) -> None:
        self.open = False

    def place(self) -> str:
        """`"terminal"`, `"notebook"`, `"file"` (or a pipe), or `"log"` if printing is switched off."""
        if not config.is_interactive_logging_enabled():
            return "log"
        if "ipykernel" in sys.modules and type(sys.stdout).__module__.startswith("ipykernel"):
            return "notebook"
        if os.environ.get("PYCHARM_HOSTED") or getattr(sys.stdout, "isatty", bool)():
            return "terminal"
        return "file"

    def write(self, text: str) -> None:
        """Write text as it is, as far as the encoding of the output allows."""
        try:
            sys.stdout.write(text)
        except UnicodeEncodeError:
            encoding = sys.stdout.encoding or "ascii"
            sys.stdout.write(text.replace("━", "=").encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()

    def line(self, text: str) -> None:
        """Write a whole line, below a bar that is open."""
        if not config.is_interactive_logging_enabled():
            logging.getLogger("addax").info(_CODES.sub("", text))
            return
        self.write(f"\n{text}\n" if self.open else f"{text}\n")
        self.open = False

    def redraw(self, text: str, padding: int, last: bool) -> None:
        """Replace the line that is open."""
        self.write(f"\r{text}{' ' * padding}" + ("\n" if last else ""))
        self.open = not last


_screen = _Screen()


def say(text: str) -> None:
    """Print a line (to the log, if printing is switched off)."""
    _screen.line(text)


class Progbar:
    """A progress bar: `38/45 ━━━━━━━━ 0s 2ms/step - accuracy: 0.9800 - loss: 0.1000`.

    In a terminal or a notebook the line is redrawn, at most every `interval` seconds and cut to the width of
    the terminal; elsewhere only the last line is printed, and one every half minute on the way there.

    Args:
        target: The number of steps, or None if it is not known.
        width: The length of the bar.
        verbose: 1 for a bar, 2 for one line at the end, 0 for nothing.
        interval: The least seconds between two redrawings.
        stateful_metrics: Names of values to show as they are; of others the mean over the steps is shown.
        stateless_metrics: Names of values to show the mean of, in place of `stateful_metrics`.
        unit_name: What a step is called.

    Raises:
        ValueError: If both `stateful_metrics` and `stateless_metrics` are given.

    Example:
        >>> import addax as keras
        >>> bar = keras.utils.Progbar(2, verbose=2)
        >>> bar.update(1, [("loss", 3.0)])
        >>> bar.update(2, [("loss", 1.0)])
        2/2 - 0s - .../step - loss: 1.0000
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ValueError(
                message(
                    "Give `stateful_metrics` or `stateless_metrics`, not both.", received=stateless_metrics
                )
            )
        self.target = target
        self.width = width
        self.verbose = verbose
        self.unit_name = unit_name
        self.stateful_metrics = None if stateless_metrics is not None else set(stateful_metrics or ())
        self.stateless_metrics = None if stateless_metrics is None else set(stateless_metrics)
        self._place = _screen.place()
        self.interval = max(interval, _INTERVALS[self._place])
        self._colours = self._place != "file" and not os.environ.get("NO_COLOR")
        self._seen = 0
        self._values: dict[str, list[float]] = {}
        self._start = time.time()
        self._first: tuple[int, float] | None = None
        self._shown_at = self._start if self._place in ("file", "log") else 0.0
        self._shown_width = 0
        self._note = ""  # stands behind the values

    def due(self, current: int) -> bool:
        """Whether an update would be shown now; the first one starts the clock of the steps after it."""
        if self._first is None:
            self._first = (current, time.time())
        return self.verbose == 1 and time.time() - self._shown_at >= self.interval

    def update(self, current: int, values: Any = None, finalize: bool | None = None) -> None:
        """Show that `current` steps are done.

        Args:
            current: The number of steps done.
            values: Pairs of name and number.
            finalize: Whether this is the end; None means when `target` is reached.
        """
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        self._take(current, values or (), finalize)
        now = time.time()
        per_unit = self._time_per_unit(current, now)
        self._seen = current
        if self.verbose == 1 and (finalize or now - self._shown_at >= self.interval):
            self._shown_at = now
            self._show(self._bar_line(current, now, per_unit, finalize), finalize)
        elif self.verbose == 2 and finalize and self.target:
            count = f"{current:{len(str(self.target))}d}/{self.target}"
            say(f"{count} - {now - self._start:.0f}s - {_time(per_unit)}/{self.unit_name}{self._metrics()}")

    def add(self, n: int, values: Any = None) -> None:
        """Show that `n` more steps are done.

        Args:
            n: The number of steps.
            values: Pairs of name and number.
        """
        self.update(self._seen + n, values)

    def _take(self, current: int, values: Any, finalize: bool) -> None:
        for name, value in values:
            stateful = self.stateful_metrics
            averaged = name in self.stateless_metrics if stateful is None else name not in stateful  # type: ignore[operator]
            known = self._values.get(name)
            if not averaged or finalize or known is None:
                count = max(current - self._seen, 1) if averaged and not finalize else 1
                self._values[name] = [float(np.mean(value)) * count, count]
            else:
                count = max(current - self._seen, 1)
                known[0] += float(np.mean(value)) * count
                known[1] += count

    def _time_per_unit(self, current: int, now: float) -> float:
        """Seconds a step takes, without the first, which compiles."""
        if not current:
            return 0.0
        if self._first is None:
            self._first = (current, now)
        steps, since = self._first
        if current > steps:
            return (now - since) / (current - steps)
        return (now - self._start) / current

    def _metrics(self) -> str:
        shown = []
        for name, (total, count) in self._values.items():
            mean = total / max(1, count)
            shown.append(f" - {name}: {mean:.4f}" if abs(mean) > 1e-3 else f" - {name}: {mean:.4e}")
        return "".join(shown) + self._note

    def _bar_line(self, current: int, now: float, per_unit: float, finalize: bool) -> str:
        bold = self._coloured(_BOLD)
        if self.target:
            done = int(self.width * min(current / self.target, 1.0))
            count = bold(f"{current:{len(str(self.target))}d}/{self.target}")
            bar = f"{self._coloured(_GREEN)('━' * done)}{self._coloured(_GREY)('━' * (self.width - done))} "
            if self._place in ("file", "log"):
                bar = "━" * done + " " * (self.width - done) + " "
        else:
            count, bar = f"{current:7d}/Unknown", ""
        left = per_unit * (self.target - current) if self.target and not finalize else now - self._start
        clock = _clock(left) if self.target and not finalize else f"{left:.0f}s"
        return f"{count} {bar}{bold(clock)} {_time(per_unit)}/{self.unit_name}{self._metrics()}"

    def _coloured(self, code: str) -> Any:
        return lambda text: f"{code}{text}{_RESET}" if self._colours and text else text

    def _show(self, line: str, last: bool) -> None:
        if self._place in ("file", "log"):
            say(line)
            return
        if self._place == "terminal":
            line = _cut(line, shutil.get_terminal_size((80, 24)).columns - 1, last)
        width = len(_CODES.sub("", line))
        _screen.redraw(line, max(0, self._shown_width - width), last)
        self._shown_width = width


def _cut(line: str, columns: int, last: bool) -> str:
    """A line that fits, so that the next redrawing hits it; the last one may wrap."""
    plain = _CODES.sub("", line)
    if last or columns < 20 or len(plain) <= columns:
        return line
    return plain[: columns - 1] + "…"


def _clock(seconds: float) -> str:
    """Time that is left: `5s`, `1:05`, `1:00:05`."""
    if seconds > 3600:
        return f"{int(seconds // 3600)}:{int(seconds % 3600 // 60):02d}:{int(seconds % 60):02d}"
    if seconds > 60:
        return f"{int(seconds // 60)}:{int(seconds % 60):02d}"
    return f"{int(seconds)}s"


def _time(seconds: float) -> str:
    """Time of a step, in a unit that fits."""
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.0f}ms"
    return f"{math.ceil(seconds * 1e6)}us"

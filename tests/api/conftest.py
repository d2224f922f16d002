"""Lines that tests of this folder leave (`record_property("summary", ...)`) end up below the results."""

from __future__ import annotations

from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print them."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    lines = [text for report in reports for key, text in report.user_properties if key == "summary"]
    if lines:
        terminalreporter.section("API")
        for line in dict.fromkeys(lines):
            terminalreporter.line(line)

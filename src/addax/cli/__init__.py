"""The command line: `addax run`, `addax doctor`."""

from addax.cli._main import cli, main

__all__ = ["cli", "main"]

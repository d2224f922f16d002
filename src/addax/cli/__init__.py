"""The command line: `addax run`, `addax serve`, `addax doctor`."""

from addax.cli._main import cli, main

__all__ = ["cli", "main"]

"""The commands and their arguments. What takes long to import is imported by the command that needs it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

import addax
from addax.cli._run import Program


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(addax.__version__, prog_name="addax", message="%(prog)s %(version)s")
def cli() -> None:
    """Keras and TensorFlow scripts on JAX."""


@cli.command(
    context_settings={"allow_interspersed_args": False, "ignore_unknown_options": True},
    options_metavar="[-m]",
    short_help="Run a script that imports tensorflow or keras, unchanged.",
)
@click.option("-m", "as_module", is_flag=True, help="TARGET is the name of a module, as for python -m.")
@click.argument("target")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run(as_module: bool, target: str, arguments: tuple[str, ...]) -> Program:
    """Run the script TARGET on Addax, with ARGUMENTS as its own.

    The script may import tensorflow, tensorflow.keras, keras or tf_keras: all of them are served by Addax,
    whatever is installed. Everything behind TARGET goes to the script.
    """
    return Program(target, arguments, as_module)


@cli.command(short_help="Show versions and devices, and why no GPU is used.")
def doctor() -> int:
    """Show the versions and devices that Addax works with and, if it uses no GPU, why not and what to do."""
    from addax.cli._doctor import examine

    return examine(click.echo)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code.

    Args:
        arguments: What follows the command's name; the process's own arguments if None.

    Raises:
        SystemExit: With 2 for arguments that make no sense, else with the command's exit code. A program
            under `addax run` ends as it would under `python`: what it raises passes through.
    """
    try:
        outcome = cli.main(arguments, prog_name="addax", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)  # Ctrl-C, as a shell counts it
    if isinstance(outcome, Program):
        outcome.start()  # out here, so that click neither catches what it raises nor stands in its traceback
    else:
        sys.exit(outcome)

"""The commands and their arguments. What takes long to import is imported by the command that needs it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

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


@cli.command(short_help="Serve a model over HTTP.")
@click.argument("path")
@click.option("--name", help="The model's name in addresses; that of the file or folder if left out.")
@click.option("--host", help="The address to listen at (127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="The port (8501); 0 for any that is free.")
@click.option("--max-batch", type=click.IntRange(1, 65536), help="The most examples computed together (64).")
@click.option("--queue", type=click.IntRange(min=1), help="How many requests may wait (256).")
@click.option("--time-limit", type=click.FloatRange(min=0, min_open=True), help="Seconds for a request (30).")
@click.option(
    "--header-limit", type=click.FloatRange(min=0, min_open=True), help="Seconds for a request's header (10)."
)
@click.option("--max-shapes", type=click.IntRange(min=1), help="Sets of sizes that requests may choose (64).")
@click.option("--size-limit", type=click.IntRange(min=1), help="Bytes of a request (33554432).")
def serve(path: str, host: str | None, port: int | None, **settings: Any) -> int:
    """Serve the model at PATH: a .keras file, a SavedModel, or a folder with numbered versions of them.

    It speaks TensorFlow Serving's REST API, Vertex AI's contract for containers and the open inference
    protocol v2. The newest version in a folder is served, and replaced when a newer one comes.
    """
    from functools import partial

    from addax.cli._serve import run

    return run(path, host, port, partial(click.echo, err=True), **settings)


@cli.command(short_help="Show what is in a model file, without loading it.")
@click.option("--json", "as_json", is_flag=True, help="Show it as JSON.")
@click.argument("path", metavar="FILE")
def inspect(as_json: bool, path: str) -> int:
    """Show what is in FILE: versions, layers, variables, optimizer state and further files.

    FILE is a .keras, .h5, .weights.h5, .weights.json, .json or .npz file, or the folder of a SavedModel, of
    StableHLO or of a checkpoint. It is read as data: no model is built and no code of it is run.
    """
    from addax.cli._inspect import inspect

    return _told(inspect, path, as_json, click.echo)


@cli.command(short_help="Write a model file in another format.")
@click.option(
    "--to",
    type=click.Choice(
        [
            "keras",
            "h5",
            "weights.h5",
            "weights.json",
            "json",
            "onnx",
            "saved_model",
            "stablehlo",
            "tfjs",
            "litert",
        ]
    ),
    help="The format of TARGET; else its ending tells.",
)
@click.option("--overwrite", is_flag=True, help="Replace TARGET if it exists.")
@click.option("--no-compile", is_flag=True, help="Leave out optimizer, loss and metrics.")
@click.option(
    "--max-shard-size",
    type=float,
    default=5.0,
    show_default=True,
    help="Gigabytes a file, for .weights.json.",
)
@click.option(
    "--import",
    "modules",
    multiple=True,
    metavar="MODULE",
    help="Import MODULE first, such as one that registers custom classes; it runs.",
)
@click.argument("source")
@click.argument("target")
def convert(
    source: str,
    target: str,
    to: str | None,
    overwrite: bool,
    no_compile: bool,
    max_shard_size: float,
    modules: tuple[str, ...],
) -> int:
    """Write the model or the weights in SOURCE as TARGET.

    TARGET ends in .keras or .h5 (a whole model), .weights.h5 or .weights.json (weights in one file or in several),
    .json (the architecture) or .onnx, or has no ending: the folder of a SavedModel, or of StableHLO with
    --to stablehlo or tfjs. Such programs have no layers, so a SavedModel is a SOURCE only if model.save wrote it.
    """
    from addax.cli._convert import Options, convert

    options = Options(to, overwrite, not no_compile, max_shard_size, modules)
    return _told(convert, source, target, options, click.echo)


@cli.command(short_help="Show which TensorFlow and Keras names scripts use, and whether Addax has them.")
@click.option("--json", "as_json", is_flag=True, help="Show it as JSON.")
@click.argument("scripts", nargs=-1, required=True, metavar="SCRIPT...")
def check(as_json: bool, scripts: tuple[str, ...]) -> int:
    """Show which names of TensorFlow and Keras each SCRIPT uses, and what to write for those that Addax lacks.

    A SCRIPT is a Python file, a notebook, or a folder of these. It is read, never run. The exit code is 1 if a name
    is not supported. Methods of objects are not seen: nobody knows them before the program runs.
    """
    from addax.cli._check import check

    return _told(check, scripts, as_json, click.echo)


@cli.command(short_help="Write stubs, so that editors know tensorflow and keras.")
@click.argument("folder", default="typings")
def stubs(folder: str) -> int:
    """Write type stubs of tensorflow and keras into FOLDER, for editors: the names, signatures and texts of Addax.

    Pyright and Pylance look into the folder typings, which is the default. Write them anew after an update.
    """
    from addax.cli._stubs import write_stubs

    return _told(write_stubs, folder, click.echo)


def _told(command: Callable[..., int], *arguments: Any) -> int:
    """Run a command; what is wrong with its files becomes a message without a traceback."""
    try:
        return command(*arguments)
    except BrokenPipeError:
        raise  # the reader of the output has seen enough; click knows what to do
    except (ValueError, TypeError, OSError, ImportError) as error:
        raise click.ClickException(str(error)) from error


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

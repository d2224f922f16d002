"""`addax inspect`: what a model file holds, as text or JSON, without loading the model."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from addax.cli._contents import Array, Contents, Layer, Optimizer, read_contents


def inspect(path: str, as_json: bool, show: Callable[[str], object]) -> int:
    """Show what a file holds.

    Args:
        path: The file or folder.
        as_json: Whether to show JSON.
        show: Prints a text.

    Returns:
        The exit code, 0.

    Raises:
        ValueError: If the file is missing, damaged or no model.
    """
    found = read_contents(path)
    size = _size_of(Path(path))
    if as_json:
        show(json.dumps({"path": path, "size": size, **as_data(found)}, indent=2))
    else:
        show("\n".join(map(_visible, _text(path, size, found))))
    return 0


def as_data(found: Contents) -> dict[str, Any]:
    """The facts as JSON can hold them, with the totals."""
    data = dataclasses.asdict(found)
    data["variables"] = [_array_data(array) for array in found.variables]
    if found.optimizer is not None:
        data["optimizer"]["variables"] = [_array_data(array) for array in found.optimizer.variables]
    data["signatures"] = {
        name: {side: {k: _spec_data(a) for k, a in tensors.items()} for side, tensors in sides.items()}
        for name, sides in found.signatures.items()
    }
    data["totals"] = _totals(found)
    return data


def _array_data(array: Array) -> dict[str, Any]:
    return {
        "path": array.path,
        **({"name": array.name} if array.name else {}),
        **_spec_data(array),
        "parameters": array.parameters,
    }


def _spec_data(array: Array) -> dict[str, Any]:
    return {"shape": list(array.shape), "dtype": array.dtype}


def _totals(found: Contents) -> dict[str, int]:
    state = found.optimizer.variables if found.optimizer else []
    return {
        "parameters": sum(array.parameters for array in found.variables),
        "bytes": sum(array.bytes for array in found.variables),
        "optimizer_parameters": sum(array.parameters for array in state),
        "optimizer_bytes": sum(array.bytes for array in state),
    }


def _size_of(path: Path) -> int:
    """The bytes of a file, or of all files in a folder; 0 for the prefix of a checkpoint, which is no file."""
    if path.is_dir():
        return sum(p.stat().st_size for p in path.rglob("*") if p.is_file() and not p.is_symlink())
    if not path.exists():
        return sum(p.stat().st_size for p in path.parent.glob(f"{path.name}.*") if p.is_file())
    return path.stat().st_size


# Text ----------------------------------------------------------------------------------------------------
def _text(path: str, size: int, found: Contents) -> Iterator[str]:
    yield f"{path}: {found.title}, {_readable(size)}"
    for key, value in found.versions.items():
        yield f"  {key.replace('_', ' ')}: {value}"
    totals = _totals(found)
    if found.variables:
        yield f"  parameters: {totals['parameters']:,} ({_readable(totals['bytes'])})"
    if found.custom:
        yield f"  custom classes and functions, to be registered before loading: {', '.join(found.custom)}"
    for note in found.notes:
        yield f"  note: {note}"
    if found.model is not None:
        yield from ("", "Layers", *_table(_layer_rows(found.model)))
    for name, sides in found.signatures.items():
        yield from ("", f"Signature {name}", *_table(_signature_rows(sides)))
    yield from _state_lines(found, totals)


def _state_lines(found: Contents, totals: dict[str, int]) -> Iterator[str]:
    """Variables, optimizer, compile arguments and further files."""
    if found.variables:
        yield from ("", f"Variables ({len(found.variables)})", *_table(map(_array_row, found.variables)))
    if found.optimizer is not None:
        yield from ("", *_optimizer_lines(found.optimizer, totals["optimizer_bytes"]))
    for key, value in found.compiled.items():
        yield f"{key}: {value if isinstance(value, str) else json.dumps(value)}"
    if found.assets:
        rows = ((name, _readable(size)) for name, size in found.assets.items())
        yield from ("", f"Files ({len(found.assets)})", *_table(rows))


def _visible(line: str) -> str:
    """A line without what a terminal would obey: names come from the file, and may hold anything."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


def _layer_rows(model: Layer) -> Iterator[tuple[str, ...]]:
    for depth, layer in model.flat():
        kind = layer.class_name or ""
        if layer.custom is not None:
            kind += " (custom)"
        count = "" if layer.parameters is None else f"{layer.parameters:,}"
        shape = "" if layer.input_shape is None else f"input {_shape(layer.input_shape)}"
        yield "  " * depth + _label(layer), kind, count, shape


def _label(layer: Layer) -> str:
    """The name of a layer; in a file that has no classes also its place, which begins with the class."""
    place = (layer.path or "").rpartition("/")[2]
    if layer.class_name is not None or place in ("", layer.name):
        return layer.name
    return f"{place} '{layer.name}'"


def _signature_rows(sides: dict[str, dict[str, Array]]) -> Iterator[tuple[str, ...]]:
    for side, tensors in sides.items():
        for name, array in tensors.items():
            yield side.removesuffix("s"), name, _shape(array.shape), array.dtype


def _array_row(array: Array) -> tuple[str, ...]:
    return array.path, array.name or "", _shape(array.shape), array.dtype, f"{array.parameters:,}"


def _optimizer_lines(optimizer: Optimizer, size: int) -> Iterator[str]:
    yield f"Optimizer: {optimizer.class_name or 'of unknown class'}"
    rate = optimizer.config.get("learning_rate")
    if rate is not None:
        yield f"  learning rate: {_rate(rate)}"
    if optimizer.iterations is not None:
        yield f"  steps made: {optimizer.iterations:,}"
    count = len(optimizer.variables)
    yield f"  state: {count} variables, {_readable(size)}" if count else "  state: none"


def _rate(rate: Any) -> str:
    if isinstance(rate, dict):
        return str(rate.get("class_name"))
    return f"{rate:.6g}" if isinstance(rate, float) else str(rate)


def _shape(shape: Any) -> str:
    if isinstance(shape, dict):
        return ", ".join(f"{key} {_shape(value)}" for key, value in shape.items())
    if isinstance(shape, list | tuple):
        inside = ", ".join("None" if size is None else _shape(size) for size in shape)
        return f"({inside},)" if len(shape) == 1 else f"({inside})"
    return str(shape)


def _table(rows: Any) -> list[str]:
    """Rows in columns; columns without any text are left out, those of numbers are set to the right."""
    columns = [column for column in zip(*rows, strict=True) if any(column)]
    cells = []
    for column in columns:
        width = max(map(len, column))
        numbers = all(cell.replace(",", "").isdecimal() or not cell for cell in column)
        cells.append([cell.rjust(width) if numbers else cell.ljust(width) for cell in column])
    return ["  " + "  ".join(row).rstrip() for row in zip(*cells, strict=True)]


def _readable(size: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.0f} bytes" if unit == "bytes" else f"{size:.3g} {unit}"
        size /= 1000
    raise AssertionError

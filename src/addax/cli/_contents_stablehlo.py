"""Facts about the folders of StableHLO that `model.export(path, format="stablehlo")` writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from addax.cli._contents import Array, Contents


def stablehlo_folder(path: Path) -> Contents:
    """A program of StableHLO with its weights and description; checksums tell whether the files are whole."""
    from addax.export._stablehlo import _checked, _description

    data = _description(str(path))
    for name in data["sha256"]:
        _checked(str(path), str(Path(name).name), data)
    found = Contents("stablehlo", "StableHLO program with its weights")
    found.versions = {"name": data["name"], "platforms": ", ".join(map(str, data["platforms"]))}
    for number, entry in enumerate(data["variables"]):
        shape = tuple(int(size) for size in entry["shape"])
        found.variables.append(Array(str(number), shape, str(entry["dtype"]), str(entry["name"])))
    arguments = data["arguments"][len(found.variables) :]
    results = {f"result {number}": item for number, item in enumerate(data["results"])}
    found.signatures["program"] = {
        "inputs": _tensors(dict(zip(data["inputs"], arguments, strict=True))),
        "outputs": _tensors(results),
    }
    found.assets = {file.name: file.stat().st_size for file in sorted(path.iterdir()) if file.is_file()}
    return found


def _tensors(specs: dict[str, Any]) -> dict[str, Array]:
    return {
        name: Array(name, tuple(map(_size, spec["dims"])), str(spec["dtype"])) for name, spec in specs.items()
    }


def _size(text: Any) -> int | None:
    """A dimension, which is a number or the name of one that any call chooses."""
    return int(text) if str(text).isdecimal() else None

"""`KerasFileEditor`: looks into a file of weights and changes it, without the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from addax.core.errors import message, suggest
from addax.formats import atomic_file
from addax.saving._archive import CONFIG, METADATA, WEIGHTS, Archive
from addax.saving._hdf5 import StoredGroup, opened_weights
from addax.saving._walk import own_variables, saveables
from addax.saving._weights import write_nest

_MAX_DEPTH = 100  # groups inside of each other; a group may be linked into itself


class KerasFileEditor:
    """The weights of a `.keras` or `.weights.h5` file, as a nest of dicts that can be changed and saved.

    The file is read as data: nothing in it is run, and links out of it are refused.

    Args:
        filepath: A path that ends in `.keras` or `.weights.h5`.

    Attributes:
        weights_dict: Name -> the dict of an object, or an array (the names of arrays are mostly numbers).
        object_metadata: Path -> what the file says about an object.
        config: The config of the model, if the file is a `.keras` file.
        metadata: Version and date, if the file is a `.keras` file.

    Raises:
        ValueError: If the file is missing, damaged, of another kind, or built to do harm.

    Example:
        >>> import addax as keras, os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "a.weights.h5")
        >>> keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save_weights(path)
        >>> editor = keras.saving.KerasFileEditor(path)
        >>> editor.rename_object("dense", "head")
        >>> editor.weights_dict["layers"]["head"]["0"].shape
        (2, 1)
    """

    def __init__(self, filepath: Any) -> None:
        self.filepath = str(filepath)
        self.metadata: Any = None
        self.config: Any = None
        if self.filepath.endswith(".keras"):
            with Archive(self.filepath) as archive:
                self.config = archive.json(CONFIG)
                self.metadata = archive.json(METADATA) if METADATA in archive.names else None
                source: Any = archive.read(WEIGHTS)
        elif self.filepath.endswith(".weights.h5"):
            source = self.filepath
        else:
            raise ValueError(
                message(
                    "This is no file that the editor opens.",
                    expected="a path that ends in .keras or .weights.h5",
                    received=self.filepath,
                )
            )
        self.object_metadata: dict[str, dict[str, str]] = {}
        with opened_weights(source) as file:
            self.weights_dict = self._read(file.root(), "")

    def _read(self, group: StoredGroup, path: str, depth: int = 0) -> dict[str, Any]:
        """Arrays and objects below a group; what an object holds itself stands in its group `vars`."""
        if depth > _MAX_DEPTH:
            raise ValueError(
                message(f"{self.filepath} has groups inside of each other without end.", received=path[:100])
            )
        found: dict[str, Any] = {}
        for key in group.keys():  # noqa: SIM118 - a group of a file
            child = group.child(key)
            if child is None:
                found[key] = group[key]
                continue
            inner = path if key == "vars" else f"{path}/{key}"
            name = child.text("name")
            if name is not None:
                self.object_metadata[inner] = {"name": name}
            inside = self._read(child, inner, depth + 1)
            if key == "vars":
                found.update(inside)
            elif inside:
                found[key] = inside
        return found

    # Looking ---------------------------------------------------------------------------------------------
    def summary(self) -> None:
        """Print the objects and their weights."""
        print(f"Weights in {self.filepath}")
        self._print(self.weights_dict, "", "  ")

    def _print(self, nest: dict[str, Any], path: str, indent: str) -> None:
        for key, value in nest.items():
            if isinstance(value, dict):
                name = self.object_metadata.get(f"{path}/{key}", {}).get("name")
                print(f"{indent}{key}" + (f" ('{name}')" if name else ""))
                self._print(value, f"{path}/{key}", indent + "  ")
            else:
                print(f"{indent}{key}: shape {value.shape}, {value.dtype}")

    def compare(self, reference_model: Any) -> dict[str, Any]:
        """Print how the weights differ from what a model needs.

        Args:
            reference_model: A built model.

        Returns:
            `status` (`"success"` or `"error"`), `error_count` and `match_count`.
        """
        wanted = _nest_of(reference_model)
        lines, matches = _differences(self.weights_dict, wanted, "")
        for line in lines:
            print(line)
        status = "error" if lines else "success"
        verdict = f"{len(lines)} differences" if lines else "The weights fit the model"
        print(f"{verdict}; {matches} weights match.")
        return {"status": status, "error_count": len(lines), "match_count": matches}

    # Changing --------------------------------------------------------------------------------------------
    def rename_object(self, object_name: str, new_name: str) -> None:
        """Give an object another name.

        Args:
            object_name: Its name, or its path (`"layers/dense"`) if the name occurs more than once.
            new_name: The new name, without a path.

        Raises:
            ValueError: If there is none, or the new name is taken or a path.
        """
        if "/" in new_name:
            raise ValueError(
                message("The new name must be no path.", expected="a name without /", received=new_name)
            )
        holder, name = self._find(object_name)
        if new_name in holder and new_name != name:
            raise ValueError(message(f"There is an object '{new_name}' already.", received=object_name))
        items = [(new_name if key == name else key, value) for key, value in holder.items()]
        holder.clear()
        holder.update(items)

    def delete_object(self, object_name: str) -> None:
        """Remove an object.

        Args:
            object_name: Its name, or its path if the name occurs more than once.
        """
        holder, name = self._find(object_name)
        del holder[name]

    def add_object(self, object_path: str, weights: dict[str, Any]) -> None:
        """Add an object.

        Args:
            object_path: Its path; the objects above must be there.
            weights: Name (`"0"`, `"1"`, ...) -> array.
        """
        _check_weights(weights)
        folder, _, name = object_path.rpartition("/")
        holder = self._at(folder) if folder else self.weights_dict
        holder[name] = dict(weights)

    def delete_weight(self, object_name: str, weight_name: str) -> None:
        """Remove a weight of an object.

        Args:
            object_name: The name or path of the object.
            weight_name: The name of the weight.
        """
        holder, name = self._find(object_name)
        if weight_name not in holder[name]:
            raise ValueError(
                message(f"'{object_name}' has no weight '{weight_name}'.", received=f"{list(holder[name])}")
            )
        del holder[name][weight_name]

    def add_weights(self, object_name: str, weights: dict[str, Any]) -> None:
        """Add weights to an object, or replace some.

        Args:
            object_name: The name or path of the object.
            weights: Name (`"0"`, `"1"`, ...) -> array.
        """
        _check_weights(weights)
        holder, name = self._find(object_name)
        holder[name].update(weights)

    def _at(self, path: str) -> dict[str, Any]:
        nest: Any = self.weights_dict
        for part in path.split("/"):
            if not isinstance(nest, dict) or part not in nest:
                raise ValueError(message(f"There is no '{path}' in the file.", hint="See summary()."))
            nest = nest[part]
        return nest

    def _find(self, name: str) -> tuple[dict[str, Any], str]:
        """The dict that holds an object, and the object's name in it."""
        if "/" in name:
            folder, _, leaf = name.rpartition("/")
            holder = self._at(folder)
            self._at(name)
            return holder, leaf
        found = [nest for nest in _nests(self.weights_dict) if isinstance(nest.get(name), dict)]
        if len(found) == 1:
            return found[0], name
        names = {key for nest in _nests(self.weights_dict) for key, v in nest.items() if isinstance(v, dict)}
        raise ValueError(
            message(
                f"'{name}' occurs {len(found)} times in the file.",
                expected="the name of one object",
                hint="Give its path, such as 'layers/dense'." if found else suggest(name, names) or None,
            )
        )

    # Saving ----------------------------------------------------------------------------------------------
    def save(self, filepath: Any) -> None:
        """Write the weights to a file, atomically.

        Args:
            filepath: A path that ends in `.weights.h5`.

        Raises:
            ValueError: For another ending.
        """
        if not str(filepath).endswith(".weights.h5"):
            raise ValueError(
                message(
                    "The editor writes weights files.",
                    expected="a path that ends in .weights.h5",
                    received=str(filepath),
                )
            )
        with atomic_file(Path(filepath)) as temporary:
            write_nest(self.weights_dict, temporary, self.object_metadata)

    def resave_weights(self, filepath: Any) -> None:
        """The old name of `save`.

        Args:
            filepath: A path that ends in `.weights.h5`.
        """
        self.save(filepath)


def _check_weights(weights: Any) -> None:
    if not isinstance(weights, dict):
        raise ValueError(message("`weights`.", expected="a dict: name -> array", received=weights))


def _nests(nest: dict[str, Any]) -> list[dict[str, Any]]:
    """A dict and all dicts inside."""
    found = [nest]
    for value in nest.values():
        if isinstance(value, dict):
            found += _nests(value)
    return found


def _nest_of(model: Any) -> dict[str, Any]:
    """The weights of a model in the form of `weights_dict`."""
    nest: dict[str, Any] = {}
    for path, obj in saveables(model):
        store = {key: np.asarray(value) for key, value in own_variables(obj).items()}
        if not store:
            continue
        holder = nest
        for part in path.split("/") if path else ():
            holder = holder.setdefault(part, {})
        holder.update(store)
    return nest


def _differences(file: dict[str, Any], model: dict[str, Any], path: str) -> tuple[list[str], int]:
    """A line for each difference, and the number of weights that are alike."""
    lines, matches = [], 0
    for key in [*file, *(key for key in model if key not in file)]:
        here, there, where = file.get(key), model.get(key), f"{path}/{key}"
        if here is None or there is None:
            place = "missing in the file" if here is None else "missing in the model"
            lines.append(f"{where}: {_kind(there if here is None else here)} {place}")
        elif isinstance(here, dict) and isinstance(there, dict):
            inner, count = _differences(here, there, where)
            lines, matches = lines + inner, matches + count
        elif isinstance(here, dict) or isinstance(there, dict):
            lines.append(f"{where}: {_kind(here)} in the file, {_kind(there)} in the model")
        elif here.shape != there.shape:
            lines.append(f"{where}: shape {here.shape} in the file, {there.shape} in the model")
        else:
            matches += 1
    return lines, matches


def _kind(value: Any) -> str:
    return "object" if isinstance(value, dict) else "weight"

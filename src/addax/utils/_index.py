"""Which files a folder holds, their classes, and how they are divided."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from addax.core.errors import message

LABEL_MODES = ("int", "categorical", "binary", None)


class Index(NamedTuple):
    """The files of a folder.

    Attributes:
        paths: Their paths.
        numbers: The number of each one's class, int32; None without labels.
        names: The names of the classes; None without labels.
    """

    paths: list[str]
    numbers: np.ndarray | None
    names: list[str] | None

    def part(self, rows: slice) -> Index:
        """Some of the files."""
        return Index(self.paths[rows], None if self.numbers is None else self.numbers[rows], self.names)

    def shuffled(self, seed: int) -> Index:
        """The files in the order that Keras gives them with this seed."""
        order = np.arange(len(self.paths))
        np.random.RandomState(seed).shuffle(order)
        numbers = None if self.numbers is None else self.numbers[order]
        return Index([self.paths[i] for i in order], numbers, self.names)


def index_directory(
    directory: Any,
    labels: Any,
    endings: tuple[str, ...],
    class_names: Sequence[str] | None = None,
    follow_links: bool = False,
) -> Index:
    """The files below a folder, those of a folder in the order of their names.

    Raises:
        ValueError: If the folder is missing or holds no such files, or the labels or names do not fit.
    """
    root = os.fspath(directory)
    if not os.path.isdir(root):
        raise ValueError(message(f"There is no folder {root}.", hint="Check the path."))
    if isinstance(labels, str) and labels == "inferred":
        found = _by_class(root, endings, class_names, follow_links)
    else:
        if class_names is not None:
            raise ValueError(
                message(
                    "`class_names` stands for the folders of the classes.",
                    expected='labels="inferred"',
                    received=f"labels={labels!r}, class_names={list(class_names)}",
                )
            )
        found = _with_labels(root, labels, endings, follow_links)
    if not found.paths:
        there = f"folders {found.names}" if found.names else "no such files"
        raise ValueError(
            message(
                f"No files were found in {root}.",
                expected=f"files ending in {', '.join(endings)}, in one folder for each class"
                if found.names is not None
                else f"files ending in {', '.join(endings)}",
                received=there,
            )
        )
    return found


def _by_class(root: str, endings: tuple, class_names: Sequence[str] | None, follow_links: bool) -> Index:
    names = sorted(e.name for e in os.scandir(root) if e.is_dir() and not e.name.startswith("."))
    if class_names is not None:
        if not set(class_names) <= set(names):
            raise ValueError(
                message(
                    "`class_names` are not the folders that are there.",
                    expected=f"some of {names}",
                    received=str(list(class_names)),
                )
            )
        names = list(class_names)
    paths, numbers, empty = [], [], []
    for number, name in enumerate(names):
        found = files_below(os.path.join(root, name), endings, follow_links)
        paths += found
        numbers += [number] * len(found)
        if not found:
            empty.append(name)
    if empty and paths:
        warnings.warn(
            f"There are no files of the class{'es' if len(empty) > 1 else ''} {', '.join(empty)} in {root} "
            f"(endings {', '.join(endings)}); a number is kept for each of them.",
            stacklevel=5,
        )
    return Index(paths, np.asarray(numbers, np.int32), names)


def _with_labels(root: str, labels: Any, endings: tuple, follow_links: bool) -> Index:
    paths = files_below(root, endings, follow_links)
    if labels is None:
        return Index(paths, None, None)
    if not isinstance(labels, (list, tuple, np.ndarray)):
        raise ValueError(
            message(
                "`labels` is wrong.",
                expected='"inferred", None, or a list of a whole number for each file',
                received=labels,
            )
        )
    if len(paths) != len(labels):
        raise ValueError(
            message(
                "`labels` has another length than there are files.",
                expected=f"{len(paths)} labels, in the order of the sorted paths",
                received=f"{len(labels)}",
            )
        )
    names = [str(label) for label in sorted(set(np.asarray(labels).tolist()))]
    return Index(paths, np.asarray(labels, np.int32), names)


def files_below(root: str, endings: tuple[str, ...], follow_links: bool) -> list[str]:
    """Files with one of the endings, folder by folder; links to folders are entered if `follow_links`."""
    found = []
    for folder, _, names in sorted(os.walk(root, followlinks=follow_links), key=lambda entry: entry[0]):
        # Relative to the root as Keras writes them, so that a path has no "./" in its middle.
        found += [
            os.path.join(root, os.path.relpath(os.path.join(folder, name), root))
            for name in sorted(names)
            if name.lower().endswith(endings)
        ]
    return found


def label_arrays(index: Index, label_mode: Any) -> np.ndarray | None:
    """Class numbers in the form that `label_mode` names.

    Raises:
        ValueError: For an unknown mode, `"binary"` with other than two classes, or numbers without a class.
    """
    if label_mode not in LABEL_MODES:
        raise ValueError(
            message(
                "Unknown `label_mode`.",
                expected='"int", "categorical", "binary" or None',
                received=label_mode,
            )
        )
    numbers, names = index.numbers, index.names
    if numbers is None or names is None or label_mode is None:
        return None
    if label_mode == "int":
        return numbers
    if label_mode == "binary":
        if len(names) != 2:
            raise ValueError(
                message('label_mode="binary" needs two classes.', received=f"{len(names)}: {names}")
            )
        return numbers.astype(np.float32)[:, None]
    if numbers.min() < 0 or numbers.max() >= len(names):
        raise ValueError(
            message(
                'label_mode="categorical" needs labels from 0 up, without gaps.',
                expected=f"0 to {len(names) - 1}",
                received=", ".join(names),
            )
        )
    return np.eye(len(names), dtype=np.float32)[numbers]


def check_split(fraction: Any, subset: Any, shuffle: bool, seed: Any) -> None:
    """Raise ValueError unless `validation_split`, `subset`, `shuffle` and `seed` go together."""
    if fraction and not 0 < fraction < 1:
        raise ValueError(
            message("`validation_split`.", expected="a number between 0 and 1", received=fraction)
        )
    if bool(fraction) != bool(subset):
        raise ValueError(
            message(
                "`validation_split` and `subset` go together: give both or neither.",
                received=f"validation_split={fraction}, subset={subset!r}",
            )
        )
    if subset not in ("training", "validation", "both", None):
        raise ValueError(
            message("Unknown `subset`.", expected='"training", "validation" or "both"', received=subset)
        )
    if fraction and shuffle and seed is None:
        raise ValueError(
            message(
                "A shuffled split needs a seed, or the two parts would overlap.",
                hint="Pass seed=, or shuffle=False.",
            )
        )


def divided(index: Index, fraction: Any, subset: Any) -> list[Index]:
    """The parts of the files that were asked for.

    Raises:
        ValueError: If one of them is empty.
    """
    if not fraction:
        return [index]
    at = len(index.paths) - int(fraction * len(index.paths))
    both = {"training": index.part(slice(0, at)), "validation": index.part(slice(at, None))}
    chosen = both if subset == "both" else {subset: both[subset]}
    for name, part in chosen.items():
        if not part.paths:
            raise ValueError(
                message(
                    f"The subset for {name} holds no files.",
                    received=f"{len(index.paths)} files with validation_split={fraction}",
                    hint="Use more files, or another split.",
                )
            )
    return list(chosen.values())

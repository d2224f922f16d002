"""The outputs of a model by name, and losses, metrics and targets lined up with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from addax.core import tree
from addax.core.errors import message, suggest


class Outputs:
    """The form of a model's outputs.

    Args:
        y_pred: The nest of outputs.
        names: Names of the layers that make them, if the model knows them.

    Attributes:
        count: How many there are.
        names: A unique name for each: its key in a dict of outputs, else that of its layer, else a number.
        named: Whether the names come from the model (a list that a subclass returns has none).
        nest: The form of `y_pred`, with positions in the place of tensors.
    """

    def __init__(self, y_pred: Any, names: Sequence[str] | None = None) -> None:
        paths = [path for path, _ in tree.flatten_with_path(y_pred)]
        self.count = len(paths)
        self.nest = tree.pack_sequence_as(y_pred, range(self.count))
        flat_dict = isinstance(y_pred, dict) and all(len(path) == 1 for path in paths)
        known = names is not None and len(names) == self.count and not flat_dict
        self.named = known or isinstance(y_pred, dict)
        self.names = _unique(list(names) if names is not None and known else [_name(path) for path in paths])

    def line_up(self, given: Any, what: str, share: bool = False) -> list:
        """One entry for each output, None where there is none.

        Args:
            given: A nest in the form of the outputs, a dict by name, or a list in their order.
            what: The argument, for errors.
            share: Whether a single value stands for all outputs.

        Raises:
            ValueError: If a dict names an output that does not exist, or a list has another length.
        """
        if self.count == 1:
            return [self._only(given, what)]
        found: list = [None] * self.count
        self._place(given, self.nest, what, share, found)
        return found

    def targets(self, given: Any, with_loss: Sequence[int]) -> list:
        """Targets by output; those of outputs without a loss may be left out, and need no list around a single one."""
        if self.count == 1:
            return [_one_target(self._only(given, "y"))]
        if given is not None and not tree.is_nested(given) and len(with_loss) == 1:
            given = [given]
        if isinstance(given, (list, tuple)) and len(given) != self.count and len(given) == len(with_loss):
            found: list = [None] * self.count
            for position, target in zip(with_loss, given, strict=True):
                found[position] = target
            return found
        return self.line_up(given, "y")

    def _only(self, given: Any, what: str) -> Any:
        """What is given for the only output, out of a dict or a list of one."""
        if isinstance(given, dict):
            if self.names[0] not in given and not (what == "y" and len(given) == 1):
                raise ValueError(self._unknown(list(given), self.names, what))
            return given.get(self.names[0], next(iter(given.values())))
        if isinstance(given, (list, tuple)) and what not in ("y", "metrics", "weighted_metrics"):
            flat = tree.flatten(given)
            if len(flat) != 1:
                raise ValueError(self._other_number(given, what))
            return flat[0]
        return given

    def _place(self, given: Any, nest: Any, what: str, share: bool, found: list) -> None:
        if given is None:
            return
        if not tree.is_nested(nest):
            found[nest] = given
        elif isinstance(given, dict):
            self._place_dict(given, nest, what, share, found)
        elif isinstance(given, (list, tuple)):
            self._place_list(given, nest, what, share, found)
        elif share:
            for position in tree.flatten(nest):
                found[position] = given
        else:
            raise ValueError(self._other_number(given, what))

    def _place_dict(self, given: dict, nest: Any, what: str, share: bool, found: list) -> None:
        parts = nest if isinstance(nest, dict) else {self.names[i]: i for i in tree.flatten(nest)}
        unknown = [key for key in given if key not in parts]
        if unknown:
            raise ValueError(self._unknown(unknown, list(parts), what))
        for key, value in given.items():
            self._place(value, parts[key], what, share, found)

    def _place_list(self, given: Sequence, nest: Any, what: str, share: bool, found: list) -> None:
        if len(given) == len(nest):
            parts = list(nest.values()) if isinstance(nest, dict) else list(nest)
            parts.sort(key=lambda part: tree.flatten(part)[0])  # dicts by sorted key, as everywhere
            for value, part in zip(given, parts, strict=True):
                self._place(value, part, what, share, found)
            return
        flat, positions = tree.flatten(given), tree.flatten(nest)
        if len(flat) == 1 and share:
            flat = flat * len(positions)
        if len(flat) != len(positions):
            raise ValueError(self._other_number(given, what))
        for position, value in zip(positions, flat, strict=True):
            found[position] = value

    def _unknown(self, unknown: list, known: list, what: str) -> str:
        return message(
            f"`{what}` names an output that the model does not have.",
            expected=f"outputs {known}",
            received=f"{unknown}",
            hint=suggest(str(unknown[0]), [str(k) for k in known]) or None,
        )

    def _other_number(self, given: Any, what: str) -> str:
        return message(
            f"`{what}` has another number of parts than the model has outputs.",
            expected=f"{self.count}, for the outputs {self.names}",
            received=f"{len(tree.flatten(given))}",
        )


def _name(path: tuple) -> str:
    if not path:
        return "output"
    return "_".join(map(str, path)) if isinstance(path[0], str) else f"output_{'_'.join(map(str, path))}"


def _unique(names: list[str]) -> list[str]:
    """Names with a number behind those that are repeated."""
    taken: set[str] = set()
    return [free_name(name, taken) for name in names]


def free_name(name: str, taken: set[str]) -> str:
    """`name`, with a number behind it if it is taken; it is then taken."""
    free, k = name, 0
    while free in taken:
        k += 1
        free = f"{name}_{k}"
    taken.add(free)
    return free


def _one_target(given: Any) -> Any:
    """The target of the only output; several are stacked as columns."""
    flat = tree.flatten(given)
    if len(flat) == 1:
        return flat[0]
    if not flat:
        return None
    from addax import ops

    return ops.stack([ops.convert_to_tensor(one) for one in flat], axis=1)

"""Reports why a compiled function is traced again and again."""

from __future__ import annotations

from typing import Any

from addax.core import tree
from addax.core.errors import describe
from addax.engine._tensor import TensorLike

_MANY = 5  # traces, among the last `_RECENT` calls
_RECENT = 11


class TraceReport:
    """The traces of one function, and the one warning when there are many."""

    def __init__(self) -> None:
        self.count = 0
        self._forms: list[dict[str, tuple]] = []
        self._calls: list[int] = []
        self._warned = False

    def note(self, arguments: dict[str, Any], calls: int) -> str | None:
        """Note a trace; gives the text of the warning once many calls were traced.

        Args:
            arguments: The arguments by name.
            calls: How many calls were made so far.
        """
        self.count += 1
        form = {_path(path): _describe(leaf) for path, leaf in tree.flatten_with_path(arguments)}
        before, self._forms = self._forms, [*self._forms, form][-2 * _MANY :]
        self._calls = [*self._calls, calls][-_MANY:]
        if self._warned or len(self._calls) < _MANY or calls - self._calls[0] >= _RECENT:
            return None
        self._warned = True
        nearest = min(reversed(before), key=lambda other: len(_differences(other, form)))
        changes = "; ".join(_differences(nearest, form)) or "nothing in its arguments changed"
        return (
            f"was traced {self.count} times, {_MANY} of them in the last {calls - self._calls[0] + 1} calls; each "
            f"trace is compiled anew.\n  changed last: {changes}\n  hint: {_hint(nearest, form)}"
        )

    def lines(self) -> list[str]:
        """The forms of arguments that were traced."""
        return [", ".join(f"{name}: {_text(what)}" for name, what in form.items()) for form in self._forms]


def _path(path: tuple) -> str:
    first, *rest = path
    return f"{first}" + "".join(f"[{key!r}]" for key in rest)


def _describe(leaf: Any) -> tuple:
    shape, dtype = getattr(leaf, "shape", None), getattr(leaf, "dtype", None)
    if (
        shape is not None
        and dtype is not None
        and (isinstance(leaf, TensorLike) or hasattr(leaf, "__array__"))
    ):
        return ("tensor", tuple(shape), str(getattr(dtype, "name", dtype)))
    return ("value", describe(leaf))


def _text(what: tuple) -> str:
    return f"shape {what[1]}, dtype {what[2]}" if what[0] == "tensor" else what[1]


def _differences(old: dict[str, tuple], new: dict[str, tuple]) -> list[str]:
    found = []
    for name in {**old, **new}:
        a, b = old.get(name), new.get(name)
        if a == b:
            continue
        if a is None or b is None:
            found.append(f"'{name}' is {'new' if a is None else 'gone'}")
        elif a[0] == b[0] == "tensor":
            what = [
                f"its {kind} from {x} to {y}"
                for kind, x, y in zip(("shape", "dtype"), a[1:], b[1:], strict=False)
                if x != y
            ]
            found.append(f"'{name}' changed {' and '.join(what)}")
        else:
            found.append(f"'{name}' changed from {_text(a)} to {_text(b)}")
    return found


def _hint(old: dict[str, tuple], new: dict[str, tuple]) -> str:
    changed = [new[name] for name in new if name in old and old[name] != new[name]]
    if any(what[0] == "value" for what in changed):
        return "A Python number is part of the form; pass it as a tensor, tf.constant(n), if only its value changes."
    if changed:
        return "Bring the tensors to few shapes: pad them, or drop the last, smaller batch (drop_remainder=True)."
    return "Create the function once, outside of loops."

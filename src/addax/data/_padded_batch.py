"""`padded_batch`: batches of elements of different shapes, filled up to a common one."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core import dtypes
from addax.core.errors import message
from addax.data import _nest
from addax.data._batch import batches
from addax.data._element import to_host
from addax.data._node import Cursor, Node, Transformation, pull
from addax.data._spec import UNKNOWN, TensorSpec


class PaddedBatchNode(Transformation):
    """Batches in which shorter elements are filled up at the end of each axis.

    Args:
        node: The input.
        size: Elements a batch.
        shapes: A nest of shapes to fill up to, None for a dimension that follows the largest element of the
            batch; None for such dimensions only.
        values: What to fill with, for all components or a nest; None for zero, false and the empty string.
        drop_remainder: Whether a last batch of fewer elements is left out.
    """

    label = "PaddedBatch"

    def __init__(self, node: Node, size: int, shapes: Any, values: Any, drop_remainder: bool) -> None:
        self.inputs = (node,)
        self.size, self.drop_remainder = size, drop_remainder
        self.shapes, self.values = shapes, values
        spec = node.spec()
        if spec is not UNKNOWN:
            self.targets(spec)
            self.fillers(spec)

    def targets(self, form: Any) -> list:
        """The shape of each component; None where only the batch tells."""
        if self.shapes is None:
            leaves = _nest.flatten(form)
            return [
                list(x.shape) if isinstance(x, TensorSpec) and x.shape is not None else None for x in leaves
            ]
        try:
            return [_dimensions(shape) for shape in _up_to(form, self.shapes)]
        except (ValueError, TypeError):
            raise self._misfit("padded_shapes", form, self.shapes) from None

    def fillers(self, form: Any) -> list:
        """The value that each component is filled with; None for the default."""
        if self.values is None or not _nest.is_nest(self.values):
            return [self.values] * len(_nest.flatten(form))
        try:
            return _up_to(form, self.values)
        except ValueError:
            raise self._misfit("padding_values", form, self.values) from None

    def _misfit(self, argument: str, form: Any, received: Any) -> ValueError:
        return ValueError(
            message(
                f"Argument `{argument}` of padded_batch() does not have the form of an element.",
                expected=_nest.form(form),
                received=received,
            )
        )

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _PaddedBatch(self, self.input.start())

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        spec = self.input.spec(run)
        if spec is UNKNOWN:
            return UNKNOWN
        size = self.size if self.drop_remainder else None
        leaves = [
            TensorSpec(None if shape is None else [size, *shape], leaf.dtype)
            for shape, leaf in zip(self.targets(spec), _nest.flatten(spec), strict=True)
        ]
        return _nest.pack(spec, leaves)

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return batches(self.input.cardinality(), self.size, self.drop_remainder)


def _up_to(form: Any, nest: Any) -> list:
    """The parts of an argument that belong to the leaves of an element; ValueError if there are none."""
    if not _nest.is_nest(form) and isinstance(nest, dict):
        raise ValueError("A dict for a tensor.")
    found: list = []
    _nest.map_up_to(form, lambda _, value: found.append(value), nest)
    return found


def _dimensions(shape: Any) -> list | None:
    if shape is None:
        return None
    if hasattr(shape, "__array__"):
        shape = np.asarray(shape).tolist()
    if isinstance(shape, (int, np.integer)):
        shape = [shape]
    return [None if d is None or int(d) == -1 else int(d) for d in shape]


class _PaddedBatch(Cursor):
    def __init__(self, node: PaddedBatchNode, child: Cursor) -> None:
        self.node, self.child = node, child

    def next(self) -> Any:
        elements = pull(self.child, self.node.size)
        if self.node.drop_remainder and len(elements) < self.node.size:
            raise StopIteration
        spec = self.node.input.spec()
        form = elements[0] if spec is UNKNOWN else spec
        columns = zip(*(_nest.flatten(element) for element in elements), strict=True)
        parts = zip(columns, self.node.targets(form), self.node.fillers(form), _nest.paths(form), strict=True)
        return _nest.pack(elements[0], [_padded(*part) for part in parts])

    def get_state(self) -> Any:
        return self.child.get_state()

    def set_state(self, state: Any) -> None:
        self.child.set_state(state)


def _padded(leaves: tuple, target: list | None, filler: Any, path: str) -> np.ndarray:
    target = [None] * leaves[0].ndim if target is None else target
    if any(leaf.ndim != len(target) for leaf in leaves):
        wrong = next(leaf for leaf in leaves if leaf.ndim != len(target))
        raise ValueError(
            message(
                f"padded_batch() cannot pad to another rank: component {path}.",
                expected=f"rank {len(target)}, for the shape {target}",
                received=f"shape {wrong.shape}",
            )
        )
    shape = [max(leaf.shape[i] for leaf in leaves) if d is None else d for i, d in enumerate(target)]
    too_long = next((x for x in leaves if any(a > b for a, b in zip(x.shape, shape, strict=True))), None)
    if too_long is not None:
        raise ValueError(
            message(
                f"An element is larger than the shape that padded_batch() pads to: component {path}.",
                expected=f"at most {tuple(shape)}",
                received=f"shape {too_long.shape}",
                hint="Use None in padded_shapes to follow the largest element of each batch.",
            )
        )
    out = np.full((len(leaves), *shape), _filler(filler, leaves[0].dtype, path), leaves[0].dtype)
    for i, leaf in enumerate(leaves):
        out[(i, *(slice(0, d) for d in leaf.shape), ...)] = leaf
    return out


def _filler(value: Any, dtype: np.dtype, path: str) -> Any:
    if value is None:
        return b"" if dtype.kind == "O" else np.zeros((), dtype)
    array = to_host(value, "padding value")
    given, wanted = (dtypes.standardize("string" if d.kind == "O" else d.name) for d in (array.dtype, dtype))
    python = isinstance(value, (bool, int, float))
    if array.ndim or not (given == wanted or (python and np.can_cast(array.dtype, dtype, "same_kind"))):
        raise TypeError(
            message(
                f"The padding value for component {path} is of another dtype.",
                expected=f"a scalar of dtype {wanted}",
                received=value,
            )
        )
    return array[()] if dtype.kind == "O" else array.astype(dtype)

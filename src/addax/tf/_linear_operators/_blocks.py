"""Arguments of operators: tensors that fit, or a tensor for each block."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import describe, message
from addax.tf._linear_operators._checks import known_dtype


class Blockwise:
    """Checks what an operator is applied to."""

    shape: Any
    dtype: Any

    def _blocks(self) -> tuple[list, list] | None:
        """The sizes of the blocks of rows, and of columns; None for an operator without blocks."""
        return None

    def _block_sizes(self, adjoint: bool) -> tuple:
        rows, columns = self._blocks() or (None, None)
        return (columns, rows) if adjoint else (rows, columns)

    def _taken_blocks(self, x: Any, sizes: list | None, rank: int, adjoint_arg: bool = False) -> list | None:
        """A list as one tensor for each block; None if it is no such list but the numbers of one tensor.

        A list of as many parts as there are blocks, which are matrices (or vectors) themselves, is one.
        """
        if sizes is None or not isinstance(x, (list, tuple)) or not x:
            return None
        tensors = any(hasattr(part, "shape") for part in x)
        if not tensors and (len(x) != len(sizes) or not _as_deep(x, rank)):
            return None
        if len(x) != len(sizes):
            if all(len(getattr(part, "shape", ())) < rank for part in x):
                return None
            raise ValueError(
                message(
                    f"{type(self).__name__} takes one tensor, or one for each block.",
                    expected=f"{len(sizes)} tensors",
                    received=f"{len(x)}",
                )
            )
        parts = [self._converted(part) for part in x]
        if any(len(part.shape) < rank for part in parts):
            return None
        given = [part.shape[-2 if rank == 2 and not adjoint_arg else -1] for part in parts]
        if given != sizes:
            raise ValueError(
                message(
                    f"{type(self).__name__} has blocks of other sizes.",
                    expected=f"{sizes}",
                    received=f"{given}",
                )
            )
        return parts

    def _split(self, whole: Any, sizes: Any, axis: int) -> list:
        ends = [sum(sizes[: n + 1]) for n in range(len(sizes) - 1)]
        return list(ops.split(whole, ends, axis=axis))

    def _converted(self, x: Any) -> Any:
        """A tensor of the dtype of the operator; Python numbers are converted, tensors must have it."""
        if hasattr(x, "_linop_matmul"):
            raise TypeError(
                message(
                    f"{type(self).__name__} is applied to vectors by this method.",
                    expected="a tensor",
                    received=describe(x),
                    hint="Use matmul or solve for another operator.",
                )
            )
        tensor = ops.convert_to_tensor(x, None if hasattr(x, "dtype") else self.dtype)
        if self.dtype is not None and known_dtype(tensor.dtype) != self.dtype:
            raise TypeError(
                message(
                    f"{type(self).__name__} has another dtype than its argument.",
                    expected=self.dtype.name,
                    received=str(getattr(tensor.dtype, "name", tensor.dtype)),
                    hint=f'Convert it with tf.cast(x, "{self.dtype.name}").',
                )
            )
        return tensor

    def _taken(self, x: Any, size: Any, method: str, axis: int | None) -> Any:
        """An argument of a method as a tensor; `axis` is the one of a matrix that has the size, None for vectors."""
        x = self._converted(x)
        if len(x.shape) < (1 if axis is None else 2):
            raise self._misfit(method, "vectors" if axis is None else "matrices", x)
        given = x.shape[-1 if axis is None else axis]
        if None not in (size, given) and size != given:
            place = "vectors of size" if axis is None else "rows:" if axis == -2 else "columns:"
            raise self._misfit(method, f"{place} {size}", x)
        self._check_batch(x.shape[: -1 if axis is None else -2], method, x)
        return x

    def _check_batch(self, batch: Any, method: str, x: Any) -> None:
        for mine, other in zip(reversed(tuple(self.shape[:-2])), reversed(tuple(batch)), strict=False):
            if None not in (mine, other) and 1 not in (mine, other) and mine != other:
                expected = f"a batch that broadcasts with {tuple(self.shape[:-2])}"
                raise self._misfit(method, expected, x)

    def _check_operator(self, size: Any, other: Any, method: str) -> None:
        if self.dtype is not None and other.dtype is not None and other.dtype != self.dtype:
            raise TypeError(
                message(
                    f"{type(self).__name__}.{method}(): the operators have different dtypes.",
                    expected=self.dtype.name,
                    received=f"{other.dtype.name} of {type(other).__name__}",
                )
            )
        if None not in (size, other.range_dimension) and size != other.range_dimension:
            raise self._misfit(method, f"an operator with {size} rows", other)

    def _misfit(self, method: str, expected: str, x: Any) -> ValueError:
        hint = None
        if "matrices" in expected:
            hint = "Use matvec or solvevec for vectors."
        elif "vectors" in expected:
            hint = "Use matmul or solve for matrices."
        return ValueError(
            message(
                f"{type(self).__name__}.{method}() of shape {tuple(self.shape)}: the argument does not fit.",
                expected=expected,
                received=f"{type(x).__name__} of shape {tuple(x.shape)}",
                hint=hint,
            )
        )


def _as_deep(x: Any, rank: int) -> bool:
    """Whether the parts of a nested list are nested lists of this depth."""
    for part in x:
        for _ in range(rank):
            if not isinstance(part, (list, tuple)) or not part:
                return False
            part = part[0]
    return True

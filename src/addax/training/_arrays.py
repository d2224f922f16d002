"""Data in memory as arrays: conversion, checks, and weights by class."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from addax.core import dtypes, tree
from addax.core.errors import message
from addax.engine import SymbolicTensor, Tensor
from addax.engine._variable import host_array
from addax.training._lazy import lazy_rows
from addax.training._ragged import RaggedRows, is_ragged
from addax.training._sparse import is_sparse, rows_of


def as_array(value: Any, what: str) -> Any:
    """A host array (or tensor) of one component of the data.

    Raises:
        ValueError: If it holds objects that are neither numbers nor text.
    """
    if isinstance(value, SymbolicTensor):
        raise TypeError(
            message(f"{what} is symbolic: it has no data.", received=value, hint="Pass arrays to fit().")
        )
    if isinstance(value, Tensor):
        return value
    value = _from_elsewhere(value)
    if isinstance(value, Tensor) or is_ragged(value) or is_sparse(value):
        return value
    array = np.asarray(value)
    if array.dtype.kind == "O":
        array = _numbers_of_objects(array, what)
    if array.dtype.kind in "SU":
        return host_array(array)
    if array.dtype.kind in "mM":
        raise ValueError(
            message(f"{what} holds dates.", received=array, hint="Turn them into numbers first.")
        )
    return array


def _from_elsewhere(value: Any) -> Any:
    """What other libraries, and tensors of other kinds, hold."""
    if hasattr(value, "aval"):  # a JAX array
        return Tensor(value)
    if hasattr(value, "__addax_op__"):
        return value  # ragged or sparse: what becomes of it is the step's affair
    if hasattr(value, "detach") and hasattr(value, "cpu"):  # a PyTorch tensor
        value = value.detach().cpu()
    if hasattr(value, "toarray"):  # SciPy sparse
        value = value.toarray()
    if hasattr(value, "to_numpy"):  # a column of a table: one number for each sample
        value = np.asarray(value).reshape(-1, 1)
    return value


def _numbers_of_objects(array: np.ndarray, what: str) -> np.ndarray:
    items = array.ravel().tolist()
    if items and all(isinstance(v, (str, bytes)) for v in items):
        return host_array(array)
    try:
        return array.astype(np.float32)
    except (TypeError, ValueError):
        bad = next(v for v in items if not isinstance(v, (int, float, bool, np.number)))
        raise ValueError(
            message(
                f"{what} holds Python objects that are not numbers.",
                expected="an array of numbers (or of strings alone)",
                received=f"an array of dtype object with an element {bad!r}",
                hint="Rows of unequal length must be padded (keras.utils.pad_sequences); mixed columns split by type.",
            )
        ) from None


def standard_arrays(x: Any, y: Any = None, sample_weight: Any = None) -> tuple:
    """`(x, y, sample_weight)` as nests of arrays or tensors, trailing Nones left out.

    Raises:
        ValueError: For no data, data of several lengths, or objects in place of numbers.
    """
    parts = [component(x, "x"), component(y, "y"), component(sample_weight, "sample_weight")]
    if parts[0] is None:
        raise ValueError(
            message("There is no data.", expected="x: arrays, a Dataset, a generator, ...", received=x)
        )
    while parts and parts[-1] is None:
        parts.pop()
    arrays = tuple(parts)
    if common_length(arrays) == 0:
        raise ValueError(empty_message("x"))
    warn_of_nan(arrays)
    return arrays


def on_host(arrays: tuple) -> tuple:
    """Tensors as NumPy arrays, to be cut into batches without compiling a slice for each."""
    return tree.map_structure(_on_host, arrays)


def _on_host(array: Any) -> Any:
    if is_ragged(array):
        return RaggedRows(array)
    if is_sparse(array):
        return rows_of(array)
    return np.asarray(array) if isinstance(array, Tensor) else array


def component(value: Any, what: str) -> Any:
    """`x`, `y` or `sample_weight` (or a nested part of them) as a nest of arrays or tensors."""
    if value is None:
        return None
    rows = lazy_rows(value)
    if rows is not None:
        return rows
    if is_frame(value):
        return _frame_array(value, what)
    if isinstance(value, dict) and not hasattr(value, "toarray"):  # SciPy's dictionary of keys is both
        return {k: component(v, f"{what}[{k!r}]") for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        if _is_list_of_numbers(value):
            return narrow(as_array(_rectangle(value, what), what))
        parts = [component(v, f"{what}[{i}]") for i, v in enumerate(value)]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return narrow(as_array(value, what))


def _rectangle(rows: Any, what: str) -> np.ndarray:
    try:
        return np.asarray(rows)
    except ValueError:
        raise ValueError(
            message(
                f"{what} has rows of unequal length.",
                expected="lists of numbers that form an array",
                received=rows,
                hint="Pad them: keras.utils.pad_sequences(rows).",
            )
        ) from None


def _is_list_of_numbers(value: Any) -> bool:
    leaf = value
    while isinstance(leaf, (list, tuple)):
        if not leaf:
            return True
        leaf = leaf[0]
    return isinstance(leaf, (bool, int, float, str, bytes, np.generic))


_NARROW = frozenset(map(np.dtype, ("float16", "float32", "int8", "int16", "int32", "uint8")))  # most arrays


def narrow(array: Any) -> Any:
    """An array in at most 32 bits (64 where the settings say so), others as they are."""
    if isinstance(array, np.ndarray) and array.dtype not in _NARROW and array.dtype.kind in "iufc":
        name = dtypes.narrow(array.dtype.name)
        return array if name == array.dtype.name else array.astype(name)
    return array


def is_frame(value: Any) -> bool:
    """Whether this is a data frame of pandas or polars, or a table (or batch of records) of Arrow."""
    kind = type(value)  # a lazy frame would be asked for its columns, which costs
    if not hasattr(kind, "columns"):
        return False
    return hasattr(kind, "to_numpy") or hasattr(kind, "iloc") or hasattr(kind, "column_names")


def _frame_array(frame: Any, what: str) -> Any:
    """A data frame as one array; mixed columns are refused with their names."""
    array = frame.to_numpy() if hasattr(frame, "to_numpy") else np.asarray(frame)
    if array.dtype.kind not in "biufc":
        names = getattr(frame, "column_names", None) or frame.columns
        bad = [str(c) for c in names if np.asarray(frame[c]).dtype.kind not in "biuf"]
        try:
            return array.astype(np.float32)
        except (TypeError, ValueError):
            raise ValueError(
                message(
                    f"{what} is a table with columns that are not numbers.",
                    received=f"columns {bad}",
                    hint="Encode them, or pass a dict of the columns to a model with one input for each "
                    "(dict(frame) of pandas, frame.to_dict() of polars, table.to_pydict() of Arrow).",
                )
            ) from None
    return narrow(array)


def common_length(arrays: tuple) -> int:
    """The number of samples in `(x, y, sample_weight)`.

    Raises:
        ValueError: If it is not one number.
    """
    names = ("x", "y", "sample_weight")
    lengths: list[tuple[str, int]] = []
    for part, array in zip(names, arrays, strict=False):
        for path, leaf in tree.flatten_with_path(array):
            if leaf is None:
                continue
            label = part + "".join(f"[{p!r}]" for p in path)
            if not leaf.shape:
                raise ValueError(
                    message(f"{label} is a single number.", expected="an array of samples", received=leaf)
                )
            lengths.append((label, leaf.shape[0]))
    if len({n for _, n in lengths}) > 1:
        raise ValueError(
            message(
                "The data has several lengths.",
                expected="one number of samples in all of x, y and sample_weight",
                received=", ".join(f"{label}: {n}" for label, n in lengths),
            )
        )
    return lengths[0][1]


def warn_of_nan(arrays: tuple) -> None:
    """Warn where `x`, `y` or `sample_weight` hold NaN."""
    for part, array in zip(("x", "y", "sample_weight"), arrays, strict=False):
        for path, leaf in tree.flatten_with_path(array):
            if isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f" and not np.isfinite(np.sum(leaf)):
                count = int(np.isnan(leaf).sum())
                if count:
                    label = part + "".join(f"[{p!r}]" for p in path)
                    warnings.warn(
                        f"{label} holds {count} NaN values (of {leaf.size}); the loss will be NaN. Fill them in "
                        "(numpy.nan_to_num, or a mean) or drop those rows.",
                        stacklevel=5,
                    )


def empty_message(what: str) -> str:
    """The error for data without samples."""
    return message(f"The {what} is empty: there is nothing to compute on.", expected="at least one sample")


def apply_class_weight(arrays: tuple, class_weight: dict) -> tuple:
    """`(x, y, sample_weight)` with weights by class, multiplied into those that are given."""
    if len(arrays) < 2:
        raise ValueError("`class_weight` needs targets `y`.")
    weights = _weights_of_classes(arrays[1], class_weight)
    given = arrays[2] if len(arrays) > 2 else None
    if given is not None:
        weights = weights * np.asarray(given)
    return (arrays[0], arrays[1], weights)


def _weights_of_classes(y: Any, class_weight: dict) -> Any:
    if tree.is_nested(y):
        if isinstance(y, dict) and all(k in y for k in class_weight):
            return {
                k: _weights_of_classes(v, class_weight[k]) if k in class_weight else None
                for k, v in y.items()
            }
        raise ValueError(
            message(
                "`class_weight` with several outputs needs one mapping for each.",
                expected="y as a dict, and class_weight as {output: {class: weight}}",
                received=class_weight,
            )
        )
    labels = np.asarray(y)
    if labels.ndim > 1 and labels.shape[-1] > 1:
        labels = labels.argmax(-1)
    labels = labels.reshape(labels.shape[0], -1)[:, 0].astype(int)
    table = {int(k): float(v) for k, v in class_weight.items()}
    return np.array([table.get(int(label), 1.0) for label in labels], np.float32)

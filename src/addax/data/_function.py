"""A user's function in a pipeline: traced where that is possible, called on the host where it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core import context, dtypes
from addax.core.errors import message
from addax.data import _nest
from addax.data._element import to_host
from addax.data._random import Keys, Seeds, inside, is_seed
from addax.data._spec import UNKNOWN, TensorSpec
from addax.data._trace import OUTSIDE, Trace, Untraceable
from addax.engine import Bindings, Tensor, Variable
from addax.engine._jax import jax

_MAX_TRACES = 32  # forms of arguments; a function that meets more of them is called on the host
_PROBES = (120, 168)  # sizes that stand for unknown dimensions


class Function:
    """A function from host elements to host elements.

    Args:
        fn: The user's function, of tensors.
        what: The transformation, for errors.
        seed: What the seeds of datasets that the function makes come from.
    """

    def __init__(self, fn: Callable, what: str, seed: int | None = None) -> None:
        if not callable(fn):
            raise TypeError(message(f"{what}() needs a function.", received=fn))
        self.fn, self.what = fn, what
        self.on_host = False
        self.traces: dict[tuple, Trace] = {}
        self.keys = Keys(seed)

    # Before running --------------------------------------------------------------------------------------
    def spec(self, *args: Any) -> Any:
        """The specs of the result for arguments of given specs; UNKNOWN if only running tells.

        Raises:
            Exception: What the function raises, if that is not because there are no values yet.
        """
        leaves = _nest.flatten(args)
        if self.on_host or any(
            x is UNKNOWN or not isinstance(x, TensorSpec) or x.shape is None for x in leaves
        ):
            return UNKNOWN
        if any(x.dtype == "string" for x in leaves):
            self.on_host = True
            return UNKNOWN
        if any(None in x.shape for x in leaves):
            return self._probed_spec(args, leaves)
        key = tuple((tuple(x.shape), dtypes.numpy_dtype(x.dtype)) for x in leaves)
        trace = self._traced(key, args)
        return UNKNOWN if trace is None else self._checked(trace.spec(leaves))

    def _probed_spec(self, args: tuple, leaves: list) -> Any:
        try:
            first, second = (
                Trace(self.fn, args, [_sized(x, size) for x in leaves], size).spec(leaves) for size in _PROBES
            )
        except Exception:  # the size that stands for the unknown one need not suit the function
            return UNKNOWN
        if not _nest.same_form(first, second):
            return UNKNOWN
        return self._checked(_nest.map_up_to(first, TensorSpec.most_specific_compatible_type, second))

    def _checked(self, spec: Any) -> Any:
        if not _nest.flatten(spec):
            raise TypeError(
                message(
                    f"The function of {self.what}() gives no tensor.",
                    expected="a tensor, or a tuple or dict of tensors",
                    received=repr(spec),
                )
            )
        return spec

    def _traced(self, key: tuple, args: tuple) -> Trace | None:
        trace = self.traces.get(key)
        if trace is not None or self.on_host:
            return trace
        if len(self.traces) >= _MAX_TRACES:
            return None
        specs = [jax.ShapeDtypeStruct(shape, dtypes.numpy_dtype(dtypes.narrow(d.name))) for shape, d in key]
        try:
            with context.entered(bindings=None, **OUTSIDE):
                trace = Trace(self.fn, args, specs)
        except (Untraceable, RuntimeError, TypeError, jax.errors.JAXTypeError):
            self.on_host = True  # it needs values; if it is plainly wrong, calling it tells
            return None
        for variable in trace.seeds:
            self.keys.adopt(variable)
        self.traces[key] = trace
        return trace

    @property
    def vectorises(self) -> bool:
        """Whether it may be run on many elements at once without anybody noticing."""
        return not self.on_host and bool(self.traces) and all(t.pure for t in self.traces.values())

    # Running ---------------------------------------------------------------------------------------------
    def one(self, args: tuple, seeds: Seeds) -> Any:
        """The result for one element."""
        if (
            context.current().bindings is not None
        ):  # a function that is being traced iterates over the dataset
            with context.entered(bindings=None):
                return self.one(args, seeds)
        leaves = _nest.flatten(args)
        trace = self._find(args, leaves)
        if trace is None:
            return self._call(args, seeds)
        return trace.one(leaves, seeds)

    def many(self, args: tuple, count: int, seeds: Seeds, size: int) -> Any:
        """The stacked results for stacked elements, or None if they must be run one by one."""
        if context.current().bindings is not None:
            with context.entered(bindings=None):
                return self.many(args, count, seeds, size)
        leaves = _nest.flatten(args)
        trace = self._find(args, leaves, skip=1)
        return None if trace is None else trace.many(leaves, count, seeds, size)

    def _find(self, args: tuple, leaves: list, skip: int = 0) -> Trace | None:
        if self.on_host:
            return None
        key = []
        for leaf in leaves:
            if type(leaf) is not np.ndarray or leaf.dtype.kind == "O":
                return None
            key.append((leaf.shape[skip:], leaf.dtype))
        return self._traced(tuple(key), args)

    def _call(self, args: tuple, seeds: Seeds) -> Any:
        """Run the function itself, on tensors that hold the arrays."""
        bindings = _HostBindings(seeds)
        token = inside.set(seeds)
        try:
            with context.entered(bindings=bindings, **OUTSIDE):
                result = self.fn(*to_user(args))
        except Exception as error:
            if not isinstance(error, StopIteration):
                error.add_note(f"This happened in the function of Dataset.{self.what}().")
                raise
            raise RuntimeError(f"The function of Dataset.{self.what}() raised StopIteration.") from error
        finally:
            inside.reset(token)
        for variable, raw in bindings.written.items():
            if is_seed(variable):
                seeds.put(variable, raw)
            else:
                variable._write(raw)
        result = tuple(result) if isinstance(result, list) else result
        return _nest.map_leaves(from_user, self._checked(result))


class _HostBindings(Bindings):
    """Variables while a function runs on the host: random generators continue the iteration's own keys."""

    def __init__(self, seeds: Seeds) -> None:
        super().__init__({})
        self.seeds = seeds

    def read(self, variable: Variable) -> Any:
        """See `Bindings.read`."""
        if variable not in self.values and is_seed(variable):
            self.values[variable] = self.seeds.get(variable)
        return super().read(variable)


def _sized(spec: TensorSpec, size: int) -> Any:
    assert spec.shape is not None
    shape = tuple(size if d is None else d for d in spec.shape)
    return jax.ShapeDtypeStruct(shape, dtypes.numpy_dtype(dtypes.narrow(spec.dtype.name)))


def to_user(nest: Any) -> Any:
    """An element as the user sees it: tensors that hold its arrays, datasets for its windows."""
    return _nest.map_leaves(_leaf_to_user, nest)


def _leaf_to_user(leaf: Any) -> Any:
    if isinstance(leaf, np.ndarray):
        return Tensor(leaf)
    if hasattr(leaf, "__addax_op__"):  # a ragged or sparse tensor
        return leaf
    from addax.data._dataset import Dataset  # the public class stands on the nodes

    return Dataset(leaf)


def from_user(leaf: Any) -> Any:
    """A leaf of a function's result, on the host; the node of a dataset."""
    node = getattr(leaf, "_node", None)
    if node is not None and hasattr(node, "cursor"):
        return node
    if hasattr(leaf, "__addax_op__"):
        return leaf
    if isinstance(leaf, list):
        leaf = [np.asarray(x) if isinstance(x, (Tensor, Variable)) else x for x in leaf]
    array = to_host(leaf, "result")
    return array.copy() if array is leaf else array  # the function may go on writing into its own array

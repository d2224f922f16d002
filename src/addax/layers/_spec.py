"""What a layer's `call` takes, and what shapes its inputs must have."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from typing import Any

from addax.core import dtypes, tree
from addax.core.errors import message


class CallSpec:
    """The parameters of a `call` method.

    Attributes:
        names: Parameter names in order, without `self`.
        training: Whether there is a `training` parameter; `training_default` is its default.
        masks: Parameters that take masks, such as `mask` and `query_mask`.
    """

    def __init__(self, call: Any) -> None:
        parameters = list(inspect.signature(call).parameters.values())
        self.names = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.POSITIONAL_ONLY)]
        every = {p.name: p for p in parameters}
        self.has_kwargs = any(p.kind is p.VAR_KEYWORD for p in parameters)
        self.has_args = any(p.kind is p.VAR_POSITIONAL for p in parameters)
        self.training = "training" in every
        self.training_default = every["training"].default if self.training else None
        if self.training_default is inspect.Parameter.empty:
            self.training_default = None
        self.masks = [name for name in every if name == "mask" or name.endswith("_mask")]
        self.required = [p.name for p in parameters if p.default is p.empty and p.name in self.names]

    def named(self, args: tuple, kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of one call by parameter name."""
        return {**dict(zip(self.names, args, strict=False)), **kwargs}


@functools.lru_cache(maxsize=4096)
def call_spec(cls: type) -> CallSpec:
    """The `CallSpec` of a layer class."""
    spec = CallSpec(cls.call)  # type: ignore[attr-defined]
    if spec.names[:1] == ["self"]:
        spec.names.pop(0)
    spec.required = [n for n in spec.required if n != "self"]
    return spec


class InputSpec:
    """The shape and dtype that a layer wants of one input.

    Args:
        dtype: The dtype, or None for any.
        shape: The shape, None for unknown dimensions.
        ndim: The exact rank.
        max_ndim: The largest rank.
        min_ndim: The smallest rank.
        axes: Axis -> size.
        allow_last_axis_squeeze: Whether a last axis of size 1 may be missing or extra.
        name: The name of the input, for dict inputs.
        optional: Whether it may be None.

    Example:
        >>> import addax as keras
        >>> keras.layers.InputSpec(ndim=3, axes={-1: 8})
        InputSpec(ndim=3, axes={-1: 8})
    """

    def __init__(
        self,
        dtype: Any = None,
        shape: Any = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: Mapping[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ) -> None:
        self.dtype = None if dtype is None else dtypes.standardize(dtype)
        self.shape = None if shape is None else tuple(shape)
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.axes = {int(k): v for k, v in (axes or {}).items()}
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.name = name
        self.optional = optional

    def __repr__(self) -> str:
        fields = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes")
        shown = [f"{f}={getattr(self, f)!r}" for f in fields if getattr(self, f) not in (None, {})]
        return f"InputSpec({', '.join(x for x in shown if not (self.shape and x.startswith('ndim')))})"

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {k: v for k, v in self.__dict__.items()}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> InputSpec:
        """An equal spec."""
        return cls(**config)

    def problem(self, x: Any) -> str | None:
        """What is wrong with an input, as the text of `expected`, or None."""
        shape = tuple(x.shape)
        if self.allow_last_axis_squeeze and self.shape is not None:
            if shape and shape[-1] == 1 and len(shape) == len(self.shape) + 1:
                shape = shape[:-1]
            elif self.shape and self.shape[-1] == 1 and len(self.shape) == len(shape) + 1:
                shape = (*shape, 1)
        return self._rank_problem(len(shape)) or self._size_problem(shape, x.dtype)

    def _rank_problem(self, rank: int) -> str | None:
        if self.ndim is not None and rank != self.ndim:
            return f"{self.ndim} dimensions (ndim={self.ndim})"
        if self.max_ndim is not None and rank > self.max_ndim:
            return f"at most {self.max_ndim} dimensions (max_ndim={self.max_ndim})"
        if self.min_ndim is not None and rank < self.min_ndim:
            return f"at least {self.min_ndim} dimensions (min_ndim={self.min_ndim})"
        return None

    def _size_problem(self, shape: tuple, dtype: Any) -> str | None:
        if self.dtype is not None and dtype != self.dtype:
            return f"dtype {self.dtype}"
        rank = len(shape)
        for axis, size in self.axes.items():
            if size is not None and -rank <= axis < rank and shape[axis] not in (size, None):
                return f"axis {axis} of size {size}"
        for mine, theirs in zip(self.shape or (), shape, strict=False):
            if mine is not None and theirs is not None and mine != theirs:
                return f"shape {self.shape}"
        return None


def check_inputs(spec: Any, inputs: Any, where: str) -> None:
    """Raise unless the inputs of a layer fit its `input_spec` (one spec, a list or a dict of them).

    Raises:
        ValueError: What was expected and what came, with the layer's path.
    """
    specs = list(spec.values()) if isinstance(spec, dict) else tree.flatten(spec)
    if isinstance(spec, dict) and isinstance(inputs, dict):
        tensors = [inputs.get(name) for name in spec]
    else:
        tensors = tree.flatten(inputs)
    if len(specs) != len(tensors):
        raise ValueError(
            message(
                "The layer was called with the wrong number of inputs.",
                where=where,
                expected=f"{len(specs)} input tensors",
                received=f"{len(tensors)} input tensors: {tree.map_structure(_shape_text, inputs)}",
            )
        )
    for i, (one, x) in enumerate(zip(specs, tensors, strict=True)):
        if one is None or (x is None and one.optional):
            continue
        if x is None or not hasattr(x, "shape"):
            raise ValueError(message(f"Input {i} is no tensor.", where=where, received=x))
        problem = one.problem(x)
        if problem:
            raise ValueError(
                message(
                    f"Input {i} of the layer is incompatible with the layer.",
                    where=where,
                    expected=problem,
                    received=f"shape {tuple(x.shape)}, dtype {x.dtype}",
                    hint=_hint(one, x),
                )
            )


def _hint(spec: InputSpec, x: Any) -> str | None:
    rank = len(x.shape)
    wanted = spec.ndim or spec.min_ndim
    if wanted is not None and rank == wanted - 1:
        return (
            "One dimension is missing: the first axis is the batch (x[None, ...] for a single sample); "
            "images need a channel axis (x[..., None])."
        )
    if spec.axes and wanted is None or (spec.axes and wanted == rank):
        return "The layer was built for another width; weights do not change their shape after that."
    return None


def _shape_text(x: Any) -> Any:
    return tuple(x.shape) if hasattr(x, "shape") else x

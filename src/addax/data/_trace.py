"""A user's function, traced: what it computes, what it passes through, how a whole block is run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from addax.core import context, dtypes
from addax.data import _nest
from addax.data._element import to_host
from addax.data._random import Seeds, is_seed
from addax.data._spec import TensorSpec
from addax.engine import Bindings, Tensor, Variable, _jax
from addax.engine._compile import _as_stored
from addax.engine._jax import jax, jnp, lax
from addax.engine._tensor import is_concrete

# A function of a pipeline sees nothing of the layer call, the tape or the training step around the iteration.
OUTSIDE: dict[str, Any] = {"training": None, "path": (), "autocast": None, "tapes": (), "call": None}


class Untraceable(Exception):
    """The function gives something that a trace cannot hold, such as a dataset."""


class Trace:
    """A function traced for one form of its arguments.

    Args:
        fn: The function; it is called with tensors.
        args: The nest of its arguments, for its form.
        specs: `jax.ShapeDtypeStruct` of each leaf.
        probing: The size that stands for an unknown dimension in `specs`, if one does.

    Attributes:
        writes: The variables that it assigns.
        seeds: Those of them that are random generators.
        calls_back: Whether it calls Python when it runs.
    """

    def __init__(self, fn: Callable, args: tuple, specs: Sequence, probing: int | None = None) -> None:
        self.fn, self.probing = fn, probing
        self.args = _nest.map_leaves(lambda _: 0, args)  # the form; the arrays may go
        self.variables: list[Variable] = []
        self.writes: list[Variable] = []
        self.shell: Any = None
        self.outputs: list[tuple[str, Any]] = []  # ("input" or "computed", number) or ("constant", array)
        self._trace(specs)
        self.seeds = frozenset(filter(is_seed, self.writes))
        self.calls_back = bool(self.closed.effects) or _calls_back(self.closed.jaxpr)
        self._one: Callable | None = None
        self._many: Callable | None = None
        self._cannot_vectorise = self.calls_back

    # Tracing ---------------------------------------------------------------------------------------------
    def _trace(self, specs: Sequence) -> None:
        closed = jax.make_jaxpr(self._run)(*specs)
        self.closed, self.variables = _jax.lift(closed)

    def _run(self, *raws: Any) -> list:
        bindings = Bindings({}, lift=True)
        with context.entered(bindings=bindings, probing=self.probing, **OUTSIDE):
            result = self.fn(*_nest.pack(self.args, map(Tensor, raws)))
            leaves = self._sort(result, raws)
        self.writes = list(bindings.written)
        return [*leaves, *(_as_stored(v, raw) for v, raw in bindings.written.items())]

    def _sort(self, result: Any, raws: tuple) -> list:
        result = tuple(result) if isinstance(result, list) else result
        self.shell = _nest.map_leaves(lambda _: 0, result)
        self.outputs, computed = [], []
        by_id = {id(raw): number for number, raw in enumerate(raws)}
        for leaf in _nest.flatten(result):
            raw = _raw(leaf)
            if id(raw) in by_id:
                self.outputs.append(("input", by_id[id(raw)]))
            elif isinstance(raw, np.ndarray):
                self.outputs.append(("constant", raw))
            else:
                self.outputs.append(("computed", len(computed)))
                computed.append(raw)
        return computed

    def spec(self, inputs: Sequence[TensorSpec]) -> Any:
        """The nest of specs of the result."""
        found = []
        for kind, value in self.outputs:
            if kind == "input":
                found.append(inputs[value])
            elif kind == "constant":
                found.append(TensorSpec(value.shape, value.dtype))
            else:
                aval = self.closed.out_avals[value]
                found.append(TensorSpec(aval.shape, aval.dtype))
        return _nest.pack(self.shell, found)

    # Running ---------------------------------------------------------------------------------------------
    @property
    def pure(self) -> bool:
        """Whether running it does nothing but give a result."""
        return not self.writes and not self.calls_back

    @property
    def _computes(self) -> bool:
        return bool(self.closed.out_avals) or self.calls_back

    def one(self, leaves: list, seeds: Seeds) -> Any:
        """Run on one element."""
        computed: Sequence = []
        if self._computes:
            if self._one is None:
                self._one = jax.jit(_jax.closed_call(self.closed))
            out = on_host(self._one, *self._values(seeds), *leaves)
            computed = self._store(out, seeds)
        return self._pack(leaves, [np.asarray(x) for x in computed], None)

    def many(self, leaves: list, count: int, seeds: Seeds, size: int) -> Any:
        """Run on `count` stacked elements at once; None if only one by one will do.

        Args:
            leaves: Arrays with a new first axis.
            count: The number of elements.
            seeds: The random keys of the iteration.
            size: The usual number of elements, so that a smaller block is not compiled once more.
        """
        if not self._computes:
            return self._pack(leaves, [], count)
        if self.writes:
            size = count
        padded = [_padded(leaf, size) for leaf in leaves] if count < size else leaves
        if not self._vectorised(padded):
            return None
        out = on_host(self._many, self._values(seeds), padded)
        computed = self._store(out, seeds)
        return self._pack(leaves, [np.asarray(x)[:count] for x in computed], count)

    def _vectorised(self, leaves: list) -> bool:
        if self._many is None and not self._cannot_vectorise:
            fn = _jax.closed_call(self.closed)
            values = [_abstract(v._value) for v in self.variables]
            blocks = [_abstract(leaf) for leaf in leaves]
            for candidate in (
                [self._in_turn(fn)] if self.writes else [self._side_by_side(fn), self._in_turn(fn)]
            ):
                try:
                    jax.eval_shape(candidate, values, blocks)
                except Exception:  # an op without a rule for it, whatever its error is
                    continue
                self._many = jax.jit(candidate)
                return True
            self._cannot_vectorise = True
        return self._many is not None

    @staticmethod
    def _side_by_side(fn: Callable) -> Callable:
        def run(values: list, blocks: list) -> list:
            return jax.vmap(lambda *leaves: fn(*values, *leaves))(*blocks)

        return run

    def _in_turn(self, fn: Callable) -> Callable:
        """One element after another in a compiled loop, each with the variables as the last one left them."""
        slots = {v: i for i, v in enumerate(dict.fromkeys([*self.variables, *self.writes]))}
        read, places = len(self.variables), [slots[v] for v in self.writes]
        computed = len(self.closed.out_avals) - len(places)
        unread = [jnp.zeros(v._shape, v._value.dtype) for v in list(slots)[read:]]

        def run(values: list, blocks: list) -> list:
            def step(carry: list, leaves: list) -> tuple[list, list]:
                out = fn(*carry[:read], *leaves)
                carry = list(carry)
                for place, value in zip(places, out[computed:], strict=True):
                    carry[place] = value
                return carry, out[:computed]

            carry, out = lax.scan(step, [*map(jnp.asarray, values), *unread], blocks)
            return [*out, *(carry[place] for place in places)]

        return run

    def _values(self, seeds: Seeds) -> list:
        return [seeds.get(v) if v in self.seeds else v._raw() for v in self.variables]

    def _store(self, out: Sequence, seeds: Seeds) -> Sequence:
        """Write what the function assigned; the rest is what it computed."""
        if not self.writes:
            return out
        computed = len(out) - len(self.writes)
        for variable, raw in zip(self.writes, out[computed:], strict=True):
            if variable in self.seeds:
                seeds.put(variable, raw)
            else:
                variable._write(raw)
        return out[:computed]

    def _pack(self, leaves: list, computed: list, count: int | None) -> Any:
        found = []
        for kind, value in self.outputs:
            if kind == "input":
                found.append(leaves[value])
            elif kind == "computed":
                found.append(computed[value])
            else:
                found.append(value if count is None else np.repeat(value[None], count, axis=0))
        return _nest.pack(self.shell, found)


def _raw(leaf: Any) -> Any:
    """The array of a leaf of a result: a tracer, or a NumPy array if it is known already."""
    if isinstance(leaf, list) and any(isinstance(x, (Tensor, Variable)) for x in leaf):
        from addax.engine import _operators

        leaf = _operators.stack(leaf)
    raw = leaf._read() if isinstance(leaf, Variable) else leaf._value if isinstance(leaf, Tensor) else leaf
    if hasattr(raw, "aval") and not is_concrete(raw):
        return raw
    try:
        return to_host(raw, "result")
    except TypeError as error:
        raise Untraceable from error


def _abstract(value: Any) -> Any:
    return jax.ShapeDtypeStruct(value.shape, dtypes.numpy_dtype(dtypes.narrow(np.dtype(value.dtype).name)))


def _padded(leaf: np.ndarray, size: int) -> np.ndarray:
    return np.concatenate([leaf, np.repeat(leaf[-1:], size - len(leaf), axis=0)])


def _calls_back(jaxpr: Any) -> bool:
    for equation in jaxpr.eqns:
        if "callback" in equation.primitive.name:
            return True
        if any(map(_calls_back, _inner(equation.params))):
            return True
    return False


def _inner(params: dict) -> Any:
    from jax.extend.core import jaxprs_in_params

    return jaxprs_in_params(params)


def on_host(fn: Any, *args: Any) -> Any:
    """Call a compiled function on the processor, and at once, even while something is being traced."""
    if jax.default_backend() != "cpu":
        with jax.default_device(jax.local_devices(backend="cpu")[0]):
            return _at_once(fn, args)
    return _at_once(fn, args)


def _at_once(fn: Callable, args: tuple) -> Any:
    if _jax.not_tracing():
        return fn(*args)
    with jax.ensure_compile_time_eval():
        return fn(*args)

"""`GradientTape`: records the ops on what it watches, and plays them backwards."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from addax.core import context, dtypes, tree
from addax.core.errors import message
from addax.engine import _jax, _operators
from addax.engine._jax import jnp
from addax.engine._op import FlatOp, execute
from addax.engine._replay import replayed
from addax.engine._symbolic import SymbolicTensor
from addax.engine._tensor import Tensor
from addax.engine._variable import Variable


class UnconnectedGradients:
    """What the gradient is where no path leads: `NONE` gives None, `ZERO` a tensor of zeros."""

    NONE = "none"
    ZERO = "zero"


class _Record:
    """One op on the tape: how to pull gradients back, what it took, what it gave."""

    __slots__ = ("inputs", "outputs", "pull_back", "values")

    def __init__(self, pull_back: Any, inputs: list, values: list, outputs: list) -> None:
        self.pull_back, self.inputs, self.values, self.outputs = pull_back, inputs, values, outputs


class GradientTape:
    """Records operations for automatic differentiation in reverse mode.

    Trainable variables are watched when they are read; tensors by `watch`. Tapes nest, which gives
    derivatives of higher order.

    Args:
        persistent: Whether `gradient` may be called more than once.
        watch_accessed_variables: Whether trainable variables are watched by themselves.

    Example:
        >>> import addax.tf as tf
        >>> x = tf.Variable(3.0)
        >>> with tf.GradientTape() as tape:
        ...     y = x * x
        >>> tape.gradient(y, x)
        <tf.Tensor: shape=(), dtype=float32, numpy=6.0>
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent = persistent
        self._watch_accessed = watch_accessed_variables
        self._records: list[_Record] = []
        self._live: dict[int, Any] = {}  # id -> watched source or result that depends on one (kept alive)
        self._variables: dict[Variable, None] = {}
        self._open = False
        self._paused = False
        self._spent = False

    # Recording -------------------------------------------------------------------------------------------
    def __enter__(self) -> GradientTape:
        if self._open:
            raise ValueError("This tape is already recording.")
        self._open = True
        context.add_tape(self)
        return self

    def __exit__(self, *exc: Any) -> None:
        if self._open:
            self._open = False
            context.remove_tape(self)

    def watch(self, tensor: Any) -> None:
        """Record what is done with a tensor (or with every tensor and variable of a nest).

        Raises:
            ValueError: If something in the nest is neither.
        """
        for x in _watchable(tree.flatten(tensor)):
            if isinstance(x, Variable):
                self._variables[x] = None
            elif not isinstance(x, Tensor):
                raise ValueError(message("Only tensors and variables can be watched.", received=x))
            if not (x.dtype.is_floating or x.dtype.is_complex):
                warnings.warn(
                    f"The dtype of the watched tensor must be floating (e.g. float32), got {x.dtype.name}.",
                    stacklevel=2,
                )
            self._live[id(x)] = x

    def watched_variables(self) -> tuple[Variable, ...]:
        """The variables watched so far, in the order they were met."""
        return tuple(self._variables)

    def _wants(self, inputs: Sequence) -> bool:
        """Whether an op on these inputs is to be recorded."""
        if self._paused:
            return False
        live = self._live
        wanted = False
        for x in inputs:
            if id(x) in live:
                wanted = True
            elif isinstance(x, Variable) and x.trainable and self._watch_accessed:
                if dtypes.is_float(x._dtype) or x._dtype.is_complex:
                    live[id(x)] = x
                    self._variables[x] = None
                    wanted = True
        return wanted

    def _record(self, pull_back: Any, inputs: list, values: list, result: Any) -> None:
        outputs = tree.flatten(result) if not isinstance(result, Tensor) else [result]
        for out in outputs:
            self._live[id(out)] = out
        self._records.append(_Record(pull_back, inputs, values, outputs))

    def _alias(self, old: Any, new: Any) -> None:
        """Let `new` stand for `old`, which it copies."""
        if id(old) in self._live:
            self._live[id(new)] = new
            self._records.append(_Record(_unchanged, [old], [old._value], [new]))

    @contextlib.contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Do not record inside a `with` block."""
        if not self._open:
            raise ValueError("This tape is not recording.")
        paused, self._paused = self._paused, True
        try:
            yield
        finally:
            self._paused = paused

    def reset(self) -> None:
        """Forget everything that was recorded."""
        self._records.clear()
        self._live.clear()
        self._variables.clear()

    # Playing back ----------------------------------------------------------------------------------------
    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: str = UnconnectedGradients.NONE,
    ) -> Any:
        """The derivative of (the sum of) `target` by each of `sources`.

        Args:
            target: A tensor, or a nest of tensors that are summed.
            sources: A nest of watched tensors and variables.
            output_gradients: Factors for the elements of `target`, of its structure; ones if None.
            unconnected_gradients: `"none"` or `"zero"`: what to give where no path leads.

        Returns:
            A nest of the structure of `sources`: tensors of the sources' shapes, or None.

        Raises:
            RuntimeError: If the tape is spent: it is not persistent and `gradient` was called before.
            ValueError: For an unknown `unconnected_gradients`.
        """
        self._begin(unconnected_gradients)
        given = tree.flatten(sources)
        flat = _whole_tensors(given)
        if any(isinstance(s, SymbolicTensor) for s in flat):
            raise TypeError(message("A tape cannot differentiate by a symbolic tensor.", received=sources))
        if not flat:
            raise ValueError("`sources` is empty: there is nothing to differentiate by.")
        targets = _whole_tensors(tree.flatten(target))
        for t in targets:
            if hasattr(t, "dtype") and not inexact_dtype(t.dtype):
                warnings.warn(
                    "The dtype of the target tensor must be floating (e.g. float32) when calling "
                    f"GradientTape.gradient, got {dtypes.standardize(t.dtype).name}.",
                    stacklevel=2,
                )
        factors = (
            [None] * len(targets)
            if output_gradients is None
            else _whole_tensors(tree.flatten(output_gradients))
        )
        with self._not_recording():
            found = self._pull(targets, factors, flat)
        if not self._persistent:
            self._records, self._live = [], {}
            self._spent = True
        zero = unconnected_gradients == UnconnectedGradients.ZERO
        result = [_zeros_like(s) if g is None and zero else g for g, s in zip(found, flat, strict=True)]
        result = [_like(s, g) for s, g in zip(given, result, strict=True)]
        return tree.pack_sequence_as(sources, result)

    def _begin(self, unconnected_gradients: Any) -> None:
        if self._spent:
            raise RuntimeError(
                "A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians). "
                "This tape is spent: pass GradientTape(persistent=True) to ask it more than once."
            )
        if getattr(unconnected_gradients, "value", unconnected_gradients) not in ("none", "zero"):
            raise ValueError(
                message(
                    "Unknown unconnected_gradients.",
                    expected='"none" or "zero"',
                    received=unconnected_gradients,
                )
            )

    @contextlib.contextmanager
    def _not_recording(self) -> Iterator[None]:
        """Gradients are recorded by outer tapes, and by this one only if it is persistent and open."""
        if self._persistent:
            yield
            return
        paused, self._paused = self._paused, True
        try:
            yield
        finally:
            self._paused = paused

    def _pull(self, targets: list, factors: list, sources: list) -> list:
        pairs = [
            (target, None if factor is None else _as_tensor(factor))
            for target, factor in zip(targets, factors, strict=True)
            if hasattr(target, "dtype") and inexact_dtype(target.dtype)
        ]
        if not context.current().tapes and _jax.not_tracing():
            found = replayed(self._records, self._live, pairs, sources)
            if found is not None:
                return [None if g is None else Tensor(g) for g in found]
        return self._pull_each(pairs, sources)

    def _pull_each(self, pairs: list, sources: list) -> list:
        """Op by op, each way back an op itself, so that other tapes can record it."""
        gradients: dict[int, Tensor] = {}
        for target, factor in pairs:
            _accumulate(gradients, target, _ones_like(target) if factor is None else factor)
        wanted = {id(s) for s in sources}
        for record in reversed(list(self._records)):
            cotangents = [gradients.get(id(out)) for out in record.outputs]
            if all(c is None for c in cotangents):
                continue
            for out in record.outputs:
                if id(out) not in wanted:
                    gradients.pop(id(out), None)
            for x, grad in zip(record.inputs, _apply_pullback(record, cotangents), strict=True):
                if grad is not None and id(x) in self._live:
                    _accumulate(gradients, x, grad)
        return [gradients.get(id(s)) for s in sources]

    def jacobian(
        self,
        target: Any,
        sources: Any,
        unconnected_gradients: str = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The derivative of every element of `target` by every element of `sources`.

        Args:
            target: A tensor.
            sources: A nest of watched tensors and variables.
            unconnected_gradients: `"none"` or `"zero"`.
            parallel_iterations: Accepted for TensorFlow's sake.
            experimental_use_pfor: Accepted for TensorFlow's sake.

        Returns:
            A nest like `sources`, each of shape `target.shape + source.shape`.
        """
        self._begin(unconnected_gradients)
        flat = tree.flatten(sources)
        shape = tuple(target.shape)
        count = int(np.prod(shape))
        persistent, self._persistent = self._persistent, True
        rows = []
        try:
            for i in range(count):
                factor = np.zeros(count, np.float32)
                factor[i] = 1
                factor = Tensor(jnp.asarray(factor.reshape(shape), target.dtype.name))
                rows.append(self.gradient(target, flat, factor, unconnected_gradients))
        finally:
            self._persistent = persistent
        if not self._persistent:
            self._records, self._live, self._spent = [], {}, True
        columns = [
            None
            if any(g is None for g in column)
            else _operators.reshape(_operators.stack(list(column)), (*shape, *column[0].shape))
            for column in zip(*rows, strict=True)
        ]
        return tree.pack_sequence_as(sources, columns)

    def batch_jacobian(
        self,
        target: Any,
        source: Any,
        unconnected_gradients: str = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The Jacobian of each example: `target[i, ...]` by `source[i, ...]`.

        Args:
            target: A tensor of shape `(b, ...)` whose row i depends on row i of `source` only.
            source: A watched tensor of shape `(b, ...)`.
            unconnected_gradients: `"none"` or `"zero"`.
            parallel_iterations: Accepted for TensorFlow's sake.
            experimental_use_pfor: Accepted for TensorFlow's sake.

        Returns:
            A tensor of shape `(b,) + target.shape[1:] + source.shape[1:]`.

        Raises:
            ValueError: If the batch sizes differ.
        """
        if target.shape[0] != source.shape[0]:
            raise ValueError(
                message(
                    "batch_jacobian() needs the same first dimension on both sides.",
                    received=f"target {tuple(target.shape)} and source {tuple(source.shape)}",
                )
            )
        self._begin(unconnected_gradients)
        shape = tuple(target.shape[1:])
        count = int(np.prod(shape))
        persistent, self._persistent = self._persistent, True
        rows = []
        try:
            for i in range(count):
                factor = np.zeros((target.shape[0], count), np.float32)
                factor[:, i] = 1
                factor = Tensor(jnp.asarray(factor.reshape(target.shape), target.dtype.name))
                rows.append(self.gradient(target, source, factor, unconnected_gradients))
        finally:
            self._persistent = persistent
        if not self._persistent:
            self._records, self._live, self._spent = [], {}, True
        if any(g is None for g in rows):
            return None
        return _operators.reshape(
            _operators.stack(rows, axis=1), (target.shape[0], *shape, *source.shape[1:])
        )


def inexact_dtype(dtype: Any) -> bool:
    """Whether gradients exist for a dtype."""
    name = dtypes.standardize(dtype).name
    return dtypes.is_float(name) or name.startswith("complex")


def _apply_pullback(record: _Record, cotangents: list) -> list:
    """Gradients of a record's inputs; an op itself, so that outer tapes see it."""
    pull_back = record.pull_back
    if hasattr(pull_back, "flat") and not all(tape._paused for tape in context.current().tapes):
        pull_back = pull_back.flat
    if not isinstance(pull_back, FlatOp):
        if getattr(pull_back, "takes_tensors", False):  # a gradient that the user wrote
            return pull_back(cotangents)
        raw = pull_back([None if c is None else c._value for c in cotangents])
        return [None if g is None else Tensor(g) for g in raw]
    flat = _bound_pullback(pull_back.pullback, len(record.inputs), tuple(c is None for c in cotangents))
    present = [c for c in cotangents if c is not None]
    leaves = [*record.inputs, *present]
    values = [*record.values, *[c._value for c in present]]
    out, to_record = execute(flat, leaves, values)
    wrapped = [None if g is None else Tensor(g) for g in out]
    if to_record is not None:
        to_record([g for g in wrapped if g is not None])
    return wrapped


def _unchanged(cotangents: list) -> list:
    """The way back of a copy."""
    return cotangents


_unchanged.takes_tensors = True  # type: ignore[attr-defined]


def _bound_pullback(pullback: FlatOp, count: int, missing: tuple) -> FlatOp:
    """The pullback over a flat list of inputs and present cotangents, kept as long as the op that owns it."""
    found = pullback.bound.get(missing)
    if found is None:

        def run(*values: Any) -> list:
            given = iter(values[count:])
            return pullback.fn(list(values[:count]), [None if m else next(given) for m in missing])

        found = pullback.bound[missing] = FlatOp(run, pullback.name, pullback.compilable)
    return found


def _whole_tensors(values: list) -> list:
    """The values of ragged and sparse tensors in their place."""
    return [_only_part(x) if hasattr(x, "__addax_op__") else x for x in values]


def _watchable(values: list) -> list:
    """Tensors and variables, and all that ragged and sparse tensors and extension types are made of."""
    return [part for x in values for part in (x._parts()[0] if hasattr(x, "__addax_op__") else (x,))]


def _only_part(composite: Any) -> Any:
    parts = composite._parts()[0]
    if len(parts) != 1:
        raise ValueError(
            message(
                f"Gradients are of tensors, and a {type(composite).__name__} is made of {len(parts)}.",
                hint="Name its fields.",
            )
        )
    return parts[0]


def _like(source: Any, gradient: Any) -> Any:
    """A gradient by the values of a ragged or sparse tensor in the form of that tensor."""
    if gradient is None or not hasattr(source, "__addax_op__"):
        return gradient
    return type(source)._from_parts((gradient,), source._parts()[1])


def _accumulate(gradients: dict[int, Tensor], x: Any, grad: Tensor) -> None:
    dtype = x._dtype if isinstance(x, Variable) else x.dtype
    if grad.dtype != dtype:
        grad = _operators.cast(grad, dtype)
    known = gradients.get(id(x))
    gradients[id(x)] = grad if known is None else _operators.add(known, grad)


def _as_tensor(value: Any) -> Tensor:
    return value if isinstance(value, Tensor) else _operators.identity(value)


def _ones_like(x: Any) -> Tensor:
    return Tensor(jnp.ones(x.shape, dtypes.numpy_dtype(x.dtype)))


def _zeros_like(x: Any) -> Tensor:
    return Tensor(jnp.zeros(x.shape, dtypes.numpy_dtype(x.dtype)))


def custom_gradient(fn: Callable) -> Callable:
    """Decorator for `fn(*tensors) -> (result, grad_fn)`: tapes take gradients from `grad_fn(*upstream)`.

    This is the eager half; `ops.custom_gradient` has what a trace needs besides.

    `grad_fn` gives one gradient for each positional argument of `fn`; if `fn` reads variables and `grad_fn`
    takes `variables=`, it also gives a list of theirs.

    Example:
        >>> import addax.tf as tf
        >>> @tf.custom_gradient
        ... def clipped(x):
        ...     return tf.identity(x), lambda up: tf.clip_by_value(up, -1.0, 1.0)
        >>> x = tf.constant(2.0)
        >>> with tf.GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = 10.0 * clipped(x)
        >>> float(tape.gradient(y, x))
        1.0
    """
    import functools

    @functools.wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        tapes = context.current().tapes
        if not tapes:
            return fn(*args, **kwargs)[0]
        args = tuple(_operators.identity(a) if _is_numeric(a) else a for a in args)
        inner = GradientTape(persistent=True)
        with context.entered(tapes=()), inner:
            result, grad_fn = fn(*args, **kwargs)
        variables = list(inner.watched_variables())
        outputs = tree.flatten(result)
        fresh = [Tensor(o._value) for o in outputs]
        inputs = [*args, *variables]
        values = [a._value if isinstance(a, Tensor) else None for a in inputs]
        pull_back = _user_pullback(grad_fn, outputs, len(args), variables)
        for tape in tapes:
            if tape._wants(inputs):
                tape._record(pull_back, inputs, values, fresh)
        return tree.pack_sequence_as(result, fresh)

    return call


def _is_numeric(value: Any) -> bool:
    return isinstance(value, (Tensor, Variable, np.ndarray, float)) or hasattr(value, "aval")


def _user_pullback(grad_fn: Callable, outputs: list, count: int, variables: list) -> Callable:
    def pull_back(cotangents: list) -> list:
        upstream = [_zeros_like(o) if c is None else c for o, c in zip(outputs, cotangents, strict=True)]
        grads, variable_grads = gradients_of(grad_fn, upstream, variables)
        if len(grads) != count:
            raise ValueError(
                message(
                    "A custom gradient gave the wrong number of gradients.",
                    expected=f"{count}, one for each positional argument",
                    received=str(len(grads)),
                )
            )
        return [None if g is None else _as_tensor(g) for g in [*grads, *variable_grads]]

    pull_back.takes_tensors = True  # type: ignore[attr-defined]
    return pull_back


def gradients_of(grad_fn: Callable, upstream: list, variables: list) -> tuple[list, list]:
    """What a user's gradient function gives for the arguments, and for the variables that were read."""
    if variables and _takes_variables(grad_fn):
        grads, of_variables = grad_fn(*upstream, variables=variables)
    else:
        grads, of_variables = grad_fn(*upstream), [None] * len(variables)
    return list(grads) if isinstance(grads, (list, tuple)) else [grads], list(of_variables)


def _takes_variables(grad_fn: Callable) -> bool:
    import inspect

    parameters = inspect.signature(grad_fn).parameters
    return "variables" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())

"""One recurrence over time: as a single operation for the cells we know, step by step for any other."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from typing import Any

from addax import ops
from addax.core import context, tree
from addax.engine import op
from addax.engine._jax import jnp, lax
from addax.kernels import _recurrent as kernels


@dataclasses.dataclass(frozen=True)
class Loop:
    """How a recurrence runs.

    Attributes:
        sequences: Whether the outputs of all steps are wanted, or the last one alone.
        backwards: Whether it goes from the last step to the first; outputs come in the order they are made.
        zero_output: Whether the output of a masked step is zero, or else that of the step before.
        unroll: Whether the compiled loop is written out.
    """

    sequences: bool = True
    backwards: bool = False
    zero_output: bool = False
    unroll: bool = False


@dataclasses.dataclass(frozen=True)
class Rule:
    """What a cell computes, as a function of its arrays: in an operation on raw arrays, else on tensors.

    `weights` is `[kernel, recurrent_kernel, bias]` (bias may be None); `masks` are the dropout masks: none,
    one, or one for each gate.

    Attributes:
        activation: The activation of the candidate state.
    """

    activation: Callable

    def project(self, x: Any, weights: list, masks: list) -> Any:
        """The part of the gates that depends on the input alone, for one step or for all of them."""
        z = product(x, weights[0], masks)
        return z if weights[2] is None else z + weights[2]

    def step(self, z: Any, states: list, weights: list, masks: list) -> tuple[Any, list]:
        """Output and next states, from the projected input and the states; the first state is the output."""
        raise TypeError(f"{type(self).__name__} has no step.")

    @property
    def is_pure(self) -> bool:
        """Whether the activations are functions of arrays that surely touch nothing else."""
        values = [getattr(self, field.name) for field in dataclasses.fields(self)]
        return all(_is_pure_function(value) for value in values if callable(value))

    @property
    def kernel(self) -> Any:
        """The fast kernel that computes the same, or None."""
        return None


def _is_pure_function(function: Callable) -> bool:
    root = (getattr(function, "__module__", None) or "").partition(".")[0]
    return inspect.isfunction(function) and root == "addax"


def product(x: Any, kernel: Any, masks: list) -> Any:
    """`x @ kernel`, with the dropout masks of the gates."""
    if not masks:
        return ops.matmul(x, kernel)
    if len(masks) == 1:
        return ops.matmul(x * masks[0], kernel)
    parts = ops.split(kernel, len(masks), axis=-1)
    return ops.concatenate([ops.matmul(x * m, k) for m, k in zip(masks, parts, strict=True)], axis=-1)


@op(lists=("states", "weights", "masks"), name="recurrent_step")
def one_step(x: Any, states: Any, weights: Any, masks: Any, rule: Any = None) -> Any:
    """One step of a rule: `x` of shape (batch, features)."""
    states, weights, masks = _arrays(states), _arrays(weights), _arrays(masks)
    return rule.step(rule.project(jnp.asarray(x), weights, masks[0]), states, weights, masks[1])


@op(lists=("masks", "weights"), name="recurrent_input")
def project(x: Any, weights: Any, masks: Any, rule: Any = None) -> Any:
    """The input's part of the gates for `x` of shape (batch, time, features), time first."""
    x = jnp.swapaxes(jnp.asarray(x), 0, 1)
    return rule.project(x, _arrays(weights), _arrays(masks))


@op(lists=("states", "weights", "masks"), name="recurrence")
def recurrence(
    x: Any, states: Any, weights: Any, masks: Any, valid: Any, rule: Any = None, loop: Any = None
) -> tuple[Any, list]:
    """All steps of a rule over `x` of shape (batch, time, features).

    The inputs of all steps are multiplied with the kernel at once; what depends on the state is looped over.

    Returns:
        Outputs of shape (batch, time, units), or (batch, units) for the last, and the last states.
    """
    states, weights, masks = _arrays(states), _arrays(weights), _arrays(masks)
    x = jnp.swapaxes(jnp.asarray(x), 0, 1)
    valid = None if valid is None else _time_first(jnp.asarray(valid))
    if _is_fast(rule, masks, x):
        return _by_kernel(x, states, weights, masks[0], valid, rule.kernel, loop)
    z = rule.project(x, weights, masks[0])

    def step(before: list, row: tuple) -> tuple[list, Any]:
        z, valid = row
        output, after = rule.step(z, before, weights, masks[1])
        after = [new.astype(old.dtype) for new, old in zip(after, before, strict=True)]
        if valid is not None:
            after = [_where(valid, new, old) for new, old in zip(after, before, strict=True)]
            output = _where(valid, output, jnp.zeros_like(output) if loop.zero_output else before[0])
        return after, output if loop.sequences else None

    unroll = max(z.shape[0], 1) if loop.unroll else 1
    states, outputs = lax.scan(step, states, (z, valid), reverse=loop.backwards, unroll=unroll)
    if not loop.sequences:
        return _last_output(states[0], valid, loop), states
    outputs = outputs[::-1] if loop.backwards else outputs
    return jnp.swapaxes(outputs, 0, 1), states


def _is_fast(rule: Rule, masks: list, x: Any) -> bool:
    """Whether the rule's kernel can run: its gradient is taken backwards, and a gate has no mask of its own."""
    whole = not masks[1] and len(masks[0]) < 2 and jnp.issubdtype(x.dtype, jnp.floating)
    return rule.kernel is not None and whole and x.shape[0] != 0 and not context.current().forward


def _by_kernel(
    x: Any, states: list, weights: list, masks: list, valid: Any, kernel: Any, loop: Loop
) -> tuple[Any, list]:
    x = x * masks[0] if masks else x
    if loop.backwards:
        x, valid = x[::-1], None if valid is None else valid[::-1]
    outputs, states = kernels.recurrence(kernel, x, states, weights, valid, loop.sequences, loop.unroll)
    if not loop.sequences:
        return _last_output(states[0], valid, dataclasses.replace(loop, backwards=False)), states
    if valid is not None and loop.zero_output:
        outputs = _where_all(valid, outputs)
    return jnp.swapaxes(outputs, 0, 1), states


def _where_all(valid: Any, outputs: Any) -> Any:
    return jnp.where(valid[..., None], outputs, jnp.zeros_like(outputs))


def _last_output(state: Any, valid: Any, loop: Loop) -> Any:
    if valid is None or not loop.zero_output:
        return state
    return _where(valid[0 if loop.backwards else -1], state, jnp.zeros_like(state))


def _where(valid: Any, new: Any, old: Any) -> Any:
    """`new` in the rows that are valid, else `old`."""
    return jnp.where(valid.reshape(valid.shape + (1,) * (new.ndim - 1)), new, old)


def _time_first(valid: Any) -> Any:
    """A mask of shape (batch, time) or (batch, time, 1) as booleans of shape (time, batch)."""
    valid = valid.astype(bool).any(axis=tuple(range(2, valid.ndim)))
    return jnp.swapaxes(valid, 0, 1)


def _arrays(nest: Any) -> Any:
    return tree.map_structure(lambda x: None if x is None else jnp.asarray(x), nest)


# Any cell ------------------------------------------------------------------------------------------------
def step_through(
    step: Callable, xs: Any, states: Any, valid: Any, loop: Loop, output_like: Any
) -> tuple[Any, Any]:
    """Call a function of tensors for each step.

    Args:
        step: `step(x, states)` gives an output and the next states, a list.
        xs: A nest of tensors, time first.
        states: A list of tensors, or of lists of them.
        valid: Boolean tensor of shape (batch, time), or None.
        loop: How it runs.
        output_like: What the output of a masked first step is, if there is a mask.

    Returns:
        Outputs of shape (batch, time, ...), or the last one, and the last states.
    """
    masked = valid is not None
    if masked:
        valid = ops.any(ops.cast(valid, "bool"), axis=tuple(range(2, len(valid.shape))))
        valid = ops.swapaxes(valid, 0, 1)

    def advance(carry: tuple, row: tuple) -> tuple[tuple, Any]:
        (before, previous), (x, valid) = carry, row
        output, after = step(x, before)
        after = tree.pack_sequence_as(before, tree.flatten(after))
        if masked:
            after = tree.map_structure(lambda new, old: _choose(valid, new, old), after, before)
            output = _choose(valid, output, ops.zeros_like(output) if loop.zero_output else previous)
        return (after, output if masked else previous), output

    carry = (states, output_like if masked else ())
    if loop.unroll:
        (states, _), outputs = _written_out(advance, carry, (xs, valid), loop.backwards)
    else:
        (states, _), outputs = ops.scan(advance, carry, (xs, valid), reverse=loop.backwards)
    if not loop.sequences:
        return tree.map_structure(lambda x: x[0 if loop.backwards else -1], outputs), states
    if loop.backwards:
        outputs = tree.map_structure(lambda x: ops.flip(x, axis=0), outputs)
    return tree.map_structure(lambda x: ops.swapaxes(x, 0, 1), outputs), states


def _written_out(advance: Callable, carry: Any, rows: Any, backwards: bool) -> tuple[Any, Any]:
    """The same as `ops.scan`, one step after the other in Python."""
    steps = tree.flatten(rows)[0].shape[0]
    outputs: list = [None] * steps
    for i in reversed(range(steps)) if backwards else range(steps):
        row = tree.map_structure(lambda x, i=i: None if x is None else x[i], rows)
        carry, outputs[i] = advance(carry, row)
    return carry, tree.map_structure(lambda *values: ops.stack(values, axis=0), *outputs)


def _choose(valid: Any, new: Any, old: Any) -> Any:
    """`new` in the rows that are valid, else `old`."""
    shape = (*valid.shape[:1], *(1,) * (len(new.shape) - 1))
    return ops.where(ops.reshape(valid, shape), new, old)

"""The functions of tf.keras's backend that run functions: conditions, loops and recurrences, over `addax.ops`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addax import ops
from addax.core import tree
from addax.core.errors import message
from addax.layers.rnn import _recurrence


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """One of two tensors by a scalar condition, or by a condition for each element or row.

    Args:
        condition: A bool (or number): a scalar, or of the first axes of the tensors.
        then_expression: A tensor, or a function that gives one.
        else_expression: Likewise, in the same shape.

    Raises:
        ValueError: If the condition has more axes than the tensors.

    Example:
        >>> switch([True, False], [[1.0, 2.0], [3.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]]).numpy()
        array([[1., 2.],
               [0., 0.]], dtype=float32)
    """
    condition = ops.cast(ops.convert_to_tensor(condition), "bool")
    branches = then_expression, else_expression
    if not len(condition.shape):
        then_fn, else_fn = ((b if callable(b) else lambda b=b: ops.convert_to_tensor(b)) for b in branches)
        return ops.cond(condition, then_fn, else_fn)
    first, second = (ops.convert_to_tensor(b() if callable(b) else b) for b in branches)
    missing = len(first.shape) - len(condition.shape)
    if missing < 0:
        raise ValueError(
            message(
                "The condition has more axes than what it chooses.",
                expected=f"at most {len(first.shape)}",
                received=f"{len(condition.shape)}",
            )
        )
    for _ in range(missing):
        condition = ops.expand_dims(condition, -1)
    return ops.where(condition, first, second)


def map_fn(fn: Callable, elems: Any, name: str | None = None, dtype: Any = None) -> Any:
    """The results of a function on each slice along the first axis.

    Args:
        fn: Takes a slice.
        elems: A tensor, or a nest of them.
        name: Accepted for tf.keras's sake.
        dtype: The dtype of the result; its own if None.
    """
    found = ops.map(fn, tree.map_structure(ops.convert_to_tensor, elems))
    return found if dtype is None else tree.map_structure(lambda x: ops.cast(x, dtype), found)


def foldl(fn: Callable, elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    """Bring the slices along the first axis together, from the first to the last.

    Args:
        fn: Takes what came out so far, and a slice.
        elems: A tensor.
        initializer: What to start from; the first slice if None.
        name: Accepted for tf.keras's sake.

    Example:
        >>> float(foldl(lambda total, x: total + x, [1.0, 2.0, 3.0]))
        6.0
    """
    elems = ops.convert_to_tensor(elems)
    if initializer is None:
        initializer, elems = elems[0], elems[1:]
    return ops.scan(lambda total, x: (fn(total, x), None), ops.convert_to_tensor(initializer), elems)[0]


def foldr(fn: Callable, elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    """Bring the slices along the first axis together, from the last to the first. See `foldl`."""
    return foldl(fn, ops.flip(ops.convert_to_tensor(elems), axis=0), initializer)


def rnn(
    step_function: Callable,
    inputs: Any,
    initial_states: Any,
    go_backwards: bool = False,
    mask: Any = None,
    constants: Any = None,
    unroll: bool = False,
    input_length: Any = None,
    time_major: bool = False,
    zero_output_for_mask: bool = False,
    return_all_outputs: bool = True,
) -> tuple[Any, Any, list]:
    """Run a function over the steps of sequences.

    Args:
        step_function: `step_function(inputs, states)` takes one step of the inputs and a list of states, with the
            constants at its end, and gives an output and the next states.
        inputs: A tensor, or a nest of them, of shape `(batch, time, ...)`.
        initial_states: A list of tensors.
        go_backwards: Whether to begin at the last step.
        mask: Bools of shape `(batch, time)`: where it is false, states stay and the output is repeated.
        constants: Tensors that each step gets behind the states.
        unroll: Whether compiled code is written out step by step.
        input_length: Accepted for tf.keras's sake.
        time_major: Whether the first axis is the time, in inputs, mask and outputs.
        zero_output_for_mask: Whether the output of a masked step is zero.
        return_all_outputs: Whether the outputs of all steps are wanted, or the last one alone.

    Returns:
        The last output, the outputs of shape `(batch, time, ...)`, and the last states.

    Example:
        >>> import addax as keras
        >>> step = lambda x, states: (x + states[0], [x + states[0]])
        >>> last, outputs, states = rnn(step, keras.ops.ones((1, 3, 2)), [keras.ops.zeros((1, 2))])
        >>> last.numpy()
        array([[3., 3.]], dtype=float32)
    """
    constants = list(constants or ())
    turned = tree.map_structure(lambda x: ops.swapaxes(ops.convert_to_tensor(x), 0, 1), inputs)
    xs = tree.map_structure(ops.convert_to_tensor, inputs) if time_major else turned
    if mask is not None:
        mask = ops.swapaxes(mask, 0, 1) if time_major else ops.convert_to_tensor(mask)
    states = tree.map_structure(ops.convert_to_tensor, list(initial_states))

    def step(x: Any, states: list) -> tuple:
        return step_function(x, [*states, *constants])

    def first() -> Any:
        return step(tree.map_structure(lambda x: x[0], xs), states)[0]

    loop = _recurrence.Loop(True, go_backwards, zero_output_for_mask, unroll)
    like = tree.map_structure(ops.zeros_like, first()) if mask is not None else None
    outputs, states = _recurrence.step_through(step, xs, states, mask, loop, like)
    last = tree.map_structure(lambda x: x[:, -1], outputs)
    if not return_all_outputs:
        outputs = tree.map_structure(lambda x: x[:, None], last)
    if time_major:
        outputs = tree.map_structure(lambda x: ops.swapaxes(x, 0, 1), outputs)
    return last, outputs, states

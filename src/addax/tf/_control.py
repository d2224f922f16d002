"""Control flow as functions: `tf.cond`, `tf.while_loop`, `tf.map_fn`, `tf.scan` and their like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from addax import ops
from addax.core import tree
from addax.core.errors import message
from addax.engine import Composite, Tensor, Variable
from addax.engine import _control as control
from addax.engine import _operators as operators
from addax.engine._jax import not_tracing
from addax.engine._staging import staged
from addax.engine.autograph import for_tracing
from addax.ops._composite_specs import RaggedTensorSpec
from addax.ops._extension_type import BatchableExtensionType
from addax.ops._ragged import RaggedTensor
from addax.ops._ragged_ops import stack as stack_rows
from addax.tf._assertions import _require


def _traceable(fn: Any) -> Any:
    """The form of a user's function that can run here: under a trace, with its control flow converted."""
    return fn if not_tracing() else for_tracing(fn)


def _known_bool(value: Any) -> bool:
    return bool(np.asarray(value)) if isinstance(value, (Tensor, Variable)) else bool(value)


def cond(
    pred: Any, true_fn: Callable | None = None, false_fn: Callable | None = None, name: str | None = None
) -> Any:
    """The result of one of two functions, by a condition.

    Args:
        pred: A scalar.
        true_fn: Takes nothing.
        false_fn: Takes nothing and gives a nest like that of `true_fn`.
        name: Accepted for TensorFlow's sake.

    Raises:
        TypeError: If one of them cannot be called, or, in compiled code, if their results differ in form.
    """
    for fn, what in ((true_fn, "true_fn"), (false_fn, "false_fn")):
        if not callable(fn):
            raise TypeError(f"The argument {what} must be callable.")
    if not staged(pred):
        return true_fn() if _known_bool(pred) else false_fn()  # type: ignore[misc]
    return control.cond(pred, for_tracing(true_fn), for_tracing(false_fn))


def case(
    pred_fn_pairs: Any,
    default: Callable | None = None,
    exclusive: bool = False,
    strict: bool = False,
    name: str = "",
) -> Any:
    """The result of the first function whose condition holds, else that of `default`.

    Args:
        pred_fn_pairs: Pairs of a scalar condition and a function that takes nothing, as a list or a dict.
        default: Takes nothing; the last function if None, whatever its condition.
        exclusive: Whether it is an error if several conditions hold.
        strict: Accepted for TensorFlow's sake: results come as the functions give them.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If there are no pairs; if several conditions hold though they are `exclusive` (in compiled code,
            when that has run).

    Example:
        >>> import addax.tf as tf
        >>> tf.case([(tf.constant(1) > 2, lambda: "a"), (tf.constant(1) > 0, lambda: "b")], default=lambda: "c")
        'b'
    """
    pairs = list(pred_fn_pairs.items() if isinstance(pred_fn_pairs, dict) else pred_fn_pairs)
    if not pairs:
        raise ValueError(message("tf.case() needs at least one pair of condition and function."))
    conditions = pairs
    if default is None:
        pairs, default = pairs[:-1], pairs[-1][1]
    if exclusive:
        held = ops.sum(operators.stack([ops.cast(pred, "int32") for pred, _ in conditions]))
        _require(operators.less_equal(held, 1), lambda: "tf.case(exclusive=True): several conditions hold.")
    chosen: Any = default
    for pred, fn in reversed(pairs):
        chosen = _either(pred, fn, chosen)
    return chosen()


def _either(pred: Any, fn: Callable, otherwise: Callable) -> Callable:
    return lambda: cond(pred, fn, otherwise)


def switch_case(branch_index: Any, branch_fns: Any, default: Callable | None = None, name: str = "") -> Any:
    """The result of the function with the number `branch_index`, else that of `default`.

    Args:
        branch_index: A scalar integer.
        branch_fns: Functions that take nothing: a list, a dict by number, or a list of pairs of number and function.
        default: Takes nothing; the function with the highest number if None.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.switch_case(tf.constant(1), [lambda: "a", lambda: "b"])
        'b'
    """
    fns = _numbered(branch_fns)
    default = default or fns[max(fns)]
    if not staged(branch_index):
        return fns.get(int(np.asarray(branch_index)), default)()
    return case([(operators.equal(branch_index, i), fn) for i, fn in fns.items()], default)


def _numbered(branch_fns: Any) -> dict[int, Callable]:
    if isinstance(branch_fns, dict):
        return dict(branch_fns)
    first = branch_fns[0]
    return dict(branch_fns) if isinstance(first, (tuple, list)) else dict(enumerate(branch_fns))


def while_loop(
    cond: Callable,
    body: Callable,
    loop_vars: Any,
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    maximum_iterations: Any = None,
    name: str | None = None,
) -> Any:
    """Repeat `loop_vars = body(*loop_vars)` while `cond(*loop_vars)` holds.

    Args:
        cond: Gives a scalar.
        body: Gives the next values, in the form of `loop_vars`.
        loop_vars: A list, tuple or dict of nests.
        shape_invariants: Accepted; in compiled code shapes cannot change.
        parallel_iterations: Accepted for TensorFlow's sake.
        back_prop: Accepted for TensorFlow's sake.
        swap_memory: Accepted for TensorFlow's sake.
        maximum_iterations: The largest number of turns, or None.
        name: Accepted for TensorFlow's sake.

    Returns:
        The values after the last turn, in the form of `loop_vars`.

    Example:
        >>> import addax.tf as tf
        >>> tf.while_loop(lambda i: i < 10, lambda i: [i + 3], [tf.constant(0)])
        [<tf.Tensor: shape=(), dtype=int32, numpy=12>]
    """
    is_dict = isinstance(loop_vars, dict)
    state = tree.map_structure(_loop_value, loop_vars)
    test, step = _traceable(cond), _traceable(body)
    limit = None if maximum_iterations is None else int(np.asarray(maximum_iterations))

    def call(fn: Callable, values: Any) -> Any:
        return fn(values) if is_dict else fn(*values)

    turns = 0
    while limit is None or turns < limit:
        proceed = call(test, state)
        if staged(proceed):
            left = None if limit is None else limit - turns
            found = control.while_loop(
                lambda s: call(test, s[0]),
                lambda s: (_like(call(step, s[0]), s[0]),),
                (state,),
                ("loop_vars",),
                left,
            )
            return found[0]
        if not _known_bool(proceed):
            break
        state = _like(call(step, state), state)
        turns += 1
    return state


def _loop_value(leaf: Any) -> Any:
    if isinstance(leaf, (Tensor, Composite)) or leaf is None:
        return leaf
    return ops.convert_to_tensor(leaf)


def _like(new: Any, old: Any) -> Any:
    """What the body gave, in the form of the loop variables."""
    if isinstance(old, (list, tuple)) and not isinstance(new, (list, tuple)):
        new = [new]
    return tree.map_structure(_loop_value, tree.pack_sequence_as(old, tree.flatten(new)))


# Loops over the first axis -------------------------------------------------------------------------------
def map_fn(
    fn: Callable,
    elems: Any,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    name: str | None = None,
    fn_output_signature: Any = None,
) -> Any:
    """`fn` applied to the slices of `elems` along the first axis, the results stacked.

    Args:
        fn: Takes one slice (a nest of the form of `elems`) and gives a nest.
        elems: A tensor or a nest of tensors of one length.
        dtype: The former name of `fn_output_signature`.
        parallel_iterations: Accepted for TensorFlow's sake.
        back_prop: Accepted for TensorFlow's sake.
        swap_memory: Accepted for TensorFlow's sake.
        infer_shape: Accepted for TensorFlow's sake.
        name: Accepted for TensorFlow's sake.
        fn_output_signature: The dtypes (or specs) of the results, which are cast to them.
    """
    wanted = dtype if fn_output_signature is None else fn_output_signature
    fn, elems = _opened(fn, elems)
    elems = tree.map_structure(
        lambda x: x if isinstance(x, RaggedTensor) else ops.convert_to_tensor(x), elems
    )
    fn = _traceable(fn)
    ragged = any(isinstance(x, RaggedTensor) for x in tree.flatten(elems))

    def one(item: Any) -> Any:
        found = tree.map_structure(
            lambda x: x if isinstance(x, RaggedTensor) else ops.convert_to_tensor(x), fn(item)
        )
        if wanted is None or isinstance(wanted, RaggedTensorSpec):
            return found
        return tree.map_structure(_as_wanted, found, _spread(wanted, found))

    if ragged or not_tracing() or any(x.dtype == "string" for x in tree.flatten(elems)):
        rows = [one(tree.map_structure(lambda x, i=i: x[i], elems)) for i in range(_length(elems))]
        if (ragged and wanted is None or isinstance(wanted, RaggedTensorSpec)) and not tree.is_nested(
            rows[0]
        ):
            return stack_rows(rows) if len(rows[0].shape) else _stacked(rows)
        return _stacked(rows)
    return ops.map(one, elems)


def _opened(fn: Callable, elems: Any) -> tuple[Callable, Any]:
    """Objects of extension types as their tensors, of which the function gets objects again."""
    leaves = tree.flatten(elems)
    if not any(isinstance(x, BatchableExtensionType) for x in leaves):
        return fn, elems
    taken = [x._parts() if isinstance(x, BatchableExtensionType) else ((x,), None) for x in leaves]
    rests = [rest for _, rest in taken]

    def closed(parts: list) -> Any:
        pairs = zip(parts, rests, leaves, strict=True)
        found = [p[0] if rest is None else type(x)._from_parts(tuple(p), rest) for p, rest, x in pairs]
        return fn(tree.pack_sequence_as(elems, found))

    return closed, [list(parts) for parts, _ in taken]


def _spread(wanted: Any, found: Any) -> Any:
    """One dtype for each result."""
    return wanted if tree.is_nested(wanted) else tree.map_structure(lambda _: wanted, found)


def _as_wanted(value: Any, wanted: Any) -> Any:
    dtype = getattr(wanted, "dtype", wanted)
    return value if value.dtype == dtype else ops.cast(value, dtype)


def _length(elems: Any) -> int:
    lengths = {x.shape[0] for x in tree.flatten(elems)}
    if len(lengths) != 1:
        raise ValueError(
            message("The tensors differ in their first dimension.", received=str(sorted(lengths)))
        )
    return lengths.pop()


def _stacked(rows: Sequence) -> Any:
    if not rows:
        raise ValueError(message("There is nothing to map over: the first dimension is 0."))
    return tree.map_structure(lambda *values: operators.stack(list(values)), *rows)


def vectorized_map(fn: Callable, elems: Any, fallback_to_while_loop: bool = True, warn: bool = True) -> Any:
    """`fn` applied to all slices of `elems` along the first axis at once.

    Args:
        fn: Takes one slice (a nest of the form of `elems`) and gives a nest of tensors.
        elems: A tensor or a nest of tensors of one length.
        fallback_to_while_loop: Accepted for TensorFlow's sake: there is no other way to fall back to.
        warn: Accepted for TensorFlow's sake; likewise.

    Returns:
        The results, stacked along a new first axis.

    Raises:
        ValueError: If the lengths differ, or if `fn` assigns to a variable what differs from slice to slice.

    Example:
        >>> import addax.tf as tf
        >>> tf.vectorized_map(lambda row: row / tf.reduce_sum(row), tf.constant([[1.0, 3.0]])).numpy()
        array([[0.25, 0.75]], dtype=float32)
    """
    return ops.vectorized_map(for_tracing(fn), tree.map_structure(ops.convert_to_tensor, elems))


def scan(
    fn: Callable,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    reverse: bool = False,
    name: str | None = None,
) -> Any:
    """All intermediate results of `a = fn(a, x)` over the slices `x` of `elems`, stacked.

    Args:
        fn: Takes the result so far and a slice.
        elems: A tensor or a nest of tensors of one length.
        initializer: The first result; the first slice if None.
        parallel_iterations: Accepted for TensorFlow's sake.
        back_prop: Accepted for TensorFlow's sake.
        swap_memory: Accepted for TensorFlow's sake.
        infer_shape: Accepted for TensorFlow's sake.
        reverse: Whether to start from the end.
        name: Accepted for TensorFlow's sake.
    """
    elems = tree.map_structure(ops.convert_to_tensor, elems)
    fn = _traceable(fn)
    if initializer is None:
        first = -1 if reverse else 0
        rest = slice(None, -1) if reverse else slice(1, None)
        start = tree.map_structure(lambda x: x[first], elems)
        elems = tree.map_structure(lambda x: x[rest], elems)
    else:
        start = tree.map_structure(ops.convert_to_tensor, initializer)
    found = _scanned(fn, start, elems, reverse)
    if initializer is not None:
        return found
    pieces = (lambda a, b: [b, a[None]]) if reverse else (lambda a, b: [a[None], b])
    return tree.map_structure(lambda a, b: ops.concatenate(pieces(a, b)), start, found)


def _scanned(fn: Callable, start: Any, elems: Any, reverse: bool) -> Any:
    def step(carry: Any, x: Any) -> tuple[Any, Any]:
        new = tree.map_structure(ops.convert_to_tensor, fn(carry, x))
        return new, new

    if not not_tracing():
        return ops.scan(step, start, elems, reverse=reverse)[1]
    order = range(_length(elems))
    rows = []
    for i in reversed(order) if reverse else order:
        start, row = step(start, tree.map_structure(lambda x, i=i: x[i], elems))
        rows.append(row)
    return _stacked(rows[::-1] if reverse else rows)


def foldl(
    fn: Callable, elems: Any, initializer: Any = None, parallel_iterations: int = 10, back_prop: bool = True,
    swap_memory: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """The last result of `a = fn(a, x)` over the slices `x` of `elems`.

    Args:
        fn: Takes the result so far and a slice.
        elems: A tensor or a nest of tensors of one length.
        initializer: The first result; the first slice if None.
        parallel_iterations: Accepted for TensorFlow's sake.
        back_prop: Accepted for TensorFlow's sake.
        swap_memory: Accepted for TensorFlow's sake.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> int(tf.foldl(lambda a, x: 10 * a + x, tf.constant([1, 2, 3])))
        123
    """
    return tree.map_structure(lambda x: x[-1], scan(fn, elems, initializer))


def foldr(
    fn: Callable, elems: Any, initializer: Any = None, parallel_iterations: int = 10, back_prop: bool = True,
    swap_memory: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """The last result of `a = fn(a, x)` over the slices `x` of `elems` from the end.

    Args:
        fn: Takes the result so far and a slice.
        elems: A tensor or a nest of tensors of one length.
        initializer: The first result; the last slice if None.
        parallel_iterations: Accepted for TensorFlow's sake.
        back_prop: Accepted for TensorFlow's sake.
        swap_memory: Accepted for TensorFlow's sake.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> int(tf.foldr(lambda a, x: 10 * a + x, tf.constant([1, 2, 3])))
        321
    """
    return tree.map_structure(lambda x: x[0], scan(fn, elems, initializer, reverse=True))

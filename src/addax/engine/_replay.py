"""The way back of a tape as one compiled program, once the same way has been gone before.

A loop of training steps records the same ops with the same wiring again and again. Programs that record something new
each time (a network that follows a tree) never come here, so that nothing is compiled for one use.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from addax.core import config, dtypes
from addax.engine._jax import jnp
from addax.engine._op import FlatOp
from addax.engine._tensor import Tensor
from addax.engine._variable import Variable

_FAMILIAR = 3  # the sighting from which on a way back is compiled
_KEPT = 256  # ways back that are remembered

_ways: OrderedDict[tuple, int | FlatOp] = OrderedDict()
config.on_change(_ways.clear)


def replayed(records: Sequence, live: dict[int, Any], pairs: list, sources: list) -> list | None:
    """Raw gradients of `sources` (None where no path leads), or None if the tape is to be read op by op.

    Args:
        records: What the tape recorded.
        live: id -> tensors and variables that gradients are wanted for.
        pairs: What to differentiate, each with its upstream gradient; None stands for ones.
        sources: What to differentiate by.
    """
    numbers: dict[int, int] = {}
    if not all(type(target) is Tensor for target, _ in pairs):
        return None
    starts = tuple([(numbers.setdefault(id(t), len(numbers)), factor is None) for t, factor in pairs])
    values = [(t if factor is None else factor)._value for t, factor in pairs]
    steps = []
    for record in reversed(records):
        outputs = tuple([numbers.get(id(x), -1) for x in record.outputs])
        if max(outputs) < 0:
            continue
        pull_back = record.pull_back
        if type(pull_back) is not FlatOp or not pull_back.compilable:
            return None
        inputs = tuple([_place(x, live, numbers) for x in record.inputs])
        steps.append((pull_back, inputs, outputs))
        values.extend(record.values)
    key = (starts, tuple(steps), tuple([numbers.get(id(s), -1) for s in sources]))
    program = _program(key)
    return None if program is None else program.compiled(*values)


def _place(x: Any, live: dict[int, Any], numbers: dict[int, int]) -> Any:
    """Where the gradient of an input goes: a number, with the dtype if it may differ from that of the value."""
    if id(x) not in live:
        return None
    number = numbers.setdefault(id(x), len(numbers))
    return (number, x._dtype.name) if isinstance(x, Variable) else (number, None)


def _program(key: tuple) -> FlatOp | None:
    found = _ways.pop(key, 0)
    if not isinstance(found, FlatOp):
        found += 1
        if found >= _FAMILIAR:
            found = FlatOp(lambda *values: _run(key, values), "tape")
    _ways[key] = found  # the most recent one is the last to go
    if len(_ways) > _KEPT:
        _ways.popitem(last=False)
    return found if isinstance(found, FlatOp) else None


def _run(key: tuple, values: Sequence) -> list:
    """The gradients: what a tape does, on raw arrays."""
    starts, steps, sources = key
    given = iter(values)
    gradients: dict[int, Any] = {}

    def add(number: int, gradient: Any) -> None:
        known = gradients.get(number)
        gradients[number] = gradient if known is None else known + gradient

    for number, is_ones in starts:
        value = next(given)
        add(number, jnp.ones_like(value) if is_ones else value)
    for pull_back, inputs, outputs in steps:
        arrays = [next(given) for _ in inputs]
        cotangents = [gradients.get(n) for n in outputs]
        if all(c is None for c in cotangents):
            continue
        for number in outputs:
            if number not in sources:
                gradients.pop(number, None)
        for place, gradient in zip(inputs, pull_back.pullback.fn(arrays, cotangents), strict=True):
            if place is not None and gradient is not None:
                number, dtype = place
                add(number, gradient if dtype is None else gradient.astype(dtypes.numpy_dtype(dtype)))
    return [gradients.get(n) for n in sources]

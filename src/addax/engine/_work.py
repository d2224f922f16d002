"""How much a program computes, and whether calling another library in it pays.

A program that calls oneDNN (`kernels/_onednn.py`) is faster, but XLA cannot keep it on the disk: each process compiles
it anew. So the time that its convolutions save has to outweigh, over the runs that a process usually makes, the time
that its operations take to compile. The answer depends on the program alone, never on a clock, so that two runs of a
script compute the same.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from addax.engine._jax import equations

# What oneDNN saves, in seconds for each FLOP, measured in whole nets on two cores of a Zen 4: of a depthwise
# convolution; of a dense one over few places, where Eigen's time goes into the kernel. Of one of few channels it saves
# too little to be compiled in each process: a tenth of a step of the CNN, whose second start takes 0.5 s longer.
_APART, _FEW_PLACES = 4e-11, 4e-11
_PLACES = 128
_LEAST = 1e-4  # seconds: to make the primitive and to reorder the kernel takes half of it
_COMPILED = 1e-3  # seconds for each operation
# How often a process runs, as a rule, a step that learns, and another one.
_TRAININGS, _INFERENCES = 1000, 20

_allowed: ContextVar[bool] = ContextVar("addax_libraries_allowed", default=True)


def flops(equation: Any) -> float:
    """Multiplications and additions of an equation, as far as they count."""
    name, first, last = equation.primitive.name, equation.invars, equation.outvars
    if name == "dot_general":
        (contracted, _), _ = equation.params["dimension_numbers"]
        shape = first[0].aval.shape
        return 2.0 * math.prod(shape[i] for i in contracted) * last[0].aval.size
    if name == "conv_general_dilated":
        channels = last[0].aval.shape[equation.params["dimension_numbers"].out_spec[1]]
        return 2.0 * last[0].aval.size / channels * first[1].aval.size
    if name in _CONVOLUTIONS:
        images, kernel = _CONVOLUTIONS[name](first, last)
        return 2.0 * images.aval.size / images.aval.shape[-1] * kernel.aval.size
    return 0.0


# Which variables of the convolutions of `kernels/_conv.py` are the images that come out, and the kernel.
_CONVOLUTIONS = {
    "addax_conv": lambda first, last: (last[0], first[1]),
    "addax_conv_inputs": lambda first, last: (first[0], first[1]),
    "addax_conv_kernel": lambda first, last: (first[1], last[0]),
}


def seconds_saved(work: float, places: float, depthwise: bool) -> float:
    """What a convolution gains by oneDNN; 0 if that is not worth a call.

    Args:
        work: Its FLOPs.
        places: How many windows there are, in all images together.
        depthwise: Whether each channel is convolved by itself.

    Example:
        >>> seconds_saved(1e9, places=1e6, depthwise=False)
        0.0
    """
    saved = work * (_APART if depthwise else _FEW_PLACES if places <= _PLACES else 0.0)
    return saved if saved >= _LEAST else 0.0


def libraries_pay(jaxpr: Any) -> bool:
    """Whether a program is better off with calls of other libraries.

    Args:
        jaxpr: The program.
    """
    count, saved, learns = 0, 0.0, False
    for equation in equations(jaxpr):
        count += 1
        name = equation.primitive.name
        if name in _CONVOLUTIONS:
            learns |= name == "addax_conv_kernel"
            images = _CONVOLUTIONS[name](equation.invars, equation.outvars)[0].aval.shape
            depthwise = equation.params["form"].groups > 1
            saved += seconds_saved(flops(equation), math.prod(images[:-1]), depthwise)
    return saved * (_TRAININGS if learns else _INFERENCES) > count * _COMPILED


@contextlib.contextmanager
def libraries(allowed: bool) -> Iterator[None]:
    """Whether what is compiled inside may call other libraries.

    Args:
        allowed: False leaves everything to XLA.
    """
    token = _allowed.set(allowed)
    try:
        yield
    finally:
        _allowed.reset(token)


def libraries_allowed() -> bool:
    """Whether what is compiled now may call other libraries.

    Example:
        >>> libraries_allowed()
        True
    """
    return _allowed.get()

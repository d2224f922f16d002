"""JAX, imported when first used: `from addax.engine._jax import jax, jnp, lax`."""

from __future__ import annotations

import functools
import os
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import jax
    import jax.core
    from jax import lax
    from jax import numpy as jnp
else:
    from addax.core.lazy import LazyModule

    class _Jax(LazyModule):
        """A module of JAX; the first use also tells JAX what a `Tensor` is."""

        _ready = False

        def __getattr__(self, name: str) -> Any:
            if not _Jax._ready:
                _Jax._ready = True
                _set_up()
            return super().__getattr__(name)

    jax = _Jax("jax")
    jnp = _Jax("jax.numpy")
    lax = _Jax("jax.lax")


def _set_up() -> None:
    """Set JAX up: tensors and variables are pytrees, so that its functions take them; programs are kept on disk."""
    from addax.engine._import import lean_import
    from addax.engine._memory import keep_memory

    keep_memory()
    drawn = np.random.get_state()
    with lean_import():
        import jax

    np.random.set_state(drawn)  # the import draws from NumPy's generator, which the user may have seeded
    _tell_xla()
    from jax.tree_util import register_pytree_node

    if (
        "JAX_TRACEBACK_FILTERING" not in os.environ
    ):  # hide JAX's frames without a note about it on every error
        jax.config.update("jax_traceback_filtering", "quiet_remove_frames")

    from addax.engine._cache import use_disk_cache
    from addax.engine._code_room import CodeRoom

    use_disk_cache(jax)
    CodeRoom(jax).watch()
    _run_where_called()
    from addax.engine._tensor import Tensor
    from addax.engine._variable import Variable

    register_pytree_node(Tensor, lambda x: ((x._value,), None), lambda _, values: Tensor(values[0]))
    register_pytree_node(Variable, lambda x: ((x._raw(),), None), lambda _, values: values[0])  # its value


_inline = False  # whether programs for a CPU run in the thread that calls them


def _run_where_called() -> None:
    """Have programs for a CPU run in the thread that calls them, not in one of JAX's.

    To hand one over and to be woken costs 10 microseconds, a third of what a small net needs for a row. Training loops
    that have something to do meanwhile use `engine/_behind.py`.
    """
    global _inline
    from jax._src.xla_bridge import backends_are_initialized

    setting = os.environ.get("JAX_CPU_ENABLE_ASYNC_DISPATCH")
    if setting is not None:
        _inline = setting.lower() in ("0", "false", "off", "no", "n", "f")
    elif not backends_are_initialized():
        jax.config.update("jax_cpu_enable_async_dispatch", False)
        _inline = True


def runs_where_called() -> bool:
    """Whether a program runs in the thread that calls it, rather than that the caller goes on at once."""
    return jax.default_backend() == "cpu" and _inline


def _tell_xla() -> None:
    """Have XLA compute convolutions on all cores of a CPU.

    By default it gives them, like products and sums, to YNNPACK, which uses a single core for them: 2.1 milliseconds
    against 1.25 for 32x28x28x32. Products are given to it one by one, as by default: joined with what is around them
    (LIBRARY_FUSION_TYPE_DOT), a product of rank 3 by a constant of equal numbers is wrong.

    And have it compile loops over elements in its older way, which takes a third to a half less time; see
    `loops_compiled`.

    XLA reads its flags from the environment, once; what the user has set there stays in force. They are not left
    there: a process begun from this one may have an XLA that does not know them, and
    would end.
    """
    before = os.environ.get("XLA_FLAGS")
    if before is not None and _FUSIONS in before:
        return
    from jaxlib.xla_client import CompileOptions

    flags = f"--{_FUSIONS}=LIBRARY_FUSION_TYPE_INDIVIDUAL_DOT,LIBRARY_FUSION_TYPE_REDUCE"
    if _EMITTERS not in (before or ""):
        flags += f" --{_EMITTERS}=false"
    os.environ["XLA_FLAGS"] = f"{before or ''} {flags}".strip()
    try:
        CompileOptions()
    finally:
        if before is None:
            del os.environ["XLA_FLAGS"]
        else:
            os.environ["XLA_FLAGS"] = before


_FUSIONS = "xla_cpu_experimental_ynn_fusion_type"
_EMITTERS = "xla_cpu_use_fusion_emitters"


def loops_compiled(jaxpr: Any) -> dict[str, bool] | None:
    """The options of XLA with which a program should be compiled for a CPU.

    Loops over elements that are compiled in the newer way are faster in recurrent networks (7.5 against 9.7
    milliseconds for a step of an LSTM) and by a twentieth in dense ones. Beside convolutions they are slower, by a
    tenth in ResNet-20, and take twice as long to compile.
    """
    if jax.default_backend() != "cpu" or any("conv" in e.primitive.name.split("_") for e in equations(jaxpr)):
        return None
    return {_EMITTERS: True}


__all__ = [
    "closed_call",
    "current_trace",
    "equations",
    "equations_of",
    "is_dimension",
    "jax",
    "jnp",
    "lax",
    "lift",
    "lifted",
    "loops_compiled",
    "not_tracing",
    "on_device",
    "runs_where_called",
    "under",
]


def is_dimension(value: Any) -> bool:
    """Whether a value is a size that an export leaves open, such as `b` or `4*b`."""
    from jax.export import is_symbolic_dim

    return is_symbolic_dim(value)


def not_tracing() -> bool:  # noqa: F811 - the first call puts JAX's own function in its place
    """Whether ops run now, rather than being traced by `jit`, `grad`, `vmap` or `eval_shape`."""
    global not_tracing
    jax.core  # noqa: B018 - the import of JAX goes through the proxy
    from jax._src.core import trace_state_clean  # JAX has no public name for it

    not_tracing = trace_state_clean
    return trace_state_clean()


def on_device(array: Any, sharding: Any = None) -> Any:
    """A NumPy array on the device, or laid out on several; unlike `jnp.asarray` this compiles nothing for a new shape.

    Where its memory happens to be aligned it is used as it is, so nobody may write into it afterwards.
    """
    return jax.device_put(array, sharding)


def current_trace() -> Any:
    """The trace that ops are being added to now."""
    from jax._src.core import take_current_trace  # `jax.extend` would import the whole of Pallas as well

    with take_current_trace() as trace:
        return trace


def under(trace: Any) -> Any:
    """A `with` block whose ops are added to `trace`, an outer one of those in progress."""
    from jax._src.core import set_current_trace

    return set_current_trace(trace)


def closed_call(closed: Any) -> Any:
    """A Python function that runs a closed jaxpr on a flat list of arrays and gives a flat list."""
    from jax._src.core import jaxpr_as_fun

    return jaxpr_as_fun(closed)


def equations(jaxpr: Any) -> Iterator[Any]:
    """The equations of a jaxpr, and of those inside of it, each once."""
    for equation in jaxpr.eqns:
        yield from equations_of(equation)


def equations_of(equation: Any) -> Iterator[Any]:
    """An equation, and those inside of it."""
    yield equation
    for value in equation.params.values():
        for inner in value if isinstance(value, (list, tuple)) else (value,):
            inner = getattr(inner, "jaxpr", inner)
            if hasattr(inner, "eqns"):
                yield from equations(inner)


def lifted(variable: Any, shape: tuple, dtype: Any) -> Any:
    """A stand-in for a variable's value in the current trace; `lift` makes an argument of it."""
    from jax.core import ShapedArray

    return _lift_primitive().bind(aval=ShapedArray(shape, dtype), variable=_Held(variable))


class _Held:
    """A variable as a parameter of a primitive: compared by identity, and not kept alive by JAX's caches."""

    __slots__ = ("variable",)

    def __init__(self, variable: Any) -> None:
        self.variable = weakref.ref(variable)


def lift(closed: Any) -> tuple[Any, list]:
    """A closed jaxpr with the stand-ins as first arguments, and the variables they stand for, in order."""
    primitive, variables, arguments, equations = _lift_primitive(), [], [], []
    for equation in closed.jaxpr.eqns:
        if equation.primitive is primitive:
            variables.append(equation.params["variable"].variable())
            arguments.append(equation.outvars[0])
        else:
            equations.append(equation)
    if not variables:
        return closed, []
    jaxpr = closed.jaxpr.replace(invars=[*arguments, *closed.jaxpr.invars], eqns=equations)
    return closed.replace(jaxpr=jaxpr), variables


@functools.cache
def _lift_primitive() -> Any:
    from jax._src.core import Primitive

    primitive = Primitive("addax_variable")
    primitive.def_abstract_eval(lambda *, aval, variable: aval)
    return primitive

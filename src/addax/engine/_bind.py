"""The one purification: imperative code with variables becomes a pure function, which can then be compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from addax.core import context, dtypes, tree
from addax.engine import _jax
from addax.engine._jax import jax, jnp, lax
from addax.engine._pack import Composite
from addax.engine._tensor import Tensor
from addax.engine._variable import Variable


class Bindings:
    """The values that variables have while pure code runs, and which of them it wrote.

    Args:
        values: Variable -> raw array.
        parent: The bindings outside of these; a variable that is unknown here is read there.
        lift: Whether a variable that is unknown everywhere becomes an argument of the code that is being traced
            (see `engine._compile`); else its present value is read.

    Attributes:
        asserts: Whether somebody raises what assertions inside found; a program that is exported has nobody.
    """

    asserts = True

    def __init__(
        self, values: dict[Variable, Any], parent: Bindings | None = None, *, lift: bool = False
    ) -> None:
        self.values = values
        self.parent = parent
        self.written: dict[Variable, Any] = {}
        self.created: list[Variable] = []
        self.losses: list | None = None  # where layers put losses that somebody collects here
        self._trace = _jax.current_trace() if lift else None

    def read(self, variable: Variable) -> Any:
        """The value of a variable."""
        if variable in self.values:
            return self.values[variable]
        if self.parent is not None:
            return self.parent.read(variable)
        if is_text(variable) or self._trace is None:
            return variable._value
        with _jax.under(self._trace):  # not the trace of a loop or branch that reads it first
            value = _jax.lifted(variable, tuple(variable._shape), _raw_dtype(variable))
        self.values[variable] = value
        return value

    def write(self, variable: Variable, raw: Any) -> None:
        """Set the value of a variable."""
        self.values[variable] = raw
        self.written[variable] = raw

    def add_loss(self, loss: Any) -> None:
        """Hand a layer's loss to those around who collect losses."""
        if self.losses is not None:
            self.losses.append(loss)
        if self.parent is not None:
            self.parent.add_loss(loss)

    def root(self) -> Bindings:
        """The outermost bindings."""
        return self if self.parent is None else self.parent.root()


class ProbeBindings(Bindings):
    """Bindings of shape inference: every variable is abstract, every write is forgotten."""

    def __init__(self) -> None:
        super().__init__({}, lift=True)

    def read(self, variable: Variable) -> Any:
        """A value of the variable's shape and dtype."""
        if variable not in self.values:
            if is_text(variable):
                return variable._value
            with _jax.under(self._trace):
                self.values[variable] = lax.full(variable._shape, 0, dtypes.numpy_dtype(variable._dtype))
        return self.values[variable]

    def write(self, variable: Variable, raw: Any) -> None:
        """Remember the value until the probe ends."""
        self.values[variable] = raw


def _raw_dtype(variable: Variable) -> Any:
    """The dtype of the array that a variable holds (not what it promises: 64 bits may be narrowed)."""
    return jax.dtypes.canonicalize_dtype(variable._value.dtype)


def is_text(variable: Variable) -> bool:
    """Whether a variable holds strings, which never enter a trace."""
    return variable._dtype == "string"


def pure(fn: Callable, variables: Iterable[Variable]) -> Callable:
    """A function of the variables' values that runs `fn` and also returns what it wrote.

    Args:
        fn: Imperative code that may read and assign `variables`.
        variables: The variables whose values become arguments.

    Returns:
        `run(values, *args, **kwargs) -> (result, written)`, where `written` maps variables to raw arrays.

    Example:
        >>> import addax as keras, numpy as np
        >>> v = keras.Variable(1.0)
        >>> result, written = pure(lambda: v.assign_add(1.0), [v])([np.float32(5.0)])
        >>> float(written[v]), float(v)
        (6.0, 1.0)
    """
    variables = list(variables)

    def run(values: Sequence, *args: Any, **kwargs: Any) -> tuple[Any, dict[Variable, Any]]:
        bindings = Bindings(dict(zip(variables, values, strict=True)), context.current().bindings)
        with context.entered(bindings=bindings):
            result = fn(*args, **kwargs)
        return result, bindings.written

    return run


def value_and_grad(fn: Callable, variables: Sequence[Variable]) -> tuple[Any, Any, list]:
    """Run `fn() -> (loss, aux)` once and differentiate the loss with respect to variables.

    What `fn` writes to any variable is kept.

    Args:
        fn: Imperative code; `loss` is a scalar tensor, `aux` any nest of tensors.
        variables: The variables to differentiate by.

    Returns:
        The loss, aux, and a list of raw gradients in the order of `variables`.
    """
    spec: dict[str, Any] = {}
    run = pure(fn, variables)

    def loss_of(values: list) -> tuple[Any, Any]:
        (loss, aux), written = run(values)
        spec["written"] = list(written)
        leaves, spec["rebuild"] = unwrap(aux)
        return raw_of(loss), (leaves, list(written.values()))

    values = [jnp.asarray(v._raw()) for v in variables]
    (loss, (leaves, written)), grads = jax.value_and_grad(loss_of, has_aux=True)(values)
    for variable, raw in zip(spec["written"], written, strict=True):
        variable._write(raw)
    return Tensor(loss), spec["rebuild"](leaves), grads


def raw_of(value: Any) -> Any:
    """The raw array of a tensor, a variable or anything that converts to one."""
    if type(value) is Tensor:
        return value._value
    if isinstance(value, Tensor):
        return value._value
    if isinstance(value, Variable):
        return value._read()
    return value if hasattr(value, "aval") else jnp.asarray(value)


def _form_of(x: Any) -> Callable | None:
    """What makes a composite value again of other tensors, None for anything else."""
    if not isinstance(x, Composite):
        return None
    make, rest = x._from_parts, x._parts()[1]  # a class method: `x`, and its tensors, are not kept
    return lambda parts: make(parts, rest)


def _in_form(form: Callable | None, value: Any) -> Any:
    return value if form is None else form(value)


def unwrap(nest: Any) -> tuple[list, Callable[[Sequence], Any]]:
    """The raw arrays of a nest's tensors, and a function that puts new ones in their places."""
    forms = tree.map_structure(_form_of, nest)
    nest = tree.map_structure(lambda x: x._parts()[0] if isinstance(x, Composite) else x, nest)
    leaves = tree.flatten(nest)
    where = [i for i, x in enumerate(leaves) if _is_array(x)]
    was_raw = [not isinstance(leaves[i], (Tensor, Variable)) for i in where]
    arrays = [raw_of(leaves[i]) for i in where]
    kept = [None if _is_array(x) else x for x in leaves]
    shell = tree.map_structure(lambda _: None, nest)

    def rebuild(new: Sequence) -> Any:
        full = list(kept)
        for i, raw, value in zip(where, was_raw, new, strict=True):
            full[i] = value if raw else Tensor(value)
        return tree.map_structure_up_to(forms, _in_form, forms, tree.pack_sequence_as(shell, full))

    return arrays, rebuild


def _is_array(value: Any) -> bool:
    if isinstance(value, Tensor):
        return value.dtype != "string"
    return isinstance(value, Variable) or hasattr(value, "aval")

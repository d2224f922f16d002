"""`function`: Python code compiled once for each form of its arguments, public as `tf.function`."""

from __future__ import annotations

import copy
import inspect
import types
import warnings
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from addax.core import config, context, dtypes, tree
from addax.core.errors import message
from addax.engine import _jax
from addax.engine._compile import Program, surroundings, trace
from addax.engine._concrete import ConcreteFunction
from addax.engine._errors import (
    IteratesInPython,
    OutOfRangeError,
    ShapeNeedsValue,
    UnknownValue,
    VariableNeedsValue,
)
from addax.engine._infer import PROBES
from addax.engine._jax import jax
from addax.engine._pack import SymbolicArgument, pack, raw_leaves
from addax.engine._recording import NeedsRecording, recorded
from addax.engine._relaxed import relaxed_trace, shapes_of
from addax.engine._signature import Signature, is_spec
from addax.engine._tensor import Tensor
from addax.engine._traces import TraceReport
from addax.engine._variable import Variable, host_array
from addax.engine.autograph import converted, for_tracing, retrying, user_line


class PerformanceWarning(UserWarning):
    """Compiled code is slower than it need be."""


EAGERLY = object()  # in place of a program: this form of arguments is run op by op


class _State:
    """What all views of one function (or of one method of one object) share."""

    def __init__(self) -> None:
        self.programs: dict[Any, Any] = {}
        self.unrelaxed: set = set()
        self.report = TraceReport()
        self.calls = 0
        self.first: Any = None  # the arguments of the first form, specs in place of the tensors
        self.has_created = False
        self.warned_eager = False
        self.recorded = False  # whether it is traced under a tape, since it asks for gradients afterwards


class Function:
    """Python code that is compiled when it is called, once for each form of its arguments.

    Tensors and arrays are told apart by shape and dtype, everything else by value. Python's own effects
    (`print`, appending to a list) happen when the code is traced, those of tensors and variables at each call.
    `if`, `while` and `for` on tensors become part of the compiled code.

    Inside of other compiled code, and on symbolic tensors, the Python function itself runs; so it does
    everywhere after `config.run_functions_eagerly(True)`. Code whose shapes depend on values runs op by op, and
    so does code that takes strings or datasets.

    Args:
        fn: The Python function.
        input_signature: Specs that arguments must fit and are converted to, or None.
        autograph: Whether Python's control flow on tensors is converted.
        jit_compile: If True, code that cannot be compiled is an error and does not run op by op.
        reduce_retracing: Accepted for TensorFlow's sake.
    """

    def __init__(
        self,
        fn: Callable,
        input_signature: Any = None,
        autograph: bool = True,
        jit_compile: bool | None = None,
        reduce_retracing: bool = False,
        name: str | None = None,
    ) -> None:
        if isinstance(fn, Function):
            fn = fn._python
        if not callable(fn):
            raise TypeError(
                message("tf.function needs something to call.", expected="a function", received=fn)
            )
        self._python = fn
        self._autograph = bool(autograph)
        self._jit_compile = jit_compile
        self._reduce_retracing = reduce_retracing
        self._owner: weakref.ref | None = None
        self._kept: Any = None  # the object, for as long as this view of its method lives
        self._views: dict[int, tuple[weakref.ref, Function]] = {}
        self._state = _State()
        self.__name__ = name or getattr(fn, "__name__", type(fn).__name__)
        self.__qualname__ = getattr(fn, "__qualname__", self.__name__)
        self.__doc__ = getattr(fn, "__doc__", None)
        self.__module__ = getattr(fn, "__module__", __name__)
        self._given_signature = input_signature
        self._parameters: Signature | None = None

    # As a method -----------------------------------------------------------------------------------------
    def __get__(self, instance: Any, owner: type | None = None) -> Function:
        if instance is None:
            return self
        found = self._views.get(id(instance))
        if found is None or found[0]() is not instance:
            view = copy.copy(self)
            view._views, view._state, view._parameters = {}, _State(), None
            key = id(instance)
            try:
                view._owner = weakref.ref(instance, lambda _: self._views.pop(key, None))
            except TypeError:  # objects with slots
                view._kept = instance
                return view
            found = self._views[key] = (view._owner, view)
        bound = copy.copy(found[1])
        bound._kept = instance
        return bound

    @property
    def _self(self) -> Any:
        return self._kept if self._owner is None or self._kept is not None else self._owner()

    @property
    def _is_bound(self) -> bool:
        return self._owner is not None or self._kept is not None

    @property
    def python_function(self) -> Callable:
        """The Python function."""
        return types.MethodType(self._python, self._self) if self._is_bound else self._python

    @property
    def function_spec(self) -> Signature:
        """The parameters, and the signature if one was given."""
        if self._parameters is None:
            self._parameters = Signature(self._python, self._given_signature, self.__name__, self._is_bound)
        return self._parameters

    @property
    def __signature__(self) -> inspect.Signature:
        return self.function_spec.signature

    @property
    def input_signature(self) -> Any:
        """The specs that arguments must fit, or None."""
        return self._given_signature

    # Calling ---------------------------------------------------------------------------------------------
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        now = context.current()
        if now.eager or config.get("run_eagerly"):
            return self.python_function(*args, **kwargs)
        if now.bindings is not None or not _jax.not_tracing():
            return self._inlined(args, kwargs)
        bound = self.function_spec.bind(args, kwargs)
        leaves: list = []
        host: list = []
        try:
            form = pack(bound, leaves, host=host)
        except SymbolicArgument:
            return self.python_function(*args, **kwargs)
        if host:
            return self._run_eagerly(bound)
        return self._run(bound, form, leaves)

    def _inlined(self, args: tuple, kwargs: dict) -> Any:
        """The Python function, run inside of other compiled code."""
        form = recorded(self._form()) if self._state.recorded else self._form()
        try:
            return form(*args, **kwargs)
        except NeedsRecording:
            self._state.recorded = True  # for whoever traces that code once more
            raise

    def _form(self) -> Callable:
        return for_tracing(self.python_function) if self._autograph else self.python_function

    def _run(self, bound: tuple, form: Any, leaves: list) -> Any:
        state = self._state
        state.calls += 1
        program = self._relaxed(bound, form, leaves) if self.function_spec.unknown_sizes else None
        if program is None:
            key = (form, surroundings(), tuple([(x.shape, x.dtype) for x in raw_leaves(leaves)]))
            program = state.programs.get(key)
        if program is None:
            program = self._program(bound, form, leaves, key)
        if program is EAGERLY:
            return self._run_eagerly(bound)
        try:
            return program(leaves)
        except jax.errors.UnexpectedTracerError as error:
            raise _leaked(error) from None

    def _run_eagerly(self, bound: tuple) -> Any:
        args, kwargs = bound
        try:
            return self.python_function(*args, **kwargs)
        except (
            StopIteration
        ):  # of a dataset's iterator; a for loop around the call must not take it for its own end
            raise OutOfRangeError("End of sequence") from None

    def _relaxed(self, bound: tuple, form: Any, leaves: list) -> Any:
        """The program for all sizes that the signature leaves open; None if there is none."""
        state = self._state
        arrays = raw_leaves(leaves)
        shapes = shapes_of(self.function_spec.leaf_specs, arrays)
        key = (form, surroundings(), None if shapes is None else tuple(shapes))
        if shapes is None or key in state.unrelaxed:
            return None
        program = state.programs.get(key)
        if program is None:
            try:
                program = self._relaxed_program(form, shapes, arrays)
            except (
                Exception
            ):  # the code needs the sizes, in one of many ways; or it is wrong, as the next trace tells
                state.unrelaxed.add(key)
                return None
            self._note_trace(bound)
            state.programs[key] = program
        return program

    def _relaxed_program(self, form: Any, shapes: list, arrays: Sequence) -> Program:
        kinds = [jax.dtypes.canonicalize_dtype(x.dtype) for x in arrays]
        program = self._traced(lambda run: relaxed_trace(run, form, shapes, kinds, self.__name__))
        if program.created:
            raise self._singletons()
        return program

    def _program(self, bound: tuple, form: Any, leaves: list, key: Any) -> Any:
        state = self._state
        self._note_trace(bound)
        try:
            program = self._trace(form, raw_leaves(leaves))
        except ShapeNeedsValue as error:
            if self._jit_compile:
                raise
            self._warn_eager(error)
            program = EAGERLY
        except VariableNeedsValue:
            if state.has_created:
                raise self._singletons() from None
            state.has_created = True
            return EAGERLY  # this once: the variables get their values, and the next call compiles
        except UnknownValue as error:
            if self._autograph:
                raise
            raise _without_autograph(error, self.__name__) from None
        state.programs[key] = program
        return program

    def _trace(self, form: Any, arrays: Sequence) -> Program:
        """One program; two traces if the first one made variables, to see that the second does not."""
        program = self._trace_once(form, arrays)
        if program.created:
            if self._state.has_created:
                raise self._singletons()
            self._state.has_created = True
            program = self._trace_once(form, arrays)
            if program.created:
                raise self._singletons()
        return program

    def _trace_once(self, form: Any, arrays: Sequence) -> Program:
        specs = [jax.ShapeDtypeStruct(x.shape, jax.dtypes.canonicalize_dtype(x.dtype)) for x in arrays]
        return self._traced(lambda run: trace(run, form, specs, self.__name__, donate=True))

    def _traced(self, make: Callable[[Callable], Program]) -> Program:
        """A program made of the Python function, in the form that a trace can run."""

        def once() -> Program:
            fn = converted(self._form()) if self._autograph else self._form()
            fn = recorded(fn) if self._state.recorded else fn
            return make(lambda args, kwargs: _as_results(fn(*args, **kwargs)))

        try:
            return retrying(once) if self._autograph else once()
        except NeedsRecording:
            if self._state.recorded:
                raise
            self._state.recorded = True
            return self._traced(make)

    # Reports ---------------------------------------------------------------------------------------------
    def _note_trace(self, bound: tuple) -> None:
        state = self._state
        if state.first is None:
            state.first = tree.map_structure(_spec_or_value, bound)
        text = state.report.note(self.function_spec.named(bound), state.calls)
        if text:
            warnings.warn(f"Function '{self.__name__}' {text}", PerformanceWarning, stacklevel=5)

    def _warn_eager(self, error: BaseException) -> None:
        if self._state.warned_eager or isinstance(error, IteratesInPython):
            return
        self._state.warned_eager = True
        where = user_line(error)
        warnings.warn(
            f"Function '{self.__name__}' cannot be compiled and runs step by step: {str(error).splitlines()[0]}"
            + (f"\n  at: {where}" if where else ""),
            PerformanceWarning,
            stacklevel=5,
        )

    def _singletons(self) -> ValueError:
        return ValueError(
            message(
                f"tf.function only supports singleton tf.Variables created on the first call: '{self.__name__}' "
                "creates variables each time that it is traced.",
                expected="variables that are created outside, or once: if self.v is None: self.v = tf.Variable(...)",
            )
        )

    def experimental_get_tracing_count(self) -> int:
        """How many forms of arguments it was traced for."""
        return self._state.report.count

    @property
    def variables(self) -> list[Variable]:
        """The variables that the traced code uses."""
        found = [v for p in self._state.programs.values() if p is not EAGERLY for v in p.users_variables()]
        return list(dict.fromkeys(found))

    @property
    def trainable_variables(self) -> list[Variable]:
        """The trainable ones among them."""
        return [v for v in self.variables if v.trainable]

    def pretty_printed_concrete_signatures(self, verbose: bool = True) -> str:
        """The forms of arguments that it was traced for, one to a line.

        Args:
            verbose: Accepted for TensorFlow's sake.
        """
        return "\n".join(f"{self.__name__}({line})" for line in self._state.report.lines())

    # Concrete functions ----------------------------------------------------------------------------------
    def get_concrete_function(self, *args: Any, **kwargs: Any) -> ConcreteFunction:
        """The function for one form of arguments, given as tensors, specs or Python values.

        Without arguments it is the one of `input_signature`.

        Raises:
            ValueError: If there is neither an argument nor a signature.
        """
        spec = self.function_spec
        if not args and not kwargs and spec.specs is not None:
            bound = spec.from_specs()
        else:
            bound = spec.bind(args, kwargs, specs=True)
        form = tree.map_structure(_spec_or_value, bound)
        if self._state.first is None:
            self._state.first = form
        return ConcreteFunction(self, form)

    def programs_of(self, bound: tuple) -> list[Program]:
        """The program for arguments, made anew; two of different sizes if it must know the sizes that are unknown.

        Args:
            bound: Positional and keyword arguments, specs in place of the tensors.
        """
        leaves: list = []
        form = pack(tree.map_structure(_shaped, bound), leaves)
        specs = raw_leaves(leaves)
        shapes = [tuple(spec.shape) for spec in specs]
        if not any(None in shape for shape in shapes):
            return [self._trace_once(form, specs)]
        try:
            return [self._relaxed_program(form, shapes, specs)]
        except Exception:  # as in `_relaxed`
            return [self._trace_once(form, [_sized(spec, size) for spec in specs]) for size in PROBES]

    @property
    def first_form(self) -> ConcreteFunction | None:
        """The function for its signature, or for the first form of arguments it had; None if there is neither."""
        if self.function_spec.specs is not None:
            return ConcreteFunction(self, self.function_spec.from_specs())
        return None if self._state.first is None else ConcreteFunction(self, self._state.first)

    def experimental_get_compiler_ir(self, *args: Any, **kwargs: Any) -> Callable[[str], str]:
        """A function of a stage (`"hlo"`, `"optimized_hlo"`) that gives the compiled code as text."""
        bound = self.function_spec.bind(args, kwargs)
        leaves: list = []
        form = pack(bound, leaves)
        program = self._trace(form, raw_leaves(leaves))

        def text(stage: str = "hlo") -> str:
            values = [v._raw() for v in program.variables]
            lowered = program.flat.compiled.lower(*values, *raw_leaves(leaves))  # type: ignore[attr-defined]
            return lowered.compile().as_text() if stage.startswith("optimized") else lowered.as_text()

        return text

    def __repr__(self) -> str:
        return f"<tf.function {self.__qualname__}>"


def _as_results(nest: Any) -> Any:
    """The results of a compiled function: Python numbers and strings as tensors, as TensorFlow gives them."""
    return tree.map_structure(_as_result, nest)


def _as_result(leaf: Any) -> Any:
    if isinstance(leaf, (bool, int, float, complex, str, bytes)):
        return Tensor(host_array(leaf))
    return leaf


def _spec_or_value(leaf: Any) -> Any:
    from addax.engine._spec import TensorSpec

    if is_spec(leaf):
        return leaf
    if isinstance(leaf, Tensor):
        return TensorSpec.from_tensor(leaf)
    if isinstance(leaf, (np.ndarray, np.generic)):
        return TensorSpec.from_tensor(Tensor(host_array(leaf)))
    return leaf


def _shaped(leaf: Any) -> Any:
    """For a spec, a tensor that has its shape and dtype and no value; in objects of extension types, too."""
    if not is_spec(leaf):
        return leaf
    if hasattr(leaf, "_placeholder"):
        return leaf._placeholder(_shaped)
    if leaf.shape is None or leaf.dtype == "string":
        raise ValueError(
            message("Graphs are of numbers of known rank.", expected="shape=(...), a dtype", received=leaf)
        )
    kind = np.dtype(dtypes.numpy_dtype(leaf.dtype))
    return Tensor(jax.ShapeDtypeStruct(tuple(leaf.shape), jax.dtypes.canonicalize_dtype(kind)))


def _sized(spec: Any, size: int) -> Any:
    return jax.ShapeDtypeStruct(tuple(size if d is None else d for d in spec.shape), spec.dtype)


def _leaked(error: BaseException) -> BaseException:
    from addax.engine.autograph import explained

    return explained(error)


def _without_autograph(error: UnknownValue, name: str) -> UnknownValue:
    from addax.engine.autograph import explained

    explained(error)
    error.args = (
        f"{error.args[0]}\n  note: '{name}' has autograph=False, so its control flow is not converted.",
    )
    return error


def function(
    func: Callable | None = None,
    input_signature: Any = None,
    autograph: bool = True,
    jit_compile: bool | None = None,
    reduce_retracing: bool = False,
    experimental_implements: Any = None,
    experimental_autograph_options: Any = None,
    experimental_attributes: Any = None,
    experimental_relax_shapes: bool | None = None,
    experimental_compile: bool | None = None,
    experimental_follow_type_hints: bool | None = None,
) -> Any:
    """Compile a Python function, as decorator with or without arguments (see `Function`).

    Args:
        func: The function.
        input_signature: A sequence of `tf.TensorSpec` (or nests of them), one for each positional argument;
            arguments are converted to them.
        autograph: Whether Python's control flow on tensors is converted.
        jit_compile: If True, what cannot be compiled is an error.
        reduce_retracing: Accepted: each shape is compiled for itself.
        experimental_implements: Accepted for TensorFlow's sake.
        experimental_autograph_options: Accepted for TensorFlow's sake.
        experimental_attributes: Accepted for TensorFlow's sake.
        experimental_relax_shapes: The former name of `reduce_retracing`.
        experimental_compile: The former name of `jit_compile`.
        experimental_follow_type_hints: Accepted for TensorFlow's sake.

    Returns:
        The compiled function, or a decorator if `func` is None.

    Example:
        >>> import addax.tf as tf
        >>> @tf.function
        ... def area(w, h):
        ...     print("traced")
        ...     return w * h
        >>> float(area(tf.constant(2.0), tf.constant(3.0))), float(area(tf.constant(4.0), tf.constant(5.0)))
        traced
        (6.0, 20.0)
    """

    def decorate(fn: Callable) -> Function:
        return Function(
            fn,
            input_signature,
            autograph,
            experimental_compile if jit_compile is None else jit_compile,
            bool(experimental_relax_shapes) or reduce_retracing,
        )

    return decorate if func is None else decorate(func)

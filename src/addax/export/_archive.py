"""`ExportArchive`: functions over layers as the endpoints of one SavedModel."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from addax.core import context, tree
from addax.core.errors import message, suggest
from addax.engine import (
    Bindings,
    ConcreteFunction,
    Function,
    Module,
    Tensor,
    TensorSpec,
    Variable,
    pure,
    raw_of,
)
from addax.engine._jax import jnp
from addax.export._archive_specs import SIGNATURE_HINT, as_spec, distinct, plain, standardized
from addax.export._models import DEFAULT_SIGNATURE, check_built, identifier, text_function
from addax.export._program import InputSpec, UntrackedVariables
from addax.export._saved_model import Endpoint, SavedVariable, check_name, write_saved_model
from addax.export._saved_model_graph import TracedEndpoint
from addax.export.text._flat import has_text
from addax.export.text._part import TextPart, split_text
from addax.export.text._trace import split_or_trace, trace_text
from addax.layers import Input, Layer


@dataclass(frozen=True)
class _Registered:
    """An endpoint: the function, its arguments with specs in place of the tensors, and those with tensors by name."""

    function: Function
    bound: tuple[tuple, dict]
    arguments: dict[str, Any]


class _Unknown(Bindings):
    """The bindings around an endpoint's own: they note the variables that the endpoint reads without having them."""

    asserts = False

    def __init__(self) -> None:
        super().__init__({})
        self.found: dict[Variable, None] = {}

    def read(self, variable: Variable) -> Any:
        """The present value."""
        if variable.dtype != "string":  # words are part of the program
            self.found[variable] = None
        return super().read(variable)


class ExportArchive:
    """Collects functions and variables, and writes them as one SavedModel.

    `track` says whose variables go into the file, `add_endpoint` what can be called, `write_out` writes. What an
    endpoint computes are the values that its variables have at `write_out`; what it assigns to them is not kept.

    Args:
        format: `"saved_model"`.

    Raises:
        ValueError: For another format.

    Example:
        >>> import tempfile, addax as keras
        >>> dense = keras.layers.Dense(2, kernel_initializer="ones")
        >>> dense.build((None, 3))
        >>> archive = keras.export.ExportArchive()
        >>> signature = [keras.InputSpec(shape=(None, 3), dtype="float32")]
        >>> _ = archive.track_and_add_endpoint("serve", dense, signature)
        >>> path = f"{tempfile.mkdtemp()}/dense"
        >>> archive.write_out(path, verbose=False)
        >>> keras.export.load_saved_model(path).serve([[1.0, 2.0, 3.0]]).numpy()
        array([[6., 6.]], dtype=float32)
    """

    def __init__(self, format: str = "saved_model") -> None:
        if format != "saved_model":
            raise ValueError(
                message(
                    "Unknown format of an archive.",
                    expected='"saved_model"',
                    received=format,
                    hint="Leave `format` out.",
                )
            )
        self._tracked: dict[Variable, bool] = {}  # variable -> whether it is one to train
        self._endpoints: dict[str, _Registered] = {}
        self._collections: dict[str, list[Variable]] = {}

    # Variables -------------------------------------------------------------------------------------------
    @property
    def variables(self) -> list[Variable]:
        """The variables of what is tracked, those to train first."""
        return [*self.trainable_variables, *self.non_trainable_variables]

    @property
    def trainable_variables(self) -> list[Variable]:
        """Those to train."""
        return [variable for variable, trainable in self._tracked.items() if trainable]

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The others."""
        return [variable for variable, trainable in self._tracked.items() if not trainable]

    def track(self, resource: Any) -> None:
        """Have the variables of a layer in the file.

        Args:
            resource: A layer or model that is built, a `tf.Module` or a variable.

        Raises:
            ValueError: It is none of these, or not built.
        """
        if isinstance(resource, Layer):
            check_built(resource)
            trainable = set(resource.trainable_variables)
            found = {variable: variable in trainable for variable in resource.variables}
        elif isinstance(resource, Module):
            found = {variable: variable.trainable for variable in resource._walk_variables()}
        elif isinstance(resource, Variable):
            found = {resource: bool(resource.trainable)}
        else:
            raise ValueError(
                message(
                    "Nothing whose variables could be tracked.",
                    expected="a layer, a model, a tf.Module or a variable",
                    received=resource,
                    hint="Arrays and tables that an endpoint uses are part of its program without being tracked.",
                )
            )
        for variable, flag in found.items():
            if variable.dtype != "string":
                self._tracked.setdefault(variable, flag)

    def add_variable_collection(self, name: str, variables: Any) -> None:
        """Have a list of variables in the file, as an attribute of the loaded object.

        Args:
            name: The attribute.
            variables: A list, tuple or set of variables.

        Raises:
            ValueError: These are no variables, or the name is taken or none.
        """
        self._check_free(name, "a collection")
        if not isinstance(variables, (list, tuple, set, frozenset)):
            raise ValueError(
                message(
                    f"Collection '{name}' is no list.",
                    expected="a list, tuple or set of variables",
                    received=variables,
                    hint="Put a single variable into a list.",
                )
            )
        wrong = [item for item in variables if not isinstance(item, Variable)]
        if wrong:
            raise ValueError(
                message(
                    f"Collection '{name}' holds more than variables.",
                    expected="keras.Variable or tf.Variable objects",
                    received=wrong[0],
                    hint="Make one with keras.Variable(value).",
                )
            )
        self._collections[name] = list(variables)

    # Endpoints -------------------------------------------------------------------------------------------
    def add_endpoint(
        self, name: str, fn: Callable[..., Any], input_signature: Any = None, **kwargs: Any
    ) -> Function:
        """Have a function in the file.

        Args:
            name: The name of the signature and of the method of the loaded object.
            fn: The function, over layers and variables that are tracked before `write_out`. It returns a tensor
                or a nest of tensors.
            input_signature: A list with, for each positional argument, a spec or a nest of specs:
                `tf.TensorSpec`, `keras.InputSpec`, a symbolic tensor, or a tensor, whose batch size is left
                open as is that of a symbolic tensor. None for a concrete function, or a `tf.function` that has a
                signature or was called: it is exported for the first form of arguments that it was called with.
            **kwargs: `is_static` and `jax2tf_kwargs`, which Keras takes; programs are always native, so nothing
                can be set by them.

        Returns:
            The function as a `tf.function`, for use in other endpoints.

        Raises:
            ValueError: The name is taken or none, or the signature is missing or not complete.
            TypeError: The signature is no list of specs, or `kwargs` hold something else.
        """
        self._check_free(name, "an endpoint")
        _check_options(name, kwargs)
        if input_signature is None:
            function, bound = _called_form(name, fn)
        else:
            specs = standardized(name, input_signature)
            function, bound = _with_signature(fn, specs), (specs, {})
        self._endpoints[name] = _Registered(function, bound, _arguments(name, function, bound))
        return function

    def track_and_add_endpoint(
        self, name: str, resource: Any, input_signature: Any, **kwargs: Any
    ) -> Function:
        """Track a layer or model, and have its call as an endpoint.

        Args:
            name: The name of the endpoint.
            resource: A layer or model that is built.
            input_signature: As for `add_endpoint`.
            **kwargs: As for `add_endpoint`.

        Returns:
            The call as a `tf.function`.

        Raises:
            ValueError: As `track` and `add_endpoint` raise it.
        """
        self.track(resource)
        return self.add_endpoint(name, resource.__call__, input_signature, **kwargs)

    def _check_free(self, name: Any, what: str) -> None:
        check_name(name, what)
        taken = [*self._endpoints, *self._collections]
        if name in taken:
            raise ValueError(
                message(
                    f"The archive has '{name}' already.",
                    expected=f"a name other than {', '.join(taken)}",
                    received=repr(name),
                    hint=f"Give {what} a name of its own.",
                )
            )

    # Writing ---------------------------------------------------------------------------------------------
    def write_out(self, filepath: str | os.PathLike[str], options: Any = None, verbose: bool = True) -> None:
        """Write the SavedModel.

        Each endpoint is a signature and a method; the first one is also the signature `serving_default`, unless
        an endpoint has that name.

        Args:
            filepath: The folder.
            options: Accepted for TensorFlow's sake.
            verbose: Whether the endpoints are printed.

        Raises:
            ValueError: There is no endpoint, one uses variables that are not tracked, or one cannot be traced.
        """
        if not self._endpoints:
            raise ValueError(
                message(
                    "The archive has no endpoint.",
                    expected="one or more",
                    received="none",
                    hint="Call add_endpoint(name, fn, input_signature) before write_out().",
                )
            )
        saved = {v: SavedVariable(v.path, np.asarray(v), t) for v, t in self._tracked.items()}
        variables = self.variables
        others = {v: None for group in self._collections.values() for v in group if v not in saved}
        everything = saved | {v: SavedVariable(v.path, np.asarray(v), bool(v.trainable)) for v in others}
        default = DEFAULT_SIGNATURE if DEFAULT_SIGNATURE in self._endpoints else next(iter(self._endpoints))
        traced = write_saved_model(
            filepath,
            {
                name: _endpoint(name, registered, variables, callable_too=name == default)
                for name, registered in self._endpoints.items()
            },
            [saved[v] for v in variables],
            aliases={} if default == DEFAULT_SIGNATURE else {DEFAULT_SIGNATURE: default},
            collections={name: [everything[v] for v in group] for name, group in self._collections.items()},
        )
        if verbose:
            print("\n".join([f"Saved artifact at '{filepath}'. Endpoints:", *map(_line, traced)]))


def _check_options(name: str, options: Mapping[str, Any]) -> None:
    known = ("is_static", "jax2tf_kwargs")
    unknown = [key for key in options if key not in known]
    if unknown:
        raise TypeError(
            message(
                "Unknown argument of an endpoint.",
                expected=", ".join(known),
                received=unknown[0],
                hint=suggest(unknown[0], known),
                where=name,
            )
        )
    settings = dict(options.get("jax2tf_kwargs") or {})
    if settings.pop("native_serialization", True) is not True or settings:
        raise ValueError(
            message(
                "Programs are always stored natively, so nothing of jax2tf can be set.",
                expected="{'native_serialization': True}, or nothing",
                received=f"{options['jax2tf_kwargs']}",
                hint="Say in input_signature which sizes are open.",
                where=name,
            )
        )


def _with_signature(fn: Any, specs: tuple[Any, ...]) -> Function:
    if isinstance(fn, Function):
        return Function(fn.python_function, specs, fn._autograph)
    return Function(fn, specs, autograph=False)


def _called_form(name: str, fn: Any) -> tuple[Function, tuple[tuple, dict]]:
    """A function that knows its arguments, and these arguments with specs in place of the tensors."""
    if isinstance(fn, ConcreteFunction):
        form, fn = fn, fn._function
    else:
        form = fn.first_form if isinstance(fn, Function) else None
    if form is None:
        raise ValueError(
            message(
                "The inputs of the endpoint are not known.",
                expected="an input_signature, or a tf.function that has one or was called",
                received="a tf.function that was not called" if isinstance(fn, Function) else fn,
                hint=f"add_endpoint('{name}', fn, {SIGNATURE_HINT}).",
                where=name,
            )
        )
    args, kwargs = form.structured_input_signature
    return fn, (tuple(args), {key: kwargs[key] for key in sorted(kwargs)})


def _arguments(name: str, function: Function, bound: tuple[tuple, dict]) -> dict[str, Any]:
    """The arguments with tensors in them, by name; Python values are part of the program."""
    args, kwargs = bound
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = function.__signature__.parameters.values()
    names = [p.name for p in parameters if p.kind in positional][: len(args)]
    names += [f"args_{number}" for number in range(len(args) - len(names))]
    found = {}
    for key, nest in {**dict(zip(names, args, strict=True)), **kwargs}.items():
        leaves = tree.flatten(nest)
        kinds = {isinstance(leaf, TensorSpec) for leaf in leaves}
        # TensorFlow flattens every dict by its keys, an OrderedDict as well.
        as_flattened = tree.flatten(plain(nest, lambda leaf: leaf)) if kinds == {True} else leaves
        if kinds == {True, False} or any(a is not b for a, b in zip(leaves, as_flattened, strict=True)):
            raise ValueError(
                message(
                    f"Argument '{key}' mixes tensors with other values, or has an order of its own.",
                    expected="plain nests of tensors only, or none",
                    received=nest,
                    hint="Pass an input_signature, and leave the other values to the function.",
                    where=name,
                )
            )
        if kinds == {True}:
            found[key] = plain(nest, lambda leaf: as_spec(name, leaf))
    return found


def _endpoint(
    name: str, registered: _Registered, variables: list[Variable], *, callable_too: bool
) -> Endpoint:
    """The endpoint as the writer takes it."""
    leaves = tree.flatten(registered.bound)

    def function(values: Any, *inputs: Any) -> Any:
        given = iter(inputs)
        filled = [Tensor(jnp.asarray(next(given))) if isinstance(x, TensorSpec) else x for x in leaves]
        args, kwargs = tree.pack_sequence_as(registered.bound, filled)
        result, _ = pure(registered.function, variables)(list(values), *args, **kwargs)
        return tree.map_structure(lambda x: None if x is None else raw_of(x), result)

    places = [key for key, nest in registered.arguments.items() for _ in tree.flatten(nest)]
    specs = tree.flatten(list(registered.arguments.values()))
    names = distinct([identifier(spec.name or key) for spec, key in zip(specs, places, strict=True)])
    numbers = iter(range(len(specs)))
    part = _text_part(name, registered, leaves, names, variables)
    return Endpoint(
        _watched(name, function if part is None else text_function(part, variables)),
        _specs_of(specs, names),
        {
            key: tree.pack_sequence_as(nest, [next(numbers) for _ in tree.flatten(nest)])
            for key, nest in registered.arguments.items()
        },
        methods=(name, "__call__") if callable_too else (name,),
        text=part,
    )


def _text_part(
    name: str, registered: _Registered, leaves: list[Any], names: list[str], variables: list[Variable]
) -> TextPart | None:
    """The endpoint in parts, if there is something in it that a program cannot do; else None."""
    specs = [x for x in leaves if isinstance(x, TensorSpec)]
    owner: Any = getattr(registered.function.python_function, "__self__", None)
    symbolic = getattr(owner, "inputs", None) if isinstance(owner, Layer) else None
    on_host = symbolic is not None and has_text(symbolic, owner.output)

    def traced() -> TextPart:
        return trace_text(_on_leaves(registered, leaves), _specs_of(specs, names), variables, name)

    if not on_host and not any(spec.dtype == "string" for spec in specs):
        return None if isinstance(owner, Layer) else _part_of_numbers(traced)
    inputs = [
        Input(batch_shape=tuple(spec.shape or ()), dtype=spec.dtype, name=n)
        for spec, n in zip(specs, names, strict=True)
    ]
    given = iter(inputs)
    filled = [next(given) if isinstance(x, TensorSpec) else x for x in leaves]
    args, kwargs = tree.pack_sequence_as(registered.bound, filled)
    return split_or_trace(
        lambda: split_text(inputs, names, registered.function.python_function(*args, **kwargs)), traced
    )


def _part_of_numbers(traced: Callable[[], TextPart]) -> TextPart | None:
    """The parts of a function that takes numbers alone, if it makes texts of them."""
    try:
        part = traced()
    except ValueError:  # the trace that follows says what is wrong
        return None
    return part if part.before.nodes or part.after.nodes else None


def _on_leaves(registered: _Registered, leaves: list[Any]) -> Callable[..., Any]:
    """An endpoint's function of the tensors among its arguments."""

    def function(*inputs: Any) -> Any:
        given = iter(inputs)
        filled = [next(given) if isinstance(x, TensorSpec) else x for x in leaves]
        args, kwargs = tree.pack_sequence_as(registered.bound, filled)
        return registered.function(*args, **kwargs)

    return function


def _specs_of(specs: list[Any], names: list[str]) -> list[InputSpec]:
    return [InputSpec(n, tuple(s.shape), str(s.dtype)) for n, s in zip(names, specs, strict=True)]


def _watched(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that refuses variables it was not given."""

    def watching(values: Any, *inputs: Any) -> Any:
        unknown = _Unknown()
        with context.entered(bindings=unknown):
            result = function(values, *inputs)
        if unknown.found:
            raise _untracked(name, list(unknown.found))
        return result

    return watching


def _untracked(name: str, variables: list[Variable]) -> UntrackedVariables:
    shown = ", ".join(variable.path for variable in variables[:5])
    more = f" and {len(variables) - 5} more" if len(variables) > 5 else ""
    return UntrackedVariables(
        message(
            "The endpoint uses variables that are not tracked.",
            expected="variables of layers and models that the archive tracks",
            received=shown + more,
            hint="Call archive.track(layer) for the layer or model that owns them.",
            where=name,
        )
    )


def _line(endpoint: TracedEndpoint) -> str:
    pairs = zip(endpoint.input_names, endpoint.inputs, strict=True)
    inputs = ", ".join(f"{name}: {_shown(spec)}" for name, spec in pairs)
    results = endpoint.outputs
    outputs = ", ".join(f"{key}: {_shown(results[n])}" for key, n in endpoint.named_results.items())
    return f"  {endpoint.name}({inputs}) -> {outputs}"


def _shown(spec: Any) -> str:
    return f"{'string' if spec.dtype.kind == 'O' else spec.dtype}{list(spec.shape)}"

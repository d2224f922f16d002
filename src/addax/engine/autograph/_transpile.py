"""Python functions rewritten so that `if`, `while`, `for` and logic ask the operators of this package.

The rewriting is that of `diastatic-malt` (AutoGraph kept as a library). What it gives is compiled here, from
the syntax tree, with the file name and line numbers of the user's source, so that errors point there.
"""

from __future__ import annotations

import ast
import functools
import inspect
import threading
import types
import warnings
from collections.abc import Callable
from typing import Any

_lock = threading.RLock()
_factories: dict[types.CodeType, Any] = {}  # code -> factory of the rewritten function, or why there is none
_rewritten: set[types.CodeType] = set()


class CannotConvert(Exception):
    """A function cannot be rewritten: its source is not there, or it uses what the rewriting does not know."""


def is_rewritten(code: types.CodeType) -> bool:
    """Whether code is the product of `rewrite`."""
    return code in _rewritten


def rewrite(fn: types.FunctionType) -> Callable:
    """The rewritten form of a function, with its globals, closure and defaults.

    Raises:
        CannotConvert: If it cannot be rewritten.
    """
    code = fn.__code__
    if code in _rewritten:
        return fn
    with _lock:
        factory = _factories.get(code)
        if factory is None:
            factory = _factories[code] = _make_factory(fn)
    if isinstance(factory, CannotConvert):
        raise factory
    return factory.instantiate(fn)


def source_of(fn: types.FunctionType) -> str:
    """The source of the rewritten form of a function.

    Raises:
        CannotConvert: If it cannot be rewritten.
    """
    found = _parsed(fn)
    if isinstance(found, CannotConvert):
        raise found
    return ast.unparse(ast.fix_missing_locations(found[0]))


class _Factory:
    """Compiled code that makes the rewritten function for any closure over the same source."""

    def __init__(self, code: types.CodeType, names: tuple[str, ...]) -> None:
        self._code, self._names = code, names
        self._inner: types.CodeType | None = None

    def instantiate(self, fn: types.FunctionType) -> Callable:
        from addax.engine.autograph import _operators

        cells = dict(zip(self._names, fn.__closure__ or (), strict=True))
        closure = tuple(cells[name] for name in self._code.co_freevars)
        make = types.FunctionType(self._code, fn.__globals__, "make", (), closure)
        new = make(_operators)
        if self._inner is None:  # under its own name in tracebacks
            self._inner = new.__code__.replace(
                co_name=fn.__code__.co_name, co_qualname=fn.__code__.co_qualname
            )
            _rewritten.add(new.__code__ if self._inner is None else self._inner)
        new.__code__ = self._inner
        new.__defaults__ = fn.__defaults__
        new.__kwdefaults__ = fn.__kwdefaults__
        new.__name__, new.__qualname__, new.__module__ = fn.__name__, fn.__qualname__, fn.__module__
        new.__doc__ = fn.__doc__
        return new


def _make_factory(fn: types.FunctionType) -> Any:
    found = _parsed(fn)
    return found if isinstance(found, CannotConvert) else _compile(fn, *found)


def _parsed(fn: types.FunctionType) -> Any:
    """The syntax tree of the rewritten function and its name there, or why there is none."""
    from malt.pyct import errors

    if inspect.isgeneratorfunction(fn) or inspect.iscoroutinefunction(fn):
        return CannotConvert("generators and coroutines are not converted")
    bare = types.FunctionType(
        fn.__code__, fn.__globals__, fn.__name__, None, fn.__closure__
    )  # no `__wrapped__`
    try:
        return _converter().convert(bare)
    except errors.InaccessibleSourceCodeError:
        return CannotConvert(
            "its source is not available (a function typed into the interpreter, or from exec)"
        )
    except Exception as error:  # whatever malt stumbles over, the function can still run as it is
        text = str(error).strip().splitlines()
        return CannotConvert(text[0] if text else type(error).__name__)


def _compile(fn: types.FunctionType, nodes: Any, name: str) -> _Factory:
    """Code of `def make(ag__): <the function>; return <its name>`, inside a scope that has its free variables."""
    names = fn.__code__.co_freevars
    template = ast.parse(f"def outer():\n  def make(ag__):\n    return {name}\n  return make")
    outer: Any = template.body[0]
    outer.body[0].body[:0] = nodes if isinstance(nodes, list) else [nodes]
    outer.body[:0] = [ast.Assign([ast.Name(n, ast.Store())], ast.Constant(None)) for n in names]
    _Lines(fn.__code__.co_firstlineno).visit(template)
    scope: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # Python gave them for the original
        exec(compile(template, fn.__code__.co_filename, "exec"), scope)  # noqa: S102
    code = scope["outer"]().__code__
    _remember(code)
    return _Factory(code, names)


def _remember(code: types.CodeType) -> None:
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            _rewritten.add(const)
            _remember(const)


class _Lines(ast.NodeVisitor):
    """Gives every node the line that it came from; new nodes get the line of what stands before them."""

    def __init__(self, first: int) -> None:
        from malt.pyct import anno

        self._origin = functools.partial(anno.getanno, key=anno.Basic.ORIGIN, default=None)
        self._line = first

    def visit(self, node: ast.AST) -> None:
        """Place one node and those below it."""
        origin = self._origin(node)
        if origin is not None:
            self._line = origin.loc.lineno  # type: ignore[attr-defined] - malt's OriginInfo
        if "lineno" in node._attributes:
            node.lineno = node.end_lineno = self._line  # type: ignore[attr-defined]
            node.col_offset = node.end_col_offset = -1  # type: ignore[attr-defined]  # unknown
        self.generic_visit(node)


def _forget_annotations(function: Any) -> None:
    """Drop annotations, which may name what is not visible where the rewritten function is made."""
    function.returns = None
    arguments = function.args
    for argument in (
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ):
        if argument is not None:
            argument.annotation = None


@functools.cache
def _converter() -> Any:
    import importlib.util  # noqa: F401 - malt uses it without importing it

    from malt.core import converter
    from malt.impl import api
    from malt.pyct import transpiler

    class Options(converter.ConversionOptions):
        """Options that leave no trace in the rewritten code, since our operators ask for none."""

        def call_options(self) -> Any:
            return self

        def to_ast(self) -> Any:
            return ast.Constant(None)

    class Converter(api.PyToPy):
        """The rewriting of malt, up to the syntax tree."""

        def convert(self, fn: Any) -> tuple[Any, str]:
            features: Any = (converter.Feature.ASSERT_STATEMENTS,)
            options = Options(recursive=True, user_requested=True, optional_features=features)
            context = converter.ProgramContext(options=options)
            nodes: Any
            nodes, info = transpiler.GenericTranspiler.transform_function(self, fn, context)
            name = info.info.name
            if isinstance(nodes, ast.Lambda):
                return ast.Assign(targets=[ast.Name(name, ast.Store())], value=nodes), name
            nodes.name = name
            _forget_annotations(nodes)
            return nodes, name

    return Converter()

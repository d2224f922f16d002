"""Whether a function may need to be rewritten: a look at its source, and what failed traces taught.

Rewriting takes 10 to 90 ms a function, as much as tracing it, so it is not done to all. What the user hands to
`function` is rewritten at the first sign of control flow, for a second trace would repeat Python's effects.
What is called from there, and what Keras calls, is rewritten if a condition or loop looks like one on tensors,
or once a trace has failed in it.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
import types
from typing import Any

_marked: set[types.CodeType] = set()
_kept: set[types.CodeType] = set()
_seen: dict[tuple[types.CodeType, bool], bool] = {}
_PLAIN_CALLS = frozenset("isinstance hasattr callable issubclass".split())
_PLAIN_LOOPS = frozenset("enumerate zip reversed sorted items values keys".split())


def mark(code: types.CodeType) -> bool:
    """Note that a trace failed in this code, because Python asked a tensor for its value; False if that is known."""
    if code in _marked or code in _kept:
        return False
    _marked.add(code)
    return True


def is_marked(code: types.CodeType) -> bool:
    """Whether a trace failed in this code."""
    return code in _marked and code not in _kept


def keep_python(fn: Any) -> Any:
    """Decorator: leave the control flow of a function as it is, also under a trace."""
    code = getattr(getattr(fn, "__func__", fn), "__code__", None)
    if code is not None:
        _kept.add(code)
    return fn


def wants_conversion(fn: types.FunctionType, careful: bool = False) -> bool:
    """Whether a function has control flow that may hang on a tensor.

    Args:
        fn: The function.
        careful: Count control flow that very likely does not (`if training:`, `for layer in self.layers:`) too.
            Where it is not counted and does after all, the trace fails and is made again (see `_retry`).
    """
    code = fn.__code__
    if code in _kept:
        return False
    if code in _marked:
        return True
    known = _seen.get((code, careful))
    if known is None:
        known = _seen[code, careful] = _look(fn, careful)
    return known


def _look(fn: types.FunctionType, careful: bool) -> bool:
    try:
        source = textwrap.dedent(inspect.getsource(fn.__code__))
        tree = ast.parse(source)
    except (OSError, TypeError, SyntaxError):  # no source, or a lambda in the middle of an expression
        return careful
    search = _Search(careful)
    search.visit(tree)
    return search.found


class _Search(ast.NodeVisitor):
    def __init__(self, careful: bool) -> None:
        self.careful = careful
        self.found = False

    def visit_If(self, node: ast.If) -> None:
        self._test(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._test(node.test)
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self.found = True

    def visit_For(self, node: ast.For) -> None:
        if self.careful or not _plain_loop(node.iter):
            self.found = True
        self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> None:
        self._test(node.test)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        for value in node.values:
            self._test(value)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self._test(node.operand)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        if len(node.ops) > 1:
            self.found = True
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id in (
            "range",
            "int",
            "float",
            "min",
            "max",
            "any",
            "all",
        ):
            self.found = self.found or self.careful
        self.generic_visit(node)

    def _test(self, node: ast.expr) -> None:
        if not _plain_test(node, self.careful):
            self.found = True


def _plain_test(node: ast.expr, careful: bool) -> bool:
    """Whether a condition surely (or, if not careful, very likely) does not hang on a tensor."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.BoolOp):
        return all(_plain_test(value, careful) for value in node.values)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return _plain_test(node.operand, careful)
    if isinstance(node, ast.Compare):
        if all(isinstance(op, (ast.Is, ast.IsNot)) for op in node.ops):
            return True
        return any(_is_text(side) for side in (node.left, *node.comparators))
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in _PLAIN_CALLS
    return not careful and isinstance(node, (ast.Name, ast.Attribute))


def _is_text(node: Any) -> bool:
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return bool(node.elts) and all(_is_text(item) for item in node.elts)
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _plain_loop(node: ast.expr) -> bool:
    """Whether what is iterated over is very likely no tensor."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Attribute)):
        return True
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        return name in _PLAIN_LOOPS
    return isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute)

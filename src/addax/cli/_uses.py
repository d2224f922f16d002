"""The names of TensorFlow and Keras in a Python source, which is read and not run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from addax.compat._lookup import HEADS

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def used_names(source: str, filename: str = "<source>") -> dict[str, list[int]]:
    r"""Find the names that a source uses.

    Args:
        source: The text of a Python file.
        filename: Its name, for messages.

    Returns:
        The lines in which it stands, by full name (`tensorflow.keras.layers.Dense`), whatever the import called it.

    Raises:
        SyntaxError: If it is no Python.

    Example:
        >>> used_names("import tensorflow as tf\nlayers = tf.keras.layers\nx = layers.Dense(3)")
        {'tensorflow': [1], 'tensorflow.keras.layers': [2], 'tensorflow.keras.layers.Dense': [3]}
    """
    reader = _Reader()
    reader.read(ast.parse(source, filename))
    return {name: sorted(set(lines)) for name, lines in sorted(reader.uses.items())}


class _Reader(ast.NodeVisitor):
    """Goes through a source with a stack of scopes: what a name stands for, or None if for something else."""

    def __init__(self) -> None:
        self.uses: dict[str, list[int]] = {}
        self._scopes: list[dict[str, str | None]] = [{}]

    def read(self, tree: ast.Module) -> None:
        """Take in a source."""
        self._bind_names(tree)
        self.visit(tree)

    # Scopes ----------------------------------------------------------------------------------------------
    def _bind_names(self, scope: ast.AST) -> None:
        """Note what the names of a scope stand for: imports first, then names for parts of what is imported."""
        assigned = []
        for node in _own_nodes(scope):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self._scopes[-1].update(_imported(node))
            elif isinstance(node, ast.Assign):
                assigned.append(node)
        for node in assigned:
            if not _names_itself(node):
                self._bind_alias(node)

    def _bind_alias(self, node: ast.Assign) -> None:
        full = self._full_name(node.value)
        for target in node.targets:
            if full is not None and isinstance(target, ast.Name):
                self._scopes[-1][target.id] = full

    def _enter(self, node: Any) -> None:
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
        hidden: dict[str, str | None] = dict.fromkeys(one.arg for one in every)
        elsewhere = {
            name
            for inner in _own_nodes(node)
            if isinstance(inner, (ast.Global, ast.Nonlocal))
            for name in inner.names
        }
        for inner in _own_nodes(node):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store) and inner.id not in elsewhere:
                hidden[inner.id] = None
        self._scopes.append(hidden)
        self._bind_names(node)

    def visit(self, node: ast.AST) -> None:
        """Go through a part of the source; a function opens a scope."""
        if isinstance(node, _FUNCTIONS):
            self._visit_function(node)
        else:
            super().visit(node)

    def _visit_function(self, node: Any) -> None:
        for outside in (*getattr(node, "decorator_list", ()), getattr(node, "returns", None), node.args):
            if outside is not None:
                self.visit(outside)
        self._enter(node)
        for inside in node.body if isinstance(node.body, list) else [node.body]:
            self.visit(inside)
        self._scopes.pop()

    # Uses ------------------------------------------------------------------------------------------------
    def _full_name(self, node: ast.AST) -> str | None:
        """What a dotted name stands for; None if it is not ours to know."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        for scope in reversed(self._scopes):
            if node.id in scope:
                first = scope[node.id]
                return None if first is None else ".".join([first, *reversed(parts)])
        return None

    def _note(self, name: str, node: Any) -> None:
        self.uses.setdefault(name, []).append(node.lineno)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """A dotted name; only the whole of it counts."""
        full = self._full_name(node)
        if full is None:
            self.generic_visit(node)
        else:
            self._note(full, node)

    def visit_Name(self, node: ast.Name) -> None:
        """A name that stands for something imported."""
        full = self._full_name(node) if isinstance(node.ctx, ast.Load) else None
        if full is not None:
            self._note(full, node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """`tf = tf.compat.v1`, which holds from here on."""
        self.generic_visit(node)
        if _names_itself(node):
            self._bind_alias(node)

    def visit_Import(self, node: ast.Import) -> None:
        """`import tensorflow.keras as keras`."""
        for one in node.names:
            if one.name.partition(".")[0] in HEADS:
                self._note(one.name, node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """`from tensorflow.keras import layers`."""
        if not node.level and node.module and node.module.partition(".")[0] in HEADS:
            for one in node.names:
                self._note(node.module if one.name == "*" else f"{node.module}.{one.name}", node)


def _names_itself(node: ast.Assign) -> bool:
    """Whether a name is given to a part of what it stands for."""
    first = node.value
    while isinstance(first, ast.Attribute):
        first = first.value
    return isinstance(first, ast.Name) and any(
        isinstance(target, ast.Name) and target.id == first.id for target in node.targets
    )


def _imported(node: ast.Import | ast.ImportFrom) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for one in node.names:
        if isinstance(node, ast.Import):
            head = one.name.partition(".")[0]
            full, name = (one.name, one.asname) if one.asname else (head, head)
        else:
            full, name = f"{node.module}.{one.name}", one.asname or one.name
            head = (node.module or "").partition(".")[0] if not node.level else ""
        if one.name != "*":
            found[name] = full if head in HEADS else None
    return found


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """Everything in a scope but what is in functions inside of it."""
    left = list(ast.iter_child_nodes(scope))
    while left:
        node = left.pop(0)
        yield node
        if not isinstance(node, _FUNCTIONS):
            left[:0] = ast.iter_child_nodes(node)

"""The two meta-path finders: one serves the foreign names, one explains the names that nobody has."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING, Any

from addax.compat._aliases import ALIASES, FORMER_MODULES, GONE, MOVED, PRIVATE
from addax.compat._missing import elsewhere, hint_for, how_asked, private_hint, public_name
from addax.core.errors import message
from addax.core.lazy import Namespace

if TYPE_CHECKING:
    from importlib.abc import Loader
else:
    Loader = object  # the real one costs 13 ms of imports and adds nothing that we need

# What the import system writes onto a module that lacks it. `__path__` is what lets `import a.b.c` look below
# `a.b`, so it is welcome on a plain module and on a namespace object; `uninstall` takes it off again.
_IMPORT_ATTRIBUTES = ("__name__", "__loader__", "__package__", "__path__", "__spec__")


_INSIDE_PRIVATE = tuple(f"{name}." for name in PRIVATE)


class AliasFinder:
    """Serves foreign module names with the very module objects of Addax.

    Args:
        aliases: Foreign name -> dotted names of the namespaces that may stand behind it.
        former: Foreign namespace -> dotted former submodules that are the namespace itself today.
        gone: Foreign module -> what to do instead of importing it.
        moved: The same as `aliases`, for former names which messages do not use.
    """

    def __init__(
        self,
        aliases: Mapping[str, Sequence[str]] = ALIASES,
        former: Mapping[str, Sequence[str]] = FORMER_MODULES,
        gone: Mapping[str, str] = GONE,
        moved: Mapping[str, Sequence[str]] = MOVED,
    ) -> None:
        self.heads = frozenset(alias.partition(".")[0] for alias in (*aliases, *moved))
        self._aliases, self._former, self._gone, self._moved = aliases, former, gone, moved
        self._root = next(iter(aliases.values()))[0].partition(".")[0]
        self._served: dict[str, Any] = {}
        self._added: list[tuple[Any, str]] = []

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a foreign name; None for a name that is not ours to serve.

        Raises:
            ImportError: The name is ours to serve, but Addax has nothing under it.
        """
        if fullname.partition(".")[0] not in self.heads:
            return None
        found = self._resolve(fullname)
        if found is None:
            if how_asked() == "probe":
                return None
            raise self._missing(fullname)
        spec = ModuleSpec(
            fullname, _AliasLoader(self, fullname, found), origin=getattr(found, "__name__", None)
        )
        spec.submodule_search_locations = []
        return spec

    def adopt(self, alias: str, namespace: Any) -> None:
        """Note that `alias` is served, and serve its former submodules with it."""
        self._served[alias] = namespace
        parent, _, name = alias.rpartition(".")
        if parent and not hasattr(sys.modules[parent], name):
            self.will_remove(sys.modules[parent], name)  # the import system is about to set it
        for former in self._former.get(alias, ()):
            # Into sys.modules at once rather than on demand: the import system would write the alias over
            # an inner package of the same name (`addax.engine`) as an attribute.
            name = f"{alias}.{former}"
            if name not in sys.modules and not _offers(namespace, former.partition(".")[0]):
                sys.modules[name] = self._served[name] = namespace
                child = former.rpartition(".")[2]
                if not _is_root(namespace) and child not in vars(namespace):
                    setattr(namespace, child, namespace)
                    self.will_remove(namespace, child)

    def will_remove(self, namespace: Any, attribute: str) -> None:
        """Note that `attribute` was added to `namespace` for the hook's sake."""
        self._added.append((namespace, attribute))

    def withdraw(self) -> None:
        """Take everything back: the aliases in `sys.modules` and the attributes that the hook added."""
        for name, namespace in self._served.items():
            if sys.modules.get(name) is namespace:
                del sys.modules[name]
        for namespace, attribute in self._added:
            if attribute in vars(namespace):
                delattr(namespace, attribute)
        self._served.clear()
        self._added.clear()

    def _resolve(self, fullname: str) -> Any:
        if fullname in self._gone:
            return None
        for target in (*self._aliases.get(fullname, ()), *self._moved.get(fullname, ())):
            found = _locate(target)
            if found is not None:
                return found
        parent, _, name = fullname.rpartition(".")
        if parent not in sys.modules:
            return None
        namespace = sys.modules[parent]
        if parent.startswith(_INSIDE_PRIVATE) and not _offers(namespace, name):
            return namespace if how_asked() == "import" else None
        return _child(namespace, name)

    def _missing(self, fullname: str) -> ImportError:
        parent, _, name = fullname.rpartition(".")
        namespace = sys.modules.get(parent)
        if how_asked() == "from":
            places = elsewhere(name, sys.modules.get(self._root), self._aliases)
            return _cannot_import(parent, name, namespace, places)
        if fullname in self._gone:
            hint = self._gone[fullname]
        elif private_hint(parent):
            hint = private_hint(parent)
        elif namespace is None:
            hint = f"This Addax has no {' or '.join(self._aliases[fullname])} to stand in for it."
        elif not name.startswith("_") and getattr(namespace, name, None) is not None:
            hint = f"It is not a module. Write: from {parent} import {name}"
        else:
            hint = hint_for(parent, name, dir(namespace))
        problem = f"No module named {fullname!r}; Addax serves {fullname.partition('.')[0]!r} here."
        return ModuleNotFoundError(message(problem, hint=hint), name=fullname)


class MissingNameFinder:
    """Stands last and explains names of our own packages that no other finder knows.

    `from keras.layers import Foo` ends in a bare "cannot import name" of Python's, which swallows what
    the module itself has to say. Before that it looks for a submodule `addax.layers.Foo`, and comes here.

    Args:
        root: The top-level package whose names are explained.
        aliases: Foreign name -> dotted names behind it, for messages in the user's words.
    """

    def __init__(self, root: str = "addax", aliases: Mapping[str, Sequence[str]] = ALIASES) -> None:
        self._root, self._aliases = root, aliases

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> None:
        """None, but for `from ... import` of a name that does not exist.

        Raises:
            ImportError: Names what was asked for and the nearest that exists.
        """
        if not fullname.startswith(f"{self._root}.") or how_asked() != "from":
            return
        parent, _, name = fullname.rpartition(".")
        namespace = sys.modules.get(parent)
        if getattr(getattr(namespace, "__spec__", None), "_initializing", False):
            return  # a circular import, of which Python has more to say
        places = elsewhere(name, sys.modules.get(self._root), self._aliases)
        raise _cannot_import(public_name(parent, self._aliases), name, namespace, places)


class _AliasLoader(Loader):
    """Hands an existing namespace to the import system, and undoes what that writes onto it."""

    def __init__(self, finder: AliasFinder, alias: str, namespace: Any) -> None:
        self._finder, self._alias, self._namespace = finder, alias, namespace
        self._own_spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> Any:
        """The existing namespace itself, so that no thread ever sees a placeholder for it."""
        for attribute in _IMPORT_ATTRIBUTES:
            if getattr(self._namespace, attribute, None) is None:
                self._finder.will_remove(self._namespace, attribute)
        self._own_spec = getattr(self._namespace, "__spec__", None)
        return self._namespace

    def exec_module(self, module: Any) -> None:
        """Give the module its own spec back: it was executed before, under its own name."""
        if self._own_spec is not None:
            module.__spec__ = self._own_spec
        self._finder.adopt(self._alias, module)


def _locate(path: str) -> Any:
    """The namespace at a dotted path, or None where a step of it does not exist."""
    head, *rest = path.split(".")
    found: Any = importlib.import_module(head)
    for name in rest:
        found = _child(found, name)
        if found is None:
            return None
    return found


def _child(parent: Any, name: str) -> Any:
    """The public namespace called `name` in another, be it an attribute or a submodule not imported yet."""
    if name.startswith("_") or (_is_root(parent) and name not in getattr(parent, "__all__", (name,))):
        return None  # the root's inner rooms (`addax.engine`) are no foreign names
    found = getattr(parent, name, None)
    if _is_namespace(found):
        return found
    qualified = f"{parent.__name__}.{name}"
    if PathFinder.find_spec(qualified, getattr(parent, "__path__", ())) is None:
        return None
    return importlib.import_module(qualified)


def _is_namespace(value: Any) -> bool:
    if isinstance(value, type):
        return issubclass(value, Namespace)
    return isinstance(value, ModuleType) or (hasattr(value, "__dict__") and not callable(value))


def _is_root(namespace: Any) -> bool:
    return isinstance(namespace, ModuleType) and "." not in namespace.__name__


def _offers(namespace: Any, name: str) -> bool:
    """Whether a namespace lists `name` as public; one that lists nothing offers what it has."""
    listed = getattr(namespace, "__all__", None)
    return name in (vars(namespace) if listed is None else listed)


def _cannot_import(module: str, name: str, namespace: Any, places: Sequence[str]) -> ImportError:
    hint = (
        GONE.get(f"{module}.{name}") or private_hint(module) or hint_for(module, name, dir(namespace), places)
    )
    problem = f"cannot import name {name!r} from {module!r}; Addax does not have it."
    return ImportError(message(problem, hint=hint), name=module)

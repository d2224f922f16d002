"""`ExtensionType`: users' own classes of tensors and other fields, which functions, loops and data sets take."""

from __future__ import annotations

import functools
import inspect
import sys
import types
import typing
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from addax.core.errors import message
from addax.engine import Composite, Tensor, TensorSpec
from addax.engine._spec import TypeSpec
from addax.engine._symbolic import SymbolicTensor
from addax.ops._extension_fields import check_annotation, put_together, spec_of, taken_apart, value_of

_MISSING = inspect.Parameter.empty
_MADE = "_addax_made"  # in the objects that are complete


class Field(typing.NamedTuple):
    """A field of an extension type.

    Attributes:
        name: Its name.
        kind: Its annotation.
        default: Its value if none is given.
    """

    name: str
    kind: Any
    default: Any = _MISSING


class _Frozen:
    """An object whose fields are set by its constructor and never after."""

    def __setattr__(self, name: str, value: Any) -> None:
        self._check_open(name)
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        self._check_open(name)
        object.__delattr__(self, name)

    def _check_open(self, name: str) -> None:
        if _MADE in self.__dict__:
            raise AttributeError(
                message(
                    f"Cannot change '{name}': the fields of {type(self).__qualname__} are set by its constructor.",
                    hint="Make a new object.",
                )
            )


class ExtensionType(_Frozen, Composite):
    """A class of tensors and other fields, public as `tf.experimental.ExtensionType`.

    Its subclasses say their fields by annotations. Objects cannot be changed; `tf.function`, `tf.while_loop`,
    `tf.cond` and data sets take and give them. Fields are `tf.Tensor` (which lists and numbers are turned into),
    `tf.RaggedTensor`, `tf.SparseTensor`, other extension types, `int`, `float`, `bool`, `str`, `bytes`, `tf.DType`,
    `tf.TensorShape`, and `Tuple[...]`, `Mapping[str, ...]`, `Union[...]` and `Optional[...]` of these. A method
    `__validate__` may check the fields. What an operation means for the class is said by
    `tf.experimental.dispatch_for_api`.

    Raises:
        TypeError: If a field has an annotation that is not supported, or is given another type of value.

    Example:
        >>> import addax.tf as tf
        >>> class Masked(tf.experimental.ExtensionType):
        ...     values: tf.Tensor
        ...     mask: tf.Tensor
        ...     fill: float = 0.0
        >>> masked = Masked([1, 2], [True, False])
        >>> tf.function(lambda m: tf.where(m.mask, m.values, -1))(masked).numpy(), masked.fill
        (array([ 1, -1], dtype=int32), 0.0)
        >>> Masked.Spec(tf.TensorSpec([2], tf.int32), tf.TensorSpec([2], tf.bool), fill=0.0).is_compatible_with(
        ...     masked
        ... )
        True
    """

    Spec: ClassVar[type] = TypeSpec

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__init__" in cls.__dict__:
            cls.__init__ = _finishing(cls.__init__)  # type: ignore[method-assign]
        around = sys._getframe(1)  # where the class is written: names in annotations may be local there
        _fields(cls, {**around.f_globals, **around.f_locals})  # a wrong annotation is told at once
        cls.Spec = _spec_class(cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        try:
            bound = _signature(type(self)).bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{type(self).__qualname__}(): {error}") from None
        bound.apply_defaults()
        self.__dict__.update(bound.arguments)
        _finish(self)

    def __validate__(self) -> None:
        """Check the fields, which are set; for subclasses. An error that it raises is the constructor's."""

    # Compiled code takes it apart -------------------------------------------------------------------------
    def _parts(self) -> tuple[tuple, Any]:
        tensors: list = []
        templates = [taken_apart(getattr(self, field.name), tensors) for field in _fields(type(self))]
        return tuple(tensors), tuple(templates)

    @classmethod
    def _from_parts(cls, parts: tuple, rest: Any) -> Any:
        tensors: Iterator = iter(parts)
        found = object.__new__(cls)
        for field, template in zip(_fields(cls), rest, strict=True):
            found.__dict__[field.name] = put_together(template, tensors)
        found.__dict__[_MADE] = True
        return found

    def __addax_op__(self, op: Any, args: tuple, kwargs: dict) -> Any:
        """What an operation means that gets this among its arguments."""
        raise TypeError(
            message(
                f"{op.name}() does not take a {type(self).__qualname__}.",
                hint="Say what it means by tf.experimental.dispatch_for_api, or work on the fields.",
            )
        )

    @property
    def _type_spec(self) -> Any:
        return type(self).Spec.from_value(self)

    def __eq__(self, other: Any) -> Any:
        """Whether the fields are equal: a tensor of one boolean if there are tensors, else a boolean."""
        if type(other) is not type(self):
            return False
        mine, theirs = self._parts(), other._parts()
        if mine[1] != theirs[1]:
            return False
        return _all_equal(mine[0], theirs[0])

    __hash__ = None  # type: ignore[assignment] - tensors cannot be hashed

    def __ne__(self, other: Any) -> Any:
        from addax.ops import logical_not

        found = self == other
        return logical_not(found) if isinstance(found, Tensor) else not found

    def __repr__(self) -> str:
        shown = ", ".join(f"{f.name}={getattr(self, f.name)!r}" for f in _fields(type(self)))
        return f"{type(self).__qualname__}({shown})"


class ExtensionTypeSpec(_Frozen, TypeSpec):
    """What is known of an extension type's object before it exists: `MyType.Spec`.

    Its arguments are those of the type: specs for tensors, and other values as they are.
    """

    _of: ClassVar[type] = ExtensionType

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        parameters = [p.replace(default=_MISSING) for p in _signature(self._of).parameters.values()]
        names = [p.name for p in parameters]
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        fields = _fields(self._of)
        for field in fields:
            if field.name not in given and field.default is not _MISSING:
                given[field.name] = _as_spec(field.default)
        if set(given) != set(names) or len(args) > len(names):
            raise TypeError(
                message(
                    f"The arguments of {type(self).__qualname__} are not the fields of the type.",
                    expected=", ".join(names),
                    received=", ".join(map(str, given)),
                )
            )
        for field in fields:
            self.__dict__[field.name] = spec_of(field.kind, given[field.name], field.name)
        self.__dict__[_MADE] = True

    @property
    def value_type(self) -> type:
        """The extension type."""
        return self._of

    @classmethod
    def from_value(cls, value: Any) -> Any:
        """The spec of an object."""
        found = object.__new__(cls)
        for field in _fields(cls._of):
            found.__dict__[field.name] = _as_spec(getattr(value, field.name))
        found.__dict__[_MADE] = True
        return found

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether an object, or another spec, fits this one."""
        other = spec_or_value
        if isinstance(other, ExtensionType):
            other = other._type_spec
        return type(other) is type(self) and all(
            _fits(a, b) for a, b in zip(self._values(), other._values(), strict=True)
        )

    def most_specific_compatible_type(self, other: Any) -> Any:
        """The narrowest spec that what fits either fits too.

        Raises:
            ValueError: If there is none.
        """
        if type(other) is not type(self):
            raise ValueError(message("No spec fits both.", received=f"{self} and {other}"))
        return self._mapped(_narrowest, other)

    def _with_shapes(self, change: Callable) -> Any:
        """The spec with each spec of a tensor changed."""
        return self._mapped(lambda spec, _: change(spec) if isinstance(spec, TypeSpec) else spec, self)

    def _placeholder(self, make: Callable) -> Any:
        """An object of the type, of what a function makes of the specs of tensors."""
        found = object.__new__(self._of)
        for name, value in self._mapped(lambda spec, _: make(spec), self).__dict__.items():
            found.__dict__[name] = value
        return found

    def _mapped(self, function: Callable, other: Any) -> Any:
        found = object.__new__(type(self))
        for field, a, b in zip(_fields(self._of), self._values(), other._values(), strict=True):
            found.__dict__[field.name] = _map(function, a, b)
        found.__dict__[_MADE] = True
        return found

    def _values(self) -> list:
        return [getattr(self, field.name) for field in _fields(self._of)]

    def __eq__(self, other: Any) -> bool:
        return type(self) is type(other) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), tuple(map(repr, self._values()))))

    def __repr__(self) -> str:
        shown = ", ".join(f"{f.name}={getattr(self, f.name)!r}" for f in _fields(self._of))
        return f"{type(self).__qualname__}({shown})"


def as_dict(value: ExtensionType) -> dict[str, Any]:
    """The fields of an extension type's object by name.

    Args:
        value: The object.

    Example:
        >>> import addax.tf as tf
        >>> class Point(tf.experimental.ExtensionType):
        ...     x: int
        ...     y: int = 2
        >>> tf.experimental.extension_type.as_dict(Point(1))
        {'x': 1, 'y': 2}
    """
    return {field.name: getattr(value, field.name) for field in _fields(type(value))}


# Fields --------------------------------------------------------------------------------------------------
def _fields(cls: type, scope: dict[str, Any] | None = None) -> tuple[Field, ...]:
    """The fields of a class, those of its bases first.

    Args:
        cls: The class.
        scope: The names that annotations may use; those of its module if None.
    """
    found = cls.__dict__.get("_addax_fields")
    if found is None:
        try:
            kinds = _kinds(cls, scope)
        except NameError:
            if scope is None:
                raise
            return ()  # a name that comes later in the module: looked up when the first object is made
        found = tuple(Field(name, kind, _default(cls, name, kind)) for name, kind in kinds.items())
        # as in a signature, those with a default come last
        found = tuple(sorted(found, key=lambda field: field.default is not _MISSING))
        cls._addax_fields = found  # type: ignore[attr-defined]
    return found


def _kinds(cls: type, scope: dict[str, Any] | None) -> dict[str, Any]:
    kinds: dict[str, Any] = {}
    for base in reversed(cls.__mro__[1:]):
        if issubclass(base, ExtensionType) and base is not ExtensionType:
            kinds.update({field.name: field.kind for field in _fields(base)})
    names = vars(sys.modules.get(cls.__module__, typing)) if scope is None else scope
    for name, kind in cls.__dict__.get("__annotations__", {}).items():
        if isinstance(kind, str) or typing.get_args(kind):  # names in it may have to be looked up
            one = types.SimpleNamespace(__annotations__={name: kind})
            kind = typing.get_type_hints(one, {**names, cls.__name__: cls})[name]
        if typing.get_origin(kind) is not ClassVar:
            check_annotation(kind, name)
            kinds[name] = kind
    return kinds


def _default(cls: type, name: str, kind: Any) -> Any:
    default = getattr(cls, name, _MISSING)
    if default is _MISSING:
        return default
    try:
        return value_of(kind, default, name)
    except TypeError as error:
        raise TypeError(f"The default of a field does not fit it. {error}") from None


def _signature(cls: type) -> inspect.Signature:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Signature(
        [inspect.Parameter(f.name, kind, default=f.default, annotation=f.kind) for f in _fields(cls)]
    )


def _finishing(constructor: Callable) -> Callable:
    """A user's constructor, after which the fields are checked and stay as they are."""

    @functools.wraps(constructor)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        depth = self.__dict__.setdefault("_addax_depth", 0)
        self.__dict__["_addax_depth"] = depth + 1
        constructor(self, *args, **kwargs)
        self.__dict__["_addax_depth"] = depth
        if not depth:  # the outermost one
            del self.__dict__["_addax_depth"]
            _finish(self)

    return init


def _finish(self: Any) -> None:
    if "_addax_depth" in self.__dict__:
        return
    fields = _fields(type(self))
    missing = [
        field.name for field in fields if field.name not in self.__dict__ and field.default is _MISSING
    ]
    extra = set(self.__dict__) - {field.name for field in fields}
    if missing or extra:
        raise AttributeError(
            message(
                f"The constructor of {type(self).__qualname__} has not set the fields as they are declared.",
                expected=", ".join(field.name for field in fields),
                received=", ".join(self.__dict__) or "none",
            )
        )
    for field in fields:
        value = self.__dict__.get(field.name, field.default)
        self.__dict__[field.name] = value_of(field.kind, value, field.name)
    self.__dict__[_MADE] = True
    self.__validate__()


# Specs ---------------------------------------------------------------------------------------------------
def _spec_class(cls: type) -> type:
    """The class `Spec` of a type, with the methods of one that the user wrote."""
    own = cls.__dict__.get("Spec")
    methods = (
        {} if own is None else {k: v for k, v in vars(own).items() if k not in ("__dict__", "__weakref__")}
    )
    base = next((b.Spec for b in cls.__mro__[1:] if isinstance(b.__dict__.get("Spec"), type)), TypeSpec)
    base = base if issubclass(base, ExtensionTypeSpec) else ExtensionTypeSpec
    names = {"_of": cls, "__qualname__": f"{cls.__qualname__}.Spec", "__module__": cls.__module__}
    names["__doc__"] = f"What is known of a {cls.__qualname__} before it exists."
    return type("Spec", (base,), {**methods, **names})


def _as_spec(value: Any) -> Any:
    return _map(lambda leaf, _: _leaf_spec(leaf), value, value)


def _leaf_spec(leaf: Any) -> Any:
    if hasattr(leaf, "_type_spec"):
        return leaf._type_spec
    return (
        TensorSpec(leaf.shape, leaf.dtype)
        if isinstance(leaf, (Tensor, SymbolicTensor)) or hasattr(leaf, "_read")
        else leaf
    )


def _map(function: Callable, a: Any, b: Any) -> Any:
    """A function of the leaves of two fields of one form."""
    if isinstance(a, tuple) and type(a) is tuple and isinstance(b, tuple) and len(a) == len(b):
        return tuple([_map(function, x, y) for x, y in zip(a, b, strict=True)])
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        return type(a)({key: _map(function, a[key], b[key]) for key in a})
    return function(a, b)


def _fits(a: Any, b: Any) -> bool:
    if isinstance(a, tuple) and type(a) is tuple:
        return isinstance(b, tuple) and len(a) == len(b) and all(map(_fits, a, b))
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(_fits(a[k], b[k]) for k in a)
    if isinstance(a, TypeSpec):
        return type(a) is type(b) and a.is_compatible_with(b)
    return a == b


def _narrowest(a: Any, b: Any) -> Any:
    narrow = getattr(a, "most_specific_compatible_type", None) if isinstance(a, TypeSpec) else None
    if narrow is not None:
        return narrow(b)
    if a != b:
        raise ValueError(message("No spec fits both.", received=f"{a!r} and {b!r}"))
    return a


def _all_equal(mine: tuple, theirs: tuple) -> Any:
    from addax import ops

    found: Any = None
    for a, b in zip(mine, theirs, strict=True):
        if a.dtype != b.dtype or tuple(a.shape) != tuple(b.shape):
            return False
        same = ops.all(ops.equal(a, b))
        found = same if found is None else ops.logical_and(found, same)
    return True if found is None else found


# With rows: at the end, since making a class needs all of the above --------------------------------------
class BatchableExtensionType(ExtensionType):
    """An extension type that data sets and `tf.map_fn` divide into rows, and make batches of.

    Each tensor in its fields has the rows along its first axis.

    Example:
        >>> import addax.tf as tf
        >>> class Point(tf.experimental.BatchableExtensionType):
        ...     x: tf.Tensor
        ...     y: tf.Tensor
        >>> ds = tf.data.Dataset.from_tensor_slices(Point([1, 2, 3], [4, 5, 6])).batch(2)
        >>> [point.y.numpy().tolist() for point in ds]
        [[4, 5], [6]]
    """

    def _rows(self) -> list:
        parts, rest = self._parts()
        counts = {int(part.shape[0]) if part.shape else 0 for part in parts}
        if len(counts) != 1:
            raise ValueError(
                message(
                    f"The tensors of a {type(self).__qualname__} differ in their first dimension.",
                    received=", ".join(str(tuple(part.shape)) for part in parts),
                )
            )
        return [self._from_parts(tuple([part[i] for part in parts]), rest) for i in range(counts.pop())]

    @classmethod
    def _stacked(cls, rows: Sequence) -> Any:
        from addax.ops import stack

        taken = [row._parts() for row in rows]
        first = taken[0][1]
        if any(rest != first for _, rest in taken):
            raise ValueError(
                message(f"Objects of {cls.__qualname__} form a batch if they differ in their tensors alone.")
            )
        columns = zip(*[parts for parts, _ in taken], strict=True)
        return cls._from_parts(tuple([stack(list(column)) for column in columns]), first)

"""`tf.experimental.dispatch_for_*`: what functions of `tf` mean for users' own types.

A function that is given a meaning is replaced, in the modules of `addax.tf`, by one that looks at its arguments first.
Nothing is slower for those who register nothing.
"""

from __future__ import annotations

import functools
import inspect
import sys
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from addax.core.errors import message

_UNARY = """
    math: abs acos acosh angle asin asinh atan atanh bessel_i0 bessel_i0e bessel_i1 bessel_i1e ceil conj cos cosh
        digamma erf erfc erfcinv erfinv exp expm1 floor imag is_finite is_inf is_nan is_non_decreasing
        is_strictly_increasing lgamma log log1p log_sigmoid logical_not ndtri negative nextafter real reciprocal
        reciprocal_no_nan rint round rsqrt sigmoid sign sin sinh softplus special sqrt square tan tanh
    nn: elu gelu leaky_relu relu relu6 selu silu softsign swish
    image: adjust_brightness adjust_gamma convert_image_dtype
    strings: as_string length lower regex_full_match regex_replace strip substr to_hash_bucket
        to_hash_bucket_fast to_hash_bucket_strong to_number unicode_script unicode_transcode upper
    io: decode_base64 decode_compressed encode_base64
    bitwise: invert
    dtypes: cast saturate_cast
    debugging: check_numerics
    : cast clip_by_value identity ones_like saturate_cast stop_gradient zeros_like
"""
_BINARY = """
    math: add atan2 divide divide_no_nan equal floordiv floormod greater greater_equal less less_equal logical_and
        logical_or logical_xor maximum minimum mod multiply multiply_no_nan not_equal pow squared_difference subtract
        truediv xdivy xlog1py xlogy zeta
    bitwise: bitwise_and bitwise_or bitwise_xor left_shift right_shift
    dtypes: complex
    : realdiv truncatediv truncatemod
"""
_ASSERTS = """
    debugging: assert_equal assert_greater assert_greater_equal assert_less assert_less_equal assert_near
        assert_none_equal
"""

_Test = Callable[[dict[str, Any]], bool]


class _Dispatched:
    """A function of `tf` with the meanings that it was given.

    Attributes:
        api: The function itself.
        handlers: What was registered: a test of the bound arguments, and what to call.
    """

    def __init__(self, api: Callable) -> None:
        self.api = api
        self.signature = inspect.signature(api)
        self.handlers: list[tuple[_Test, Callable, Callable]] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.handlers:
            try:
                given = self.signature.bind(*args, **kwargs).arguments
            except TypeError:
                given = None  # the function itself says what is wrong
            if given is not None:
                for test, call, _ in reversed(self.handlers):
                    if test(given):
                        return call(*args, **kwargs)
        return self.api(*args, **kwargs)


_known: dict[int, tuple[Callable, _Dispatched]] = {}  # by the wrapper and by the function; both are kept


def _dispatched(api: Any) -> _Dispatched:
    """The dispatcher of a function, put in its place in all modules of `tf`."""
    found = _known.get(id(api))
    if found is not None:
        return found[1]
    if (
        not callable(api)
        or isinstance(api, type)
        or not str(getattr(api, "__module__", "")).startswith("addax.")
    ):
        raise ValueError(
            message(
                "There is no dispatch for this.", expected="a function of tf, such as tf.add", received=api
            )
        )
    made = _Dispatched(api)

    @functools.wraps(api)
    def call(*args: Any, **kwargs: Any) -> Any:
        return made(*args, **kwargs)

    _known[id(api)], _known[id(call)] = (api, made), (call, made)
    for name, module in list(sys.modules.items()):
        if name.startswith("addax.tf") and isinstance(module, types.ModuleType):
            for key, value in list(vars(module).items()):
                if value is api:
                    setattr(module, key, call)
    return made


def dispatch_for_api(api: Callable, *signatures: Mapping[Any, Any]) -> Callable:
    """Decorator that gives a function of `tf` a meaning for some types of arguments.

    It acts where the function is reached through `tf`; a name that was imported from it before keeps the old one.

    Args:
        api: The function, such as `tf.concat`.
        *signatures: For each form of arguments, parameter (by name or number) -> its type: a class, `List[...]`,
            `Tuple[...]` or `Union[...]`. If there are none, the annotations of the decorated function are taken.

    Raises:
        ValueError: If `api` is no function of `tf`, a parameter is unknown, or nothing says a type.

    Example:
        >>> import addax.tf as tf
        >>> class Pair(tf.experimental.ExtensionType):
        ...     a: tf.Tensor
        >>> @tf.experimental.dispatch_for_api(tf.squeeze)
        ... def squeeze(input: Pair, axis=None, name=None):
        ...     return Pair(tf.squeeze(input.a, axis))
        >>> tf.squeeze(Pair([[1]])).a.numpy().tolist(), tf.squeeze([[2]]).numpy().tolist()
        (1, 2)
    """
    made = _dispatched(api)
    names = list(made.signature.parameters)

    def register(function: Callable) -> Callable:
        wanted = [_by_name(signature, names, api) for signature in signatures]
        if not wanted:
            hints = typing.get_type_hints(function)
            wanted = [{name: kind for name, kind in hints.items() if name in names}]
        if any(not kinds for kinds in wanted):
            raise ValueError(
                message(
                    f"Nothing says for which types {api.__name__}() is dispatched.",
                    expected='annotations of parameters, or a dict such as {"x": MyType}',
                )
            )
        made.handlers.append((functools.partial(_any_fits, wanted), function, function))
        return function

    return register


def dispatch_for_unary_elementwise_apis(x_type: Any) -> Callable:
    """Decorator that says what all functions of `tf` of one element do for a type.

    Args:
        x_type: The type of the first argument.

    Returns:
        The decorator, of a function of `(api, x)`: `api` takes an argument in place of `x`.

    Example:
        >>> import addax.tf as tf
        >>> class Box(tf.experimental.ExtensionType):
        ...     inside: tf.Tensor
        >>> @tf.experimental.dispatch_for_unary_elementwise_apis(Box)
        ... def one(api, x):
        ...     return Box(api(x.inside))
        >>> tf.nn.relu(Box([-1.0, 2.0])).inside.numpy()
        array([0., 2.], dtype=float32)
    """

    def register(function: Callable) -> Callable:
        for api in _apis(_UNARY):
            _elementwise(api, (x_type,), function)
        return function

    return register


def dispatch_for_binary_elementwise_apis(x_type: Any, y_type: Any) -> Callable:
    """Decorator that says what all functions of `tf` of two elements do for types.

    Args:
        x_type: The type of the first argument.
        y_type: The type of the second argument.

    Returns:
        The decorator, of a function of `(api, x, y)`: `api` takes arguments in place of `x` and `y`.
    """
    return _binary(_BINARY, x_type, y_type)


def dispatch_for_binary_elementwise_assert_apis(x_type: Any, y_type: Any) -> Callable:
    """Decorator that says what the assertions of `tf.debugging` on two tensors do for types.

    Args:
        x_type: The type of the first argument.
        y_type: The type of the second argument.

    Returns:
        The decorator, of a function of `(api, x, y)`: `api` takes arguments in place of `x` and `y`.
    """
    return _binary(_ASSERTS, x_type, y_type)


def _binary(names: str, x_type: Any, y_type: Any) -> Callable:
    def register(function: Callable) -> Callable:
        for api in _apis(names):
            _elementwise(api, (x_type, y_type), function)
        return function

    return register


def unregister_dispatch_for(dispatch_target: Callable) -> None:
    """Take the meanings away that a function was registered for.

    Args:
        dispatch_target: The decorated function.

    Raises:
        ValueError: If it was not registered.
    """
    found = False
    for _, made in _known.values():
        kept = [handler for handler in made.handlers if handler[2] is not dispatch_target]
        found |= len(kept) < len(made.handlers)
        made.handlers[:] = kept
    if not found:
        raise ValueError(message("This function was not registered for dispatch.", received=dispatch_target))


def _elementwise(api: Callable, kinds: tuple, function: Callable) -> None:
    made = _dispatched(api)
    names = list(made.signature.parameters)[: len(kinds)]

    def call(*args: Any, **kwargs: Any) -> Any:
        bound = made.signature.bind(*args, **kwargs)
        given = [bound.arguments[name] for name in names]
        rest = {k: v for k, v in bound.arguments.items() if k not in names}

        def plain(*values: Any) -> Any:
            return api(**dict(zip(names, values, strict=True)), **rest)

        return function(plain, *given)

    wanted = [dict(zip(names, kinds, strict=True))]
    made.handlers.append((functools.partial(_any_fits, wanted), call, function))


def _apis(names: str) -> list[Callable]:
    """The functions of a list, each once."""
    from addax import tf

    found: dict[int, Callable] = {}
    space = ""
    for word in names.split():
        if word.endswith(":"):
            space = word[:-1]
            continue
        module = getattr(tf, space) if space else tf
        api = getattr(module, word, None)
        if api is not None and inspect.isroutine(api):
            known = _known.get(id(api))
            found[id(known[1]) if known else id(api)] = api
    return list(found.values())


def _by_name(signature: Mapping[Any, Any], names: list[str], api: Callable) -> dict[str, Any]:
    found = {}
    for key, kind in signature.items():
        if key not in names and not (isinstance(key, int) and 0 <= key < len(names)):
            raise ValueError(
                message(f"{api.__name__}() has no such parameter.", expected=", ".join(names), received=key)
            )
        found[names[key] if isinstance(key, int) else key] = kind
    return found


def _any_fits(wanted: list[dict[str, Any]], given: dict[str, Any]) -> bool:
    return any(all(k in given and _fits(given[k], kind) for k, kind in kinds.items()) for kinds in wanted)


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value is of an annotated type."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return True
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, one) for one in inner)
    if origin in (list, tuple) or origin is typing.get_origin(typing.Sequence[int]):
        if not isinstance(value, (list, tuple)) or not value:
            return False
        if origin is tuple and len(inner) == len(value) and Ellipsis not in inner:
            return all(map(_fits, value, inner))
        return all(_fits(item, inner[0]) for item in value)
    return isinstance(value, origin or kind) if isinstance(origin or kind, type) else value is kind

"""`with` blocks and small things that TensorFlow has for its graphs: name scopes, devices, control dependencies."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from addax import ops
from addax.core import context
from addax.core.errors import message
from addax.engine._jax import jax


class name_scope:  # noqa: N801 - TensorFlow's name
    """Variables made inside of the block have this name in front of theirs.

    Args:
        name: The name; an empty one or None changes nothing.
        default_name: What takes the place of such a name, if given.
        values: Accepted for TensorFlow's sake.
    """

    def __init__(self, name: str | None, default_name: str | None = None, values: Any = None) -> None:
        self.name = name or default_name
        self._tokens: list = []

    def __enter__(self) -> str:
        path = context.current().path
        if self.name:
            path = (*path, self.name.rstrip("/"))
        self._tokens.append(context.push(path=path))
        return "".join(f"{part}/" for part in path)

    def __exit__(self, *exc: Any) -> None:
        context.pop(self._tokens.pop())


@contextlib.contextmanager
def device(device_name: Any) -> Iterator[None]:
    """Run ops on a device, named as `"/GPU:0"`, `"cpu:0"` or `"/job:localhost/.../device:CPU:0"`.

    A device that is not there is an error, as in TensorFlow without soft placement.

    Raises:
        RuntimeError: If there is no such device.
    """
    found = _device(device_name)
    if found is None:
        yield
        return
    with jax.default_device(found):
        yield


def _device(name: Any) -> Any:
    if name is None or callable(name):
        return None
    text = str(name).lower().rsplit("device:", 1)[-1].strip("/")
    kind, _, number = text.partition(":")
    if kind not in ("cpu", "gpu", "tpu"):
        return None
    try:
        found = jax.devices(kind)
    except RuntimeError:
        found = []
    index = int(number or 0)
    if index >= len(found):
        raise RuntimeError(
            message(
                f"There is no device {name!r}.",
                expected=", ".join(f"{d.platform.upper()}:{d.id}" for d in jax.devices()),
                hint="tf.config.list_physical_devices() lists what there is.",
            )
        )
    return found[index]


@contextlib.contextmanager
def control_dependencies(control_inputs: Any) -> Iterator[None]:
    """Nothing: code runs in the order in which it is written, compiled code too."""
    for item in control_inputs or ():
        if callable(item):
            item()
    yield


@contextlib.contextmanager
def init_scope() -> Iterator[None]:
    """Run a block outside of the function that is being traced: its ops run now."""
    with jax.ensure_compile_time_eval(), context.entered(bindings=None, tapes=()):
        yield


def group(*inputs: Any, **kwargs: Any) -> None:
    """Nothing: what was to be grouped has run."""


def no_op(name: str | None = None) -> None:
    """Nothing."""


def tuple(tensors: Any, control_inputs: Any = None, name: str | None = None) -> list:  # noqa: A001
    """The tensors, all of which have been computed.

    Args:
        tensors: An iterable of tensors.
        control_inputs: Accepted for TensorFlow's sake: what stands before has run.
        name: Accepted for TensorFlow's sake.

    Returns:
        A list of them.
    """
    return list(tensors)


def grad_pass_through(f: Callable) -> Callable:
    """The function with the gradient of the identity: `f(x)` forwards, its upstream gradient backwards."""

    @ops.custom_gradient
    def run(*args: Any, **kwargs: Any) -> Any:
        return f(*args, **kwargs), lambda *upstream: upstream

    return run


def recompute_grad(f: Callable) -> Callable:
    """The function itself: compiled code keeps what is cheap to keep, and XLA computes the rest again."""
    return f

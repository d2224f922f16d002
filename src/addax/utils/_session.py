"""The state of the process: seeds, names, the device in use."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from addax.core import context
from addax.core.names import reset_uids
from addax.core.version import KERAS_VERSION
from addax.random._seed import set_global_seed


def set_random_seed(seed: int) -> None:
    """Seed Python's, NumPy's and our random numbers, so that weights and training repeat, also in another process.

    Args:
        seed: A non-negative integer.

    Raises:
        ValueError: If it is none.
    """
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise ValueError(f"A seed is a non-negative integer. Received: seed={seed!r}")
    set_global_seed(seed)


def clear_session(free_memory: bool = True) -> None:
    """Start automatic names over (`dense`, `dense_1`, ...); there is no other global state to clear.

    Args:
        free_memory: Accepted for Keras's sake; unused models are freed by Python.
    """
    reset_uids()


@contextlib.contextmanager
def name_scope(name: str, *args: Any, **kwargs: Any) -> Iterator[str]:
    """Put a name in front of the paths of what is created inside a `with` block."""
    with context.entered(path=(*context.current().path, name)):
        yield name


@contextlib.contextmanager
def device(device_name: str) -> Iterator[None]:
    """Run a `with` block on a device: `"cpu:0"`, `"/GPU:0"`, `"gpu"`.

    Raises:
        ValueError: If this machine has no such device; the message lists those it has.
    """
    from addax.engine._jax import jax

    with jax.default_device(_find_device(device_name)):
        yield


def _find_device(name: str) -> Any:
    from addax.core.errors import message
    from addax.engine._jax import jax

    kind, _, number = name.lower().rpartition("/")[2].removeprefix("device:").partition(":")
    try:
        found = jax.devices({"cuda": "gpu"}.get(kind, kind))
        return found[int(number or 0)]
    except (RuntimeError, IndexError, ValueError):
        raise ValueError(
            message(
                f"There is no device {name!r}.",
                expected=f"one of {[f'{d.platform}:{d.id}' for d in jax.devices()]}",
                hint="`addax doctor` says why a GPU is not seen.",
            )
        ) from None


def version() -> str:
    """The version of Keras whose API Addax follows, which programs ask for; Addax's own is `addax.__version__`."""
    return KERAS_VERSION

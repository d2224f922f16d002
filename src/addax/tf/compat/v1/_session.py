"""Sessions, as far as eager scripts have them: to set options of GPUs, and to read values."""

from __future__ import annotations

from typing import Any

from addax.backend import clear_session
from addax.backend._session import Session, get_default_session, sessions


class _Options:
    """A message of settings. They are kept and have no effect: JAX takes GPU memory and threads as it needs them."""

    _parts: tuple[str, ...] = ()

    def __init__(self, **settings: Any) -> None:
        for part in self._parts:
            setattr(self, part, _Options())
        self.__dict__.update(settings)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in vars(self).items())})"


class GPUOptions(_Options):
    """Settings of GPUs, such as `allow_growth`; they are kept and have no effect."""


class RunOptions(_Options):
    """Settings of a run; they are kept and have no effect."""


class ConfigProto(_Options):
    """Settings of a session; they are kept and have no effect.

    Example:
        >>> import addax.tf as tf
        >>> config = tf.compat.v1.ConfigProto(allow_soft_placement=True)
        >>> config.gpu_options.allow_growth = True
        >>> tf.compat.v1.keras.backend.set_session(tf.compat.v1.Session(config=config))
    """

    _parts = ("gpu_options", "graph_options", "experimental")


class InteractiveSession(Session):
    """A session that is the default one from when it is made until it is closed."""

    def __init__(self, target: str = "", graph: Any = None, config: Any = None) -> None:
        super().__init__(target, graph, config)
        sessions.append(self)

    def close(self) -> None:
        """Be no longer the default session."""
        if self in sessions:
            sessions.remove(self)


def global_variables_initializer() -> None:
    """None, which `Session.run` takes: variables have their values when they are made."""


def local_variables_initializer() -> None:
    """None, which `Session.run` takes."""


def tables_initializer(name: str | None = None) -> None:
    """None, which `Session.run` takes: tables are filled when they are made.

    Args:
        name: Accepted for TensorFlow's sake.
    """


initialize_all_variables = global_variables_initializer


def reset_default_graph() -> None:
    """Forget the numbers in automatic names, as `keras.backend.clear_session` does."""
    clear_session()


__all__ = [
    "ConfigProto",
    "GPUOptions",
    "InteractiveSession",
    "RunOptions",
    "Session",
    "get_default_session",
    "global_variables_initializer",
    "initialize_all_variables",
    "local_variables_initializer",
    "reset_default_graph",
    "tables_initializer",
]

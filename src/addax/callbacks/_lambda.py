"""Callbacks from functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addax.callbacks._callback import HOOKS, Callback
from addax.core.errors import message, suggest


class LambdaCallback(Callback):
    """A callback from functions, which take what the hooks of their names take.

    Args:
        on_epoch_begin: `f(epoch, logs)`.
        on_epoch_end: `f(epoch, logs)`.
        on_train_begin: `f(logs)`.
        on_train_end: `f(logs)`.
        on_train_batch_begin: `f(batch, logs)`.
        on_train_batch_end: `f(batch, logs)`.
        **kwargs: Functions for any other hook, such as `on_test_end`.

    Raises:
        TypeError: If there is no such hook.

    Example:
        >>> import addax as keras
        >>> shout = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs))
        >>> shout.on_epoch_end(2, {"loss": 0.5})
        2 {'loss': 0.5}
    """

    def __init__(
        self,
        on_epoch_begin: Callable | None = None,
        on_epoch_end: Callable | None = None,
        on_train_begin: Callable | None = None,
        on_train_end: Callable | None = None,
        on_train_batch_begin: Callable | None = None,
        on_train_batch_end: Callable | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        unknown = [name for name in kwargs if name not in HOOKS]
        if unknown:
            raise TypeError(
                message(
                    f"LambdaCallback() does not know the hook {unknown[0]!r}.",
                    hint=suggest(unknown[0], HOOKS) or f"The hooks are {', '.join(HOOKS)}.",
                )
            )
        hooks = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
            **kwargs,
        }
        self.__dict__.update({name: hook for name, hook in hooks.items() if hook is not None})

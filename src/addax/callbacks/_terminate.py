"""Stop when the loss is no longer a number."""

from __future__ import annotations

import math
from typing import Any

from addax.callbacks._callback import Callback
from addax.callbacks._progress import say


class TerminateOnNaN(Callback):
    """Ends training when the loss is NaN or infinite; it looks after every batch, which waits for the device.

    Args:
        raise_error: Whether to raise instead.

    Example:
        >>> import addax as keras
        >>> keras.callbacks.TerminateOnNaN(raise_error=True).on_batch_end(3, {"loss": float("nan")})
        Traceback (most recent call last):
            ...
        RuntimeError: The loss of batch 3 is nan. ...
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def on_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Look at the loss.

        Raises:
            RuntimeError: If it is no finite number, and errors were asked for.
        """
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise RuntimeError(
                f"The loss of batch {batch} is {loss}. Is the learning rate too high, or a NaN in the data?"
            )
        say(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True

"""Sessions, as far as eager scripts have them: something to hand options to, and to read values by."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core import tree
from addax.core.errors import message
from addax.engine import Tensor, Variable

sessions: list[Session] = []


class Session:
    """A context in which values are read. Code runs eagerly, so that there is no graph to run.

    Args:
        target: Accepted for TensorFlow's sake.
        graph: Accepted for TensorFlow's sake.
        config: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> with tf.compat.v1.Session() as session:
        ...     print(session.run(tf.constant(2) + 3))
        5
    """

    def __init__(self, target: str = "", graph: Any = None, config: Any = None) -> None:
        self.graph = graph
        self.config = config

    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        """The values of a nest of tensors and variables as NumPy arrays; None of an initializer.

        Args:
            fetches: Tensors and variables.
            feed_dict: None, for there are no placeholders.
            options: Accepted for TensorFlow's sake.
            run_metadata: Accepted for TensorFlow's sake.

        Raises:
            ValueError: For a `feed_dict`.
            TypeError: For what has no value.
        """
        if feed_dict:
            raise ValueError(
                message(
                    "There are no placeholders that could be fed.",
                    hint="Write a function of these arguments, decorate it with tf.function and call it.",
                )
            )
        return tree.map_structure(_value, fetches)

    def as_default(self) -> Session:
        """The session itself, a context in which it is the default one."""
        return self

    def close(self) -> None:
        """Nothing: there is nothing to give back."""

    def __enter__(self) -> Session:
        sessions.append(self)
        return self

    def __exit__(self, *error: Any) -> None:
        sessions.remove(self)


def get_default_session() -> Session | None:
    """The innermost session in force."""
    return sessions[-1] if sessions else None


def set_session(session: Session) -> None:
    """Make a session the default one (of `keras.backend`).

    Args:
        session: The session.
    """
    sessions[:] = [session]


def get_session(op_input_list: Any = ()) -> Session:
    """The default session (of `keras.backend`), a new one if there is none.

    Args:
        op_input_list: Accepted for TensorFlow's sake.
    """
    if not sessions:
        sessions.append(Session())
    return sessions[-1]


def _value(fetch: Any) -> Any:
    if fetch is None or isinstance(fetch, (np.ndarray, np.generic)):
        return fetch
    if isinstance(fetch, (Tensor, Variable)):
        return fetch.numpy()
    raise TypeError(
        message(
            "Only values can be read by a session.",
            expected="tensors and variables",
            received=fetch,
            hint="What Keras's Input() gives has no value: call the model, or predict().",
        )
    )

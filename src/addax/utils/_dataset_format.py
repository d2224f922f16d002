"""The `format` argument of the functions that make datasets."""

from __future__ import annotations

from addax.core.errors import message


def check_format(format: str) -> None:
    """Raise unless a dataset of this format can be made.

    Raises:
        ValueError: For another format than `"tf"`.
    """
    if format != "tf":
        raise ValueError(
            message(
                "Unknown dataset format.",
                expected='format="tf", a `tf.data.Dataset`',
                received=f"format={format!r}",
            )
        )

"""Which sizes of images and widths of models the published weights of MobileNets are for."""

from __future__ import annotations

import warnings
from typing import Any

from addax.applications._model import Request, axis
from addax.core.errors import message


def published_size(request: Request, sizes: tuple[int, ...], shape: Any) -> int:
    """The size of images whose published weights fit best."""
    rows, columns = rows_and_columns(shape)
    if rows == columns and rows in sizes:
        return rows
    if request.pretrained:
        warnings.warn(
            f"There are published weights for images of size {', '.join(map(str, sizes))}; those for 224 are used.",
            stacklevel=4,
        )
    return 224


def default_size(sizes: tuple[int, ...], shape: Any) -> int:
    """The size of images if it is one of the published ones, else 224."""
    rows, columns = rows_and_columns(shape) if shape is not None else (None, None)
    return rows if rows == columns and rows in sizes else 224


def rows_and_columns(shape: Any) -> tuple:
    """Height and width in a shape without the batch."""
    return tuple(shape[1:3]) if axis() == 1 else tuple(shape[:2])


def known_width(request: Request, alpha: float, widths: Any) -> None:
    """Raise ValueError if there are no published weights of this width."""
    if request.pretrained and alpha not in widths:
        raise ValueError(
            message(
                "There are no published weights of this width.",
                expected=f"alpha of {', '.join(map(str, widths))}",
                received=f"alpha={alpha}",
                hint="Pass weights=None.",
            )
        )

"""The loss that `compile` means for one output."""

from __future__ import annotations

from typing import Any

from addax import measures
from addax.core.names import to_snake_case
from addax.losses._base import Loss, LossFunctionWrapper
from addax.losses._registry import get


def resolve_loss(identifier: Any, y_true_shape: Any, y_pred_shape: Any, dtype: Any = None) -> Loss | None:
    """A `Loss` for one output of a model.

    Args:
        identifier: What was given to `compile`; `"crossentropy"` and `"ce"` are chosen by the shapes.
        y_true_shape: Shape of the labels.
        y_pred_shape: Shape of the predictions.
        dtype: The dtype of a loss that is made here from a function.

    Returns:
        A loss; functions are wrapped and named as Keras names them. None for None.

    Raises:
        ValueError: If the identifier is no loss.
    """
    if identifier is None:
        return None
    if isinstance(identifier, str) and identifier.lower() in ("crossentropy", "ce"):
        found = {
            "binary": measures.binary_crossentropy,
            "sparse": measures.sparse_categorical_crossentropy,
            "categorical": measures.categorical_crossentropy,
        }[measures.label_kind(y_true_shape, y_pred_shape)]
    else:
        found = get(identifier)
    if isinstance(found, Loss):
        return found
    return LossFunctionWrapper(
        found, name=identifier if isinstance(identifier, str) else _name_of(found), dtype=dtype
    )


def _name_of(function: Any) -> str:
    name = getattr(function, "name", None)
    if isinstance(name, str):
        return name
    return to_snake_case(getattr(function, "__name__", type(function).__name__))

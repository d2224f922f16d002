"""Sample weights, masks and reductions."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message
from addax.engine import SymbolicTensor, Tensor
from addax.measures._arrays import as_tensor
from addax.measures._shapes import squeeze_or_expand


def mask_of(value: Any) -> Any:
    """The mask that a layer or a measure left on a tensor (true: counts), or None."""
    return getattr(value, "_keras_mask", None)


def with_mask(value: Any, mask: Any) -> Any:
    """A tensor that was just made, carrying a mask."""
    if isinstance(value, (Tensor, SymbolicTensor)):
        value._keras_mask = mask
    return value


def combine_masks(first: Any, second: Any) -> Any:
    """Where both masks are true; None stands for true everywhere."""
    if first is None or second is None:
        return second if first is None else first
    first, second = fit_weights(first, second)
    return ops.logical_and(first, second)


def fit_weights(values: Any, weights: Any) -> tuple[Any, Any]:
    """Values and weights whose product takes each weight where it belongs.

    Beyond `squeeze_or_expand`, weights of the leading axes (one for each sample, say) apply to all that these
    axes hold.

    Raises:
        ValueError: If the weights do not fit.
    """
    values, weights = squeeze_or_expand(values, weights)
    rank = len(weights.shape)
    missing = len(values.shape) - rank
    if 0 < missing and rank and values.shape[:rank].is_compatible_with(weights.shape):
        for _ in range(missing):
            weights = ops.expand_dims(weights, -1)
        return values, weights
    if values.shape and not _broadcasts(tuple(weights.shape), tuple(values.shape)):
        raise ValueError(
            message(
                "The sample weights (or the mask) do not fit the values that they weigh.",
                expected=f"shape {tuple(values.shape)}, its first dimensions, or a scalar",
                received=f"shape {tuple(weights.shape)}",
                hint="Give one weight for each sample, or for each sample and time step.",
            )
        )
    return values, weights


def _broadcasts(small: tuple, large: tuple) -> bool:
    if len(small) > len(large):
        return False
    return all(s in (1, None, b) or b is None for s, b in zip(small[::-1], large[::-1], strict=False))


def mask_weights(mask: Any, dtype: Any, sample_weight: Any = None, mean: bool = False) -> Any:
    """Sample weights that leave out what is masked.

    Args:
        mask: Bool tensor, or None.
        dtype: The dtype of the weights.
        sample_weight: Weights to combine with the mask, or None.
        mean: Whether the weighted values will be divided by their number: then the valid ones weigh
            `total / valid`, so that the quotient is the mean over the valid ones.

    Returns:
        Weights, or None if there is neither mask nor weights.
    """
    if sample_weight is not None:
        sample_weight = as_tensor(sample_weight, dtype)
    if mask is None:
        return sample_weight
    weights = as_tensor(mask, dtype)
    if mean:
        weights = weights * ops.divide_no_nan(1.0, ops.mean(weights))
    if sample_weight is None:
        return weights
    if len(sample_weight.shape) > len(weights.shape):
        sample_weight, weights = fit_weights(sample_weight, weights)
    else:
        weights, sample_weight = fit_weights(weights, sample_weight)
    return sample_weight * weights


def reduce_weighted(
    values: Any, sample_weight: Any = None, mask: Any = None, reduction: str | None = "sum_over_batch_size"
) -> Any:
    """Weigh values and reduce them to the number that is minimised.

    Args:
        values: Float tensor, one value for each sample (and step).
        sample_weight: Weights, or None.
        mask: Bool tensor of what counts, or None.
        reduction: One of the reductions of `Loss`.

    Returns:
        A scalar, or for `None` and `"none"` a tensor of the shape of `values`.
    """
    mean = reduction in ("mean", "sum_over_batch_size")
    weights = mask_weights(mask, values.dtype, sample_weight, mean)
    if weights is not None:
        values, weights = fit_weights(values, weights)
        values = values * weights
    if reduction in (None, "none") or not values.shape:
        return values
    if reduction == "mean_with_sample_weight" and weights is not None:
        return ops.divide_no_nan(ops.sum(values), ops.sum(weights))
    if reduction == "sum" or 0 in values.shape:
        return ops.sum(values)
    return ops.mean(values)

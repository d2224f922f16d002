"""Losses over batches that are spread over replicas."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.engine import _operators as operators
from addax.engine import _replicas


def compute_average_loss(
    per_example_loss: Any, sample_weight: Any = None, global_batch_size: Any = None
) -> Any:
    """The sum of the losses (weighted, if there are weights) divided by the size of the global batch.

    Args:
        per_example_loss: A tensor whose first dimension is the batch.
        sample_weight: Factors that broadcast to the losses, or None.
        global_batch_size: The divisor; if None, the first dimension of the losses times the number of replicas.

    Example:
        >>> import addax.tf as tf
        >>> tf.nn.compute_average_loss([1.0, 2.0, 3.0], global_batch_size=12).numpy()
        np.float32(0.5)
    """
    loss = ops.convert_to_tensor(per_example_loss)
    if sample_weight is not None:
        loss = operators.multiply(loss, ops.cast(sample_weight, loss.dtype))
    size: Any = global_batch_size
    if size is None:
        size = _replicas.whole(loss.shape[0] if loss.shape else 1)
    return operators.divide(ops.sum(loss), ops.cast(size, loss.dtype))


def scale_regularization_loss(regularization_loss: Any) -> Any:
    """The sum of regularization losses divided by the number of replicas, each of which adds its share.

    Args:
        regularization_loss: A tensor of losses.
    """
    return _replicas.share(ops.sum(regularization_loss))

"""`tf.image`: which of many overlapping boxes to keep."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import op
from addax.engine._errors import ShapeNeedsValue
from addax.engine._jax import jax, jnp, lax
from addax.engine._staging import staged

_LOWEST = float("-inf")


def non_max_suppression(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = _LOWEST,
    name: str | None = None,
) -> Any:
    """The boxes that are kept, best first, if each one drops those that it overlaps too much.

    Args:
        boxes: Floats of shape `(n, 4)`, the corners `y1, x1, y2, x2` of each box, in any order.
        scores: Floats of shape `(n,)`.
        max_output_size: How many boxes are kept at most.
        iou_threshold: A box is dropped if the area that it shares with a better one, divided by the area of both
            together, is above this.
        score_threshold: A box is kept only if its score is above this.
        name: Accepted for TensorFlow's sake.

    Returns:
        int32 indices of the boxes, at most `max_output_size` of them.

    Raises:
        ValueError: If boxes and scores have other shapes, or the threshold is not in [0, 1].
        ShapeNeedsValue: In compiled code, which cannot know how many are kept; `tf.function` then runs op by op.

    Example:
        >>> import addax.tf as tf
        >>> boxes = [[0.0, 0.0, 1.0, 1.0], [0.0, 0.1, 1.0, 1.1], [0.0, 2.0, 1.0, 3.0]]
        >>> tf.image.non_max_suppression(boxes, [0.8, 0.9, 0.5], max_output_size=3).numpy()
        array([1, 2], dtype=int32)
    """
    return _cut(*_suppressed(boxes, scores, max_output_size, iou_threshold, score_threshold))[0]


def non_max_suppression_with_scores(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = _LOWEST,
    soft_nms_sigma: Any = 0.0,
    name: str | None = None,
) -> tuple[Any, Any]:
    """`non_max_suppression`, and the scores of the boxes that are kept.

    Args:
        boxes: Floats of shape `(n, 4)`, the corners `y1, x1, y2, x2` of each box.
        scores: Floats of shape `(n,)`.
        max_output_size: How many boxes are kept at most.
        iou_threshold: As in `non_max_suppression`; without effect if `soft_nms_sigma` is above 0.
        score_threshold: A box is kept only if its score is above this.
        soft_nms_sigma: If above 0, a box is not dropped, but its score is multiplied by
            `exp(-iou**2 / (2 * sigma))` for each box that is kept (Bodla et al., arXiv:1704.04503).
        name: Accepted for TensorFlow's sake.

    Returns:
        `(indices, scores)`: int32 and float32, at most `max_output_size` of each.

    Raises:
        ValueError: If boxes and scores have other shapes, or the threshold is not in [0, 1].
        ShapeNeedsValue: In compiled code, which cannot know how many are kept.
    """
    return _cut(*_suppressed(boxes, scores, max_output_size, iou_threshold, score_threshold, soft_nms_sigma))


def non_max_suppression_padded(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = _LOWEST,
    pad_to_max_output_size: bool = False,
    name: str | None = None,
    sorted_input: bool = False,
    canonicalized_coordinates: bool = False,
    tile_size: int = 512,
) -> tuple[Any, Any]:
    """`non_max_suppression` with a result of known size, which compiled code can have, also for batches.

    Args:
        boxes: Floats of shape `(..., n, 4)`, the corners `y1, x1, y2, x2` of each box.
        scores: Floats of shape `(..., n)`.
        max_output_size: How many boxes are kept at most.
        iou_threshold: As in `non_max_suppression`.
        score_threshold: A box is kept only if its score is above this.
        pad_to_max_output_size: Whether the indices are filled up with zeros to `max_output_size`; batches need it.
        name: Accepted for TensorFlow's sake.
        sorted_input: Accepted for TensorFlow's sake, as the two that follow: a hint for speed.
        canonicalized_coordinates: See `sorted_input`.
        tile_size: See `sorted_input`.

    Returns:
        `(indices, count)`: int32 indices of shape `(..., max_output_size)` and how many of them count, of shape
        `(...)`.

    Raises:
        ValueError: If boxes and scores have other shapes, or a batch is not to be filled up.
        ShapeNeedsValue: In compiled code without `pad_to_max_output_size`.

    Example:
        >>> import addax.tf as tf
        >>> boxes = [[0.0, 0.0, 1.0, 1.0], [0.0, 0.1, 1.0, 1.1]]
        >>> found, count = tf.image.non_max_suppression_padded(
        ...     boxes, [0.8, 0.9], 3, pad_to_max_output_size=True
        ... )
        >>> found.numpy(), int(count)
        (array([1, 0, 0], dtype=int32), 1)
    """
    indices, _, count = _suppressed(boxes, scores, max_output_size, iou_threshold, score_threshold)
    if not pad_to_max_output_size:
        if len(indices.shape) > 1:
            raise ValueError(
                message(
                    "The boxes of a batch differ in how many are kept.",
                    expected="pad_to_max_output_size=True",
                    received=f"boxes of shape {tuple(ops.convert_to_tensor(boxes).shape)}",
                )
            )
        indices = _cut(indices, indices, count)[0]
    return indices, count


def non_max_suppression_overlaps(
    overlaps: Any,
    scores: Any,
    max_output_size: Any,
    overlap_threshold: Any = 0.5,
    score_threshold: Any = _LOWEST,
    name: str | None = None,
) -> Any:
    """`non_max_suppression` by a table of how much each two things overlap.

    Args:
        overlaps: Floats of shape `(n, n)`.
        scores: Floats of shape `(n,)`.
        max_output_size: How many are kept at most.
        overlap_threshold: One is dropped if its overlap with a better one is above this.
        score_threshold: One is kept only if its score is above this.
        name: Accepted for TensorFlow's sake.

    Returns:
        int32 indices, at most `max_output_size` of them.

    Raises:
        ValueError: If the shapes are others.
        ShapeNeedsValue: In compiled code, which cannot know how many are kept.
    """
    table, values = ops.cast(overlaps, "float32"), ops.cast(scores, "float32")
    if len(table.shape) != 2 or table.shape[0] != table.shape[1] or tuple(values.shape) != (table.shape[0],):
        raise ValueError(
            message(
                "Overlaps and scores do not belong together.",
                expected="overlaps of shape (n, n), scores of shape (n,)",
                received=f"{tuple(table.shape)} and {tuple(values.shape)}",
            )
        )
    found = _suppress_overlaps(table, values, overlap_threshold, score_threshold, count=int(max_output_size))
    return _cut(*found)[0]


class CombinedNonMaxSuppression(NamedTuple):
    """What `combined_non_max_suppression` gives.

    Attributes:
        nmsed_boxes: float32 of shape `(batch, boxes, 4)`, best first, zeros where there are no more.
        nmsed_scores: float32 of shape `(batch, boxes)`.
        nmsed_classes: float32 of shape `(batch, boxes)`, the numbers of the classes.
        valid_detections: int32 of shape `(batch,)`: how many of the boxes count.
    """

    nmsed_boxes: Any
    nmsed_scores: Any
    nmsed_classes: Any
    valid_detections: Any


def combined_non_max_suppression(
    boxes: Any,
    scores: Any,
    max_output_size_per_class: Any,
    max_total_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = _LOWEST,
    pad_per_class: bool = False,
    clip_boxes: bool = True,
    name: str | None = None,
) -> CombinedNonMaxSuppression:
    """`non_max_suppression` for each image and class, and the best of all classes together.

    Args:
        boxes: Floats of shape `(batch, n, q, 4)`, the corners `y1, x1, y2, x2`; q is 1 if all classes share their
            boxes, else the number of classes.
        scores: Floats of shape `(batch, n, classes)`.
        max_output_size_per_class: How many boxes a class keeps at most.
        max_total_size: How many boxes an image keeps at most.
        iou_threshold: As in `non_max_suppression`.
        score_threshold: A box is kept only if its score is above this.
        pad_per_class: Whether results are only as long as all classes together can need, if that is less than
            `max_total_size`.
        clip_boxes: Whether corners are moved into [0, 1].
        name: Accepted for TensorFlow's sake.

    Returns:
        `(nmsed_boxes, nmsed_scores, nmsed_classes, valid_detections)`.

    Raises:
        ValueError: If boxes and scores have other shapes.

    Example:
        >>> import addax.tf as tf
        >>> boxes = tf.constant([[[[0.0, 0.0, 0.5, 0.5]], [[0.5, 0.5, 1.0, 1.0]]]])
        >>> found = tf.image.combined_non_max_suppression(boxes, [[[0.2, 0.9], [0.7, 0.1]]], 1, 2)
        >>> found.nmsed_scores.numpy(), found.nmsed_classes.numpy(), found.valid_detections.numpy()
        (array([[0.9, 0.7]], dtype=float32), array([[1., 0.]], dtype=float32), array([2], dtype=int32))
    """
    boxes, scores = ops.cast(boxes, "float32"), ops.cast(scores, "float32")
    shape, classes = tuple(boxes.shape), scores.shape[-1] if len(scores.shape) == 3 else 0
    if (
        len(shape) != 4
        or shape[3] != 4
        or tuple(scores.shape[:2]) != shape[:2]
        or shape[2] not in (1, classes)
    ):
        raise ValueError(
            message(
                "Boxes and scores do not belong together.",
                expected="boxes of shape (batch, n, 1 or classes, 4), scores of shape (batch, n, classes)",
                received=f"{shape} and {tuple(scores.shape)}",
            )
        )
    each, total = int(max_output_size_per_class), int(max_total_size)
    if pad_per_class:
        total = min(total, each * classes)
    found = _combined(boxes, scores, iou_threshold, score_threshold, each=each, total=total, clip=clip_boxes)
    return CombinedNonMaxSuppression(*found)


def _suppressed(
    boxes: Any, scores: Any, size: Any, iou: Any, lowest: Any, sigma: Any = 0.0
) -> tuple[Any, Any, Any]:
    """Indices and scores of what is kept, filled up with zeros, and how many that is."""
    boxes, scores = ops.cast(boxes, "float32"), ops.cast(scores, "float32")
    if len(boxes.shape) < 2 or boxes.shape[-1] != 4 or tuple(scores.shape) != tuple(boxes.shape[:-1]):
        raise ValueError(
            message(
                "Boxes and scores do not belong together.",
                expected="boxes of shape (n, 4), scores of shape (n,)",
                received=f"{tuple(boxes.shape)} and {tuple(scores.shape)}",
            )
        )
    if not staged(iou) and not 0 <= float(iou) <= 1:
        raise ValueError(message("`iou_threshold` is a share.", expected="from 0 to 1", received=str(iou)))
    return _suppress_boxes(boxes, scores, iou, lowest, sigma, count=int(size))


def _cut(indices: Any, scores: Any, count: Any) -> tuple[Any, Any]:
    """Results without what they were filled up with."""
    if staged(count):
        raise ShapeNeedsValue("How many boxes are kept is not known when the function is compiled.")
    kept = int(np.asarray(count))
    return indices[:kept], scores[:kept]


@op(name="non_max_suppression")
def _suppress_boxes(boxes: Any, scores: Any, iou: Any, lowest: Any, sigma: Any, count: int = 0) -> Any:
    boxes, scores = jnp.asarray(boxes), jnp.asarray(scores)
    batch = boxes.shape[:-2]

    def one(boxes: Any, scores: Any) -> Any:
        corners = _ordered(boxes)
        return _greedy(lambda i: _shared(corners[i], corners), scores, iou, lowest, sigma, count)

    found = jax.vmap(one)(boxes.reshape(-1, *boxes.shape[-2:]), scores.reshape(-1, scores.shape[-1]))
    return tuple(x.reshape(*batch, *x.shape[1:]) for x in found)


@op(name="non_max_suppression_overlaps")
def _suppress_overlaps(overlaps: Any, scores: Any, most: Any, lowest: Any, count: int = 0) -> Any:
    overlaps = jnp.asarray(overlaps)
    return _greedy(lambda i: overlaps[:, i], jnp.asarray(scores), most, lowest, 0.0, count)


@op(name="combined_non_max_suppression")
def _combined(
    boxes: Any, scores: Any, iou: Any, lowest: Any, each: int = 0, total: int = 0, clip: bool = True
) -> Any:
    boxes, scores = jnp.asarray(boxes), jnp.moveaxis(jnp.asarray(scores), -1, 1)
    boxes = jnp.broadcast_to(jnp.moveaxis(boxes, 2, 1), (*scores.shape, 4))
    indices, values, counts = _suppress_boxes.op.fn(boxes, scores, iou, lowest, 0.0, count=each)
    kept = jnp.take_along_axis(boxes, indices[..., None], axis=2)
    there = jnp.arange(each) < counts[..., None]
    batch, classes = scores.shape[:2]
    labels = jnp.broadcast_to(jnp.arange(classes, dtype=jnp.float32)[:, None], there.shape)

    def flat(x: Any) -> Any:
        return x.reshape(batch, classes * each, *x.shape[3:])

    order = jnp.argsort(-jnp.where(flat(there), flat(values), _LOWEST), axis=1, stable=True)[:, :total]

    def best(x: Any) -> Any:
        place = order.reshape(*order.shape, *(1,) * (x.ndim - 3))
        found = jnp.take_along_axis(flat(x), place, axis=1)
        fill = ((0, 0), (0, total - found.shape[1]), *((0, 0),) * (found.ndim - 2))
        return jnp.pad(found, fill)

    here = best(there)
    kept = jnp.clip(kept, 0, 1) if clip else kept
    found = best(kept) * here[..., None], best(values) * here, best(labels) * here
    return *found, here.sum(1, dtype=jnp.int32)


def _ordered(boxes: Any) -> Any:
    """Boxes with their upper left corner first."""
    first, second = boxes[..., :2], boxes[..., 2:]
    return jnp.concatenate([jnp.minimum(first, second), jnp.maximum(first, second)], -1)


def _shared(box: Any, boxes: Any) -> Any:
    """The area that boxes share with one, by the area of both together; 0 for boxes without area."""
    inner = jnp.minimum(box[2:], boxes[:, 2:]) - jnp.maximum(box[:2], boxes[:, :2])
    shared = jnp.prod(jnp.maximum(inner, 0), -1)
    area, areas = jnp.prod(box[2:] - box[:2]), jnp.prod(boxes[:, 2:] - boxes[:, :2], -1)
    solid = (area > 0) & (areas > 0)
    return jnp.where(solid, shared / jnp.where(solid, area + areas - shared, 1), 0)


def _greedy(overlaps_with: Any, scores: Any, most: Any, lowest: Any, sigma: Any, count: int) -> Any:
    """The best of what is left, again and again; the scores of the others fall by how they overlap it."""
    size = scores.shape[0]
    if not size:
        return jnp.zeros(count, jnp.int32), jnp.zeros(count), jnp.int32(0)
    soft = jnp.asarray(sigma, jnp.float32) > 0

    def step(k: Any, state: Any) -> Any:
        left, indices, values, kept = state
        best = jnp.argmax(left)
        good = left[best] > lowest
        indices = indices.at[k].set(jnp.where(good, best, 0).astype(jnp.int32))
        values = values.at[k].set(jnp.where(good, left[best], 0))
        shared = overlaps_with(best)
        softened = left * jnp.exp(-(shared**2) / (2 * jnp.where(soft, sigma, 1.0)))
        rest = jnp.where(soft, softened, jnp.where(shared > most, _LOWEST, left))
        rest = jnp.where(jnp.isneginf(left), left, rest).at[best].set(_LOWEST)
        return jnp.where(good, rest, left), indices, values, kept + good

    start = scores, jnp.zeros(count, jnp.int32), jnp.zeros(count), jnp.int32(0)
    return lax.fori_loop(0, count, step, start)[1:]


__all__ = [
    "combined_non_max_suppression",
    "non_max_suppression",
    "non_max_suppression_overlaps",
    "non_max_suppression_padded",
    "non_max_suppression_with_scores",
]

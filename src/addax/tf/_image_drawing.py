"""`tf.image`: boxes drawn into images, random crops that keep what is in boxes, glimpses."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from addax import ops, random
from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jnp
from addax.tf._random import _stateless, op_seed

# The colours of the first ten boxes, in shares of red, green, blue and opacity.
_COLOURS = np.asarray(
    [
        (1, 1, 0, 1), (0, 0, 1, 1), (1, 0, 0, 1), (0, 1, 0, 1), (0.5, 0, 0.5, 1),
        (0.5, 0.5, 0, 1), (0.5, 0, 0, 1), (0, 0, 0.5, 1), (0, 1, 1, 1), (1, 0, 1, 1),
    ],
    np.float32,
)  # fmt: skip


def draw_bounding_boxes(images: Any, boxes: Any, colors: Any, name: str | None = None) -> Any:
    """Images with boxes drawn into them, in lines of one pixel.

    Args:
        images: Floats of shape `(n, h, w, c)` with 1, 3 or 4 channels.
        boxes: Floats of shape `(n, boxes, 4)`, `y1, x1, y2, x2` of each box, where 0 is the first and 1 the last row
            or column.
        colors: Floats of shape `(colors, c)`, which the boxes of an image take by turns; None for ten that are told
            apart easily.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If images and boxes have other shapes.

    Example:
        >>> import addax.tf as tf
        >>> found = tf.image.draw_bounding_boxes(tf.zeros((1, 3, 3, 1)), [[[0.0, 0.0, 1.0, 1.0]]], [[1.0]])
        >>> found.numpy()[0, :, :, 0].tolist()
        [[1.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 1.0]]
    """
    images, boxes = ops.convert_to_tensor(images), ops.cast(boxes, "float32")
    if len(images.shape) != 4 or len(boxes.shape) != 3 or boxes.shape[-1] != 4:
        raise ValueError(
            message(
                "Boxes are drawn into a batch of images.",
                expected="images of shape (n, h, w, c), boxes of shape (n, boxes, 4)",
                received=f"{tuple(images.shape)} and {tuple(boxes.shape)}",
            )
        )
    channels = images.shape[-1]
    if colors is None or not np.prod(np.shape(colors)):
        colors = np.ones((len(_COLOURS), 1), np.float32) if channels == 1 else _COLOURS[:, :channels]
    return _draw(images, boxes, ops.cast(colors, images.dtype))


@op(name="draw_bounding_boxes")
def _draw(images: Any, boxes: Any, colors: Any) -> Any:
    images, boxes, colors = jnp.asarray(images), jnp.asarray(boxes), jnp.asarray(colors)
    height, width = images.shape[1:3]
    ends = jnp.trunc(boxes * jnp.asarray([height - 1, width - 1] * 2, boxes.dtype)).astype(jnp.int32)
    rows, columns = jnp.arange(height)[:, None], jnp.arange(width)[None]
    for i in range(boxes.shape[1]):
        top, left, bottom, right = (ends[:, i, k, None, None] for k in range(4))
        inside = (rows >= top) & (rows <= bottom) & (columns >= left) & (columns <= right)
        edge = (rows == top) | (rows == bottom) | (columns == left) | (columns == right)
        images = jnp.where((inside & edge)[..., None], colors[i % colors.shape[0]], images)
    return images


class DistortedBox(NamedTuple):
    """A random part of an image.

    Attributes:
        begin: int32 of shape `(3,)`: the first row, column and channel, as `tf.slice` takes them.
        size: int32 of shape `(3,)`: the number of rows and columns, and -1 for all channels.
        bboxes: float32 of shape `(1, 1, 4)`: the part as a box, as `draw_bounding_boxes` takes it.
    """

    begin: Any
    size: Any
    bboxes: Any


def sample_distorted_bounding_box(
    image_size: Any,
    bounding_boxes: Any,
    seed: Any = 0,
    min_object_covered: Any = 0.1,
    aspect_ratio_range: Any = None,
    area_range: Any = None,
    max_attempts: Any = None,
    use_image_if_no_bounding_boxes: Any = None,
    name: str | None = None,
) -> DistortedBox:
    """A random part of an image that shows enough of one of its boxes.

    Args:
        image_size: `(height, width, channels)` of the image.
        bounding_boxes: Floats of shape `(1, n, 4)`, `y1, x1, y2, x2` in shares of the image.
        seed: An integer other than 0 repeats the draws from run to run; 0 follows the global seed.
        min_object_covered: Which share of the area of a box the part has at least; one box is enough.
        aspect_ratio_range: The smallest and largest width by height of the part; `(0.75, 1.33)` if None.
        area_range: The smallest and largest area of the part, as shares of the image; `(0.05, 1)` if None.
        max_attempts: How often to draw; then the whole image is given. 100 if None.
        use_image_if_no_bounding_boxes: Whether no boxes mean one around the whole image.
        name: Accepted for TensorFlow's sake.

    Returns:
        `(begin, size, bboxes)`; cut the part out with `tf.slice(image, begin, size)`.

    Raises:
        ValueError: If there are no boxes, or the ranges are empty.

    Example:
        >>> import addax.tf as tf
        >>> begin, size, box = tf.image.sample_distorted_bounding_box(
        ...     (20, 30, 3), [[[0.0, 0.0, 1.0, 1.0]]], area_range=(1.0, 1.0), aspect_ratio_range=(1.5, 1.5)
        ... )
        >>> begin.numpy(), size.numpy(), box.shape
        (array([0, 0, 0], dtype=int32), array([20, 30, -1], dtype=int32), TensorShape([1, 1, 4]))
    """
    source = op_seed(seed or None)
    options = (
        min_object_covered,
        aspect_ratio_range,
        area_range,
        max_attempts,
        use_image_if_no_bounding_boxes,
    )
    return _sampled(image_size, bounding_boxes, source, *options)


def stateless_sample_distorted_bounding_box(
    image_size: Any,
    bounding_boxes: Any,
    seed: Any,
    min_object_covered: Any = 0.1,
    aspect_ratio_range: Any = None,
    area_range: Any = None,
    max_attempts: Any = None,
    use_image_if_no_bounding_boxes: Any = None,
    name: str | None = None,
) -> DistortedBox:
    """`sample_distorted_bounding_box` by a seed of two integers; see `sample_distorted_bounding_box`."""
    options = (
        min_object_covered,
        aspect_ratio_range,
        area_range,
        max_attempts,
        use_image_if_no_bounding_boxes,
    )
    return _sampled(image_size, bounding_boxes, _stateless(seed), *options)


def _sampled(
    image_size: Any, boxes: Any, source: Any, covered: Any, ratios: Any, areas: Any, attempts: Any, whole: Any
) -> DistortedBox:
    ratios = (0.75, 1.33) if ratios is None else tuple(map(float, ratios))
    areas = (0.05, 1.0) if areas is None else tuple(map(float, areas))
    if not (0 < ratios[0] <= ratios[1] and 0 < areas[0] <= areas[1] <= 1):
        raise ValueError(
            message(
                "A range is empty.",
                expected="0 < low <= high for both, areas at most 1",
                received=f"aspect_ratio_range={ratios}, area_range={areas}",
            )
        )
    boxes = ops.reshape(ops.cast(boxes, "float32"), (-1, 4))
    if not boxes.shape[0]:
        if not whole:
            raise ValueError(
                message(
                    "There are no bounding boxes.",
                    expected="a tensor of shape (1, n, 4)",
                    hint="Pass use_image_if_no_bounding_boxes=True to take the whole image for one.",
                )
            )
        boxes = ops.convert_to_tensor(np.asarray([[0, 0, 1, 1]], np.float32))
    draws = random.uniform((100 if attempts is None else int(attempts), 4), seed=source)
    size = ops.cast(image_size, "float32")
    return DistortedBox(
        *_choose(size, boxes, draws, ops.cast(covered, "float32"), ratios=ratios, areas=areas)
    )


@op(name="sample_distorted_bounding_box")
def _choose(size: Any, boxes: Any, draws: Any, covered: Any, ratios: Any = (), areas: Any = ()) -> Any:
    """The first of many random parts that is good; the whole image if none is."""
    rows, columns = jnp.asarray(size)[0], jnp.asarray(size)[1]
    boxes, draws = jnp.asarray(boxes), jnp.asarray(draws)
    ratio = ratios[0] + draws[:, 0] * (ratios[1] - ratios[0])
    low, high = (jnp.round(jnp.sqrt(a * rows * columns / ratio)) for a in areas)
    high = jnp.minimum(jnp.minimum(high, jnp.floor((columns + 0.4999) / ratio)), rows)
    low = jnp.minimum(low, high)
    height = low + jnp.floor(draws[:, 1] * (high - low + 1))
    width = jnp.round(height * ratio)
    # A part that rounding alone brought out of the range is mended by one row.
    height += jnp.where(height * width < areas[0] * rows * columns, 1, 0)
    width = jnp.round(height * ratio)
    height -= jnp.where(height * width > areas[1] * rows * columns, 1, 0)
    width = jnp.round(height * ratio)
    area = height * width / (rows * columns)
    good = (area >= areas[0]) & (area <= areas[1]) & (height <= rows) & (width <= columns) & (area > 0)
    top = jnp.floor(draws[:, 2] * jnp.maximum(rows - height, 1)) * (height < rows)
    left = jnp.floor(draws[:, 3] * jnp.maximum(columns - width, 1)) * (width < columns)
    scale = jnp.stack([rows, columns, rows, columns])
    parts = jnp.stack([top, left, top + height, left + width], -1) / scale
    inner = jnp.minimum(parts[:, None, 2:], boxes[:, 2:]) - jnp.maximum(parts[:, None, :2], boxes[:, :2])
    shared = jnp.prod(jnp.maximum(inner, 0), -1)
    whole = jnp.prod(boxes[:, 2:] - boxes[:, :2], -1)
    good &= jnp.any((shared >= covered * whole) & (whole > 0), axis=1)
    chosen = jnp.argmax(good)
    part = jnp.where(good[chosen], parts[chosen], jnp.asarray([0.0, 0.0, 1.0, 1.0]))
    ends = jnp.round(part * scale).astype(jnp.int32)
    begin = jnp.stack([ends[0], ends[1], jnp.int32(0)])
    return begin, jnp.stack([ends[2] - ends[0], ends[3] - ends[1], jnp.int32(-1)]), part.reshape(1, 1, 4)


def extract_glimpse(
    input: Any,
    size: Any,
    offsets: Any,
    centered: bool = True,
    normalized: bool = True,
    noise: str = "uniform",
    name: str | None = None,
) -> Any:
    """A window of each image, at a place of its own; what lies outside of the image is noise.

    Args:
        input: Floats of shape `(n, h, w, c)`.
        size: The height and width of the windows.
        offsets: Floats of shape `(n, 2)`, `y, x` of each window: of its middle if `centered` and `normalized`, else of
            its upper left corner, as in TensorFlow.
        centered: Whether offsets count from the middle of the image, rather than from its upper left corner.
        normalized: Whether offsets are shares (of half the image if `centered`, so from -1 to 1), rather than pixels.
        noise: `"uniform"` and `"gaussian"` draw what lies outside, `"zero"` leaves it at 0.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the noise is unknown.

    Example:
        >>> import addax.tf as tf
        >>> x = tf.reshape(tf.range(16.0), (1, 4, 4, 1))
        >>> tf.image.extract_glimpse(x, (2, 2), [[0.0, 0.0]]).numpy().ravel()
        array([ 5.,  6.,  9., 10.], dtype=float32)
    """
    if noise not in ("uniform", "gaussian", "zero"):
        raise ValueError(
            message("Unknown noise.", expected='"uniform", "gaussian" or "zero"', received=str(noise))
        )
    height, width = (int(s) for s in np.asarray(size).tolist())
    images = ops.cast(input, "float32")
    shape = (images.shape[0], height, width, images.shape[-1])
    draw = {"uniform": random.uniform, "gaussian": random.normal, "zero": ops.zeros}[noise]
    return _glimpse(images, offsets, draw(shape), centered=bool(centered), normalized=bool(normalized))


@op(name="extract_glimpse")
def _glimpse(images: Any, offsets: Any, outside: Any, centered: bool = True, normalized: bool = True) -> Any:
    images, outside = jnp.asarray(images), jnp.asarray(outside)
    space = jnp.asarray(images.shape[1:3], jnp.float32)
    window = jnp.asarray(outside.shape[1:3], jnp.float32)
    place = jnp.asarray(offsets, jnp.float32)
    # Only the first of these forms is about the middle of a window; TensorFlow takes the others for its corner.
    if centered and normalized:
        place = (place * space + space - window) / 2
    elif centered or normalized:
        place = place + space / 2 if centered else place * space
    start = jnp.trunc(place).astype(jnp.int32)
    rows = start[:, :1] + jnp.arange(outside.shape[1])
    columns = start[:, 1:] + jnp.arange(outside.shape[2])
    there = ((rows >= 0) & (rows < images.shape[1]))[:, :, None]
    there = there & ((columns >= 0) & (columns < images.shape[2]))[:, None]
    which = jnp.arange(images.shape[0])[:, None, None]
    found = images[which, jnp.clip(rows, 0, images.shape[1] - 1)[:, :, None],
                   jnp.clip(columns, 0, images.shape[2] - 1)[:, None]]  # fmt: skip
    return jnp.where(there[..., None], found, outside)


__all__ = [
    "draw_bounding_boxes",
    "extract_glimpse",
    "sample_distorted_bounding_box",
    "stateless_sample_distorted_bounding_box",
]

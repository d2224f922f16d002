"""`MixUp` and `CutMix`: each image of a batch mixed with another one."""

from __future__ import annotations

from typing import Any

from addax import ops, random
from addax.layers.preprocess._boxes import area, from_corners, to_corners
from addax.layers.preprocess._image import (
    RandomImageLayer,
    count_of,
    factor_range,
    images_of,
    per_image,
    with_boxes,
)
from addax.layers.preprocess._random_erasing import interval, window_mask


class MixingLayer(RandomImageLayer):
    """An image layer that mixes each image with another one of its batch, and their labels.

    Args:
        **kwargs: Arguments of `RandomImageLayer`.
    """

    def _order(self, data: Any, seed: Any) -> Any:
        return random.shuffle(ops.arange(count_of(data), dtype="int32"), seed=self._seeds(seed))

    def transform_labels(self, labels: Any, transformation: Any = None, training: Any = True) -> Any:
        """Mix labels by the parts of the images; integers become floats."""
        if transformation is None:
            return labels
        labels = ops.convert_to_tensor(labels)
        weight = transformation["mix_weight"]
        weight = ops.reshape(weight, (-1, *[1] * (len(labels.shape) - 1)))
        other = ops.take(labels, transformation["permutation_order"], axis=0)
        return weight * labels + (1.0 - weight) * other

    def _both(self, bounding_boxes: dict, boxes: Any, transformation: Any, visible: Any = None) -> dict:
        """The boxes of the images and those of the others beside them."""
        order = transformation["permutation_order"]
        others = {key: ops.take(value, order, axis=0) for key, value in bounding_boxes.items()}
        others = with_boxes(others, boxes, True if visible is None else visible)
        return {
            key: ops.concatenate([ops.cast(value, others[key].dtype), others[key]], axis=1)
            for key, value in bounding_boxes.items()
        }


class MixUp(MixingLayer):
    """Blends each image of a batch with another one in training, and their labels with them.

    Labels should be one-hot. Source: Zhang et al., mixup: Beyond Empirical Risk Minimization, 2018.

    Args:
        alpha: The parameter of the beta distribution from which the weights are drawn; the larger, the more equal.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        seed: Seed of the draws.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.MixUp(seed=1)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(
        self, alpha: float = 0.2, data_format: str | None = None, seed: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.alpha = alpha

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """The other image of each, and the weight of its own."""
        if not training:
            return None
        order = self._order(data, seed)
        weight = random.beta((count_of(data),), self.alpha, self.alpha, seed=self._seeds(seed))
        return {"mix_weight": weight, "permutation_order": order}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Blend the images of a batch."""
        images = ops.cast(images, self.compute_dtype)
        return images if transformation is None else self._blended(images, transformation)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """Blend the masks of a batch, which should be one-hot."""
        if transformation is None:
            return segmentation_masks
        return self._blended(ops.cast(segmentation_masks, self.compute_dtype), transformation)

    def _blended(self, images: Any, transformation: Any) -> Any:
        weight = per_image(transformation["mix_weight"], images.dtype)
        other = ops.take(images, transformation["permutation_order"], axis=0)
        return weight * images + (1.0 - weight) * other

    def transform_bounding_boxes(
        self, bounding_boxes: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """The boxes of both images of each blend, one after another."""
        if transformation is None:
            return bounding_boxes
        boxes = ops.take(bounding_boxes["boxes"], transformation["permutation_order"], axis=0)
        return self._both(bounding_boxes, boxes, transformation)


class CutMix(MixingLayer):
    """Pastes a rectangle of another image of the batch into each image in training, and mixes their labels.

    Labels should be one-hot. Source: Yun et al., CutMix, 2019.

    Args:
        factor: The range of the parameter of the beta distribution that the part of the image's own pixels is drawn
            from: two numbers from 0 to 1, or one for the upper end.
        seed: Seed of the draws.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If `factor` is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.CutMix(seed=1)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(
        self, factor: Any = 1.0, seed: Any = None, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = factor_range(factor, (0, 1), "factor", "CutMix")

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """The other image of each, the rectangle that is pasted, and the part that stays."""
        if not training:
            return None
        height, width = size = self._size(images_of(data))
        count = count_of(data)
        alpha = self._draw((), *self.factor, seed) + 1e-6
        ratio = ops.sqrt(1.0 - random.beta((count,), alpha, alpha, seed=self._seeds(seed)))
        x = interval(self._draw((count,), 0.0, 1.0, seed), width, ratio)
        y = interval(self._draw((count,), 0.0, 1.0, seed), height, ratio)
        pasted = (x[1] - x[0]) * (y[1] - y[0]) / (width * height)
        return {
            "permutation_order": self._order(data, seed),
            "batch_masks": window_mask(self, size, x, y),
            "mix_weight": 1.0 - pasted,
            "window": ops.stack([x[0], y[0], x[1], y[1]], axis=-1),
            "size": size,
        }

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Paste into the images of a batch."""
        return self._pasted(ops.cast(images, self.compute_dtype), transformation)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """Paste into the masks of a batch."""
        return self._pasted(segmentation_masks, transformation)

    def _pasted(self, images: Any, transformation: Any) -> Any:
        if transformation is None:
            return images
        other = ops.take(images, transformation["permutation_order"], axis=0)
        return ops.where(transformation["batch_masks"], other, images)

    def transform_bounding_boxes(
        self, bounding_boxes: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """The boxes of the image, and those parts of the other's boxes that were pasted.

        Boxes of the image's own stay, also where something was pasted over them.
        """
        if transformation is None:
            return bounding_boxes
        self._check_format_known()
        size, window = transformation["size"], transformation["window"][:, None]
        boxes = ops.take(bounding_boxes["boxes"], transformation["permutation_order"], axis=0)
        corners = to_corners(ops.cast(boxes, self.compute_dtype), self.bounding_box_format, *size)
        low, high = ops.tile(window[..., :2], (1, 1, 2)), ops.tile(window[..., 2:], (1, 1, 2))
        cut = ops.minimum(ops.maximum(corners, ops.cast(low, corners.dtype)), ops.cast(high, corners.dtype))
        visible = area(cut) > 0
        cut = ops.where(visible[..., None], from_corners(cut, self.bounding_box_format, *size), -1.0)
        return self._both(bounding_boxes, cut, transformation, visible)

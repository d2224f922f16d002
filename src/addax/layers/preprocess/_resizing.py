"""`Resizing`, `CenterCrop` and `RandomCrop`: images of another size."""

from __future__ import annotations

from typing import Any

from addax import ops, random
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers.preprocess._boxes import shifted
from addax.layers.preprocess._image import MovingLayer, RandomImageLayer, images_of


class SizedLayer(MovingLayer):
    """A layer that gives images of one size, whether in training or not.

    Args:
        height: The new height.
        width: The new width.
        **kwargs: Arguments of `ImageLayer`.
    """

    def __init__(self, height: int, width: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.height = _arguments.positive_int(height, "height", type(self).__name__)
        self.width = _arguments.positive_int(width, "width", type(self).__name__)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """The size of the images; nothing is drawn."""
        return {"size": self._size(images_of(data))}

    def transform_bounding_boxes(
        self, bounding_boxes: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """Move the boxes of a batch with its images, and cut them off where the images end.

        Raises:
            ValueError: If the size of the images is not known, for want of a transformation.
        """
        if transformation is None:
            raise ValueError(
                message(
                    "Boxes cannot be moved without the size of their images.",
                    where=self.path,
                    hint="Give the transformation: layer.get_random_transformation(images).",
                )
            )
        return super().transform_bounding_boxes(bounding_boxes, transformation, training)

    def _size_after(self, before: tuple, transformation: Any) -> tuple:
        return self.height, self.width


class Resizing(SizedLayer):
    """Scales images to a size.

    Args:
        height: The new height.
        width: The new width.
        interpolation: `"bilinear"`, `"nearest"`, `"bicubic"`, `"lanczos3"` or `"lanczos5"`.
        crop_to_aspect_ratio: Whether to cut off what has not the proportions of the new size.
        pad_to_aspect_ratio: Whether to add borders until the images have those proportions.
        fill_mode: How to fill the borders: `"constant"`.
        fill_value: The value of the borders.
        antialias: Whether to average when the images get smaller.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.Resizing(8, 6)(keras.ops.ones((2, 32, 32, 3))).shape
        TensorShape([2, 8, 6, 3])
    """

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(height, width, data_format=data_format, **kwargs)
        self.interpolation = interpolation
        self.crop_to_aspect_ratio = crop_to_aspect_ratio
        self.pad_to_aspect_ratio = pad_to_aspect_ratio
        self.fill_mode = fill_mode
        self.fill_value = fill_value
        self.antialias = bool(antialias)

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Scale a batch of images; the dtype stays."""
        return self._resized(images, self.interpolation)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """Scale the masks of a batch of images."""
        return self._resized(segmentation_masks, "nearest")

    def _resized(self, images: Any, interpolation: str) -> Any:
        return ops.image.resize(
            images,
            (self.height, self.width),
            interpolation=interpolation,
            antialias=self.antialias,
            crop_to_aspect_ratio=self.crop_to_aspect_ratio,
            pad_to_aspect_ratio=self.pad_to_aspect_ratio,
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )

    def _move_corners(self, corners: Any, transformation: Any, before: tuple, after: tuple) -> Any:
        height, width = before
        if self.crop_to_aspect_ratio:
            size = _window(before, after)
        elif self.pad_to_aspect_ratio:
            size = (
                max(height, int(width * after[0] / after[1])),
                max(width, int(height * after[1] / after[0])),
            )
        else:
            size = before
        corners = shifted(corners, (width - size[1]) // 2, (height - size[0]) // 2)
        scale = [after[1] / size[1], after[0] / size[0]]
        return corners * ops.convert_to_tensor([*scale, *scale], dtype=corners.dtype)


class CenterCrop(SizedLayer):
    """Cuts the middle out of images; images that are too small are scaled until they cover the size.

    Args:
        height: The height of the result.
        width: The width of the result.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.CenterCrop(8, 6)(keras.ops.ones((2, 32, 32, 3))).shape
        TensorShape([2, 8, 6, 3])
    """

    def __init__(self, height: int, width: int, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(height, width, data_format=data_format, **kwargs)

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Crop a batch of images."""
        return self._cropped(ops.cast(images, self.compute_dtype), transformation, "bilinear")

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """Crop the masks of a batch of images."""
        return self._cropped(segmentation_masks, transformation, "nearest")

    def _starts(self, transformation: Any, size: tuple[int, int]) -> tuple[Any, Any] | None:
        """The first row and column of the window; None if the images are too small for it."""
        spare = (size[0] - self.height, size[1] - self.width)
        return (spare[0] // 2, spare[1] // 2) if min(spare) >= 0 else None

    def _cropped(self, images: Any, transformation: Any, interpolation: str) -> Any:
        starts = self._starts(transformation, self._size(images))
        if starts is None:
            size = (self.height, self.width)
            return ops.image.resize(
                images,
                size,
                interpolation=interpolation,
                crop_to_aspect_ratio=True,
                data_format=self.data_format,
            )
        begin, shape = [0] * 4, list(images.shape)
        for axis, start, new in zip(self._axes, starts, (self.height, self.width), strict=True):
            begin[axis], shape[axis] = start, new
        return ops.slice(images, begin, shape)

    def _move_corners(self, corners: Any, transformation: Any, before: tuple, after: tuple) -> Any:
        starts = self._starts(transformation, before)
        if starts is not None:
            return shifted(corners, starts[1], starts[0])
        height, width = _window(before, after)
        corners = shifted(corners, (before[1] - width) // 2, (before[0] - height) // 2)
        scale = [after[1] / width, after[0] / height]
        return corners * ops.convert_to_tensor([*scale, *scale], dtype=corners.dtype)


class RandomCrop(CenterCrop):
    """Cuts a part out of images, in training at a random place, the same for all images of a batch.

    When not in training, and if the images are too small, the largest part in the middle with the right proportions
    is scaled to the size.

    Args:
        height: The height of the result.
        width: The width of the result.
        seed: Seed of the draws.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        name: The name.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandomCrop(8, 6)(keras.ops.ones((2, 32, 32, 3))).shape
        TensorShape([2, 8, 6, 3])
    """

    _draw, _seeds = RandomImageLayer._draw, RandomImageLayer._seeds

    def __init__(
        self,
        height: int,
        width: int,
        seed: Any = None,
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(height, width, data_format=data_format, name=name, **kwargs)
        self.seed = seed
        self.generator = random.SeedGenerator(seed)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """The size of the images, and the first row and column of the window unless that is in the middle."""
        height, width = size = self._size(images_of(data))
        if not training or height <= self.height or width <= self.width:
            return {"size": size}
        spares = (height - self.height + 1, width - self.width + 1)
        starts = [ops.cast(self._draw((), 0, float(spare), seed), "int32") for spare in spares]
        return {"size": size, "starts": tuple(starts)}

    def _starts(self, transformation: Any, size: tuple[int, int]) -> tuple[Any, Any] | None:
        return (transformation or {}).get("starts")


def _window(size: tuple[int, int], target: tuple[int, int]) -> tuple[int, int]:
    """The largest size inside of `size` with the proportions of `target`."""
    height, width = size
    wanted = int(width * target[0] / target[1]), int(height * target[1] / target[0])
    return max(min(height, wanted[0]), 1), max(min(width, wanted[1]), 1)

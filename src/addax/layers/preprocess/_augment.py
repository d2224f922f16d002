"""`RandAugment` and `AugMix`: images under transformations that are chosen at random."""

from __future__ import annotations

from typing import Any

from addax import ops, random
from addax.layers import _arguments
from addax.layers.preprocess._equalize import AutoContrast, Equalization
from addax.layers.preprocess._image import ImageLayer, RandomImageLayer, check_value_range, factor_range
from addax.layers.preprocess._random_color import RandomBrightness, RandomContrast
from addax.layers.preprocess._random_geometry import RandomRotation, RandomTranslation
from addax.layers.preprocess._random_hue import RandomColorDegeneration
from addax.layers.preprocess._random_sharpness import RandomSharpness
from addax.layers.preprocess._random_tone import RandomPosterization, Solarization
from addax.layers.preprocess._random_warp import RandomShear

_GEOMETRY = ("random_shear", "random_translation", "random_rotation")
_ALWAYS = ("random_posterization", "solarization", "auto_contrast", "equalization")
_COLORS = ("random_brightness", "random_color_degeneration", "random_contrast", "random_sharpness")


class ChoosingLayer(RandomImageLayer):
    """An image layer that holds others and chooses among them.

    Args:
        value_range: The smallest and the largest value that pixels may have.
        factor: How strong the transformations are: two numbers from 0 to 1, or one for the upper end.
        interpolation: `"bilinear"` or `"nearest"`, for those that move images.
        **kwargs: Arguments of `RandomImageLayer`.
    """

    _order: tuple[str, ...] = ()

    def __init__(self, value_range: Any, factor: Any, interpolation: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.value_range = check_value_range(value_range, type(self).__name__)
        self.factor = factor_range(factor, (0, 1), "factor", type(self).__name__)
        self.interpolation = interpolation

    def _make(self, names: tuple[str, ...]) -> dict[str, ImageLayer]:
        shared: dict[str, Any] = {
            "data_format": self.data_format,
            "bounding_box_format": self.bounding_box_format,
            "dtype": self.dtype_policy,
        }
        drawn = {**shared, "seed": self.seed}
        moving = {**drawn, "interpolation": self.interpolation}
        colors = {**drawn, "value_range": self.value_range}
        plain = {**shared, "value_range": self.value_range}
        factor, bits = self.factor, max(1, int(8 * self.factor[1]))
        makers: dict[str, Any] = {
            "random_shear": lambda: RandomShear(factor, factor, **moving),
            "random_translation": lambda: RandomTranslation(factor, factor, **moving),
            "random_rotation": lambda: RandomRotation(factor, **moving),
            "random_brightness": lambda: RandomBrightness(factor, **colors),
            "random_color_degeneration": lambda: RandomColorDegeneration(factor, **colors),
            "random_contrast": lambda: RandomContrast(factor, **colors),
            "random_sharpness": lambda: RandomSharpness(factor, **colors),
            "random_posterization": lambda: RandomPosterization(bits, **colors),
            "solarization": lambda: Solarization(factor, factor, **colors),
            "auto_contrast": lambda: AutoContrast(**plain),
            "equalization": lambda: Equalization(**plain),
        }
        return {name: makers[name]() for name in names}

    def _draws(self, data: Any, seed: Any) -> dict[str, Any]:
        """What each of the layers draws."""
        seeds = self._seeds(seed)
        return {
            name: layer.get_random_transformation(data, seed=seeds) for name, layer in self._inner.items()
        }

    _inner: dict[str, ImageLayer]

    def _chosen_of(self, index: Any, method: str, values: Any, draws: dict[str, Any]) -> Any:
        """Values after the layer of a number; as they are if there is none of that number."""

        def run(name: str) -> Any:
            return lambda x: _like(getattr(self._inner[name], method)(x, draws[name], True), x)

        return ops.switch(index, [*map(run, self._inner), lambda x: x], values)


def _like(result: Any, given: Any) -> Any:
    """The result in the dtypes of what was given, so that every choice gives the same."""
    if isinstance(given, dict):
        return {key: _like(result[key], value) for key, value in given.items()}
    return ops.cast(result, given.dtype)


class RandAugment(ChoosingLayer):
    """Applies a few transformations to a batch of images in training, which are chosen at random from eleven.

    Source: Cubuk et al., RandAugment, 2019.

    Args:
        value_range: The smallest and the largest value that pixels may have.
        num_ops: How many transformations are applied, one after another.
        factor: How strong they are: two numbers from 0 to 1, or one for the upper end.
        interpolation: `"bilinear"` or `"nearest"`, for those that move images.
        seed: Seed of the draws.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandAugment(seed=1)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        num_ops: int = 2,
        factor: Any = 0.5,
        interpolation: str = "bilinear",
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, factor, interpolation, seed=seed, data_format=data_format, **kwargs)
        self.num_ops = _arguments.positive_int(num_ops, "num_ops", "RandAugment")
        self._inner = self._make((*_GEOMETRY, *_COLORS, *_ALWAYS))

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """The numbers of the chosen transformations, and what each of all of them draws."""
        if not training:
            return None
        chosen = random.randint((self.num_ops,), 0, len(self._inner), seed=self._seeds(seed))
        return {"transforms": self._draws(data, seed), "layer_idxes": chosen}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Transform the images of a batch."""
        return self._each_step("transform_images", ops.cast(images, self.compute_dtype), transformation)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """Transform the masks of a batch."""
        return self._each_step("transform_segmentation_masks", segmentation_masks, transformation)

    def transform_bounding_boxes(
        self, bounding_boxes: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """Move the boxes of a batch."""
        return self._each_step("transform_bounding_boxes", bounding_boxes, transformation)

    def _each_step(self, method: str, values: Any, transformation: Any) -> Any:
        if transformation is None:
            return values
        for step in range(self.num_ops):
            index = transformation["layer_idxes"][step]
            values = self._chosen_of(index, method, values, transformation["transforms"])
        return values


class AugMix(ChoosingLayer):
    """Blends images in training with several versions of them, each after a chain of random transformations.

    Source: Hendrycks et al., AugMix, 2020. The chains of a batch are drawn anew in each call, in compiled code too.

    Args:
        value_range: The smallest and the largest value that pixels may have.
        num_chains: How many versions there are.
        chain_depth: How many transformations make a chain; each may be none at all.
        factor: How strong they are: two numbers from 0 to 1, or one for the upper end.
        alpha: The parameter of the distributions that the weights are drawn from.
        all_ops: Whether brightness, saturation, contrast and sharpness are among the transformations.
        interpolation: `"bilinear"` or `"nearest"`, for those that move images.
        seed: Seed of the draws.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.AugMix(seed=1)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        num_chains: int = 3,
        chain_depth: int = 3,
        factor: Any = 0.3,
        alpha: float = 1.0,
        all_ops: bool = True,
        interpolation: str = "bilinear",
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, factor, interpolation, seed=seed, data_format=data_format, **kwargs)
        self.num_chains = _arguments.positive_int(num_chains, "num_chains", "AugMix")
        self.chain_depth = _arguments.positive_int(chain_depth, "chain_depth", "AugMix")
        self.alpha = alpha
        self.all_ops = all_ops
        self._inner = self._make((*_GEOMETRY, *_ALWAYS, *(_COLORS if all_ops else ())))

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """The weights, and for each place in each chain a number and what each transformation draws."""
        if not training:
            return None
        seeds = self._seeds(seed)
        parts = random.gamma((self.num_chains,), self.alpha, seed=seeds)
        own = random.beta((), self.alpha, self.alpha, seed=seeds)
        chosen = random.randint((self.num_chains, self.chain_depth), 0, len(self._inner) + 1, seed=seeds)
        return {
            "chain_mixing_weights": parts / ops.sum(parts),
            "weight_sample": own,
            "layer_idxes": chosen,
            "chain_transforms": [
                [self._draws(data, seeds) for _ in range(self.chain_depth)] for _ in range(self.num_chains)
            ],
        }

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Blend the images of a batch with versions of them."""
        images = ops.cast(images, self.compute_dtype)
        if transformation is None:
            return images
        mixed = self._mixed("transform_images", images, transformation)
        return ops.clip(mixed, self.value_range[0], self.value_range[1])

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """Blend the masks of a batch, which should be one-hot, likewise."""
        if transformation is None:
            return segmentation_masks
        masks = ops.cast(segmentation_masks, self.compute_dtype)
        return self._mixed("transform_segmentation_masks", masks, transformation)

    def _mixed(self, method: str, values: Any, transformation: Any) -> Any:
        weights = ops.cast(transformation["chain_mixing_weights"], values.dtype)
        own = ops.cast(transformation["weight_sample"], values.dtype)
        mixed = ops.zeros_like(values)
        for chain, draws in enumerate(transformation["chain_transforms"]):
            version = values
            for place, of_place in enumerate(draws):
                index = transformation["layer_idxes"][chain, place]
                version = self._chosen_of(index, method, version, of_place)
            mixed = mixed + version * weights[chain]
        return own * values + (1 - own) * mixed

"""Floor 3: how far each prediction is from its label. Losses reduce these numbers, metrics average them.

Private to Addax: the public names of these functions are those of `addax.losses` and `addax.metrics`.
"""

from addax.measures._arrays import as_tensor, compute_dtype, measure
from addax.measures._binary import binary_crossentropy, binary_focal_crossentropy
from addax.measures._categorical import (
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_generalized_cross_entropy,
    sparse_categorical_crossentropy,
)
from addax.measures._config import accepted_by, saveable_arguments
from addax.measures._margin import categorical_hinge, hinge, squared_hinge
from addax.measures._overlap import dice, tversky
from addax.measures._pairs import circle
from addax.measures._regression import (
    cosine_similarity,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
)
from addax.measures._sequence import ctc
from addax.measures._shapes import class_ids, label_kind, same_shape, squeeze_or_expand
from addax.measures._weights import combine_masks, fit_weights, mask_of, reduce_weighted, with_mask

__all__ = [
    "accepted_by",
    "as_tensor",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_generalized_cross_entropy",
    "categorical_hinge",
    "circle",
    "class_ids",
    "combine_masks",
    "compute_dtype",
    "cosine_similarity",
    "ctc",
    "dice",
    "fit_weights",
    "hinge",
    "huber",
    "kl_divergence",
    "label_kind",
    "log_cosh",
    "mask_of",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "measure",
    "poisson",
    "reduce_weighted",
    "same_shape",
    "saveable_arguments",
    "sparse_categorical_crossentropy",
    "squared_hinge",
    "squeeze_or_expand",
    "tversky",
    "with_mask",
]

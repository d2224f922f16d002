"""Preprocessing: images, sounds, texts, categories and numbers into what a model computes with."""

from addax.layers.preprocess._augment import AugMix, RandAugment
from addax.layers.preprocess._category_encoding import CategoryEncoding
from addax.layers.preprocess._color_jitter import RandomColorJitter
from addax.layers.preprocess._discretization import Discretization
from addax.layers.preprocess._equalize import (
    AutoContrast,
    ContrastLimitedAdaptiveHistogramEqualization,
    Equalization,
)
from addax.layers.preprocess._hashed_crossing import HashedCrossing
from addax.layers.preprocess._hashing import Hashing
from addax.layers.preprocess._integer_lookup import IntegerLookup
from addax.layers.preprocess._max_boxes import MaxNumBoundingBoxes
from addax.layers.preprocess._mel_spectrogram import MelSpectrogram
from addax.layers.preprocess._mix import CutMix, MixUp
from addax.layers.preprocess._normalization import Normalization
from addax.layers.preprocess._pipeline import Pipeline
from addax.layers.preprocess._random_color import RandomBrightness, RandomContrast
from addax.layers.preprocess._random_erasing import RandomErasing
from addax.layers.preprocess._random_geometry import RandomFlip, RandomRotation, RandomTranslation, RandomZoom
from addax.layers.preprocess._random_hue import (
    RandomColorDegeneration,
    RandomGrayscale,
    RandomHue,
    RandomSaturation,
)
from addax.layers.preprocess._random_sharpness import RandomGaussianBlur, RandomSharpness
from addax.layers.preprocess._random_size import RandomHeight, RandomWidth
from addax.layers.preprocess._random_tone import RandomInvert, RandomPosterization, Solarization
from addax.layers.preprocess._random_warp import RandomElasticTransform, RandomPerspective, RandomShear
from addax.layers.preprocess._rescaling import Rescaling
from addax.layers.preprocess._resizing import CenterCrop, RandomCrop, Resizing
from addax.layers.preprocess._stft_spectrogram import STFTSpectrogram
from addax.layers.preprocess._string_lookup import StringLookup
from addax.layers.preprocess._text_vectorization import TextVectorization

__all__ = [
    "AugMix",
    "AutoContrast",
    "CategoryEncoding",
    "CenterCrop",
    "ContrastLimitedAdaptiveHistogramEqualization",
    "CutMix",
    "Discretization",
    "Equalization",
    "HashedCrossing",
    "Hashing",
    "IntegerLookup",
    "MaxNumBoundingBoxes",
    "MelSpectrogram",
    "MixUp",
    "Normalization",
    "Pipeline",
    "RandAugment",
    "RandomBrightness",
    "RandomColorDegeneration",
    "RandomColorJitter",
    "RandomContrast",
    "RandomCrop",
    "RandomElasticTransform",
    "RandomErasing",
    "RandomFlip",
    "RandomGaussianBlur",
    "RandomGrayscale",
    "RandomHeight",
    "RandomHue",
    "RandomInvert",
    "RandomPerspective",
    "RandomPosterization",
    "RandomRotation",
    "RandomSaturation",
    "RandomSharpness",
    "RandomShear",
    "RandomTranslation",
    "RandomWidth",
    "RandomZoom",
    "Rescaling",
    "Resizing",
    "STFTSpectrogram",
    "Solarization",
    "StringLookup",
    "TextVectorization",
]

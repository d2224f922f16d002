"""Preprocessing: texts, categories and numbers into what a model computes with."""

from addax.layers.preprocess._category_encoding import CategoryEncoding
from addax.layers.preprocess._discretization import Discretization
from addax.layers.preprocess._hashed_crossing import HashedCrossing
from addax.layers.preprocess._hashing import Hashing
from addax.layers.preprocess._integer_lookup import IntegerLookup
from addax.layers.preprocess._normalization import Normalization
from addax.layers.preprocess._random_color import RandomBrightness, RandomContrast
from addax.layers.preprocess._random_geometry import RandomFlip, RandomRotation, RandomTranslation, RandomZoom
from addax.layers.preprocess._random_size import RandomHeight, RandomWidth
from addax.layers.preprocess._rescaling import Rescaling
from addax.layers.preprocess._resizing import CenterCrop, RandomCrop, Resizing
from addax.layers.preprocess._string_lookup import StringLookup
from addax.layers.preprocess._text_vectorization import TextVectorization

__all__ = [
    "CategoryEncoding",
    "CenterCrop",
    "Discretization",
    "HashedCrossing",
    "Hashing",
    "IntegerLookup",
    "Normalization",
    "RandomBrightness",
    "RandomContrast",
    "RandomCrop",
    "RandomFlip",
    "RandomHeight",
    "RandomRotation",
    "RandomTranslation",
    "RandomWidth",
    "RandomZoom",
    "Rescaling",
    "Resizing",
    "StringLookup",
    "TextVectorization",
]

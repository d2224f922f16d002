"""The layers that most models are made of."""

from addax.layers.core._activation import Activation
from addax.layers.core._dense import Dense
from addax.layers.core._einsum_dense import EinsumDense
from addax.layers.core._embedding import Embedding
from addax.layers.core._identity import Identity
from addax.layers.core._lambda import Lambda
from addax.layers.core._masking import Masking
from addax.layers.core._rectifiers import ELU, LeakyReLU, PReLU, ReLU, Softmax, ThresholdedReLU
from addax.layers.core._reversible_embedding import ReversibleEmbedding
from addax.layers.core._ternary_dense import TernaryDense
from addax.layers.core._wrapper import Wrapper

__all__ = [
    "ELU",
    "Activation",
    "Dense",
    "EinsumDense",
    "Embedding",
    "Identity",
    "Lambda",
    "LeakyReLU",
    "Masking",
    "PReLU",
    "ReLU",
    "ReversibleEmbedding",
    "Softmax",
    "TernaryDense",
    "ThresholdedReLU",
    "Wrapper",
]

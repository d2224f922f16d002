"""`Embedding`: a vector for each index."""

from __future__ import annotations

from typing import Any

from addax import constraints, initializers, ops, quantizers, regularizers
from addax.core.errors import message
from addax.layers import _arguments
from addax.layers.core._low_rank import AdaptedWeight
from addax.layers.core._quantizable import QuantizableLayer, Weight


class Embedding(QuantizableLayer):
    """Look up a learned vector for each index.

    Args:
        input_dim: The number of indices, from 0 to `input_dim - 1`.
        output_dim: The size of the vectors.
        embeddings_initializer: Initializer of `embeddings`, of shape `(input_dim, output_dim)`.
        embeddings_regularizer: Penalty on `embeddings`.
        embeddings_constraint: Constraint on `embeddings`.
        mask_zero: Whether index 0 is padding: the output then carries a mask of the other indices.
        weights: A list with the array to start from, or the array.
        lora_rank: Rank of an adaptation of the frozen vectors (see `enable_lora`).
        lora_alpha: Strength of that adaptation; `lora_rank` if None.
        quantization_config: How `quantize` stores the vectors.
        activity_regularizer: Penalty on the output.
        **kwargs: Arguments of `Layer`; `input_length`, which is not needed any more.

    Raises:
        ValueError: If `input_dim` or `output_dim` is not a positive integer.

    Example:
        >>> import addax as keras
        >>> layer = keras.layers.Embedding(10, 4, mask_zero=True)
        >>> layer([[1, 2, 0]]).shape
        TensorShape([1, 3, 4])
    """

    _adapted = "embeddings"
    embeddings = AdaptedWeight()
    _modes = ("int8", "int4")
    _optional_arguments = ("lora_rank", "lora_alpha")

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        *,
        activity_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        length = kwargs.pop("input_length", None)
        if length is not None:
            kwargs.setdefault(
                "input_shape", tuple(length) if isinstance(length, (list, tuple)) else (length,)
            )
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.autocast = False  # indices are no numbers to be rounded
        where = type(self).__name__
        self.input_dim = _arguments.positive_int(input_dim, "input_dim", where)
        self.output_dim = _arguments.positive_int(output_dim, "output_dim", where)
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = mask_zero
        self.supports_masking = mask_zero
        self.quantization_config = quantizers.get(quantization_config)
        self._take_lora(lora_rank, lora_alpha)
        if weights is not None:
            self._initial_weights = weights if isinstance(weights, (list, tuple)) else [weights]

    def build(self, input_shape: Any = None) -> None:
        """Create `embeddings`."""
        if self._build_storage(*self._stored()):
            self.embeddings = self.add_weight(
                name="embeddings",
                shape=(self.input_dim, self.output_dim),
                initializer=self.embeddings_initializer,
                regularizer=self.embeddings_regularizer,
                constraint=self.embeddings_constraint,
            )
        self._finish_build()

    def _stored(self) -> list[Weight]:
        """What `quantize` acts on."""
        return [Weight("embeddings", (self.input_dim, self.output_dim), summed=(1,))]

    def quantized_build(self, embeddings_shape: Any, mode: str, config: Any = None) -> None:
        """Create the variables of a mode, empty. See `Dense.quantized_build`.

        Args:
            embeddings_shape: The shape of the vectors as floats.
            mode: `"int8"` or `"int4"`.
            config: A `QuantizationConfig`; what the dtype policy says if None.
        """
        super().quantized_build(embeddings_shape, mode, config)

    def call(self, inputs: Any) -> Any:
        """Look up indices of shape `(...)`; the result has shape `(..., output_dim)`."""
        if inputs.dtype == "string":
            raise TypeError(
                message(
                    "Embedding takes indices, not text.",
                    where=self.path,
                    hint="Put a StringLookup layer before it, which gives each word its index.",
                )
            )
        indices = inputs if inputs.dtype.is_integer else ops.cast(inputs, "int32")
        if self._storage is None:
            return ops.cast(ops.take(self.embeddings, indices, axis=0), self.compute_dtype)
        vectors = self._storage.lookup(self, self._weights_stored[0], indices)
        if self.lora_enabled:
            a, b = self._lora_pair()
            vectors = vectors + self._lora_strength() * ops.matmul(ops.take(a, indices, axis=0), b)
        return ops.cast(vectors, self.compute_dtype)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Where the index is not 0, if 0 is padding."""
        return ops.not_equal(inputs, 0) if self.mask_zero else None

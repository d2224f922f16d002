"""`Model.quantize`: which layers are quantized, and the data that some modes look at first."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.layers import Layer
from addax.layers.core._quantizable import QuantizableLayer
from addax.quantizers._resolve import check_filters, resolve, selected


def quantize(model: Any, mode: Any, config: Any, filters: Any, type_check: bool = True) -> None:
    """See `Model.quantize`."""
    config = resolve(mode, config)
    check_filters(filters)
    if not model.built:
        raise ValueError(
            message(
                f"Model '{model.name}' is not built, so there is nothing to quantize.",
                hint="Call it on data, or call build(input_shape), first.",
            )
        )
    if config.mode in ("gptq", "awq"):
        _by_blocks(model, config, filters, type_check)
    else:
        _layers(model, config, filters, type_check)
    model._forget_steps()


def _layers(root: Layer, config: Any, filters: Any, type_check: bool) -> list[QuantizableLayer]:
    """Quantize the layers inside that the filters let through; give back those that took part."""
    chosen = [layer for layer in _candidates(root) if selected(layer, filters)]
    for layer in chosen:
        if isinstance(layer, QuantizableLayer) and layer._has_mode(config.mode, type_check):
            layer._check_state()  # before any other layer is changed
    done = []
    for layer in chosen:
        try:
            layer.quantize(config.mode, type_check=type_check, config=config)
        except NotImplementedError as error:
            warnings.warn(str(error), stacklevel=5)
        else:
            done.append(layer)
    return [layer for layer in done if isinstance(layer, QuantizableLayer)]


def _candidates(root: Layer) -> Iterator[Layer]:
    """Layers without layers inside that have a way to be quantized, be it a user's own."""
    for layer in root._flatten_layers():
        if type(layer).quantize is not Layer.quantize and len(list(layer._flatten_layers())) == 1:
            yield layer


def _by_blocks(model: Any, config: Any, filters: Any, type_check: bool) -> None:
    """Quantize block after block; each sees what the quantized ones before it give."""
    before, blocks = _structure(model, config)
    batches = [ops.convert_to_tensor(sample[None]) for sample in _samples(config)]
    for layer in before:
        batches = [layer(batch) for batch in batches]
    for i, block in enumerate(blocks):
        layers = [layer for layer in _layers(block, config, filters, type_check) if layer.quantization_mode]
        for layer in layers:
            layer._storage.start(layer._weights_stored[0])  # type: ignore[union-attr]
        for batch in batches if layers else ():
            block(batch)
        for layer in layers:
            layer._storage.calibrate(layer, layer._weights_stored[0])  # type: ignore[union-attr]
        if i + 1 < len(blocks):
            batches = [_first(block(batch)) for batch in batches]


def _first(outputs: Any) -> Any:
    return outputs[0] if isinstance(outputs, (list, tuple)) else outputs


def _structure(model: Any, config: Any) -> tuple[list, list]:
    structure = config.quantization_layer_structure
    if structure is None:
        structure = model.get_quantization_layer_structure(config.mode)
    if not structure or not structure.get("sequential_blocks"):
        raise ValueError(
            message(
                f"Mode '{config.mode}' has to know the blocks of the model.",
                expected="{'pre_block_layers': [...], 'sequential_blocks': [...]}, with one block at least",
                received=structure,
                hint="Pass quantization_layer_structure= to the config, or override "
                "get_quantization_layer_structure(mode) of the model.",
            )
        )
    return list(structure.get("pre_block_layers") or ()), list(structure["sequential_blocks"])


def _samples(config: Any) -> np.ndarray:
    """Stretches of the data's tokens, at even distances, of shape `(num_samples, sequence_length)`."""
    dataset, tokenizer = config.dataset, config.tokenizer
    if dataset is None or tokenizer is None:
        raise ValueError(
            message(
                f"Mode '{config.mode}' needs a dataset and a tokenizer in its config.",
                received=f"dataset={dataset}, tokenizer={tokenizer}",
            )
        )
    if isinstance(dataset, (str, bytes)) or not hasattr(dataset, "__iter__"):
        raise TypeError(
            message(
                "`dataset` is wrong.", expected="a list of texts or of arrays of tokens", received=dataset
            )
        )
    pieces = [_tokens(sample, tokenizer) for sample in dataset]
    tokens = np.concatenate(pieces) if pieces else np.zeros(0, np.int32)
    if not tokens.size:
        raise ValueError(message("The dataset of the config has no tokens.", received=dataset))
    length, count = config.sequence_length, config.num_samples
    tokens = (
        np.tile(tokens, math.ceil(count * length / tokens.size)) if tokens.size < count * length else tokens
    )
    places = tokens.size - length + 1
    starts = np.arange(count) * max(1, places // count) % places
    return tokens[starts[:, None] + np.arange(length)]


def _tokens(sample: Any, tokenizer: Any) -> np.ndarray:
    sample = sample.decode() if isinstance(sample, bytes) else sample
    if isinstance(sample, str):
        sample = getattr(tokenizer, "tokenize", tokenizer)(sample)
    return np.asarray(sample).reshape(-1).astype(np.int32)

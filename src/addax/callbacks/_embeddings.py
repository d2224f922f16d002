"""Embedding matrices for TensorBoard's projector: tables of text, which it reads without checkpoints."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from addax.core.errors import message

_CONFIG = "projector_config.pbtxt"


def _embedding_layers(model: Any) -> list[Any]:
    return [layer for layer in model.layers if any(c.__name__ == "Embedding" for c in type(layer).__mro__)]


def _table(layer: Any) -> str:
    return f"{layer.name}_embedding.tsv"


def write_projector_config(log_dir: str, model: Any, metadata: str | Mapping[str, str] | None) -> None:
    """Tell the projector where the embeddings and their labels are.

    Args:
        log_dir: The folder that TensorBoard is pointed at.
        model: The model.
        metadata: A file of labels, or layer name -> file.

    Raises:
        ValueError: If a name in `metadata` is no embedding layer's.
    """
    layers = _embedding_layers(model)
    labels = dict(metadata) if isinstance(metadata, Mapping) else {layer.name: metadata for layer in layers}
    unknown = sorted(set(labels) - {layer.name for layer in layers})
    if unknown:
        raise ValueError(
            message(
                "Argument `embeddings_metadata` names layers that are no embeddings.",
                expected=f"some of {[layer.name for layer in layers]}",
                received=str(unknown),
            )
        )
    parts = []
    for layer in layers:
        lines = [f'  tensor_name: "{layer.name}"', f'  tensor_path: "{_table(layer)}"']
        if labels.get(layer.name):
            lines.append(f'  metadata_path: "{labels[layer.name]}"')
        parts.append("embeddings {\n" + "\n".join(lines) + "\n}\n")
    os.makedirs(log_dir, exist_ok=True)
    with open(os.path.join(log_dir, _CONFIG), "w", encoding="utf-8") as file:
        file.writelines(parts)


def write_embeddings(log_dir: str, model: Any) -> None:
    """Write the matrix of each embedding layer, a row a line.

    Args:
        log_dir: The folder that TensorBoard is pointed at.
        model: The model.
    """
    for layer in _embedding_layers(model):
        path = os.path.join(log_dir, _table(layer))
        matrix = np.asarray(layer.embeddings.numpy(), np.float32)
        np.savetxt(f"{path}.part", matrix, delimiter="\t", fmt="%.8g")
        os.replace(f"{path}.part", path)

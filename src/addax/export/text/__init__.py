"""The parts of models that take texts, for exports: found in the graph, written as TensorFlow's ops, run by NumPy."""

from __future__ import annotations

from typing import Any


def sizes_by_text(model: Any) -> bool:
    """Whether the longest text of a batch says how wide tensors inside of a model are.

    Results for a text may then depend on the texts beside it, as those of a layer that knows no masks do.

    Args:
        model: A model that is a graph.
    """
    from addax.export.text._flat import Place, flat_calls
    from addax.layers import TextVectorization

    places = [Place(str(x.dtype), tuple(x.shape)) for x in model.inputs]
    calls, _ = flat_calls(places, model.inputs, model.output)
    return any(
        isinstance(call.operation, TextVectorization) and None in call.outputs[0].shape[1:] for call in calls
    )


__all__ = ["sizes_by_text"]

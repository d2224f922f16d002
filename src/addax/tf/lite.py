"""`tf.lite`: models as LiteRT (TensorFlow Lite) files, and the interpreter that runs them.

Needs the extra `litert` for writing, and the package `ai-edge-litert` for running.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

from addax.core.errors import message


class Optimize:
    """What a converter may trade for size or speed."""

    DEFAULT = "DEFAULT"
    OPTIMIZE_FOR_SIZE = "OPTIMIZE_FOR_SIZE"
    OPTIMIZE_FOR_LATENCY = "OPTIMIZE_FOR_LATENCY"


class OpsSet:
    """Which operators a file may use; Addax writes built-in ones alone."""

    TFLITE_BUILTINS = "TFLITE_BUILTINS"
    TFLITE_BUILTINS_INT8 = "TFLITE_BUILTINS_INT8"
    SELECT_TF_OPS = "SELECT_TF_OPS"


class TargetSpec:
    """What a file is to run on.

    Args:
        supported_ops: Members of `OpsSet`.
        supported_types: Dtypes of weights; float32 is written whatever is asked for, with a warning.
    """

    def __init__(self, supported_ops: Any = None, supported_types: Any = None) -> None:
        self.supported_ops = list(supported_ops or [OpsSet.TFLITE_BUILTINS])
        self.supported_types = list(supported_types or [])


class TFLiteConverter:
    """Makes a LiteRT file of a model; come by one with `from_keras_model` or `from_saved_model`.

    Attributes:
        optimizations: Members of `Optimize`. Weights stay float32; asking for less warns.
        target_spec: What the file is to run on.
        representative_dataset: A function that gives samples, for quantization, which warns in the same way.

    Example:
        >>> import addax.tf as tf
        >>> model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
        >>> converter = tf.lite.TFLiteConverter.from_keras_model(model)  # converter.convert() gives the content
        >>> converter.target_spec.supported_ops
        ['TFLITE_BUILTINS']
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self.optimizations: list = []
        self.target_spec = TargetSpec()
        self.representative_dataset: Any = None
        self.inference_input_type: Any = None
        self.inference_output_type: Any = None

    @classmethod
    def from_keras_model(cls, model: Any) -> TFLiteConverter:
        """A converter of a model that is built.

        Args:
            model: The model.
        """
        return cls(model)

    @classmethod
    def from_saved_model(
        cls, saved_model_dir: Any, signature_keys: Any = None, tags: Any = None
    ) -> TFLiteConverter:
        """A converter of a SavedModel that Addax wrote.

        Args:
            saved_model_dir: The folder.
            signature_keys: A list with the one signature to convert; `["serving_default"]` if None.
            tags: Accepted for TensorFlow's sake.

        Raises:
            ValueError: If several signatures are named, or the folder holds no such SavedModel.
        """
        from addax import layers, models
        from addax.export import load_saved_model

        keys = list(signature_keys or ["serving_default"])
        if len(keys) != 1:
            raise ValueError(
                message("A file holds one signature.", expected="one signature key", received=keys)
            )
        _, wanted = load_saved_model(saved_model_dir).signatures[keys[0]].structured_input_signature
        inputs = {
            name: layers.Input(batch_shape=tuple(spec.shape), dtype=spec.dtype.name, name=name)
            for name, spec in wanted.items()
        }
        given = inputs if len(inputs) > 1 else next(iter(inputs.values()))
        outputs = layers.TFSMLayer(os.fspath(saved_model_dir), call_endpoint=keys[0])(given)
        return cls(models.Model(list(inputs.values()), outputs))

    def convert(self) -> bytes:
        """The content of the file.

        Raises:
            ImportError: If the extra `litert` is not installed.
            ValueError: If the model computes something that LiteRT has no operators for.
        """
        from addax.export import export_litert

        if self.optimizations or self.representative_dataset or self.target_spec.supported_types:
            warnings.warn(
                "The weights stay float32: Addax does not quantize LiteRT files. Quantize the file with "
                "ai-edge-quantizer, or the model with model.quantize().",
                stacklevel=2,
            )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.tflite"
            export_litert(self._model, path)
            return path.read_bytes()


def Interpreter(model_path: Any = None, model_content: bytes | None = None, **options: Any) -> Any:  # noqa: N802
    """The interpreter of the package `ai-edge-litert` over a file or its content.

    Args:
        model_path: The file.
        model_content: What `TFLiteConverter.convert` gave, in its place.
        **options: More for the interpreter, such as `num_threads`.

    Raises:
        ImportError: If `ai-edge-litert` is not installed.
    """
    try:
        from ai_edge_litert.interpreter import Interpreter as Found  # type: ignore[import-not-found]
    except ImportError as error:
        raise ImportError(
            message(
                "LiteRT files are run by the package ai-edge-litert.",
                received=str(error),
                hint="pip install ai-edge-litert",
            )
        ) from error
    path = None if model_path is None else os.fspath(model_path)
    return Found(model_path=path, model_content=model_content, **options)


__all__ = ["Interpreter", "OpsSet", "Optimize", "TFLiteConverter", "TargetSpec"]

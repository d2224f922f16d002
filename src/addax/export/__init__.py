"""Functions and their variables for other runtimes: TensorFlow SavedModels, StableHLO, ONNX, LiteRT, TensorFlow.js."""

from addax.export._archive import ExportArchive
from addax.export._archive_specs import default_signature
from addax.export._litert import LiteRTExportError, export_litert
from addax.export._models import (
    LoadedObject,
    ServingFunction,
    export_model,
    load_saved_model,
)
from addax.export._program import ArraySpec, InputSpec, Program, program_callable, trace_program
from addax.export._save import save_saved_model
from addax.export._saved_model import Endpoint, SavedVariable, write_saved_model
from addax.export._saved_model_reader import LoadedSavedModel, Signature, read_saved_model
from addax.export._stablehlo import StableHLOModel, export_stablehlo, load_stablehlo
from addax.export._tfjs import export_tfjs
from addax.export.onnx import ONNXExportError, export_onnx
from addax.export.text._rules import TextExportError

__all__ = [
    "ArraySpec",
    "Endpoint",
    "ExportArchive",
    "InputSpec",
    "LiteRTExportError",
    "LoadedObject",
    "LoadedSavedModel",
    "ONNXExportError",
    "Program",
    "SavedVariable",
    "ServingFunction",
    "Signature",
    "StableHLOModel",
    "TextExportError",
    "default_signature",
    "export_litert",
    "export_model",
    "export_onnx",
    "export_stablehlo",
    "export_tfjs",
    "load_saved_model",
    "load_stablehlo",
    "program_callable",
    "read_saved_model",
    "save_saved_model",
    "trace_program",
    "write_saved_model",
]

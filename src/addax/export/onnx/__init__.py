"""Models as ONNX files: a traced function, its primitives by rules, and the wire format of `formats`."""

from addax.export.onnx._convert import ONNXExportError
from addax.export.onnx._export import export_onnx

__all__ = ["ONNXExportError", "export_onnx"]

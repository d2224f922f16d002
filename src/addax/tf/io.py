"""`tf.io`."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.tf._files": "gfile match_filenames_once matching_files read_file write_file",
        "addax.tf._codecs": """
            decode_bmp decode_gif decode_image decode_jpeg decode_png decode_webp encode_jpeg encode_png is_jpeg
        """,
        "addax.tf._jpeg": "decode_and_crop_jpeg extract_jpeg_shape",
        "addax.tf._parse_example": """
            FixedLenFeature FixedLenSequenceFeature RaggedFeature SparseFeature VarLenFeature parse_example
            parse_single_example
        """,
        "addax.tf._json_example": "decode_json_example",
        "addax.tf._parse_sequence": "parse_sequence_example parse_single_sequence_example",
        "addax.tf._records": """
            TFRecordOptions TFRecordWriter decode_base64 decode_compressed decode_csv decode_raw
            deserialize_many_sparse encode_base64 parse_tensor serialize_many_sparse serialize_sparse serialize_tensor
        """,
    }
)

__getattr__, __dir__ = attach(__name__, _HOMES)

__all__ = sorted(_HOMES)

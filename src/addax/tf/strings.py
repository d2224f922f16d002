"""`tf.strings`."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.tf._strings": """
            as_string bytes_split format join length lower ngrams reduce_join regex_full_match regex_replace
            split strip substr to_hash_bucket to_hash_bucket_fast to_number unicode_decode unicode_encode
            unicode_split upper
        """,
        "addax.tf._unicode": """
            to_hash_bucket_strong unicode_decode_with_offsets unicode_script unicode_split_with_offsets
            unicode_transcode unsorted_segment_join
        """,
    }
)

__getattr__, __dir__ = attach(__name__, _HOMES)

__all__ = sorted(_HOMES)

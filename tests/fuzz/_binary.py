"""The codecs below the readers, and archives that are unpacked."""

from __future__ import annotations

import io
import shutil
import tarfile
import zipfile

from tests.fuzz.targets import place, put, target

from addax.formats import CHECKPOINT_SCHEMA, decode_table, encode_table


@target(lambda: [encode_table([(b"a", b"1"), (b"ab", b"2"), (b"b", b"")])])
def table(data: bytes) -> None:
    list(decode_table(data))


@target(lambda: [CHECKPOINT_SCHEMA.encode("CheckpointGraph", {"nodes": [{"children": [{"node_id": 1}]}]})])
def wire(data: bytes) -> None:
    CHECKPOINT_SCHEMA.decode("CheckpointGraph", data)


def _downloads() -> list[bytes]:
    seeds = []
    for mode in ("w", "w:gz", "w:bz2", "w:xz"):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode=mode, format=tarfile.PAX_FORMAT) as tar:
            for name, kind in (("d", tarfile.DIRTYPE), ("d/a.txt", tarfile.REGTYPE), ("l", tarfile.SYMTYPE)):
                info = tarfile.TarInfo(name)
                info.type, info.linkname, info.mode = (
                    kind,
                    "d/a.txt" if kind == tarfile.SYMTYPE else "",
                    0o755,
                )
                info.size = 4 if kind == tarfile.REGTYPE else 0
                tar.addfile(info, io.BytesIO(b"text"))
        seeds.append(out.getvalue())
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            archive.writestr("d/a.txt", "text")
        seeds.append(out.getvalue())
    return seeds


@target(_downloads)
def download(data: bytes) -> None:
    from addax.saving._unpack import unpack

    folder = place() / "unpacked"
    try:
        unpack(put("archive", data), folder, "auto")
    finally:
        shutil.rmtree(folder, ignore_errors=True)

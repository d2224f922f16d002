"""`get_file` with archives that want to write outside of the folder they are unpacked into."""

from __future__ import annotations

import io
import os
import struct
import tarfile
import zipfile

import pytest
from tests.security._watch import tree_of

import addax as keras


def tar(path, *members):
    """A tar file: each member is (name, {attributes of its header}, content)."""
    with tarfile.open(path, "w:gz" if path.name.endswith("gz") else "w") as file:
        for name, attributes, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for key, value in attributes.items():
                setattr(info, key, value)
            file.addfile(info, io.BytesIO(content))
    return path


def symlink(name, target):
    return (name, {"type": tarfile.SYMTYPE, "linkname": target}, b"")


def hardlink(name, target):
    return (name, {"type": tarfile.LNKTYPE, "linkname": target}, b"")


def file(name, content=b"evil"):
    return (name, {}, content)


def folder(name):
    return (name, {"type": tarfile.DIRTYPE, "mode": 0o755}, b"")


def unpack(source, home):
    return keras.utils.get_file(origin=source.as_uri(), cache_dir=home, extract=True)


@pytest.fixture
def places(tmp_path):
    """Where the archive comes from, and the cache."""
    (tmp_path / "from").mkdir()
    (tmp_path / "victim.txt").write_text("untouched")
    return tmp_path / "from", tmp_path / "home"


TARS = {
    "parent": [file("../../victim.txt")],
    "far parent": [file("a/../../../../victim.txt")],
    "absolute": [file("/tmp/addax_victim.txt")],
    "symbolic link out": [symlink("l", "../.."), file("l/victim.txt")],
    "absolute link": [symlink("l", "/tmp"), file("l/addax_victim.txt")],
    "link chain": [
        folder("x/y"),
        symlink("x/y/l", "../.."),
        symlink("x/y/m", "l/../.."),
        file("x/y/m/victim.txt"),
    ],
    "link chain, hidden": [symlink("a", "."), symlink("b", "a/.."), file("b/../victim.txt")],
    "link through a later link": [
        symlink("m", "l/../.."),
        folder("d/e"),
        symlink("l", "d/e"),
        file("m/victim.txt"),
    ],
    "file through a link": [folder("d"), symlink("l", "d"), file("l/inside.txt")],
    "hard link out": [hardlink("h", "../../victim.txt"), file("h")],
    "hard link through a link": [symlink("l", "."), hardlink("h", "l/../../victim.txt")],
    "device": [("dev", {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 3}, b"")],
    "pipe": [("pipe", {"type": tarfile.FIFOTYPE}, b"")],
}


@pytest.mark.parametrize("what", TARS)
@pytest.mark.parametrize("ending", [".tar", ".tar.gz"])
def test_tar_files_cannot_write_outside(ending, what, places):
    source, home = places
    path = tar(source / f"data{ending}", file("good.txt", b"good"), *TARS[what])
    with pytest.raises(ValueError, match="refused"):
        unpack(path, home)
    assert (source.parent / "victim.txt").read_text() == "untouched"
    assert not os.path.exists("/tmp/addax_victim.txt")
    assert set(tree_of(home)) <= {
        "datasets",
        f"datasets/data{ending}_archive",
        f"datasets/.data{ending}_archive.lock",
    }


ZIPS = ["../victim.txt", "a/../../../victim.txt", "/tmp/addax_victim.txt", "..", "a/b/../../../victim.txt"]


@pytest.mark.parametrize("name", ZIPS)
def test_zip_files_cannot_write_outside(name, places):
    source, home = places
    with zipfile.ZipFile(source / "data.zip", "w") as out:
        out.writestr("good.txt", "good")
        out.writestr(name, "evil")
    with pytest.raises(ValueError, match="leads out"):
        unpack(source / "data.zip", home)
    assert (source.parent / "victim.txt").read_text() == "untouched"
    assert not os.path.exists("/tmp/addax_victim.txt")


def test_sizes_without_bytes_are_refused(places):
    source, home = places
    path = tar(source / "bomb.tar", file("big", b"x" * 600))
    data = bytearray(path.read_bytes())
    data[124:136] = b"%011o\0" % (1 << 32)
    data[148:156] = b"        "
    data[148:156] = b"%06o\0 " % sum(data[:512])
    path.write_bytes(data)
    with pytest.raises((ValueError, tarfile.ReadError), match="far more|damaged"):
        unpack(path, home)
    with zipfile.ZipFile(source / "bomb.zip", "w") as out:
        out.writestr("big", "x" * 600)
    data = bytearray((source / "bomb.zip").read_bytes())
    central = data.index(b"PK\x01\x02")
    data[central + 20 : central + 28] = struct.pack("<II", 1 << 31, 1 << 31)
    (source / "bomb.zip").write_bytes(data)
    with pytest.raises(ValueError, match="far more"):
        unpack(source / "bomb.zip", home)


def test_harmless_archives_with_links_are_unpacked(places):
    source, home = places
    members = [
        folder("d"),
        file("d/a.txt", b"text"),
        symlink("link", "d/a.txt"),
        hardlink("d/b.txt", "d/a.txt"),
    ]
    found = unpack(tar(source / "good.tar.gz", *members), home)
    assert sorted(os.listdir(found)) == ["d", "link"]
    with open(os.path.join(found, "link")) as text:
        assert text.read() == "text"


@pytest.mark.parametrize("fname", ["../evil.txt", "a/../../evil.txt"])
def test_file_names_cannot_leave_the_cache(fname, places):
    source, home = places
    (source / "x.txt").write_text("x")
    with pytest.raises(ValueError, match="leads out"):
        keras.utils.get_file(fname, (source / "x.txt").as_uri(), cache_dir=home)
    assert not list(source.parent.rglob("evil.txt"))


def test_the_name_in_a_url_cannot_leave_the_cache(places):
    source, home = places
    (source / "x.txt").write_text("x")
    with pytest.raises(Exception, match="leads out|URL"):
        keras.utils.get_file(origin=source.as_uri() + "/%2e%2e%2fevil.txt", cache_dir=home)
    assert not list(source.parent.rglob("evil.txt"))


def test_a_file_with_another_hash_is_not_kept(places):
    source, home = places
    (source / "x.txt").write_text("altered on the way")
    with pytest.raises(ValueError, match="hash"):
        keras.utils.get_file(origin=(source / "x.txt").as_uri(), file_hash="0" * 64, cache_dir=home)
    assert not (home / "datasets" / "x.txt").exists()

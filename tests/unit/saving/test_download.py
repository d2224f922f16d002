"""`get_file`: where files go, downloads that are cut and taken up again, hashes, archives, and full disks."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import keras as real
import pytest

from addax.saving import _download
from addax.utils import get_file

CONTENT = bytes(range(256)) * 1000


class Handler(BaseHTTPRequestHandler):
    """Serves CONTENT (or an archive); a path with "cut" sends a third at a time, "ranges" goes on where asked."""

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Range")))
        content = self.server.files.get(self.path, CONTENT)
        start = int((self.headers.get("Range") or "bytes=0-")[6:-1]) if "ranges" in self.path else 0
        self.send_response(206 if start else 200)
        if "nolength" not in self.path:
            self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end = start + len(content) // 3 + 1 if "cut" in self.path else len(content)
        self.wfile.write(content[start:end])
        if "reset" in self.path and end < len(content):
            self.wfile.flush()
            self.connection.setsockopt(1, 13, b"\1\0\0\0\0\0\0\0")  # SO_LINGER: close with a reset

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked, server.files, server.url = [], {}, f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def left(folder):
    return sorted(p.name for p in Path(folder).rglob("*") if p.is_file() and not p.name.endswith(".lock"))


# Places --------------------------------------------------------------------------------------------------
def archive(kind):
    file = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(file, "w") as out:
            out.writestr("inside/x.txt", "x")
    else:
        with tarfile.open(fileobj=file, mode="w:gz") as out:
            info = tarfile.TarInfo("inside/x.txt")
            info.size = 1
            out.addfile(info, io.BytesIO(b"x"))
    return file.getvalue()


@pytest.mark.parametrize(
    ("fname", "options"),
    [
        (None, {}),
        ("y.bin", {}),
        (Path("y.bin"), {"cache_subdir": "other/place"}),
        (None, {"extract": True}),
        ("folder", {"extract": True}),
        ("data.v2.tar.gz", {"extract": True, "archive_format": "tar"}),
        ("folder", {"untar": True}),
        ("data.tgz", {"untar": True}),
        ("data.zip", {"extract": True, "archive_format": ["tar", "zip"]}),
    ],
)
def test_files_and_folders_are_where_keras_has_them(fname, options, tmp_path):
    source = tmp_path / "x.tar.gz"
    source.write_bytes(archive("zip" if fname == "data.zip" else "tar"))
    found = []
    for function, name in ((get_file, "ours"), (real.utils.get_file, "theirs")):
        (tmp_path / name).mkdir()
        path = function(fname, source.as_uri(), cache_dir=str(tmp_path / name), **options)
        found.append((Path(path).relative_to(tmp_path / name), os.path.isdir(path), left(tmp_path / name)))
    assert found[0] == found[1]


def test_the_cache_of_the_environment_and_a_file_that_is_there(server, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    for _ in range(2):
        assert get_file(origin=f"{server.url}/a%20b.bin?x=1") == str(tmp_path / "datasets" / "a b.bin")
    assert len(server.asked) == 1
    get_file(origin=f"{server.url}/a%20b.bin?x=1", force_download=True)
    assert len(server.asked) == 2


@pytest.mark.parametrize(("fname", "origin"), [("x", None), (None, "http://127.0.0.1/")])
def test_a_name_and_a_url_are_needed(fname, origin):
    with pytest.raises(ValueError, match="URL|file name"):
        get_file(fname, origin)


# Downloads -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/cut-ranges", "/cut-reset-ranges"])
def test_a_download_that_is_cut_goes_on_where_it_was(path, server, tmp_path):
    found = get_file(
        origin=server.url + path, cache_dir=tmp_path, file_hash=hashlib.sha256(CONTENT).hexdigest()
    )
    assert Path(found).read_bytes() == CONTENT
    assert [start for _, start in server.asked][0] is None and len(server.asked) == 3
    assert all(start and start != "bytes=0-" for _, start in server.asked[1:])


def test_a_server_that_cannot_go_on_is_asked_a_few_times(server, tmp_path):
    with pytest.raises(Exception, match="the connection was cut 4 times") as raised:
        get_file(origin=server.url + "/cut", cache_dir=tmp_path)
    assert f"{server.url}/cut" in str(raised.value) and str(tmp_path / "datasets" / "cut") in str(
        raised.value
    )
    assert len(server.asked) == 4 and left(tmp_path) == []


def test_a_download_of_unknown_length(server, tmp_path):
    assert Path(get_file(origin=server.url + "/nolength", cache_dir=tmp_path)).read_bytes() == CONTENT


@pytest.mark.parametrize("kind", ["md5", "sha256"])
def test_hashes(kind, server, tmp_path):
    digest = hashlib.new(kind, CONTENT).hexdigest()
    path = Path(get_file(origin=server.url + "/x", cache_dir=tmp_path, file_hash=digest.upper()))
    path.write_bytes(b"damaged since")
    get_file(origin=server.url + "/x", cache_dir=tmp_path, file_hash=digest, hash_algorithm=kind)
    assert path.read_bytes() == CONTENT and len(server.asked) == 2
    with pytest.raises(ValueError, match="not the one that was expected"):
        get_file(origin=server.url + "/x", cache_dir=tmp_path, file_hash=digest[:-1] + "x")
    assert path.read_bytes() == CONTENT  # what was there stays


def test_a_file_that_is_loaded_anew_is_unpacked_anew(server, tmp_path):
    def get():
        content = server.files["/x.zip"]
        digest = hashlib.sha256(content).hexdigest()
        return get_file("x.zip", server.url + "/x.zip", cache_dir=tmp_path, extract=True, file_hash=digest)

    for kind in ("zip", "tar"):
        server.files["/x.zip"] = archive(kind)
        folder = get()
        marker = Path(folder, "old.txt")
        assert not marker.exists() and Path(folder, "inside/x.txt").read_text() == "x"
        marker.write_text("of the first archive")
    assert get() == folder and marker.exists()  # nothing changed


def test_a_truncated_archive_leaves_no_folder(server, tmp_path):
    server.files["/x.zip"] = archive("zip")[:-30]
    with pytest.raises(ValueError, match="damaged|no archive"):
        get_file("x.zip", server.url + "/x.zip", cache_dir=tmp_path, extract=True)
    assert left(tmp_path) == ["x.zip"] and not (tmp_path / "datasets" / "x_extracted").exists()


def test_a_full_disk_says_where_room_is_needed(server, tmp_path, monkeypatch):
    class Full(io.FileIO):
        def write(self, data):
            if self.tell() > 100_000:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().write(data)

    ordinary = Path.open
    monkeypatch.setattr(
        Path,
        "open",
        lambda p, mode="r", *a, **k: Full(p, mode) if mode == "wb" else ordinary(p, mode, *a, **k),
    )
    with pytest.raises(OSError, match="no room for the file") as raised:
        get_file(origin=server.url + "/x", cache_dir=tmp_path)
    assert raised.value.errno == errno.ENOSPC and "KERAS_HOME" in str(raised.value)
    assert left(tmp_path) == []


def test_a_bar_shows_large_downloads_on_a_terminal(server, tmp_path, monkeypatch, capsys):
    server.files["/large"] = bytes(3 << 20)
    monkeypatch.setattr(_download.sys.stdout, "isatty", lambda: True, raising=False)
    get_file(origin=server.url + "/large", cache_dir=tmp_path)
    out = capsys.readouterr().out
    assert out.startswith(f"Downloading data from {server.url}/large") and "3145728/3145728" in out

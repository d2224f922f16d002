"""Data sets from a server on this machine: what Keras makes of the same files, and what goes wrong on the way."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import importlib
import io
import json
import struct
import subprocess
import sys
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

import addax as keras
from addax.datasets import _files


class Server(ThreadingHTTPServer):
    """Serves `files` (name -> bytes) and counts; names in `cut` are broken off in the middle, every time."""

    def __init__(self):
        self.files, self.cut, self.asked = {}, set(), []
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path[1:]
        self.server.asked.append(name)
        if name not in self.server.files:
            self.send_error(404)
            return
        content = self.server.files[name]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if name in self.server.cut else content)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def running():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def server(running, tmp_path, monkeypatch):
    """The server, an empty cache, and the published addresses led to the server."""
    running.cut.clear()
    running.asked.clear()
    running.files = contents()
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    for key, published in list(_files.FILES.items()):
        name = published.url.rpartition("/")[2]
        content = running.files.get(name, b"")
        digest = hashlib.md5 if published.hash and len(published.hash) == 32 else hashlib.sha256
        checked = digest(content).hexdigest() if published.hash else None
        monkeypatch.setitem(_files.FILES, key, _files.Published(running.url + name, checked))
    return running


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def idx(array):
    start = b"\0\0\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(start + array.tobytes())


def lists(rng, count):
    found = np.empty(count, object)
    found[:] = [rng.integers(1, 30, rng.integers(1, 9)).tolist() for _ in range(count)]
    return found


def python2_batch(rng, count, *label_keys):
    """A batch of CIFAR, opcode by opcode as Python 2 wrote it."""
    images = rng.integers(0, 256, (count, 3072), np.uint8)
    labels = b"](" + b"".join(b"K" + bytes([n % 10]) for n in range(count)) + b"e"
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\nq\x01(cnumpy\nndarray\nq\x02K\x00\x85U\x01btRq\x03(K\x01M"
        + struct.pack("<H", count)
        + b"M\x00\x0c\x86cnumpy\ndtype\nq\x04U\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xff"
        + b"K\x00tb\x89T"
        + struct.pack("<I", images.size)
        + images.tobytes()
        + b"tb"
    )
    entries = b"".join(b"U" + bytes([len(key)]) + key + labels for key in label_keys)
    return b"\x80\x02}(U\x04data" + array + entries + b"u."


def tar(**members):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as out:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            out.addfile(info, io.BytesIO(content))
    return file.getvalue()


def contents():
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, (5, 28, 28), np.uint8)
    x, y = rng.normal(size=(20, 4)), rng.normal(size=20)
    labels = np.arange(20) % 2
    fine = (b"fine_labels", b"coarse_labels")
    batches = {f"cifar-10-batches-py/data_batch_{i}": python2_batch(rng, 10, b"labels") for i in range(1, 6)}
    return {
        "mnist.npz": npz(x_train=small, y_train=np.arange(5), x_test=small[:2], y_test=np.arange(2)),
        "train-images-idx3-ubyte.gz": idx(small),
        "train-labels-idx1-ubyte.gz": idx(np.arange(5, dtype=np.uint8)),
        "t10k-images-idx3-ubyte.gz": idx(small[:2]),
        "t10k-labels-idx1-ubyte.gz": idx(np.arange(2, dtype=np.uint8)),
        "cifar-10-python.tar.gz": tar(
            **batches, **{"cifar-10-batches-py/test_batch": python2_batch(rng, 4, b"labels")}
        ),
        "cifar-100-python.tar.gz": tar(
            **{f"cifar-100-python/{part}": python2_batch(rng, 6, *fine) for part in ("train", "test")}
        ),
        "imdb.npz": npz(x_train=lists(rng, 20), y_train=labels, x_test=lists(rng, 20), y_test=labels),
        "imdb_word_index.json": json.dumps({"the": 1, "film": 2}).encode(),
        "reuters.npz": npz(x=lists(rng, 20), y=np.arange(20)),
        "reuters_word_index.json": json.dumps({"oil": 1}).encode(),
        "boston_housing.npz": npz(x=x, y=y),
        "california_housing.npz": npz(x=x, y=y),
    }


CALLS = [
    ("mnist", {}),
    ("fashion_mnist", {}),
    ("cifar100", {}),
    ("cifar100", {"label_mode": "coarse"}),
    ("imdb", {}),
    ("imdb", {"num_words": 20, "skip_top": 4, "maxlen": 6, "seed": 1, "oov_char": None}),
    ("imdb", {"start_char": None, "index_from": 0}),
    ("reuters", {"test_split": 0.3, "num_words": 15}),
    ("reuters", {"start_char": None, "maxlen": 5, "seed": 7}),
    ("boston_housing", {"seed": 3}),
    ("california_housing", {"version": "small", "test_split": 0.5}),
]


@pytest.mark.parametrize(("name", "arguments"), CALLS, ids=lambda value: str(value))
def test_the_real_keras_reads_the_same_from_the_same_files(name, arguments, server, monkeypatch):
    theirs = importlib.import_module(f"keras.src.datasets.{name}")

    def given(fname, origin, cache_subdir="datasets", extract=False, **_):
        origin = server.url + origin.rpartition("/")[2]
        return keras.utils.get_file(fname, origin, cache_subdir=cache_subdir, extract=extract)

    monkeypatch.setattr(theirs, "get_file", given)
    ours = getattr(keras.datasets, name).load_data(**arguments)
    for pair, expected in zip(ours, theirs.load_data(**arguments), strict=True):
        for array, other in zip(pair, expected, strict=True):
            assert (array.shape, array.dtype) == (other.shape, other.dtype)
            assert array.tolist() == other.tolist()


def test_cifar10_has_images_in_the_right_order(server):
    (x_train, y_train), (x_test, y_test) = keras.datasets.cifar10.load_data()
    assert x_train.shape == (50, 32, 32, 3) and y_train.shape == (50, 1)
    assert x_test.shape == (4, 32, 32, 3) and y_test[:, 0].tolist() == [0, 1, 2, 3]
    batch, _ = _files.read_cifar(
        next(_files.fetched("cifar10", "cifar-10-batches-py-target", extract=True).rglob("data_batch_2")),
        b"labels",
    )
    np.testing.assert_array_equal(x_train[10:20], batch.transpose(0, 2, 3, 1))


def test_words_topics_and_the_cache(server):
    assert keras.datasets.imdb.get_word_index() == {"the": 1, "film": 2}
    assert keras.datasets.reuters.get_word_index() == {"oil": 1}
    keras.datasets.imdb.get_word_index()
    assert server.asked == ["imdb_word_index.json", "reuters_word_index.json"]
    assert len(keras.datasets.reuters.get_label_names()) == 46


def test_the_published_addresses_and_hashes_are_those_of_keras():
    import inspect

    for key, published in _files.FILES.items():
        module = key.removesuffix("_word_index").partition("/")[0]
        text = inspect.getsource(importlib.import_module(f"keras.src.datasets.{module}"))
        assert published.url.rpartition("/")[2] in text and published.url.rpartition("/")[0] in text
        assert published.hash is None or published.hash in text


# What goes wrong -------------------------------------------------------------------------------------------
def test_a_cut_connection_leaves_nothing_and_names_the_place_for_the_file(server, tmp_path):
    server.cut.add("mnist.npz")
    with pytest.raises(Exception, match="the connection was cut") as raised:
        keras.datasets.mnist.load_data()
    assert str(tmp_path / "datasets" / "mnist.npz") in str(raised.value)
    assert not [p for p in (tmp_path / "datasets").iterdir() if not p.name.endswith(".lock")]
    server.cut.clear()
    assert keras.datasets.mnist.load_data()[0][0].shape == (5, 28, 28)


def test_without_a_network_one_error_says_where_to_put_the_file(server, tmp_path, monkeypatch):
    monkeypatch.setitem(_files.FILES, "mnist", _files.Published("http://127.0.0.1:9/mnist.npz", "0" * 64))
    with pytest.raises(Exception, match="put it at") as raised:
        keras.datasets.mnist.load_data()
    assert str(tmp_path / "datasets" / "mnist.npz") in str(raised.value)


def test_a_missing_file_says_so_too(server, tmp_path):
    del server.files["mnist.npz"]
    with pytest.raises(Exception, match="404") as raised:
        keras.datasets.mnist.load_data()
    assert str(tmp_path / "datasets" / "mnist.npz") in str(raised.value)


def test_a_file_put_there_by_hand_is_used(server, tmp_path):
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "mnist.npz").write_bytes(server.files["mnist.npz"])
    assert keras.datasets.mnist.load_data()[1][0].shape == (2, 28, 28)
    assert server.asked == []


@pytest.mark.parametrize(("name", "file"), [("mnist", "mnist.npz"), ("cifar10", "cifar-10-python.tar.gz")])
def test_another_file_is_refused(name, file, server, tmp_path):
    server.files[file] = server.files[file][:-20]
    with pytest.raises(ValueError, match="not the one that was expected"):
        getattr(keras.datasets, name).load_data()


@pytest.mark.parametrize(
    ("name", "file", "key"),
    [
        ("fashion_mnist", "train-images-idx3-ubyte.gz", None),
        ("mnist", "mnist.npz", "mnist"),
        ("imdb", "imdb.npz", "imdb"),
        ("cifar10", "cifar-10-python.tar.gz", "cifar10"),
        ("imdb_index", "imdb_word_index.json", "imdb_word_index"),
    ],
)
def test_a_truncated_file_is_called_damaged(name, file, key, server, monkeypatch):
    """Also where no hash tells, such as for a file that somebody copied."""
    server.files[file] = server.files[file][: len(server.files[file]) // 2]
    if key is not None:
        monkeypatch.setitem(_files.FILES, key, _files.Published(server.url + file))
    load = keras.datasets.imdb.get_word_index if key == "imdb_word_index" else None
    with pytest.raises(ValueError, match="damaged|no archive"):
        (load or getattr(keras.datasets, name).load_data)()


def test_two_processes_at_once_download_once(server, tmp_path):
    code = f"from addax.utils import get_file; print(get_file(origin={server.url + 'mnist.npz'!r}))"
    with contextlib.ExitStack() as stack:
        runs = [
            stack.enter_context(subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE))
            for _ in range(2)
        ]
        outputs = {run.communicate(timeout=120)[0].decode().splitlines()[-1] for run in runs}
    assert outputs == {str(tmp_path / "datasets" / "mnist.npz")}
    assert [run.returncode for run in runs] == [0, 0] and server.asked == ["mnist.npz"]

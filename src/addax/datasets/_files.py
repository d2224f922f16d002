"""Where the data sets are published, and how their files are read; everything in them is checked."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from addax.core.errors import message
from addax.formats import decode_npy, decode_pickle
from addax.saving._archive import Archive
from addax.saving._download import get_file

GOOGLE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
TORONTO = "https://www.cs.toronto.edu/~kriz/"
Split = tuple[np.ndarray, np.ndarray]


class Published(NamedTuple):
    """A file on the web.

    Attributes:
        url: Where it is.
        hash: Its SHA-256 or MD5, if one is published.
    """

    url: str
    hash: str | None = None


# The addresses and hashes are those of Keras 3.15.1.
FILES = {
    "mnist": Published(
        f"{GOOGLE}mnist.npz", "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
    ),
    "cifar10": Published(
        f"{TORONTO}cifar-10-python.tar.gz", "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"
    ),
    "cifar100": Published(
        f"{TORONTO}cifar-100-python.tar.gz",
        "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
    ),
    "imdb": Published(
        f"{GOOGLE}imdb.npz", "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
    ),
    "imdb_word_index": Published(f"{GOOGLE}imdb_word_index.json", "bfafd718b763782e994055a2d397834f"),
    "reuters": Published(
        f"{GOOGLE}reuters.npz", "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"
    ),
    "reuters_word_index": Published(f"{GOOGLE}reuters_word_index.json", "4d44cc38712099c9e383dc6e5f11a921"),
    "boston_housing": Published(
        f"{GOOGLE}boston_housing.npz", "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5"
    ),
    "california_housing": Published(
        f"{GOOGLE}california_housing.npz", "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f"
    ),
    **{
        f"fashion_mnist/{name}": Published(f"{GOOGLE}{name}")
        for name in (
            "train-labels-idx1-ubyte.gz",
            "train-images-idx3-ubyte.gz",
            "t10k-labels-idx1-ubyte.gz",
            "t10k-images-idx3-ubyte.gz",
        )
    },
}


def fetched(key: str, name: str | None = None, subdir: str = "datasets", extract: bool = False) -> Path:
    """The file of a data set in the cache, downloaded if it is not there.

    Args:
        key: A key of `FILES`.
        name: The name in the cache.
        subdir: The folder in the cache.
        extract: Whether it is an archive to unpack; the folder is given then.
    """
    url, checked = FILES[key]
    return Path(get_file(name, url, file_hash=checked, cache_subdir=subdir, extract=extract))


def read_npz(path: Path, names: tuple[str, ...]) -> list[np.ndarray]:
    """Arrays of an `.npz` file.

    Raises:
        ValueError: If it is damaged, has no such arrays, or holds objects other than lists of integers.
    """
    with Archive(path, required=f"{names[0]}.npy") as archive:
        return [decode_npy(archive.read(f"{name}.npy")) for name in names]


def read_json(path: Path) -> Any:
    """The content of a JSON file.

    Raises:
        ValueError: If it is damaged.
    """
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise damaged(path, str(error)) from error


def read_idx(path: Path) -> np.ndarray:
    """Bytes in a gzipped IDX file: labels of shape (n,) or images of shape (n, height, width).

    Raises:
        ValueError: If it is damaged.
    """
    try:
        with gzip.open(path) as file:
            start = file.read(4)
            if start[:3] != b"\0\0\x08" or start[3] not in (1, 3):
                raise ValueError("it is no IDX file of bytes")
            sizes = file.read(4 * start[3])
            shape = tuple(int.from_bytes(sizes[i : i + 4]) for i in range(0, len(sizes), 4))
            count = int(np.prod(shape, dtype=object))
            if count > 1100 * path.stat().st_size:  # deflate packs no better
                raise ValueError(f"it declares {count} bytes")
            return np.frombuffer(file.read(count), np.uint8).reshape(shape)
    except (EOFError, OSError, ValueError, zlib.error) as error:
        raise damaged(path, str(error)) from error


def read_cifar(path: Path, label_key: bytes) -> Split:
    """A batch of CIFAR: images of shape (n, 3, 32, 32), and their labels of shape (n, 1), both uint8.

    Raises:
        ValueError: If it is damaged, or not such a batch.
    """
    found = decode_pickle(path.read_bytes())
    images = found.get(b"data") if isinstance(found, dict) else None
    labels = found.get(label_key) if isinstance(found, dict) else None
    if not isinstance(images, np.ndarray) or images.shape[1:] != (3072,) or not isinstance(labels, list):
        raise damaged(path, f"it has no images with {label_key.decode()}")
    if len(labels) != len(images) or not all(type(label) is int and 0 <= label < 256 for label in labels):
        raise damaged(path, "its labels do not belong to its images")
    return images.reshape(-1, 3, 32, 32), np.array(labels, np.uint8)[:, None]


def damaged(path: Path, what: str) -> ValueError:
    """The error for a file in the cache that is not what it should be."""
    return ValueError(
        message(f"{path} is damaged: {what}.", hint="Delete the file; it is downloaded again then.")
    )


def shuffled(seed: Any, *arrays: np.ndarray) -> list[np.ndarray]:
    """Arrays in the order that Keras gives them with this seed, or the next one of a `RandomState`."""
    random = seed if isinstance(seed, np.random.RandomState) else np.random.RandomState(seed)
    order = np.arange(len(arrays[0]))
    random.shuffle(order)
    return [array[order] for array in arrays]


def divided(x: Any, y: Any, fraction: float) -> tuple[Split, Split]:
    """The first part for training, the last `fraction` for testing."""
    at = int(len(x) * (1 - fraction))
    return (x[:at], y[:at]), (x[at:], y[at:])


def check_fraction(fraction: float) -> None:
    """Raise ValueError for a `test_split` that is no part."""
    if not 0 <= fraction < 1:
        raise ValueError(message("`test_split`.", expected="a number from 0 to below 1", received=fraction))

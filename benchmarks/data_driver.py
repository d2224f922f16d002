"""Pipelines: the same data, gone through once by `tf.data`, by Addax, and by PyTorch's `DataLoader`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

TITLES = {
    "arrays": "arrays (60,000 rows of 32), shuffled, in batches of 32",
    "images": "2,000 images of 64x64: scaled, flipped and brightened at random, in batches of 32",
    "text": "100,000 lines into numbers by `TextVectorization`, in batches of 256",
    "jpegs": "a folder of 1,000 JPEGs of 256x256, decoded and resized to 128x128",
}
WITH_TORCH = ("arrays", "images", "jpegs")
BATCH = 32


def passes(name, peer):
    """A function that goes through the data of a case once and gives the number of elements.

    Args:
        name: A key of `TITLES`.
        peer: `"addax"`, `"tf.keras"` or `"torch"`.
    """
    rng = np.random.default_rng(0)
    if peer == "torch":
        return _TORCH[name](rng)
    from benchmarks.keras_driver import load

    keras, tf = load(peer)
    dataset, count = _PIPELINES[name](tf, keras, rng)

    def run():
        for batch in dataset:
            last = batch
        np.asarray(last[0] if isinstance(last, tuple) else last)
        return count

    return run


# tf.data -------------------------------------------------------------------------------------------------
def _arrays(tf, keras, rng):
    x, y = rng.random((60_000, 32), dtype="float32"), rng.integers(0, 10, 60_000)
    dataset = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(60_000).batch(BATCH)
    return dataset.prefetch(tf.data.AUTOTUNE), len(y)


def _images(tf, keras, rng):
    x = rng.integers(0, 256, (2_000, 64, 64, 3), dtype="uint8")

    def augmented(image):
        image = tf.cast(image, tf.float32) / 255.0
        image = tf.image.random_flip_left_right(image)
        return tf.image.random_brightness(image, 0.2)

    dataset = tf.data.Dataset.from_tensor_slices(x).map(augmented, num_parallel_calls=tf.data.AUTOTUNE)
    return dataset.batch(BATCH).prefetch(tf.data.AUTOTUNE), len(x)


def _lines(rng, count):
    words = np.array([f"word{i}" for i in range(5_000)])
    return [" ".join(row) + "." for row in words[rng.zipf(1.3, (count, 12)) % 5_000]]


def _text(tf, keras, rng):
    lines = _lines(rng, 100_000)
    layer = keras.layers.TextVectorization(max_tokens=4_000, output_sequence_length=16)
    layer.adapt(lines[:10_000])
    dataset = tf.data.Dataset.from_tensor_slices(lines).batch(256)
    return dataset.map(layer, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE), len(lines)


def _folder(rng):
    """A folder of JPEGs in two classes; it goes when the process ends."""
    from PIL import Image

    folder = tempfile.TemporaryDirectory()
    for label in ("a", "b"):
        (Path(folder.name) / label).mkdir()
        for i in range(500):
            small = Image.fromarray(rng.integers(0, 256, (16, 16, 3), dtype="uint8"))
            small.resize((256, 256), Image.Resampling.BICUBIC).save(
                Path(folder.name) / label / f"{i}.jpg", quality=90
            )
    return folder


def _jpegs(tf, keras, rng):
    folder = _folder(rng)
    dataset = keras.utils.image_dataset_from_directory(
        folder.name, image_size=(128, 128), batch_size=BATCH, shuffle=False, verbose=False
    )
    _FOLDERS.append(folder)
    return dataset, 1_000


_FOLDERS = []
_PIPELINES = {"arrays": _arrays, "images": _images, "text": _text, "jpegs": _jpegs}


# PyTorch -------------------------------------------------------------------------------------------------
def _loader_pass(loader, count):
    def run():
        for batch in loader:
            last = batch
        assert last is not None
        return count

    return run


def _torch_arrays(rng):
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    x, y = (
        torch.from_numpy(rng.random((60_000, 32), dtype="float32")),
        torch.from_numpy(rng.integers(0, 10, 60_000)),
    )
    return _loader_pass(DataLoader(TensorDataset(x, y), BATCH, shuffle=True), len(y))


class _Augmented:
    def __init__(self, x):
        self.x = x

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        import torch

        image = self.x[i].to(torch.float32) / 255.0
        if torch.rand(()) < 0.5:
            image = image.flip(1)
        return image + (torch.rand(()) * 0.4 - 0.2)


def _torch_images(rng):
    import torch
    from torch.utils.data import DataLoader

    x = torch.from_numpy(rng.integers(0, 256, (2_000, 64, 64, 3), dtype="uint8"))
    return _loader_pass(DataLoader(_Augmented(x), BATCH), len(x))


class _Pictures:
    def __init__(self, folder):
        self.paths = sorted(Path(folder.name).glob("*/*.jpg"))
        self.folder = folder

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        import torch
        from PIL import Image

        with Image.open(self.paths[i]) as image:
            small = image.convert("RGB").resize((128, 128), Image.Resampling.BILINEAR)
        return torch.from_numpy(np.array(small, dtype="float32")), int(self.paths[i].parent.name == "b")


def _torch_jpegs(rng):
    from torch.utils.data import DataLoader

    return _loader_pass(
        DataLoader(_Pictures(_folder(rng)), BATCH, num_workers=2, persistent_workers=True), 1_000
    )


_TORCH = {"arrays": _torch_arrays, "images": _torch_images, "jpegs": _torch_jpegs}

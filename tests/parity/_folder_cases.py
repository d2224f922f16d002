"""Folders of images, texts and sounds, and the calls that real Keras and Addax make on them.

`.venv-oracle/bin/python -m tests.parity._folder_cases` writes `folder_golden.json` with the real TensorFlow.
"""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).with_name("folder_golden.json")
SIZES = {"a/0.png": (5, 7), "a/1.png": (9, 4), "a/deep/2.png": (6, 6), "b/3.png": (3, 8), "b/4.png": (4, 4)}
SIZES |= {"c/5.png": (7, 5), "c/6.png": (8, 8)}
OTHERS = {"x/0.bmp": (5, 4), "x/1.gif": (6, 7), "y/2.PNG": (4, 4)}  # TensorFlow reads these in colour only

IMAGES = {
    "plain": {},
    "others": {},
    "categorical": {"label_mode": "categorical", "interpolation": "nearest"},
    "binary, chosen": {"label_mode": "binary", "class_names": ["c", "a"]},
    "no labels": {"labels": None, "interpolation": "area"},
    "no label mode": {"label_mode": None, "batch_size": None, "color_mode": "grayscale"},
    "listed": {"labels": [3, 1, 1, 3, 2, 2, 1], "interpolation": "bicubic"},
    "cropped": {"crop_to_aspect_ratio": True, "interpolation": "lanczos3"},
    "cropped, nearest": {"crop_to_aspect_ratio": True, "interpolation": "nearest"},
    "padded": {"pad_to_aspect_ratio": True, "color_mode": "rgba"},
    "padded, nearest": {"pad_to_aspect_ratio": True, "interpolation": "nearest"},
    "first": {"data_format": "channels_first", "interpolation": "gaussian"},
    "first, padded": {"data_format": "channels_first", "pad_to_aspect_ratio": True},
    "first, cropped": {"data_format": "channels_first", "crop_to_aspect_ratio": True},
    "mitchell": {"interpolation": "mitchellcubic", "batch_size": 2},
    "lanczos5": {"interpolation": "lanczos5"},
    "training": {"validation_split": 0.3, "subset": "training"},
    "validation": {"validation_split": 0.3, "subset": "validation", "label_mode": "categorical"},
}
ORDERS = {
    "shuffled": {"seed": 3},
    "shuffled, training": {"seed": 3, "validation_split": 0.4, "subset": "training"},
    "shuffled, validation": {"seed": 3, "validation_split": 0.4, "subset": "validation"},
}
TEXTS = {
    "plain": {},
    "short": {"max_length": 5, "label_mode": "categorical"},
    "no labels": {"labels": None, "batch_size": None},
    "both": {"validation_split": 0.5, "subset": "both", "seed": 1, "shuffle": False},
}
SOUNDS = {
    "plain": {},
    "cut": {"output_sequence_length": 4, "label_mode": "categorical"},
    "validation": {"validation_split": 0.5, "subset": "validation", "batch_size": None},
}


def pixels(height, width, seed):
    return np.random.RandomState(seed).randint(0, 256, (height, width, 3)).astype(np.uint8)


def make_images(root, sizes=SIZES):
    from PIL import Image

    for number, (name, size) in enumerate(sizes.items()):
        path = Path(root, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(pixels(*size, number))
        (image.quantize(16) if name.endswith("gif") else image).save(path)
    Path(root, "notes.md").write_text("no image")
    return root


def make_texts(root):
    texts = {"a/0.txt": b"one two", "a/1.txt": b"caf\xc3\xa9 \xff\xfe!", "b/2.txt": b"", "b/3.txt": b"last\n"}
    for name, text in texts.items():
        Path(root, name).parent.mkdir(parents=True, exist_ok=True)
        Path(root, name).write_bytes(text)
    return root


def make_sounds(root):
    for number, (name, count) in enumerate({"a/0.wav": 3, "a/1.wav": 6, "b/2.wav": 5, "b/3.wav": 4}.items()):
        Path(root, name).parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(Path(root, name)), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            numbers = np.random.RandomState(number).randint(-(2**15), 2**15, count)
            file.writeframes(numbers.astype("<i2").tobytes())
    return root


def plain(value):
    array = np.asarray(value, object) if isinstance(value, bytes) else np.asarray(value)
    if array.dtype == object:
        return {
            "dtype": "string",
            "shape": array.shape,
            "values": [b.decode("latin-1") for b in array.ravel()],
        }
    values = (
        [round(float(v), 3) for v in array.ravel()] if array.dtype.kind == "f" else array.ravel().tolist()
    )
    return {"dtype": array.dtype.name, "shape": array.shape, "values": values}


def described(dataset):
    """All elements of a dataset, its spec and its attributes."""
    elements = []
    for element in dataset.as_numpy_iterator():
        parts = element if isinstance(element, tuple) else (element,)
        elements.append([plain(part) for part in parts])
    spec = dataset.element_spec
    return {
        "elements": elements,
        "names": dataset.class_names,
        "spec": [[s.shape.as_list(), s.dtype.name] for s in (spec if isinstance(spec, tuple) else (spec,))],
    }


def results(utils, folders):
    """What the three functions give on the three folders."""
    found = {"images": {}, "orders": {}, "texts": {}, "sounds": {}}
    for name, arguments in IMAGES.items():
        options = {"shuffle": False, "image_size": (4, 3), "verbose": False, **arguments}
        folder = folders["others" if name == "others" else "images"]
        dataset = utils.image_dataset_from_directory(folder, **options)
        found["images"][name] = described(dataset)
    for name, arguments in ORDERS.items():
        dataset = utils.image_dataset_from_directory(folders["images"], verbose=False, **arguments)
        paths = [Path(p).relative_to(folders["images"]).as_posix() for p in dataset.file_paths]
        found["orders"][name] = paths
    for name, arguments in TEXTS.items():
        options = {"shuffle": False, "verbose": False, **arguments}
        made = utils.text_dataset_from_directory(folders["texts"], **options)
        made = made if isinstance(made, (list, tuple)) else [made]
        found["texts"][name] = [described(d) for d in made]
    for name, arguments in SOUNDS.items():
        options = {"shuffle": False, "verbose": False, **arguments}
        dataset = utils.audio_dataset_from_directory(folders["sounds"], **options)
        found["sounds"][name] = described(dataset)
    return json.loads(json.dumps(found))


def make_folders(root):
    folders = {"images": make_images, "texts": make_texts, "sounds": make_sounds}
    found = {name: str(make(Path(root, name))) for name, make in folders.items()}
    return {**found, "others": str(make_images(Path(root, "others"), OTHERS))}


if __name__ == "__main__":
    import tempfile

    import tensorflow as tf

    with tempfile.TemporaryDirectory() as place:
        found = results(tf.keras.utils, make_folders(place))
    lines = [
        f"{json.dumps(kind)}:{{\n"
        + ",\n".join(
            f"{json.dumps(name)}:{json.dumps(case, separators=(',', ':'))}" for name, case in cases.items()
        )
        + "\n}"
        for kind, cases in found.items()
    ]
    GOLDEN.write_text("{" + ",\n".join(lines) + "}\n")

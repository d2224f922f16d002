"""Calls on the old `keras.preprocessing`, with seeds, for the real tf_keras and for Addax.

`.venv-oracle/bin/python -m tests.parity._old_preprocessing_cases` writes `old_preprocessing_golden.json`.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).with_name("old_preprocessing_golden.json")
IMAGES = np.random.RandomState(0).randint(0, 256, (5, 6, 5, 3)).astype("float32")
LABELS = np.arange(5)

# Arguments of ImageDataGenerator.
GENERATORS = {
    "nothing": {},
    "rotation": {"rotation_range": 40},
    "shift by parts": {"width_shift_range": 0.4, "height_shift_range": 0.3, "fill_mode": "wrap"},
    "shift by pixels": {"width_shift_range": 3, "height_shift_range": 2, "fill_mode": "reflect"},
    "shift from a list": {"width_shift_range": [1, 2], "height_shift_range": [0.1, 0.5]},
    "shear": {"shear_range": 30.0, "fill_mode": "constant", "cval": 7.0},
    "zoom": {"zoom_range": 0.4, "interpolation_order": 0},
    "zoom between": {"zoom_range": [0.5, 2.0]},
    "channels": {"channel_shift_range": 60.0},
    "brightness": {"brightness_range": (0.4, 1.6)},
    "flips": {"horizontal_flip": True, "vertical_flip": True},
    "one flip": {"horizontal_flip": True},
    "samplewise": {"samplewise_center": True, "samplewise_std_normalization": True},
    "featurewise": {"featurewise_center": True, "featurewise_std_normalization": True},
    "rescaled": {"rescale": 1 / 255.0, "rotation_range": 10},
    "everything": {
        "rotation_range": 20, "width_shift_range": 0.2, "height_shift_range": 2, "shear_range": 10.0,
        "zoom_range": 0.2, "channel_shift_range": 20.0, "brightness_range": (0.8, 1.2), "horizontal_flip": True,
        "vertical_flip": True, "rescale": 1 / 255.0,
    },
}  # fmt: skip
FOLDERS = {
    "categorical": {},
    "binary": {"classes": ["b", "a"], "class_mode": "binary", "interpolation": "bilinear"},
    "sparse": {"class_mode": "sparse", "color_mode": "grayscale"},
    "input": {"class_mode": "input", "keep_aspect_ratio": True, "interpolation": "bicubic"},
    "none": {"class_mode": None, "color_mode": "rgba"},
    "training": {"subset": "training"},
    "validation": {"subset": "validation", "class_mode": "sparse"},
    "shuffled": {"shuffle": True, "seed": 4},
}
FRAMES = {
    "categorical": {},
    "several labels": {"y_col": "several"},
    "chosen": {"classes": ["b"], "class_mode": "sparse"},
    "raw": {"y_col": ["u", "v"], "class_mode": "raw", "weight_col": "w"},
    "multi_output": {"y_col": ["u", "v"], "class_mode": "multi_output"},
    "none": {"class_mode": None},
    "validation": {"class_mode": "binary", "subset": "validation"},
}
TEXTS = ["The cat sat on the mat.", "A dog, a cat & a bird!", "Tabs\tand\nlines", "über cats"]


def plain(value):
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and any(
        isinstance(item, (np.ndarray, list, tuple)) for item in value
    ):
        return [plain(item) for item in value]
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        values = (
            [round(float(v), 3) for v in array.ravel()] if array.dtype.kind == "f" else array.ravel().tolist()
        )
        return {"dtype": array.dtype.name, "shape": list(array.shape), "values": values}
    return list(value) if isinstance(value, tuple) else value


def batches(flow, count=3):
    return [plain(next(flow)) for _ in range(count)]


def images(preprocessing):
    found = {}
    for name, arguments in GENERATORS.items():
        generator = preprocessing.image.ImageDataGenerator(**arguments)
        np.random.seed(1)
        if name == "featurewise":
            generator.fit(IMAGES, augment=True, rounds=2, seed=5)
        found[name] = batches(
            generator.flow(IMAGES, LABELS, batch_size=2, seed=7), 4 if name == "nothing" else 2
        )
    generator = preprocessing.image.ImageDataGenerator(validation_split=0.4)
    found["subset"] = batches(
        generator.flow(IMAGES, LABELS % 2, batch_size=2, shuffle=False, subset="validation")
    )
    flow = generator.flow(IMAGES, LABELS, sample_weight=LABELS / 2, batch_size=2, seed=3)
    found["by number"] = [plain(flow[1]), plain(flow[0]), len(flow)]
    whitened = preprocessing.image.ImageDataGenerator(zca_whitening=True)
    whitened.fit(IMAGES)
    found["whitened"] = batches(whitened.flow(IMAGES, batch_size=5, shuffle=False), 1)
    return found


def functions(preprocessing):
    image, rng = preprocessing.image, IMAGES[0]
    axes = {"row_axis": 0, "col_axis": 1, "channel_axis": 2}
    found = {}
    for name, call in {
        "rotation": lambda: image.random_rotation(rng, 30, **axes),
        "shift": lambda: image.random_shift(rng, 0.3, 0.2, **axes),
        "shear": lambda: image.random_shear(rng, 20, **axes),
        "zoom": lambda: image.random_zoom(rng, (0.6, 1.4), **axes),
        "channel_shift": lambda: image.random_channel_shift(rng, 50, channel_axis=2),
        "brightness": lambda: image.random_brightness(rng, (0.3, 1.8)),
        "affine": lambda: image.apply_affine_transform(
            rng, theta=15, tx=1, ty=-1, shear=5, zx=0.9, zy=1.2, **axes
        ),
        "first": lambda: image.apply_affine_transform(
            rng.transpose(2, 0, 1), theta=45, row_axis=1, col_axis=2, channel_axis=0, fill_mode="constant"
        ),
        "brighter": lambda: image.apply_brightness_shift(rng / 255, 1.5, False),
    }.items():
        np.random.seed(11)
        found[name] = plain(call())
    return found


def files(preprocessing):
    import pandas
    from PIL import Image

    found = {"folders": {}, "frames": {}}
    with tempfile.TemporaryDirectory() as root:
        for number, name in enumerate(
            ["a/1.png", "a/2.bmp", "a/3.tif", "a/x.gif", "b/1.PNG", "b/deep/2.ppm", "b/3.png"]
        ):
            path = Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            pixels = np.random.RandomState(number).randint(0, 256, (4 + number, 6, 3)).astype("uint8")
            Image.fromarray(pixels).save(path)
        Path(root, "c").mkdir()
        options = {"target_size": (3, 4), "batch_size": 2, "shuffle": False}
        generator = preprocessing.image.ImageDataGenerator(validation_split=0.5)
        for name, arguments in FOLDERS.items():
            flow = generator.flow_from_directory(root, **{**options, **arguments})
            found["folders"][name] = {
                "batches": batches(flow), "names": flow.filenames, "indices": flow.class_indices,
                "samples": flow.samples, "classes": plain(flow.classes), "shape": list(flow.image_shape),
            }  # fmt: skip
        frame = pandas.DataFrame(
            {
                "filename": ["a/1.png", "b/3.png", "a/2.bmp", "b/1.PNG"],
                "class": ["a", "b", "a", "b"],
                "several": [["a", "c"], "b", ["b"], ("c",)],
                "u": [0.5, 1.5, 2.5, 3.5],
                "v": [1, 2, 3, 4],
                "w": [1.0, 2.0, 3.0, 4.0],
            }
        )
        for name, arguments in FRAMES.items():
            flow = generator.flow_from_dataframe(frame, root, **{**options, **arguments})
            found["frames"][name] = {
                "batches": batches(flow, 2), "names": flow.filenames, "samples": flow.samples,
                "indices": getattr(flow, "class_indices", {}) or {},
            }  # fmt: skip
    return found


def ordered(table):
    return dict(sorted(table.items()))


def config(text):
    """The config of a tokenizer without the order in which sets of words are counted."""
    found = json.loads(text)["config"]
    return found | {name: ordered(json.loads(found[name])) for name in ("word_docs", "index_docs")}


def texts(preprocessing):
    text = preprocessing.text
    found = {
        "words": [text.text_to_word_sequence(t) for t in TEXTS],
        "as they are": text.text_to_word_sequence("A-B c,D", filters="-", lower=False, split=","),
        "hashed": text.hashing_trick(TEXTS[0], 50, "md5"),
    }
    for name, arguments in {
        "plain": {}, "few": {"num_words": 4}, "oov": {"num_words": 4, "oov_token": "<oov>"},
        "characters": {"char_level": True, "lower": False}, "split": {"split": "a", "filters": "."},
    }.items():  # fmt: skip
        tokens = text.Tokenizer(**arguments)
        tokens.fit_on_texts(TEXTS)
        sequences = tokens.texts_to_sequences([*TEXTS, "unseen cat"])
        again = text.tokenizer_from_json(tokens.to_json())
        found[name] = {
            "index": tokens.word_index, "counts": tokens.word_counts, "docs": ordered(tokens.word_docs),
            "sequences": sequences, "texts": tokens.sequences_to_texts(sequences),
            "matrices": {m: plain(tokens.texts_to_matrix(TEXTS, m)) for m in ("binary", "count", "freq", "tfidf")},
            "again": again.texts_to_sequences(TEXTS), "config": config(tokens.to_json()),
        }  # fmt: skip
    return found


def sequences(preprocessing):
    sequence = preprocessing.sequence
    import random

    found = {}
    series = np.arange(40).reshape(20, 2)
    for name, arguments in {
        "plain": {"length": 3}, "sampled": {"length": 6, "sampling_rate": 2, "stride": 3, "reverse": True},
        "range": {"length": 4, "start_index": 5, "end_index": 14}, "shuffled": {"length": 3, "shuffle": True},
    }.items():  # fmt: skip
        np.random.seed(2)
        made = sequence.TimeseriesGenerator(series, np.arange(20), batch_size=4, **arguments)
        found[name] = [len(made), [plain(made[i]) for i in range(len(made))]]
    random.seed(3)
    found["skipgrams"] = plain(sequence.skipgrams([1, 2, 3, 4, 0, 5], 8, window_size=2, seed=3))
    random.seed(3)
    found["sampled skipgrams"] = plain(
        sequence.skipgrams(
            [1, 2, 3, 4], 5, 1, negative_samples=0.5, shuffle=False, categorical=True,
            sampling_table=sequence.make_sampling_table(5, 0.05),
        )
    )  # fmt: skip
    found["table"] = plain(sequence.make_sampling_table(8, 0.05))
    found["padded"] = plain(sequence.pad_sequences([[1, 2, 3], [4]], maxlen=2, padding="post", value=9))
    return found


def results(preprocessing):
    kinds = {"images": images, "functions": functions, "files": files, "texts": texts, "sequences": sequences}
    return json.loads(json.dumps({name: make(preprocessing) for name, make in kinds.items()}))


if __name__ == "__main__":
    import tf_keras

    found = results(tf_keras.preprocessing)
    lines = [
        f"{json.dumps(kind)}:{{\n"
        + ",\n".join(
            f"{json.dumps(name)}:{json.dumps(case, separators=(',', ':'))}" for name, case in cases.items()
        )
        + "\n}"
        for kind, cases in found.items()
    ]
    GOLDEN.write_text("{" + ",\n".join(lines) + "}\n")

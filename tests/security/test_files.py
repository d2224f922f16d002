"""Archives and HDF5 files that lie about their names, sizes and places."""

from __future__ import annotations

import contextlib
import json
import os
import struct
import sys
import zipfile

import h5py
import numpy as np
import pytest
from tests.security._files import archive, dense, input_layer, legacy, plain_weights, sequential, weights
from tests.security._watch import tree_of, watched

import addax as keras


@pytest.fixture
def secret(tmp_path):
    """A file that nobody may read, and its numbers in HDF5."""
    folder = tmp_path / "secret"
    folder.mkdir()
    with h5py.File(folder / "secret.h5", "w") as file:
        group = file.require_group("layers/dense/vars")
        group["0"], group["1"] = np.full((3, 2), 42, "float32"), np.full(2, 42, "float32")
        file["plain"] = np.full((3, 2), 42, "float32")
    (folder / "secret.raw").write_bytes(np.full((3, 2), 42, "float32").tobytes())
    return folder


def stack():
    return keras.Sequential([keras.Input((3,), name="x"), keras.layers.Dense(2, name="dense")], name="stack")


# Every way in for weights: (what to put into the file, folder, model) -> the model with the weights in it.
def _whole_archive(fill, tmp, model):
    return keras.models.load_model(archive(tmp / "m.keras", data=weights(fill)))


def _archive_weights(fill, tmp, model):
    model.load_weights(archive(tmp / "m.keras", data=weights(fill)))
    return model


def _weights_file(fill, tmp, model):
    (tmp / "m.weights.h5").write_bytes(weights(fill))
    model.load_weights(tmp / "m.weights.h5")
    return model


def _shards(fill, tmp, model):
    (tmp / "m_00000.weights.h5").write_bytes(weights(fill))
    (tmp / "m.weights.json").write_text('{"weight_map": {"/layers/dense/vars": ["m_00000.weights.h5"]}}')
    model.load_weights(tmp / "m.weights.json")
    return model


WEIGHT_DOORS = {
    "load_model .keras": _whole_archive,
    "load_weights .keras": _archive_weights,
    "load_weights .weights.h5": _weights_file,
    "load_weights .weights.json": _shards,
}
LEGACY_DOORS = {
    "load_model .h5": lambda fill, tmp, model: keras.models.load_model(
        legacy(tmp / "m.h5", sequential(dense()), fill)
    ),
    "load_weights .h5": lambda fill, tmp, model: model.load_weights(
        legacy(tmp / "m.h5", sequential(dense()), fill)
    ),
}


def assert_refused(door, fill, tmp_path, match=None):
    model = stack()
    before = model.get_weights()
    with watched(), pytest.raises(ValueError, match=match):
        door(fill, tmp_path, model)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("door", WEIGHT_DOORS)
def test_a_plain_file_passes_every_door(door, tmp_path):
    model = WEIGHT_DOORS[door](plain_weights, tmp_path, stack())
    np.testing.assert_array_equal(model.get_weights()[0], np.ones((3, 2)))


@pytest.mark.parametrize("door", LEGACY_DOORS)
def test_a_plain_legacy_file_passes_every_door(door, tmp_path):
    model = stack()
    found = LEGACY_DOORS[door](None, tmp_path, model) or model
    np.testing.assert_array_equal(found.get_weights()[0], np.ones((3, 2)))


# Links -----------------------------------------------------------------------------------------------------
def _links(secret):
    """What to put where an array (or a group on the way to it) is expected."""
    layout = h5py.VirtualLayout((3, 2), "float32")
    layout[:] = h5py.VirtualSource(secret / "secret.h5", "plain", (3, 2))
    raw = [(str(secret / "secret.raw"), 0, 24)]
    file = secret / "secret.h5"

    def array(put):
        return lambda group: put(group, "0")

    return {
        "external link": array(lambda g, key: g.__setitem__(key, h5py.ExternalLink(file, "plain"))),
        "soft link": array(lambda g, key: g.__setitem__(key, h5py.SoftLink("/elsewhere"))),
        "external storage": array(lambda g, key: g.create_dataset(key, (3, 2), "float32", external=raw)),
        "virtual dataset": array(lambda g, key: g.create_virtual_dataset(key, layout)),
    }


LINKS = ["external link", "soft link", "external storage", "virtual dataset"]


@pytest.mark.parametrize("kind", LINKS)
@pytest.mark.parametrize("door", WEIGHT_DOORS)
def test_arrays_kept_elsewhere_are_refused(door, kind, secret, tmp_path):
    def fill(file):
        file["elsewhere"] = np.full((3, 2), 42, "float32")
        group = file.require_group("layers/dense/vars")
        group["1"] = np.zeros(2, "float32")
        _links(secret)[kind](group)

    assert_refused(WEIGHT_DOORS[door], fill, tmp_path, match="refused")


@pytest.mark.parametrize("kind", LINKS)
@pytest.mark.parametrize("door", LEGACY_DOORS)
def test_arrays_of_legacy_files_kept_elsewhere_are_refused(door, kind, secret, tmp_path):
    def fill(group):
        group["dense/bias"] = np.zeros(2, "float32")
        _links(secret)[kind](group["dense"])
        group["dense"].move("0", "kernel")

    assert_refused(LEGACY_DOORS[door], fill, tmp_path, match="refused")


@pytest.mark.parametrize("cut", ["layers", "layers/dense", "layers/dense/vars"])
@pytest.mark.parametrize("external", [True, False])
@pytest.mark.parametrize("door", WEIGHT_DOORS)
def test_links_on_the_way_to_an_array_are_refused(door, external, cut, secret, tmp_path):
    def fill(file):
        plain_weights(file.create_group("hidden"))
        parent, _, name = cut.rpartition("/")
        group = file.require_group(parent) if parent else file
        link = h5py.ExternalLink(secret / "secret.h5", cut) if external else h5py.SoftLink(f"/hidden/{cut}")
        group[name] = link

    assert_refused(WEIGHT_DOORS[door], fill, tmp_path, match="link to elsewhere")


@pytest.mark.parametrize("door", LEGACY_DOORS)
def test_links_on_the_way_in_legacy_files_are_refused(door, secret, tmp_path):
    def fill(group):
        group["dense"] = h5py.ExternalLink(secret / "secret.h5", "layers/dense/vars")

    assert_refused(LEGACY_DOORS[door], fill, tmp_path, match="link to elsewhere")


def test_groups_that_hold_each_other_are_no_trap(tmp_path):
    def fill(file):
        plain_weights(file)
        file["layers/dense/layers"] = file["layers"]  # a hard link: the tree is a circle

    model = _weights_file(fill, tmp_path, stack())
    np.testing.assert_array_equal(model.get_weights()[0], np.ones((3, 2)))


# Sizes -----------------------------------------------------------------------------------------------------
def _with_kernel(make):
    def fill(file):
        group = file.require_group("layers/dense/vars")
        group["1"] = np.zeros(2, "float32")
        make(group)

    return fill


BOMBS = {
    "never written": lambda g: g.create_dataset("0", (1 << 20, 1 << 20), "float32"),
    "never written, in chunks": lambda g: g.create_dataset("0", (1 << 40,), "float32", chunks=(1 << 10,)),
    "packed": lambda g: g.create_dataset("0", data=np.zeros(1 << 24, "float32"), compression="gzip"),
    "texts": lambda g: g.create_dataset("0", (1 << 30,), h5py.string_dtype()),
    "another shape": lambda g: g.create_dataset("0", data=np.ones((3, 3), "float32")),
    "no shape": lambda g: g.create_dataset("0", data=h5py.Empty("float32")),
    "references": lambda g: g.create_dataset("0", (3, 2), h5py.ref_dtype),
    "records": lambda g: g.create_dataset("0", (3, 2), np.dtype([("a", "f4"), ("b", "f4")])),
    "lists": lambda g: g.create_dataset("0", (3, 2), h5py.vlen_dtype("float32")),
    "a group": lambda g: g.create_group("0"),
}


@pytest.mark.parametrize("what", BOMBS)
@pytest.mark.parametrize("door", WEIGHT_DOORS)
def test_arrays_that_are_not_what_the_model_wants_are_refused_unread(door, what, tmp_path):
    assert_refused(WEIGHT_DOORS[door], _with_kernel(BOMBS[what]), tmp_path)


@pytest.mark.parametrize("what", ["never written", "packed", "another shape", "references"])
def test_an_optimizer_s_arrays_are_checked_too(what, tmp_path):
    def fill(file):
        plain_weights(file)
        group = file.require_group("optimizer/vars")
        for key, value in {"1": np.float32(0.1), "2": np.zeros((3, 2), "float32"), "3": np.zeros(2)}.items():
            group[key] = value
        BOMBS[what](group)

    compiled = {"optimizer": "momentum", "loss": "mse"}
    config = {"name": "s", "learning_rate": 0.1, "momentum": 0.9}
    compiled["optimizer"] = {"module": "keras.optimizers", "class_name": "SGD", "config": config}
    path = archive(tmp_path / "m.keras", {**sequential(dense()), "compile_config": compiled}, weights(fill))
    with pytest.raises(ValueError, match="refused|do not fit"):
        keras.models.load_model(path)


@keras.saving.register_keras_serializable("security")
class Greedy(keras.layers.Layer):
    """A layer of the user that reads whatever its part of the file holds."""

    def load_own_variables(self, store):
        self.found = {key: store[key] for key in store.keys()}

    def call(self, x):
        return x


@pytest.mark.parametrize("what", ["never written", "packed", "texts", "references", "lists", "records"])
def test_layers_that_read_by_themselves_get_no_bombs(what, tmp_path):
    model = keras.Sequential([keras.Input((3,)), Greedy()])
    (tmp_path / "w.weights.h5").write_bytes(
        weights(lambda f: BOMBS[what](f.require_group("layers/greedy/vars")))
    )
    with watched(), pytest.raises(ValueError, match="refused"):
        model.load_weights(tmp_path / "w.weights.h5")


def test_texts_that_share_their_bytes_are_refused(tmp_path):
    """Heap references are copied, so that 5000 elements refer to one text of 100 kB."""
    path = tmp_path / "w.weights.h5"
    with h5py.File(path, "w") as file:
        group = file.require_group("layers/greedy/vars")
        group.create_dataset(
            "0", data=np.array(["y" * 100_000] + ["z"] * 4999, object), dtype=h5py.string_dtype()
        )
        offset = group["0"].id.get_offset()
    data = bytearray(path.read_bytes())
    first = data[offset : offset + 16]
    data[offset : offset + 16 * 5000] = bytes(first) * 5000
    path.write_bytes(data)
    model = keras.Sequential([keras.Input((3,)), Greedy()])
    with pytest.raises(ValueError, match="longer than the file"):
        model.load_weights(path)


def test_lists_of_texts_that_share_their_bytes_are_refused(tmp_path):
    """The same in an attribute: a thousand names of layers are one text of eight megabytes."""
    path = legacy(tmp_path / "m.h5", sequential(dense()))
    with h5py.File(path, "a") as file:
        file.attrs["long"] = "y" * (8 << 20)
        group = file["model_weights"]
        del group.attrs["layer_names"]
        group.attrs.create("layer_names", np.array(["n"] * 1000, object), dtype=h5py.string_dtype())
    for load in (keras.models.load_model, stack().load_weights):
        with pytest.raises(ValueError, match="longer than the file"):
            load(path)


def test_layers_that_read_by_themselves_still_can(tmp_path):
    def fill(file):
        group = file.require_group("layers/greedy/vars")
        group["numbers"], group["10"], group["9"] = np.arange(4), np.ones(2, "float16"), 3.5
        group["words"] = np.array(["a", "bc"], object)

    model = keras.Sequential([keras.Input((3,)), Greedy()])
    (tmp_path / "w.weights.h5").write_bytes(weights(fill))
    model.load_weights(tmp_path / "w.weights.h5")
    found = model.layers[0].found
    assert list(found) == ["9", "10", "numbers", "words"] and found["words"].tolist() == [b"a", b"bc"]


# Damage ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("name", ["m.keras", "m.weights.h5", "m.h5"])
def test_files_that_are_cut_off_say_so(name, part, tmp_path):
    whole = tmp_path / name
    if name == "m.keras":
        archive(whole)
    elif name == "m.h5":
        legacy(whole, sequential(dense()))
    else:
        whole.write_bytes(weights())
    data = whole.read_bytes()
    whole.write_bytes(data[: int(len(data) * part)])
    load = stack().load_weights if name == "m.weights.h5" else keras.models.load_model
    with pytest.raises(ValueError, match="damaged|no Keras model file|cannot be read|cut off|no HDF5"):
        load(whole)


def test_altered_bytes_never_crash_and_never_change_more_than_numbers(tmp_path):
    """Flips bytes all over the three kinds of file: each either loads or is refused with a ValueError."""
    rng = np.random.default_rng(0)
    files = {
        "m.keras": archive(tmp_path / "a.keras").read_bytes(),
        "m.weights.h5": weights(),
        "m.h5": legacy(tmp_path / "a.h5", sequential(dense())).read_bytes(),
    }
    for name, good in files.items():
        for _ in range(25):
            bad = bytearray(good)
            for at in rng.integers(0, len(bad), 12):
                bad[at] = rng.integers(0, 256)
            (tmp_path / name).write_bytes(bad)
            load = stack().load_weights if name == "m.weights.h5" else keras.models.load_model
            with contextlib.suppress(ValueError, TypeError):
                load(tmp_path / name)


# Zip -------------------------------------------------------------------------------------------------------
NAMES = [
    "../evil.txt",
    "assets/../../evil.txt",
    "/tmp/addax_evil.txt",
    "assets\\..\\..\\evil.txt",
    "C:\\evil.txt",
    "\\\\server\\share\\evil",
    "assets/layers/dense/../../../../evil.txt",
    "..",
]


@pytest.mark.parametrize("name", NAMES)
def test_members_that_lead_out_are_refused(name, tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    path = archive(inside / "m.keras", more=[(name, b"evil")])
    before = tree_of(tmp_path)
    for load in (keras.models.load_model, stack().load_weights):
        with watched(), pytest.raises(ValueError, match="leads out"):
            load(path)
    assert tree_of(tmp_path) == before and not os.path.exists("/tmp/addax_evil.txt")


def test_a_member_may_not_come_twice(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate"):
        path = archive(tmp_path / "m.keras", more=[("config.json", b"{}")])
    with pytest.raises(ValueError, match="twice"):
        keras.models.load_model(path)


def _declaring(path, name, size):
    """Overwrite the size that the directory of a zip declares for a member."""
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as file:
        encoded = name.encode()
        header = file.getinfo(name).header_offset
    central = data.rindex(b"PK\x01\x02", 0, data.rindex(encoded))
    data[central + 24 : central + 28] = struct.pack("<I", size)
    data[header + 22 : header + 26] = struct.pack("<I", size)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("member", ["config.json", "model.weights.h5"])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_sizes_without_bytes_are_refused(method, member, tmp_path):
    path = _declaring(archive(tmp_path / "m.keras", compression=method), member, 0xF0000000)
    for load in (keras.models.load_model, stack().load_weights):
        with pytest.raises(ValueError, match="far more|damaged"):
            load(path)


def test_zip_bombs_are_refused(tmp_path):
    huge = b"0" * (64 << 20)
    path = archive(tmp_path / "m.keras", more=[("assets/big.txt", huge)], compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match="far more"):
        keras.models.load_model(path)


def test_members_that_lie_over_each_other_are_refused(tmp_path):
    """The directory lists the same bytes under many names."""
    path = tmp_path / "m.keras"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("config.json", json.dumps(sequential(dense())))
        file.writestr("assets/a", os.urandom(4000))
        original = file.getinfo("assets/a")
        for i in range(50):
            copy = zipfile.ZipInfo(f"assets/b{i}")
            copy.file_size, copy.compress_size, copy.CRC = (
                original.file_size,
                original.file_size,
                original.CRC,
            )
            copy.header_offset = original.header_offset
            file.filelist.append(copy)
    with pytest.raises(ValueError, match="far more"):
        keras.models.load_model(path)


def test_encrypted_and_unknown_members_are_refused(tmp_path):
    path = archive(tmp_path / "m.keras")
    good = path.read_bytes()
    for offset, value in ((8, 1), (10, 97)):  # the flag of encryption, the method
        data = bytearray(good)
        start = 0
        while (start := data.find(b"PK\x01\x02", start)) >= 0:
            data[start + offset] = value
            start += 4
        path.write_bytes(data)
        with pytest.raises(ValueError, match="damaged|no Keras model file|packed in a way"):
            keras.models.load_model(path)


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
@pytest.mark.parametrize("member", ["config.json", "model.weights.h5", "assets"])
def test_links_in_an_unpacked_archive_are_not_followed(member, secret, tmp_path):
    folder = tmp_path / "m.keras"
    (folder / "assets").mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(sequential(dense())))
    (folder / "model.weights.h5").write_bytes(weights())
    assert keras.models.load_model(folder).count_params() == 8
    target = folder / member
    if member == "assets":
        target.rmdir()
        target.symlink_to(secret)
    else:
        target.rename(secret / member)
        target.symlink_to(secret / member)
    model = stack()
    before = model.get_weights()
    with watched() as seen:
        with contextlib.suppress(ValueError):
            keras.models.load_model(folder)
        with contextlib.suppress(ValueError):
            model.load_weights(folder)
    assert not any(path.startswith(str(secret)) for path in seen.opened)
    if member == "model.weights.h5":
        np.testing.assert_array_equal(before[0], model.get_weights()[0])


def test_a_file_that_is_something_else_is_named(tmp_path):
    for content in (b"", b"hello", b"\x89HDF\r\n\x1a\n", b"PK\x05\x06" + bytes(18)):
        (tmp_path / "m.keras").write_bytes(content)
        with pytest.raises(ValueError, match="Keras model file|damaged|HDF5"):
            keras.models.load_model(tmp_path / "m.keras")


# Names of layers -------------------------------------------------------------------------------------------
EVIL_NAMES = ["../../evil", "..", "/tmp/addax_evil", "a/../../b"]


@pytest.mark.parametrize("name", EVIL_NAMES)
@pytest.mark.parametrize("ending", [".keras", ".h5", ".weights.h5"])
def test_names_of_layers_lead_nowhere(ending, name, tmp_path):
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    with contextlib.suppress(ValueError):  # a refusal is as good
        model = keras.Sequential(
            [keras.Input((3,)), keras.layers.Dense(2, name=name), keras.layers.Dense(1)], name=f"{name}2"
        )
        path = inside / f"m{ending}"
        if ending == ".weights.h5":
            model.save_weights(path)
            model.load_weights(path)
        else:
            model.save(path)
            np.testing.assert_array_equal(
                keras.models.load_model(path).get_weights()[0], model.get_weights()[0]
            )
    assert set(tree_of(tmp_path)) <= {"a", "a/b", f"a/b/m{ending}"}
    assert not os.path.exists("/tmp/addax_evil")


@keras.saving.register_keras_serializable("security")
class WithAssets(keras.layers.Layer):
    """Writes a file beside the weights and reads it back."""

    file = "note.txt"

    def call(self, x):
        return x

    def save_assets(self, folder):
        with open(os.path.join(folder, self.file), "w") as out:
            out.write("written")

    def load_assets(self, folder):
        self.files = sorted(os.listdir(folder))


def test_assets_come_back_and_only_those_of_the_layer(tmp_path):
    model = keras.Sequential([keras.Input((3,)), WithAssets(name="../../up")])
    model.save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as file:
        assert "assets/layers/with_assets/note.txt" in file.namelist()
    assert keras.models.load_model(tmp_path / "m.keras").layers[0].files == ["note.txt"]
    layers = [
        input_layer(),
        {"class_name": "WithAssets", "registered_name": "security>WithAssets", "config": {}},
    ]
    config = {"module": "keras", "class_name": "Sequential", "config": {"layers": layers}}
    more = [("assets/layers/with_assets/note.txt", b"1"), ("assets/layers/other/secret.txt", b"2")]
    path = archive(tmp_path / "n.keras", config, weights(lambda f: None), more)
    assert keras.models.load_model(path).layers[0].files == ["note.txt"]


def test_attributes_whose_names_are_paths_are_not_saved(tmp_path):
    model = keras.Sequential([keras.Input((3,)), WithAssets()])
    setattr(model.layers[0], "../../evil", WithAssets())
    for save in (
        lambda: model.save(tmp_path / "m.keras"),
        lambda: model.save_weights(tmp_path / "m.weights.h5"),
    ):
        with pytest.raises(ValueError, match="slashes"):
            save()
    assert tree_of(tmp_path) == {}


def test_reading_a_file_does_not_change_it(tmp_path):
    path = archive(tmp_path / "m.keras")
    before = tree_of(tmp_path)
    keras.models.load_model(path)
    stack().load_weights(path)
    assert tree_of(tmp_path) == before

"""Compiled programs on disk."""

import os
import subprocess
import sys

import pytest

from addax.engine._cache import DiskCache, cache_folder

PROGRAM = """
import numpy as np, addax as keras, jax
hits = []
jax.monitoring.register_event_listener(lambda name, **kwargs: hits.append(name))
keras.utils.set_random_seed(1)
model = keras.Sequential([keras.layers.Dense(3)])
model.compile("adam", "mse")
x = np.linspace(0, 1, 40, dtype="float32").reshape(20, 2)
model.fit(x, x[:, :1] * [1, 2, 3], batch_size=4, verbose=0)
print(sum("compile_requests" in h for h in hits), sum("cache_hits" in h for h in hits))
print([float(w.sum()) for w in model.get_weights()])
"""


def run(**environment):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    requests_and_hits, weights = done.stdout.splitlines()
    assert not done.stderr
    return *map(int, requests_and_hits.split()), weights


def test_a_second_process_compiles_nothing_and_computes_the_same(tmp_path):
    folder = str(tmp_path / "cache")
    _, hits, weights = run(ADDAX_COMPILATION_CACHE=folder)
    assert hits == 0 and os.listdir(folder)
    requests, hits, again = run(ADDAX_COMPILATION_CACHE=folder)
    assert hits == requests > 0 and again == weights


@pytest.mark.parametrize("setting", ["0", "off", ""])
def test_it_can_be_switched_off(monkeypatch, setting):
    monkeypatch.setenv("ADDAX_COMPILATION_CACHE", setting)
    assert cache_folder() is None


def test_a_damaged_entry_is_forgotten(tmp_path):
    cache = DiskCache(tmp_path)
    cache.put("a", b"program")
    assert cache.get("a") == b"program" and cache.get("b") is None
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-2])
    assert cache.get("a") is None and not list(tmp_path.iterdir())


def test_what_was_not_used_for_long_goes_first(tmp_path):
    cache = DiskCache(tmp_path, limit=400)
    for i, key in enumerate("abcd"):
        cache.put(key, bytes(100))
        os.utime(cache._file(key), (i, i))
    cache.get("a")
    DiskCache(tmp_path, limit=400).put("e", bytes(100))
    assert [key for key in "abcde" if cache.get(key)] == ["a", "d", "e"]


def test_a_full_disk_is_no_error(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    cache = DiskCache(tmp_path)
    monkeypatch.setattr(os, "replace", full)
    cache.put("a", b"program")
    assert cache.get("a") is None and not list(tmp_path.iterdir())

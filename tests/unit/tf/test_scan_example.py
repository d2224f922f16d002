"""The quick reader of examples gives what the whole decoder gives, whatever the bytes are."""

import numpy as np
import pytest

import addax.tf as tf
from addax.tf import _scan_example
from addax.tf._example import Example
from addax.tf._scan_example import values_in, values_of


def example(**features):
    lists = {
        "b": lambda v: tf.train.Feature(bytes_list=tf.train.BytesList(value=v)),
        "f": lambda v: tf.train.Feature(float_list=tf.train.FloatList(value=v)),
        "i": lambda v: tf.train.Feature(int64_list=tf.train.Int64List(value=v)),
    }
    made = {name: lists[name[0]](values) for name, values in features.items()}
    return tf.train.Example(features=tf.train.Features(feature=made)).SerializeToString()


ROWS = [
    example(),
    example(b=[b"", b"a\0", b"x" * 200], f=[1.5, -2.0], i=[1, -2, 2**40, 127, 128]),
    example(i=[5] * 40, i2=[], f=[], b=[], bé=[b"y"]),
    example(f=list(range(100)), b2=[b"z" * 20_000]),
]
ALL = ["b", "f", "i", "i2", "b2", "bé"]


def whole(data):
    found = {key: values_in(feature) for key, feature in Example.FromString(data).features.feature.items()}
    return plain(found)


def plain(found):
    return {key: (kind, np.asarray(items, object).tolist()) for key, (kind, items) in found.items()}


@pytest.mark.parametrize("data", ROWS)
def test_it_reads_what_is_there_by_itself(data, monkeypatch):
    expected = whole(data)
    monkeypatch.setattr(_scan_example, "Example", None)  # nobody else helps
    assert plain(values_of(data, ALL)) == expected
    assert set(values_of(data, ["i"])) <= {"i"}


def test_other_ways_to_write_the_same():
    unpacked = bytes.fromhex("0a0d0a0b0a01691206" + "1a0408010802")  # int64 values 1 and 2, not packed
    assert plain(values_of(unpacked, ALL)) == whole(unpacked) == {"i": ("int64_list", [1, 2])}
    twice = ROWS[1] + example(f=[3.0])
    assert plain(values_of(twice, ALL)) == whole(twice)


class Everything:
    def __contains__(self, name):
        return True


def test_bytes_that_were_cut_or_changed():
    rng = np.random.default_rng(0)
    data = ROWS[1]
    cases = [data[:end] for end in range(len(data))]
    for _ in range(300):
        changed = bytearray(data)
        changed[rng.integers(len(data))] = rng.integers(256)
        cases.append(bytes(changed))
    for case in cases:
        try:
            expected = whole(case)
        except ValueError:
            with pytest.raises(ValueError):
                values_of(case, Everything())
        else:
            assert repr(plain(values_of(case, list(expected)))) == repr(expected)

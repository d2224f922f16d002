"""`.npy` files and the pickles of data sets are read as data; anything else in them is refused."""

from __future__ import annotations

import io
import os
import pickle
import pickletools
import re

import numpy as np
import pytest

from addax.formats import decode_npy, decode_pickle


def saved(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def ragged(*lists):
    found = np.empty(len(lists), object)
    found[:] = lists
    return found


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=">i4").reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array(True),
        np.zeros((0, 3), "f4"),
    ],
    ids=["big endian", "fortran", "scalar", "empty"],
)
def test_arrays_of_numbers(array):
    found = decode_npy(saved(array))
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_lists_of_integers_in_every_protocol(protocol):
    lists = ragged([1, 300, 70000, -5, 1 << 40], [], [2])
    content = saved(lists)
    start = 10 + int.from_bytes(content[8:10], "little")
    pickled = pickle.dumps(lists, protocol=protocol)
    # Python 3 calls an encoder for its bytes in protocol 2; Python 2, which wrote such files, had no need to.
    pickled = re.sub(
        rb"c_codecs\nencode\n.*?R(q.)", lambda found: b"U\x01b" + found[1], pickled, flags=re.DOTALL
    )
    assert decode_npy(content[:start] + pickled).tolist() == lists.tolist()


class Runs:
    def __init__(self, function, *arguments):
        self.parts = function, arguments

    def __reduce__(self):
        return self.parts


HARMFUL = {
    "command": pickle.dumps(Runs(os.system, "true")),
    "old command": pickle.dumps(Runs(os.system, "true"), protocol=2),
    "numpy function": b"\x80\x02cnumpy\nload\nU\x01a\x85R.",
    "dotted name": b"\x80\x04\x8c\x05numpy\x8c\x0cdtype.__call\x93.",
    "class as data": b"\x80\x02cnumpy\ndtype\n.",
    "persistent id": b"\x80\x02Px\n.",
    "instance": b"\x80\x02(cos\nsystem\no.",
    "extension": b"\x80\x02\x82\x01.",
    "array without content": b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n)R.",
    "objects in objects": pickle.dumps(ragged([1], [["x"]]), protocol=4),
    "texts in objects": pickle.dumps(ragged(["x"]), protocol=4),
}


@pytest.mark.parametrize("what", HARMFUL)
def test_pickles_of_anything_else_are_refused(what):
    with pytest.raises(ValueError, match="damaged or not what it should be"):
        decode_pickle(HARMFUL[what])


def test_one_list_that_stands_for_many_is_refused():
    many = [1] * 1000
    with pytest.raises(ValueError, match="more than the file"):
        decode_pickle(pickle.dumps(ragged(*[many] * 1000), protocol=4))


def test_no_cut_and_no_changed_byte_gives_anything_but_a_value_or_a_value_error():
    good = pickle.dumps(ragged([1, 2], [3]), protocol=4)
    for end in range(len(good)):
        with pytest.raises(ValueError):
            decode_pickle(good[:end])
    for at in range(len(good)):
        for byte in (0, 0x28, 0x2E, 0x52, 0x62, 0xFF):
            try:
                decode_pickle(good[:at] + bytes([byte]) + good[at + 1 :])
            except ValueError:
                pass
    assert [op.name for op, _, _ in pickletools.genops(good)][-1] == "STOP"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04" * 5,
        saved(np.arange(3))[:-1],
        saved(np.arange(3)).replace(b"(3,)", b"(9,)"),
        saved(np.zeros(2, "S3")),
        saved(np.arange(3)).replace(b"'<i8'", b"print"),
        saved(ragged([1])).replace(b"(1,)", b"(2,)"),
    ],
)
def test_damaged_npy_files(content):
    with pytest.raises(ValueError, match="damaged"):
        decode_npy(content)

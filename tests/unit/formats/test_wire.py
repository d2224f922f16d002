import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addax.formats import Schema, decode_varint, encode_varint

SCHEMA = Schema(
    """
    # every kind once
    All: i=1:int u=2:uint b=3:bool e=4:enum s=5:str y=6:bytes f=7:float d=8:double x=9:fixed32 z=10:fixed64
    Many: i=1:*int p=2:+int f=3:+float s=4:*str sub=5:*Leaf
    Tree: name=1:str child=2:Tree leaves=3:{str,Leaf} ids=4:{int,str}
    Leaf: value=1:int
    Empty:
    """
)


@given(st.integers(0, 2**64 - 1))
def test_varints_round_trip(number):
    data = encode_varint(number)
    assert decode_varint(b"\xff" + data + b"\x01", 1) == (number, 1 + len(data))


@pytest.mark.parametrize("data", [b"", b"\x80", b"\xff" * 11 + b"\x01"])
def test_a_broken_varint_is_a_value_error(data):
    with pytest.raises(ValueError, match="varint"):
        decode_varint(data)


def test_every_scalar_kind_round_trips():
    value = {"i": -5, "u": 2**64 - 1, "b": True, "e": 3, "s": "né", "y": b"\0\xff", "f": 0.5, "d": 0.1}
    value |= {"x": 2**32 - 1, "z": 2**64 - 1}
    assert SCHEMA.decode("All", SCHEMA.encode("All", value)) == value


def test_known_bytes_of_the_protocol_buffer_manual():
    assert SCHEMA.encode("All", {"i": 150}).hex() == "089601"
    assert SCHEMA.encode("All", {"s": "testing"}).hex() == "2a0774657374696e67"
    assert SCHEMA.encode("Many", {"p": [3, 270, 86942]}).hex() == "1206038e029ea705"


def test_zero_is_written_and_none_is_not():
    assert SCHEMA.encode("All", {"i": 0, "s": None}).hex() == "0800"


def test_fields_are_written_in_the_order_of_their_numbers():
    assert SCHEMA.encode("All", {"b": True, "i": 1}).hex() == "08011801"


def test_repeated_packed_and_nested_fields_round_trip():
    value = {"i": [1, -1], "p": [2, 3], "f": [0.5, 1.5], "s": ["a", ""], "sub": [{"value": 1}, {}]}
    assert SCHEMA.decode("Many", SCHEMA.encode("Many", value)) == value


def test_maps_round_trip():
    value = {
        "name": "a",
        "child": {"child": {}},
        "leaves": {"k": {"value": 1}, "": {}},
        "ids": {7: "x", 0: ""},
    }
    assert SCHEMA.decode("Tree", SCHEMA.encode("Tree", value)) == value


def test_map_entries_without_key_or_value_get_defaults():
    assert SCHEMA.decode("Tree", bytes.fromhex("1a00")) == {"leaves": {"": {}}}
    assert SCHEMA.decode("Tree", bytes.fromhex("2200")) == {"ids": {0: ""}}


def test_packed_and_unpacked_repeated_numbers_are_both_read():
    unpacked = SCHEMA.encode("Many", {"i": [1, 300]})
    packed = SCHEMA.encode("Many", {"p": [1, 300]})
    assert SCHEMA.decode("Many", unpacked.replace(b"\x08", b"\x10")) == {"p": [1, 300]}
    assert SCHEMA.decode("Many", packed.replace(b"\x12", b"\x0a")) == {"i": [1, 300]}


def test_a_message_that_comes_twice_is_merged():
    data = SCHEMA.encode("Tree", {"child": {"name": "a"}}) + SCHEMA.encode("Tree", {"child": {"child": {}}})
    assert SCHEMA.decode("Tree", data) == {"child": {"name": "a", "child": {}}}


def test_unknown_fields_are_skipped():
    data = SCHEMA.encode("All", {"i": 1, "s": "x", "f": 1.0, "d": 1.0})
    assert SCHEMA.decode("Leaf", data) == {"value": 1}
    assert SCHEMA.decode("Empty", data) == {}


def test_a_field_that_the_schema_lacks_is_named_when_writing():
    with pytest.raises(ValueError, match=r"Leaf has no field \['valu'\]"):
        SCHEMA.encode("Leaf", {"valu": 1})


def test_a_schema_with_a_typo_is_refused():
    with pytest.raises(ValueError, match="expected name=number:kind"):
        Schema("Bad: a=x:int")


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ("All", "2aff01"),  # a string longer than the data
        ("All", "2a02c328"),  # not UTF-8
        ("All", "0b"),  # a group
        ("All", "0d00000000"),  # a number with the wrong wire type
        ("All", "3d0000"),  # half a float
        ("Many", "1a03000000"),  # packed floats, one byte short
        ("All", "08"),  # a key without a value
    ],
)
def test_malformed_messages_are_value_errors(message, data):
    with pytest.raises(ValueError, match=message + "|varint"):
        SCHEMA.decode(message, bytes.fromhex(data))


def test_deep_nesting_is_refused():
    data = b""
    for _ in range(200):
        data = SCHEMA.encode("Tree", {"child": data})
    with pytest.raises(ValueError, match="nested more than 100 deep"):
        SCHEMA.decode("Tree", data)


@given(st.binary(max_size=40))
def test_arbitrary_bytes_decode_or_raise_value_error(data):
    for message in ("All", "Many", "Tree"):
        try:
            SCHEMA.decode(message, data)
        except ValueError:
            pass


@given(st.floats(width=32, allow_nan=False), st.floats(allow_nan=False))
def test_floats_are_little_endian(single, double):
    data = SCHEMA.encode("All", {"f": single, "d": double})
    assert struct.pack("<f", single) in data
    assert struct.pack("<d", double) in data

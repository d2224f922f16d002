"""`tf.strings`: characters, runs of strings, numbers as text. The texts are those that TensorFlow 2.21 gives."""

import pytest

import addax.tf as tf

BROKEN, NO_CODES = b"a\xffb", [97, 0xD800, 98, 0x110000, -1]


@pytest.mark.parametrize(
    ("errors", "characters", "codes", "encoded"),
    [
        ("replace", [b"a", b"\xef\xbf\xbd", b"b"], [97, 0xFFFD, 98], "a\ufffdb\ufffd\ufffd".encode()),
        ("ignore", [b"a", b"b"], [97, 98], b"ab"),
    ],
)
def test_what_is_no_text_is_replaced_or_left_out(errors, characters, codes, encoded):
    assert tf.strings.unicode_split(BROKEN, "UTF-8", errors=errors).numpy().tolist() == characters
    assert tf.strings.unicode_decode(BROKEN, "UTF-8", errors=errors).numpy().tolist() == codes
    assert tf.strings.unicode_encode(NO_CODES, "UTF-8", errors=errors).numpy() == encoded


@pytest.mark.parametrize(
    ("convert", "value", "problem"),
    [
        (tf.strings.unicode_split, BROKEN, "decode"),
        (tf.strings.unicode_decode, BROKEN, "decode"),
        (tf.strings.unicode_encode, NO_CODES, "no such code point"),
    ],
)
def test_what_is_no_text_is_refused_if_strict(convert, value, problem):
    with pytest.raises(tf.errors.InvalidArgumentError, match=problem):
        convert(value, "UTF-8", errors="strict")


def test_characters_keep_their_encoding():
    assert tf.strings.unicode_split(b"\0h\0\xe9", "UTF-16-BE").numpy().tolist() == [b"\0h", b"\0\xe9"]


@pytest.mark.parametrize(
    ("data", "width", "options", "expected"),
    [
        (["a", "b"], 3, {}, [b"a b"]),
        (["a", "b"], [3, 4], {"separator": "-"}, [b"a-b"]),
        (["a"], [5], {"pad_values": "p", "padding_width": 1}, [b"p a p"]),
    ],
)
def test_runs_of_short_sequences_are_preserved(data, width, options, expected):
    found = tf.strings.ngrams(data, width, preserve_short_sequences=True, **options)
    assert found.numpy().tolist() == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"width": 6, "fill": "0", "precision": 2}, [b"001.50", b"-02.00"]),
        ({"fill": "+", "precision": 1}, [b"+1.5", b"-2.0"]),
        ({"fill": " ", "precision": 1}, [b" 1.5", b"-2.0"]),
        ({"fill": "#", "precision": 0}, [b"2.", b"-2."]),
    ],
)
def test_floats_as_text(options, expected):
    assert tf.strings.as_string(tf.constant([1.5, -2.0]), **options).numpy().tolist() == expected


def test_other_numbers_as_text():
    assert tf.strings.as_string([7, -3], width=4, fill="0").numpy().tolist() == [b"0007", b"-003"]
    assert tf.strings.as_string([1 + 2j], precision=1).numpy().tolist() == [b"(1.0,2.0)"]
    with pytest.raises(tf.errors.InvalidArgumentError, match="fill"):
        tf.strings.as_string(1.0, fill="x")


def test_parts_and_characters_of_ragged_strings():
    words = tf.ragged.constant([["So", "long"], [], ["thanks"]])
    assert tf.strings.substr(words, 1, 2).to_list() == [[b"o", b"on"], [], [b"ha"]]
    codes = tf.strings.unicode_decode(["hé", "", "abc"], "UTF-8")
    assert tf.strings.unicode_encode(codes, "UTF-8").numpy().tolist() == ["hé".encode(), b"", b"abc"]
    deep = tf.ragged.constant([[[72, 105], []], [[66]]])
    assert tf.strings.unicode_encode(deep, "UTF-8").to_list() == [[b"Hi", b""], [b"B"]]

"""Patterns of RE2 in Python's `re`."""

import re
import time

import pytest

from addax.core.patterns import ends_soon, python_pattern, python_rewrite


@pytest.mark.parametrize(
    "pattern",
    [rb"[^ a-z.?!,]", rb" +", rb"^ *\[START\] *", rb"<br />", rb"a{1,50}b+", rb"(a{2}){3}", rb"(ab|c)d"],
)
def test_usual_patterns_end_soon(pattern):
    assert ends_soon(pattern)
    start = time.monotonic()
    re.compile(pattern).sub(b"", b"a b" * 3000)
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    "pattern",
    [
        rb"(a+)+$",
        rb"(a|aa)+",
        rb"(?=a)b",
        rb"(a*)\1",
        rb".*a.*b.*c.*d",
        rb"(a{0,200}){0,200}",
        rb"(",
        b"(" * 5000,
    ],
)
def test_what_may_not_end_is_told(pattern):
    assert not ends_soon(pattern)


def test_names_of_classes_and_the_end_become_pythons():
    assert re.fullmatch(python_pattern(rb"[[:alpha:]]+[[:punct:]]\z"), b"ab!")
    assert re.sub(b"(a)(b)", python_rewrite(rb"\2\1\0"), b"ab") == b"baab"

"""Hashes of strings: the numbers of TensorFlow 2.21."""

from __future__ import annotations

import pytest

from addax.formats import fingerprint64, join_fingerprints, siphash

TEXT = bytes(range(256)) * 5
BUCKETS = 2**61 - 1

# Length of the text; what `tf.strings.to_hash_bucket_fast` and `..._strong` with key [133, 137] give.
GOLDEN = [
    (0, 1936946117179621459, 316627932347062998),
    (1, 2188844998935006041, 299283810739808420),
    (3, 1486536572171691166, 1246929147945039320),
    (4, 198155675784242500, 1525782008462707641),
    (7, 207376629191714470, 1344370184083209085),
    (8, 962103331393190813, 255740525574497556),
    (15, 444256940261096865, 91307273056317543),
    (16, 1080060857502750420, 1284822333376666507),
    (17, 1996967072928440097, 667696148789893483),
    (31, 2006723822189766984, 1901306297739666035),
    (32, 1917831512995979081, 1507123468965408260),
    (33, 609515103199777365, 697835484791958682),
    (63, 126654430753326959, 732346699584244208),
    (64, 1550650849311509586, 1168865381104070824),
    (65, 478270155923209668, 73188468419757948),
    (100, 2089405830751150486, 1830938718413960587),
    (127, 759958222180793788, 329954756877896252),
    (128, 2037963038260878803, 570840437837916203),
    (129, 1048111057192683588, 1403647466721142232),
    (200, 525935771297148851, 601623486273693463),
    (256, 679971070136948513, 386410441328392772),
    (1000, 1115056169944333543, 371476337163651913),
]


@pytest.mark.parametrize(("size", "fast", "strong"), GOLDEN)
def test_texts_of_every_length_class_have_tensorflows_hashes(size: int, fast: int, strong: int) -> None:
    assert fingerprint64(TEXT[:size]) % BUCKETS == fast
    assert siphash(TEXT[:size], (133, 137)) % BUCKETS == strong


def test_joined_fingerprints_are_those_of_crossed_features() -> None:
    # tf.sparse.cross_hashed([[[1]], [["x"]]]) into 10**9 buckets and its default key.
    start = 0xDECAFCAFFE
    assert join_fingerprints(join_fingerprints(start, 1), fingerprint64(b"x")) % 10**9 == CROSSED
    assert join_fingerprints(1, 2) != join_fingerprints(2, 1)


CROSSED = 15501859

"""Check characters beside python-stdnum, and GB18030 beside Python's own codec."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl
from stdnum.cn import ric, uscc

from songhua.exchange.quality.encoding import to_utf8
from songhua.exchange.quality.identifiers import (
    CREDIT_CHARACTERS,
    credit_code_sound,
    resident_id_from_old,
    resident_id_sound,
)


def told(rule, texts):
    return pl.select(rule(pl.lit(pl.Series(texts, dtype=pl.String)))).to_series().to_list()


def codes(count):
    rng = np.random.default_rng(7)
    digits = rng.integers(0, 10, (count, 8))
    rest = rng.integers(0, 31, (count, 10))
    return [
        "".join(map(str, first)) + "".join(CREDIT_CHARACTERS[i] for i in last)
        for first, last in zip(digits, rest, strict=True)
    ]


def test_credit_codes_as_stdnum_judges_them():
    random = codes(3000)
    sound = [code[:17] + uscc.calc_check_digit(code[:17]) for code in random]
    assert all(told(credit_code_sound, sound))
    expected = [uscc.is_valid(code) for code in random]
    assert told(credit_code_sound, random) == expected
    assert any(expected) and not all(expected)


def test_any_one_wrong_character_of_a_credit_code_is_noticed():
    sound = "91110000600037341L"
    wrong = [sound[:i] + c + sound[i + 1 :] for i in range(18) for c in CREDIT_CHARACTERS]
    assert [w for w, ok in zip(wrong, told(credit_code_sound, wrong), strict=True) if ok] == [
        sound
    ] * 18


def test_resident_numbers_as_stdnum_judges_them():
    rng = np.random.default_rng(8)
    seventeen = ["".join(map(str, row)) for row in rng.integers(0, 10, (3000, 17))]
    checks = [ric.calc_check_digit(number + "0") for number in seventeen]
    sound = [number + check for number, check in zip(seventeen, checks, strict=True)]
    assert all(told(resident_id_sound, sound))
    assert "X" in checks
    for other in "0123456789X":
        expected = [check == other for check in checks]
        assert told(resident_id_sound, [number + other for number in seventeen]) == expected


def test_an_old_number_keeps_its_person():
    old = ["110105491231002", None, "x", "230102800101001"]
    new = told(resident_id_from_old, old)
    assert new[:3] == ["11010519491231002X", None, None]
    assert new[3][:6] + new[3][8:17] == old[3] and told(resident_id_sound, new[3:]) == [True]


def test_every_character_comes_out_of_gb18030_as_python_reads_it():
    points = [p for p in range(0x80, 0x110000, 7) if not 0xD800 <= p < 0xE000]
    points += [p for p in range(0x80, 0x10000) if not 0xD800 <= p < 0xE000 and p != 0xFFFD]
    cells = [chr(p).encode("gb18030") for p in points]
    data, offsets = laid(cells)
    assert data.tobytes().decode("utf-8") == "".join(map(chr, points))
    assert [data[a:b].tobytes() for a, b in pairwise(offsets)] == [chr(p).encode() for p in points]


def test_bytes_that_are_no_gb18030_are_marked_and_the_rest_kept():
    cells = [b"\xff", b"a\x81", b"\xb0\xa1\x80b", b"\x81\x30\x81", b"\xfe\x39\xfe\x39", b"\xb0,"]
    data, offsets = laid(cells)
    texts = [data[a:b].tobytes().decode() for a, b in pairwise(offsets)]
    assert texts == ["�", "a�", "啊�b", "�0�", "�9�9", "�,"]


def laid(cells):
    data = np.frombuffer(b"".join(cells), np.uint8)
    return to_utf8(data, np.cumsum([0, *map(len, cells)]))

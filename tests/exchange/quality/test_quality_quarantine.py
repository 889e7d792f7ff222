"""Clean rows may be published, the others mended: nothing is lost, changed or half written."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from songhua.exchange.quality import check, quarantine, read_rules
from songhua.kit.errors import InputError

RULES = read_rules(
    {
        "table": "t",
        "rules": [
            {"rule": "unique", "columns": ["编号"]},
            {"rule": "type", "column": "日期", "type": "date"},
            {"rule": "resident_id", "column": "证件"},
            {"rule": "required", "column": "名称", "severity": "warning"},
        ],
    }
)
HEAD = "编号,名称,日期,证件\r\n"
CLEAN = ['1,"甲\n乙",2024/1/5,\r\n', "2,,2024-01-05,110105491231002\n", '4,"""丁""",20240105,\r\n']
BAD = [
    '3,"丙",2024-02-30,\n',
    "1,甲,2024-1-1,\r\n",
    "5,少\n",
    '6,"散,20240101,\r\n',
    "7,戊,２０２４-1-1,",
]
ROWS = [CLEAN[0], BAD[0], "\n", CLEAN[1], BAD[1], BAD[2], CLEAN[2], BAD[3], BAD[4]]
DAY = date(2024, 6, 1)


@pytest.fixture(params=["gb18030", "utf-8", "utf-8-sig"])
def codec(request):
    return request.param


@pytest.fixture
def source(tmp_path, codec):
    path = tmp_path / "t.csv"
    path.write_bytes((HEAD + "".join(ROWS)).encode(codec))
    return path


def test_every_row_is_in_one_file_as_it_was(tmp_path, source, codec):
    found = quarantine(source, RULES, tmp_path / "out", day=DAY)
    assert found.clean.read_bytes() == (HEAD + "".join(CLEAN)).encode(codec)
    assert found.quarantined.read_bytes() == (HEAD + "".join(BAD)).encode(codec)
    assert (found.clean_rows, found.quarantined_rows) == (3, 5)
    assert found.report.rows == 8 and found.report.faulty_rows == 5
    assert pl.read_parquet(found.report.defects).height == 7  # with the two warnings


def test_the_clean_file_is_sound_and_the_other_as_bad_as_before(tmp_path, source):
    found = quarantine(source, RULES, tmp_path / "out", day=DAY)
    assert check(found.clean, RULES, day=DAY).sound
    again = check(found.quarantined, RULES, day=DAY)
    kinds = {rule: n for (rule, _), n in again.counts().items()}
    before = {rule: n for (rule, _), n in found.report.counts().items()}
    assert before["unique"] == 1 and "unique" not in kinds  # its other row is in the clean file
    assert kinds == {"structure": 2, "full_width": 1, "type": 1}


def test_small_chunks_split_the_same(tmp_path, source, monkeypatch):
    whole = quarantine(source, RULES, tmp_path / "whole", day=DAY)
    monkeypatch.setattr("songhua.exchange.quality.reading.CHUNK", 60)
    parts = quarantine(source, RULES, tmp_path / "parts", day=DAY)
    assert parts.clean.read_bytes() == whole.clean.read_bytes()
    assert parts.quarantined.read_bytes() == whole.quarantined.read_bytes()


def test_no_row_is_clean_under_wrong_headings(tmp_path, source):
    text = "编号,名称,日期,日期,证件\n1,甲,2024-1-1,2024-1-1,\n".encode()
    source.write_bytes(text)
    found = quarantine(source, RULES, tmp_path / "out", day=DAY)
    assert (found.clean_rows, found.quarantined_rows) == (0, 1)
    assert found.quarantined.read_bytes() == text


def test_nothing_is_left_where_the_split_fails(tmp_path, source, monkeypatch):
    def fail(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr("songhua.exchange.quality.checking.DefectFile.write", fail)
    with pytest.raises(OSError, match="No space"):
        quarantine(source, RULES, tmp_path / "out", day=DAY)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["t.csv"]


def test_an_earlier_quarantine_is_not_overwritten(tmp_path, source):
    quarantine(source, RULES, tmp_path / "out", day=DAY)
    with pytest.raises(InputError, match="out_not_empty"):
        quarantine(source, RULES, tmp_path / "out", day=DAY)

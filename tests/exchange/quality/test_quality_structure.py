"""Broken files: every fault is found in its row, and none hides what stands behind it."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.exchange.quality import check, read_rules
from songhua.kit.errors import InputError

RULES = read_rules(
    {
        "table": "t",
        "rules": [
            {"rule": "required", "column": "b"},
            {"rule": "type", "column": "a", "type": "integer"},
        ],
    }
)


@pytest.fixture
def faults(tmp_path):
    """(row, column, code) of everything wrong with a file of these bytes."""

    def faults(data, encoding=None):
        path = tmp_path / "t.csv"
        path.write_bytes(data)
        report = check(path, RULES)
        assert encoding in (None, report.encoding)
        return [(d.row, d.column, d.code) for _, d in report.examples()]

    return faults


def test_a_sound_file_has_no_defects(faults):
    for mark in (",", ";", "\t"):
        for end in ("\n", "\r\n", "\r"):
            text = f"a{mark}b{mark}名{end}1{mark}x{mark}中{end}{end}2{mark}y{mark}文"
            for codec in ("gb18030", "utf-8", "utf-8-sig"):
                assert faults(text.encode(codec), codec.removesuffix("-sig")) == []


def test_rows_are_counted_as_a_spreadsheet_counts(faults):
    assert faults(b'a,b\n1,"x\r\n\n,""y"""\n\nz,w\n') == [(4, "a", "cell_not_int64")]


def test_rows_with_too_many_or_too_few_cells(faults):
    assert faults(b"a,b\n1\n1,x,y\n1,x\n1,\n") == [
        (2, None, "csv_ragged"), (3, None, "csv_ragged"), (5, "b", "cell_empty"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "column"),
    [('1,"x', "b"), ('"1,x', "a"), ('1,x"y', "b"), ('1,"x"y', "b"), ('1,"', "b"), ('1,"x" ', "b")],
)
def test_a_lone_quote_costs_its_own_row_only(faults, row, column):
    behind = '1,y\n"2","quoted\nagain"\nz,w\n'
    expected = [(3, column, "quality_quotes"), (6, "a", "cell_not_int64")]
    assert faults(f"a,b\n1,x\n{row}\n{behind}".encode()) == expected
    assert faults(f"a,b\n1,x\n{row}".encode()) == expected[:1]


def test_a_quote_that_never_closes_in_a_large_file_costs_its_row_only(faults):
    behind = b"1,y\n" * 600_000 + b"z,w\n"
    assert faults(b'a,b\n1,"x\n' + behind) == [
        (2, "b", "quality_quotes"), (600_003, "a", "cell_not_int64"),
    ]  # fmt: skip


def test_nul_bytes(faults):
    assert faults(b"a,b\n1,x\x00\n\x002,y\n") == [(2, "b", "quality_nul"), (3, "a", "quality_nul")]


@pytest.mark.parametrize("codec", ["gb18030", "utf-8"])
def test_bytes_that_are_no_characters(faults, codec):
    name = "松花江股份".encode(codec)
    rows = [b"1," + name, b"2," + name[:-1], b"3,\xff" + name, b"\xff4," + name, b"5," + name]
    assert faults(b"a,b\n" + b"\n".join(rows), codec) == [
        (3, "b", "quality_undecodable"),
        (4, "b", "quality_undecodable"),
        (5, "a", "quality_undecodable"),
    ]


def test_characters_that_an_earlier_export_lost(faults):
    assert faults("a,b\n1,松�江\n".encode()) == [(2, "b", "quality_undecodable")]


def test_headings(faults):
    assert faults(b"") == faults(b"\n\r\n") == [(1, None, "quality_empty")]
    assert faults(b"a, b ,a\n1,x,z\n") == [(1, "a", "quality_heading_twice")]
    assert faults(b"a,c\nx,y\n") == [(1, "b", "column_missing"), (2, "a", "cell_not_int64")]
    assert faults(b"a,b\n") == [(None, None, "no_rows")]


def test_a_rule_on_a_missing_column_leaves_the_others_standing(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"a\n2024-02-30\n")
    compare = {"rule": "compare", "left": "a", "operator": "<", "right": "b"}
    rules = [compare, {"rule": "type", "column": "b", "type": "date"}]
    found = check(path, read_rules({"table": "t", "rules": rules})).examples()
    assert [(d.row, d.code) for _, d in found] == [(1, "column_missing"), (2, "cell_not_date")]


@pytest.mark.parametrize("data", ["a,b\n1,x".encode("utf-16"), b"PK\x03\x04x", b"%PDF-1.7"])
def test_what_is_no_text_table_is_refused(faults, data):
    with pytest.raises(InputError, match="quality_not_text"):
        faults(data)


def test_headings_with_a_lost_quote_are_refused(faults):
    with pytest.raises(InputError, match="quality_quotes"):
        faults(b'a,"b\n1,x\n')


def test_a_line_that_does_not_end_is_refused(faults, monkeypatch):
    monkeypatch.setattr("songhua.exchange.quality.reading.CHUNK", 1000)
    with pytest.raises(InputError, match="csv_line_too_long"):
        faults(b"a,b\n1," + b"x" * 2000 + b"\n2,y\n")


def test_a_table_in_memory_and_a_parquet_file_are_checked_alike(tmp_path):
    frame = pl.DataFrame({"a": [1, None, 3], "b": ["x", "", None]})
    frame.write_parquet(tmp_path / "t.parquet")
    for source in (frame.lazy(), tmp_path / "t.parquet"):
        found = [(d.row, d.column, d.code) for _, d in check(source, RULES).examples()]
        assert found == [(3, "b", "cell_empty"), (4, "b", "cell_empty")]


@given(st.binary(max_size=200))
def test_any_bytes_give_a_report_or_a_refusal(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("t") / "t.csv"
    path.write_bytes(data)
    try:
        report = check(path, RULES)
    except InputError:
        return
    assert report.faulty_rows <= report.rows

"""Every planted defect of a large dirty GB18030 file is found, in its place, and nothing else."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from stdnum.cn import ric, uscc

from songhua.exchange.quality import check, read_rules

DAY = date(2024, 6, 1)
ROWS = 20_000
RULES = read_rules(
    {
        "table": "firms",
        "rules": [
            {"rule": "unique", "columns": ["编号"]},
            {"rule": "required", "column": "名称"},
            {"rule": "codes", "column": "行业", "codes": ["01", "02", "10", "其他"]},
            {"rule": "credit_code", "column": "信用代码"},
            {"rule": "resident_id", "column": "法人证件"},
            {"rule": "mobile", "column": "手机"},
            {"rule": "type", "column": "成立", "type": "date"},
            {"rule": "compare", "left": "成立", "operator": "<=", "right": "注销"},
            {"rule": "range", "column": "人数", "low": 0, "high": 100_000},
            {"rule": "range", "column": "资本", "low": "0.01"},
            {"rule": "length", "column": "备注", "most": 12},
        ],
    }
)
HEADINGS = [
    "编号",
    "名称",
    "行业",
    "信用代码",
    "法人证件",
    "手机",
    "成立",
    "注销",
    "人数",
    "资本",
    "备注",
]
NAMES = [
    "松花江，股份",
    '"冰城"食品',
    "第一\n第二",
    "㐂镕科技",
    " 前后空格 ",
    "Ａ１公司",
    "中,央;大\t街",
]
REMARKS = ["", "无", "见 附件", "一\r\n二", "'", "𠮷"]
DATES = ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日", "%Y.%m.%d"]
PLANTED = [
    ("名称", "required", "cell_empty", ["", "  ", "　"]),
    ("行业", "codes", "cell_choice", ["1", "03", "０１", "其它"]),
    ("信用代码", "credit_code", "uscc_check_digit", ["91110000600037341M", "91110000600073341L"]),
    ("信用代码", "credit_code", "quality_credit_code", ["9111000060003734IL", "911100006000"]),
    ("法人证件", "resident_id", "quality_resident_check", ["110105194912310020"]),
    ("法人证件", "resident_id", "quality_resident_birth", ["110105194902300024"]),
    ("法人证件", "resident_id", "quality_resident_region", ["000105194912310021"]),
    ("法人证件", "resident_id", "quality_resident_id", ["1101051949123100", "身份证"]),
    ("法人证件", "resident_id", "quality_resident_old", ["110105491231002"]),
    ("手机", "mobile", "quality_mobile", ["1381234567", "23812345678", "138-1234-5678"]),
    ("手机", "full_width", "quality_full_width", ["１３８12345678"]),
    ("成立", "type", "cell_not_date", ["2023-02-29", "20231301", "2023年6月31日", "23-1-1"]),
    ("成立", "full_width", "quality_full_width", ["２００1-01-01"]),
    ("成立", "compare", "quality_compare", ["2024-05-02"]),
    ("人数", "range", "cell_too_low", ["-1"]),
    ("人数", "range", "cell_too_high", ["100,001", "1e9"]),
    ("人数", "type", "cell_not_float64", ["约十", "1,00", "12人", "nan"]),
    ("人数", "full_width", "quality_full_width", ["１２"]),
    ("资本", "range", "cell_too_low", ["0.00", "-5"]),
    ("备注", "length", "quality_too_long", ["一二三四五六七八九十一二三"]),
    ("备注", "structure", "quality_undecodable", ["<<ff>>"]),
    ("备注", "structure", "quality_nul", ["a\0b"]),
]  # fmt: skip


def sound(rng, i):
    """A row without a defect, awkward wherever an office may be."""

    def pick(options):
        return options[int(rng.integers(len(options)))]

    founded = date(1985, 1, 1) + timedelta(days=int(rng.integers(14_000)))
    closed = founded + timedelta(days=int(rng.integers((date(2024, 5, 1) - founded).days)))
    body = f"9{rng.integers(10)}{rng.integers(10**6):06}{rng.integers(10**9):09}"
    person = f"2301{rng.integers(1, 10):02}{founded:%Y%m%d}{rng.integers(1000):03}"
    person += ric.calc_check_digit(person + "0")
    code = body + uscc.calc_check_digit(body)
    return [
        f"{i:06}", pick(NAMES) + str(i), pick(["01", "02 ", "10", "其他"]),
        pick([code, code.lower(), ""]), pick([person, person.lower(), f" {person}"]),
        f"1{rng.integers(3, 10)}{rng.integers(10**9):09}", founded.strftime(pick(DATES)),
        pick(["", closed.strftime(pick(DATES))]), pick(["0", "1,200", "35", " 7", "100000"]),
        f"{rng.integers(1, 10**9) / 100:.2f}", pick(REMARKS),
    ]  # fmt: skip


def dirty(seed):
    """The bytes of a file, and (row, column, rule, code) of all that was planted."""
    rng = np.random.default_rng(seed)
    lines, planted = [line(HEADINGS)], set()
    for i in range(ROWS):
        cells, row = sound(rng, i), i + 2
        draw = int(rng.integers(300))
        if draw < len(PLANTED):
            column, rule, code, values = PLANTED[draw]
            cells[HEADINGS.index(column)] = values[int(rng.integers(len(values)))]
            if rule == "compare":
                cells[7] = "2024/5/1"
            planted.add((row, column, rule, code))
            cells[7] = "" if rule == "type" or rule == "full_width" else cells[7]
        elif draw == 30 and i:
            cells[0] = "000000 "
            planted.add((row, "编号", "unique", "row_twice"))
        elif draw == 31:
            cells = cells[:-1]
            planted.add((row, None, "structure", "csv_ragged"))
        elif draw == 32:
            cells.append("")
            planted.add((row, None, "structure", "csv_ragged"))
        text = line(cells)
        if draw == 33:
            text = text.replace("\n", " ").replace("\r", " ").replace('"', "").rstrip() + '",\r\n'
            text = '"' + text.replace('",\r\n', "\r\n")
            planted.add((row, "编号", "structure", "quality_quotes"))
        lines.append(text)
    return "".join(lines).encode("gb18030").replace(b"<<ff>>", b"\xff"), planted


def line(cells):
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


@pytest.mark.parametrize("seed", [1, 2])
def test_recall_and_precision_are_one(tmp_path, monkeypatch, seed):
    monkeypatch.setattr("songhua.exchange.quality.reading.CHUNK", 300_000)
    data, planted = dirty(seed)
    (tmp_path / "firms.csv").write_bytes(data)
    report = check(tmp_path / "firms.csv", RULES, day=DAY, folder=tmp_path / "out")
    table = pl.read_parquet(report.defects)
    found = set(table.select("row", "column", "rule", "code").iter_rows())
    assert len(found) == table.height == sum(report.counts().values())
    assert found - planted == set()
    assert planted - found == set()
    assert len({code for *_, code in planted}) > 20 and report.rows == ROWS

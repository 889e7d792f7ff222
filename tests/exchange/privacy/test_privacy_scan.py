"""People are found in a table by what is written, whatever the column is called."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from songhua.exchange.privacy.identifiers import find
from songhua.exchange.privacy.people_names import confidence, surnames
from songhua.exchange.privacy.scanning import CERTAIN, hinted, masked, scan

from .people import columns, frame_of


def _kinds(cells, name="c1"):
    return {found.kind: found for found in scan(pl.DataFrame({name: cells}))}


@pytest.mark.parametrize("rows", [20, 300])
def test_on_made_up_tables_nothing_is_missed_and_next_to_nothing_taken_for_a_person(rows):
    right = wrong = missed = 0
    for seed in range(4):
        for _, kind, cells in columns(np.random.default_rng(seed), rows):
            found = {each.kind: each for each in scan(frame_of(cells))}
            held = sum(cell != "无" for cell in cells)
            hit = kind in found and found[kind].rows >= 0.95 * held
            right += hit
            missed += kind is not None and not hit
            wrong += len(found.keys() - {kind})
    assert missed == 0
    assert right / (right + wrong) >= 0.97


def test_one_number_in_a_hundred_thousand_sentences_is_found():
    cells = ["室温不达标"] * 100_000 + ["请回电13812345678"]
    assert _kinds(cells)["mobile"].rows == 1


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("11010519491231002X", "resident_id"),  # the example of GB 11643-1999
        ("１１０１０５１９４９１２３１００２ｘ", "resident_id"),
        ("+86 138-1234-5678", "mobile"),
        ("13812345678.0", "mobile"),
        ("6222 0212 3456 7890 128", "bank_card"),
        ("黑A·12345", "licence_plate"),
        ("黑AD12345", "licence_plate"),
        ("(0451)84661234", "landline"),
        ("dept.heating@hrb.gov.cn", "email"),
        ("抚顺街201号4栋2单元501", "address"),
        ("确诊2型糖尿病", "health"),
    ],
)
def test_forms_in_which_offices_write_identifiers(text, kind):
    assert kind in _kinds([text])


@pytest.mark.parametrize(
    "text",
    [
        "110105194912310021",  # wrong check digit
        "91110000600037341L",  # an organisation
        "20231113812345678901",  # a mobile number inside a longer figure
        "0.13812345678",
        "1700000000000",
        "12345678901",
        "地铁2号线",
        "3月15号",
    ],
)
def test_figures_of_other_things_are_left_alone(text):
    assert not _kinds([text])


def test_order_numbers_that_pass_a_check_digit_by_chance_are_no_resident_ids():
    numbers = [f"23010220230115{n:04}" for n in range(1000)]
    assert sum(hit.sound for number in numbers for hit in find(number)) > 50
    assert not _kinds(numbers)


@pytest.mark.parametrize(
    "cells",
    [
        pl.Series([13812345678, 13912345678]),
        pl.Series([13812345678.0, None, float("nan")]),
        pl.Series([["13812345678"], []]),
        pl.Series([{"phone": "13812345678"}]),
        pl.Series([b"13812345678", b"\xff"]),
        pl.Series(["13812345678"], dtype=pl.Categorical),
    ],
)
def test_every_type_of_cell_is_looked_at(cells):
    assert _kinds(cells)["mobile"].rows >= 1


def test_a_heading_counts_where_the_content_says_nothing():
    assert _kinds([dt.date(1990, 1, 1)], "出生日期")["birth_date"].basis == "name"
    assert _kinds(["汉族"], "民族")["sensitive"].confidence >= CERTAIN
    assert _kinds(["张*", "李**"], "户主姓名")["name"].confidence < CERTAIN
    assert hinted("userIdCard") == hinted("id_card") == ["resident_id"]
    assert hinted("slide_cards") == []


def test_an_empty_column_and_an_empty_table_hold_nobody():
    assert not _kinds(pl.Series([None, ""], dtype=pl.String))
    assert not scan(pl.DataFrame())
    assert _kinds(pl.Series([], dtype=pl.String), "手机")["mobile"].rows == 0


def test_names_need_many_surnames_and_categories_have_few():
    assert confidence(["马铃薯", "黄瓜", "白菜", "高粱"]) < 0.5
    assert confidence([surname + "伟" for surname in list(surnames())[:40]]) >= CERTAIN


def test_a_finding_never_shows_what_it_found():
    found = _kinds(["证件11010519491231002X，张伟先生，电话13812345678"])
    shown = "".join(example for each in found.values() for example in each.examples)
    assert {"resident_id", "mobile", "name"} <= found.keys()
    assert not any(secret in shown for secret in ("19491231", "1234567", "张伟"))
    assert masked("王") == "王"
    assert len(masked("abcdefghijkl")) == 12

"""A file that is brought is published whole, or not at all."""

from __future__ import annotations

import polars as pl
import pytest

from songhua.console.exchange.models import Intake, Version
from songhua.console.exchange.services import contents, entries, intake
from songhua.console.ledger.services import audit
from songhua.kit.errors import Conflict, InputError, NotAllowed

FIELDS = [
    {"name": "station", "title": "站点", "required": True},
    {"name": "person", "title": "值守人", "required": False, "sensitivity": "personal"},
    {
        "name": "ice_cm",
        "title": "冰厚",
        "kind": "number",
        "low": "0",
        "high": "200",
        "required": False,
    },
    {"name": "read_on", "title": "日期", "kind": "date", "required": False},
]
GOOD = "站点,值守人,冰厚,日期\n北,张三,41.5,2024-1-2\n南,李四,,2024/01/03\n"
BAD = GOOD + ",王五,999,昨天\n东,赵六,3,2024-01-04\n"


@pytest.fixture
def described(empty_city, table):
    entries.change(empty_city.weather, table.entry, {"about": {"fields": FIELDS}})
    table.refresh_from_db()
    return table


def bring(city, table, text, encoding="utf-8"):
    data = text.encode(encoding)
    return intake.bring(city.weather, table, "冰.csv", [data[:30], data[30:]])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_clean_file_becomes_the_newest_version_with_its_score(empty_city, described, encoding):
    row = bring(empty_city, described, GOOD, encoding)
    described.refresh_from_db()
    assert row.tickets == []
    assert row.state == "published" and row.version == described.current
    assert described.current.score == 100 and described.current.rows == 2
    told = contents.frame(described.current)
    assert told["station"].to_list() == ["北", "南"] and told["ice_cm"].to_list() == [41.5, None]
    assert [str(day) for day in told["read_on"]] == ["2024-01-02", "2024-01-03"]
    assert intake.tickets_of(described.entry.unit) == [] and audit.verify() == []


def test_a_faulty_file_changes_nothing_until_its_clean_part_is_accepted(empty_city, described):
    before = Version.objects.count()
    row = bring(empty_city, described, BAD, "gb18030")
    assert row.state == "held" and Version.objects.count() == before and row.score < 100
    tickets = intake.tickets_of(described.entry.unit)
    assert {t["columns"][0] for t in tickets} == {"站点", "冰厚", "日期"}
    held = intake.part(empty_city.weather, row, "quarantined.csv").read_bytes().decode("gb18030")
    assert held.splitlines() == ["站点,值守人,冰厚,日期", ",王五,999,昨天"]
    defects = pl.read_parquet(intake.part(empty_city.weather, row, "defects.parquet"))
    assert set(defects["row"]) == {4}
    made = intake.accept(empty_city.weather, row)
    assert contents.frame(made)["station"].to_list() == ["北", "南", "东"]
    with pytest.raises(Conflict):
        intake.accept(empty_city.weather, row)


def test_a_mended_file_is_taken_and_ends_the_tickets(empty_city, described):
    bring(empty_city, described, BAD)
    assert intake.tickets_of(described.entry.unit)
    assert bring(empty_city, described, GOOD).state == "published"
    assert intake.tickets_of(described.entry.unit) == []


def test_only_its_department_brings_accepts_and_sees_a_file(empty_city, described):
    row = bring(empty_city, described, BAD)
    for other in (empty_city.staff, empty_city.enterprise):
        for act in (
            lambda who: intake.bring(who, described, "a.csv", [GOOD.encode()]),
            lambda who: intake.accept(who, row),
            lambda who: intake.part(who, row, "quarantined.csv"),
        ):
            with pytest.raises(NotAllowed):
                act(other)
    with pytest.raises(InputError):
        intake.part(empty_city.weather, row, "../../secret_key")


def test_what_fails_in_the_midst_leaves_nothing_behind(empty_city, described, monkeypatch):
    def broken(*_args):
        raise RuntimeError("the disk is full")

    before = Version.objects.count()
    monkeypatch.setattr(intake, "_tell", broken)
    with pytest.raises(RuntimeError):
        bring(empty_city, described, GOOD)
    assert Version.objects.count() == before and not Intake.objects.exists()
    assert not list(intake.folder(Intake(folder="0" * 32)).parent.iterdir())

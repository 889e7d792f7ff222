"""A file that is brought is published whole, or not at all."""

from __future__ import annotations

import io
from datetime import timedelta

import polars as pl
import pytest
from django.urls import reverse

from songhua.console import clock
from songhua.console.exchange import intake_selectors
from songhua.console.exchange.models import Intake, Version
from songhua.console.exchange.services import contents, entries, intake, waiting
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


def tickets_of(city):
    return intake_selectors.to_mend(intake_selectors.intakes(city.weather))


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
    assert tickets_of(empty_city) == [] and audit.verify() == []


def test_a_faulty_file_changes_nothing_until_its_clean_part_is_accepted(empty_city, described):
    before = Version.objects.count()
    row = bring(empty_city, described, BAD, "gb18030")
    assert row.state == "held" and Version.objects.count() == before and row.score < 100
    tickets = tickets_of(empty_city)
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
    assert tickets_of(empty_city)
    assert bring(empty_city, described, GOOD).state == "published"
    assert tickets_of(empty_city) == []


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


def post(who, route, *args, text="", **more):
    file = io.BytesIO(text.encode())
    file.name = "冰.csv"
    return who.post(reverse(route, args=args), {"file": file, **more})


def test_an_upload_on_the_page_is_checked_mended_and_sent_again(empty_city, described):
    who = empty_city.client("weather")
    answer = post(who, "dataset_table", "harbour-ice", text=BAD, table=described.pk)
    row = Intake.objects.get()
    assert answer.headers["Location"] == reverse("intake", args=[row.pk]) and row.state == "held"
    text = who.get(answer.headers["Location"]).content.decode()
    for told in ("已隔离", "站点", "冰厚", "999", "昨天", "待修改的行"):
        assert told in text
    parts = who.get(reverse("intake_part", args=[row.pk, "quarantined.csv"]))
    assert "王五" in b"".join(parts.streaming_content).decode()
    told = who.get(reverse("intake_part", args=[row.pk, "defects.csv"]))
    assert "昨天" in b"".join(told.streaming_content).decode("utf-8-sig")
    assert "冰厚" in who.get(reverse("intakes")).content.decode()
    assert "港口冰厚" in who.get(reverse("todo")).content.decode()
    answer = post(who, "intake_again", row.pk, text=GOOD)
    assert Intake.objects.latest("pk").state == "published"
    described.refresh_from_db()
    assert described.current.rows == 2
    assert "冰厚" not in who.get(reverse("intakes")).content.decode().split("港口冰厚")[0]
    assert "100.0" in empty_city.client("office").get(reverse("quality")).content.decode()


def test_only_the_clean_rows_are_published_where_the_provider_says_so(empty_city, described):
    who = empty_city.client("weather")
    post(who, "dataset_table", "harbour-ice", text=BAD, table=described.pk)
    row = Intake.objects.get()
    assert who.post(reverse("intake_accept", args=[row.pk])).status_code == 302
    assert who.post(reverse("intake_accept", args=[row.pk])).status_code == 422
    described.refresh_from_db()
    assert described.current.rows == 3


def test_a_stranger_sees_no_file_of_another_department(empty_city, described):
    bring(empty_city, described, BAD)
    row = Intake.objects.get()
    for other in ("staff", "enterprise", "public"):
        who = empty_city.client(other)
        assert who.get(reverse("intake", args=[row.pk])).status_code in {403, 404}
        part = who.get(reverse("intake_part", args=[row.pk, "clean.csv"]))
        assert part.status_code in {403, 404}
        assert post(who, "intake_again", row.pk, text=GOOD).status_code in {403, 404}
    assert "冰.csv" not in empty_city.client("staff").get(reverse("intakes")).content.decode()


def test_a_column_that_the_catalogue_does_not_know_is_told(empty_city, described):
    who = empty_city.client("weather")
    more = "站点,值守人,冰厚,日期,风速\n北,,1,2024-01-02,3\n"
    answer = post(who, "dataset_table", "harbour-ice", text=more, table=described.pk)
    assert answer.status_code == 422 and "风速" in answer.content.decode()
    assert not Intake.objects.exists()
    more_columns = {"table": described.pk, "columns": "1"}
    answer = post(who, "dataset_table", "harbour-ice", text=more, **more_columns)
    assert answer.status_code == 302
    described.refresh_from_db()
    assert described.current.rows == 1 and not Intake.objects.exists()


def test_a_big_file_is_checked_by_the_worker(empty_city, described, monkeypatch):
    monkeypatch.setattr(intake, "AT_ONCE", 10)
    row = bring(empty_city, described, GOOD)
    assert row.state == "queued" and Intake.objects.get().version is None
    page = empty_city.client("weather").get(reverse("intake", args=[row.pk])).content.decode()
    assert "<progress" in page and 'hx-trigger="every 2s"' in page
    assert intake.check_next() == f"intake:{row.pk}" and intake.check_next() == ""
    row.refresh_from_db()
    assert row.state == "published" and row.version.rows == 2 and audit.verify() == []


def test_a_check_that_died_is_done_by_another_and_counts_once(empty_city, described, monkeypatch):
    monkeypatch.setattr(intake, "AT_ONCE", 10)
    row = bring(empty_city, described, GOOD)
    dead = waiting.take(Intake)
    found = intake._split(dead)
    assert intake.check_next() == ""
    Intake.objects.update(beat_at=clock.now() - timedelta(days=1))
    assert intake.check_next() == f"intake:{row.pk}"
    versions = Version.objects.count()
    intake._settle(dead, found)  # the one that was taken for dead comes back
    assert Version.objects.count() == versions


def test_a_big_file_that_is_no_table_is_told_of(empty_city, described, monkeypatch):
    monkeypatch.setattr(intake, "AT_ONCE", 10)
    row = bring(empty_city, described, "站点,值守人,冰厚,日期\n" + "\ufffe\0" * 5)
    intake.check_next()
    row.refresh_from_db()
    assert row.state in {"failed", "held"} and row.version is None

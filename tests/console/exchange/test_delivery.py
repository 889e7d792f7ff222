"""A table as a file: every format says the same, once metered, and nobody else's."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import polars as pl
import pyarrow as pa
import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from songhua.console import clock
from songhua.console.exchange import formats
from songhua.console.exchange.models import Parcel, Use
from songhua.console.exchange.services import delivery, entries, granting, waiting
from songhua.console.ledger.services import audit
from songhua.kit.errors import Conflict, InputError, NotAllowed

SEEN = [(1, "north", 41.5), (2, "north", 40.0), (3, "south", 12.25), (4, "south", None)]
NAMES = ("_id", "station", "ice_cm")
TYPES = [("_id", "BIGINT"), ("station", "TEXT"), ("ice_cm", "DOUBLE")]


def read(form, data):
    """The rows of a file, by another reader than its writer."""
    if form == "csv":
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        assert tuple(rows[0]) == NAMES
        return [(int(a), b, float(c) if c else None) for a, b, c in rows[1:]]
    if form == "xlsx":
        rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
        assert tuple(rows[0]) == NAMES
        return [(int(a), b, c if c != "" else None) for a, b, c in rows[1:]]
    if form in {"json", "ndjson"}:
        lines = json.loads(data) if form == "json" else map(json.loads, data.splitlines())
        return [tuple(line[name] for name in NAMES) for line in lines]
    if form == "parquet":
        return pl.read_parquet(io.BytesIO(data)).rows()
    return pl.from_arrow(pa.ipc.open_stream(data).read_all()).rows()


@pytest.fixture
def granted(empty_city, table):
    return granting.grant(
        empty_city.weather, table, empty_city.units["harbour_bureau"],
        {"columns": ["station", "ice_cm"], "purpose": "破冰调度", "may_export": True},
    )  # fmt: skip


@pytest.mark.parametrize("form", formats.KINDS)
@pytest.mark.parametrize("size", [1, 3, 10])
def test_every_format_says_the_same_however_it_was_cut(form, size):
    out = io.BytesIO()
    batches = [SEEN[at : at + size] for at in range(0, len(SEEN), size)]
    assert formats.write(form, TYPES, iter(batches), out) == 4
    assert read(form, out.getvalue()) == SEEN
    empty = io.BytesIO()
    assert formats.write(form, TYPES, iter([]), empty) == 0
    assert read(form, empty.getvalue()) == []


def test_text_that_a_spreadsheet_would_run_is_made_harmless():
    out = io.BytesIO()
    formats.write("csv", [("=a", "TEXT")], [[("=1+1",)], [("@x",)]], out, bom=False)
    assert out.getvalue().decode().splitlines() == ['"\'=a"', '"\'=1+1"', '"\'@x"']


def test_a_sheet_takes_no_more_rows_than_it_can(monkeypatch):
    monkeypatch.setattr(formats, "MOST_SHEET_ROWS", 3)
    with pytest.raises(InputError):
        formats.write("xlsx", TYPES, [SEEN[:2], SEEN[2:]], io.BytesIO())


def test_a_file_made_at_once_holds_what_is_granted_and_is_metered(empty_city, table, granted):
    made = delivery.whole(empty_city.staff, table, "parquet")
    with made.file as stream:
        data = stream.read()
    assert read("parquet", data) == SEEN and made.receipt >= 0
    use = Use.objects.get()
    assert (use.requests, use.rows, use.bytes) == (1, 4, len(data))


def test_a_parcel_is_made_once_and_metered_once(empty_city, table, granted):
    row = delivery.order(empty_city.staff, table, "csv")
    with pytest.raises(Conflict):
        delivery.fetch(empty_city.staff, row.uid)
    assert delivery.make_next() == f"parcel:{row.pk}" and delivery.make_next() == ""
    for _ in range(3):
        made, file = delivery.fetch(empty_city.staff, row.uid)
        assert read("csv", file.read_bytes()) == SEEN
    assert (made.rows, made.progress, made.size) == (4, 1, file.stat().st_size)
    assert Use.objects.get().requests == 1 and made.receipt is not None
    assert audit.verify() == []


def test_a_parcel_whose_maker_was_killed_is_made_by_another(empty_city, table, granted):
    row = delivery.order(empty_city.staff, table, "json")
    lost = waiting.take(Parcel)
    assert delivery.make_next() == ""
    Parcel.objects.update(beat_at=clock.now() - timedelta(days=1))
    assert delivery.make_next() == f"parcel:{row.pk}"
    delivery._make(lost)  # the one that was taken for dead comes back: its work counts nothing
    assert Use.objects.get().requests == 1
    assert read("json", delivery.fetch(empty_city.staff, row.uid)[1].read_bytes()) == SEEN


def test_a_revocation_bites_on_a_file_that_lies_ready(empty_city, table, granted):
    row = delivery.order(empty_city.staff, table, "csv")
    delivery.make_next()
    for other in (empty_city.weather, empty_city.enterprise, empty_city.office):
        with pytest.raises(NotAllowed):
            delivery.fetch(other, row.uid)
    granting.revoke(empty_city.weather, granted, "用途已结束")
    with pytest.raises(NotAllowed):
        delivery.fetch(empty_city.staff, row.uid)


def test_a_revocation_bites_between_order_and_making(empty_city, table, granted):
    row = delivery.order(empty_city.staff, table, "csv")
    granting.revoke(empty_city.weather, granted, "用途已结束")
    delivery.make_next()
    row.refresh_from_db()
    assert row.state == "failed" and not delivery.file_of(row).exists() and not Use.objects.exists()


def test_a_column_that_was_closed_since_is_not_fetched(empty_city, table):
    from songhua.console.exchange.services import contents

    entries.change(empty_city.weather, table.entry, {"is_open": True})
    table.refresh_from_db()
    row = delivery.order(empty_city.enterprise, table, "csv")
    delivery.make_next()
    delivery.fetch(empty_city.enterprise, row.uid)
    contents.describe(empty_city.weather, table, [{"name": "station", "open": False}])
    with pytest.raises(NotAllowed):
        delivery.fetch(empty_city.enterprise, row.uid)


def test_a_grant_without_files_gives_none(empty_city, table, granted):
    granting.revoke(empty_city.weather, granted, "改为仅查询")
    granting.grant(
        empty_city.weather, table, empty_city.units["harbour_bureau"],
        {"columns": ["station"], "purpose": "破冰调度"},
    )  # fmt: skip
    for way in (delivery.whole, delivery.order):
        with pytest.raises(NotAllowed):
            way(empty_city.staff, table, "csv")


def test_files_are_kept_for_a_week(empty_city, table, granted):
    row = delivery.order(empty_city.staff, table, "csv")
    delivery.make_next()
    file = delivery.fetch(empty_city.staff, row.uid)[1]
    assert delivery.expire() == 0 and file.exists()
    with clock.pinned(clock.today() + timedelta(days=delivery.KEPT_DAYS + 1)):
        assert delivery.expire() == 1 and not file.exists()
        with pytest.raises(NotAllowed):
            delivery.fetch(empty_city.staff, row.uid)


def test_a_file_is_ordered_watched_and_fetched_in_parts(empty_city, table, granted, client):
    client.force_login(empty_city.staff)
    said = client.post(reverse("parcel_order", args=[table.uid]), {"form": "csv"})
    assert said.status_code == 202 and said.json()["state"] == "queued"
    assert client.get(said.json()["file"]).status_code == 404
    delivery.make_next()
    state = client.get(reverse("parcel", args=[said.json()["id"]])).json()
    assert (state["state"], state["rows"], state["progress"]) == ("done", 4, 1)
    whole = client.get(state["file"])
    data = b"".join(whole)
    assert read("csv", data) == SEEN and whole["ETag"] == f'"{state["sha256"]}"'
    assert whole["X-Songhua-Receipt"] == str(state["receipt"])
    for asked, part in (("5-", data[5:]), ("-7", data[-7:]), ("2-3", data[2:4]),
                        ("0-99999", data)):  # fmt: skip
        got = client.get(state["file"], headers={"Range": f"bytes={asked}"})
        assert b"".join(got) == part and got.status_code == (206 if part != data else 200)
    assert client.get(state["file"], headers={"Range": "bytes=99999-"}).status_code == 416
    other = client.get(state["file"], headers={"Range": "bytes=5-", "If-Range": '"else"'})
    assert other.status_code == 200 and b"".join(other) == data
    client.force_login(empty_city.enterprise)
    assert client.get(state["file"]).status_code == 404
    assert client.get(reverse("parcel", args=[said.json()["id"]])).status_code == 404
    assert client.post(reverse("parcel_order", args=[table.uid])).status_code == 404

"""The catalogue's pages: the public sees what is open and nothing of the rest."""

from __future__ import annotations

import csv
import io
import json

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

from songhua.console.exchange.models import Distribution, Entry, Event, Rating, Use, Wanted
from songhua.console.exchange.services import contents, entries, granting, uploads
from songhua.kit.errors import InputError

CSV = "测站,冰厚(cm),日期,联系电话\n北,41.5,2024-01-02,13800138000\n南,12,2024-01-03,13900139000\n"


def url(route, *args):
    return reverse(route, args=args)


def seen(client, address, **more):
    answer = client.get(address, more)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, body.decode("utf-8-sig", "replace")


@pytest.fixture
def opened(empty_city, table):
    """The dataset of readings, open but for the names of people."""
    about = {"fields": [
        {"name": "station", "title": "测站", "open": True},
        {"name": "person", "title": "观测人姓名", "sensitivity": "personal"},
        {"name": "ice_cm", "title": "冰厚", "kind": "number", "unit": "cm", "open": True},
        {"name": "read_on", "title": "日期", "kind": "date", "open": True},
    ]}  # fmt: skip
    entries.change(
        empty_city.weather, table.entry,
        {"is_open": True, "about": about, "title_en": "Harbour ice", "licence": "cc0"},
    )  # fmt: skip
    return table


PAGES = ("dataset", "dataset_rows", "dataset_package")


def test_what_is_not_open_is_not_there_for_the_public(empty_city, table):
    for who in (Client(), empty_city.client("public"), empty_city.client("enterprise")):
        assert "harbour-ice" not in seen(who, url("datasets"))[1]
        for route in PAGES:
            assert seen(who, url(route, "harbour-ice"))[0] == 404
        for form in ("ttl", "csv"):
            route = "dataset_dcat" if form == "ttl" else "dataset_file"
            assert seen(who, url(route, "harbour-ice", form))[0] == 404
        assert "harbour-ice" not in seen(who, url("catalogue_dcat", "ttl"))[1]
    assert "harbour-ice" in seen(empty_city.client("staff"), url("datasets"))[1]
    assert Use.objects.count() == 0


def test_the_public_sees_open_fields_and_rows_only(opened):
    who = Client()
    for address in (
        url("datasets"), url("dataset", "harbour-ice"), url("dataset_rows", "harbour-ice"),
        url("dataset_package", "harbour-ice"), url("catalogue_dcat", "ttl"),
        url("catalogue_dcat", "rdf"), url("catalogue_dcat", "jsonld"),
        *(url("dataset_file", "harbour-ice", form) for form in ("csv", "json", "xlsx", "parquet")),
    ):  # fmt: skip
        status, text = seen(who, address)
        assert status == 200, address
        for secret in ("person", "姓名", "张三"):
            assert secret not in text.replace("topbar-person", ""), f"{secret} in {address}"
    assert "harbour-ice" not in seen(who, url("datasets"), q="person")[1]
    assert "harbour-ice" in seen(who, url("datasets"), q="ice_cm")[1]
    rows = csv.DictReader(io.StringIO(seen(who, url("dataset_file", "harbour-ice", "csv"))[1]))
    assert [row["ice_cm"] for row in rows] == ["41.5", "40.0", "12.25", ""]


def test_looking_and_downloading_are_metered_and_logged(empty_city, opened):
    before = Event.objects.count()
    seen(Client(), url("dataset", "harbour-ice"))
    assert Use.objects.count() == 0
    answer = Client().get(url("dataset_file", "harbour-ice", "json"))
    assert Use.objects.get().rows == 4 and Use.objects.get().holder == "public"
    assert int(answer["X-Songhua-Receipt"]) == Event.objects.latest("index").index
    text = seen(Client(), url("dataset_rows", "harbour-ice"))[1]
    assert "41.5" in text and "data-chart" in text
    assert Event.objects.count() > before


def test_a_grant_without_files_shows_rows_and_refuses_files(empty_city, table):
    granting.grant(
        empty_city.weather, table, empty_city.units["harbour_bureau"],
        {"columns": ["station", "ice_cm"], "purpose": "破冰调度"},
    )  # fmt: skip
    who = empty_city.client("staff")
    assert "41.5" in seen(who, url("dataset_rows", "harbour-ice"))[1]
    assert "张三" not in seen(who, url("dataset_rows", "harbour-ice"))[1]
    assert seen(who, url("dataset_file", "harbour-ice", "csv"))[0] == 403
    assert seen(empty_city.client("office"), url("dataset_file", "harbour-ice", "csv"))[0] in {
        403,
        422,
    }


def test_both_languages_and_the_facets(empty_city, opened):
    who = Client(headers={"cookie": "songhua_language=en"})
    assert "Harbour ice" in seen(who, url("datasets"))[1]
    staff = empty_city.client("staff")
    assert "harbour-ice" in seen(staff, url("datasets"), tier="conditional", open="True")[1]
    assert "harbour-ice" not in seen(staff, url("datasets"), tier="denied")[1]
    part = staff.get(url("datasets"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and "harbour-ice" in part


def test_a_department_enters_fills_opens_and_withdraws_a_dataset(empty_city, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    who = empty_city.client("weather")
    given = {"name": "river-ice", "title": "河冰", "tier": "unconditional", "cycle": "daily",
             "keywords": "冰、河", "state": "active"}  # fmt: skip
    assert who.post(url("dataset_new"), given | {"name": "坏名字"}).status_code == 422
    assert Entry.objects.count() == 0
    assert who.post(url("dataset_new"), given).status_code == 302
    file = io.BytesIO(CSV.encode("gb18030"))
    file.name = "readings.csv"
    answer = who.post(url("dataset_table", "river-ice"), {"file": file})
    assert answer.status_code == 302, answer.context["problems"]
    table = Distribution.objects.get()
    fields = {f["name"]: f for f in Entry.objects.get().about["fields"]}
    assert [f["title"] for f in fields.values()] == ["测站", "冰厚(cm)", "日期", "联系电话"]
    station, ice, _, phone = fields
    assert fields[phone]["sensitivity"] == "personal" and fields[ice]["kind"] == "number"
    assert not any(f["open"] for f in fields.values())
    change = given | {
        "is_open": "1",
        "field": list(fields),
        f"open-{station}": "1",
        f"open-{ice}": "1",
    }
    assert who.post(url("dataset_edit", "river-ice"), change).status_code == 302
    text = seen(Client(), url("dataset_file", "river-ice", "csv"))[1]
    assert "41.5" in text and "138" not in text and "日期" not in text
    refused = who.post(url("dataset_edit", "river-ice"), change | {
        f"open-{phone}": "1", f"sensitivity-{phone}": "personal"})  # fmt: skip
    assert refused.status_code == 422
    again = io.BytesIO("测站,冰厚(cm)\n东,7\n".encode())
    again.name = "readings.csv"
    who.post(url("dataset_table", "river-ice"), {"file": again, "table": table.pk})
    assert Distribution.objects.get().current.rows == 2  # a column is missing: it is held back
    whole = io.BytesIO(CSV.splitlines()[0].encode() + "\n东,7,2024-01-09,\n".encode())
    whole.name = "readings.csv"
    columns = {"file": whole, "table": table.pk, "columns": "1"}
    who.post(url("dataset_table", "river-ice"), columns)
    assert Distribution.objects.get().current.rows == 1
    for other in ("staff", "public"):
        stranger = empty_city.client(other)
        assert stranger.get(url("dataset_edit", "river-ice")).status_code in {403, 404}
        assert stranger.post(url("dataset_withdraw", "river-ice")).status_code in {403, 404}
    assert who.post(url("dataset_withdraw", "river-ice")).status_code == 302
    assert seen(Client(), url("dataset", "river-ice"))[0] == 404
    assert seen(Client(), url("dataset_file", "river-ice", "csv"))[0] == 404


def test_a_file_that_is_no_table_is_told(empty_city, table):
    for data in (b"", b"a,b\n1,2,3\n", b"a,a\n1,2\n", b"\xff\xfe\x00"):
        with pytest.raises(InputError):
            uploads.upload(empty_city.weather, table.entry, table, "x.csv", data)
    assert table.entry.about == {}


def wish(client, **given):
    from songhua.console.exchange.views.wanted import FORM
    from songhua.console.people import robots

    asked = robots.ask(FORM)
    return client.post(
        url("data_wanted"), {"form": asked.token, "total": str(asked.one + asked.two), **given}
    )


def test_wishes_are_taken_from_people_and_shown_when_answered(empty_city, opened, monkeypatch):
    monkeypatch.setattr("songhua.console.people.robots.SOONEST", 0)
    assert wish(Client(), title="").status_code == 422
    assert wish(Client(), title="公交到站", total="99").status_code == 422
    assert wish(Client(), title="公交到站", contact="me@example.org").status_code == 302
    assert "公交到站" not in seen(Client(), url("data_wanted"))[1]
    row = Wanted.objects.get()
    office = empty_city.client("office")
    assert "me@example.org" in seen(office, url("data_wanted"))[1]
    office.post(url("wanted_answer", row.pk), {"answer": "已开放", "dataset": "harbour-ice"})
    text = seen(Client(), url("data_wanted"))[1]
    assert "已开放" in text and "harbour-ice" in text and "me@example.org" not in text


def test_marks_count_once_for_a_network_and_are_bounded(opened, settings):
    for stars in ("5", "3", "9"):
        Client().post(url("dataset_rate", "harbour-ice"), {"stars": stars})
    assert [row.stars for row in Rating.objects.all()] == [3]
    settings.OPINION_RATE = 1
    answer = Client().post(url("dataset_rate", "harbour-ice"), {"stars": "1"})
    assert answer.status_code == 422 and Rating.objects.get().stars == 3


def test_a_network_that_asks_too_often_waits(opened, settings, empty_city):
    settings.PORTAL_RATE = 3
    who = Client(REMOTE_ADDR="203.0.113.9")
    codes = [who.get(url("datasets")).status_code for _ in range(5)]
    assert codes.count(429) >= 1 and codes[0] == 200
    assert empty_city.client("staff", REMOTE_ADDR="203.0.113.9").get(
        url("datasets")
    ).status_code == 200  # fmt: skip


def test_robots_are_told_what_is_theirs():
    text = Client().get("/robots.txt").content.decode()
    assert "Allow: /catalogue/" in text and "Disallow: /\n" in text


def test_the_data_package_names_its_files(opened):
    said = json.loads(seen(Client(), url("dataset_package", "harbour-ice"))[1])
    assert [f["name"] for f in said["resources"][0]["schema"]["fields"]] == [
        "station", "ice_cm", "read_on"
    ]  # fmt: skip
    for one in said["resources"]:
        assert seen(Client(), one["path"].replace("http://testserver", ""))[0] == 200


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        ((("lon", "DOUBLE"), ("lat", "DOUBLE")), {"lon": [126.63], "lat": [45.75]}),
        ((("shape", "TEXT"),), {"shape": ["SRID=4326;POINT (126.63 45.75)"]}),
        (
            (("geometry", "TEXT"),),
            {"geometry": ['{"type": "Point", "coordinates": [126.63,45.75]}']},
        ),
    ],
)
def test_a_table_with_places_is_shown_on_the_map_to_whom_they_are_shown(
    empty_city, table, columns, rows
):
    way = entries.distribute(empty_city.weather, table.entry, {"name": "地点", "sql_name": "spots"})
    said = [{"name": name, "type": kind, "open": True} for name, kind in columns]
    contents.create(empty_city.weather, way, [*said, {"name": "label", "type": "TEXT"}])
    contents.append(empty_city.weather, way, pl.DataFrame(rows | {"label": ["内部名称"]}))
    address = url("dataset_rows", "harbour-ice")
    assert "data-map" in seen(empty_city.client("weather"), address)[1]
    assert "data-map" not in seen(empty_city.client("staff"), address)[1]
    entries.change(empty_city.weather, table.entry, {"is_open": True})
    text = seen(Client(), address)[1]
    assert "data-map" in text and "126.63" in text and "内部名称" not in text
    assert seen(Client(), url("districts_geojson"))[0] == 200

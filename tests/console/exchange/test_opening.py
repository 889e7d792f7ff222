"""Nothing about people becomes public unseen, whichever way it would be opened."""

from __future__ import annotations

from dataclasses import replace

import orjson
import polars as pl
import pytest
from django.urls import reverse

from songhua.console.exchange import records
from songhua.console.exchange.models import Entry, Event
from songhua.console.exchange.services import contents, door, entries, importing, releases, uploads
from songhua.console.exchange.services.harvest import Source, harvest
from songhua.exchange.catalogue import write_catalogue
from songhua.kit.errors import InputError

from .test_ckan import own, site  # noqa: F401

PHONES = [f"电话1380013800{n}" for n in range(4)]


def codes(caught):
    return {problem.code for problem in caught.value.problems}


def with_phones(rows):
    return rows.drop("_id").with_columns(pl.Series("station", PHONES))


def everybody_sees(table):
    return bool(door.open_tables(None, [fresh(table)]).held)


def fresh(table):
    return type(table).objects.select_related("entry", "current").get(pk=table.pk)


@pytest.fixture
def peopled(empty_city, table):
    """The table, of which an open column holds telephone numbers."""
    contents.append(empty_city.weather, table, with_phones(contents.frame(table.current)))
    return table


def test_a_change_that_opens_a_dataset_looks_at_its_open_columns(empty_city, peopled):
    with pytest.raises(InputError) as caught:
        entries.change(empty_city.weather, peopled.entry, {"is_open": True})
    assert "opening_identifier" in codes(caught) and not everybody_sees(peopled)


def test_a_draft_that_is_published_open_is_looked_at(empty_city, peopled):
    row = entries.change(empty_city.weather, peopled.entry, {"state": "draft"})
    row = entries.change(empty_city.weather, row, {"is_open": True})
    with pytest.raises(InputError):
        entries.change(empty_city.weather, row, {"state": "active"})
    assert not everybody_sees(peopled)


@pytest.mark.parametrize("way", ["append", "change", "describe", "upload", "adopt"])
def test_a_new_version_of_an_open_dataset_is_looked_at(empty_city, table, way, tmp_path):
    actor = empty_city.weather
    entries.change(actor, table.entry, {"is_open": True})
    assert everybody_sees(table)
    before = fresh(table).current
    rows = with_phones(contents.frame(before))
    file = tmp_path / "rows.parquet"
    rows.write_parquet(file)
    ways = {
        "append": lambda: contents.append(actor, table, rows),
        "change": lambda: contents.change(
            actor, table, lambda old: pl.concat([old, rows], how="diagonal")
        ),
        "describe": lambda: contents.describe(actor, table, [{"name": "person", "open": True}]),
        "adopt": lambda: contents.adopt(actor, table, before.columns[1:], file),
        "upload": lambda: (
            uploads.upload(actor, table.entry, table, "a.csv", b"kept\n13800138000\n"),
            uploads.describe(actor, Entry.objects.get(pk=table.entry_id),
                             {"kept": {"open": True, "sensitivity": "general"}}),
        ),
    }  # fmt: skip
    with pytest.raises(InputError) as caught:
        ways[way]()
    assert codes(caught) & {"opening_identifier", "opening_suspected"}
    told = door.open_tables(None, [fresh(table)])
    shown = told.deliver(f'SELECT * FROM "{table.sql_name}"', "test") if told.held else ""
    assert "13800138" not in str(shown)


def test_the_form_does_not_open_a_dataset_around_the_check(client, empty_city, peopled):
    client.force_login(empty_city.weather)
    given = {"title": "港口冰厚", "name": "harbour-ice", "tier": "unconditional", "cycle": "daily",
             "state": "active", "is_open": "1"}  # fmt: skip
    answer = client.post(reverse("dataset_edit", args=["harbour-ice"]), given)
    assert answer.status_code == 422 and not everybody_sees(peopled)


def test_a_workbook_does_not_open_a_dataset_around_the_check(empty_city, peopled):
    said = [{"name": c["name"], "title": c["name"], "open": bool(c.get("open"))}
            for c in peopled.current.columns[1:]]  # fmt: skip
    entries.change(empty_city.weather, peopled.entry, {
        "code": "301002/000017", "cycle": "daily", "theme": "meteorology", "licence": "cc0",
        "summary": "冰", "basis": "按需",
        "about": {"fields": said, "contact_phone": "0451-1", "formats": ["csv"]}})  # fmt: skip
    entry = Entry.objects.get(pk=peopled.entry_id)
    opened = replace(records.strict(entry), open=True, source="", open_conditions="注明来源")
    row = importing.bring(empty_city.weather, "catalogue.xlsx",
                          write_catalogue(records.Shelf((opened,)), "zh"))  # fmt: skip
    assert {p["code"] for p in row.problems} & {"opening_identifier", "opening_suspected"}
    assert not everybody_sees(peopled)


def test_a_client_of_ckan_does_not_open_a_dataset_around_the_check(own):  # noqa: F811
    made = own.action.package_create(
        name="visitors", title="来访", owner_org="weather_bureau", private=True, resources=[{}]
    )
    table = made["resources"][0]["id"]
    people = [{"note": "李四 13800138000"}]
    own.action.datastore_create(resource_id=table, records=people, force=True)
    with pytest.raises(Exception, match="note"):
        own.action.package_patch(id="visitors", private=False)
    own.action.datastore_records_delete(resource_id=table, filters={}, force=True)
    own.action.package_patch(id="visitors", private=False)
    with pytest.raises(Exception, match="note"):
        own.action.datastore_upsert(resource_id=table, records=people, method="insert", force=True)
    own.action.datastore_upsert(
        resource_id=table, records=[{"note": "无"}], method="insert", force=True
    )
    own.action.package_delete(id="visitors")


def test_what_is_harvested_is_open_and_its_tables_are_looked_at(empty_city, own, site, table):  # noqa: F811
    own.action.package_create(
        name="there",
        title="那里",
        owner_org="weather_bureau",
        resources=[{"url": "http://e.org/a"}],
    )
    source = Source(f"http://127.0.0.1:{site[0].port}/")
    harvest(empty_city.weather, source, empty_city.units["weather_bureau"])
    row = Entry.objects.get(name="there")
    way = row.distributions.get()
    entries.redistribute(empty_city.weather, way, {"sql_name": entries.sql_name(row)})
    way.refresh_from_db()
    contents.create(empty_city.weather, way, [{"name": "note", "type": "TEXT", "open": True}])
    with pytest.raises(InputError):
        contents.append(empty_city.weather, way, pl.DataFrame({"note": PHONES}))
    assert row.is_open
    own.action.package_delete(id="there")


def test_a_column_is_closed_unless_it_says_that_it_is_open(empty_city, table):
    way = entries.distribute(empty_city.weather, table.entry, {"name": "b", "sql_name": "b"})
    contents.create(empty_city.weather, way, [{"name": "x", "type": "TEXT"}])
    entries.change(empty_city.weather, table.entry, {"is_open": True})
    assert everybody_sees(table) and not everybody_sees(way)


def test_a_person_may_vouch_for_a_doubt_but_not_for_an_identifier(empty_city, table):
    names = pl.Series("station", ["张伟强", "李秀英", "王建国", "刘德华"])
    contents.change(empty_city.weather, table, lambda rows: rows.with_columns(names))
    with pytest.raises(InputError):
        releases.open_to_all(empty_city.weather, table.entry)
    opened = releases.open_to_all(empty_city.weather, table.entry, looked_at=["station"])
    told = [bytes(event.body) for event in Event.objects.all()]
    checked = next(orjson.loads(body) for body in told if b"opening_checked" in body)
    assert opened.is_open and checked["looked_at"] == ["station"]
    with pytest.raises(InputError):
        contents.append(empty_city.weather, table, with_phones(contents.frame(table.current)))


def test_people_who_stand_out_in_a_later_version_are_found(empty_city, table):
    rows = contents.frame(table.current).drop("_id")
    for _ in range(2):
        contents.append(empty_city.weather, table, rows)
    releases.open_to_all(empty_city.weather, table.entry, ["station"])  # 6 rows of each
    with pytest.raises(InputError) as caught:
        contents.append(
            empty_city.weather, table, rows.head(1).with_columns(station=pl.lit("alone"))
        )
    assert codes(caught) == {"opening_k"}


def test_places_are_no_people_unless_the_rows_are_about_people(empty_city, table):
    columns = [{"name": n, "type": k, "open": True} for n, k in
               (("lon", "DOUBLE"), ("lat", "DOUBLE"), ("who", "TEXT"))]  # fmt: skip
    way = entries.distribute(empty_city.weather, table.entry, {"name": "b", "sql_name": "b"})
    contents.create(empty_city.weather, way, columns)
    places = {"lon": [126.5312, 126.6123], "lat": [45.7512, 45.8123]}
    contents.append(empty_city.weather, way, pl.DataFrame(places | {"who": ["站一", "站二"]}))
    entries.change(empty_city.weather, table.entry, {"is_open": True})
    with pytest.raises(InputError) as caught:
        contents.append(
            empty_city.weather, way, pl.DataFrame(places | {"who": ["13800138000", "13800138001"]})
        )
    assert {p.where for p in caught.value.problems} == {"lon", "lat", "who"}

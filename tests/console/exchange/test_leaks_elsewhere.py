"""What is forbidden reaches nobody by files of any form, by SensorThings or by MQTT either: two
worlds that differ only in what is hidden give the same answers. See `test_leaks` for the rest."""

from __future__ import annotations

import io
import json
import random
import zipfile
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import polars as pl
import pytest
from django.urls import reverse

from songhua.console.api import tokens
from songhua.console.exchange.services import (
    delivery,
    devices,
    door,
    entries,
    granting,
    notifying,
    subscriptions,
)
from songhua.exchange.telemetry.decoding import READING
from songhua.exchange.telemetry.store import TelemetryStore

from . import hidden, sensing
from .hidden import CLOSED, MARK
from .test_leaks import QUESTIONS, caller

ROOT = "/api/sta/v1.1"
AT = datetime(2024, 1, 5, 8, tzinfo=UTC)
BINARY = ("xlsx", "parquet", "arrow")


@pytest.fixture
def worlds(empty_city, tmp_path, settings):
    settings.DATA_DIR = tmp_path
    settings.API_RATE = settings.PORTAL_RATE = 10**6
    return hidden.build(empty_city)


def rows_of(content: bytes, form: str) -> str:
    """The rows of a file as text, whatever its form."""
    if form == "xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            names = sorted(set(book.namelist()) - {"docProps/core.xml"})  # which tells the time
            return "".join(book.read(name).decode() for name in names)
    if form in {"parquet", "arrow"}:
        read = pl.read_parquet if form == "parquet" else pl.read_ipc_stream
        return str(read(io.BytesIO(content)).rows(named=True))
    return content.decode("utf-8-sig")


def hides(texts: list[str]) -> None:
    """The answers of both worlds are the same, and name nothing that is hidden."""
    assert texts[0] == texts[1]
    assert MARK not in texts[0] and CLOSED not in texts[0]


@pytest.mark.parametrize("form", ["csv", "json", *BINARY[:2]])
def test_a_file_from_the_page_has_what_is_granted(form, empty_city, worlds, client):
    caller("granted", empty_city, worlds, client)
    texts = []
    for number in (0, 1):
        worlds.enter(number)
        answer = client.get(reverse("dataset_file", args=["harbour-watch", form]))
        assert answer.status_code == 200
        texts.append(rows_of(b"".join(answer), form))
    hides(texts)
    assert texts[0].count("north") == len(hidden.SEEN)


@pytest.mark.parametrize("form", ["csv", "ndjson", *BINARY])
def test_a_file_made_in_the_background_has_what_is_granted(form, empty_city, worlds, client):
    caller("granted", empty_city, worlds, client)
    texts = []
    for number in (0, 1):
        worlds.enter(number)
        row = delivery.order(empty_city.staff, worlds.table, form)
        delivery.make_next()
        made, path = delivery.fetch(empty_city.staff, row.uid)
        texts.append(f"{made.rows} {rows_of(path.read_bytes(), form)}")
    hides(texts)


def test_lineage_shows_no_column_that_is_kept_back(empty_city, worlds, client):
    """To the public: where a dataset is open, its closed columns are not there."""
    entries.change(empty_city.weather, worlds.table.entry, {"is_open": True})
    door.deliver(empty_city.weather, f"SELECT MAX({CLOSED}) AS m FROM {hidden.TABLE}", route="test")
    for name in ("dataset_lineage", "dataset_lineage_event"):
        answer = client.get(reverse(name, args=["harbour-watch"]))
        text = answer.content.decode()
        assert CLOSED not in text and MARK not in text, name


def test_what_subscribers_are_told_over_mqtt_is_that_there_is_a_version(
    empty_city, worlds, client, monkeypatch, settings
):
    settings.BROKER = "mqtt://broker.example"
    caller("granted", empty_city, worlds, client)
    told = []
    monkeypatch.setattr(notifying, "publish", lambda to, body: told.append(body))
    subscriptions.subscribe(empty_city.staff, worlds.table, subscriptions.MQTT)
    hidden._version(empty_city, worlds.table, hidden._rows(["aa"], True))
    subscriptions.tell()
    [body] = told
    said = json.loads(body)
    assert set(said) == {"time", "signature", "body"}
    assert set(json.loads(said["body"])) == {"table", "version"}


@pytest.fixture
def gauges(empty_city, tmp_path, settings):
    """Two gauges of a dataset, and the granted one's view of them in two worlds: the other has 2 or
    9 readings, of other values."""
    settings.API_RATE = settings.PORTAL_RATE = 10**6
    entry = sensing.dataset(empty_city.weather)
    rows = [sensing.stream(empty_city.weather, entry, d) for d in (f"{MARK}-south", "north")]
    for number, count in enumerate((2, 9)):
        settings.DATA_DIR = tmp_path / f"world{number}"
        readings = [
            ("north", "level_m", AT + timedelta(hours=h), float(h), 0, AT) for h in range(4)
        ]
        readings += [
            (f"{MARK}-south", "level_m", AT + timedelta(minutes=7 * h), 7.7 + number + h / 8, 0, AT)
            for h in range(count)
        ]
        with TelemetryStore(devices.folder(), devices.registry()) as held:
            held.write(pl.DataFrame(readings, schema=READING, orient="row"))
    granting.grant(
        empty_city.weather, rows[0].table, empty_city.units["harbour_bureau"],
        {"columns": ["device_id", "metric", "ts_utc", "value"], "purpose": "值守",
         "rows": "device_id = 'north'"},
    )  # fmt: skip
    return rows


_SETS = ("Things", "Datastreams", "Observations", "Sensors", "ObservedProperties", "Locations",
         "FeaturesOfInterest", "HistoricalLocations")  # fmt: skip
_FILTERS = (
    "result gt 7", "result lt 100", "phenomenonTime gt 2024-01-05T08:30:00Z",
    f"Datastream/name eq '{MARK}-south level_m'", f"name eq '{MARK}-south level_m'",
    f"startswith(name,'{MARK}')", f"substringof('{MARK}',name)", "id eq 1", "id gt 0",
    "Datastream/id eq 1", "not (result le 3)", f"Thing/name eq '水尺 {MARK}-south'",
    f"Datastreams/name eq '{MARK}-south level_m'", "result div 0 gt 1",
)  # fmt: skip
_EXPANDED = (
    "Datastreams", "Datastreams/Observations", "Observations($top=3;$orderby=result desc)",
    "Datastreams($expand=Observations($count=true);$count=true)", "Thing", "Datastream/Thing",
    "Sensor,ObservedProperty,Thing", "Datastream($select=name)", "Things/Datastreams",
)  # fmt: skip
_ORDERS = ("id desc", "result desc", "phenomenonTime asc", "name", "Datastream/name desc")


def sensed(rows, count=QUESTIONS, seed=9):
    """Addresses of the service: known tricks, then `count` drawn ones."""
    south = rows[0].pk
    yield from _SETS
    yield from (
        f"Datastreams({south})", f"Datastreams({south})/Observations", f"Things({south})",
        f"Datastreams({south})/Thing", f"Datastreams({south})/name", f"Things({south})/Datastreams",
        f"Observations('{south}-1704441600000000')", f"Sensors({south})/Datastreams",
        f"ObservedProperties({south})/Datastreams", f"Datastreams({south})/Observations/$ref",
    )  # fmt: skip
    rng = random.Random(seed)
    for _ in range(count):
        options = {"count": "true", "top": rng.choice((1, 3, 100)), "skip": rng.choice((0, 1, 5))}
        for name, some in (("filter", _FILTERS), ("expand", _EXPANDED), ("orderby", _ORDERS)):
            if rng.random() < 0.5:
                options[name] = rng.choice(some)
        if rng.random() < 0.2:
            options["resultFormat"] = "dataArray"
        query = "&".join(f"${k}={quote(str(v))}" for k, v in options.items())
        yield f"{rng.choice(_SETS)}?{query}"


@pytest.mark.parametrize("who", ["public", "granted", "stranger"])
def test_no_reading_that_is_kept_back_shows_in_sensorthings(
    who, empty_city, gauges, client, settings, tmp_path
):
    """Which sensors and things are registered is told apart from their readings; the name of the
    hidden gauge may show only where the registry itself is open to the caller."""
    person = {"granted": empty_city.staff, "stranger": empty_city.enterprise}.get(who)
    headers = {}
    if person is not None:
        secret = tokens.make(person, name="fuzz", scopes=["read", "exchange"], days="1")[1]
        headers = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    told, seen = [], 0
    for path in sensed(gauges):
        texts = []
        for number in (0, 1):
            settings.DATA_DIR = tmp_path / f"world{number}"
            answer = client.get(f"{ROOT}/{path}", **headers)
            texts.append(f"{answer.status_code} {answer.content.decode()}")
        seen += texts[0].count('"result"')
        asked = path.replace(quote(MARK), "").replace(MARK, "")
        if texts[0] != texts[1] or (MARK in texts[0] and MARK not in path):
            told.append((asked, texts))
    assert told == []
    assert (seen > 0) == (who == "granted")


def test_the_fuzzer_sees_readings_where_they_may_be_seen(
    empty_city, gauges, client, settings, tmp_path
):
    secret = tokens.make(empty_city.weather, name="own", scopes=["read"], days="1")[1]
    texts = []
    for number in (0, 1):
        settings.DATA_DIR = tmp_path / f"world{number}"
        answer = client.get(
            f"{ROOT}/Observations?$count=true", HTTP_AUTHORIZATION=f"Bearer {secret}"
        )
        texts.append(answer.content.decode())
    assert texts[0] != texts[1]

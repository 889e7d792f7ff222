"""The live page shows what one may see, and counts what was refused without showing it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import polars as pl
import pytest

from songhua.console.exchange.services import devices
from songhua.exchange.telemetry import decoding
from songhua.exchange.telemetry.rejections import Rejections
from songhua.exchange.telemetry.store import TelemetryStore

from . import sensing


@pytest.fixture
def gauge(empty_city, tmp_path, settings):
    """A gauge with an old and a new reading and one out of range; two readings were refused."""
    settings.DATA_DIR = tmp_path
    entry = sensing.dataset(empty_city.weather)
    row = sensing.stream(empty_city.weather, entry)
    sensing.stream(empty_city.weather, entry, "silent")
    sent = [sensing.reading("gauge-1", "level_m", v, s) for v, s in ((3.25, 600), (99.5, 30))]
    sent += [
        sensing.reading("zqx-nobody", "level_m", 1.0),
        sensing.reading("gauge-1", "level_m", 1, -9999),
    ]
    read, refused = [json.loads(json.dumps(one)) for one in sent], Rejections()
    arrived = pl.Series([datetime.now(UTC)] * len(read), dtype=decoding.READING["received_at"])
    with TelemetryStore(devices.folder(), devices.registry()) as store:
        store.write(decoding.frame(read, arrived, refused), refused)
    return row


def page(client, person, **more):
    client.force_login(person)
    found = client.get("/catalogue/readings/", **more)
    assert found.status_code == 200
    return found.content.decode()


def test_the_newest_reading_is_shown_with_its_flag_and_silence_is_told(empty_city, gauge, client):
    text = page(client, empty_city.weather)
    assert "99.5 m" in text and "3.25" not in text
    assert text.count("超量程") == 2  # at the reading, and among the counts
    assert "一天内无读数" in text


def test_a_stranger_sees_the_counts_and_no_reading(empty_city, gauge, client):
    text = page(client, empty_city.staff, HTTP_HX_REQUEST="true")
    assert "99.5" not in text and "level_m" not in text and "没有可以查看的设备" in text
    assert "设备未登记" in text and "时间在将来" in text and "zqx-nobody" not in text
    assert "<html" not in text


def test_before_anything_was_measured_the_page_says_so(empty_city, tmp_path, settings, client):
    settings.DATA_DIR = tmp_path
    assert "没有拒收的读数" in page(client, empty_city.office)

"""A small simulated plant of the weather bureau of Ice Harbour, with some hours of telemetry."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from songhua.console.exchange.services import devices
from songhua.console.heating import readings, simulation
from songhua.console.heating.services import registration
from songhua.exchange.telemetry import decoding
from songhua.exchange.telemetry.rejections import Rejections
from songhua.exchange.telemetry.store import TelemetryStore

STATIONS = 4


def keep(rows):
    """Store readings as the intake does."""
    refused = Rejections()
    now = pl.Series([datetime.now(UTC)] * len(rows), dtype=decoding.READING["received_at"])
    with TelemetryStore(devices.folder(), devices.registry()) as store:
        return store.write(decoding.frame(rows, now, refused), refused)


@pytest.fixture(scope="session")
def simulated():
    """The simulated plant itself, warmed up."""
    made = simulation.build("city", STATIONS, 1)
    made.warm_up(datetime.now(UTC))
    return made


@pytest.fixture
def plant(empty_city, simulated, tmp_path, settings):
    """Its record; nothing of it is stored yet."""
    settings.DATA_DIR = tmp_path
    readings._reader.cache_clear()
    return registration.simulated(empty_city.weather.unit, simulated, "冰港供热")


@pytest.fixture
def running(plant, simulated):
    """The record with three hours of telemetry."""
    simulated._orders.clear()
    now = datetime.now(UTC).replace(microsecond=0)
    rows = []
    for n in range(36, -1, -1):
        rows += simulated.step(now - n * simulation.STEP)
    assert keep(rows).stored == len(rows)
    return plant


@pytest.fixture
def colleague(empty_city):
    """Another dispatcher of the same department."""
    from django.contrib.auth.hashers import make_password

    from songhua.console.people.services import create_account

    return create_account(
        "test", username="colleague", name="同事", role="staff", unit=empty_city.weather.unit,
        password_hash=make_password("Harbour-2024"),
    )[0]  # fmt: skip

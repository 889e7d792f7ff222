"""The registry says everything that is wrong with a table of channels, all at once."""

from __future__ import annotations

import pytest

from songhua.exchange.telemetry.registry import Channel, Registry
from songhua.kit.errors import InputError


def test_rows_of_text_make_channels():
    rows = [
        {"device_id": " D1 ", "metric": "supply_c", "unit": "℃", "low": "0", "high": "95.5"},
        {"device_id": "D1", "metric": "flow", "low": None, "high": "", "resource_code": "R/1"},
        {"device_id": "D2", "metric": "flow", "low": 0, "high": 0},
    ]
    assert Registry.of_rows(rows).channels == (
        Channel("D1", "supply_c", "℃", 0, 95.5),
        Channel("D1", "flow", resource_code="R/1"),
        Channel("D2", "flow", low=0, high=0),
    )


def test_everything_wrong_is_told_with_its_row():
    rows = [
        {"device_id": "", "metric": "m"},
        {"device_id": "D", "metric": "m", "low": "2", "high": "1"},
        {"device_id": "D", "metric": "m", "low": "x"},
        {"device_id": "D", "metric": "n", "high": "inf"},
        {"device_id": "D", "metric": "温" * 30},
    ]
    with pytest.raises(InputError) as error:
        Registry.of_rows(rows)
    assert [(p.code, p.row) for p in error.value.problems] == [
        ("empty", 1),
        ("channel_range", 2),
        ("channel_range", 3),
        ("channel_twice", 3),
        ("channel_range", 4),
        ("channel_name_long", 5),
    ]


def test_an_unknown_column_is_refused():
    with pytest.raises(InputError, match="unknown_key"):
        Registry.of_rows([{"device_id": "D", "metric": "m", "units": "℃"}])


def test_an_empty_registry_knows_nothing():
    assert Registry(()).frame.is_empty()

"""Live readings: the newest of each device that one may see, and what became of all that came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from songhua.console.design import say
from songhua.console.exchange import selectors
from songhua.console.exchange.services import devices
from songhua.exchange.telemetry.checking import OUT_OF_RANGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse

    from songhua.console.exchange.models import Datastream
    from songhua.console.people.models import User

MOST = 50
RECENT = timedelta(days=1)
TAKEN = {
    "stored": ("已存", "Stored"), "duplicates": ("重复", "Duplicates"), "late": ("迟到", "Late"),
    "flagged": ("超量程", "Out of range"),
}  # fmt: skip
REASONS = {
    "reading_not_json": ("不是 JSON", "Not JSON"),
    "reading_malformed": ("缺字段或类型不符", "Field missing or of the wrong type"),
    "reading_time": ("时间不可读", "Time unreadable"),
    "reading_not_finite": ("非有限数", "Not a finite number"),
    "reading_device_unknown": ("设备未登记", "Device not registered"),
    "reading_metric_unknown": ("指标未登记", "Metric not registered"),
    "reading_future": ("时间在将来", "In the future"),
    "reading_quality": ("质量码不符", "Quality code"),
    "reading_conflict": ("同一时刻另有数值", "Another value for the instant"),
}


def live_readings(request: HttpRequest) -> HttpResponse:
    """The page; htmx asks for its changing part alone."""
    store = devices.reader()
    counts = store.counts() if store else {}
    context = {
        "rows": list(newest(selectors.caller(request.user))),
        "taken": [(say(*words), counts.get(name, 0)) for name, words in TAKEN.items()],
        "refused": [
            (say(*words), counts[name]) for name, words in REASONS.items() if name in counts
        ],
        "most": MOST,
    }  # fmt: skip
    page = "exchange/_readings.html" if request.htmx else "exchange/readings.html"
    return render(request, page, context)


def newest(caller: User | None) -> Iterator[dict[str, Any]]:
    """The newest reading within `RECENT` of each of the first datastreams that `caller` sees."""
    streams = devices.visible(caller).select_related("thing", "table__entry")[:MOST]
    known: dict[tuple[str, str], Datastream] = {(s.device_id, s.metric): s for s in streams}
    since = datetime.now(UTC) - RECENT
    opened = devices.opened(caller, known.values(), since)
    found: dict[tuple[str, str], tuple[Any, ...]] = {}
    for h in opened.held:
        quality = "quality" if "quality" in h.grant.columns else "0"
        query = (
            f"SELECT device_id, metric, ts_utc, value, flag FROM (SELECT device_id, metric, ts_utc,"
            f" value, {quality} AS flag, ROW_NUMBER() OVER (PARTITION BY device_id, metric"
            f' ORDER BY ts_utc DESC) AS n FROM "{h.grant.dataset}"'
            f" WHERE ts_utc >= CAST('{since:%Y-%m-%d %H:%M:%S}' AS TIMESTAMP)) AS r WHERE n = 1"
        )
        for device, metric, at, value, flag in opened.deliver(query, "live").rows:
            shown = f"{value:.6g}" if isinstance(value, float) else value
            found[device, metric] = (at.replace(tzinfo=UTC), shown, (flag or 0) >= OUT_OF_RANGE)
    for key, stream in known.items():
        at, value, outside = found.get(key, (None, None, False))
        unit = stream.unit_of_measurement.get("symbol", "")
        yield {"stream": stream, "at": at, "value": value, "outside": outside, "unit": unit}

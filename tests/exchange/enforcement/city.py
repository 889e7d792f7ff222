"""A small city: homes and devices that a bureau may see in part, and people it may not see."""

from __future__ import annotations

from datetime import UTC, datetime

from songhua.exchange.enforcement import Grant, Mask

CATALOGUE = {
    "homes": {
        "home_id": "TEXT",
        "owner": "TEXT",
        "district": "TEXT",
        "rooms": "INTEGER",
        "built": "DATE",
        "income": "BIGINT",
    },
    "devices": {"device_id": "TEXT", "home_id": "TEXT", "reading": "INTEGER", "serial": "TEXT"},
    "people": {"person_id": "TEXT", "illness": "TEXT", "rooms": "INTEGER"},
}
AT = datetime(2026, 1, 5, 4, tzinfo=UTC)
HOMES = Grant(
    "heating bureau",
    "homes",
    frozenset({"home_id", "owner", "district", "rooms", "built"}),
    "heating",
    rows="district = 'Daoli' AND income < 9000",
    rules={"owner": Mask(first=1)},
)
DEVICES = Grant(
    "heating bureau", "devices", frozenset({"device_id", "home_id", "reading"}), "heating"
)

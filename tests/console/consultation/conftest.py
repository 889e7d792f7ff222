"""A notice of the harbour bureau, open until five o'clock on the fourth of March 2024."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING

import pytest

from songhua.console import clock
from songhua.console.consultation.services import notices
from songhua.kit.time import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from songhua.console.consultation.models import Consultation

    from ..city import City

OPENS, CLOSES = date(2024, 2, 20), datetime(2024, 3, 4, 17, tzinfo=ZONE)
UNTIL = date(2024, 9, 1)
DRAFT = """第一条　为了治理港口冰情，制定本办法。
第二条　破冰船按下列次序出航：
（一）客运；
（二）货运。
第三条　补助最高100万元。
"""
REVISED = """第一条　为了治理港口冰情，制定本办法。
第二条　气象局每日发布冰情。
第三条　破冰船按下列次序出航：
（一）客运；
（二）货运。
第四条　补助最高500万元。
"""


def at(moment: str) -> object:
    """Within this block it is that moment of the closing day."""
    return clock.pinned(CLOSES.date(), time.fromisoformat(moment))


@pytest.fixture
def notice(empty_city: City) -> Iterator[Consultation]:
    """Published; within the test it is ten o'clock on the closing day."""
    with clock.pinned(OPENS):
        row = notices.create(
            empty_city.staff, empty_city.units["harbour_bureau"], title="港口冰情治理办法",
            about="现公开征求社会公众意见。", text=DRAFT, phone="0451-00000000",
        )  # fmt: skip
        row = notices.publish(empty_city.staff, row, closes_at=CLOSES, contacts_until=UNTIL)
    with at("10:00"):
        yield row

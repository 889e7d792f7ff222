"""What charts.js and map.js draw, as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.console.design import say
from songhua.console.ledger.selectors import COLOURS, MonthCell, UnitLights

if TYPE_CHECKING:
    from songhua.console.ledger.models import UnitScore
    from songhua.console.ledger.outlook import Outlook
    from songhua.programmes.model import Programme

LIGHT_NAMES = {
    "red": ("红灯", "Red"), "yellow": ("黄灯", "Yellow"), "green": ("绿灯", "Green"),
    "blue": ("完成", "Done"), "grey": ("无数据", "No data"),
}  # fmt: skip

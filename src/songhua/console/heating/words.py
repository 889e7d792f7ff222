"""What indicators and quantities are called, their units and decimals."""

from __future__ import annotations

from typing import NamedTuple

from songhua.console.design import say
from songhua.console.heating.metrics import metrics


class Word(NamedTuple):
    """A quantity as people read it."""

    zh: str
    en: str
    unit: str
    places: int

    @property
    def name(self) -> str:
        """In the reader's language."""
        return say(self.zh, self.en)


INDICATORS = {
    "heat_mwh": Word("供热量", "Heat supplied", "MWh", 1),
    "degree_days": Word("供暖度日数（HDD18）", "Heating degree days (HDD18)", "K·d", 2),
    "kwh_per_m2_hdd": Word("单位面积度日热耗", "Heat per area and degree day", "kWh/(m²·HDD)", 4),
    "comfort_share": Word("室温达标率（≥18 ℃）", "Share of hours at 18 °C or more", "%", 2),
    "peak_mw": Word("小时最大负荷", "Largest hourly load", "MW", 2),
    "makeup_m3": Word("补水量", "Make-up water", "m³", 1),
    "co2_kg": Word("二氧化碳排放", "Carbon dioxide", "kg", 0),
}
SHARES = {"comfort_share"}
"""Indicators kept as shares and shown in percent."""


def shown(name: str, value: float | None) -> float | None:
    """An indicator as it is shown."""
    return None if value is None else value * 100 if name in SHARES else value


def quantity(name: str) -> str:
    """What a quantity that may be ordered is called."""
    found = next((m for m in metrics() if m.metric == name), None)
    return say(found.zh, found.en) if found else name

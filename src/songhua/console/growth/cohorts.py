"""Cohorts of firms by the year in which they were founded: who is still there, and how they grew.

A firm counts from its founding to its end or to the day asked about. Firms that closed must stand
in the registry as ended; where they were never entered, survival looks better than it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from songhua.console.design.bilingual import choose
from songhua.console.growth import figures, selectors
from songhua.console.growth.ladder import last_whole_year
from songhua.console.subsidies.models import Subject
from songhua.governance.cultivation.cohort import Survival, kaplan_meier, median_multiple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from django.db.models import QuerySet


@dataclass(frozen=True)
class Cohort:
    """The firms founded in a year: how many, how many are left, and the median of their last
    revenue over that of their first whole year, and of how many firms that is."""

    year: int
    size: int
    left: int
    multiple: Fraction | None
    compared: int


@dataclass(frozen=True)
class Group:
    """Firms that were in a carrier, or those that never were, and their survival by months."""

    key: str
    size: int
    curve: tuple[Survival, ...]


def founded(on: date, year: int | None = None) -> QuerySet[Subject]:
    """Every enterprise that was founded by a day, or in a year, alive or ended."""
    rows = Subject.objects.filter(kind=Subject.Kind.ENTERPRISE, since__lte=on)
    rows = rows.exclude(state=Subject.State.MERGED)
    return rows if year is None else rows.filter(since__year=year)


def cohorts(on: date) -> list[Cohort]:
    """By year of founding, the newest first: 2 queries."""
    known, last = figures.yearly(on), last_whole_year(on)
    by_year: dict[int, list[Subject]] = {}
    for firm in founded(on):
        by_year.setdefault(firm.since.year, []).append(firm)
    found = []
    for year, firms in sorted(by_year.items(), reverse=True):
        pairs = [
            tuple(
                years[y].revenue_fen if y in (years := known.get(firm.pk, {})) else None
                for y in (year + 1, last)
            )
            for firm in firms
        ]
        multiple, compared = median_multiple(pairs) if last > year + 1 else (None, 0)
        left = sum(_alive(firm, on) for firm in firms)
        found.append(Cohort(year, len(firms), left, multiple, compared))
    return found


def _alive(firm: Subject, on: date) -> bool:
    return firm.ended_on is None or firm.ended_on > on


def groups(on: date) -> list[Group]:
    """Survival in months of the firms that were ever in a carrier and of the others: 2 queries."""
    stays = selectors.stays().filter(moved_in__lte=on)
    cared = set(stays.values_list("kept", flat=True))
    sides: dict[bool, list[Subject]] = {True: [], False: []}
    for firm in founded(on):
        sides[firm.pk in cared].append(firm)
    return [
        Group(key, len(firms), _curve(firms, on))
        for key, firms in (("cared", sides[True]), ("others", sides[False]))
    ]


def _curve(firms: Sequence[Subject], on: date) -> tuple[Survival, ...]:
    ended = [not _alive(firm, on) for firm in firms]
    until = [firm.ended_on if end else on for firm, end in zip(firms, ended, strict=True)]
    months = [
        selectors.whole_months(firm.since, day)
        for firm, day in zip(firms, until, strict=True)
        if day is not None
    ]
    return kaplan_meier(months, ended)


def survival_chart(found: Sequence[Group]) -> dict[str, Any]:
    """The curves at each half year, with their 95 % intervals."""
    names = {"cared": choose("曾在孵企业", "Once in a carrier"),
             "others": choose("其他企业", "Others")}  # fmt: skip
    last = max((row.time for group in found for row in group.curve), default=0)
    months = range(0, last + 1, 6)
    series = []
    for group in (group for group in found if group.curve):
        at = [_at(group.curve, month) for month in months]
        series.append({
            "name": names[group.key],
            "values": [None if row is None else float(row.alive) * 100 for row in at],
            "band": {
                "name": choose("{n} 95% 区间", "{n} 95% interval", n=names[group.key]),
                "low": [row.interval[0] * 100 if row and row.interval else None for row in at],
                "high": [row.interval[1] * 100 if row and row.interval else None for row in at],
            },
        })  # fmt: skip
    return {
        "kind": "line", "title": choose("存活率（卡普兰–迈耶估计）", "Survival (Kaplan–Meier)"),
        "unit": "%", "places": 1, "min": 0, "max": 100, "x": [str(month) for month in months],
        "x_label": choose("成立后月数", "Months since founding"), "series": series,
    }  # fmt: skip


def _at(curve: Sequence[Survival], month: int) -> Survival | None:
    """The estimate at a month; None after the last firm was seen, and the first row before any
    firm ended."""
    if month > curve[-1].time:
        return None
    before = [row for row in curve if row.time <= month]
    return before[-1] if before else Survival(0, curve[0].at_risk, 0, Fraction(1), None, None)


def growth_chart(found: Sequence[Cohort]) -> dict[str, Any]:
    """The median multiple of each cohort."""
    known = [cohort for cohort in reversed(found) if cohort.multiple is not None]
    return {
        "kind": "bar", "places": 2, "min": 0,
        "title": choose("收入倍数中位数（最近一年比成立次年）",
                        "Median revenue multiple, last year over the year after founding"),
        "unit": choose("倍", "times"), "x": [str(cohort.year) for cohort in known],
        "x_label": choose("成立年份", "Founded in"),
        "series": [{"name": choose("收入倍数", "Multiple"),
                    "values": [float(cohort.multiple or 0) for cohort in known]}],
    }  # fmt: skip

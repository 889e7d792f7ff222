"""What must hold between the records of a programme. Each rule yields the problems it finds."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from songhua.kit.errors import Problem
from songhua.programmes.model import COMPARATOR_OF_VERB

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from songhua.programmes.model import (
        Crosscheck,
        Indicator,
        Obligation,
        Unit,
    )
    from songhua.programmes.place import Sited


def unique(records: Iterable[Sited[Any]], key: str) -> Iterator[Problem]:
    """No two records share their `key`."""
    seen: set[str] = set()
    for record in records:
        value = getattr(record.it, key)
        if value in seen:
            yield Problem(record.where(key), "programme_id_twice", value)
        seen.add(value)


def names(units: Iterable[Sited[Unit]]) -> Iterator[Problem]:
    """Every code, name and alias leads to one unit only."""
    owner: dict[str, str] = {}
    for record in units:
        unit = record.it
        written = [("code", unit.code), ("name_zh", unit.name_zh)]
        written += [("aliases", alias) for alias in unit.aliases]
        for column, name in written:
            if owner.get(name, unit.code) != unit.code:
                yield Problem(record.where(column), "programme_alias_twice", name)
            owner.setdefault(name, unit.code)


def known(records: Iterable[Sited[Any]], key: str, codes: set[str], code: str) -> Iterator[Problem]:
    """Every code under `key` (one, several or none) is among `codes`; `code` is the sentence.

    Without any `codes` the file itself failed, which is reported once, not once per row.
    """
    if not codes:
        return
    for record in records:
        value = getattr(record.it, key)
        several = value if isinstance(value, tuple) else (value,)
        for place, item in enumerate(several):
            if item is not None and item not in codes:
                yield Problem(record.where(key, place), code, item)
            elif code == "programme_unit_unknown" and item in several[:place]:
                yield Problem(record.where(key, place), "programme_unit_twice", item)


def comparators(indicators: Iterable[Sited[Indicator]]) -> Iterator[Problem]:
    """The comparator is the one the verb means, and no target is finer than its places."""
    for record in indicators:
        indicator = record.it
        if indicator.verb not in COMPARATOR_OF_VERB:
            yield Problem(record.where("verb"), "programme_verb_unknown", str(indicator.verb))
        elif COMPARATOR_OF_VERB[indicator.verb] != indicator.comparator:
            seen = f"{indicator.verb or '—'} {indicator.comparator}"
            yield Problem(record.where("comparator"), "programme_comparator_wrong", seen)
        for year, target in indicator.targets.items():
            exponent = target.normalize().as_tuple().exponent
            if isinstance(exponent, int) and -exponent > indicator.places:
                where = record.where("targets", str(year))
                yield Problem(where, "programme_target_places", str(target))


def adds_up(check: Crosscheck, indicators: dict[str, Indicator]) -> dict[int, bool]:
    """For every year of the total: do the targets of the parts sum to it?"""
    total = indicators[check.total].targets
    zero = Decimal(0)
    return {
        year: sum((indicators[part].targets.get(year, zero) for part in check.parts), zero)
        == target
        for year, target in total.items()
    }


def crosschecks(
    checks: Iterable[Sited[Crosscheck]], indicators: dict[str, Indicator]
) -> Iterator[Problem]:
    """Every total equals its parts in every year, and all have targets for the same years."""
    for record in checks:
        check = record.it
        if any(code not in indicators for code in (check.total, *check.parts)):
            continue  # already reported as unknown
        years = {code: set(indicators[code].targets) for code in (check.total, *check.parts)}
        if len({frozenset(y) for y in years.values()}) > 1:
            seen = "; ".join(f"{code} {sorted(y)}" for code, y in years.items())
            yield Problem(record.where("parts"), "programme_crosscheck_years", seen)
            continue
        for year, holds in adds_up(check, indicators).items():
            if not holds:
                sum_text = " + ".join(str(indicators[p].targets[year]) for p in check.parts)
                seen = f"{year}: {sum_text} ≠ {indicators[check.total].targets[year]}"
                yield Problem(record.where("total"), "programme_crosscheck_wrong", seen)


def targets(
    obligations: Sequence[Sited[Obligation]], indicators: dict[str, Indicator]
) -> Iterator[Problem]:
    """An obligation of an indicator repeats its year, figure, comparator and unit exactly."""
    for record in obligations:
        duty = record.it
        indicator = indicators.get(duty.indicator or "")
        if indicator is None:
            continue
        year = duty.deadline.year if duty.deadline else None
        target = indicator.targets.get(year) if year else None
        wanted = (
            indicator.due(year) if year and target is not None else None,
            target,
            indicator.comparator,
            indicator.unit_zh,
        )
        if (duty.deadline, duty.figure, duty.comparator, duty.unit) != wanted or target is None:
            seen = f"{duty.deadline} {duty.comparator} {duty.value} {duty.unit}"
            yield Problem(record.where("value"), "programme_target_differs", seen)

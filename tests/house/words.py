"""Names and terms: everything has a name that is explained, in both languages, with its unit."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pint

from songhua.kit.terms import terms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from songhua.kit.spec import Scenario

# The words for units in a name, and the unit that it then has.
SPELLED = {
    "s": "s", "min": "min", "h": "h", "d": "day", "m": "m", "km": "km", "m2": "m**2",
    "m3": "m**3", "ha": "hectare", "kg": "kg", "t": "tonne", "c": "degC", "kw": "kW", "mw": "MW",
    "kwh": "kWh", "mwh": "MWh", "gj": "GJ", "yuan": "CNY", "share": "1", "percent": "percent",
    "hours": "h", "minutes": "min", "days": "day",
}  # fmt: skip
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
CHINESE = re.compile(r"[一-鿿]")


@cache
def units() -> pint.UnitRegistry:
    """The units of pint, and money."""
    registry = pint.UnitRegistry()
    registry.define("CNY = [money] = 元 = yuan")
    return registry


def unit(text: str) -> pint.Unit:
    """The unit written as `text`; "1" is a pure number. pint's errors where it is none."""
    return units().Unit("" if text == "1" else text)


def names(scenario: Scenario) -> set[str]:
    """Every name that the scenario uses."""
    found = {s.name for s in (*scenario.datasets, *scenario.actions)}
    columns = [c for d in scenario.datasets for c in d.columns]
    found |= {c.name for c in columns}
    # A choice written as a code is shown by its term; one written in Chinese speaks for itself.
    found |= {code for c in columns for code in c.choices if CODE.fullmatch(code)}
    for action in scenario.actions:
        found |= {*action.params.model_fields, *action.kpis}
    return found


def every_name_is_a_term_and_every_term_is_used(scenario: Scenario) -> Iterator[str]:
    """terms.csv explains exactly what the declaration names."""
    used, explained = names(scenario), set(terms(scenario.package))
    yield from (f"{name}: no line in terms.csv" for name in sorted(used - explained))
    yield from (f"{name}: in terms.csv, and nothing uses it" for name in sorted(explained - used))


def every_name_is_snake_case(scenario: Scenario) -> Iterator[str]:
    """Lower case, digits and single underscores."""
    for name in sorted(names(scenario) | {scenario.name}):
        if not CODE.fullmatch(name):
            yield f"{name}: not in snake_case"


def every_unit_is_a_unit(scenario: Scenario) -> Iterator[str]:
    """A unit is one that pint knows, "1" for a pure number, or nothing for what is no quantity."""
    for term in terms(scenario.package).values():
        try:
            unit(term.unit)
        except (pint.UndefinedUnitError, pint.DefinitionSyntaxError, ValueError) as error:
            yield f"{term.name}: {term.unit!r} is no unit ({error})"


def every_name_keeps_its_word_on_units(scenario: Scenario) -> Iterator[str]:
    """wait_min is in minutes, and an indicator in minutes says so in its name."""
    kpis = {name for action in scenario.actions for name in action.kpis}
    for term in terms(scenario.package).values():
        *before, last = term.name.split("_")
        if term.unit == "" or "per" in before:
            continue
        if before and last in SPELLED and unit(SPELLED[last]) != unit(term.unit):
            yield f"{term.name}: ends in {last}, and its unit is {term.unit}"
        said = {unit(SPELLED[word]) for word in (*before, last) if word in SPELLED}
        if term.name in kpis and term.unit != "1" and unit(term.unit) not in said:
            yield f"{term.name}: the name of an indicator says its unit, {term.unit}"


def every_word_is_in_both_languages(scenario: Scenario) -> Iterator[str]:
    """Chinese is Chinese, English is English, and nothing is left unsaid."""
    said = [
        ("scenario", scenario.zh, scenario.en),
        ("story", scenario.story_zh, scenario.story_en),
    ]
    for term in terms(scenario.package).values():
        said.append((term.name, term.zh, term.en))
        said.append((f"definition of {term.name}", term.definition_zh, term.definition_en))
    for what, zh, en in said:
        if not CHINESE.search(zh):
            yield f"{what}: {zh!r} is not Chinese"
        if CHINESE.search(en) or not re.search("[A-Za-z]", en):
            yield f"{what}: {en!r} is not English"


RULES = (
    every_name_is_a_term_and_every_term_is_used,
    every_name_is_snake_case,
    every_unit_is_a_unit,
    every_name_keeps_its_word_on_units,
    every_word_is_in_both_languages,
)

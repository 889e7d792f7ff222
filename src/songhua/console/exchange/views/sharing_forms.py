"""What the forms of sharing send, as the services take it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from songhua.console.design.posted import civil
from songhua.kit import figures
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from django.http import QueryDict

FIGURES = {"mask": ("first", "last"), "prefix": ("length",), "band": ("width",)}
RULES = ("mask", "pseudonym", "year", "prefix", "band")


def asked(given: QueryDict) -> dict[str, Any]:
    """A request: what for, on what basis, which columns and rows, from when until when."""
    return {
        "purpose": given.get("purpose", "").strip()[:200], "basis": given.get("basis", "").strip(),
        "columns": given.getlist("columns"), "rows": given.get("rows", "").strip(),
        **_together(given, {"wanted_from": _day, "wanted_until": _day}),
    }  # fmt: skip


def granted(given: QueryDict) -> dict[str, Any]:
    """A grant: columns with their rules, rows, days, volume, and whether files may be taken."""
    columns = given.getlist("columns")
    readers: dict[str, Callable[[QueryDict, str], Any]] = {
        "valid_from": _day, "valid_until": _day, "daily_rows": count,
        **{f"rule-{column}": _rule for column in columns},
    }  # fmt: skip
    found = _together(given, readers)
    rules = {column: found.pop(f"rule-{column}") for column in columns}
    return {
        "columns": columns, "rows": given.get("rows", "").strip(),
        "may_export": "may_export" in given,
        "rules": {column: rule for column, rule in rules.items() if rule}, **found,
    }  # fmt: skip


def count(given: QueryDict, name: str) -> int | None:
    """A whole number; None where it is blank. Raises `InputError`."""
    text = figures.plain(given.get(name, ""))
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise InputError(Problem(name, "param_whole", text[:40]))
    return int(text)


def _together(
    given: QueryDict, readers: dict[str, Callable[[QueryDict, str], Any]]
) -> dict[str, Any]:
    """Every field read; all that is wrong with them is told at once."""
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, read in readers.items():
        try:
            found[name] = read(given, name)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return found


def _day(given: QueryDict, name: str) -> date | None:
    return civil(given[name], name) if given.get(name) else None


def _rule(given: QueryDict, name: str) -> dict[str, Any] | None:
    """A column's rule with its figures, which are separated by a comma."""
    rule, column = given.get(name, ""), name.removeprefix("rule-")
    if not rule:
        return None
    names = FIGURES.get(rule, ())
    parts = figures.plain(given.get(f"figure-{column}", "")).replace("、", ",").split(",")
    values = [part.strip() for part in parts if part.strip()]
    if len(values) != len(names) or not all(v.isascii() and v.isdecimal() for v in values):
        raise InputError(Problem(column, "exchange_rule_figures", str(len(names))))
    return {"rule": rule, **dict(zip(names, map(int, values), strict=True))}

"""How a column is made coarser, written as a policy writes it: "month", "band 10", "prefix 6".

The rules of a grant (`exchange.enforcement`) hold here too and mean the same; those added here
need more than a query's one value. A comma chains rules: "clamp 0 90, band 10" codes the top and
then takes bands of ten.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from songhua.exchange.enforcement.deidentify import (
    PLAIN,
    Band,
    Mask,
    Plain,
    Prefix,
    Pseudonym,
    Year,
)
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True)
class Hide(Plain):
    """Nothing: every cell is empty."""

    def sql(self, column: str, key: str) -> str:
        return "NULL"


@dataclass(frozen=True)
class Month(Plain):
    """Year and month of a date or an instant, as 2026-11."""

    def sql(self, column: str, key: str) -> str:
        return f"STRFTIME({column}, '%Y-%m')"


@dataclass(frozen=True)
class Clamp(Plain):
    """Top and bottom coding: what lies outside is told as the bound."""

    low: Decimal
    high: Decimal

    def sql(self, column: str, key: str) -> str:
        # LEAST and GREATEST would make a bound of an empty cell.
        return (
            f"CASE WHEN {column} < {self.low} THEN {self.low}"
            f" WHEN {column} > {self.high} THEN {self.high} ELSE {column} END"
        )

    def flaws(self) -> bool:
        return self.low > self.high


@dataclass(frozen=True)
class Round(Plain):
    """The nearest multiple of `unit`."""

    unit: int

    def sql(self, column: str, key: str) -> str:
        return f"CAST(ROUND({column} / {self.unit}) AS BIGINT) * {self.unit}"

    def flaws(self) -> bool:
        return self.unit < 1


@dataclass(frozen=True)
class Rare(Plain):
    """Suppression of cells: a value that fewer than `rows` rows have is left empty."""

    rows: int

    def sql(self, column: str, key: str) -> str:
        return f"CASE WHEN COUNT(*) OVER (PARTITION BY {column}) >= {self.rows} THEN {column} END"

    def flaws(self) -> bool:
        return self.rows < 1


@dataclass(frozen=True)
class Upper(Plain):
    """The member one level up in a classification (a region's city); empty where it has none."""

    above: Mapping[str, str]

    def sql(self, column: str, key: str) -> str:
        pairs = ", ".join(f"{_quoted(low)}: {_quoted(high)}" for low, high in self.above.items())
        return f"MAP {{{pairs}}}[CAST({column} AS TEXT)]"

    def flaws(self) -> bool:
        return not self.above


@dataclass(frozen=True)
class Chain(Plain):
    """One rule after another. Only one of them may carry a key."""

    rules: tuple[Plain, ...]

    def sql(self, column: str, key: str) -> str:
        for rule in self.rules:
            column = f"({rule.sql(column, key)})"
        return column

    def parameters(self, key: str) -> dict[str, bytes]:
        return {name: each for rule in self.rules for name, each in rule.parameters(key).items()}

    def flaws(self) -> bool:
        keyed = sum(isinstance(rule, Pseudonym) for rule in self.rules)
        return keyed > 1 or any(rule.flaws() for rule in self.rules)


# Name, how many whole numbers follow it, and the rule they make.
_WRITTEN: Mapping[str, tuple[int, Callable[..., Plain]]] = {
    "keep": (0, lambda: PLAIN),
    "hide": (0, Hide),
    "year": (0, Year),
    "month": (0, Month),
    "band": (1, Band),
    "round": (1, Round),
    "prefix": (1, Prefix),
    "rare": (1, Rare),
    "mask": (2, Mask),
}


def parse(text: str, where: str, key: bytes, above: Mapping[str, str]) -> Plain:
    """The rule that `text` writes. `key` makes pseudonyms, `above` is the column's classification.

    Raises ``privacy_rule_unreadable``.

    >>> parse("band 10", "age", b"", {}).sql("age", "p")
    'CAST(FLOOR(age / 10) AS BIGINT) * 10'
    """
    rules = tuple(_one(part.split(), key, above) for part in text.split(","))
    sound = tuple(rule for rule in rules if rule is not None)
    rule = sound[0] if len(sound) == 1 else Chain(sound)
    if len(sound) < len(rules) or rule.flaws():
        raise InputError(Problem(where, "privacy_rule_unreadable", text))
    return rule


def _one(words: list[str], key: bytes, above: Mapping[str, str]) -> Plain | None:
    match words:
        case ["pseudonym"]:
            return Pseudonym(key)
        case ["upper"]:
            return Upper(above)
        case ["clamp", low, high]:
            try:
                bounds = Clamp(Decimal(low), Decimal(high))
            except InvalidOperation:
                return None
            return bounds if bounds.low.is_finite() and bounds.high.is_finite() else None
        case [name, *numbers] if name in _WRITTEN and all(map(str.isdecimal, numbers)):
            count, make = _WRITTEN[name]
            return make(*map(int, numbers)) if len(numbers) == count else None
    return None


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

"""A grant: who may see which columns and rows of a dataset, how, for what, when and how much."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from songhua.exchange.enforcement.deidentify import PLAIN, Plain
from songhua.exchange.enforcement.predicate import readable
from songhua.kit.errors import InputError, Problem
from songhua.kit.time import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime


@dataclass(frozen=True)
class Grant:
    """What one grantee may see of one dataset.

    `rows` is a boolean expression over the dataset's columns and literals (empty: every row); a
    column it names need not be granted. `valid_from` and `valid_until` are civil days: the first
    that is granted and the first that is no longer (None: open). `daily_rows` and `daily_bytes`
    bound what is delivered in a civil day (None: unbounded). `rules` says how a column is
    de-identified; one without a rule is shown as it is. Raises `InputError` with every problem.

    >>> Grant("heating bureau", "households", frozenset({"rooms"}), purpose="").purpose
    Traceback (most recent call last):
    ...
    songhua.kit.errors.InputError: purpose: grant_field_empty ''
    """

    grantee: str
    dataset: str
    columns: frozenset[str]
    purpose: str
    rows: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    daily_rows: int | None = None
    daily_bytes: int | None = None
    rules: Mapping[str, Plain] = field(default_factory=dict)
    may_export: bool = False

    def __post_init__(self) -> None:
        problems = tuple(self._problems())
        if problems:
            raise InputError(problems)

    def in_force(self, at: datetime) -> bool:
        """Whether the grant holds at the aware instant `at`."""
        day = at.astimezone(ZONE).date()
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day < self.valid_until
        )

    def rule(self, column: str) -> Plain:
        """How `column` is de-identified."""
        return self.rules.get(column, PLAIN)

    def _problems(self) -> Iterator[Problem]:
        for name in ("grantee", "dataset", "columns", "purpose"):
            if not getattr(self, name):
                yield Problem(name, "grant_field_empty")
        if len({column.lower() for column in self.columns}) < len(self.columns):
            yield Problem("columns", "grant_columns_alike", ", ".join(sorted(self.columns)))
        if self.rows and not readable(self.rows):
            yield Problem("rows", "grant_rows_unreadable", self.rows)
        if self.valid_from and self.valid_until and self.valid_until <= self.valid_from:
            yield Problem("valid_until", "grant_never_in_force", str(self.valid_until))
        for name in ("daily_rows", "daily_bytes"):
            volume = getattr(self, name)
            if volume is not None and volume < 1:
                yield Problem(name, "grant_volume_not_positive", str(volume))
        for column, rule in self.rules.items():
            if column not in self.columns:
                yield Problem("rules", "grant_rule_without_column", column)
            if rule.flaws():
                yield Problem("rules", "grant_rule_unusable", column)

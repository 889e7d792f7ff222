"""The rules of quality as data: what a catalogue entry asks of its table.

A rule is a frozen record; `rulebook.read_rules` makes a `Rules` from JSON or plain values. Columns
go by the heading in the file. A rule other than `Required` passes over empty cells.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from songhua.kit.params import Params

Severity = Literal["error", "warning"]
Dimension = Literal["completeness", "validity", "uniqueness", "consistency", "timeliness"]
Kind = Literal["text", "integer", "number", "date", "datetime", "boolean"]
Operator = Literal["<", "<=", "=", "!=", ">=", ">"]
Name = Annotated[str, Field(min_length=1)]


def limit(given: object) -> object:
    """A limit as an exact number, a day or a civil time.

    >>> limit(0.1), limit("2024-01-05")
    (Decimal('0.1'), datetime.date(2024, 1, 5))
    """
    if given is None or isinstance(given, (Decimal, date)):
        return given
    if isinstance(given, bool) or not isinstance(given, (int, float, str)):
        raise ValueError("a number, a day (2024-01-05) or a time (2024-01-05 08:00)")
    try:
        number = Decimal(str(given))
    except InvalidOperation:
        day = datetime.fromisoformat(str(given)).replace(tzinfo=None)
        return day.date() if len(str(given)) <= len("2024-01-05") else day
    if not number.is_finite():
        raise ValueError("a finite number")
    return number


Limit = Annotated[Decimal | date | datetime | None, BeforeValidator(limit)]


class Rule(Params):
    """What all rules share: a warning is told, and neither costs points nor stops a row."""

    severity: Severity = "error"


class Required(Rule):
    """The cell is filled."""

    rule: Literal["required"] = "required"
    column: Name


class Type(Rule):
    """The cell reads as a `Kind`. Days may be written 2024-1-5, 2024/1/5, 2024.1.5, 20240105 or
    2024年1月5日 (a midnight behind is forgiven), numbers with thousands separators."""

    rule: Literal["type"] = "type"
    column: Name
    type: Kind


class Range(Rule):
    """`low` ≤ value ≤ `high`, for numbers, days and times."""

    rule: Literal["range"] = "range"
    column: Name
    low: Limit = None
    high: Limit = None


class Length(Rule):
    """Between `least` and `most` characters, outer blanks left out."""

    rule: Literal["length"] = "length"
    column: Name
    least: int = Field(default=0, ge=0)
    most: int | None = Field(default=None, ge=0)


class Pattern(Rule):
    """The whole text matches a regular expression (Rust's dialect: no look-around)."""

    rule: Literal["pattern"] = "pattern"
    column: Name
    pattern: Name


class Codes(Rule):
    """The text is one of a code table's."""

    rule: Literal["codes"] = "codes"
    column: Name
    codes: tuple[str, ...] = Field(min_length=1)


class Reference(Rule):
    """The text stands in the key column of another `table`, whose values the caller brings."""

    rule: Literal["reference"] = "reference"
    column: Name
    table: Name


class Unique(Rule):
    """No two rows have the same texts here; rows in which one is empty are passed over."""

    rule: Literal["unique"] = "unique"
    columns: tuple[Name, ...] = Field(min_length=1)


class CreditCode(Rule):
    """A unified social credit code: characters and check character of GB 32100-2015."""

    rule: Literal["credit_code"] = "credit_code"
    column: Name


class ResidentId(Rule):
    """A resident's identity number: shape, region, birth date and check character of GB 11643-1999.
    `regions` lists the six-digit codes allowed (none: any province's). A sound number of 15 digits,
    as issued until 1999, is a warning with the 18-digit number proposed."""

    rule: Literal["resident_id"] = "resident_id"
    column: Name
    regions: tuple[str, ...] = ()


class Mobile(Rule):
    """A mobile phone number of the mainland: 11 digits from 13 to 19."""

    rule: Literal["mobile"] = "mobile"
    column: Name


class Compare(Rule):
    """`left` `operator` `right` holds between two cells of a row, compared in their declared type;
    one declared type serves for both."""

    rule: Literal["compare"] = "compare"
    left: Name
    operator: Operator
    right: Name


class Freshness(Rule):
    """The newest day that is not in the future is at most `days` (the update cycle) old."""

    rule: Literal["freshness"] = "freshness"
    column: Name
    days: int = Field(ge=0)


class RowDrop(Rule):
    """At most `most_percent` of the rows of the previous delivery are gone."""

    rule: Literal["row_drop"] = "row_drop"
    most_percent: Decimal = Field(ge=0, le=100)


AnyRule = (
    Required | Type | Range | Length | Pattern | Codes | Reference | Unique
    | CreditCode | ResidentId | Mobile | Compare | Freshness | RowDrop
)  # fmt: skip

DIMENSIONS: dict[str, Dimension] = {
    "required": "completeness", "row_drop": "completeness", "unique": "uniqueness",
    "reference": "consistency", "compare": "consistency", "freshness": "timeliness",
}  # fmt: skip
"""The dimension that a rule speaks of; validity where none is said."""


class Rules(Params):
    """What is asked of one table, and the department that provides it."""

    table: Name
    department: str = ""
    rules: tuple[Annotated[AnyRule, Field(discriminator="rule")], ...]


def columns_of(rule: AnyRule) -> tuple[str, ...]:
    """The headings that a rule names.

    >>> columns_of(Compare(left="start", operator="<=", right="end"))
    ('start', 'end')
    """
    if isinstance(rule, Unique):
        return rule.columns
    if isinstance(rule, Compare):
        return rule.left, rule.right
    return () if isinstance(rule, RowDrop) else (rule.column,)

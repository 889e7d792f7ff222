"""Registers (台账) as data: what is kept about a record besides its name, unit and day.

A register has a few typed fields. A subset is the records whose choice field says one of some
values: the plan speaks of these, and each is counted on its own.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from songhua.kit import figures
from songhua.kit.errors import InputError, Problem
from songhua.programmes.record import Record
from songhua.programmes.values import Code, Flag, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

Bare = Annotated[str, StringConstraints(min_length=1, max_length=40)]
LONGEST = 500
"""Characters of a text field."""


class Option(Record):
    """One value of a choice."""

    code: Code
    zh: Text
    en: Text


class RegisterField(Record):
    """A typed field: a text, one of `options`, an exact figure (of `unit`), yuan, a day."""

    code: Code
    zh: Bare
    en: Text
    kind: Literal["text", "choice", "figure", "money", "day"]
    required: Flag = False
    options: tuple[Option, ...] = ()

    @model_validator(mode="after")
    def _has_options(self) -> RegisterField:
        if (self.kind == "choice") != bool(self.options):
            raise PydanticCustomError("programme_register_options", "options", {"value": self.code})
        return self

    def read(self, text: object) -> str | None:
        """The value as it is kept, from a form or a cell; None where it is empty. Raises
        `InputError` at the field's code."""
        given = text.isoformat()[:10] if isinstance(text, date) else figures.plain(text or "")
        if not given:
            if self.required:
                raise InputError(Problem(self.code, "empty"))
            return None
        kept: str = getattr(self, f"_{self.kind}")(given)
        return kept

    def _text(self, given: str) -> str:
        if len(given) > LONGEST:
            raise InputError(Problem(self.code, "register_too_long", str(LONGEST)))
        return given

    def _choice(self, given: str) -> str:
        for option in self.options:
            if given in (option.code, option.zh, option.en):
                return option.code
        known = "、".join(option.zh for option in self.options)
        raise InputError(Problem(self.code, "register_not_listed", f"{given}（{known}）"))

    def _figure(self, given: str) -> str:
        return f"{figures.decimal(given, self.code, places=6):f}"

    def _money(self, given: str) -> str:
        return f"{figures.decimal(given, self.code).quantize(Decimal('0.01')):f}"

    def _day(self, given: str) -> str:
        return figures.day(given, self.code).isoformat()


class Subset(Record):
    """The records whose `field` is one of `values`, counted as a collection of their own."""

    key: Code
    zh: Text
    en: Text
    field: Code
    values: tuple[Code, ...]


class Register(Record):
    """One register. Each record has a name, a unit and a day besides these fields."""

    code: Code
    name_zh: Text
    name_en: Text
    about_zh: Text
    about_en: Text
    day_zh: Bare = "日期"
    day_en: Text = "Date"
    fields: tuple[RegisterField, ...] = ()
    subsets: tuple[Subset, ...] = ()

    @model_validator(mode="after")
    def _subsets_name_options(self) -> Register:
        options = {f.code: {o.code for o in f.options} for f in self.fields}
        if len(options) < len(self.fields):
            raise PydanticCustomError("programme_id_twice", "fields", {"value": self.code})
        for subset in self.subsets:
            if not subset.values or not set(subset.values) <= options.get(subset.field, set()):
                raise PydanticCustomError("programme_register_subset", "subsets",
                                          {"value": subset.key})  # fmt: skip
        return self

    def read(self, given: Mapping[str, object]) -> dict[str, str]:
        """The values of the fields that were filled in. Raises `InputError` with every problem."""
        found: dict[str, str] = {}
        problems: list[Problem] = []
        for field in self.fields:
            try:
                value = field.read(given.get(field.code))
            except InputError as error:
                problems += error.problems
                continue
            if value is not None:
                found[field.code] = value
        if problems:
            raise InputError(problems)
        return found

"""What a programme is made of: frozen records that refuse unknown keys.

A field without a suffix or with ``_zh`` is Chinese, ``_en`` stands beside it. Figures are exact
decimals. An article is the part, the section and, inside it, the mark: ``附件1 二(五)3(1) 一是``.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from songhua.programmes.record import Record
from songhua.programmes.registers import Register
from songhua.programmes.values import (
    Adcode,
    Article,
    Clock,
    Code,
    Comparator,
    Coordinate,
    Day,
    Figure,
    Flag,
    Text,
    Whole,
)

Kind = Literal["target", "task", "mechanism", "system", "platform", "event"]
Cycle = Literal["monthly", "quarterly", "yearly"]
DefectKind = Literal[
    "typo",
    "citation",
    "alias",
    "wording",
    "count",
    "target",
    "missing_unit",
    "missing_clause",
    "missing_date",
]
COMPARATOR_OF_VERB: dict[str | None, Comparator] = {
    None: ">=",
    "达到": ">=",
    "不低于": ">=",
    "以上": ">=",
    "突破": ">",
    "超过": ">",
}
"""Whether a verb includes its figure (Civil Code art. 1259; 突破 by analogy with 超过)."""


class Unit(Record):
    """An office that can owe something. `district` is its adcode where it governs one."""

    code: Code
    name_zh: Text
    name_en: Text
    aliases: tuple[Text, ...] = ()
    kind: Literal["bureau", "district", "office", "zone_body"]
    district: Adcode | None = None


class Indicator(Record):
    """A number the plan sets. Targets are due on 31 December of their year."""

    code: Code
    name_zh: Text
    name_en: Text
    unit_zh: Text
    unit_en: Text
    places: Whole
    verb: Text | None = None
    comparator: Comparator
    targets: dict[Whole, Figure]
    owner: Code
    article: Article
    note: Text | None = None
    note_en: Text | None = None

    def due(self, year: int) -> date:
        """The last day of the target's year."""
        return date(year, 12, 31)

    def met(self, actual: Decimal, year: int) -> bool:
        """Whether `actual` meets the target of `year`; the verb decides if equality does."""
        target = self.targets[year]
        return actual > target if self.comparator == ">" else actual >= target


class Crosscheck(Record):
    """A total that must equal the sum of its parts."""

    total: Code
    parts: tuple[Code, ...]
    note: Text
    note_en: Text | None = None


class Obligation(Record):
    """One thing the plan obliges somebody to do, named as the bureau's ledger would name it.

    `units` is never empty; where the text names nobody `unit_stated` is false and `unit_note`
    says why these are entered. A deadline with a clock time is before that time.
    """

    id: Annotated[str, StringConstraints(pattern=r"^OB-[0-9]{3}$")]
    article: Article
    kind: Kind
    units: Annotated[tuple[Code, ...], "at least one"]
    unit_stated: Flag
    unit_note: Text | None = None
    unit_note_en: Text | None = None
    deadline: Day | None = None
    deadline_time: Clock | None = None
    cycle: tuple[Cycle, ...] = ()
    metric: Text | None = None
    comparator: Literal[">=", ">", "=", "qualitative"] | None = None
    value: Text | None = None
    unit: Text | None = None
    indicator: Code | None = None
    title_zh: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    title_en: Text
    evidence_zh: Text
    evidence_en: Text
    ambiguity_zh: Text | None = None
    ambiguity_en: Text | None = None
    module: Code

    @property
    def figure(self) -> Decimal | None:
        """The value as a number, or None where it is a word or not given."""
        if self.value is None or self.comparator == "qualitative":
            return None
        return Decimal(self.value)

    @model_validator(mode="after")
    def _belongs_together(self) -> Obligation:
        if not self.units:
            raise PydanticCustomError("programme_missing", "units", {"value": "units"})
        if not self.unit_stated and self.unit_note is None:
            raise PydanticCustomError("programme_unit_note_missing", "unit_note")
        if self.deadline_time is not None and self.deadline is None:
            raise PydanticCustomError("programme_time_without_day", "deadline")
        whole = {
            None: self.value is None and self.unit is None,
            "qualitative": self.unit is None,  # the word itself may be missing in the text
        }.get(self.comparator, self.value is not None and self.unit is not None)
        if not whole:
            raise PydanticCustomError("programme_value_incomplete", "comparator")
        if self.value is not None and self.comparator != "qualitative":
            digits = self.value.replace(".", "", 1)
            if not (digits.isascii() and digits.isdigit() and self.value[0] != "."):
                raise PydanticCustomError("programme_not_a_figure", "value", {"value": self.value})
        return self


class RecordLink(Record):
    """Records of a collection that show an obligation is met."""

    obligation: Annotated[str, StringConstraints(pattern=r"^OB-[0-9]{3}$")]
    collection: Code


class Zone(Record):
    """A demonstration zone. Its centre is approximate, for a label on a map."""

    code: Code
    name_zh: Text
    name_en: Text
    article: Article
    units: tuple[Code, ...]
    districts: tuple[Adcode, ...]
    focus_zh: Text
    focus_en: Text
    lon_approx: Coordinate
    lat_approx: Coordinate
    note: Text
    note_en: Text


class District(Record):
    """A district or county by its GB/T 2260 code."""

    adcode: Adcode
    name_zh: Text
    name_en: Text
    area_km2_approx: Figure | None = None


class Defect(Record):
    """A fault of the text itself and how we handle it."""

    id: Annotated[str, StringConstraints(pattern=r"^DF-[0-9]{2}$")]
    article: Article
    kind: DefectKind
    zh: Text
    en: Text
    handling_zh: Text
    handling_en: Text


class Heading(Record):
    """The programme's own facts, as ``programme.yaml`` holds them."""

    code: Code
    name_zh: Text
    name_en: Text
    city_zh: Text
    city_en: Text
    starts: Day
    ends: Day
    lead_unit: Code
    source_note: Text
    source_note_en: Text

    @model_validator(mode="after")
    def _forwards(self) -> Heading:
        if self.ends < self.starts:
            raise PydanticCustomError(
                "programme_dates_reversed", "ends", {"value": self.ends.isoformat()}
            )
        return self


class Programme(Heading):
    """A whole plan. `load` has checked that its parts agree."""

    units: tuple[Unit, ...]
    indicators: tuple[Indicator, ...]
    crosschecks: tuple[Crosscheck, ...]
    obligations: tuple[Obligation, ...]
    records: tuple[RecordLink, ...] = ()
    registers: tuple[Register, ...] = ()
    zones: tuple[Zone, ...]
    districts: tuple[District, ...]
    defects: tuple[Defect, ...]

    @cached_property
    def _names(self) -> dict[str, Unit]:
        return {
            name: unit for unit in self.units for name in (unit.code, unit.name_zh, *unit.aliases)
        }

    def unit(self, name: str) -> Unit:
        """The unit with this code, name or alias; outer spaces are forgiven. Raises `KeyError`."""
        return self._names[name.strip()]

    def indicator(self, code: str) -> Indicator:
        """The indicator with this code. Raises `KeyError`."""
        return {indicator.code: indicator for indicator in self.indicators}[code]

    def showing(self, obligation: str) -> tuple[str, ...]:
        """The collections of records that show this obligation, as records.csv lists them."""
        return tuple(r.collection for r in self.records if r.obligation == obligation)

    def served(self, collection: str) -> tuple[str, ...]:
        """The obligations that the records of this collection show."""
        return tuple(r.obligation for r in self.records if r.collection == collection)

    def register(self, code: str) -> Register:
        """The register with this code. Raises `KeyError`."""
        return {register.code: register for register in self.registers}[code]

    def obligation(self, id: str) -> Obligation:
        """The obligation with this id. Raises `KeyError`."""
        return {obligation.id: obligation for obligation in self.obligations}[id]

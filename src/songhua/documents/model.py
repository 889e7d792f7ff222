"""What a report says, before anybody decides how it looks: plain frozen records.

Kinds and the cells they take (``None`` in any of them: not known, which is never zero):

========= ======================= ==========================================
kind      cell                    printed
========= ======================= ==========================================
text      str                     as written
int       int                     ``1,234``
decimal   Decimal or int          ``1,234.50``, half up to `Column.places`
percent   Decimal or int          ``Decimal("37.5")`` is ``37.50%``
date      date                    ``2023-06-30``
month     date                    ``2023年6月`` / ``2023-06``
light     a code of `LIGHTS`      a coloured shape and its word
========= ======================= ==========================================
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from songhua.kit.messages import Language

Kind = Literal["text", "int", "decimal", "percent", "date", "month", "light"]
Cell = str | int | Decimal | date | None

LIGHTS = ("green", "yellow", "red", "grey", "blue")

_TAKES: dict[Kind, tuple[type, ...]] = {
    "text": (str,),
    "int": (int,),
    "decimal": (Decimal, int),
    "percent": (Decimal, int),
    "date": (date,),
    "month": (date,),
    "light": (str,),
}


@dataclass(frozen=True)
class Column:
    """One column: `width` is its share of the page beside the others, `places` its decimals."""

    key: str
    title: str
    kind: Kind
    width: float = 1.0
    places: int = 2

    def __post_init__(self) -> None:
        if self.kind not in _TAKES:
            raise ValueError(f"column {self.key!r}: unknown kind {self.kind!r}")
        if not 0 < self.width < 1e6 or not 0 <= self.places <= 12:
            raise ValueError(f"column {self.key!r}: width {self.width}, places {self.places}")

    def check(self, cell: Cell, where: str) -> None:
        """Raise ``TypeError`` or ``ValueError`` unless `cell` belongs in this column."""
        if cell is None:
            return
        if isinstance(cell, bool | datetime) or not isinstance(cell, _TAKES[self.kind]):
            raise TypeError(f"{where}, {self.key!r}: {cell!r} is not a cell of kind {self.kind}")
        if isinstance(cell, Decimal) and not cell.is_finite():
            raise ValueError(f"{where}, {self.key!r}: {cell} is not a figure")
        if self.kind == "light" and cell not in LIGHTS:
            raise ValueError(f"{where}, {self.key!r}: {cell!r} is not one of {', '.join(LIGHTS)}")


@dataclass(frozen=True)
class Table:
    """Rows under columns. `missing` is the word for an unknown cell (缺报, 未评审, —).

    `totals` may hold text in any column (合计, 不可加); ``None`` there means that the column has
    no total and prints as blank.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[Cell, ...] | None = None
    note: str = ""
    missing: str = "—"

    def __post_init__(self) -> None:
        keys = [column.key for column in self.columns]
        if not keys or len(set(keys)) != len(keys):
            raise ValueError(f"table {self.title!r}: needs columns with different keys, got {keys}")
        for number, row in enumerate(self.rows, start=1):
            self._fits(row, f"table {self.title!r}, row {number}")
            for column, cell in zip(self.columns, row, strict=True):
                column.check(cell, f"table {self.title!r}, row {number}")
        if self.totals is not None:
            self._fits(self.totals, f"table {self.title!r}, totals")
            for column, cell in zip(self.columns, self.totals, strict=True):
                if not isinstance(cell, str):
                    column.check(cell, f"table {self.title!r}, totals")

    def _fits(self, row: tuple[Cell, ...], where: str) -> None:
        if len(row) != len(self.columns):
            raise ValueError(f"{where}: {len(row)} cells for {len(self.columns)} columns")


@dataclass(frozen=True)
class Section:
    """A heading (numbered by the writer: 一、…), its paragraphs, then its tables."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Report:
    """One document: a monthly review, a quarterly bulletin, an annual summary.

    `number` is the running number (哈人工智能通报〔2023〕2号), `summary` the key figures of the
    first page, `audit_head` the short hash of the ledger's audit log when the report was made.
    `simulated` prints 模拟数据 on every page.
    """

    title: str
    subtitle: str
    number: str
    period_label: str
    issuer: str
    issued_on: date
    recipients: tuple[str, ...]
    summary: tuple[tuple[str, Cell], ...]
    sections: tuple[Section, ...]
    simulated: bool
    audit_head: str
    language: Language = "zh"

    def __post_init__(self) -> None:
        if self.language not in ("zh", "en"):
            raise ValueError(f"unknown language {self.language!r}")
        if isinstance(self.issued_on, datetime):
            raise TypeError("issued_on is a civil date, not an instant")
        for label, value in self.summary:
            if isinstance(value, bool | datetime | float):
                raise TypeError(f"key figure {label!r}: {value!r}")

"""Looking for people in a table before anybody opens it: by the columns' names and by content."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from songhua.exchange.privacy import people_names
from songhua.exchange.privacy.identifiers import find

if TYPE_CHECKING:
    import polars as pl

    from songhua.exchange.privacy.identifiers import Hit

CERTAIN = 0.8
"""From this confidence on a finding is taken as a fact; below it a person looks."""

_BY_NAME_ALONE = {"birth_date": 0.8, "health": 0.8, "sensitive": 0.8}
_UNCONFIRMED = 0.3  # the name says so, the content does not
_AGREED = 0.95  # the name and the content say so
_EXAMPLES = 3
_HEALTH = re.compile(
    "糖尿病|高血压|冠心病|脑梗|肿瘤|[肺胃肝肠乳]癌|癌症|白血病|肝炎|艾滋|HIV|梅毒|结核|抑郁|精神分裂|癫痫|哮喘|骨折|肺炎|尿毒症|流产|残疾"
)


@dataclass(frozen=True)
class Finding:
    """One kind of personal information in one column.

    `rows` is how many rows hold it and `share` their part of the rows that hold anything;
    `basis` says what gave it away; `examples` are masked.
    """

    column: str
    kind: str
    basis: Literal["content", "name"]
    confidence: float
    rows: int
    share: float
    examples: tuple[str, ...] = ()


def scan(frame: pl.DataFrame) -> list[Finding]:
    """Every kind of personal information found in the table, by column and then most sure first.

    Each cell is looked at, in whatever type it comes. An identifier counts by its content where at
    least a quarter of what has its shape passes its check: order numbers pass a check digit by
    chance one time in ten. Unified social credit codes are no finding: they name organisations.

    >>> import polars as pl
    >>> table = pl.DataFrame({"note": ["电话13800138000", "无"]})
    >>> [(found.kind, found.rows, found.examples) for found in scan(table)]
    [('mobile', 1, ('13*******00',))]
    """
    return [finding for column in frame for finding in _scan_column(column)]


def masked(text: str) -> str:
    """The first and last characters, one star for each between; short texts show only the first.

    >>> masked("王小明"), masked("11010519491231002X")
    ('王**', '11**************2X')
    """
    shown = 2 if len(text) > 7 else 0
    return (text[: shown or 1]).ljust(len(text) - shown, "*") + text[len(text) - shown :]


def hinted(column: str) -> list[str]:
    """The kinds that a column's name speaks of.

    >>> hinted("户主姓名"), hinted("idCard"), hinted("mailbox_colour")
    (['name'], ['resident_id'], [])
    """
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", column)
    latin = f"_{'_'.join(parts).lower()}_"
    return [
        kind
        for kind, words in _hints().items()
        if any(f"_{word}_" in latin if word.isascii() else word in column for word in words)
    ]


@cache
def _hints() -> dict[str, list[str]]:
    text = files(__package__).joinpath("hints.csv").read_text(encoding="utf-8")
    return {row["kind"]: row["words"].split() for row in csv.DictReader(text.splitlines())}


def _scan_column(column: pl.Series) -> list[Finding]:
    hints, cells = hinted(column.name), _cells(column)
    filled, found = sum(cells.values()), dict[str, Finding]()
    for kind, seen in _content(cells, hints).items():
        rows = sum(cells[text] for text in seen.cells)
        sure = max(seen.confidence, _AGREED if kind in hints else 0)
        examples = tuple(masked(text) for text in sorted(set(seen.found))[:_EXAMPLES])
        found[kind] = Finding(column.name, kind, "content", sure, rows, rows / filled, examples)
    for kind in [hint for hint in hints if hint in _BY_NAME_ALONE or not found]:
        sure = _BY_NAME_ALONE.get(kind, _UNCONFIRMED)
        found.setdefault(kind, Finding(column.name, kind, "name", sure, filled, float(filled > 0)))
    return sorted(found.values(), key=lambda each: (-each.confidence, each.kind))


@dataclass(frozen=True)
class _Seen:
    """The distinct cells that hold one kind, what was found in them, and how sure that is."""

    cells: list[str]
    found: list[str]
    confidence: float


def _content(cells: Counter[str], hints: list[str]) -> dict[str, _Seen]:
    sound: dict[str, dict[str, Hit]] = {}
    failed: Counter[str] = Counter()
    for text in cells:
        for hit in find(text):
            if hit.sound:
                sound.setdefault(hit.kind, {})[text] = hit
            else:
                failed[hit.kind] += 1
    seen = {}
    for kind, hits in sound.items():
        if kind in hints or len(hits) * 3 >= failed[kind]:
            sure = max(hit.confidence for hit in hits.values())
            seen[kind] = _Seen(list(hits), [hit.text for hit in hits.values()], sure)
    return seen | _health(cells) | _names(cells, "name" in hints) | _coordinate(cells, hints)


def _health(cells: Counter[str]) -> dict[str, _Seen]:
    found = [text for text in cells if _HEALTH.search(text)]
    return {"health": _Seen(found, [], CERTAIN)} if found else {}


def _names(cells: Counter[str], hint: bool) -> dict[str, _Seen]:
    whole = [text for text in cells if people_names.looks_like_name(text)]
    sure = people_names.confidence(cells)
    if sure >= 0.5 or (hint and len(whole) * 3 >= len(cells) > 0):
        return {"name": _Seen(whole, whole, sure)}
    inside = {text: names for text in cells if (names := people_names.names_in(text))}
    found = [name for names in inside.values() for name in names]
    return {"name": _Seen(list(inside), found, 0.7)} if inside else {}


def _coordinate(cells: Counter[str], hints: list[str]) -> dict[str, _Seen]:
    """Degrees with four decimals or more (11 m), in a column that says it holds them."""
    if "coordinate" not in hints:
        return {}
    found = [text for text in cells if re.fullmatch(r"-?\d{1,3}\.\d{4,}", text)]
    return {"coordinate": _Seen(found, found, 0.9)} if found else {}


def _cells(column: pl.Series) -> Counter[str]:
    """How often each text occurs, full-width forms folded; whole floats as the figures they were
    before a spreadsheet took them for a measurement."""
    import polars as pl

    values = column.drop_nulls()
    if values.dtype.is_float():
        values = values.drop_nans()
        whole = values.is_finite().all() and bool(((values % 1) == 0).all())
        values = values.cast(pl.Int64, strict=False) if whole else values
    if values.dtype == pl.Binary:
        texts = pl.Series([each.decode("utf-8", "replace") for each in values], dtype=pl.String)
    elif values.dtype.is_nested() or values.dtype == pl.Object:
        texts = pl.Series([str(each) for each in values.to_list()], dtype=pl.String)
    else:
        texts = values.cast(pl.String)
    texts = texts.str.normalize("NFKC").str.strip_chars().str.replace(r"^(\d{7,})\.0+$", "$1")
    counted = texts.value_counts(name="rows")
    return Counter({text: rows for text, rows in counted.iter_rows() if text})

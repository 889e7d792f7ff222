"""What a cell says: its text, its text in narrow characters, and its value in a type.

Polars expressions over text; a value is null where the text cannot be read so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from songhua.kit.conform import FALSE, TRUE

if TYPE_CHECKING:
    from songhua.exchange.quality.rules import Kind

NUMBER = r"^[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)?(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$"
WHOLE = r"^[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.0+)?$"
_DAY = r"([0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}|[0-9]{8}" \
    r"|[0-9]{4}\.[0-9]{1,2}\.[0-9]{1,2}|[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日)"  # fmt: skip
DATE = rf"^{_DAY}([ T]+0?0:00(:00(\.0+)?)?)?$"
DATETIME = (
    rf"^{_DAY}([ T]*([0-9]{{1,2}})[:时]([0-9]{{1,2}})([:分]([0-9]{{1,2}}(\.[0-9]+)?)?秒?)?"
    r" ?(Z|[+-][0-9]{2}:?[0-9]{2})?)?$"
)
_USUAL_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_CITY_HOURS = 8  # civil times are kept as the city's clocks show them


def text(cell: pl.Expr) -> pl.Expr:
    """The cell without outer blanks (also U+3000); null where nothing is left."""
    plain = cell.str.strip_chars()
    return pl.when(plain != "").then(plain)


def narrow(text: pl.Expr) -> pl.Expr:
    """Full-width forms folded (NFKC)."""
    return text.str.normalize("NFKC").str.strip_chars()


def value(narrow: pl.Expr, kind: Kind) -> pl.Expr:
    """The value of a narrow text: Int128, Float64, Date, a civil time of the city, or Boolean.

    >>> said = pl.Series("a", ["1,200.50", "1,5", "2024年1月5日", "2024-02-30"])
    >>> pl.select(value(pl.lit(said), "number")).to_series().to_list()
    [1200.5, None, None, None]
    >>> pl.select(value(pl.lit(said), "date")).to_series().to_list()
    [None, None, datetime.date(2024, 1, 5), None]
    """
    if kind == "boolean":
        low = narrow.str.to_lowercase()
        return pl.when(low.is_in(TRUE)).then(True).when(low.is_in(FALSE)).then(False)
    if kind == "integer":
        shaped = pl.when(narrow.str.contains(WHOLE)).then(narrow)
        return _digits(shaped).str.replace(r"\.0+$", "").cast(pl.Int128, strict=False)
    if kind == "number":
        shaped = pl.when(narrow.str.contains(NUMBER)).then(narrow)
        number = _digits(shaped).cast(pl.Float64, strict=False)
        return pl.when(number.is_finite()).then(number)
    if kind == "date":
        return day(pl.when(narrow.str.contains(DATE)).then(narrow))
    return _time(narrow) if kind == "datetime" else narrow


def _digits(shaped: pl.Expr) -> pl.Expr:
    return shaped.str.replace_all(",", "", literal=True).str.strip_prefix("+")


def day(shaped: pl.Expr) -> pl.Expr:
    """The day that a text of the shape of `DATE` begins with; null where there is no such day."""
    return shaped.map_batches(_days, return_dtype=pl.Date, is_elementwise=True)


def _days(series: pl.Series) -> pl.Series:
    """Most offices write 2024-01-05, which is quick to read; the rest is made so first."""
    usual = series.str.contains(_USUAL_DAY).fill_null(False)
    found = series.set(~usual, None).str.to_date("%Y-%m-%d", strict=False)
    others = ~usual & series.is_not_null()
    if others.any():
        other = pl.col(series.name)
        dashed = other.str.extract(r"^([0-9]+[-/.年][0-9]+[-/.月][0-9]+)")
        packed = other.str.extract(r"^([0-9]{8})").str.to_date("%Y%m%d", strict=False)
        read = dashed.str.replace_all(r"[/.年月]", "-").str.to_date("%Y-%m-%d", strict=False)
        days = series.filter(others).to_frame().select(pl.coalesce(read, packed)).to_series()
        found = found.scatter(others.arg_true(), days)
    return found.set((found.dt.year() < 1).fill_null(False), None)


def _time(narrow: pl.Expr) -> pl.Expr:
    shaped = pl.when(narrow.str.contains(DATETIME)).then(narrow)
    parts = shaped.str.extract_groups(DATETIME).struct
    hour, minute = (parts.field(at).cast(pl.Int64).fill_null(0) for at in ("3", "4"))
    second = parts.field("6").cast(pl.Float64).fill_null(0.0)
    zone = parts.field("8")
    ahead = (
        pl.when(zone == "Z")
        .then(0)
        .when(zone.is_not_null())
        .then(zone.str.slice(0, 3).cast(pl.Int64, strict=False) * 60
              + zone.str.slice(-2).cast(pl.Int64, strict=False)
              * pl.when(zone.str.starts_with("-")).then(-1).otherwise(1))
        .otherwise(_CITY_HOURS * 60)
    )  # fmt: skip
    passed = pl.duration(
        hours=hour,
        minutes=minute + _CITY_HOURS * 60 - ahead,
        microseconds=(second * 1e6).round().cast(pl.Int64),
    )
    sound = (hour < 24) & (minute < 60) & (second < 60)
    return pl.when(sound).then(day(shaped).cast(pl.Datetime("us")) + passed)

"""What a cell says: its text, its text in narrow characters, and its value in a type.

Polars expressions over text; a value is null where the text cannot be read so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from songhua.kit.conform import FALSE, TRUE

if TYPE_CHECKING:
    from collections.abc import Callable

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
_CITY_HOURS = 8  # civil times are kept as the city's clocks show them


def text(cell: pl.Expr) -> pl.Expr:
    """The cell without outer blanks (also U+3000); null where nothing is left."""
    plain = cell.str.strip_chars()
    return pl.when(plain != "").then(plain)


def narrow(text: pl.Expr) -> pl.Expr:
    """Full-width forms folded (NFKC) of a text without outer blanks."""
    return text.map_batches(_folded, return_dtype=pl.String, is_elementwise=True)


def _folded(series: pl.Series) -> pl.Series:
    """ASCII is folded already, and most figures are nothing else."""
    wide = (series.str.len_bytes() != series.str.len_chars()).fill_null(False)
    folded = series.filter(wide).str.normalize("NFKC").str.strip_chars()
    return series.scatter(wide.arg_true(), folded) if len(folded) else series


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
    if kind in _READ:
        dtype, read = _READ[kind]
        return narrow.map_batches(read, return_dtype=dtype, is_elementwise=True)
    return _time(narrow) if kind == "datetime" else narrow


def _quick(
    usual: str,
    quick: Callable[[pl.Series], pl.Series],
    rest: Callable[[pl.Expr], pl.Expr],
) -> Callable[[pl.Series], pl.Series]:
    """Reads the texts of the `usual` shape with `quick`, and the few others with `rest`."""

    def read(series: pl.Series) -> pl.Series:
        plain = series.str.contains(usual).fill_null(False)
        found = quick(series.set(~plain, None))
        others = ~plain & series.is_not_null()
        if not others.any():
            return found
        slow = series.filter(others).to_frame().select(rest(pl.col(series.name))).to_series()
        return found.scatter(others.arg_true(), slow)

    return read


def _digits(narrow: pl.Expr, shape: str) -> pl.Expr:
    shaped = pl.when(narrow.str.contains(shape)).then(narrow)
    return shaped.str.replace_all(",", "", literal=True).str.strip_prefix("+")


def _integer(narrow: pl.Expr) -> pl.Expr:
    return _digits(narrow, WHOLE).str.replace(r"\.0+$", "").cast(pl.Int128, strict=False)


def _number(narrow: pl.Expr) -> pl.Expr:
    number = _digits(narrow, NUMBER).cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _date(narrow: pl.Expr) -> pl.Expr:
    return day(pl.when(narrow.str.contains(DATE)).then(narrow))


def day(shaped: pl.Expr) -> pl.Expr:
    """The day that a text of the shape of `DATE` begins with; null where there is no such day."""
    return shaped.map_batches(_days, return_dtype=pl.Date, is_elementwise=True)


def _usual_days(series: pl.Series) -> pl.Series:
    found = series.str.to_date("%Y-%m-%d", strict=False)
    return found.set((found.dt.year() < 1).fill_null(False), None)


def _other_days(other: pl.Expr) -> pl.Expr:
    dashed = other.str.extract(r"^([0-9]+[-/.年][0-9]+[-/.月][0-9]+)")
    packed = other.str.extract(r"^([0-9]{8})").str.to_date("%Y%m%d", strict=False)
    read = dashed.str.replace_all(r"[/.年月]", "-").str.to_date("%Y-%m-%d", strict=False)
    days = pl.coalesce(read, packed)
    return pl.when(days.dt.year() >= 1).then(days)


_USUAL_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_days = _quick(_USUAL_DAY, _usual_days, _other_days)
_READ: dict[Kind, tuple[type[pl.DataType], Callable[[pl.Series], pl.Series]]] = {
    "integer": (
        pl.Int128,
        _quick("^-?[0-9]{1,18}$", lambda texts: texts.cast(pl.Int64).cast(pl.Int128), _integer),
    ),
    "number": (
        pl.Float64, _quick(r"^-?[0-9]{1,18}(\.[0-9]{1,18})?$", lambda texts: texts.cast(pl.Float64),
                           _number),
    ),
    "date": (pl.Date, _quick(_USUAL_DAY, _usual_days, _date)),
}  # fmt: skip


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

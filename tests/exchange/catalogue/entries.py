"""Entries of a catalogue: two of a heating city, and any that hypothesis can think of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from songhua.exchange.catalogue import (
    Catalogue,
    Code,
    CodeTable,
    Field,
    Kind,
    Resource,
    Sensitivity,
    Tier,
    words,
)
from songhua.exchange.catalogue.checks import SEPARATORS

HOMES = Resource(
    code="307001/000001",
    name="homes",
    title_zh="供热住户",
    title_en="Heated homes",
    provider="市住建局",
    summary_zh="各小区供热住户的基本情况",
    summary_en="Heated homes by estate",
    theme="livelihood",
    tier=Tier.CONDITIONAL,
    conditions="用于供热监管，经市住建局审核",
    open=True,
    open_conditions="登记用途",
    licence="city_terms",
    cycle="monthly",
    published=date(2026, 1, 5),
    updated=date(2026, 3, 1),
    keywords=("供热", "住户"),
    spatial="哈尔滨市",
    temporal_start=date(2025, 10, 20),
    temporal_end=date(2026, 4, 20),
    contact_name="供热科",
    contact_phone="0451-8460 0000 转 3",
    contact_email="heat@example.cn",
    key=("home_id",),
    fields=(
        Field("home_id", "住户编号", "Home"),
        Field("district", "区", "District", code_table="GB/T 2260", open=True),
        Field(
            "area_m2", "供热面积", "Area", Kind.NUMBER, "m²",
            low=Decimal("0"), high=Decimal("5000.5"), open=True,
        ),
        Field("owner", "户主", "Owner", length=40, sensitivity=Sensitivity.PERSONAL),
    ),
)  # fmt: skip
READINGS = Resource(
    code="307001/000002",
    name="readings",
    title_zh="室温记录",
    provider="市住建局",
    summary_zh="住户室温",
    theme="livelihood",
    tier=Tier.UNCONDITIONAL,
    cycle="daily",
    updated=date(2026, 3, 1),
    related=("307001/000001",),
    fields=(
        Field("home_id", "住户编号", reference="homes.home_id"),
        Field("read_at", "时刻", "Read at", Kind.DATETIME),
        Field("room_c", "室温", "Room", Kind.NUMBER, "°C", low=Decimal(-30), high=Decimal(50)),
    ),
)
DISTRICTS = CodeTable("GB/T 2260", (Code("230102", "道里区", "Daoli"), Code("230103", "南岗区")))
CITY = Catalogue((HOMES, READINGS), (DISTRICTS,))

ESCAPES = (
    '"', "'", "<&>", "]]>", "\n", "\t", "\\", "\u202e", "\u2028", "=1+1", "_x000D_", "🀄", "@en",
)  # fmt: skip
_plain = st.characters(
    blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"
)  # fmt: skip
_any = st.lists(_plain | st.sampled_from(ESCAPES), min_size=1, max_size=12).map("".join)
texts = _any.map(str.strip).filter(bool)
maybe = st.just("") | texts
listed = texts.filter(lambda text: not any(mark in text for mark in SEPARATORS))
names = st.text("abcxyz_09", min_size=1, max_size=8).map("n".__add__)
days = st.none() | st.dates(date(1850, 1, 1), date(2200, 1, 1))
numbers = st.none() | st.decimals(-(10**20), 10**20, allow_nan=False, places=3)


@st.composite
def fields(draw: st.DrawFn, name: str) -> Field:
    kind = draw(st.sampled_from(Kind))
    numeric = kind in (Kind.INTEGER, Kind.NUMBER, Kind.MONEY)
    low, high = sorted((draw(numbers), draw(numbers)), key=lambda x: (x is not None, x or 0))
    sensitivity = draw(st.sampled_from(Sensitivity))
    return Field(
        name, draw(texts), draw(maybe), kind, draw(maybe),
        length=draw(st.none() | st.integers(1, 10**9)) if kind is Kind.STRING else None,
        required=draw(st.booleans()), low=low if numeric else None, high=high if numeric else None,
        code_table=draw(st.sampled_from(("", "GB/T 2260"))), sensitivity=sensitivity,
        open=sensitivity is Sensitivity.GENERAL and draw(st.booleans()),
    )  # fmt: skip


def _some(name: str, least: int = 1) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(list(words(name))), min_size=least, unique=True).map(tuple)


@st.composite
def resources(draw: st.DrawFn, number: int) -> Resource:
    parts = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    found = tuple(draw(fields(name)) for name in parts)
    tier = draw(st.sampled_from(Tier))
    opened = tier is not Tier.DENIED and any(f.open for f in found) and draw(st.booleans())
    published, updated = _ordered(draw(days), draw(days))
    start, end = _ordered(draw(days), draw(days))
    return Resource(
        code=f"2{draw(st.integers(0, 99)):02}001{draw(st.sampled_from(('', '07')))}/{number:06}",
        name=draw(st.sampled_from(("", "2-"))) + f"{draw(names)}_{number}",
        title_zh=draw(texts), title_en=draw(maybe), provider=draw(texts),
        summary_zh=draw(texts), summary_en=draw(maybe),
        theme=draw(st.sampled_from(["", *words("theme")])), tier=tier, fields=found,
        conditions=draw(texts if tier is Tier.CONDITIONAL else maybe),
        legal_basis=draw(texts if tier is Tier.DENIED else maybe),
        methods=draw(_some("method")), formats=draw(_some("format")), open=opened,
        open_conditions=draw(texts if tier is Tier.CONDITIONAL else maybe) if opened else "",
        licence=draw(st.sampled_from(["", *words("licence")])),
        cycle=draw(st.sampled_from(list(words("cycle")))), published=published, updated=updated,
        keywords=tuple(draw(st.lists(listed, max_size=4, unique=True))), spatial=draw(maybe),
        temporal_start=start, temporal_end=end, contact_name=draw(maybe),
        contact_phone=draw(maybe), contact_email=draw(st.sampled_from(("", "a+b@例子.cn"))),
        key=tuple(draw(st.lists(st.sampled_from(parts), unique=True))), source=draw(maybe),
    )  # fmt: skip


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    made = [draw(resources(number)) for number in range(draw(st.integers(0, 3)))]
    codes = [resource.code for resource in made]
    made = [
        replace(r, related=tuple(draw(st.lists(st.sampled_from(codes), unique=True)))) for r in made
    ]
    values = draw(st.lists(texts, min_size=1, max_size=3, unique=True))
    table = CodeTable("GB/T 2260", tuple(Code(v, draw(maybe), draw(maybe)) for v in values))
    return Catalogue(tuple(made), (table,))


def _ordered(first: date | None, second: date | None) -> tuple[date | None, date | None]:
    if first and second and second < first:
        return second, first
    return first, second

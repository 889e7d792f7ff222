"""How the cells of a policy become values: money as written in the document, exact rates."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from songhua.kit.money import yuan
from songhua.programmes.values import Text

_MONEY = re.compile(r"([0-9]{1,13})(?:\.([0-9]{1,8}))?(万|亿)?元")
_RATE = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,6}))?%|([0-9]{1,9})/([1-9][0-9]{0,8})")
_COUNT = re.compile(r"[0-9]{1,9}")
_SCALE = {None: 0, "万": 4, "亿": 8}
LARGEST_FEN = 10**15
"""Ten trillion yuan: no amount may be larger, so that sums stay far inside 64 bits."""


class Word(BaseModel):
    """Base of everything a policy is written with: frozen, strict, no unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Words(Word):
    """One phrase in Chinese and in English."""

    zh: Text
    en: Text


def money(value: object) -> object:
    """Fen of an amount written as the document writes it.

    >>> money("1000万元"), money("0.5亿元"), money("12.34元")
    (1000000000, 5000000000, 1234)
    """
    if not isinstance(value, str):
        return value
    found = _MONEY.fullmatch(value)
    if found:
        whole, decimals, scale = found[1], found[2] or "", found[3]
        fen = Fraction(int(whole + decimals), 10 ** len(decimals)) * 10 ** (2 + _SCALE[scale])
        if fen.denominator == 1 and fen <= LARGEST_FEN:
            return int(fen)
    raise PydanticCustomError("policy_not_money", "not an amount")


def rate(value: object) -> object:
    """An exact rate above 0 and at most 1, written in percent or as a fraction.

    >>> rate("12.5%"), rate("3/10")
    (Fraction(1, 8), Fraction(3, 10))
    """
    if not isinstance(value, str):
        return value
    found = _RATE.fullmatch(value)
    if found:
        decimals = found[2] or ""
        exact = (
            Fraction(int(found[1] + decimals), 10 ** (2 + len(decimals)))
            if found[1]
            else Fraction(int(found[3]), int(found[4]))
        )
        if 0 < exact <= 1:
            return exact
    raise PydanticCustomError("policy_not_a_rate", "not a rate")


def _count(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not _COUNT.fullmatch(value):
        raise PydanticCustomError("programme_not_a_figure", "not a whole number")
    return int(value)


def percent(rate: Fraction) -> str:
    """A rate for people, exact: in percent where that ends, else as a fraction.

    >>> percent(Fraction(1, 5)), percent(Fraction(1, 8)), percent(Fraction(1, 3))
    ('20%', '12.5%', '1/3')
    """
    points = rate * 100
    if 10**6 % points.denominator:
        return str(rate)
    decimal = (Decimal(points.numerator) / points.denominator).normalize()
    return f"{decimal:f}%"


def _shown(fen: int) -> str:
    return f"{yuan(fen)}元"


Money = Annotated[int, BeforeValidator(money), PlainSerializer(_shown), Field(ge=0)]
Rate = Annotated[Fraction, BeforeValidator(rate), PlainSerializer(percent)]
Count = Annotated[int, BeforeValidator(_count), Field(ge=0)]
ReasonCode = Annotated[str, StringConstraints(pattern=r"^\S+$", max_length=80)]
Numeral = Annotated[str, StringConstraints(pattern=r"^([一二三四五六七八九十]+|附则)$")]

"""How the cells of a programme's files become values. Text in, exact values out, nothing guessed.

Every reader takes a `str` (or a value already right, so that models can be built in Python) and
raises a `PydanticCustomError` whose type is the code of a sentence in ``messages.csv``.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

_FIGURE = re.compile(r"[0-9]+(\.[0-9]+)?")
_COORDINATE = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _decimal(pattern: re.Pattern[str], value: object) -> object:
    if isinstance(value, str):
        if not pattern.fullmatch(value):
            raise PydanticCustomError("programme_not_a_figure", "not a plain decimal")
        return Decimal(value)
    return value


def _figure(value: object) -> object:
    """A decimal of 0 or more, exactly as written."""
    return _decimal(_FIGURE, value)


def _coordinate(value: object) -> object:
    return _decimal(_COORDINATE, value)


def _whole(value: object) -> object:
    if isinstance(value, str):
        if not re.fullmatch(r"[0-9]{1,9}", value):
            raise PydanticCustomError("programme_not_a_figure", "not a whole number")
        return int(value)
    return value


def _day(value: object) -> object:
    """A civil date written as 2023-12-31."""
    if isinstance(value, str):
        if _DAY.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        raise PydanticCustomError("programme_not_a_day", "not a date")
    return value


def _flag(value: object) -> object:
    if isinstance(value, str):
        if value not in {"true", "false"}:
            raise PydanticCustomError("programme_not_true_or_false", "not true or false")
        return value == "true"
    return value


Figure = Annotated[Decimal, BeforeValidator(_figure)]
Coordinate = Annotated[Decimal, BeforeValidator(_coordinate)]
Whole = Annotated[int, BeforeValidator(_whole)]
Day = Annotated[date, BeforeValidator(_day)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Text = Annotated[str, StringConstraints(min_length=1)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Adcode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Article = Annotated[
    str,
    StringConstraints(
        pattern=r"^(通知|附件[0-9]+)"  # the part
        r"( (附则|[一二三四五六七八九十]+(\([一二三四五六七八九十]+\)([0-9]+(\([0-9]+\))?)?)?))?"
        r"( ([一二三四五六七八九十]是|短期|中期|远期|长期))?$"  # the mark inside a section
    ),
]
Comparator = Literal[">=", ">"]

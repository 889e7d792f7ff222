"""Figures as people write them: exact decimals, percents, months, credit codes.

Full-width digits, thousands separators and spaces are forgiven; NaN, infinities, negatives and
more than two decimals are not. Every function raises `InputError` naming `where`.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from songhua.kit.errors import InputError, Problem, require

_MONTH = re.compile(r"(\d{4})\s*(?:[-/.年])\s*(\d{1,2})\s*月?")


def plain(text: object) -> str:
    """`text` with full-width forms folded and outer spaces removed.

    >>> plain("　１２．５％ ")
    '12.5%'
    """
    return unicodedata.normalize("NFKC", str(text)).strip()


def decimal(
    text: object, where: str, *, places: int = 2, limit: Decimal = Decimal(10) ** 12
) -> Decimal:
    """A finite, non-negative number with at most `places` decimals, exactly as written.

    >>> decimal("１,２３４.50", "value")
    Decimal('1234.50')
    """
    written = plain(text).replace(",", "")
    require(written != "", where, "empty")
    try:
        number = Decimal(written)
    except InvalidOperation:
        number = None
    require(number is not None, where, "not_a_number", text)
    assert number is not None
    require(number.is_finite(), where, "not_finite", text)
    require(number >= 0, where, "negative", text)
    exponent = number.normalize().as_tuple().exponent
    require(isinstance(exponent, int) and exponent >= -places, where, "too_many_decimals", text)
    require(number <= limit, where, "out_of_range", text)
    return number


def percent(text: object, where: str) -> Decimal:
    """A progress between 0 and 100 %, with or without its sign.

    >>> percent("37.5%", "progress")
    Decimal('37.5')
    """
    return decimal(plain(text).removesuffix("%"), where, limit=Decimal(100))


def month(text: object, where: str) -> date:
    """The first day of the month written as 2023-06, 2023/6, 2023年6月 or as a date of that month.

    >>> month("2023年6月", "month")
    datetime.date(2023, 6, 1)
    """
    if isinstance(text, date):
        return date(text.year, text.month, 1)
    found = _MONTH.match(plain(text))
    require(found is not None, where, "not_a_month", text)
    assert found is not None
    year, number = int(found[1]), int(found[2])
    require(1 <= number <= 12 and 1900 <= year <= 2200, where, "not_a_month", text)
    return date(year, number, 1)


def day(text: object, where: str) -> date:
    """A civil date from a cell or a form: a date, or 2023-6-1, 2023/6/1, 2023.6.1, 2023年6月1日.

    >>> day("2023年6月1日", "due")
    datetime.date(2023, 6, 1)
    """
    if isinstance(text, datetime):
        return text.date()
    if isinstance(text, date):
        return text
    digits = plain(text)
    for mark in "/.年月":
        digits = digits.replace(mark, "-")
    try:
        return date(*(int(part) for part in digits.replace("日", "").split("-")))
    except (ValueError, TypeError) as error:
        raise InputError(Problem(where, "not_a_date", str(text))) from error


def credit_code(text: object, where: str) -> str:
    """A unified social credit code whose GB 32100-2015 check digit is right.

    >>> credit_code("91110000600037341l", "code")
    '91110000600037341L'
    """
    from stdnum.cn import uscc

    written = plain(text).upper()
    require(bool(uscc.is_valid(written)), where, "uscc_check_digit", text)
    return str(uscc.compact(written))

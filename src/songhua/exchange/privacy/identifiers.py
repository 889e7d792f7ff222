"""Personal identifiers that can be told from what is written, also in the midst of a sentence.

Each kind has a shape (a regular expression) and a check that numbers of the same shape fail:
check digits of GB 11643 (ISO 7064 MOD 11-2) and of bank cards (Luhn), the ranges that the
numbering plans use. A unified social credit code (GB 32100) names an organisation: it is told
apart first and never reported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ORGANISATION = "credit_code"

# The province codes of GB/T 2260, with which every resident id begins.
_PROVINCES = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_REGIONS = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_CARD = re.compile(r"(62|9558)\d{12,17}|4\d{15}|5[1-5]\d{14}|35\d{14}|3[47]\d{13}")


@dataclass(frozen=True)
class Identifier:
    """One kind: how it is written, what its figures satisfy, how sure a hit of the check is.

    `whole`: in a cell it is believed only where it fills the cell, because words and codes of
    other things look alike.
    """

    kind: str
    shape: str
    holds: Callable[[str], bool]
    confidence: float
    whole: bool = False

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(self.shape)


@dataclass(frozen=True)
class Hit:
    """What was seen in a text; `sound` where the check of `kind` holds too, and then how sure that
    makes it."""

    kind: str
    text: str
    sound: bool
    confidence: float = 0.0


def find(text: str) -> Iterator[Hit]:
    """Every identifier in `text`, left to right; figures that only look like one are not sound.

    >>> [(hit.kind, hit.sound) for hit in find("身份证11010519491231002X，电话138 0013 8000")]
    [('resident_id', True), ('mobile', True)]
    >>> [hit.sound for hit in find("流水号 110105194912310021")]
    [False]
    """
    for match in _anything().finditer(text):
        written = match[0]
        alike = [each for each in IDENTIFIERS if each.pattern.fullmatch(written)]
        alike = [each for each in alike if not each.whole or written == text.strip()]
        sound = next((each for each in alike if each.holds(written)), None)
        if sound and sound.kind != ORGANISATION:
            yield Hit(sound.kind, written, True, sound.confidence)
        elif not sound:
            yield from (Hit(each.kind, written, False) for each in alike if each.confidence)


@cache
def _anything() -> re.Pattern[str]:
    """Any of the shapes, not cut out of a longer number, word or decimal."""
    shapes = "|".join(each.shape for each in IDENTIFIERS)
    return re.compile(rf"(?<![0-9A-Za-z])(?<!\d\.)(?:{shapes})(?![0-9A-Za-z])(?!\.\d)")


def figures(text: str) -> str:
    """`text` without the spaces and hyphens between groups of figures."""
    return re.sub(r"[ \-()]", "", text)


def _day(text: str) -> bool:
    try:
        return 1850 <= date.fromisoformat(text).year <= 2100
    except ValueError:
        return False


def _resident_id(text: str) -> bool:
    from stdnum.iso7064 import mod_11_2

    born = text[6:14]
    return bool(_PROVINCES.match(text)) and _day(born) and bool(mod_11_2.is_valid(text.upper()))


def _resident_id_15(text: str) -> bool:
    return bool(_PROVINCES.match(text)) and _day("19" + text[6:12])


def _credit_code(text: str) -> bool:
    from stdnum.cn import uscc

    return not text.isdigit() and bool(uscc.is_valid(text))


def _bank_card(text: str) -> bool:
    from stdnum import luhn

    number = figures(text)
    return _CARD.fullmatch(number) is not None and bool(luhn.is_valid(number))


def _mobile(text: str) -> bool:
    return figures(text)[-11:-9] in {f"1{second}" for second in range(3, 10)}


def _coordinates(text: str) -> bool:
    """A longitude and a latitude of China, either first."""
    low, high = sorted(map(float, re.split(r"[,，\s]+", text)))
    return 17 < low < 54 and 73 < high < 136


def _always(text: str) -> bool:
    return True


IDENTIFIERS = (
    Identifier("email", r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+", _always, 0.99),
    Identifier(ORGANISATION, r"[1-9AN][1-9]\d{6}[0-9A-HJ-NP-RTUW-Y]{10}", _credit_code, 0),
    Identifier("resident_id", r"[1-8]\d{5}(?:18|19|20)\d{2}[01]\d[0-3]\d{4}[0-9Xx]",
               _resident_id, 0.99),
    Identifier("resident_id", r"[1-8]\d{7}[01]\d[0-3]\d{4}", _resident_id_15, 0.5, whole=True),
    Identifier("bank_card", r"[3-9]\d{3}(?:[ \-]?\d{4}){2}[ \-]?\d{3,4}(?:[ \-]?\d{1,3})?",
               _bank_card, 0.95),
    Identifier("landline", r"\(?0(?:10|2\d|[3-9]\d{2})(?:\)[ \-]?|[ \-])[2-9]\d{6,7}",
               _always, 0.9),
    Identifier("mobile", r"(?:\+?86[ \-]?)?[1-9]\d{2}[ \-]?\d{4}[ \-]?\d{4}", _mobile, 0.9),
    Identifier("passport", r"(?:[EG]\d{8}|E[A-HJ-NP-Z]\d{7}|[HM]\d{8})",
               _always, 0.5, whole=True),
    Identifier("licence_plate",
               rf"[{_REGIONS}][A-HJ-NP-Z][·\- ]?[A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9挂学警港澳]",
               lambda text: any(map(str.isdigit, text)), 0.95),
    Identifier("coordinate", r"\d{2,3}\.\d{4,}[,，\s]+\d{2,3}\.\d{4,}", _coordinates, 0.6),
    Identifier("address",
               r"[\u4e00-\u9fa5]{1,12}(?:路|街|道|巷|胡同|里|村|屯|区|苑|园|庄|城|弄)"
               r"(?:[\u4e00-\u9fa5]{0,8}\d{1,5}(?:-\d{1,4})?(?:号楼|号院|号(?!线)|栋|幢|楼|组|单元|室)){1,4}"
               r"(?:\d{1,5}(?:-\d{1,4})?(?:室|户)?)?",
               _always, 0.7),
)  # fmt: skip
"""All kinds; of two that fit the same text the first whose check holds is believed."""

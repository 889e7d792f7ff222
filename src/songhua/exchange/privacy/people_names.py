"""Names of people: what a surname, its length and its company in a column give away.

Nothing in the writing of a Chinese name is certain (方正 is a county, 黄瓜 a vegetable), so a
column is judged as a whole and the confidence is stated, and in a sentence a name counts only
beside a word that announces one.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_HAN = r"[\u4e00-\u9fa5]"
_MINORITY = re.compile(rf"{_HAN}{{1,10}}·{_HAN}{{1,10}}")
_NOT_GIVEN = re.compile(
    r".*([区县市镇乡村屯路街道局委办院校厂站所处部科室队组库类型色级期号]|公司|中心|银行|瓜|菜|豆)$"
)
_ANNOUNCED = re.compile(
    rf"(?:姓名|联系人|户主|申请人|经办人|患者|当事人|投诉人|来电人|业主|居民)"
    rf"[是为:： ]*({_HAN}{{2,4}})(?!{_HAN})"
)
_ADDRESSED = re.compile(rf"(?=({_HAN}{{2,3}})(?:先生|女士|同志|老师|师傅))")


@cache
def surnames() -> dict[str, bool]:
    """Each surname, and whether it is among the hundred or so most frequent."""
    text = files(__package__).joinpath("surnames.csv").read_text(encoding="utf-8")
    return {row["surname"]: row["frequent"] == "1" for row in csv.DictReader(text.splitlines())}


def looks_like_name(text: str) -> bool:
    """Whether the whole text could be a person's name.

    >>> [looks_like_name(text) for text in ("王小明", "欧阳娜娜", "方正县", "暖气")]
    [True, True, False, False]
    """
    if _MINORITY.fullmatch(text):
        return True
    if not re.fullmatch(rf"{_HAN}{{2,4}}", text) or _NOT_GIVEN.match(text):
        return False
    return text[:2] in surnames() or (text[0] in surnames() and len(text) < 4)


def names_in(text: str) -> list[str]:
    """The names that a sentence announces.

    >>> names_in("联系人：李雪，已回访；市民王强先生来电")
    ['李雪', '王强']
    """
    found = _ANNOUNCED.findall(text) + _ADDRESSED.findall(text)
    return [name for name in found if looks_like_name(name)]


def confidence(values: Collection[str]) -> float:
    """How sure it is that a column with these distinct values holds people's names, 0 to 1: the
    share that could be names, less what few values or few surnames leave in doubt.

    >>> confidence(["白菜", "黄瓜", "马铃薯"])
    0.0
    """
    alike = [value for value in values if looks_like_name(value)]
    share = len(alike) / len(values) if values else 0.0
    if share < 0.7 or len(alike) < 3:
        return 0.0
    leading = {value[0] for value in alike}
    frequent = sum(surnames().get(value[0], False) for value in alike) / len(alike)
    varied = min(1.0, len(leading) / 8)
    return round(0.95 * share * (0.4 + 0.6 * varied) * min(1.0, frequent / 0.6), 2)

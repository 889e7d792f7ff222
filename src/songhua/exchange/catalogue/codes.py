"""The code of an information resource: category/sequence, as the national guide builds it.

《政务信息资源目录编制指南（试行）》（发改高技〔2017〕1272号）: the category is 类 (one digit),
项 (two), 目 (three) and 细目 (any number of digits); after a stroke follows the sequence number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from songhua.kit.errors import require
from songhua.kit.figures import plain

_CODE = re.compile(r"([1-3])([0-9]{2})([0-9]{3})([0-9]{0,12})/([0-9]{1,12})")


@dataclass(frozen=True)
class ResourceCode:
    """The parts of a code, digits as written: 类 (1 基础, 2 主题, 3 部门信息资源), 项, 目, 细目
    (may be empty), 顺序号."""

    family: str
    item: str
    subject: str
    detail: str
    sequence: str

    @property
    def category(self) -> str:
        """The part before the stroke."""
        return self.family + self.item + self.subject + self.detail

    def __str__(self) -> str:
        return f"{self.category}/{self.sequence}"


def is_code(text: str) -> bool:
    """Whether `text` is a code, exactly as it is kept."""
    return _CODE.fullmatch(text) is not None


def parse_code(text: str, where: str = "code") -> ResourceCode:
    """The parts of a code as written; raises `InputError` (``catalogue_code_malformed``).

    >>> parse_code("３０1002/000017").category
    '301002'
    """
    found = _CODE.fullmatch(plain(text))
    require(found is not None, where, "catalogue_code_malformed", text)
    assert found is not None
    return ResourceCode(*found.groups())


def resource_code(
    family: int, item: int, subject: int, sequence: int, detail: str = "", *, digits: int = 6
) -> str:
    """The code of resource number `sequence`, written with at least `digits` digits.

    >>> resource_code(3, 1, 2, 17)
    '301002/000017'
    """
    text = f"{family}{item:02}{subject:03}{detail}/{sequence:0{digits}}"
    return str(parse_code(text))

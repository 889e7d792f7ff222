"""The numbers that head the clauses of an official text, from 附件 down to ①.

The levels are those of regulations (章, 节, 条, 款, 项, 目) and, for plans and notices, those of
GB/T 9704-2012, 7.3.3 (一、 (一) 1. (1)).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")}
_DIGITS |= {"零": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_HAN = "[〇零一二两三四五六七八九十百千]+"
_ANY = rf"(?:{_HAN}|[0-9０-９]+)"
ANNEX, PART, CHAPTER, SECTION, ARTICLE = range(5)
_GROUPS = (PART, CHAPTER, SECTION)
_FORMS = (
    (ANNEX, re.compile(rf"附\s*件\s*({_ANY})?\s*[:：]?(?=\s|$)"), "附件{} "),
    (PART, re.compile(rf"第\s*({_ANY})\s*编"), "第{}编"),
    (CHAPTER, re.compile(rf"第\s*({_ANY})\s*章"), "第{}章"),
    (SECTION, re.compile(rf"第\s*({_ANY})\s*节"), "第{}节"),
    (ARTICLE, re.compile(rf"第\s*({_ANY})\s*条"), "第{}条"),
    (5, re.compile(rf"({_HAN})\s*[、．.]"), "{}"),
    (6, re.compile(rf"[(（]\s*({_HAN})\s*[)）]"), "({})"),
    (7, re.compile(r"([0-9０-９]{1,3})\s*[、．.](?![0-9０-９])"), "{}"),
    (8, re.compile(r"[(（]\s*([0-9０-９]{1,3})\s*[)）]"), "({})"),
    (9, re.compile(r"([①-⑳])"), "{}"),
)


@dataclass(frozen=True)
class Heading:
    """The number at the head of a line: its level (0 outermost), value, text and short form."""

    level: int
    value: int
    label: str
    short: str

    @property
    def groups_articles(self) -> bool:
        """Whether it only gathers articles, whose numbers run on across it (编, 章, 节)."""
        return self.level in _GROUPS


def whole(text: str) -> int:
    """The number that Chinese or Arabic numerals say.

    >>> whole("二十三"), whole("十"), whole("一百零五"), whole("１２"), whole("③")
    (23, 10, 105, 12, 3)
    """
    if text.isdecimal():
        return int(text)
    if "①" <= text <= "⑳":
        return ord(text) - ord("①") + 1
    total, digit = 0, 0
    for character in text:
        if character in _UNITS:
            total += (digit or 1) * _UNITS[character]
            digit = 0
        else:
            digit = _DIGITS[character]
    return total + digit


def heading(line: str, article: int = 0) -> Heading | None:
    """The heading that opens `line`, or None; `article` is the number of the article before.

    第三条规定的… in the middle of a text opens no article: what heads one is followed by a space or
    by nothing, or carries the next number.

    >>> heading("（二）强化基础设施建设").short, heading("1.53平方公里")
    ('(二)', None)
    >>> heading("第三条规定的补助"), heading("第三条规定的补助", article=2).label
    (None, '第三条')
    """
    line = line.strip()
    for level, form, short in _FORMS:
        found = form.match(line)
        if found is None:
            continue
        value = whole(found[1]) if found[1] else 0
        after = line[found.end() : found.end() + 1]
        if level == ARTICLE and after.strip() and value != article + 1:
            return None
        if level in _GROUPS and "。" in line:
            return None
        return Heading(level, value, found[0], short.format(found[1] or ""))
    return None

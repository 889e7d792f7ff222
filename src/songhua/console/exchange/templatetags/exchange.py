"""How the pages of the catalogue say their codes: ``{% load exchange %}``."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import template

from songhua.console.design.bilingual import choose
from songhua.console.exchange.preview import called
from songhua.exchange.catalogue import words

if TYPE_CHECKING:
    from collections.abc import Sequence

register = template.Library()
TONES = {
    "unconditional": "green", "conditional": "yellow", "denied": "red", "draft": "yellow",
    "active": "green", "deleted": "red", "personal": "yellow", "sensitive_personal": "red",
    "important": "red", "core": "red", "queued": "blue", "running": "blue", "failed": "red",
    "published": "green", "done": "green", "held": "yellow", "accepted": "yellow",
}  # fmt: skip
STATES = {
    "draft": ("编制中", "Draft"),
    "active": ("已发布", "Published"),
    "deleted": ("已撤下", "Taken down"),
}
INTAKES = {
    "queued": ("排队", "Waiting"), "running": ("检查中", "Being checked"),
    "failed": ("无法读取", "Not readable"), "published": ("已发布", "Published"),
    "held": ("已隔离", "Held back"), "accepted": ("已发布合格部分", "Published in part"),
}  # fmt: skip
RULES = {
    "required": ("必填", "filled"), "type": ("类型", "type"), "range": ("范围", "range"),
    "length": ("长度", "length"), "pattern": ("格式", "pattern"), "codes": ("代码表", "code table"),
    "reference": ("引用", "reference"), "unique": ("不重复", "unique"),
    "credit_code": ("统一社会信用代码", "credit code"), "resident_id": ("身份证号", "resident id"),
    "mobile": ("手机号", "mobile"), "compare": ("比较", "comparison"),
    "freshness": ("时效", "freshness"), "row_drop": ("行数骤减", "rows lost"),
    "structure": ("表结构", "structure"),
}  # fmt: skip
HARVESTS = INTAKES | {
    "running": ("进行中", "Under way"), "failed": ("未完成", "Not done"), "done": ("完成", "Done"),
}  # fmt: skip
FLOWS = {
    "copied": ("照录", "taken over"), "derived": ("计算", "computed"),
    "aggregated": ("汇总", "summed up"), "selected": ("筛选", "chooses rows"),
    "declared": ("声明", "declared"),
}  # fmt: skip
register.filter("heading", called)


@register.filter
def word_of(code: str, name: str) -> str:
    """What people call a word of the catalogue's closed lists."""
    word = words(name).get(code)
    return choose(word.zh, word.en) if word else str(code)


@register.filter
def state_name(code: str) -> str:
    """What people call the state of a dataset."""
    return choose(*STATES.get(code, (code, code)))


@register.filter
def intake_state(code: str) -> str:
    """Where a file that was brought stands."""
    return choose(*INTAKES.get(code, (code, code)))


@register.filter
def rule_of_quality(code: str) -> str:
    """What people call a rule of quality."""
    return choose(*RULES.get(code, (code, code)))


@register.filter
def harvest_state(code: str) -> str:
    """Where a harvest stands."""
    return choose(*HARVESTS.get(code, (code, code)))


@register.filter
def flow_kind(code: str) -> str:
    """How a column comes of another."""
    return choose(*FLOWS.get(code, (code, code)))


@register.filter
def dataset_called(names: Any, key: str) -> Any:
    """What people call a dataset of a lineage."""
    return names[key][0]


@register.filter
def hue(code: str) -> str:
    """The colour of a code's tag."""
    return f" tag-{TONES[code]}" if code in TONES else ""


@register.filter
def cells(row: Sequence[Any]) -> list[tuple[str, bool]]:
    """The cells of a row as they are shown, and whether each is a number; None is a dash."""
    return [
        ("—" if value is None else str(value), isinstance(value, int | float | Decimal))
        for value in row
    ]


@register.filter
def chosen(given: Any, facet: str) -> str:
    """The value of a facet that a page was asked for."""
    return str(given.get(facet, ""))

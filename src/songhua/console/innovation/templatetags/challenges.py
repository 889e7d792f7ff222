"""How the pages of challenges say states, steps and targets: ``{% load challenges %}``."""

from __future__ import annotations

from decimal import Decimal

from django import template

from songhua.console.design.bilingual import choose, language
from songhua.console.design.figures import figure
from songhua.kit.messages import sentence
from songhua.kit.money import yuan

register = template.Library()
STATE_TONES = {
    "draft": "", "declined": "red", "published": "green", "ranked": "yellow", "notice": "yellow",
    "accepted": "green", "supported": "green", "failed": "red", "void": "", "met": "green",
    "not_met": "red", "missing": "yellow", "pending": "", "overdue": "red", "submitted": "yellow",
    "returned": "red",
}  # fmt: skip
WORDS = {
    "met": ("达标", "met"), "not_met": ("未达标", "not met"), "missing": ("未实测", "not measured"),
    "pending": ("未到期", "not due"), "overdue": ("已逾期", "overdue"),
    "submitted": ("待审核", "to decide"), "returned": ("已退回", "given back"),
    "accepted": ("已通过", "accepted"), "same_unit": ("同一单位", "same unit"),
    "co_authorship": ("合著", "co-authorship"), "contract": ("合作合同", "contract"),
    "kinship": ("亲属", "kinship"), "recusal": ("本人申明回避", "recusal"),
    "智能制造": ("智能制造", "Manufacturing"), "智慧农业": ("智慧农业", "Agriculture"),
    "智慧医疗": ("智慧医疗", "Health"), "智慧旅游": ("智慧旅游", "Tourism"),
    "智慧供暖": ("智慧供暖", "Heating"), "寒地智慧交通": ("寒地智慧交通", "Cold-region transport"),
    "基础理论与算法": ("基础理论与算法", "Theory and algorithms"), "其他": ("其他", "Other"),
}  # fmt: skip


@register.filter
def state(code: str) -> str:
    """A state of a challenge in words."""
    return sentence(f"challenge_state_{code}", language())


@register.filter
def tone(code: str) -> str:
    """The colour of a tag."""
    found = STATE_TONES.get(code, "blue")
    return f" tag-{found}" if found else ""


@register.filter
def action(code: str) -> str:
    """A step in words."""
    return sentence(f"challenge_action_{code}", language())


@register.filter
def called(code: str) -> str:
    """A code in words; what is none stands as it is."""
    return choose(*WORDS[code]) if code in WORDS else code


@register.filter
def said(pair: dict[str, str]) -> str:
    """A kept pair ``{"zh": …, "en": …}`` in the reader's language."""
    return choose(pair["zh"], pair["en"])


@register.filter
def direction(code: str) -> str:
    """不低于 and its kin."""
    return sentence(f"acceptance_{code}", language())


@register.filter
def fen(amount: int) -> str:
    """1,386,684.95元, from fen."""
    return in_yuan(yuan(amount))


@register.filter
def in_yuan(text: str) -> str:
    """1,386,684.95元, from yuan as text."""
    return figure(text, 2) + choose("元", " yuan")


@register.filter
def get(mapping: dict[str, object], key: str) -> object:
    """The value of a key."""
    return mapping.get(key, "")


@register.filter
def hundred(weight: str) -> str:
    """A weight as a percentage, without its sign."""
    return figure(Decimal(weight) * 100)

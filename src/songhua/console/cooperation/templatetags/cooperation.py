"""How the pages of cooperation say kinds, steps and ratios: ``{% load cooperation %}``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from songhua.console.cooperation.words import said
from songhua.console.design.bilingual import choose, language
from songhua.console.design.figures import figure
from songhua.governance.assessment import half_up
from songhua.kit.messages import sentence

if TYPE_CHECKING:
    from songhua.console.cooperation.words import Words
    from songhua.governance.cultivation.funds import Ratio

register = template.Library()
TONES = {
    "open": "green", "scoring": "yellow", "ranked": "yellow", "awarded": "green", "void": "",
    "draft": "", "received": "yellow", "taken": "blue", "placed": "green", "declined": "red",
}  # fmt: skip


@register.filter
def called(named: object) -> str:
    """The name of a kind, part or column in the reader's language."""
    return choose(named.zh, named.en)


@register.filter
def said_pair(pair: tuple[str, str]) -> str:
    """A pair (Chinese, English) in the reader's language."""
    return choose(*pair)


@register.filter
def said_dict(pair: dict[str, str]) -> str:
    """A kept pair ``{"zh": …, "en": …}`` in the reader's language."""
    return choose(pair["zh"], pair["en"])


@register.filter
def tone(code: str) -> str:
    """The colour of a state's tag."""
    found = TONES.get(code, "blue")
    return f" tag-{found}" if found else ""


@register.filter
def action(code: str) -> str:
    """A step of a contest in words."""
    return sentence(f"contest_action_{code}", language())


@register.filter
def among(code: str, words: Words) -> str:
    """A code by its words."""
    return said(words, code)


@register.filter
def item(given: dict[str, str], name: str) -> str:
    """The value of a key, "" where there is none."""
    return str(given.get(name, ""))


@register.filter
def times(ratio: Ratio) -> str:
    """A ratio with two decimals, or why there is none."""
    if ratio.value is None:
        return ratio.reason.text(language()) if ratio.reason else "—"
    return figure(half_up(ratio.value, 2), 2)

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
    "important": "red", "core": "red",
}  # fmt: skip
STATES = {
    "draft": ("编制中", "Draft"),
    "active": ("已发布", "Published"),
    "deleted": ("已撤下", "Taken down"),
}
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

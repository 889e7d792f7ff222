"""How the pages of sharing say states, steps and deadlines: ``{% load sharing %}``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from songhua.console.design.bilingual import language
from songhua.console.exchange.sharing_words import rule_word
from songhua.kit.messages import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

register = template.Library()
TONES = {
    "checking": "blue", "reviewing": "blue", "granted": "green", "delivered": "green",
    "used": "green", "refused": "red", "returned": "yellow", "disputed": "yellow",
    "revoked": "red",
}  # fmt: skip
register.filter("rule_word", rule_word)


@register.filter
def request_state(code: str) -> str:
    """A state of a request in words."""
    return sentence(f"request_state_{code}", language())


@register.filter
def request_action(code: str) -> str:
    """A step in words."""
    return sentence(f"request_action_{code}", language())


@register.filter
def request_tone(code: str) -> str:
    """The colour of a state's tag."""
    tone = TONES.get(code, "")
    return f" tag-{tone}" if tone else ""


@register.filter
def of(mapping: Mapping[str, Any], key: str) -> Any:
    """``{{ rules|of:column }}``: the value of a key; "" where there is none."""
    return mapping.get(key, "")

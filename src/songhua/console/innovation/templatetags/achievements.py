"""How pages say stages, features and shared terms: ``{% load achievements %}``."""

from __future__ import annotations

from django import template

from songhua.console.design.bilingual import choose
from songhua.console.design.figures import figure
from songhua.engines.matching.lexicon import names

register = template.Library()
WORDS = {
    "achievement": ("成果", "Achievement"), "demand": ("需求", "Demand"),
    "bench": ("小试", "Bench"), "pilot": ("中试", "Pilot"), "maturing": ("熟化", "Maturing"),
    "incubation": ("孵化", "Incubation"), "industrial": ("产业化", "Industrial"),
    "words": ("共同词语", "shared words"), "concepts": ("共同术语", "shared terms"),
    "field": ("领域", "field"), "district": ("区县", "district"),
    "maturity": ("成熟度", "maturity"), "budget": ("预算", "budget"),
}  # fmt: skip


@register.filter
def named(code: str) -> str:
    """A kind, stage or feature in words."""
    return choose(*WORDS[code]) if code in WORDS else code


@register.filter
def terms(found: dict[str, float]) -> list[tuple[str, str]]:
    """The eight weightiest shared terms, each with its weight in hundredths."""
    return [(_shown(token), figure(100 * part, 1)) for token, part in list(found.items())[:8]]


@register.filter
def parts(adds: dict[str, float]) -> list[tuple[str, str]]:
    """What each feature gives, those that give nothing left out."""
    return [(named(name), figure(value, 2)) for name, value in adds.items() if round(value, 2)]


def _shown(token: str) -> str:
    return " / ".join(names(token[1:])) if token.startswith("=") else token

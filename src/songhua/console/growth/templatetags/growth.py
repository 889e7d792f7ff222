"""How pages of growth say codes: ``{% load growth %}``."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from songhua.console.design.bilingual import choose, field, language
from songhua.console.design.figures import UNKNOWN, figure
from songhua.console.design.templatetags.design import progress
from songhua.console.growth.words import word
from songhua.console.ledger.services.programme import current
from songhua.governance.reasons import Reason
from songhua.kit import money
from songhua.kit.messages import sentence

if TYPE_CHECKING:
    from songhua.governance.cultivation.ladder import Criterion

register = template.Library()
TONES = {
    "proposed": " tag-yellow", "confirmed": " tag-green", "refused": " tag-red",
    "promotion": " tag-green", "drop": " tag-red", "stalled": " tag-red",
    "research_falls": " tag-yellow", "long_stay": " tag-yellow",
}  # fmt: skip
PER_CENT = ("research_share",)


@register.filter
def called(code: str, kind: str) -> str:
    """``{{ row.stage|called:"stage" }}``: a code in words."""
    return word(kind, code)


@register.filter
def rung(code: str) -> str:
    """A rung in words."""
    return sentence(f"cultivation_{code}", language()) if code else choose("未入梯队", "none")


@register.filter
def fact(code: str) -> str:
    """What a criterion asks about."""
    return sentence(f"fact_{code}", language())


@register.filter
def alert(code: str) -> str:
    """A kind of warning in words."""
    return sentence(f"alert_{code}", language())


@register.filter
def marked(code: str) -> str:
    """The colour of a tag for a state, a move or a warning."""
    return TONES.get(code, "")


@register.filter
def district(code: str) -> str:
    """A district's name by its code."""
    return next((field(d, "name") for d in current().districts if str(d.adcode) == code), code)


@register.filter
def yuan(fen: int | None) -> str:
    """Fen as yuan; unknown stays a dash."""
    return UNKNOWN if fen is None else figure(money.yuan(fen))


@register.filter
def kept_reason(kept: dict[str, Any]) -> str:
    """A reason as a move keeps it, in the reader's language."""
    return Reason(kept["code"], kept["values"]).text(language())


@register.filter
def bounds(criterion: Criterion) -> str:
    """≥ 5%, ≤ 5."""
    parts = []
    for sign, bound in (("≥", criterion.at_least), ("≤", criterion.at_most)):
        if bound is not None:
            shown = f"{figure(bound * 100)}%" if criterion.fact in PER_CENT else figure(bound)
            parts.append(f"{sign} {shown}")
    return choose("，", ", ").join(parts)


@register.filter
def known(value: str | None, name: str) -> str:
    """A fact of a move, exact as kept, in a reader's figures."""
    if value is None:
        return UNKNOWN
    number = Fraction(value)
    return f"{figure(round(float(number) * 100, 2))}%" if name in PER_CENT else figure(
        round(float(number), 3)
    )  # fmt: skip


@register.filter
def times(value: Fraction | None) -> str:
    """A ratio to two decimals."""
    return UNKNOWN if value is None else figure(float(value), 2)


@register.simple_tag
def firms_url(**asked: object) -> str:
    """``{% firms_url carrier=row.pk on=on as url %}``: the list of firms under these filters."""
    return reverse("growth_firms") + "?" + urlencode(asked)


@register.simple_tag
def reach_url(what: str, side: str, **asked: object) -> str:
    """The list of who is within reach, or beyond."""
    return reverse("reach_records", args=[what, side]) + "?" + urlencode(asked)


@register.simple_tag
def occupancy(held: int, capacity: int | None, name: str) -> SafeString:
    """How full a carrier is, as a bar; a dash where its capacity is not known."""
    if not capacity:
        return SafeString(UNKNOWN)
    share = Decimal(held) * 100 / capacity
    return progress(share.quantize(Decimal("0.1")), None, name)

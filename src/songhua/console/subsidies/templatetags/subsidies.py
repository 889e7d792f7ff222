"""How the pages of the desk say money, states and clauses: ``{% load subsidies %}``."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html, format_html_join

from songhua.console.design.bilingual import choose, language
from songhua.console.design.figures import UNKNOWN
from songhua.console.subsidies import clauses
from songhua.console.subsidies.services import engine
from songhua.console.subsidies.words import word
from songhua.kit.messages import sentence
from songhua.policy.award import in_yuan

if TYPE_CHECKING:
    from django.forms import BoundField
    from django.utils.safestring import SafeString

    from songhua.console.subsidies.models import Application
    from songhua.policy import Policy, Rule
    from songhua.policy.award import Award, Reason, Step

register = template.Library()
TONES = {
    "computed": "green", "ineligible": "red", "needs_review": "yellow", "case_by_case": "blue",
    "external_rule": "blue", "referral": "blue", "non_monetary": "blue", "out_of_force": "red",
    "invalid_input": "red",
}  # fmt: skip
STATE_TONES = {
    "draft": "", "submitted": "blue", "correction": "yellow", "notice": "yellow",
    "approval": "yellow", "paying": "green", "evaluation": "green", "archived": "green",
    "not_accepted": "red", "refused": "red", "withdrawn": "", "proposed": "yellow",
    "ordered": "red", "settled": "green", "dropped": "",
}  # fmt: skip


@register.filter
def called(code: str, kind: str) -> str:
    """``{{ subject.kind|called:"kind" }}``: a code of the desk in words."""
    return word(kind, code)


@register.filter
def state(code: str) -> str:
    """A state of the workflow in words."""
    return sentence(f"subsidy_state_{code}", language())


@register.filter
def state_tone(code: str) -> str:
    """The colour of a state's tag."""
    tone = STATE_TONES.get(code, "blue")
    return f" tag-{tone}" if tone else ""


@register.filter
def action(code: str) -> str:
    """A step in words."""
    return sentence(f"subsidy_action_{code}", language())


@register.filter
def rule_of(row: Application) -> Rule:
    """The rule that an application asks for."""
    return engine.rule_of(row.policy, row.version, row.rule)


@register.filter
def in_words(pair: dict[str, str]) -> str:
    """A kept sentence ``{"zh": …, "en": …}``."""
    return choose(pair["zh"], pair["en"])


@register.filter
def after_word(text: str) -> str:
    """What follows the first word: the name behind an award's own number."""
    return text.partition(" ")[2]


@register.filter
def share(part: int, whole: int) -> Decimal | None:
    """The percentage, to one decimal; None of nothing."""
    return (Decimal(part) * 100 / whole).quantize(Decimal("0.1")) if whole else None


@register.filter
def said(words: object) -> str:
    """Anything with ``zh`` and ``en`` in the reader's language."""
    return choose(words.zh, words.en) if words else ""  # type: ignore[attr-defined]


@register.filter
def money(fen: int | None) -> str:
    """1,386,684.95元; unknown stays a dash."""
    return UNKNOWN if fen is None else said(in_yuan(fen))


@register.filter
def status(code: str) -> str:
    """The status of an award in words."""
    return sentence(f"policy_status_{code}", language())


@register.filter
def tone(code: str) -> str:
    """The colour of a status."""
    return TONES.get(code, "grey")


@register.filter
def binding(award: Award) -> str:
    """What fixed the figure; "" where nothing did."""
    return (
        sentence(f"policy_binding_{award.binding}", language()) if award.binding != "none" else ""
    )


@register.filter
def text(said: Step | Reason) -> str:
    """A step or a reason as a sentence."""
    return said.text(language())


@register.filter
def cap(rule: Rule) -> str:
    """The most that a rule gives, and of what kind the cap is."""
    return clauses.cap(rule.cap)


@register.filter
def grant(rule: Rule) -> str:
    """How the amount comes about."""
    return clauses.grant(rule)


@register.filter
def in_force(policy: Policy) -> str:
    """From and to which day, both included."""
    starts, ends = policy.validity.starts, policy.validity.ends
    if starts is None and ends is None:
        return choose("起止未见载明", "days not known")
    return choose("{a} 至 {b}", "{a} to {b}", a=starts or UNKNOWN, b=ends or UNKNOWN)


@register.simple_tag
def cell(bound: BoundField, title: str, row: int, *, focus: bool = False) -> SafeString:
    """A cell of a list of facts: its control, named for those who hear the page, and its errors."""
    attrs: dict[str, object] = {
        "class": "form-select" if bound.field.widget.input_type == "select" else "form-control",
        "aria-label": choose("{t}第 {n} 项{f}", "{t} {n}: {f}", t=title, n=row, f=bound.label),
    }
    if focus:
        attrs["autofocus"] = True
    if bound.errors:
        attrs |= {
            "class": f"{attrs['class']} is-invalid", "aria-invalid": "true",
            "aria-describedby": f"{bound.auto_id}_error",
        }  # fmt: skip
    notes = format_html_join("", '<div class="field-error" id="{}_error">{}</div>',
                             ((bound.auto_id, error) for error in bound.errors[:1]))  # fmt: skip
    return format_html("{}{}", bound.as_widget(attrs=attrs), notes)

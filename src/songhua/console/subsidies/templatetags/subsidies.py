"""How the pages of the desk say money, states and clauses: ``{% load subsidies %}``."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html, format_html_join

from songhua.console.design.bilingual import choose, language
from songhua.console.design.figures import UNKNOWN
from songhua.console.subsidies import clauses
from songhua.console.subsidies.awards_form import SOURCES
from songhua.console.subsidies.services import engine
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
SOURCE_WORDS = dict(SOURCES)
OVERLAPS = {
    "within_policy": ("本政策两条款支持同一事项", "two clauses of this policy on one matter"),
    "other_city_award": ("与市级其他奖补支持同一事项", "another award of the city on the same matter"),
    "between_city_awards": ("市级其他两项奖补支持同一事项", "two other awards of the city on one matter"),
    "district_award": ("与区县奖补支持同一事项", "a district's award on the same matter"),
}  # fmt: skip
FLAGS = {
    "TIES_CUT": ("并列的组合太多，只列出一部分。", "More combinations tie than are listed."),
    "AMOUNT_UNKNOWN": ("有奖补金额未知，最优金额是已知部分的结果。", "An amount is unknown; the optimum is that of the known ones."),
    "MATTER_MISSING": ("有奖补没有填写事项，视为不与任何奖补冲突。", "An award names no matter, so nothing excludes it."),
    "DISTRICT_OVERLAP_FLAG": ("区县奖补与市级奖补重叠，条文没有写明是否冲突。", "A district's award overlaps one of the city; the text does not say whether they exclude each other."),
    "CITY_OVERLAP_FLAG": ("市级其他奖补之间重叠，条文没有写明是否冲突。", "Other awards of the city overlap; the text does not say whether they exclude each other."),
    "CHOICE_CONFLICTS": ("所选组合中有相互冲突的奖补，不能同时领取。", "Awards in this choice exclude each other."),
    "AUTOMATIC_MAXIMUM": ("按从高不重复的口径，只能取金额最高的组合。", "By the reading chosen only the largest combination is paid."),
    "UNKNOWN_AWARD_ID": ("所选的奖补不在列表中。", "A chosen award is not on the list."),
}  # fmt: skip


STATE_TONES = {
    "draft": "", "submitted": "blue", "correction": "yellow", "notice": "yellow",
    "approval": "yellow", "paying": "green", "evaluation": "green", "archived": "green",
    "not_accepted": "red", "refused": "red", "withdrawn": "", "proposed": "yellow",
    "ordered": "red", "settled": "green", "dropped": "",
}  # fmt: skip
WORDS = {
    "kind": {
        "enterprise": ("企业", "Enterprise"), "association": ("社会组织", "Association"),
        "institution": ("高校和科研机构", "University or institute"),
        "platform": ("平台", "Platform"), "carrier": ("载体", "Carrier"),
        "talent": ("人才", "Talent"),
    },
    "standing": {
        "active": ("有效", "active"), "ended": ("注销", "ended"), "merged": ("已合并", "merged"),
    },
    "recovery": {
        "proposed": ("拟追回", "proposed"), "ordered": ("追回中", "ordered"),
        "settled": ("已结清", "settled"), "dropped": ("不予追回", "dropped"),
    },
    "way": {"transfer": ("转账", "transfer"), "offset": ("抵扣", "set off")},
    "settle": {
        "offset": ("补差", "pay the rest"), "recovery": ("追回", "take back"),
        "settled": ("无须结算", "nothing to settle"), "unknown": ("金额未知", "amount unknown"),
    },
    "case": {
        "negotiated": ("一事一议、一企一策", "negotiated"),
        "referral": ("转介基金或担保", "referral"),
        "data_request": ("数据开放申请", "data request"),
        "elsewhere": ("按其他政策办理", "another policy"),
    },
}  # fmt: skip


@register.filter
def called(code: str, kind: str) -> str:
    """``{{ subject.kind|called:"kind" }}``: a code of the desk in words."""
    return choose(*WORDS[kind][code])


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
def source(code: str) -> str:
    """Whose money it is."""
    return str(SOURCE_WORDS.get(code, code))


@register.filter
def overlap(code: str) -> str:
    """Why two awards exclude each other."""
    return choose(*OVERLAPS[code])


@register.filter
def flag(code: str) -> str:
    """A flag of the portfolio as a sentence; "" for what is said elsewhere."""
    return choose(*FLAGS[code]) if code in FLAGS else ""


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

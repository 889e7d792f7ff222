"""A rule in plain words, aspect by aspect, for the list of clauses and for comparing versions."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from songhua.console.design.bilingual import choose, language
from songhua.console.design.figures import figure
from songhua.console.subsidies.words import codes, word
from songhua.kit.messages import sentence
from songhua.policy import diff
from songhua.policy.model import ListFact
from songhua.policy.values import percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from songhua.policy import Policy, Rule
    from songhua.policy.difference import Change
    from songhua.policy.model import Cap, Condition, Fact, Grant, Value
    from songhua.policy.values import Words

FEN_PER_WAN = 1_000_000


class Line(NamedTuple):
    """One aspect of a rule in two versions, each as lines of text; None: the rule is not there."""

    name: str
    old: list[str] | None
    new: list[str] | None
    changed: bool


class Compared(NamedTuple):
    """One rule in two versions: its aspects, and every changed field as the YAML has it."""

    rule: Rule
    lines: list[Line]
    changes: list[Change]


def said(words: Words) -> str:
    """Words in the reader's language."""
    return choose(words.zh, words.en)


def wan(fen: int) -> str:
    """An amount as policies write it: 1000万元, 10,000,000 yuan."""
    if language() == "en":
        return f"{figure(Decimal(fen) / 100)} yuan"
    return f"{figure(Decimal(fen) / FEN_PER_WAN).replace(',', '')}万元"


def cap(given: Cap | None) -> str:
    """1000万元，一次性; "" where there is none."""
    if given is None:
        return ""
    return f"{wan(given.amount)}{choose('，', ', ')}{_word(given.kind)}"


def _word(name: str) -> str:
    return sentence(f"policy_word_{name}", language())


def grant(rule: Rule) -> str:
    """How the amount comes about, in one sentence."""
    given: Grant = rule.grant
    match given.kind:
        case "share":
            return f"{_base(rule, given.base)} × {percent(given.rate)}"
        case "stairs":
            return choose(
                "{b}达到{s}给{f}，每再满{e}加{m}",
                "{f} from {s} of {b} on, {m} for each further {e}",
                b=_base(rule, given.base), s=wan(given.start), f=wan(given.first),
                e=wan(given.each), m=wan(given.further),
            )  # fmt: skip
        case "reviewed":
            return choose("没有比例，金额由评审核定", "No rate: the review settles the amount")
        case "table":
            return choose("按其他文件的金额表", "By another document's table")
        case "routes":
            ways = [choose(r.zh, r.en) for route in given.routes for r in route.reasons]
            return " ".join(dict.fromkeys(ways))
        case _:
            return choose("不涉及资金", "Without money")


def _base(rule: Rule, name: str) -> str:
    declared: Value | Fact = rule.values.get(name) or rule.facts[name]
    return said(declared)


def aspects(rule: Rule | None) -> dict[str, list[str]] | None:
    """Every aspect as lines of text, under the codes of ``words.csv``."""
    if rule is None:
        return None
    return {
        "zh": [said(rule)],
        "article": [rule.article],
        "departments": ["、".join(rule.departments)],
        "money": [said(rule.money)] if rule.money else [],
        "grant": [grant(rule)],
        "cap": [cap(rule.cap)] if rule.cap else [],
        "facts": [_fact(fact) for fact in rule.facts.values()],
        "values": [said(value) for value in rule.values.values()],
        "conditions": [text for c in rule.conditions for text in _condition(c)],
        "readings": [
            f"{said(reading)}{choose('：', ': ')}{said(reading.options[reading.default])}"
            for reading in rule.readings.values()
        ],
        "notes": [said(note) for note in rule.notes],
    }


def _fact(fact: Fact) -> str:
    if isinstance(fact, ListFact):
        inner = choose("、", ", ").join(said(each) for each in fact.fields.values())
        return choose("{a}（{b}）", "{a} ({b})", a=said(fact), b=inner)
    return said(fact)


def _condition(condition: Condition) -> Iterator[str]:
    if condition.kind == "review":
        yield said(condition.refused)
        yield said(condition.pending)
    else:
        yield said(condition)


def compare(old: Policy, new: Policy) -> list[Compared]:
    """Every rule of either version, aspect by aspect, with its changed fields."""
    changes = diff(old, new).changes
    found = []
    for name in sorted(old.rules.keys() | new.rules.keys()):
        own = [c for c in changes if c.rule == name and c.field != "carried_from"]
        heads = {change.field.partition(".")[0] for change in own}
        heads |= {"zh"} if "en" in heads else set()
        sides = [aspects(policy.rules.get(name)) for policy in (old, new)]
        lines = [
            Line(
                word("aspect", key), *(None if side is None else side[key] for side in sides),
                changed=key in heads,
            )
            for key in codes("aspect")
            if any(side and side[key] for side in sides) or key in heads
        ]  # fmt: skip
        rule = new.rules.get(name) or old.rules[name]
        found.append(Compared(rule, lines, own))
    return found

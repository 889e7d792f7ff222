"""Records of the desk as people read them: facts in words, the story of an application."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from songhua.console.design.bilingual import choose, language
from songhua.console.design.figures import UNKNOWN, moment
from songhua.console.people.models import Role, User
from songhua.console.subsidies.clauses import said
from songhua.console.subsidies.words import word
from songhua.kit.errors import InputError
from songhua.kit.figures import decimal
from songhua.kit.messages import catalogue, sentence
from songhua.policy.award import in_yuan
from songhua.policy.model import ListFact, TableFact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from songhua.console.ledger.models import AuditEntry
    from songhua.policy.model import Fact

EXPERT_ACTS = ("application_score", "application_recuse", "application_seat")


class Shown(NamedTuple):
    """One fact in words: a text, or the heads and rows of a list."""

    label: str
    text: str
    heads: list[str]
    rows: list[list[str]]


def facts(declared: Mapping[str, Fact], given: Mapping[str, Any]) -> list[Shown]:
    """The facts that are known, in the order of the rule."""
    return [_shown(fact, given[name]) for name, fact in declared.items() if name in given]


def _shown(fact: Fact, value: Any) -> Shown:
    if isinstance(fact, ListFact) and isinstance(value, list):
        heads = [said(column) for column in fact.fields.values()]
        rows = [[_text(c, item.get(key)) for key, c in fact.fields.items()] for item in value]
        return Shown(said(fact), "", heads, rows)
    if isinstance(fact, TableFact) and isinstance(value, dict):
        rows = [[key, _money(amount)] for key, amount in value.items()]
        return Shown(said(fact), "", [choose("项目", "Entry"), choose("金额", "Amount")], rows)
    return Shown(said(fact), _text(fact, value), [], [])


def _text(fact: Fact, value: Any) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return choose("是", "yes") if value else choose("否", "no")
    return _money(value) if fact.type == "amount" else str(value)


def _money(value: Any) -> str:
    """An amount as given, in yuan; what is none is shown as it was typed."""
    try:
        return said(in_yuan(int(decimal(value, "amount").scaleb(2))))
    except InputError:
        return str(value)


def story(entries: Iterable[AuditEntry], reader: User) -> list[dict[str, Any]]:
    """The steps of an application for the timeline, newest first: 1 query for the names. Who is
    not an official reads what was done by which side; nobody but officials reads of experts."""
    entries = list(entries)
    people = {u.username: u for u in User.objects.filter(username__in={e.actor for e in entries})}
    official = reader.role in (Role.OFFICE, Role.LEADER, Role.STAFF)
    return [
        {
            "title": act(entry.action), "when": moment(entry.at), "icon": "check",
            "who": _who(people.get(entry.actor), entry.actor, official=official),
            "text": "" if entry.action in EXPERT_ACTS and not official else _reason(entry),
        }
        for entry in reversed(entries)
    ]  # fmt: skip


def act(action: str) -> str:
    """What was done, in words."""
    if named := word("act", action):
        return named
    code = f"subsidy_action_{action.removeprefix('application_')}"
    return sentence(code, language()) if code in catalogue() else action


def _who(person: User | None, name: str, *, official: bool) -> str:
    if person is None:
        return name
    if official or person.role == Role.ENTERPRISE:
        return str(person)
    if person.role == Role.REVIEWER:
        return choose("评审专家", "an expert")
    return choose("受理和审批部门", "the authorities")


def _reason(entry: AuditEntry) -> str:
    return str(json.loads(entry.payload).get("reason") or "")

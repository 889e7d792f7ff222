"""What a rule gives on given facts: exact, with every reason at once.

The order that fixes the status: a bad amount anywhere, then the day, then what is closed (a
condition, an empty base, a payment before), then what is open, then the amount.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from songhua.kit.errors import InputError, Problem, require
from songhua.policy.award import Award, Binding, Reason, ReasonKind, Status, wording
from songhua.policy.evaluate import Scope, holds, scope_of
from songhua.policy.facts import read_facts
from songhua.policy.grants import OWN_BINDING, base_of, formula, left_of, paid_before
from songhua.policy.model import (
    Closed,
    NoMoney,
    Open,
    Policy,
    Review,
    Routes,
    Rule,
    Saying,
    Table,
)
from songhua.policy.steps import steps_of
from songhua.policy.values import Words


def assess(
    policy: Policy,
    rule_id: str,
    facts: Mapping[str, object],
    on: date,
    reading: Mapping[str, str] | None = None,
) -> Award:
    """The award of one rule of `policy` for an application made on the civil day `on`.

    `facts` are plain values as JSON holds them, amounts as decimal text in yuan. `reading` takes
    options other than the defaults; a reading of another rule of the policy is allowed and has no
    effect. Raises `InputError` for facts of the wrong structure, an unknown rule or reading.
    """
    require(rule_id in policy.rules, "rule", "policy_rule_unknown", str(rule_id)[:80])
    require(isinstance(on, date) and not isinstance(on, datetime), "on", "not_a_date", str(on)[:40])
    rule = policy.rules[rule_id]
    chosen = choose(policy, rule, reading or {})
    read, bad = read_facts(rule, facts)
    if bad:
        return _award(policy, rule, on, "invalid_input", reasons=_invalid(policy, rule, bad))
    scope = scope_of(rule, read, chosen)
    award = judge(policy, rule, on, scope)
    if award.status == "out_of_force":
        return award
    return replace(award, steps=steps_of(rule, scope))


def judge(policy: Policy, rule: Rule, on: date, scope: Scope) -> Award:
    """The award, without its steps, on facts in order and the values that the rule turns on."""
    reason = outside(policy, on)
    if reason:
        return _award(policy, rule, on, "out_of_force", 0, 0, reasons=(reason,))
    return _settle(policy, rule, on, scope)


def choose(policy: Policy, rule: Rule, given: Mapping[str, str]) -> dict[str, str]:
    """The option of every reading that `rule` has, and of the rounding: as given, else default."""
    require(isinstance(given, Mapping), "reading", "policy_fact_not_record")
    declared = policy.readings | rule.readings
    elsewhere = {key: r for other in policy.rules.values() for key, r in other.readings.items()}
    problems = []
    for key, option in given.items():
        found = declared.get(key) or elsewhere.get(key)
        if found is None:
            problems.append(Problem("reading", "policy_reading_unknown", str(key)[:80]))
        elif not isinstance(option, str) or option not in found.options:
            problems.append(Problem(f"reading.{key}", "policy_option_unknown", str(option)[:80]))
    if problems:
        raise InputError(problems)
    return {key: given.get(key, found.default) for key, found in declared.items()}


@dataclass
class _Findings:
    """What speaks against an amount, gathered in the order judged."""

    policy: Policy
    rule: Rule
    reasons: list[Reason] = field(default_factory=list)
    closed: bool = False
    open: bool = False
    ceiling_known: bool = True

    def add(self, kind: ReasonKind, saying: Saying) -> None:
        words = Words(zh=saying.zh, en=saying.en)
        self.reasons.append(_reason(self.policy, self.rule, saying.code, kind, words))
        self.closed |= kind == "closed"
        self.open |= kind in ("open", "pending")

    def add_common(self, kind: ReasonKind, code: str) -> None:
        words = _common(code)
        self.add(kind, Saying(code=code, zh=words.zh, en=words.en))


def _settle(policy: Policy, rule: Rule, on: date, scope: Scope) -> Award:
    found = _Findings(policy, rule)
    _conditions(rule, scope, found)
    left = _left(rule, scope, found)
    other, raw = _granted(rule, scope, found)
    if found.closed:
        return _award(policy, rule, on, "ineligible", 0, 0, found=found)
    ceiling, binding = _capped(rule, scope, raw, left)
    if found.open:
        if not found.ceiling_known or ceiling is None:
            ceiling, binding = None, "none"
        return _award(policy, rule, on, "needs_review", None, ceiling, binding, found=found)
    if other is not None:
        return _award(policy, rule, on, other, found=found)
    return _award(policy, rule, on, "computed", ceiling, ceiling, binding, found=found)


def _conditions(rule: Rule, scope: Scope, found: _Findings) -> None:
    for condition in rule.conditions:
        match condition:
            case Review():
                verdict = scope.facts[condition.fact]
                if verdict is None:
                    found.add("pending", condition.pending)
                elif verdict is False:
                    found.add("closed", condition.refused)
            case Closed() | Open() if not holds(condition.require, scope):
                found.add(condition.kind, condition)
                if isinstance(condition, Open):
                    found.ceiling_known &= condition.ceiling


def _left(rule: Rule, scope: Scope, found: _Findings) -> int | None:
    """What the cap leaves; None without a cap. Earlier payments may close the rule."""
    if rule.cap is None:
        return None
    if rule.cap.kind == "one_off" and paid_before(rule.cap, scope) > 0:
        found.add_common("closed", "ONE_OFF_ALREADY_PAID")
    left = left_of(rule.cap, scope)
    if left == 0:
        found.add_common("closed", "CAP_EXHAUSTED")
    return left


def _granted(rule: Rule, scope: Scope, found: _Findings) -> tuple[Status | None, int | None]:
    """The status of a rule that gives no amount here, or what the formula gives before the cap.

    What is still missing is not asked for once the rule is closed.
    """
    grant = rule.grant
    if isinstance(grant, NoMoney):
        return "non_monetary", None
    if isinstance(grant, Routes):
        return (None if found.closed else _route(grant, scope, found)), None
    base = base_of(grant, scope)
    if base is None:
        if found.closed:
            return None, None
        if isinstance(grant, Table):
            found.add("route", grant.missing)
            return "external_rule", None
        found.add_common("pending", "REVIEW_AMOUNT_MISSING")
        return None, None
    if base <= 0:
        found.add_common("closed", "ZERO_BASE")
        return None, None
    return None, formula(grant, base, scope.chosen["rounding"])


def _route(grant: Routes, scope: Scope, found: _Findings) -> Status | None:
    for route in grant.routes:
        if holds(route.when, scope):
            for saying in route.reasons:
                found.add("route", saying)
            return route.status
    found.add("open", grant.otherwise)
    return None


def _capped(
    rule: Rule, scope: Scope, raw: int | None, left: int | None
) -> tuple[int | None, Binding]:
    """The formula's amount or what the cap leaves of it, and which of them bound."""
    if left is not None and (raw is None or raw > left):
        assert rule.cap is not None
        reduced = rule.cap.kind != "one_off" and paid_before(rule.cap, scope) > 0
        return left, "prior" if reduced else "cap"
    return raw, OWN_BINDING.get(rule.grant.kind, "none")


def _invalid(policy: Policy, rule: Rule, bad: tuple[tuple[str, str], ...]) -> tuple[Reason, ...]:
    return tuple(
        _reason(policy, rule, code, "invalid", _common(code), where=path) for path, code in bad
    )


def outside(policy: Policy, on: date) -> Reason | None:
    """The reason why the policy is not in force on that day; an unknown day excludes nothing."""
    validity = policy.validity
    for code, shut in (
        ("BEFORE_ISSUE_DATE", validity.starts is not None and on < validity.starts),
        ("AFTER_EXPIRY", validity.ends is not None and on > validity.ends),
    ):
        if shut:
            quote = policy.quotes.get(validity.article)
            return Reason(code, "force", validity.article, _common(code), quote)
    return None


def _common(code: str) -> Words:
    """The sentence of a reason that every rule shares."""
    return wording(f"policy_{code.lower()}")


def _reason(
    policy: Policy,
    rule: Rule,
    code: str,
    kind: ReasonKind,
    words: Words,
    where: str | None = None,
) -> Reason:
    return Reason(code, kind, rule.article, words, policy.quotes.get(rule.id), where)


def _award(
    policy: Policy,
    rule: Rule,
    on: date,
    status: Status,
    amount: int | None = None,
    ceiling: int | None = None,
    binding: Binding = "none",
    *,
    reasons: tuple[Reason, ...] = (),
    found: _Findings | None = None,
) -> Award:
    return Award(
        policy=policy.policy,
        version=policy.version,
        rule=rule.id,
        article=rule.article,
        on=on,
        status=status,
        amount=amount,
        ceiling=ceiling,
        binding=binding,
        reasons=tuple(found.reasons) if found else reasons,
        quote=policy.quotes.get(rule.id),
    )

"""The one place where the desk speaks with the policy engine. Awards are kept as JSON."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from songhua.kit import money
from songhua.kit.errors import InputError, Problem
from songhua.policy import assess as engine_assess
from songhua.policy import bundled, load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from songhua.policy import Award, Policy, Rule

Json = dict[str, Any]
UNUSABLE = ("invalid_input", "out_of_force")


@lru_cache(maxsize=4)
def _read(folder: str) -> tuple[Policy, ...]:
    return load(Path(folder) / "policies") if folder else bundled()


def policies() -> tuple[Policy, ...]:
    """Every version of every policy of the programme this console runs."""
    return _read(settings.PROGRAMME)


def policy_of(name: str, version: str) -> Policy:
    """The version, or an `InputError`."""
    for policy in policies():
        if (policy.policy, policy.version) == (name, version):
            return policy
    raise InputError(Problem("version", "subsidy_policy_unknown", f"{name} {version}"))


def rule_of(policy: str, version: str, rule: str) -> Rule:
    """The rule, or an `InputError`."""
    found = policy_of(policy, version)
    if rule not in found.rules:
        raise InputError(Problem("rule", "policy_rule_unknown", rule))
    return found.rules[rule]


def review_facts(rule: Rule) -> frozenset[str]:
    """The facts that are judgements of a review: yes, no or not known yet."""
    return frozenset(name for name, fact in rule.facts.items() if fact.type == "review")


def settled_facts(rule: Rule) -> frozenset[str]:
    """The facts that only officials enter: the reviewed amount, another document's table."""
    tables = {name for name, fact in rule.facts.items() if fact.type == "table"}
    return frozenset(tables | ({rule.grant.fact} if rule.grant.kind == "reviewed" else set()))


def gives_amount(rule: Rule) -> bool:
    """Whether the clause pays at all, or sends the matter elsewhere."""
    return rule.grant.kind not in ("routes", "none")


def case_kind(rule: Rule, award: Json) -> str | None:
    """The file that a clause opens instead of an amount, None where it opens none."""
    if award["status"] == "non_monetary":
        return "data_request" if "dataset" in rule.facts else "elsewhere"
    kinds = {"case_by_case": "negotiated", "referral": "referral", "external_rule": "elsewhere"}
    return kinds.get(award["status"])


def assess(
    policy: Policy, rule: str, facts: Mapping[str, object], on: date, reading: Mapping[str, str]
) -> Json:
    """The award as JSON. Raises `InputError` for facts of the wrong structure."""
    return _as_json(engine_assess(policy, rule, facts, on, reading))


def refuse_unusable(award: Json) -> None:
    """Raise `InputError` for a bad amount, and for a day on which the policy is not in force."""
    if award["status"] in UNUSABLE:
        raise InputError(
            [
                Problem(reason["where"] or "applied_on", f"policy_{reason['code'].lower()}")
                for reason in award["reasons"]
            ]
        )


def open_points(award: Json) -> tuple[str, ...]:
    """The codes of what is still undecided, if a person may decide it (an open list)."""
    undecided = [r for r in award["reasons"] if r["kind"] in ("open", "pending")]
    if award["status"] != "needs_review" or any(r["kind"] == "pending" for r in undecided):
        return ()
    return tuple(reason["code"] for reason in undecided)


def _as_json(award: Award) -> Json:
    return {
        "policy": award.policy,
        "version": award.version,
        "rule": award.rule,
        "article": award.article,
        "on": award.on.isoformat(),
        "status": award.status,
        "amount": award.amount,
        "ceiling": award.ceiling,
        "binding": award.binding,
        "reasons": [
            {
                "code": reason.code, "kind": reason.kind, "article": reason.article,
                "where": reason.where, "zh": reason.text("zh"), "en": reason.text("en"),
            }
            for reason in award.reasons
        ],
        "steps": [{"zh": step.text("zh"), "en": step.text("en")} for step in award.steps],
        "quote": award.quote,
    }  # fmt: skip


def with_prior(rule: Rule, facts: Json, paid_fen: int) -> Json:
    """`facts` in which the earlier payments are at least those that this desk knows of."""
    if rule.cap is None or rule.cap.prior is None or paid_fen == 0:
        return facts
    declared = facts.get(rule.cap.prior)
    try:
        known = max(paid_fen, money.fen(declared or "0", rule.cap.prior))
    except InputError:
        return facts  # the engine says what is wrong with the amount
    return facts | {rule.cap.prior: money.yuan(known)}


def newest(policies: tuple[Policy, ...]) -> Policy:
    """The version to show first: issued before drafts, then the latest."""
    return max(
        policies, key=lambda p: (p.status == "issued", p.validity.starts is not None,
                                 p.validity.starts)
    )  # fmt: skip

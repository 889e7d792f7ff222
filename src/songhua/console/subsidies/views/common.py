"""What the views of the desk share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404

from songhua.console import clock
from songhua.console.subsidies.services import engine
from songhua.kit.errors import InputError

if TYPE_CHECKING:
    from datetime import date

    from songhua.policy import Policy, Rule


def policy_or_404(name: str, version: str) -> Policy:
    """The version; 404 where there is none."""
    try:
        return engine.policy_of(name, version)
    except InputError as error:
        raise Http404 from error


def rule_or_404(policy: str, version: str, rule: str) -> tuple[Policy, Rule]:
    """The version and one of its rules; 404 where there is none."""
    found = policy_or_404(policy, version)
    if rule not in found.rules:
        raise Http404
    return found, found.rules[rule]


def usual_day(policy: Policy) -> date:
    """Today, or the nearest day on which the policy is in force."""
    day, validity = clock.today(), policy.validity
    if validity.starts and day < validity.starts:
        return validity.starts
    return validity.ends if validity.ends and day > validity.ends else day

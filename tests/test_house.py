"""The promises every scenario keeps. A new scenario is held to them without a new line here."""

from __future__ import annotations

import pytest

from songhua.runtime.registry import scenarios

from .house import RULES, behaviour

# A real scenario may compute for a while; the toy below is tried on every rule in any case.
MARKED = [
    pytest.param(rule, marks=[pytest.mark.slow] if rule in behaviour.RULES else [],
                 id=rule.__name__)
    for rule in RULES
]  # fmt: skip


@pytest.mark.parametrize("rule", MARKED)
@pytest.mark.parametrize("name", scenarios())
def test_house(name, rule):
    assert list(rule(scenarios()[name])) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_scenario_of_another_package_keeps_them_too(toy_scenario, rule):
    assert list(rule(toy_scenario)) == []

"""Scenarios are found by name; a name nobody has is answered with the names there are."""

from __future__ import annotations

import pytest

from songhua.kit.errors import InputError
from songhua.runtime.registry import find, scenarios
from songhua.scenarios import SCENARIOS


def test_the_house_comes_first_and_in_its_order(toy_scenario):
    assert tuple(scenarios()) == (*SCENARIOS, "toy")


def test_an_action_is_found_with_its_scenario(toy_scenario):
    scenario, action = find("toy", "count_slowly")
    assert (scenario, action) == (toy_scenario, toy_scenario.action("count_slowly"))


@pytest.mark.parametrize(
    ("scenario", "action", "where", "offered"),
    [
        ("tyo", "count_slowly", "scenario", "toy"),
        ("toy", "count", "action", "count_slowly"),
    ],
)
def test_a_misspelt_name_is_answered_with_those_there_are(
    toy_scenario, scenario, action, where, offered
):
    with pytest.raises(InputError) as caught:
        find(scenario, action)
    (problem,) = caught.value.problems
    assert problem.where == where
    assert offered in problem.text("zh")
    assert offered in problem.text("en")


def test_two_scenarios_of_one_name_are_refused(install_toy):
    with pytest.raises(ValueError, match="same name"):
        install_toy("__init__.py", 'name="toy"', f'name="{SCENARIOS[0]}"')

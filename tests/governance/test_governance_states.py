"""The life of a task: who may act, and whether the task is ready, are two separate answers."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from songhua.governance.months import MonthFacts, month_problems, require_open_month
from songhua.governance.states import ActionFacts, actions_for, allowed, next_state
from songhua.governance.workflow import Role, TaskState, parse, standard
from songhua.kit.errors import Conflict, InputError, NotAllowed
from songhua.kit.messages import catalogue

FLOW = standard()
STATES, ROLES = get_args(TaskState), get_args(Role)
ACTIONS = sorted({row.action for row in FLOW.transitions})
READY = ActionFacts(True, 1, 1, reason="调整安排")
facts = st.builds(
    ActionFacts,
    st.booleans(),
    st.integers(0, 2),
    st.integers(0, 2),
    st.booleans(),
    st.integers(0, 2),
    st.sampled_from(["", "  ", "因故"]),
)


@given(st.sampled_from(STATES), st.sampled_from(ACTIONS), st.sampled_from(ROLES), facts)
def test_an_action_either_leads_to_the_tables_state_or_says_why_not(state, action, role, given):
    refusals = allowed(state, action, role, given)
    row = FLOW.find(state, action)
    if not refusals:
        assert row and role in row.roles
        assert next_state(state, action, role, given) == row.to
        return
    forbidden = any(refusal.kind == "forbidden" for refusal in refusals)
    with pytest.raises(NotAllowed if forbidden else Conflict):
        next_state(state, action, role, given)
    for refusal in refusals:
        for language in ("zh", "en"):
            text = refusal.text(language)
            assert text != refusal.code and "{" not in text and "@" not in text


def test_nothing_is_closed_without_accepted_evidence_by_somebody_else():
    def codes(**change):
        given = ActionFacts(**{"accepted_evidence": 1, **change})
        return [(r.code, r.kind) for r in allowed("closing", "accept", "office", given)]

    assert codes() == []
    assert codes(accepted_evidence=0) == [("task_guard_has_accepted_evidence", "conflict")]
    assert codes(is_submitter=True) == [("task_guard_not_submitter", "forbidden")]
    assert codes(open_children=2) == [("task_guard_all_children_closed", "conflict")]


def test_a_wrong_role_is_forbidden_even_in_a_wrong_state():
    refusals = allowed("draft", "accept", "public", READY)
    assert [(r.code, r.kind) for r in refusals] == [
        ("task_role_forbidden", "forbidden"),
        ("task_wrong_state", "conflict"),
    ]
    assert refusals[0].text("zh").endswith("领导小组办公室、评审专家。")
    assert [r.kind for r in allowed("draft", "accept", "office", READY)] == ["conflict"]


def test_the_public_moves_nothing_and_an_enterprise_may_only_apply():
    assert not any(actions_for(state, "public") for state in STATES)
    assert {a for state in STATES for a in actions_for(state, "enterprise")} == {"apply_closeout"}


def test_whoever_may_accept_is_never_the_submitter():
    for row in FLOW.transitions:
        assert row.to != "closed" or {"not_submitter", "has_accepted_evidence"} <= set(row.guards)


def test_every_state_is_reached_from_the_first_and_cancelled_is_final():
    reached, edge = set(), {FLOW.initial}
    while edge:
        reached |= edge
        edge = {row.to for row in FLOW.transitions if row.source in reached} - reached
    assert reached == set(STATES)
    assert not any(actions_for("cancelled", role) for role in ROLES)


def test_every_word_of_the_table_is_spoken_in_both_languages():
    words = [f"task_state_{s}" for s in STATES] + [f"task_role_{r}" for r in ROLES]
    words += [f"task_action_{a}" for a in ACTIONS]
    words += [f"task_guard_{g}" for row in FLOW.transitions for g in row.guards]
    assert [word for word in words if word not in catalogue()] == []


def test_unknown_words_are_refused_all_at_once():
    with pytest.raises(InputError) as caught:
        allowed("dreaming", "fly", "office", READY)
    assert [problem.value for problem in caught.value.problems] == ["dreaming", "fly"]


def table(row: str, extra: str = "") -> str:
    head = f"states: [{', '.join(STATES)}]\ninitial: draft\nroles: [{', '.join(ROLES)}]\n"
    return f"{head}{extra}transitions:\n{row}"


def test_the_table_is_read_strictly():
    row = "- {from: draft, action: go, to: active, roles: [office], guards: []}\n"
    assert parse(table(row)).find("draft", "go").to == "active"
    for wrong in (
        table(row + row),
        table(row, "colour: red\n"),
        table(row.replace("guards: []", "guards: [is_nice]")),
        table(row.replace("to: active", "to: done")),
        table(row.replace("guards: []", "guard: []")),
        table(row.replace("[office]", "[]")),
    ):
        with pytest.raises(ValidationError):
            parse(wrong)


JUNE = date(2023, 6, 1)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, None),
        ({"closed": True}, "month_closed"),
        ({"deadline": date(2023, 7, 4)}, "month_expired"),
        ({"deadline": date(2023, 7, 5)}, None),
        ({"approved": True}, "report_approved"),
        ({"month": date(2023, 8, 1)}, "month_future"),
        ({"month": date(2023, 7, 31)}, None),
        ({"starts": date(2023, 7, 1)}, "month_before_start"),
        ({"starts": date(2023, 6, 30)}, None),
        ({"ends": date(2023, 5, 31)}, "month_after_due"),
        ({"ends": date(2023, 6, 1)}, None),
    ],
)
def test_each_month_state_is_told_apart(given, code):
    found = month_problems(MonthFacts(**{"month": JUNE, **given}), date(2023, 7, 5))
    assert [problem.code for problem in found] == ([code] if code else [])
    for problem in found:
        assert "{" not in problem.text("zh") + problem.text("en")


def test_all_month_states_are_named_together_as_a_conflict():
    shut = MonthFacts(JUNE, closed=True, deadline=date(2023, 7, 4), approved=True)
    with pytest.raises(Conflict) as caught:
        require_open_month(shut, date(2023, 7, 5))
    codes = [problem.code for problem in caught.value.problems]
    assert codes == ["month_closed", "month_expired", "report_approved"]

"""The registry: checked codes, one entry for one subject, counts that nobody types."""

from __future__ import annotations

from datetime import date

import pytest

from songhua.console import clock
from songhua.console.ledger.models import IndicatorValue
from songhua.console.ledger.services import audit
from songhua.console.subsidies import selectors
from songhua.console.subsidies.models import Application, MergeProposal, Subject
from songhua.console.subsidies.services import automatic, counts, drafts, holdings, intake, registry
from songhua.kit.errors import Conflict, InputError, NotAllowed

from . import bureau
from .bureau import CODE, DAY, OTHER_CODE
from .city import codes, spoken

ENTITLED = {
    "field": "智慧供热", "shortlisted": True, "government_investment": False, "is_investor": True,
    "total_investment_yuan": "1000000",
}  # fmt: skip


@pytest.fixture
def desk(db):
    with clock.pinned(DAY):
        found = bureau.found()
        yield found


def enter(desk, **given):
    """A subject entered by the office."""
    return registry.register(desk.office, **{"since": date(2021, 1, 1), **given})


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({"kind": "enterprise", "name": "甲", "credit_code": CODE[:-1] + "1"},
         [("credit_code", "uscc_check_digit")]),
        ({"kind": "enterprise", "name": "甲"}, [("credit_code", "uscc_check_digit")]),
        ({"kind": "wizard", "name": "　"},
         [("kind", "subsidy_kind_unknown"), ("name", "empty")]),
        ({"kind": "talent", "name": "王某"}, [("operator", "empty")]),
        ({"kind": "enterprise", "name": "乙", "credit_code": CODE.lower()},
         [("credit_code", "subsidy_code_taken")]),
        ({"kind": "enterprise", "name": "乙", "credit_code": OTHER_CODE,
          "since": date(2023, 3, 2)}, [("since", "subsidy_day_future")]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_entry_is_told_at_once_and_nothing_is_kept(desk, given, problems):
    before = (bureau.written(), Subject.objects.count())
    with pytest.raises(InputError) as caught:
        enter(desk, **given)
    assert codes(caught.value) == problems
    spoken(caught.value.problems)
    assert (bureau.written(), Subject.objects.count()) == before


def test_an_enterprise_enters_itself_and_what_it_runs_and_nobody_else(desk):
    mine = registry.register(
        desk.firm, kind="platform", name="寒地平台", operator=desk.firm_subject, since=DAY
    )
    assert mine.organisation_code == CODE
    for actor in (desk.rival, desk.citizen, desk.first):
        with pytest.raises(NotAllowed):
            registry.register(
                actor, kind="platform", name="别家平台", operator=desk.firm_subject, since=DAY
            )
    assert set(selectors.subjects(desk.firm)) == {desk.firm_subject, mine}
    assert list(selectors.subjects(desk.rival)) == []


def test_the_same_name_is_proposed_for_merging_and_both_histories_stay(desk):
    old = desk.draft(matters=("hall",))
    drafts.submit(desk.firm, old)
    twin = enter(desk, kind="enterprise", name="冰城智能 科技有限公司", credit_code=OTHER_CODE)
    registry.put_fact(
        desk.office, twin, name="employees", value=12, as_of=date(2023, 1, 1), source="年报"
    )
    proposal = MergeProposal.objects.get()
    assert (proposal.kept, proposal.other) == (desk.firm_subject, twin)
    with pytest.raises(NotAllowed):
        registry.decide_merge(desk.science, proposal, accepted=True)
    registry.decide_merge(desk.office, proposal, accepted=True)
    with pytest.raises(Conflict):
        registry.decide_merge(desk.office, proposal, accepted=False, opinion="误")
    twin.refresh_from_db()
    assert (twin.state, twin.organisation_code) == ("merged", CODE)
    assert registry.known_facts(desk.firm_subject, DAY) == {"employees": 12}
    assert registry.known_values("employees", DAY) == {desk.firm_subject.pk: 12}
    assert holdings.organisation(desk.firm_subject) == sorted([desk.firm_subject.pk, twin.pk])
    assert counts.registry_counts(DAY)["enterprise"] == 1
    with pytest.raises(InputError, match="subsidy_subject_not_active"):
        registry.put_fact(desk.office, twin, name="x", value=1, as_of=DAY, source="s")
    assert Application.objects.get().subject == desk.firm_subject
    assert audit.verify() == []


def test_a_merge_that_is_declined_says_why(desk):
    twin = enter(desk, kind="enterprise", name="冰城智能科技有限公司", credit_code=OTHER_CODE)
    proposal = MergeProposal.objects.get()
    with pytest.raises(InputError):
        registry.decide_merge(desk.office, proposal, accepted=False)
    registry.decide_merge(desk.office, proposal, accepted=False, opinion="两家独立企业")
    twin.refresh_from_db()
    assert twin.state == "active"
    with pytest.raises(Conflict, match="subsidy_merge_known"):
        registry.propose_merge(desk.office, twin, desk.firm_subject, reason="再议")
    assert audit.verify() == []


def test_facts_are_known_from_their_day_on(desk):
    for day, value in ((date(2022, 1, 1), "5"), (date(2023, 1, 1), "7")):
        registry.put_fact(
            desk.science, desk.firm_subject, name="revenue_yuan", value=value, as_of=day,
            source="年报",
        )  # fmt: skip
    known = [registry.known_facts(desk.firm_subject, date(y, 6, 1)) for y in (2021, 2022, 2023)]
    assert known == [{}, {"revenue_yuan": "5"}, {"revenue_yuan": "7"}]
    with pytest.raises(NotAllowed):
        registry.put_fact(
            desk.firm, desk.firm_subject, name="revenue_yuan", value="9", as_of=DAY, source="自报"
        )


def test_the_plans_figures_are_counted_and_filed_through_the_ledger(desk):
    for number, degree in enumerate(("master", "master", "phd", "professor")):
        person = enter(desk, kind="talent", name=f"人才{number}", operator=desk.firm_subject)
        registry.put_fact(
            desk.office, person, name="talent_class", value=degree, as_of=date(2022, 1, 1),
            source="人才库",
        )  # fmt: skip
    carrier = enter(desk, kind="carrier", name="加速器", operator=desk.firm_subject)
    enter(desk, kind="platform", name="平台", operator=desk.firm_subject, since=DAY)
    registry.end(desk.office, carrier, on=date(2023, 2, 28), reason="关停")
    assert counts.registry_counts(date(2023, 2, 1)) == {
        "enterprise": 1, "institution": 0, "association": 0, "platform": 0, "carrier": 1,
        "talent": 4,
    }  # fmt: skip
    figures = counts.indicator_counts(DAY)
    assert figures == {
        "firms": 1, "platforms": 1, "talent": 4, "talent_master": 2, "talent_phd": 1,
        "talent_prof": 1,
    }  # fmt: skip
    assert len(counts.submit_counts(desk.office, date(2023, 3, 1), reason="名录统计")) == 6
    assert counts.submit_counts(desk.office, date(2023, 3, 1), reason="名录统计") == []
    enter(desk, kind="talent", name="人才9", operator=desk.firm_subject)
    (corrected,) = counts.submit_counts(desk.office, date(2023, 3, 1), reason="新增一人")
    assert (corrected.indicator.code, corrected.value) == ("talent", 5)
    assert IndicatorValue.objects.filter(is_current=True).count() == 6
    with pytest.raises(InputError):
        counts.submit_counts(desk.office, date(2023, 3, 1), reason=" ")
    with pytest.raises(NotAllowed):
        counts.submit_counts(desk.industry, date(2023, 2, 1), reason="名录统计")
    assert audit.verify() == []


def test_an_empty_registry_is_not_a_count_of_zero(desk):
    assert counts.indicator_counts(DAY) == {"firms": 1}


def test_who_qualifies_by_the_registry_becomes_a_draft_in_one_step(desk):
    def found():
        return [
            (e.subject, e.rule, e.award["amount"])
            for e in automatic.entitled("pilot_zone", "issued-2022", DAY)
        ]

    assert found() == []
    for name, value in ENTITLED.items():
        registry.put_fact(
            desk.office, desk.firm_subject, name=name, value=value, as_of=DAY, source="场景征集"
        )
    assert (desk.firm_subject, "P04", 30_000_000) in found()
    given = {"policy": "pilot_zone", "version": "issued-2022", "rule": "P04"}
    with pytest.raises(NotAllowed):
        automatic.draft_for(desk.science, desk.firm_subject, **given)
    row = automatic.draft_for(desk.office, desk.firm_subject, **given)
    assert row.findings == {"shortlisted": True}
    assert "P04" not in [rule for _, rule, _ in found()]
    with pytest.raises(Conflict, match="subsidy_not_entitled"):
        automatic.draft_for(desk.office, desk.firm_subject, **given)
    drafts.submit(desk.firm, row)
    intake.accept(desk.science, row)
    intake.pass_formal(desk.science, row)
    desk.sign_all(Application.objects.get())
    intake.skip_experts(desk.science, row)
    assert Application.objects.get().state == "amount"
    assert audit.verify() == []

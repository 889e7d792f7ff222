"""The registry of subjects: who they are, what is known of them, what they chose; 免申即享."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from songhua.console import clock
from songhua.console.design import say
from songhua.console.design.posted import civil, done
from songhua.console.ledger.selectors import page as cut
from songhua.console.people.models import Role, User
from songhua.console.subsidies import access, overview, selectors
from songhua.console.subsidies.forms import amount_text
from songhua.console.subsidies.models import MergeProposal, OtherAward, Subject
from songhua.console.subsidies.services import (
    automatic,
    choices,
    engine,
    holdings,
    neighbours,
    panel,
)
from songhua.console.subsidies.services import registry as service
from songhua.console.subsidies.views.steps import matters, money
from songhua.kit import figures
from songhua.kit.errors import Conflict, InputError, Problem
from songhua.policy.portfolio import Reading, best, conflicts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

YES_NO = {"是": True, "否": False, "yes": True, "no": False}


def own_subject(request: HttpRequest, pk: int) -> Subject:
    """The subject, if this person may see it; 404 otherwise."""
    return get_object_or_404(selectors.subjects(request.user), pk=pk)


def subjects(request: HttpRequest) -> HttpResponse:
    """The registry under its filters, and what looks like one and the same."""
    rows, given = selectors.subjects(request.user), request.GET
    counts = dict(
        rows.filter(state=Subject.State.ACTIVE)
        .order_by()
        .values_list("kind")
        .annotate(n=Count("pk"))
    )
    if kind := given.get("kind", ""):
        rows = rows.filter(kind=kind)
    if text := given.get("q", "").strip():
        rows = rows.filter(name_key__contains=service.name_key(text)) | rows.filter(
            credit_code=figures.plain(text).upper()
        )
    proposals = MergeProposal.objects.filter(accepted=None).select_related("kept", "other")
    context = {
        "page": cut(rows, given.get("page", "1")), "given": given,
        "counts": [(k, counts.get(k, 0)) for k in Subject.Kind.values],
        "proposals": proposals if request.user.role != Role.ENTERPRISE else (),
    }  # fmt: skip
    return render(request, "subsidies/subjects.html", context)


def subject_new(request: HttpRequest) -> HttpResponse:
    """Enter a subject."""
    own = selectors.subjects(request.user).filter(
        state=Subject.State.ACTIVE, kind__in=service.ORGANISATIONS
    )
    context: dict[str, object] = {
        "kinds": Subject.Kind.values, "given": request.POST, "today": clock.today(),
        "own": list(own) if request.user.role == Role.ENTERPRISE else (),
        "code": request.user.credit_code,
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "subsidies/subject_new.html", context)
    given = request.POST
    operator = own.filter(credit_code=figures.plain(given.get("operator", "")).upper()).exclude(
        credit_code=""
    )
    try:
        row = service.register(
            request.user, kind=given.get("kind", ""), name=given.get("name", ""),
            credit_code=given.get("credit_code", ""), operator=operator.first(),
            since=civil(given.get("since", ""), "since"),
        )  # fmt: skip
    except InputError as error:
        context["problems"] = error.problems
        return render(request, "subsidies/subject_new.html", context, status=422)
    return done(request, say("已登记。", "It is entered."), "subject", row.pk)


def subject(request: HttpRequest, pk: int) -> HttpResponse:
    """One subject: its facts, awards, choices, applications."""
    return _page(request, own_subject(request, pk))


def _page(
    request: HttpRequest, row: Subject, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    user = request.user
    official = user.role != Role.ENTERPRISE
    keys = holdings.organisation(row)
    applications = selectors.applications(user).filter(subject__in=keys)
    policy = engine.newest(engine.policies()).policy
    found = holdings.candidates(row, policy)
    reading = Reading()
    context = {
        "row": row, "problems": problems, "given": request.POST, "today": clock.today(),
        "priority": neighbours.priority(row), "official": official,
        "owner": access.owns(user, row), "policy": policy,
        "facts": row.facts.select_related("entered_by") if official else row.facts.all(),
        "applications": overview.filtered(applications, user, {}),
        "others": OtherAward.objects.filter(subject__in=keys), "candidates": found,
        "names": _names(found, applications, keys),
        "best": best(found, reading, most_sets=20) if found else None,
        "exclusions": conflicts(found, reading), "choice": holdings.current_choice(row, policy),
        "sources": OtherAward.Source.values,
        "twins": Subject.objects.filter(
            kind=row.kind, state=Subject.State.ACTIVE, name_key=row.name_key
        ).exclude(pk=row.pk) if official else (),
        "people": User.objects.filter(role=Role.REVIEWER, is_active=True)
        if user.role == Role.OFFICE else (),
    }  # fmt: skip
    return render(request, "subsidies/subject.html", context, status=status)


def _names(found: list, applications: object, keys: list[int]) -> dict[str, str]:
    """What people call each award of a portfolio."""
    named = {row.award_id: f"{engine.rule_of(row.policy, row.version, row.rule).zh} #{row.pk}"
             for row in applications}  # type: ignore[attr-defined]  # fmt: skip
    named |= {row.award_id: row.name for row in OtherAward.objects.filter(subject__in=keys)}
    return {candidate.id: named.get(candidate.id, candidate.id) for candidate in found}


@require_POST
def subject_act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Enter a fact, another award, a choice, a stake, a likeness; or say that it is no more."""
    row = own_subject(request, pk)
    try:
        text = ACTS[action](request, row) if action in ACTS else None
    except (InputError, Conflict) as error:
        return _page(request, row, error.problems, 422)
    if text is None:
        return HttpResponse(status=404)
    return done(request, text, "subject", pk)


def _fact(request: HttpRequest, row: Subject) -> str:
    given = request.POST
    name = given.get("name", "")
    service.put_fact(
        request.user, row, name=name, value=_value(name, given.get("value", "")),
        as_of=civil(given.get("as_of", ""), "as_of"), source=given.get("source", ""),
    )  # fmt: skip
    return say("事实已登记。", "The fact is entered.")


def _value(name: str, typed: str) -> object:
    """A fact as the engine takes it: yes and no, a whole number where a rule asks for one, a list
    as JSON, an amount as text."""
    text = figures.plain(typed)
    if not text:
        raise InputError(Problem("value", "empty"))
    rules = (rule for policy in engine.policies() for rule in policy.rules.values())
    types = {rule.facts[name].type for rule in rules if name in rule.facts}
    if "list" in types:
        try:
            return json.loads(text)
        except ValueError as error:
            raise InputError(Problem("value", "param_invalid", text[:40])) from error
    if types & {"bool", "review"} and text in YES_NO:
        return YES_NO[text]
    if "integer" in types and text.isascii() and text.isdigit() and len(text) < 15:
        return int(text)
    return amount_text(text) if "amount" in types else text


def _award(request: HttpRequest, row: Subject) -> str:
    given = request.POST
    paid = given.get("paid_on", "").strip()
    choices.declare_award(
        request.user, row, source=given.get("source", ""), name=given.get("name", ""),
        matters=matters(given), amount_yuan=money(given, "amount_yuan"),
        paid_on=civil(paid, "paid_on") if paid else None,
    )  # fmt: skip
    return say("其他奖补已登记。", "The other award is entered.")


def _award_change(request: HttpRequest, row: Subject) -> str:
    given = request.POST
    key = given.get("award", "")
    award = get_object_or_404(
        OtherAward.objects.filter(subject__in=holdings.organisation(row)),
        pk=int(key) if key.isascii() and key.isdigit() else 0,
    )
    paid = given.get("paid_on", "").strip()
    choices.update_award(
        request.user, award, amount_yuan=money(given, "amount_yuan"),
        paid_on=civil(paid, "paid_on") if paid else None, declined="declined" in given,
        reason=given.get("reason", ""),
    )  # fmt: skip
    return say("其他奖补已更新。", "The other award is changed.")


def _choose(request: HttpRequest, row: Subject) -> str:
    policy = engine.newest(engine.policies()).policy
    choices.choose(request.user, row, policy=policy, chosen=request.POST.getlist("chosen"))
    return say("选择已登记。", "Your choice is on record.")


def _interest(request: HttpRequest, row: Subject) -> str:
    key = request.POST.get("user", "") or str(request.user.pk)
    person = get_object_or_404(User, pk=int(key) if key.isascii() and key.isdigit() else 0)
    panel.list_interest(request.user, person, row, reason=request.POST.get("reason", ""))
    return say("利害关系已登记。", "The stake is on record.")


def _merge(request: HttpRequest, row: Subject) -> str:
    key = request.POST.get("other", "")
    other = get_object_or_404(Subject, pk=int(key) if key.isascii() and key.isdigit() else 0)
    service.propose_merge(request.user, row, other, reason=request.POST.get("reason", ""))
    return say("已提出合并。", "The merge is proposed.")


def _end(request: HttpRequest, row: Subject) -> str:
    on = civil(request.POST.get("ended_on", ""), "ended_on")
    service.end(request.user, row, on=on, reason=request.POST.get("reason", ""))
    return say("已登记注销。", "It is entered as ended.")


ACTS = {
    "fact": _fact, "award": _award, "award-change": _award_change, "choose": _choose,
    "interest": _interest, "merge": _merge, "end": _end,
}  # fmt: skip


@require_POST
def merge_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge two subjects, or keep them apart."""
    row = get_object_or_404(MergeProposal, pk=pk)
    accepted = request.POST.get("accepted") == "1"
    service.decide_merge(
        request.user, row, accepted=accepted, opinion=request.POST.get("opinion", "")
    )
    return done(request, say("已处理。", "It is decided."), "subjects")


def entitled(request: HttpRequest) -> HttpResponse:
    """免申即享: who already qualifies by what the registry knows."""
    shown = engine.newest(engine.policies())
    rows = [
        (found, engine.rule_of(shown.policy, shown.version, found.rule))
        for found in automatic.entitled(shown.policy, shown.version, clock.today())
    ]
    context = {"rows": rows, "policy": shown, "today": clock.today()}
    return render(request, "subsidies/entitled.html", context)


@require_POST
def entitled_draft(request: HttpRequest) -> HttpResponse:
    """A draft in one step, which its subject reads and submits."""
    shown, given = engine.newest(engine.policies()), request.POST
    key = given.get("subject", "")
    row = get_object_or_404(Subject, pk=int(key) if key.isascii() and key.isdigit() else 0)
    made = automatic.draft_for(
        request.user, row, policy=shown.policy, version=shown.version, rule=given.get("rule", "")
    )
    return done(
        request,
        say("草稿已生成，等待企业确认。", "The draft is made and waits for the subject."),
        "application",
        made.pk,
    )

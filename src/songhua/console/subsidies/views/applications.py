"""Applications: listed, drafted, shown with what may be done now, and taken step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from songhua.console import clock, files
from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.ledger.selectors import page as cut
from songhua.console.people.models import Role, Unit, User
from songhua.console.subsidies import access, overview, selectors, shown
from songhua.console.subsidies.forms import FactsForm
from songhua.console.subsidies.models import Application, Attachment, DecisionLetter, Subject
from songhua.console.subsidies.offers import offers
from songhua.console.subsidies.services import drafts, engine, holdings, letters, neighbours
from songhua.console.subsidies.views import common
from songhua.console.subsidies.views.steps import STEPS, matters
from songhua.console.subsidies.workflow import standard
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from songhua.policy import Policy, Rule

EARLY = ("draft", "correction", "submitted", "formal_review")
OFFICIALS = (Role.OFFICE, Role.LEADER, Role.STAFF)


def own_application(request: HttpRequest, pk: int) -> Application:
    """The application, if this person may see it by name; 404 otherwise."""
    rows = selectors.applications(request.user).select_related("budget", "approved_by")
    return get_object_or_404(rows, pk=pk)


def applications(request: HttpRequest) -> HttpResponse:
    """Every application that this person may see, under the filters."""
    rows = selectors.applications(request.user)
    counts = dict(rows.order_by().values_list("state").annotate(n=Count("pk", distinct=True)))
    waiting = overview.filtered(rows, request.user, {"mine": "1"}).count()
    found = overview.filtered(rows, request.user, request.GET)
    context = {
        "page": cut(found, request.GET.get("page", "1")), "given": request.GET,
        "states": [(s, counts[s]) for s in standard().states if s in counts],
        "waiting": waiting, "total": sum(counts.values()),
        "units": Unit.objects.all() if request.user.role in (Role.OFFICE, Role.LEADER) else (),
        "subjects": selectors.subjects(request.user).filter(state=Subject.State.ACTIVE)
        if request.user.role == Role.ENTERPRISE else (),
        "today": clock.today(),
    }  # fmt: skip
    return render(request, "subsidies/applications.html", context)


def application_new(request: HttpRequest) -> HttpResponse:
    """Draft an application, with the facts of the calculator where they come along."""
    given = request.POST if request.method == "POST" else request.GET
    if "rule" not in given:
        return redirect("calculator")
    named = (given.get("policy", ""), given.get("version", ""), given.get("rule", ""))
    policy, rule = common.rule_or_404(*named)
    form = _own_form(policy, rule, given.dict())
    subjects = list(selectors.subjects(request.user).filter(state=Subject.State.ACTIVE))
    problems: Sequence[Problem] = ()
    if "save" in given and request.method == "POST":
        subject = next((s for s in subjects if str(s.pk) == given.get("subject")), None)
        try:
            if subject is None:
                raise InputError(Problem("subject", "empty"))
            row = drafts.draft(
                request.user, subject, policy=named[0], version=named[1], rule=named[2],
                facts=form.facts(), matters=matters(given),
            )  # fmt: skip
            return done(
                request,
                say("草稿已保存，可以上传材料并申报。", "The draft is kept. Add papers and apply."),
                "application",
                row.pk,
            )
        except InputError as error:
            problems = error.problems
    context = {
        "form": form, "policy": policy, "rule": rule, "subjects": subjects, "given": given,
        "problems": problems, "added": given.get("add", "").partition("-")[0],
    }  # fmt: skip
    return render(
        request, "subsidies/application_form.html", context, status=422 if problems else 200
    )


def _own_form(policy: Policy, rule: Rule, given: dict[str, str]) -> FactsForm:
    """The form of the applicant's own facts; what officials find out is not asked."""
    official = engine.review_facts(rule) | engine.settled_facts(rule)
    return FactsForm(policy, rule, given, clock.today(), omitted=official)


def application_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the facts of a draft, or of an application sent back for correction."""
    row = own_application(request, pk)
    policy, rule = common.rule_or_404(row.policy, row.version, row.rule)
    given = request.POST.dict() if request.method == "POST" else _typed(row.facts)
    form = _own_form(policy, rule, given)
    problems: Sequence[Problem] = ()
    if request.method == "POST" and "save" in given:
        try:
            drafts.edit(request.user, row, facts=form.facts(), matters=matters(given))
            return done(request, say("修改已保存。", "The change is kept."), "application", row.pk)
        except InputError as error:
            problems = error.problems
    context = {
        "form": form, "policy": policy, "rule": rule, "row": row, "problems": problems,
        "given": given if request.method == "POST" else {"matters": "、".join(row.matters)},
        "added": given.get("add", "").partition("-")[0],
    }  # fmt: skip
    return render(
        request, "subsidies/application_form.html", context, status=422 if problems else 200
    )


def _typed(facts: dict[str, object], prefix: str = "fact-") -> dict[str, str]:
    """Kept facts as they would be typed into the form."""
    found: dict[str, str] = {}
    for name, value in facts.items():
        if isinstance(value, list):
            for row, item in enumerate(value):
                found |= _typed(item, f"{prefix}{name}-{row}-")
        elif isinstance(value, bool):
            found[f"{prefix}{name}"] = "yes" if value else "no"
        elif value is not None:
            found[f"{prefix}{name}"] = str(value)
    return found


def application(request: HttpRequest, pk: int) -> HttpResponse:
    """One application: where it stands, what may be done now, and everything that came of it."""
    return page(request, own_application(request, pk))


def page(
    request: HttpRequest,
    row: Application,
    problems: Sequence[Problem] = (),
    status: int = 200,
    tried: str = "",
) -> HttpResponse:
    """The page of an application, with what was wrong with the step `tried`."""
    user = request.user
    policy, rule = common.rule_or_404(row.policy, row.version, row.rule)
    official = user.role in OFFICIALS
    last = row.assessments.filter(round=row.round).last()
    offered = offers(user, row)
    notices = list(row.notices.prefetch_related("objections__made_by", "objections__answered_by"))
    context: dict[str, object] = {
        "row": row, "policy": policy, "rule": rule, "problems": problems, "tried": tried,
        "given": request.POST, "official": official, "offers": offered,
        "capacities": access.capacities(user, row), "today": clock.today(),
        "path": overview.PATH, "facts": shown.facts(rule.facts, row.facts),
        "findings": shown.facts(rule.facts, row.findings),
        "papers": row.attachments.select_related("added_by"), "last": last,
        "notices": notices, "payments": row.payments.all(), "paid": holdings.paid_fen(row),
        "recoveries": [
            (one, (one.amount_fen or 0) - sum(back.amount_fen for back in one.repayments.all()))
            for one in row.recoveries.prefetch_related("repayments")
        ],
        "evaluations": row.evaluations.select_related("made_by", "evidence"),
        "letters": row.letters.all(), "decided": row.state in letters.DECIDED,
        "case_file": getattr(row, "case_file", None),
        "history": shown.story(selectors.history(row), user),
        "estimate": _estimate(row) if last is None and row.state in EARLY else None,
    }  # fmt: skip
    if official:
        context |= {
            "priority": neighbours.priority(row.subject),
            "sign_offs": row.sign_offs.filter(round=row.round).select_related("unit", "signed_by"),
            "seats": row.seats.filter(round=row.round).select_related("expert"),
            "assessments": row.assessments.select_related("made_by"),
        }
        actions = {offer.action for offer in offered}
        if "seat" in actions:
            context["experts"] = User.objects.filter(role=Role.REVIEWER, is_active=True).exclude(
                seats__application=row, seats__round=row.round
            )
        if "compute" in actions:
            settled = engine.settled_facts(rule)
            context["compute_form"] = FactsForm(
                policy, rule,
                {f"reading-{k}": v for k, v in row.reading.items()} | request.POST.dict(),
                clock.today(), omitted=set(rule.facts) - settled,
            )  # fmt: skip
        if "propose" in actions and last is not None:
            context["open_points"] = engine.open_points(last.award)
        if user.unit_id and user.unit.code == standard().settings.finance_unit:
            context["finance"] = True
            context["other_awards"] = selectors.applications(user).filter(
                subject__in=holdings.organisation(row.subject), state="paying"
            ).exclude(pk=row.pk)  # fmt: skip
    if "applicant" in context["capacities"] or official:
        context["exclusions"] = holdings.excluded(row) if row.state not in holdings.GONE else []
    return render(request, "subsidies/application.html", context, status=status)


def _estimate(row: Application) -> dict[str, object] | list[Problem]:
    """What the engine says of an application not yet computed; its problems where it cannot."""
    try:
        return drafts.estimate(row, row.applied_on or clock.today())
    except InputError as error:
        return list(error.problems)


@require_POST
def application_step(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Take one step."""
    row = own_application(request, pk)
    if action not in STEPS:
        raise Http404
    try:
        STEPS[action](request.user, row, request.POST)
    except InputError as error:
        return page(request, row, error.problems, 422, action)
    except Conflict as error:
        return page(request, row, error.problems, 409, action)
    if action == "transfer":
        return done(
            request, say("已转办并立案。", "It is passed on and a file is open."), "application", pk
        )
    name = shown.act(f"application_{action}")
    return done(request, say("已办理：{a}。", "Done: {a}.", a=name), "application", pk)


@require_POST
def paper_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a paper."""
    row, upload = own_application(request, pk), request.FILES.get("file")
    try:
        if upload is None:
            raise InputError(Problem("file", "empty"))
        drafts.attach(
            request.user, row, kind=request.POST.get("kind", ""), filename=upload.name or "",
            chunks=upload.chunks(),
        )  # fmt: skip
    except InputError as error:
        return page(request, row, error.problems, 422, "paper")
    return done(request, say("材料已上传。", "The paper is added."), "application", pk)


def paper_file(request: HttpRequest, pk: int) -> FileResponse:
    """A paper, to those who see its application; to the experts of its panel without its name."""
    paper = get_object_or_404(Attachment.objects.select_related("application__subject"), pk=pk)
    name = paper.filename
    if not selectors.applications(request.user).filter(pk=paper.application_id).exists():
        if "expert" not in access.capacities(request.user, paper.application):
            raise Http404
        suffix = name.rpartition(".")[2][:5] if "." in name else ""
        name = f"{paper.pk}.{suffix}" if suffix else str(paper.pk)
    return FileResponse(files.path_of(paper.sha256).open("rb"), as_attachment=True, filename=name)


@require_POST
def letter_issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Issue the decision as a PDF."""
    row = own_application(request, pk)
    letters.issue(request.user, row)
    return done(request, say("决定书已出具。", "The decision is issued."), "application", pk)


def letter_file(request: HttpRequest, pk: int) -> FileResponse:
    """A decision, to those who see its application."""
    letter = get_object_or_404(DecisionLetter, pk=pk)
    own_application(request, letter.application_id)
    content = files.path_of(letter.files["pdf"]).open("rb")
    return FileResponse(content, as_attachment=True, filename=f"{letter.number}.pdf")

"""What people see of the desk: their own rows, and to experts nothing that names the applicant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from songhua.console import clock
from songhua.console.ledger.models import AuditEntry
from songhua.console.people.models import Role
from songhua.console.subsidies import access
from songhua.console.subsidies.models import Application, PublicNotice, Subject
from songhua.console.subsidies.services import engine
from songhua.console.subsidies.workflow import standard
from songhua.kit.errors import NotAllowed, Problem

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from songhua.console.people.models import User

ALL = (Role.OFFICE, Role.LEADER)


def subjects(user: User) -> QuerySet[Subject]:
    """The registry as `user` may see it: officials all, an enterprise what it answers for."""
    rows = Subject.objects.select_related("operator", "merged_into", "unit")
    if user.role in (*ALL, Role.STAFF):
        return rows
    if user.role == Role.ENTERPRISE and user.credit_code:
        code = user.credit_code
        return rows.filter(Q(credit_code=code) | Q(credit_code="", operator__credit_code=code))
    return rows.none()


def applications(user: User) -> QuerySet[Application]:
    """The applications that `user` may open by name. Experts have none: see `panel`."""
    rows = Application.objects.select_related("subject__operator", "subject__merged_into", "unit")
    if user.role in ALL:
        return rows
    if user.role == Role.STAFF and user.unit is not None:
        if user.unit.code == standard().settings.finance_unit:
            return rows.filter(
                Q(unit=user.unit) | Q(sign_offs__unit=user.unit) | Q(approved_fen__isnull=False)
            ).distinct()
        return rows.filter(Q(unit=user.unit) | Q(sign_offs__unit=user.unit)).distinct()
    if user.role == Role.ENTERPRISE:
        return rows.filter(subject__in=subjects(user))
    return rows.none()


def panel(user: User) -> QuerySet[Application]:
    """The applications that wait for this expert's scores; show them through `blind` only."""
    return Application.objects.filter(
        state="expert_review", seats__expert=user, seats__recused=False, seats__total=None
    ).distinct()


def blind(user: User, application: Application) -> dict[str, Any]:
    """What an expert on the panel sees: the rule, the facts without free text, the papers by kind;
    neither a name nor a code nor a file's own name."""
    if "expert" not in access.capacities(user, application):
        raise NotAllowed(Problem("expert", "subsidy_role_forbidden", "@subsidy_role_expert"))
    rule = engine.rule_of(application.policy, application.version, application.rule)
    return {
        "number": application.pk,
        "rule": rule,
        "facts": _unnamed(application.facts, rule.facts),
        "papers": list(application.attachments.values("pk", "kind", "size")),
        "criteria": standard().settings.criteria,
    }


def _unnamed(given: dict[str, Any], declared: dict[str, Any]) -> dict[str, Any]:
    """Facts in which every text that is not one of the rule's own words is left out (None)."""
    shown: dict[str, Any] = {}
    for name, fact in declared.items():
        value = given.get(name)
        if fact.type == "list" and isinstance(value, list):
            shown[name] = [_unnamed(item, fact.fields) for item in value]
        elif fact.type == "table" or (fact.type == "text" and value not in fact.options):
            shown[name] = None
        else:
            shown[name] = value
    return shown


def steps(user: User, application: Application) -> tuple[str, ...]:
    """The steps to offer `user`, guards not yet asked. The services decide again when asked."""
    mine = access.capacities(user, application)
    rows = standard().transitions
    return tuple(
        row.action for row in rows if row.source == application.state and mine & set(row.roles)
    )


def open_notices() -> QuerySet[PublicNotice]:
    """What is published today, for everybody."""
    today = clock.today()
    rows = PublicNotice.objects.filter(
        starts__lte=today, ends__gte=today, application__state="notice"
    )
    return rows.order_by("ends", "pk")


def history(application: Application) -> QuerySet[AuditEntry]:
    """Every step of an application, from the log."""
    return AuditEntry.objects.filter(subject=f"application:{application.pk}").order_by("seq")

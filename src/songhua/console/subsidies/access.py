"""What somebody is towards one application, and whether they have a stake in its subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.console.people.models import Role
from songhua.console.subsidies.models import Interest, Subject
from songhua.console.subsidies.workflow import standard
from songhua.kit.errors import NotAllowed, Problem

if TYPE_CHECKING:
    from songhua.console.people.models import User
    from songhua.console.subsidies.models import Application


def owns(user: User, subject: Subject) -> bool:
    """Whether `user` acts for the organisation that answers for `subject`."""
    return user.role == Role.ENTERPRISE and user.credit_code != "" and (
        user.credit_code == subject.organisation_code
    )  # fmt: skip


def capacities(user: User, application: Application) -> frozenset[str]:
    """The roles of ``workflow.yaml`` that `user` has towards `application`: up to 2 queries."""
    found = {"anybody"}
    if owns(user, application.subject):
        found.add("applicant")
    if user.role in (Role.OFFICE, Role.LEADER):
        found.add(str(user.role))
    if user.role == Role.STAFF and user.unit is not None:
        if user.unit_id == application.unit_id:
            found.add("handler")
        if user.unit.code == standard().settings.finance_unit:
            found.add("finance")
        if application.sign_offs.filter(round=application.round, unit=user.unit).exists():
            found.add("joint_reviewer")
    if user.role == Role.REVIEWER:
        seats = application.seats.filter(round=application.round, expert=user, recused=False)
        if seats.exists():
            found.add("expert")
    return frozenset(found)


def interested(user: User, subject: Subject) -> bool:
    """Whether `user` is of the subject's organisation or unit, or declared or listed a stake."""
    related = [subject] + ([subject.operator] if subject.operator else [])
    if user.unit_id and user.unit_id in {one.unit_id for one in related}:
        return True
    if user.credit_code and user.credit_code == subject.organisation_code:
        return True
    return Interest.objects.filter(user=user, subject__in=family(related)).exists()


def family(subjects: list[Subject]) -> list[int]:
    """The keys of `subjects`, of what they were merged into, and of all that was merged so."""
    roots = {(one.merged_into_id or one.pk) for one in subjects}
    merged = Subject.objects.filter(merged_into__in=roots).values_list("pk", flat=True)
    return sorted(roots | set(merged))


def demand(user: User, *roles: str) -> None:
    """Raise `NotAllowed` unless `user` has one of the console's `roles`."""
    if user.role not in roles:
        raise NotAllowed(Problem("role", "role_may_not", user.get_role_display()))


def demand_own(user: User, subject: Subject, *roles: str) -> None:
    """Raise `NotAllowed` unless `user` acts for `subject` or has one of `roles`."""
    if not owns(user, subject):
        if user.role == Role.ENTERPRISE:
            raise NotAllowed(Problem("subject", "not_your_row", subject.name))
        demand(user, *roles)

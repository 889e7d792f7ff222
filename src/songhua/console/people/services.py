"""Signing in, locking out, and looking after accounts. Every change is in the audit log."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from songhua.console import clock
from songhua.console.ledger.services import audit
from songhua.console.people.models import Role, Unit, UnitAlias, User
from songhua.kit import figures
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from django.http import HttpRequest

FAILURES_ALLOWED = 5
LOCK_MINUTES = 15


def sign_in(request: HttpRequest, username: str, password: str) -> User:
    """The user whose password this is. After five failures the account waits fifteen minutes.

    Raises `InputError` with the same words for a wrong name and a wrong password.
    """
    now = clock.now()
    user = User.objects.filter(username=username).first()
    if user and user.locked_until and user.locked_until > now:
        raise InputError(Problem("username", "account_locked", str(LOCK_MINUTES)))
    found = authenticate(request, username=username, password=password)
    if found is None:
        if user:
            _count_failure(user)
        raise InputError(Problem("username", "sign_in_failed"))
    with transaction.atomic():
        User.objects.filter(pk=found.pk).update(failed_sign_ins=0, locked_until=None)
        audit.record(found, "sign_in", f"user:{found.pk}")
    return found


@transaction.atomic
def _count_failure(user: User) -> None:
    # The count is raised in the database, so that parallel guesses are all counted.
    User.objects.filter(pk=user.pk).update(failed_sign_ins=F("failed_sign_ins") + 1)
    user.refresh_from_db(fields=["failed_sign_ins"])
    if user.failed_sign_ins >= FAILURES_ALLOWED:
        until = clock.now() + timedelta(minutes=LOCK_MINUTES)
        User.objects.filter(pk=user.pk).update(locked_until=until, failed_sign_ins=0)
        audit.record(user, "account_locked", f"user:{user.pk}")


def change_password(user: User, old: str, new: str, again: str) -> None:
    """Set a new password that passes every rule; `InputError` lists the rules it breaks."""
    problems = []
    if not user.check_password(old):
        problems.append(Problem("old", "password_wrong"))
    if new != again:
        problems.append(Problem("again", "password_differs"))
    if new == old:
        problems.append(Problem("new", "password_same"))
    problems += _rules_broken(user, new)
    if problems:
        raise InputError(problems)
    with transaction.atomic():
        user.set_password(new)
        user.must_change_password = False
        user.save(update_fields=["password", "must_change_password"])
        audit.record(user, "password_changed", f"user:{user.pk}")


def _rules_broken(user: User, password: str) -> list[Problem]:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [Problem("new", "password_rule", text) for text in error.messages]
    return []


@transaction.atomic
def create_account(
    actor: User | str,
    *,
    username: str,
    name: str,
    role: str,
    unit: Unit | None = None,
    credit_code: str = "",
    password_hash: str = "",
) -> tuple[User, str]:
    """A new account and its first password, which is made up and must be changed at first use
    (none where the caller brings the hash of a password that it knows)."""
    problems = []
    if not username.strip():
        problems.append(Problem("username", "empty"))
    elif User.objects.filter(username=username).exists():
        problems.append(Problem("username", "username_taken", username))
    if role not in Role.values:
        problems.append(Problem("role", "role_unknown", role))
    if role == Role.STAFF and unit is None:
        problems.append(Problem("unit", "empty"))
    if role == Role.ENTERPRISE:
        try:
            credit_code = figures.credit_code(credit_code, "credit_code")
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    first = "" if password_hash else secrets.token_urlsafe(9) + "aA1"
    user = User(
        username=username,
        name=name,
        role=role,
        unit=unit if role == Role.STAFF else None,
        credit_code=credit_code if role == Role.ENTERPRISE else "",
        must_change_password=bool(first),
    )
    user.password = password_hash or make_password(first)
    user.save()
    audit.record(
        actor, "account_created", f"user:{user.pk}", username=username, role=role,
        unit=unit.code if unit else None,
    )  # fmt: skip
    return user, first


@transaction.atomic
def update_account(actor: User, user: User, *, active: bool, unlock: bool, reset: bool) -> str:
    """Enable or disable, unlock, or give a new first password (returned; else "")."""
    if user.pk == actor.pk and not active:
        raise InputError(Problem("active", "own_account"))
    first = ""
    user.is_active = active
    if unlock:
        user.locked_until, user.failed_sign_ins = None, 0
    if reset:
        first = secrets.token_urlsafe(9) + "aA1"
        user.set_password(first)
        user.must_change_password = True
    user.save()
    audit.record(
        actor, "account_updated", f"user:{user.pk}", active=active, unlock=unlock, reset=reset
    )
    return first


def unit_named(text: object, where: str) -> Unit:
    """The unit with this code, name or alias; `InputError` where there is none."""
    written = figures.plain(text)
    unit = (
        Unit.objects.filter(code=written).first()
        or Unit.objects.filter(name_zh=written).first()
        or Unit.objects.filter(name_en__iexact=written).first()
    )
    if unit is None:
        alias = UnitAlias.objects.filter(name=written).select_related("unit").first()
        unit = alias.unit if alias else None
    if unit is None:
        raise InputError(Problem(where, "unit_unknown", written))
    return unit

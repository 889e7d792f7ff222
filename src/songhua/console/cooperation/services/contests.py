"""A contest from its call to the drawn panel: the rules of draws are those of challenges."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from django.db import transaction

from songhua.console import clock
from songhua.console.cooperation.contest_workflow import standard
from songhua.console.cooperation.models import ContestSeat
from songhua.console.cooperation.services.contest_guards import (
    begin,
    entered,
    finish,
    sitting,
)
from songhua.console.innovation.challenge_workflow import standard as challenges
from songhua.console.innovation.models import ExpertProfile
from songhua.console.innovation.services import expert_registry
from songhua.console.ledger.services import vouch
from songhua.console.subsidies import access
from songhua.console.subsidies.models import Interest
from songhua.console.subsidies.services.registry import name_key
from songhua.console.subsidies.services.rows import append, required
from songhua.governance.challenges.draw import Candidates, draw
from songhua.governance.challenges.seats import ANY, PanelRules
from songhua.governance.challenges.seed import candidates_of, digest, sealed_text, seed
from songhua.governance.challenges.ties import Party, Tie, tied
from songhua.kit import figures
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from datetime import date

    from songhua.console.cooperation.models import Contest
    from songhua.console.people.models import User

DECLARED = ("clear", "reason", "declared_at")


@transaction.atomic
def publish(actor: User, contest: Contest) -> Contest:
    """发布: open to entries; the method of judging is fixed."""
    row = begin(actor, contest, "publish")
    row.published_at = clock.now()
    row.method = standard().settings.method.model_dump(mode="json")
    return finish(actor, row, "publish", "published_at", "method")


@transaction.atomic
def close(actor: User, contest: Contest) -> Contest:
    """Close the entries; experts will know each by a label that says nothing of its order."""
    row = begin(actor, contest, "close")
    rows = list(entered(row))
    secrets.SystemRandom().shuffle(rows)
    sets: dict[str, dict[str, object]] = {}
    for number, entry in enumerate(rows, 1):
        entry.label = f"{number:02d}"
        entry.save()
        sets |= vouch.sets(entry, "label")
    return finish(actor, row, "close", sets=sets)


@transaction.atomic
def cancel(actor: User, contest: Contest, *, reason: str) -> Contest:
    """Call it off."""
    return finish(actor, begin(actor, contest, "cancel", reason), "cancel", reason=reason)


def _rules(row: Contest) -> PanelRules:
    panel = standard().settings.panel
    seats = (row.field,) * panel.own_field + (ANY,) * panel.any_field
    return PanelRules(seats=seats, per_unit=panel.per_unit, outside=panel.outside)


def _candidates(row: Contest) -> Candidates:
    """The registry as it stands, with the ties to everybody who entered and to who holds it."""
    entries = list(entered(row).select_related("subject__operator"))
    subjects = [one.subject for one in entries]
    parties = [Party(name_key(str(row.unit)))]
    for one in entries:
        people = frozenset(name_key(name) for name in one.people)
        parties += [Party(name_key(one.subject.name), people),
                    Party(name_key(one.subject.organisation_code))]  # fmt: skip
    listed = Interest.objects.filter(subject__in=access.family(subjects)).values("user")
    left = ContestSeat.objects.filter(contest=row, clear=False).values("expert")
    recused = ExpertProfile.objects.filter(user__in=listed) | ExpertProfile.objects.filter(
        pk__in=left
    )
    known = expert_registry.experts()
    ties = expert_registry.ties()
    ties += [Tie("recusal", one.code, parties[0].unit) for one in recused]
    bound = tied(known, parties, ties, clock.today(), challenges().settings.ties)
    return Candidates(tuple(known), bound, _rules(row))


@transaction.atomic
def seal_list(actor: User, contest: Contest, *, public_source: str, public_on: date) -> Contest:
    """Fix the list of candidates, commit to a secret, and name the public value of a later day
    that will make the seed. Raises `Infeasible` at once where no panel can be lawful."""
    required(public_source=public_source)
    if public_on <= clock.today():
        raise InputError(Problem("public_on", "challenge_public_day_past", str(public_on)))
    row = begin(actor, contest, "seal_list")
    found = _candidates(row)
    draw(found, "")
    row.secret = secrets.token_hex(32)
    row.draws = [*row.draws, {
        "list": sealed_text(found), "commitment": digest(row.secret), "keep": [],
        "public_source": public_source.strip()[:200], "public_on": public_on.isoformat(),
        "sealed_at": clock.now().isoformat(),
    }]  # fmt: skip
    return finish(actor, row, "seal_list", "draws")


@transaction.atomic
def draw_panel(actor: User, contest: Contest, *, public_value: str) -> Contest:
    """Draw with the public value, once its day has come; the secret is published with it."""
    required(public_value=public_value)
    row = begin(actor, contest, "draw")
    made = row.draws[-1]
    made["public_value"] = figures.plain(public_value)[:200]
    made["secret"] = row.secret
    made["seed"] = seed(row.secret, made["public_value"], made["list"])
    made["panel"] = list(draw(candidates_of(made["list"]), made["seed"]))
    _seat(actor, row, made["panel"])
    return finish(actor, row, "draw", "draws", "secret")


def _seat(actor: User, row: Contest, codes: list[str]) -> None:
    by_code = {one.code: one for one in ExpertProfile.objects.all()}
    for code in codes:
        one = ContestSeat(contest=row, expert=by_code[code])
        append(actor, one, "contest_seated", *DECLARED)


@transaction.atomic
def replace(actor: User, contest: Contest) -> Contest:
    """Draw for vacant seats by the same seed from the sealed list, less those tied by now; who
    sits, stays. Raises `Infeasible` where nobody lawful is left."""
    row = begin(actor, contest, "replace")
    before: dict[str, Any] = row.draws[-1]
    sealed = candidates_of(before["list"])
    listed = {one.id for one in sealed.experts}
    bound = {one: kinds for one, kinds in _candidates(row).tied.items() if one in listed}
    found = Candidates(sealed.experts, bound, sealed.rules)
    keep = [one.expert.code for one in sitting(row).select_related("expert")]
    panel = list(draw(found, before["seed"], keep))
    row.draws = [*row.draws, before | {
        "list": sealed_text(found), "keep": keep, "panel": panel,
        "sealed_at": clock.now().isoformat(),
    }]  # fmt: skip
    _seat(actor, row, [code for code in panel if code not in keep])
    return finish(actor, row, "replace", "draws")


@transaction.atomic
def new_panel(actor: User, contest: Contest, *, reason: str) -> Contest:
    """Begin the judging anew where no panel can be filled: whoever sat is not drawn again."""
    row = begin(actor, contest, "new_panel", reason)
    sets: dict[str, dict[str, object]] = {}
    for one in sitting(row):
        one.clear, one.reason, one.declared_at = False, reason.strip(), clock.now()
        one.save()
        sets |= vouch.sets(one, *DECLARED)
    return finish(actor, row, "new_panel", sets=sets, reason=reason)

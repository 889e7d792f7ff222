"""The panel: its list sealed, drawn with a seed that nobody could know, vacant seats refilled."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.innovation.challenge_workflow import standard
from songhua.console.innovation.models import ExpertProfile, PanelDraw, PanelSeat
from songhua.console.innovation.services import expert_registry
from songhua.console.innovation.services.challenge_guards import newest_draw, sitting
from songhua.console.innovation.services.challenge_review import DECLARED
from songhua.console.innovation.services.challenge_rows import begin, finish
from songhua.console.ledger.services import vouch
from songhua.console.subsidies import access
from songhua.console.subsidies.models import Interest
from songhua.console.subsidies.services.registry import name_key
from songhua.console.subsidies.services.rows import append, locked, required
from songhua.governance.challenges.draw import Candidates, draw
from songhua.governance.challenges.seats import PanelRules
from songhua.governance.challenges.seed import candidates_of, digest, sealed_text, seed
from songhua.governance.challenges.ties import Party, Tie, tied
from songhua.kit import figures
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from datetime import date

    from songhua.console.innovation.models import Challenge
    from songhua.console.people.models import User
    from songhua.console.subsidies.models import Subject

DRAWN = ("public_value", "secret", "seed", "panel", "drawn_at")


def parties(challenge: Challenge) -> list[Party]:
    """Who has a stake: who asks, and everybody whose bid was opened; organisations by credit code
    and by name."""
    found = [Party(name_key(str(challenge.asks)))]
    for one in challenge.bids.exclude(label="").select_related("subject"):
        people = frozenset(name_key(name) for name in one.content["people"])
        found.append(Party(name_key(one.subject.name), people))
    return found + [Party(name_key(one.organisation_code)) for one in _subjects(challenge)]


def _subjects(challenge: Challenge) -> list[Subject]:
    asking = [challenge.subject] if challenge.subject else []
    return asking + [one.subject for one in challenge.bids.exclude(label="")]


def candidates(challenge: Challenge) -> Candidates:
    """The registry as it stands, with the ties to the parties of this challenge; stakes that the
    subsidies desk has listed count as recusals, and so does every declaration of this round."""
    listed = Interest.objects.filter(subject__in=access.family(_subjects(challenge)))
    users = set(listed.values_list("user", flat=True))
    left = PanelSeat.objects.filter(challenge=challenge, round=challenge.round, clear=False)
    recused = {one.code for one in ExpertProfile.objects.filter(user__in=users)}
    recused |= {one.expert.code for one in left.select_related("expert")}
    known = expert_registry.experts()
    sides = parties(challenge)
    ties = expert_registry.ties() + [Tie("recusal", one, sides[0].unit) for one in recused]
    bound = tied(known, sides, ties, clock.today(), standard().settings.ties)
    return Candidates(tuple(known), bound, PanelRules.model_validate(challenge.panel))


@transaction.atomic
def seal_list(
    actor: User, challenge: Challenge, *, public_source: str, public_on: date
) -> PanelDraw:
    """Fix the list of candidates, commit to a secret, and name the public value of a later day
    that will make the seed. Raises `Infeasible` at once where no panel can be lawful."""
    required(public_source=public_source)
    if public_on <= clock.today():
        raise InputError(Problem("public_on", "challenge_public_day_past", str(public_on)))
    row = begin(actor, challenge, "seal_list")
    found = candidates(row)
    draw(found, "")
    secret = secrets.token_hex(32)
    finish(actor, row, "seal_list")
    made = PanelDraw(
        challenge=row, round=row.round, text=sealed_text(found), tied=_plain(found), secret=secret,
        commitment=digest(secret), public_source=public_source.strip()[:200], public_on=public_on,
        sealed_by=actor, sealed_at=clock.now(),
    )  # fmt: skip
    return append(actor, made, "panel_list_sealed", "public_value", "seed", "panel", "drawn_at")


def _plain(found: Candidates) -> dict[str, list[str]]:
    return {expert: list(kinds) for expert, kinds in sorted(found.tied.items())}


@transaction.atomic
def draw_panel(actor: User, challenge: Challenge, *, public_value: str) -> PanelDraw:
    """Draw with the public value, once its day has come; the secret is published with it."""
    required(public_value=public_value)
    row = begin(actor, challenge, "draw")
    sealed = newest_draw(row)
    assert sealed is not None
    made = locked(sealed)
    made.public_value = figures.plain(public_value)[:200]
    made.seed = seed(made.secret, made.public_value, made.text)
    made.panel = list(draw(candidates_of(made.text), made.seed))
    made.drawn_at = clock.now()
    made.save()
    _seat(actor, row, made, made.panel)
    finish(actor, row, "draw", sets=vouch.sets(made, *DRAWN))
    return made


def _seat(actor: User, row: Challenge, made: PanelDraw, codes: list[str]) -> None:
    by_code = {one.code: one for one in ExpertProfile.objects.all()}
    for code in codes:
        one = PanelSeat(challenge=row, round=row.round, draw=made, expert=by_code[code])
        append(actor, one, "panel_seated", *DECLARED)


@transaction.atomic
def new_round(actor: User, challenge: Challenge, *, reason: str) -> Challenge:
    """Begin the review anew, with another list, seed and panel, where no panel can be filled."""
    row = begin(actor, challenge, "new_round", reason)
    row.round += 1
    return finish(actor, row, "new_round", "round", reason=reason)


@transaction.atomic
def replace(actor: User, challenge: Challenge) -> PanelDraw:
    """Draw for the seats left vacant, by the same seed from the list that was sealed before it was
    known, less those who are tied by now; who sits, stays. Raises `Infeasible` where nobody lawful
    is left."""
    row = begin(actor, challenge, "replace")
    before = newest_draw(row)
    assert before is not None
    sealed, now = candidates_of(before.text), candidates(row)
    listed = {one.id for one in sealed.experts}
    bound = {one: kinds for one, kinds in now.tied.items() if one in listed}
    found = Candidates(sealed.experts, bound, sealed.rules)
    keep = [one.expert.code for one in sitting(row).select_related("expert")]
    panel = list(draw(found, before.seed, keep))
    finish(actor, row, "replace")
    made = PanelDraw(
        challenge=row, round=row.round, text=sealed_text(found), tied=_plain(found), keep=keep,
        secret=before.secret, commitment=before.commitment, public_source=before.public_source,
        public_on=before.public_on, sealed_by=actor, sealed_at=clock.now(), seed=before.seed,
        public_value=before.public_value, panel=panel, drawn_at=clock.now(),
    )  # fmt: skip
    append(actor, made, "panel_replaced", *DRAWN)
    _seat(actor, row, made, [code for code in panel if code not in keep])
    return made


def record(made: PanelDraw) -> dict[str, object]:
    """Everything that anybody needs to draw again, once it is drawn."""
    return {
        "challenge": made.challenge.number, "list": made.text, "list_sha256": digest(made.text),
        "keep": made.keep, "secret": made.secret, "commitment": made.commitment,
        "public_source": made.public_source, "public_on": made.public_on.isoformat(),
        "public_value": made.public_value, "seed": made.seed, "panel": made.panel,
        "sealed_at": made.sealed_at.isoformat(), "definition": draw.__module__,
    }  # fmt: skip

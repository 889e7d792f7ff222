"""Bids: sealed when they come in, opened together after the closing second.

What is sealed is kept as one encrypted file; its key is made from the console's secret key and
the challenge, so an archive without that key says nothing. Nobody reads a bid early, its own
bidder included: they hold the receipt.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from songhua.console import clock, files
from songhua.console.innovation.challenge_access import bidding_subject
from songhua.console.innovation.challenge_workflow import standard
from songhua.console.innovation.models import Bid, BidPaper
from songhua.console.innovation.services.challenge_measured import figure, targets
from songhua.console.innovation.services.challenge_rows import begin, finish
from songhua.console.ledger.services import audit, vouch
from songhua.console.subsidies.services.registry import name_key
from songhua.console.subsidies.services.rows import append, locked, positive_fen
from songhua.governance.challenges import bids
from songhua.governance.challenges.draw import order
from songhua.kit import figures
from songhua.kit.errors import InputError, Problem
from songhua.kit.money import yuan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from songhua.console.innovation.models import Challenge
    from songhua.console.people.models import User
    from songhua.console.subsidies.models import Subject

OPENED = ("subject_id", "submitted_by_id", "content", "label")
SEALER = "sealed bid"  # who the log says has bid, until the bids are opened


def _key(challenge: Challenge) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), f"bids:{challenge.pk}".encode(), "sha256")


def bid(
    actor: User,
    challenge: Challenge,
    *,
    price_yuan: object,
    plan: str,
    people: Iterable[str],
    applicant_kind: str,
    promised: Mapping[str, object],
    papers: Sequence[tuple[str, bool, bytes]] = (),
) -> Bid:
    """揭榜: seal a bid. `papers` are (file name, blind, content); `promised` values by target. The
    plan and the papers marked blind are what experts read, so the plan names nobody. A later bid
    of the same bidder takes the place of an earlier one."""
    received_at = clock.now()
    with transaction.atomic():  # before anything is kept; asked again when it is entered
        begin(actor, challenge, "bid")
    subject = bidding_subject(actor)
    assert subject is not None
    team = [figures.plain(one) for one in people if one.strip()]
    content = {
        "subject": subject.organisation_code, "name": subject.name, "by": actor.username,
        "plan": plan.strip(), "people": team, "applicant_kind": applicant_kind,
    } | _checked(challenge, subject, team, plan, applicant_kind, price_yuan, promised)  # fmt: skip
    content["papers"] = [
        {"filename": name.replace("\\", "/").rpartition("/")[2][-200:], "blind": blind,
         "content": base64.b64encode(data).decode()}
        for name, blind, data in papers
    ]  # fmt: skip
    whole = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
    sealed, receipt = bids.seal(whole, _key(challenge))
    sha256, _ = files.keep([sealed], 2 * settings.UPLOAD_MAX_BYTES)
    with transaction.atomic():
        row = begin(actor, challenge, "bid")
        made = Bid.objects.create(
            challenge=row, subject=subject, submitted_by=actor, received_at=received_at,
            receipt=receipt, sha256=sha256,
        )  # fmt: skip
        audit.record(SEALER, "bid_sealed", vouch.subject(made), facts=vouch.facts(made))
        return made


def _checked(
    challenge: Challenge,
    subject: Subject,
    team: Sequence[str],
    plan: str,
    applicant_kind: str,
    price_yuan: object,
    promised: Mapping[str, object],
) -> dict[str, object]:
    """The figures as text, or everything that is wrong with the bid."""
    problems: list[Problem] = []
    price, values = 0, {}
    try:
        price = positive_fen(price_yuan, "price_yuan")
    except InputError as error:
        problems += error.problems
    if price > challenge.budget_fen:
        limit = yuan(challenge.budget_fen)
        problems.append(Problem("price_yuan", "challenge_above_budget", limit))
    if applicant_kind not in standard().settings.applicant_kinds:
        problems.append(Problem("applicant_kind", "challenge_applicant_kind", applicant_kind))
    if not plan.strip():
        problems.append(Problem("plan", "empty"))
    if not team:
        problems.append(Problem("people", "empty"))
    text = name_key(plan)
    for name in (subject.name, subject.organisation_code, *team):
        if len(name_key(name)) > 1 and name_key(name) in text:
            problems.append(Problem("plan", "challenge_plan_names", name))
    for target in targets(challenge):
        try:
            values[target.name] = str(figure(promised.get(target.name, ""), target.name))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return {"price_yuan": yuan(price), "promised": values}


@transaction.atomic
def open_bids(actor: User, challenge: Challenge) -> Challenge:
    """开标: the newest bid of every bidder is decrypted and checked against its receipt, all or
    none. Experts will know them by labels in an order that no bidder could foresee."""
    row = begin(actor, challenge, "open_bids")
    newest = {one.subject_id: one for one in row.bids.order_by("pk")}
    receipts = sorted(one.receipt for one in newest.values())
    places = order(receipts, "\n".join(receipts))
    sets: dict[str, dict[str, object]] = {}
    for one in newest.values():
        kept = locked(one)
        kept.content = _opened(row, kept)
        kept.label = f"{row.number}-{places.index(one.receipt) + 1:02}"
        for paper in kept.content.pop("papers"):
            _keep_paper(actor, kept, paper)
        kept.save()
        sets |= vouch.sets(kept, *OPENED)
    return finish(actor, row, "open_bids", sets=sets)


def _opened(challenge: Challenge, kept: Bid) -> dict[str, Any]:
    """The content of a bid, which must be by the subject that the row names."""
    assert challenge.closes is not None
    whole = bids.unseal(
        files.load(kept.sha256), _key(challenge), kept.receipt, clock.now(), challenge.closes
    )
    content: dict[str, Any] = json.loads(whole)
    if content["by"] != kept.submitted_by.username:
        raise InputError(Problem("bid", "bid_damaged", kept.receipt[:12]))
    return content


def _keep_paper(actor: User, kept: Bid, paper: dict[str, Any]) -> None:
    data = base64.b64decode(paper["content"])
    sha256, size = files.keep([data], settings.UPLOAD_MAX_BYTES)
    assert sha256 == hashlib.sha256(data).hexdigest()
    row = BidPaper(
        bid=kept, blind=paper["blind"], filename=paper["filename"], sha256=sha256, size=size
    )
    append(actor, row, "bid_paper_opened")

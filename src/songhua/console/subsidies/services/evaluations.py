"""绩效、验收 and 归档: what came of the money, if possible with evidence of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.subsidies.models import Evaluation
from songhua.console.subsidies.services.rows import append, begin, finish, take
from songhua.kit.errors import Conflict, Problem

if TYPE_CHECKING:
    from songhua.console.ledger.models import Evidence
    from songhua.console.people.models import User
    from songhua.console.subsidies.models import Application


@transaction.atomic
def evaluate(
    actor: User,
    application: Application,
    *,
    passed: bool,
    text: str,
    evidence: Evidence | None = None,
    run_id: str = "",
) -> Evaluation:
    """Judge the result. Evidence of the ledger must have been accepted there."""
    row = begin(actor, application, "evaluate", text)
    if evidence is not None and evidence.state != "accepted":
        raise Conflict(Problem("evidence", "subsidy_evidence_not_accepted", str(evidence)))
    finish(actor, row, "evaluate")
    made = Evaluation(
        application=row, passed=passed, text=text, evidence=evidence, run_id=run_id,
        made_by=actor, made_at=clock.now(),
    )  # fmt: skip
    return append(actor, made, "evaluation_made")


def archive(actor: User, application: Application) -> Application:
    """归档, once the result passed."""
    return take(actor, application, "archive")

"""The whole log held against its checkpoints: asked for on a page, and done by the worker, since
every hash is computed anew."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import orjson

from songhua.console import clock, jobs
from songhua.console.exchange.services import cosigning, evidence
from songhua.console.exchange.sharing_selectors import SEEING_ALL
from songhua.exchange.log import folder
from songhua.kit.errors import InputError, NotAllowed, Problem, SonghuaError

if TYPE_CHECKING:
    from songhua.console.people.models import User

NAME = "verification.json"  # beside the log's files
MOST = 100  # findings that are kept word for word


@dataclass(frozen=True)
class Verification:
    """When it was asked for and done (None: it waits for the worker), how many events the
    checkpoints cover, in how many places something does not hold, and the first of them."""

    asked_at: datetime
    done_at: datetime | None = None
    size: int = 0
    count: int = 0
    findings: tuple[Problem, ...] = ()


def ask(actor: User) -> None:
    """Have the whole log verified. Raises ``log_no_checkpoint`` before the first checkpoint."""
    if actor.role not in SEEING_ALL:
        raise NotAllowed(Problem("role", "role_may_not", actor.get_role_display()))
    if cosigning.standing() is None:
        raise InputError(Problem("log", "log_no_checkpoint"))
    _keep(Verification(clock.now()))
    jobs.verify_log.enqueue()


def carry_out() -> str:
    """Verify the log as it is now."""
    asked, standing = newest(), cosigning.standing()
    if asked is None or standing is None:
        return ""
    try:
        findings = tuple(cosigning.verify())
    except SonghuaError as error:
        findings = error.problems
    size, count = standing.checkpoint.size, len(findings)
    _keep(Verification(asked.asked_at, clock.now(), size, count, findings[:MOST]))
    return f"{count} findings in {size} events"


def newest() -> Verification | None:
    """The last verification that somebody asked for."""
    path = evidence.root() / NAME
    if not path.exists():
        return None
    found = orjson.loads(path.read_bytes())
    for name in ("asked_at", "done_at"):
        found[name] = found[name] and datetime.fromisoformat(found[name])
    found["findings"] = tuple(Problem(**one) for one in found["findings"])
    return Verification(**found)


def _keep(made: Verification) -> None:
    folder.replace(evidence.root() / NAME, orjson.dumps(asdict(made)).decode())

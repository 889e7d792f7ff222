"""What must be true before data about people are shown: nothing is opened before it was looked at,
and what is told with noise is paid for from a budget that never fills up again."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from django.db import transaction

from songhua.console import clock
from songhua.console.exchange import grants
from songhua.console.exchange.models import Distribution, NoisyRelease
from songhua.console.exchange.services import contents, entries, evidence
from songhua.console.ledger.services import audit, vouch
from songhua.exchange.privacy.budget import Budget
from songhua.exchange.privacy.keys import recipient_key
from songhua.exchange.privacy.releases import Release, release
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from songhua.console.exchange.models import Entry
    from songhua.console.people.models import User
    from songhua.exchange.privacy.deidentification import Policy, RiskReport
    from songhua.exchange.privacy.questions import Question
    from songhua.exchange.privacy.risk import Risk

EPSILON = Decimal(3)
"""默认值: what all noisy figures of one table may spend together; no office has set it."""


@transaction.atomic
def open_to_all(
    actor: User, entry: Entry, quasi_identifiers: Sequence[str] = (), sensitive: Sequence[str] = (),
    looked_at: Sequence[str] = (),
) -> Entry:  # fmt: skip
    """Open a dataset to everybody, remembering what its provider says of people in it. Raises
    `InputError` with every obstacle."""
    opened = {"quasi_identifiers": quasi_identifiers, "sensitive": sensitive,
              "looked_at": looked_at}  # fmt: skip
    about = entry.about | {"opening": {role: list(names) for role, names in opened.items()}}
    return entries.change(actor, entry, {"is_open": True, "about": about})


@transaction.atomic
def tell_with_noise(actor: User, table: Distribution, question: Question) -> NoisyRelease:
    """The answer to a question about people with noise; the same question gets the same answer and
    costs nothing more. The version asked about is the present one.

    Raises `Conflict` where the budget does not suffice.
    """
    entries.demand(actor, table.entry.unit)
    audit.hold()
    rows = Distribution.objects.select_for_update(of=("self",)).select_related("current")
    row = rows.get(pk=table.pk)
    if question.rows:
        raise InputError(Problem("rows", "exchange_noise_rows", question.rows))
    name = str(row.sql_name)
    asked = question.model_copy(update={"dataset": name, "version": str(row.current.number)})
    before = {made.key: made for made in row.noisy.all()}
    spent = {key: Decimal(made.epsilon) for key, made in before.items()}
    if asked.key() in before:
        return before[asked.key()]
    budget = Budget(name, EPSILON, spent)
    told, after = release(asked, contents.frame(row.current), budget, {})
    made = NoisyRelease.objects.create(
        distribution=row, key=told.key, question=asked.model_dump(mode="json"),
        epsilon=str(told.epsilon), mechanism=told.mechanism, figures=_plain(told),
        accuracy="" if told.accuracy is None else str(told.accuracy), made_by=actor,
        made_at=clock.now(),
    )  # fmt: skip
    audit.record(actor, "noisy_release", vouch.subject(made), facts=vouch.facts(made))
    evidence.record("noisy_release", table=name, key=told.key, epsilon=made.epsilon,
                    left=str(after.left), by=actor.username)  # fmt: skip
    return made


def measured(
    actor: User, table: Distribution, quasi_identifiers: Sequence[str], sensitive: Sequence[str]
) -> Risk:
    """How well people hide in a table as it is. Raises `InputError` for a column it does not
    have."""
    from songhua.exchange.privacy.risk import measure

    entries.demand(actor, table.entry.unit)
    known = table.current.schema()
    unknown = [name for name in (*quasi_identifiers, *sensitive) if name not in known]
    if unknown:
        raise InputError([Problem(n, "privacy_column_unknown", n) for n in unknown])
    return measure(contents.frame(table.current), quasi_identifiers, sensitive)


def budget_left(table: Distribution) -> Decimal:
    """What noisy figures about a table may still spend."""
    return EPSILON - sum((Decimal(made.epsilon) for made in table.noisy.all()), Decimal(0))


def _plain(told: Release) -> dict[str, str]:
    return {name: str(figure) for name, figure in told.figures.items()}


def deidentified(
    actor: User, table: Distribution, policy: Policy, name: str
) -> tuple[Distribution, RiskReport]:
    """A copy of a table without what points to people, as a table of its own in the same dataset;
    and what can still be learned from it."""
    from songhua.exchange.privacy.deidentification import deidentify

    entries.demand(actor, table.entry.unit)
    key = recipient_key(grants.root_secret(), str(table.uid), "release")
    frame, report = deidentify(contents.frame(table.current).drop(contents.ROW), policy, key)
    said = {c["name"]: c for c in table.current.columns}
    columns = [
        {**said.get(column, {}), "name": column, "type": _type(frame.schema[column])}
        for column in frame.columns
    ]
    with TemporaryDirectory() as work, transaction.atomic():
        file = Path(work) / "rows.parquet"
        frame.write_parquet(file)
        given = {"name": name, "form": "CSV", "sql_name": entries.sql_name(table.entry)}
        made = entries.distribute(actor, table.entry, given)
        contents.adopt(actor, made, columns, file)
    return made, report


def _type(dtype: Any) -> str:
    """The kept type of a column; generalised values are text."""
    return next((name for name, kept in contents.TYPES.items() if dtype == kept), "TEXT")

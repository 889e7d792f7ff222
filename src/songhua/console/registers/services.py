"""Records of registers: entered, then confirmed or returned by somebody else, or withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from songhua.console import clock, files
from songhua.console.ledger.services import audit, vouch
from songhua.console.ledger.services.programme import current
from songhua.console.people.models import Role
from songhua.console.people.services import unit_named
from songhua.console.registers.models import RegisterRecord
from songhua.console.subsidies.access import demand
from songhua.console.subsidies.services.rows import append, locked, required
from songhua.kit import figures
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem
from songhua.tables import Field, match, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from songhua.console.people.models import User
    from songhua.programmes.registers import Register
    from songhua.tables import Record

FACTS = ("register", "name", "unit_id", "day", "zone", "values", "filename", "sha256", "size",
         "entered_by_id", "entered_at")  # fmt: skip
DECIDED = ("state", "opinion", "decided_by_id", "decided_at")
State = RegisterRecord.State


def register_of(code: str) -> Register:
    """The programme's register. Raises `InputError` where it has none of that code."""
    try:
        return current().register(code)
    except KeyError as error:
        raise InputError(Problem("register", "register_unknown", code)) from error


def enter(
    actor: User,
    code: str,
    given: Mapping[str, object],
    *,
    filename: str = "",
    chunks: Iterable[bytes] = (),
) -> RegisterRecord:
    """Enter a record, by staff for their unit or by the office for any: name, unit, day, zone and
    the register's fields, with a paper that shows it where there is one."""
    demand(actor, Role.OFFICE, Role.STAFF)
    row = _read(actor, register_of(code), given)
    if filename:
        row.sha256, row.size = files.keep(chunks, settings.UPLOAD_MAX_BYTES)
        row.filename = filename.replace("\\", "/").rpartition("/")[2][-200:]
    with transaction.atomic():
        audit.hold()
        return _append(actor, row)


def _read(actor: User, register: Register, given: Mapping[str, object]) -> RegisterRecord:
    """The record as given, not yet stored; or every problem of it at once."""
    problems: list[Problem] = []
    values: dict[str, str] = {}
    name = figures.plain(given.get("name") or "")
    if not name or len(name) > 200:
        problems.append(Problem("name", "register_too_long" if name else "empty", "200"))
    day = given.get("day")
    if not day:
        problems.append(Problem("day", "empty"))
    elif day > clock.today():
        problems.append(Problem("day", "register_future", str(day)))
    unit = actor.unit if actor.role == Role.STAFF else given.get("unit")
    if unit is None:
        problems.append(Problem("unit", "empty"))
    zone = str(given.get("zone") or "")
    if zone and zone not in {z.code for z in current().zones}:
        problems.append(Problem("zone", "register_zone_unknown", zone))
    try:
        values = register.read(given)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)
    return RegisterRecord(
        register=register.code, name=name, unit=unit, day=day, zone=zone, values=values,
        entered_by=actor, entered_at=clock.now(),
    )  # fmt: skip


def _append(actor: User, row: RegisterRecord) -> RegisterRecord:
    alive = RegisterRecord.objects.exclude(state__in=(State.RETURNED, State.WITHDRAWN))
    if alive.filter(register=row.register, name=row.name, day=row.day, unit=row.unit).exists():
        raise InputError(Problem("name", "register_twice", row.name))
    return append(actor, row, "register_entered", *DECIDED)


@transaction.atomic
def decide(actor: User, record: RegisterRecord, *, confirmed: bool, opinion: str) -> RegisterRecord:
    """Confirm or return, by the office and never by who entered it. A return says why."""
    demand(actor, Role.OFFICE)
    if not confirmed:
        required(opinion=opinion)
    row = locked(record)
    if row.entered_by_id == actor.pk:
        raise NotAllowed(Problem("confirmed", "own_submission"))
    if row.state != State.ENTERED:
        raise Conflict(Problem("state", "register_decided", row.get_state_display()))
    return _set(actor, row, State.CONFIRMED if confirmed else State.RETURNED, opinion)


@transaction.atomic
def withdraw(actor: User, record: RegisterRecord, *, reason: str) -> RegisterRecord:
    """Take a confirmed record out of the count, by the office, with its reason."""
    demand(actor, Role.OFFICE)
    required(reason=reason)
    row = locked(record)
    if row.state != State.CONFIRMED:
        raise Conflict(Problem("state", "register_not_confirmed", row.get_state_display()))
    return _set(actor, row, State.WITHDRAWN, reason)


def _set(actor: User, row: RegisterRecord, state: str, opinion: str) -> RegisterRecord:
    row.state, row.opinion = state, opinion.strip()
    row.decided_by, row.decided_at = actor, clock.now()
    row.save(update_fields=["state", "opinion", "decided_by", "decided_at"])
    audit.record(
        actor, f"register_{state}", vouch.subject(row), reason=row.opinion,
        sets=vouch.sets(row, *DECIDED),
    )  # fmt: skip
    return row


def headings(register: Register) -> list[str]:
    """The columns of the register as a workbook, in order."""
    common = ["名称", "责任单位", register.day_zh, "示范区"]
    return [*common, *(field.zh for field in register.fields)]


def bring(actor: User, code: str, filename: str, data: bytes) -> int:
    """Enter every row of a workbook (columns as in ``headings``), or none; how many. Raises
    `InputError` with each problem at its cell."""
    demand(actor, Role.OFFICE, Role.STAFF)
    register = register_of(code)
    found = match(read(data, filename), _fields(register), key=("name", "day"))
    problems: list[Problem] = []
    with transaction.atomic():
        audit.hold()
        for record in found:
            try:
                _append(actor, _read(actor, register, record.values))
            except InputError as error:
                problems += [_placed(record, problem) for problem in error.problems]
        if problems:
            raise InputError(problems)
    return len(found)


def _placed(record: Record, problem: Problem) -> Problem:
    place = record.place(problem.where)
    return Problem(place, problem.code, problem.value, record.row, problem.where)


def _fields(register: Register) -> list[Field]:
    zones = {name: z.code for z in current().zones for name in (z.code, z.name_zh, z.name_en)}

    def plain(cell: object, where: str) -> str:
        return figures.plain(cell)

    def zone(cell: object, where: str) -> str:
        return zones.get(figures.plain(cell), figures.plain(cell))

    return [
        Field("name", ("名称", "Name"), plain),
        Field("unit", ("责任单位", "Unit"), unit_named, required=False),
        Field("day", (register.day_zh, register.day_en, "日期"), figures.day),
        Field("zone", ("示范区", "Zone"), zone, required=False),
        *(
            Field(each.code, (each.zh, each.en), lambda cell, where: cell, each.required)
            for each in register.fields
        ),
    ]

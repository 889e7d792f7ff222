"""Office files into the ledger: kept first, then checked as a whole, then saved as a whole.

The file lies on disk under its digest before anybody answers, so a killed process loses nothing;
its rows are written in one transaction together with the batch's state, so none is ever half
there. Reading and checking happen outside that transaction.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from songhua.console import clock, files, jobs
from songhua.console.ledger.models import (
    ImportBatch,
    MonthlyReport,
    Task,
)
from songhua.console.ledger.services import audit, indicators, plans, reports, tasks, vouch
from songhua.console.ledger.services.import_fields import CODE, FIELDS, Kind, records
from songhua.console.people.models import Role, User
from songhua.kit.errors import InputError, NotAllowed, Problem, SonghuaError
from songhua.tables import (
    Grid,
    Limits,
    check_upload,
    error_sheet,
    read,
    read_pasted,
    to_xlsx,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from songhua.kit.messages import Language
    from songhua.tables import Record


FOR_STAFF = (Kind.REPORTS, Kind.PLANS)


def kinds_for(actor: User) -> dict[str, str]:
    """What this person may bring in."""
    kinds = {Role.OFFICE: tuple(Kind), Role.STAFF: FOR_STAFF}.get(actor.role, ())
    return {kind.value: kind.label for kind in map(Kind, kinds)}


def columns(kind: str) -> list[str]:
    """The headings of a kind, as the template and the paste page show them."""
    return [field.titles[0] for field in FIELDS[kind][0]]


def template(kind: str) -> bytes:
    """An empty sheet with the headings."""
    return to_xlsx(Kind(kind).label, columns(kind), [])


def receive(
    actor: User, kind: str, filename: str, chunks: Iterable[bytes], *, size: int | None = None
) -> ImportBatch:
    """Keep a file and queue it. A file that is too large or not what it says is refused here."""
    if kind not in kinds_for(actor):
        raise NotAllowed(Problem("kind", "role_may_not", actor.get_role_display()))
    limit = settings.UPLOAD_MAX_BYTES
    if size is not None and size > limit:
        raise InputError(Problem("file", "file_too_large", f"{limit // 1024 // 1024} MB"))
    name = filename.replace("\\", "/").rpartition("/")[2][-200:]
    sha256, kept = files.keep(
        chunks, limit, lambda path: check_upload(path, name, Limits(max_bytes=limit))
    )
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            kind=kind, filename=name, sha256=sha256, size=kept, uploaded_by=actor,
            uploaded_at=clock.now(),
        )  # fmt: skip
        audit.record(
            actor, "import_received", f"import:{batch.pk}", kind=kind, sha256=sha256, name=name
        )
    jobs.process_import.enqueue(batch.pk)
    return batch


def process(pk: int) -> str:
    """Check and save one batch; harmless when it was done already. Its state."""
    batch = ImportBatch.objects.select_related("uploaded_by__unit").get(pk=pk)
    if batch.state in {ImportBatch.State.DONE, ImportBatch.State.REFUSED}:
        return batch.state
    ImportBatch.objects.filter(pk=pk, state=ImportBatch.State.RECEIVED).update(
        state=ImportBatch.State.RUNNING
    )
    try:
        grid = read(files.load(batch.sha256), batch.filename)
        with transaction.atomic():
            audit.hold()
            if ImportBatch.objects.get(pk=pk).state == ImportBatch.State.DONE:
                return ImportBatch.State.DONE  # another worker was quicker
            rows = take_in(batch.uploaded_by, batch.kind, grid, batch)
            ImportBatch.objects.filter(pk=pk).update(
                state=ImportBatch.State.DONE, rows=rows, finished_at=clock.now()
            )
    except SonghuaError as error:
        return _refuse(batch, error.problems)
    except Exception:
        # Ours to mend: nothing was saved, the user is told, and the job's log has the traceback.
        _refuse(batch, [Problem(batch.filename, "import_failed")])
        raise
    return ImportBatch.State.DONE


@transaction.atomic
def _refuse(batch: ImportBatch, problems: Sequence[Problem]) -> str:
    ImportBatch.objects.filter(pk=batch.pk).update(
        state=ImportBatch.State.REFUSED,
        problems=[asdict(p) for p in problems],
        finished_at=clock.now(),
    )
    audit.record(batch.uploaded_by, "import_refused", f"import:{batch.pk}", problems=len(problems))
    return ImportBatch.State.REFUSED


def take_in(actor: User, kind: str, grid: Grid, batch: ImportBatch) -> int:
    """Save every row of a grid, or raise with every problem. Must run in a transaction."""
    found = records(kind, grid)
    if not found:
        raise InputError(Problem(batch.filename, "import_without_rows"))
    return TAKE[kind](actor, found, batch)


def take_in_pasted(actor: User, text: str) -> int:
    """Monthly reports pasted from a spreadsheet, through the same checks."""
    if Kind.REPORTS not in kinds_for(actor):
        raise NotAllowed(Problem("kind", "role_may_not", actor.get_role_display()))
    grid = read_pasted(text)
    sha256, size = files.keep([text.encode()], settings.UPLOAD_MAX_BYTES)
    with transaction.atomic():
        audit.hold()
        batch = ImportBatch.objects.create(
            kind=Kind.REPORTS, filename="pasted.tsv", sha256=sha256, size=size,
            uploaded_by=actor, uploaded_at=clock.now(), state=ImportBatch.State.DONE,
            finished_at=clock.now(),
        )  # fmt: skip
        rows = take_in(actor, Kind.REPORTS, grid, batch)
        ImportBatch.objects.filter(pk=batch.pk).update(rows=rows)
    return rows


def error_file(batch: ImportBatch, language: Language) -> bytes:
    """Every problem with its row, column, value and way out."""
    return error_sheet([Problem(**p) for p in batch.problems], language)


def _tasks_of(actor: User, records: list[Record]) -> dict[str, Task]:
    """The tasks named in the file that this person may report on; unknown ones are problems."""
    rows = Task.objects.visible_to(actor).select_related("lead_unit")
    if actor.role == Role.STAFF:
        rows = rows.filter(lead_unit=actor.unit)
    wanted = {str(r.values["task"]) for r in records}
    found = {t.code: t for t in rows if t.code in wanted}
    unknown = [
        Problem("task", "task_unknown", str(r.values["task"]), r.row, CODE.titles[0])
        for r in records
        if str(r.values["task"]) not in found
    ]
    if unknown:
        raise InputError(unknown)
    return found


def _reports(actor: User, records: list[Record], batch: ImportBatch) -> int:
    found = _tasks_of(actor, records)
    records = sorted(records, key=lambda r: (str(r.values["task"]), r.values["month"]))
    drafts = [
        reports.ReportDraft(
            found[str(r.values["task"])], r.values["month"], r.values["percent"],
            str(r.values.get("summary") or ""), str(r.values.get("reason") or ""),
        )
        for r in records
    ]  # fmt: skip
    made = reports.Ledger.of(drafts).check(actor, drafts, [r.row for r in records])
    reports.append_reports(actor, made, batch)
    _record(actor, batch, made)
    return len(made)


def _plans(actor: User, records: list[Record], batch: ImportBatch) -> int:
    found = _tasks_of(actor, records)
    entries = [
        (
            found[str(r.values["task"])], r.values["month"], r.values["percent"],
            str(r.values.get("content") or ""), r.row,
        )
        for r in records
    ]  # fmt: skip
    made = plans.append_plans(actor, plans.check_plans(actor, entries))
    audit.record(actor, "import_done", f"import:{batch.pk}", rows=len(made))
    return len(made)


def _new_tasks(actor: User, records: list[Record], batch: ImportBatch) -> int:
    problems: list[Problem] = []
    for r in records:
        v = r.values
        try:
            task = tasks.create(
                actor, code=str(v["task"]), title=str(v["title"]), obligation=v["obligation"],
                lead_unit=v["unit"], start=v["start"], due=v["due"],
                enterprise=str(v.get("enterprise") or ""),
                credit_code=str(v.get("credit_code") or ""),
            )  # fmt: skip
            tasks.act(actor, task, "activate")
        except InputError as error:
            problems += [Problem(p.where, p.code, p.value, r.row, p.where) for p in error.problems]
    if problems:
        raise InputError(problems)
    audit.record(actor, "import_done", f"import:{batch.pk}", rows=len(records))
    return len(records)


def _figures(actor: User, records: list[Record], batch: ImportBatch) -> int:
    problems: list[Problem] = []
    for r in sorted(records, key=lambda r: (r.values["indicator"].pk, r.values["month"])):
        v = r.values
        given = {"month": v["month"], "value": v["value"], "reason": v.get("reason") or ""}
        try:
            indicators.submit(actor, v["indicator"], given)
        except InputError as error:
            problems += [Problem(p.where, p.code, p.value, r.row, p.where) for p in error.problems]
    if problems:
        raise InputError(problems)
    audit.record(actor, "import_done", f"import:{batch.pk}", rows=len(records))
    return len(records)


def _record(actor: User, batch: ImportBatch, made: list[MonthlyReport]) -> None:
    audit.record(
        actor, "import_done", f"import:{batch.pk}", rows=len(made), bulk=[vouch.bulk(made)]
    )


TAKE: dict[str, Callable[[User, list[Record], ImportBatch], int]] = {
    Kind.REPORTS: _reports,
    Kind.PLANS: _plans,
    Kind.TASKS: _new_tasks,
    Kind.INDICATORS: _figures,
}

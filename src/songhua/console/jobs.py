"""What the worker does. A job takes keys, reads its record, and may be run twice without harm."""

from __future__ import annotations

from django_tasks import task


@task()
def process_import(pk: int) -> str:
    """Bring an uploaded file into the ledger: all of it or nothing."""
    from songhua.console.ledger.services import imports

    return str(imports.process(pk))


@task()
def daily_clock() -> dict[str, int]:
    """Open windows, renew lights, climb the ladder, drop what is kept no longer: once a day, and
    harmless twice."""
    from songhua.console.consultation.services import contacts
    from songhua.console.exchange.services import contents, declared, delivery, sharing
    from songhua.console.ledger.services import notices
    from songhua.console.runs.services import retention

    return {
        **notices.daily_clock(),
        "tables dropped": retention.expire(),
        "requests expired": sharing.expire(),
        **declared.follow(),
        "exchange files dropped": contents.sweep(),
        "parcels expired": delivery.expire(),
        "contacts deleted": contacts.forget(),
    }


@task()
def next_work() -> str:
    """Take the oldest table or run that waits, and see it to its end; what a run wrote is taken
    into the catalogue."""
    from songhua.console import worker
    from songhua.console.exchange.services import declared
    from songhua.console.runs.services import supervise

    done = supervise.next_work(worker.stopping)
    if done.startswith("run:"):
        declared.publish()
    return done


@task()
def send_commands() -> int:
    """Send the approved commands that are due to their plants."""
    from songhua.console.heating.services import outbox

    return outbox.send_due()


@task()
def next_parcel() -> str:
    """Make the oldest file that somebody waits for."""
    from songhua.console.exchange.services import delivery

    return delivery.make_next()


@task()
def next_intake() -> str:
    """Check the oldest big file that a department brought."""
    from songhua.console.exchange.services import intake

    return intake.check_next()


@task()
def verify_log() -> str:
    """Hold the whole evidence log against its checkpoints."""
    from songhua.console.exchange.services import verifying

    return verifying.carry_out()


@task()
def next_harvest() -> str:
    """Make the oldest visit to another catalogue that somebody asked for."""
    from songhua.console.exchange.services import harvesting

    return harvesting.next_one()

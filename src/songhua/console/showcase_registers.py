"""What the demonstration shows of the registers: a few simulated records, one of them waiting."""

from __future__ import annotations

from datetime import date, timedelta

from songhua.console import clock
from songhua.console.ledger.services.programme import current
from songhua.console.people.models import Role, User
from songhua.console.registers import services

UNIT = "science_technology_bureau"
SAMPLES = {"text": "模拟单位", "figure": "12", "money": "1200000.00", "day": "2023-06-30"}


def play_registers(day: date) -> None:
    """A record of every kind of every register, entered by a bureau and confirmed by the office;
    the last of each register still waits. All through the real services; all simulated."""
    staff = User.objects.filter(role=Role.STAFF, unit__code=UNIT).order_by("pk")[0]
    office = User.objects.filter(role=Role.OFFICE).order_by("pk")[0]
    for register in current().registers:
        kind = next((field for field in register.fields if field.kind == "choice"), None)
        options = kind.options if kind else ()
        for number, option in enumerate(options or (None,)):
            given = {
                field.code: field.options[number % len(field.options)].code
                if field.options
                else SAMPLES[field.kind]
                for field in register.fields
            }
            named = f"{option.zh if option else register.name_zh}（模拟）"
            given |= {"name": named, "day": day - timedelta(days=60 - number)}
            with clock.pinned(day - timedelta(days=20 - number)):
                row = services.enter(staff, register.code, given)
            if number < len(options) - 1 or not options:
                with clock.pinned(day - timedelta(days=2)):
                    services.decide(office, row, confirmed=True, opinion="资料齐全")

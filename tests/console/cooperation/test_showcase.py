"""What the demonstration shows is made by the services, and all of it says that it is simulated."""

from __future__ import annotations

from datetime import date

from songhua.console import clock
from songhua.console.cooperation import showcase as cooperation
from songhua.console.cooperation.models import Contest, Prize
from songhua.console.cooperation.shelf import KINDS
from songhua.console.innovation import showcase as innovation
from songhua.console.innovation.models import Achievement, MatchDecision
from songhua.console.ledger.services import vouch
from songhua.console.ledger.services.programme import load_programme
from songhua.console.people.models import Unit
from songhua.console.people.services import create_account
from songhua.console.subsidies.services import registry

from ..bureau import CODE

DEMO = date(2023, 9, 15)


def test_the_demonstration_has_a_record_of_every_kind(db):
    with clock.pinned(date(2023, 1, 4)):
        load_programme("setup")
        people = {
            name: create_account(
                "setup", username=name, name=name, role=role, unit=unit, credit_code=code,
                password_hash="x",
            )[0]
            for name, role, unit, code in (
                ("office", "office", None, ""), ("enterprise", "enterprise", None, CODE),
                ("staff", "staff", Unit.objects.get(code=cooperation.UNIT), ""),
                ("reviewer", "reviewer", None, ""),
            )
        }  # fmt: skip
        registry.register(
            people["enterprise"], kind="enterprise", name="示范企业", credit_code=CODE,
            since=date(2020, 1, 1),
        )  # fmt: skip
    innovation.show(DEMO)
    cooperation.show(DEMO)
    missing = [kind.key for kind in KINDS if not kind.model._default_manager.exists()]
    assert missing == ["referrals"], "these come from applications"
    assert sorted(Contest.objects.values_list("state", flat=True)) == ["awarded", "open"]
    assert Prize.objects.get().title == "一等奖"
    assert MatchDecision.objects.get().accepted
    assert all("模拟" in one.title for one in Achievement.objects.all())
    assert not list(vouch.unvouched())

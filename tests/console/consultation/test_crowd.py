"""A crowd speaks to a real server: nothing that was acknowledged is lost, whatever happens to the
server, and nothing counts after the closing second. No assertion looks at how fast it went."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ..processes import Installation, own_database, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

pytestmark = pytest.mark.slow

CROWD = Path(__file__).parents[3] / "benchmarks" / "consultation" / "crowd.py"
ON_POSTGRESQL = bool(os.environ.get("SONGHUA_DATABASE_URL"))
RATE = 200
KEPT = """
import json
from songhua.console.consultation.models import Contact, Opinion
from songhua.console.ledger.services import audit
rows = Opinion.objects.values_list("text", "receipt", "received_at", "contact__name")
print(json.dumps({
    "rows": [[text, receipt, at.timestamp(), name] for text, receipt, at, name in rows],
    "contacts": Contact.objects.count(),
    "findings": [finding.subject for finding in audit.verify()],
}))
"""


def crowd() -> ModuleType:
    spec = importlib.util.spec_from_file_location("crowd", CROWD)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def home(tmp_path) -> Iterator[Installation]:
    """A server behind a proxy, on the real day."""
    with own_database(ON_POSTGRESQL) as url:
        made = Installation(tmp_path / "home", url, day="")
        made.environment["SONGHUA_ORIGINS"] = "https://example.org"
        made.run("manage", "migrate", "--verbosity", "0")
        try:
            yield made
        finally:
            made.stop()


def prepared(home: Installation, *, seconds: float, forms: int) -> dict[str, object]:
    """An open consultation and forms that were shown long enough ago to be sent."""
    code = crowd().PREPARE.format(seconds=seconds, forms=forms)
    asked = json.loads(home.inside(code).splitlines()[-1])
    time.sleep(3.2)
    return asked


def gathered(home: Installation, asked: dict[str, object]) -> subprocess.Popen[str]:
    """The crowd at work, in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, str(CROWD), str(home.port), str(RATE)], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    process.stdin.write(json.dumps(asked))
    process.stdin.close()
    return process


def told(process: subprocess.Popen[str]) -> list[list[object]]:
    """What everybody was told: text, begun, ended, status, receipt."""
    answers = json.loads(process.stdout.read())
    assert process.wait(60) == 0
    return answers


def kept(home: Installation) -> dict[str, object]:
    """What the records hold, each opinion once, with its contact and its line in the log."""
    found = json.loads(home.inside(KEPT).splitlines()[-1])
    assert len({text for text, *_ in found["rows"]}) == len(found["rows"]) == found["contacts"]
    assert {name for *_, name in found["rows"]} <= {"张三"}
    assert found["findings"] == []
    return found


def test_half_a_minute_of_a_crowd_ends_at_the_closing_second(home):
    home.web()
    asked = prepared(home, seconds=40, forms=RATE * 30)
    time.sleep(max(0.0, asked["closes"] - time.time() - 25))
    answers = told(gathered(home, asked))
    rows = {text: (receipt, at) for text, receipt, at, _ in kept(home)["rows"]}
    accepted = {text: receipt for text, _, _, status, receipt in answers if status == 302}
    assert {text: receipt for text, (receipt, _) in rows.items()} == accepted
    end = int(asked["closes"]) + 1
    assert all(at < end for _, at in rows.values())
    for _, begun, ended, status, _ in answers:
        assert status in {302, 422}
        if ended < end:
            assert status == 302
        if begun >= end:
            assert status == 422
    assert {status for *_, status, _ in answers} == {302, 422}


def test_what_was_acknowledged_outlives_a_server_that_is_killed(home):
    server = home.web()
    asked = prepared(home, seconds=600, forms=RATE * 10)
    process = gathered(home, asked)
    for count in (2, 6):
        until(lambda most=count * RATE: _stored(home) >= most // 4, 60)
        home.kill(server)
        server = home.web()
    answers = told(process)
    rows = {text: receipt for text, receipt, *_ in kept(home)["rows"]}
    accepted = {text: receipt for text, _, _, status, receipt in answers if status == 302}
    assert accepted.items() <= rows.items()
    assert any(status == 0 for *_, status, _ in answers), "no kill ever met the crowd"
    # Who was cut off sends the same form again, and counts once whether or not it had been taken.
    again = [form for form, answer in zip(asked["forms"], _by_turn(answers), strict=True)
             if answer[3] == 0]  # fmt: skip
    turns = [number for number, answer in enumerate(_by_turn(answers)) if answer[3] == 0]
    repeated = told(gathered(home, asked | {"forms": again, "turns": turns}))
    assert {status for *_, status, _ in repeated} == {302}
    assert len(kept(home)["rows"]) == len(asked["forms"])


def _by_turn(answers: list[list[object]]) -> list[list[object]]:
    """The answers in the order of the forms, which is that of their numbers."""
    return sorted(answers, key=lambda answer: int(answer[0][1 : answer[0].index("号")]))


def _stored(home: Installation) -> int:
    counted = (
        "from songhua.console.consultation.models import Opinion\nprint(Opinion.objects.count())"
    )
    return int(home.inside(counted).splitlines()[-1])

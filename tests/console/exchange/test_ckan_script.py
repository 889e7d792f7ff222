"""The calls of the benchmark's script are answered here as CKAN 2.12 answered them: what it said is
kept beside this file, normalised (`script.plain`). `make bench AREA=exchange` asks it anew."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from ..processes import Installation, own_database

HERE = Path(__file__).parent
SCRIPT = HERE.parents[2] / "benchmarks" / "exchange"
SAID = json.loads((HERE / "ckan_2_12.json").read_text(encoding="utf-8"))
TWO_UNITS = """
from songhua.console.api import tokens
from songhua.console.people.models import Unit, User
for code, name in (("weather", "气象局"), ("harbour", "港务局")):
    Unit.objects.create(code=code, name_zh=name, name_en=code, kind="bureau")
admin = User.objects.create_user("admin", password=None, role="office")
print(tokens.make(admin, name="script", scopes=["read", "exchange"], days="30")[1])
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Our answers, by label."""
    sys.path.insert(0, str(SCRIPT))
    try:
        import script
    finally:
        sys.path.remove(str(SCRIPT))
    with own_database(bool(os.environ.get("SONGHUA_DATABASE_URL"))) as url:
        made = Installation(tmp_path_factory.mktemp("script") / "home", url)
        made.environment["SONGHUA_API_RATE"] = "100000"
        made.run("manage", "migrate", "--verbosity", "0")
        token = made.inside(TWO_UNITS).split()[-1]
        made.web()
        try:
            yield script.answers(f"http://127.0.0.1:{made.port}", token)
        finally:
            made.stop()


def test_the_script_asks_for_what_was_kept(answers):
    assert answers.keys() == SAID.keys() and len(SAID) >= 170


@pytest.mark.parametrize("label", SAID)
def test_the_answer_is_that_of_ckan(answers, label):
    assert answers[label] == SAID[label]

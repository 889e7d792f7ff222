"""Two departments and the office share a table in real browsers: asked, passed, previewed, granted,
delivered, used and told, found wrong in one place and answered; every page without an axe finding
and no wider than a telephone's window."""

from __future__ import annotations

import pytest

from .test_pages import violations
from .test_subsidies import PASSWORD, TESTS, Desk, send

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PREPARE = f"""
import sys; sys.path.insert(0, {str(TESTS)!r})
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
import polars as pl
from django.contrib.auth.hashers import make_password
from console.exchange.conftest import COLUMNS, ROWS
from songhua.console.exchange.services import contents, entries
from songhua.console.ledger.services.programme import load_programme
from songhua.console.people.models import Unit
from songhua.console.people.services import create_account
load_programme("test")
hashed, (asks, gives) = make_password({PASSWORD!r}), Unit.objects.order_by("pk")[:2]
for name, role, unit in (("asks", "staff", asks), ("gives", "staff", gives),
                         ("office", "office", None)):
    actor = create_account("test", username=name, name=name, role=role, unit=unit,
                           password_hash=hashed)[0]
made = entries.create(actor, {{"name": "harbour-ice", "title": "港口冰厚", "unit": gives,
                               "tier": "conditional", "state": "active"}})
row = entries.distribute(actor, made, {{"name": "readings", "sql_name": entries.sql_name(made)}})
contents.create(actor, row, COLUMNS)
contents.append(actor, row, pl.DataFrame(ROWS).with_columns(pl.col("read_on").str.to_date()))
"""
CHECK = """
import django; django.setup()
from songhua.console.exchange.models import Correction, Grant, Outcome
from songhua.console.exchange.services import cosigning, evidence
from songhua.console.ledger.services import audit
evidence.seal()
print(audit.verify(), cosigning.verify(), list(Outcome.objects.values_list("reused")),
      Grant.objects.get().rules, Correction.objects.get().accepted)
"""


class Exchange(Desk):
    prepare = PREPARE


@pytest.fixture
def desk(tmp_path, chromium):
    found = Exchange(tmp_path, chromium)
    yield found
    found.stop()


def test_a_table_is_shared_from_the_first_form_to_the_last_answer(desk, axe_source):
    url = "/data-requests/1/"
    asks = desk.person("asks", "/data-requests/new/harbour-ice/")
    for column in ("person", "ice_cm"):
        asks.check(f"[name=columns][value={column}]")
    send(asks, "main form", "button[name=submit]", purpose="破冰调度", basis="航道管理办法第三条")
    assert asks.url.endswith(url)
    desk.step("office", "pass", url)
    assert "数据共享申请 #1" in desk.person("gives", "/todo/").inner_text("main")
    gives = desk.person("gives", f"{url}grant/")
    gives.select_option("[name=rule-person]", value="mask")
    gives.fill("[name=figure-person]", "1,0")
    gives.click("button[name=preview]")
    gives.wait_for_load_state("networkidle")
    shown = gives.inner_text("main")
    assert "张*" in shown and "张三" not in shown
    assert not violations(gives, axe_source)
    gives.set_viewport_size({"width": 390, "height": 800})
    assert gives.evaluate("document.documentElement.scrollWidth <= innerWidth")
    gives.click("main form button:has-text('同意并授权')")
    gives.wait_for_load_state("networkidle")
    assert gives.url.endswith(url)
    desk.step("gives", "deliver", url)
    desk.step("asks", "feed_back", url, reason="两次破冰调度", reused="2", papers_saved="5")
    asks = desk.person("asks", "/data-corrections/")
    send(asks, "form[action$='/new/']", row="3", column="ice_cm", text="与现场不符")
    gives = desk.person("gives", "/data-corrections/")
    send(gives, "form[action$='/1/answer/']", "button[value='1']", answer="已更正")
    for name, pages in (("asks", (url, "/grants/")), ("gives", ("/data-corrections/",)),
                        ("office", ("/data-requests/", "/grants/", "/evidence-log/"))):  # fmt: skip
        for path in pages:
            page = desk.person(name, path)
            assert not violations(page, axe_source), path
            page.set_viewport_size({"width": 390, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            assert page.problems == []
    assert (
        desk.run(CHECK) == "[] [] [(2,)] {'person': {'rule': 'mask', 'first': 1, 'last': 0}} True"
    )

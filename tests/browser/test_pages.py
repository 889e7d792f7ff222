"""Every page in a real browser, wide and narrow, light and dark: no error, nothing from elsewhere,
nothing wider than the window, and nothing that axe objects to."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
PAGES = {
    "leader": (
        "/wall/", "/indicators/", "/indicators/firms/", "/notices/", "/audit/", "/scenarios/",
        "/evidence-log/", "/grants/", "/runs/", "/experts/", "/challenges/",
        "/achievements/", "/cooperation/", "/cooperation/funds/",
        "/growth/ladder/", "/growth/cohorts/", "/zones/", "/zones/reach/",
        "/catalogue/dataset/fever_clinic_waits_by_hour/",
    ),
    "office": (
        "/todo/", "/ledger/", "/ledger/?view=list", "/ledger/?view=ledger", "/ledger/paste/",
        "/tasks/new/", "/tasks/T0001/", "/obligations/", "/obligations/OB-005/",
        "/obligations/OB-191/", "/official-text/", "/months/", "/documents/", "/imports/",
        "/programme/", "/accounts/", "/accounts/new/", "/registers/",
        "/registers/research_projects/", "/registers/research_projects/new/",
        "/records/firms/", "/consultations/", "/consultations/new/",
        "/catalogue/", "/catalogue/import/", "/catalogue/wanted/", "/catalogue/readings/",
        "/catalogue/intakes/", "/catalogue/quality/",
        "/catalogue/harvest/",
        "/catalogue/subscriptions/",
        "/health/", "/what-if/", "/calculator/", "/calculator/compare/", "/budgets/", "/entitled/",
        "/units/science_technology_bureau/", "/scenarios/fever_clinic/",
        "/scenarios/fever_clinic/actions/plan_roster/", "/scenarios/fever_clinic/schedules/",
        "/scenarios/fever_clinic/actions/plan_roster/schedule/",
    ),
    "staff": (
        "/todo/", "/ledger/", "/heating/", "/data-requests/", "/data-corrections/",
        "/catalogue/new/",
        "/challenges/new/", "/achievements/new/", "/achievements/import/",
        "/cooperation/contests/", "/cooperation/agreements/new/", "/cooperation/events/import/",
        "/carriers/", "/carriers/new/", "/growth/firms/",
        "/growth/sheets/", "/sites/", "/sites/new/", "/password/", "/tokens/", "/api-reference/",
    ),
    "enterprise": ("/todo/",),
    "reviewer": ("/todo/", "/challenge-panels/", "/contest-panels/"),
    "public": ("/catalogue/", "/catalogue/wanted/", "/consultations/answer/", "/programme/",
        "/documents/", "/scenarios/fever_clinic/"),
}  # fmt: skip


OPEN = "f => { for (let e = f; e; e = e.parentElement) if (e.tagName === 'DETAILS') e.open = true }"


def violations(page, axe_source) -> list[str]:
    page.evaluate(axe_source)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{v['id']}: {v['nodes'][0]['target']}" for v in found]


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, False), (1440, True)])
@pytest.mark.parametrize("role", PAGES)
def test_pages_are_sound(sign_in, site, axe_source, role, width, dark):
    page = sign_in(role, width, dark)
    wrong = []
    for address in PAGES[role]:
        answer = page.goto(site + address)
        page.wait_for_load_state("networkidle")
        if answer.status != 200 or not page.url.endswith(address):
            wrong.append(f"{address}: {answer.status} {page.url}")
            continue
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if overflow > 0:
            wrong.append(f"{address}: {overflow} px wider than the window")
        wrong += [f"{address}: axe {v}" for v in violations(page, axe_source)]
    assert not wrong + page.problems, "\n".join(wrong + page.problems)


def test_the_door_and_the_error_page(sign_in, site, axe_source):
    page = sign_in(None)
    page.goto(f"{site}/sign-in/")
    assert not violations(page, axe_source)
    page.fill("input[name=username]", "office")
    page.fill("input[name=password]", "wrong")
    page.click("main button[type=submit]")
    assert "用户名或密码不正确" in page.inner_text("body")
    page = sign_in("public")
    page.goto(f"{site}/audit/")
    assert not violations(page, axe_source)


def test_charts_and_map_are_drawn(sign_in, site):
    page = sign_in("leader")
    page.goto(f"{site}/wall/")
    page.wait_for_selector("canvas.maplibregl-canvas", timeout=15000)
    page.wait_for_selector("figure.chart svg", timeout=15000)
    page.goto(f"{site}/indicators/firms/")
    page.wait_for_selector("figure.chart svg path", state="attached", timeout=15000)
    assert not page.problems


def test_filtering_the_ledger_keeps_the_page(sign_in, site):
    page = sign_in("office")
    page.goto(f"{site}/ledger/")
    page.evaluate("window.sameDocument = true")
    page.fill("input[name=q]", "T0003")
    expect(page.locator("main tbody tr")).to_have_count(1)
    assert "T0003" in page.inner_text("main")
    assert page.evaluate("window.sameDocument")
    assert "q=T0003" in page.url


def test_english_and_dark_stay_chosen(sign_in, site):
    page = sign_in("leader")
    page.goto(f"{site}/wall/")
    assert "驾驶舱" in page.inner_text("nav")
    page.click("form[action='/language/'] button[value=en], form[action='/language/'] button")
    page.wait_for_load_state("networkidle")
    assert "Leader wall" in page.inner_text("body")
    page.goto(f"{site}/indicators/")
    assert "Indicators" in page.inner_text("body")


def test_a_unit_reports_a_month_and_sees_its_mistake(sign_in, site):
    page = sign_in("staff")
    page.goto(f"{site}/ledger/?state=active&sort=code")
    page.click("main tbody tr a >> nth=0")
    page.wait_for_load_state("networkidle")
    forms = page.locator("form[action$='/report/']")
    assert forms.count() >= 1
    form = forms.first
    form.evaluate(OPEN)
    form.locator("[name=month]").select_option(index=0)
    form.locator("[name=percent]").fill("1.234")
    form.evaluate("f => { f.noValidate = true }")
    form.locator("button[type=submit]").click()
    page.wait_for_load_state("networkidle")
    assert "小数位过多" in page.inner_text("main")


def test_a_task_is_closed_by_three_people(sign_in, site):
    """A unit submits evidence and asks, a reviewer accepts both, everybody sees it closed."""
    unit = sign_in("staff")
    unit.goto(f"{site}/ledger/?state=active&sort=code&level=project")
    if unit.locator("main tbody tr th a, main tbody tr td a").count() == 0:
        unit.goto(f"{site}/ledger/?state=active&sort=-code")
    unit.click("main tbody tr a >> nth=0")
    unit.wait_for_load_state("networkidle")
    task = unit.url.removeprefix(site)

    def send(page, action: str, button: str = "button[type=submit]", **fields: str) -> None:
        form = page.locator(f"form[action='{action}']").first
        form.evaluate(OPEN)
        for name, value in fields.items():
            form.locator(f"[name={name}]").first.fill(value)
        form.locator(button).click()
        page.wait_for_load_state("networkidle")

    send(unit, f"{task}evidence/", title="验收报告", url="https://example.org/report")
    send(unit, f"{task}submit/", statement="已完成，申请验收")
    assert "验收中" in unit.inner_text("main")
    reviewer = sign_in("reviewer")
    reviewer.goto(site + task)
    decide = reviewer.locator("form[action^='/evidence/'][action$='/decide/']").first
    send(reviewer, decide.get_attribute("action"), "button[value='1']")
    send(reviewer, f"{task}decide/", "button[value='1']", opinion="符合要求")
    assert "已销号" in reviewer.inner_text("main")
    unit.goto(site + task)
    assert "已销号" in unit.inner_text("main")
    assert not unit.problems + reviewer.problems

"""A dispatcher's minutes in a real browser: telemetry comes over a real broker, a setpoint is
approved, the plant answers and shows it, and the ledger has the evidence, though the broker, the
intake and the worker are killed on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from songhua.exchange.commands.gateway import Gateway
from songhua.exchange.telemetry.broker import Broker, program
from songhua.exchange.telemetry.reading import TelemetryReader

from .test_pages import violations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(program() is None, reason="mosquitto is not on this machine"),
]
UNIT = "housing_urban_rural_development_bureau"
PEOPLE = """
import django; django.setup()
from songhua.console.ledger.models import Obligation
from songhua.console.ledger.services import tasks
from songhua.console.people.models import Unit, User
from songhua.console.people.services import create_account
from django.contrib.auth.hashers import make_password
from datetime import date
unit = Unit.objects.get(code={unit!r})
for name in ("dispatcher", "second"):
    create_account("test", username=name, name=name, role="staff", unit=unit,
                   password_hash=make_password("Songhua-2023"))
office = User.objects.get(username="office")
task = tasks.create(office, code="HEAT-1", title="智慧供暖示范", lead_unit=unit,
    obligation=Obligation.objects.first(), start=date(2023, 1, 1), due=date(2030, 12, 31))
tasks.act(office, task, "activate")
"""
PATIENCE_MS = 90_000
STARTING_MS = 300_000  # where the plant's engines are compiled first


class Processes:
    """The city's other processes, each started and killed at will."""

    def __init__(self, environment, broker):
        self.environment, self.address = environment, f"mqtt://127.0.0.1:{broker.port}"
        self.running = {}

    def start(self, name, *arguments):
        self.running[name] = subprocess.Popen(
            [sys.executable, "-m", "songhua.cli", *arguments], env=self.environment,
            start_new_session=True,
        )  # fmt: skip

    def intake(self):
        self.start("intake", "intake", "--broker", self.address)

    def worker(self):
        self.start("worker", "worker")

    def plant(self):
        self.start(
            "plant", "heating", "simulate", "--code", "browser", "--unit", UNIT, "--stations", "4",
            "--hours", "12", "--speed", "60", "--broker", self.address,
        )  # fmt: skip

    def kill(self, name):
        process = self.running.pop(name)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)


@pytest.fixture
def processes(site, site_environment, tmp_path):
    subprocess.run(
        [sys.executable, "-c", PEOPLE.format(unit=UNIT)], env=site_environment, check=True
    )
    with Broker(tmp_path / "broker") as broker:
        made = Processes(site_environment, broker)
        made.broker = broker
        yield made
        for name in list(made.running):
            made.kill(name)


def wait(holds, seconds=120):
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)
    return found


def test_telemetry_command_answer_and_evidence(processes, site, sign_in, axe_source):
    folder = processes.environment["SONGHUA_DATA_DIR"]
    processes.intake()
    processes.worker()
    processes.plant()
    page = sign_in("dispatcher")
    wait(lambda: (page.goto(f"{site}/heating/?plant=browser"), "模拟供热系统" in page.content())[1])
    expect(page.locator("#newest-at")).to_be_visible(timeout=STARTING_MS)
    first = page.inner_text("#newest-at")
    expect(page.locator("#newest-at")).not_to_have_text(first, timeout=PATIENCE_MS)  # it lives
    assert "模拟数据" in page.inner_text("main") and not violations(page, axe_source)

    receipts = _acknowledged_through_kills(processes)
    assert receipts, "nothing was acknowledged"

    point = page.locator("#point option", has_text="换热站 003 · 二次供水温度").first
    page.select_option("#point", point.get_attribute("value"))
    page.fill("#value", "52")
    page.fill("#reason", "夜间降温")
    page.locator("form[action$='/commands/'] button").click()
    page.wait_for_load_state("networkidle")
    assert "另一名调度员审批" in page.inner_text("main")
    second = sign_in("second")
    second.goto(page.url)
    second.get_by_role("button", name="批准并下发").click()
    second.wait_for_load_state("networkidle")
    processes.kill("worker")  # whatever it was doing with it
    processes.worker()
    state = second.locator("#command-state")
    expect(state).to_have_text("已实测", timeout=PATIENCE_MS)
    second.wait_for_load_state("networkidle")
    assert "设备应答" in second.inner_text("main") and not violations(second, axe_source)

    page.goto(f"{site}/heating/?plant=browser")
    page.locator("form[action$='/outcomes/'] button").click()
    page.wait_for_load_state("networkidle")
    assert "供暖度日数" in page.inner_text("main") and not violations(page, axe_source)
    page.select_option("#task", "HEAT-1")
    page.locator("form[action$='/evidence/'] button").click()
    page.wait_for_load_state("networkidle")
    assert page.url.endswith("/tasks/HEAT-1/")
    assert "供热成效指标" in page.inner_text("main")
    assert not page.problems + second.problems

    stored = TelemetryReader(Path(folder) / "telemetry")
    since = min(receipts) - timedelta(minutes=1)
    held = stored.scan("outdoor_c", since, datetime.now(UTC), ["browser-plant-1"]).collect()
    assert receipts <= set(held["ts_utc"])  # whatever had its receipt is there


def _acknowledged_through_kills(processes):
    """Readings with receipts of their own, sent while broker and intake are killed: the instants of
    those that were acknowledged."""
    gateway = Gateway(processes.address, "probe", lambda _: "not a plant")
    at, sent = datetime.now(UTC) - timedelta(days=30), set()
    try:
        for n in range(40):
            at += timedelta(minutes=5)
            sent.add(at)
            gateway.send([{"device_id": "browser-plant-1", "metric": "outdoor_c", "value": n / 10,
                           "ts_utc": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}])  # fmt: skip
            if n == 10:
                processes.broker.kill()
                processes.broker.start()
            if n == 20:
                processes.kill("intake")
                processes.intake()
            if n == 30:
                processes.kill("worker")
                processes.worker()
            time.sleep(0.05)
        assert gateway.settle(60)
    finally:
        gateway.close()
    return sent

"""How many SQL queries each page makes is pinned in ``tests/query_counts.json``, and does not grow
with the ledger. To change a number on purpose, run this file once with SONGHUA_PIN=1.
"""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from songhua.console import clock
from songhua.console.exchange.services import declared
from songhua.console.ledger.models import Task
from songhua.console.ledger.services.programme import load_programme
from songhua.console.people.models import Unit
from songhua.console.people.services import create_account

ROOT = Path(__file__).parents[2]
PINNED = ROOT / "tests" / "query_counts.json"
PAGES = {
    "leader /wall/": ("leader", "/wall/"),
    "office /ledger/": ("office", "/ledger/"),
    "office /ledger/?view=ledger": ("office", "/ledger/?view=ledger"),
    "staff /ledger/": ("staff", "/ledger/"),
    "office /todo/": ("office", "/todo/"),
    "staff /todo/": ("staff", "/todo/"),
    "leader /indicators/": ("leader", "/indicators/"),
    "office /tasks/…": ("office", "/tasks/T00001/"),
    "public /obligations/": ("public", "/obligations/"),
    "office /obligations/…": ("office", "/obligations/OB-005/"),
    "office /notices/": ("office", "/notices/"),
    "office /months/": ("office", "/months/"),
    "office /documents/": ("office", "/documents/"),
    "leader /audit/": ("leader", "/audit/"),
    "staff /data-requests/": ("staff", "/data-requests/"),
    "office /data-corrections/": ("office", "/data-corrections/"),
    "office /grants/": ("office", "/grants/"),
    "public /consultations/": ("public", "/consultations/"),
    "office /catalogue/": ("office", "/catalogue/"),
    "public /catalogue/": ("public", "/catalogue/"),
    "office /catalogue/dataset/…": ("office", "/catalogue/dataset/fever_clinic_visits/"),
}


def town_module():
    path = ROOT / "benchmarks" / "ledger" / "town.py"
    spec = importlib.util.spec_from_file_location("town", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def counts(tasks: int, months: int) -> dict[str, int]:
    load_programme("test")
    declared.register()
    hashed, users = make_password("x"), {}
    for role in ("leader", "office", "staff", "public"):
        unit = Unit.objects.first() if role == "staff" else None
        users[role] = create_account(
            "test", username=role, name=role, role=role, unit=unit, password_hash=hashed
        )[0]
    day = town_module().build(tasks, months, users["office"])
    found = {}
    with clock.pinned(day):
        for name, (role, url) in PAGES.items():
            client = Client()
            client.force_login(users[role])
            client.get(url)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200, name
            found[name] = len(queries)
    assert Task.objects.count() == tasks
    return found


@pytest.mark.parametrize(("tasks", "months"), [(60, 3), (240, 7)])
def test_pages_make_the_pinned_number_of_queries(db, tasks, months):
    found = counts(tasks, months)
    if os.environ.get("SONGHUA_PIN") == "1":
        PINNED.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    assert found == json.loads(PINNED.read_text())

"""What is forbidden reaches nobody by any route. A longer run: SONGHUA_LEAK_QUESTIONS=5000."""

from __future__ import annotations

import os
import random

import pytest
from django.urls import NoReverseMatch, reverse

from songhua.console.api import tokens
from songhua.console.exchange.services import entries, granting
from songhua.kit.errors import SonghuaError

from . import hidden
from .hidden import CLOSED, MARK, Question, answer

QUESTIONS = int(os.environ.get("SONGHUA_LEAK_QUESTIONS", "60"))
WHO = ("public", "stranger", "enterprise", "granted", "open")


@pytest.fixture
def worlds(empty_city, tmp_path, settings, request):
    who = getattr(request.node, "callspec", None) and request.node.callspec.params.get("who")
    settings.DATA_DIR = tmp_path
    settings.API_RATE = settings.PORTAL_RATE = 10**6
    return hidden.build(empty_city, rows=who != "open")


def caller(who, city, worlds, client):
    """The headers with which `who` asks, after what makes them so was done."""
    if who == "open":
        entries.change(city.weather, worlds.table.entry, {"is_open": True})
    if who == "granted":
        granting.grant(
            city.weather, worlds.table, city.units["harbour_bureau"],
            {"columns": ["station", "ice_cm", "read_on"], "purpose": "值守",
             "rows": "station = 'north'", "may_export": True},
        )  # fmt: skip
    person = {"stranger": city.staff, "granted": city.staff, "enterprise": city.enterprise}.get(who)
    if person is None:
        return {}
    client.force_login(person)
    secret = tokens.make(person, name="fuzz", scopes=["read", "exchange"], days="1")[1]
    return {"HTTP_AUTHORIZATION": secret}


def questions(worlds, count=QUESTIONS, seed=5):
    """The targeted questions of all actions, then `count` drawn ones."""
    yield from hidden.targeted(str(worlds.table.uid), worlds.table.entry.name)
    rng = random.Random(seed)
    yield from (hidden.drawn(rng) for _ in range(count))


def pages(worlds):
    """The pages and files of a dataset."""
    entry = worlds.table.entry.name
    for name, args in (
        ("catalogue", []), ("dataset", [entry]), ("dataset_rows", [entry]),
        ("dataset_package", [entry]), *(("dataset_dcat", [entry, f]) for f in ("ttl", "jsonld")),
        *(("dataset_file", [entry, f]) for f in ("csv", "json")),
    ):  # fmt: skip
        try:
            path = reverse(name, args=args)
        except NoReverseMatch:
            continue
        yield from (Question(path, given) for given in ({}, {"q": CLOSED}, {"q": MARK}))


def leaks(client, worlds, question, headers, *, columns_are_told):
    """What an answer gives away, as a list of words."""
    worlds.enter(0)
    status, text = answer(client, question, **headers)
    # The same about a column that is not there: where the catalogue tells a department which
    # columns there are, only pages and records may differ.
    absent = question.renamed()
    other, told = answer(client, absent, **headers)
    worlds.enter(1)
    found = []
    if (status, text) != answer(client, question, **headers):
        found.append("the answer depends on what is hidden")
    if MARK in text.replace(question.text(), "") and MARK not in question.text():
        found.append("a hidden value")
    if any(f"{MARK}_{h}" in text and f"{MARK}_{h}" not in question.text() for h in ("aa", "bb")):
        found.append("a hidden value")
    if not columns_are_told and (status, text.replace(CLOSED, "?")) != (
        other, told.replace(hidden.ABSENT, "?"),
    ):  # fmt: skip
        found.append("that the column exists")
    if not columns_are_told and CLOSED in text and CLOSED not in question.text():
        found.append("the name of a closed column")
    return found


@pytest.mark.parametrize("asked", [questions, pages])
@pytest.mark.parametrize("who", WHO)
def test_nothing_hidden_shows_by_any_route(who, asked, empty_city, worlds, client):
    headers = caller(who, empty_city, worlds, client)
    told = []
    for question in asked(worlds):
        in_catalogue = who in {"stranger", "granted"} and not question.route.startswith("datastore")
        found = leaks(client, worlds, question, headers, columns_are_told=in_catalogue)
        told += [(question.text(), found)] if found else []
    assert told == []


def test_the_fuzzer_sees_a_leak_where_there_is_one(empty_city, worlds, client):
    client.force_login(empty_city.weather)
    secret = tokens.make(empty_city.weather, name="own", scopes=["read"], days="1")[1]
    for question in hidden.targeted(str(worlds.table.uid), worlds.table.entry.name):
        if "SUM(ice_cm)" in question.text() or question.given.get("fields") == CLOSED:
            assert leaks(
                client, worlds, question, {"HTTP_AUTHORIZATION": secret}, columns_are_told=False
            )


def test_a_granted_caller_still_sees_what_is_granted(empty_city, worlds, client):
    headers = caller("granted", empty_city, worlds, client)
    asked = Question("datastore_search", {"resource_id": str(worlds.table.uid)})
    status, text = answer(client, asked, **headers)
    assert status == 200 and text.count("north") == len(hidden.SEEN)


def test_a_grant_cannot_be_written_so_that_its_condition_shows_a_closed_column(empty_city, worlds):
    with pytest.raises(SonghuaError) as caught:
        granting.grant(
            empty_city.weather, worlds.table, empty_city.units["harbour_bureau"],
            {"columns": ["station"], "purpose": "值守", "rows": "phantom_no = 'x'"},
        )  # fmt: skip
    assert MARK not in str(caught.value)

"""Every sentence exists in both languages with the same places, and every code used exists."""

from __future__ import annotations

import csv
import re
from importlib.resources import files

from songhua.governance.reasons import Reason, because
from songhua.kit.messages import catalogue

FOLDER = files("songhua.governance")


def own():
    with FOLDER.joinpath("messages.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_both_languages_fill_the_same_places():
    for row in own():
        assert row["zh"].strip() and row["en"].strip() and None not in row, row
        places = [set(re.findall(r"{(\w+)}", row[lang])) for lang in ("zh", "en")]
        assert places[0] == places[1], row["code"]


def test_every_code_named_in_the_source_has_its_sentence():
    prefixes = "target|period|calendar|light|forecast|case|task|month|report|assess|percent"
    named = re.compile(rf'(?:because|Problem|Refusal|require)\([^()]*?"((?:{prefixes})_[a-z_]+)"')
    for entry in FOLDER.iterdir():
        if entry.name.endswith(".py"):
            found = named.findall(entry.read_text(encoding="utf-8"))
            missing = [c for c in found if c not in catalogue() and not c.startswith("reports_")]
            assert missing == [], entry.name


def test_a_reason_speaks_the_readers_language_and_leaves_a_persons_words_alone():
    reason = because("case_waiting", level="@case_interview", day="2023-06-30")
    assert reason.text("zh").startswith("约谈") and "the interview" in reason.text("en")
    assert "@张三" in because("case_leader_instruction", what="@张三").text("zh")
    assert Reason("case_none") == because("case_none")

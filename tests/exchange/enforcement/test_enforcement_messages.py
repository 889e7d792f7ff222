"""Every refusal has its sentence in both languages, and no sentence is left over."""

from __future__ import annotations

import csv
import re
from importlib.resources import files

FOLDER = files("songhua.exchange.enforcement")


def test_codes_and_sentences_match():
    with FOLDER.joinpath("messages.csv").open(encoding="utf-8") as stream:
        rows = {row["code"]: row for row in csv.DictReader(stream)}
    source = "".join(
        entry.read_text(encoding="utf-8")
        for entry in FOLDER.iterdir()
        if entry.name.endswith(".py")
    )
    assert set(re.findall(r'"((?:grant|query)_[a-z_]+)"', source)) == rows.keys()
    for row in rows.values():
        places = [set(re.findall(r"{(\w+)}", row[language])) for language in ("zh", "en")]
        assert places[0] == places[1] and row["zh"] and row["en"] and None not in row, row

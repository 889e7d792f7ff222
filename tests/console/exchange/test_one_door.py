"""There is one path to the exchange's rows, and no module takes another."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import songhua

SOURCE = Path(songhua.__file__).parent
EXCHANGE = SOURCE / "console" / "exchange"
DOOR, CONTENTS = EXCHANGE / "services" / "door.py", EXCHANGE / "services" / "contents.py"
ROWS = {"execute", "Readers", "Pages", "confined"}  # of the enforcement: what touches rows
READS = {"read_parquet", "scan_parquet", "ParquetFile", "read_table", "ParquetDataset"}
KEEPING = {  # who handles whole tables that it publishes, and answers nobody with them
    "declared.py", "intake.py", "releases.py", "uploads.py", "datastore.py",
}  # fmt: skip


def names_taken(tree: ast.AST) -> set[str]:
    """What a module takes from the enforcement point, or calls on it."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            "songhua.exchange.enforcement"
        ):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.Attribute) and "enforcement" in ast.dump(node.value):
            found.add(node.attr)
    return found


def attributes(tree: ast.AST) -> set[str]:
    """Every attribute that a module names."""
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def called_on_contents(tree: ast.AST) -> set[str]:
    """What a module uses of the keeper of rows."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "contents"
    }


def modules(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def parsed(file: Path) -> ast.AST:
    return ast.parse(file.read_text(encoding="utf-8"))


def test_the_door_alone_carries_out_plans():
    others = [file for file in modules(SOURCE / "console") if file != DOOR]
    assert {
        f.name: ROWS & names_taken(parsed(f)) for f in others if ROWS & names_taken(parsed(f))
    } == {}
    assert names_taken(parsed(DOOR)) >= {"execute", "Readers"}


def test_the_keeper_of_rows_alone_reads_their_files():
    found = {f.name for f in modules(EXCHANGE) if READS & attributes(parsed(f))}
    assert found - KEEPING == {CONTENTS.name}


@pytest.mark.parametrize("use", ["frame", "paths"])
def test_rows_are_taken_from_their_keeper_by_publishers_alone(use):
    found = {f.name for f in modules(EXCHANGE) if use in called_on_contents(parsed(f))}
    assert found - KEEPING - {CONTENTS.name} <= ({DOOR.name} if use == "paths" else set())


def test_what_shows_people_anything_keeps_away_from_the_rows():
    views = [*modules(EXCHANGE / "views"), EXCHANGE / "selectors.py", EXCHANGE / "preview.py"]
    assert {f.name for f in views if {"frame", "paths"} & called_on_contents(parsed(f))} == set()

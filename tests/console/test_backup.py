"""A backup comes back whole, or not at all; on either engine."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as live
from django.core import serializers
from django.core.management import call_command

from songhua.console import archive, files
from songhua.console.ledger.models import Document, MonthlyReport, Task
from songhua.console.ledger.services import audit, documents, months, notices
from songhua.console.people.models import User
from songhua.kit.errors import Conflict, InputError

from .city import City, month, on, spoken
from .processes import Installation, own_database

pytestmark = pytest.mark.django_db(transaction=True)


def played(city: City) -> City:
    """Two months of work: reports, a correction, evidence, a notice, a closed month, a document."""
    city.task("H-1").supporting.add(city.units["weather_bureau"])
    with on("2024-02-02"):
        for code in ("H-1", "H-2", "P-1"):
            city.report(code, "2024-01", 8)
        city.report("H-1", "2024-01", 9, correction=True, reason="核对")
        city.accepted("H-1")
    with on("2024-02-07"):
        notices.daily_clock()
        months.approve(city.office, month("2024-01"))
        months.close(city.office, month("2024-01"))
        documents.issue(city.office, "monthly_review", "2024-01")
    return city


def everything() -> tuple[dict[str, list[object]], dict[str, bytes]]:
    """Every row of every model with its links, and every file with its content."""
    rows = {
        model._meta.label: json.loads(
            serializers.serialize("json", model._default_manager.order_by("pk"))
        )
        for label in ("people", "ledger")
        for model in apps.get_app_config(label).get_models()
    }
    return rows, kept()


def kept() -> dict[str, bytes]:
    found = {}
    for folder in ("files", "snapshots"):
        root = Path(live.DATA_DIR) / folder
        for path in sorted(root.rglob("*")):
            if path.is_file():
                found[f"{folder}/{path.relative_to(root)}"] = path.read_bytes()
    return found


def wipe(settings: object, tmp_path: Path) -> None:
    """An empty installation elsewhere."""
    call_command("flush", verbosity=0, interactive=False)
    settings.DATA_DIR = tmp_path / "elsewhere"


def empty() -> bool:
    rows, contents = everything()
    return not any(rows.values()) and not contents


@pytest.fixture
def backed_up(city, tmp_path):
    """A backup of the played city, and what it must bring back."""
    played(city)
    out = tmp_path / "backups" / "a.songhua"
    said = archive.backup(out)
    assert str(out) in said and not list(out.parent.glob("*.partial"))
    return out, everything()


def test_after_backup_wipe_and_restore_everything_is_equal(backed_up, settings, tmp_path):
    out, before = backed_up
    wipe(settings, tmp_path)
    assert empty()
    archive.restore(out)
    assert everything() == before
    assert audit.verify() == []
    row = Document.objects.get()
    assert not any(files.damaged(digest) for digest in row.files.values())
    assert Task.objects.get(code="H-1").supporting.get().code == "weather_bureau"


def test_after_a_restore_work_goes_on_with_new_numbers(backed_up, settings, tmp_path):
    out, _ = backed_up
    wipe(settings, tmp_path)
    archive.restore(out)
    city = City({}, {user.username: user for user in User.objects.all()})
    last = MonthlyReport.objects.order_by("-pk").first().pk
    with on("2024-03-04"):
        assert city.report("H-2", "2024-02", 16).pk > last
        notices.daily_clock()
        documents.issue(city.office, "monthly_review", "2024-02")
    assert audit.verify() == []


def test_the_same_records_make_a_backup_with_the_same_members(backed_up, tmp_path):
    out, _ = backed_up
    with on("2024-05-05"):
        archive.backup(tmp_path / "again")

    def digests(path: Path) -> dict[str, str]:
        with tarfile.open(path) as opened:
            return json.load(opened.extractfile("manifest.json"))["sha256"]

    assert digests(out) == digests(tmp_path / "again")


def test_a_data_folder_beneath_a_hidden_folder_is_backed_up_too(city, settings, tmp_path):
    settings.DATA_DIR = tmp_path / ".local" / "songhua"
    played(city)
    before = kept()
    assert before
    out = tmp_path / "a.songhua"
    archive.backup(out)
    wipe(settings, tmp_path)
    archive.restore(out)
    assert kept() == before


def test_an_installation_with_records_takes_no_backup(backed_up):
    out, before = backed_up
    with pytest.raises(Conflict) as caught:
        archive.restore(out)
    spoken(caught.value.problems)
    assert everything() == before


def refused(path: Path) -> None:
    with pytest.raises(InputError) as caught:
        archive.restore(path)
    spoken(caught.value.problems)
    assert empty()


def test_a_backup_that_was_cut_off_restores_nothing(backed_up, settings, tmp_path):
    out, _ = backed_up
    whole = out.read_bytes()
    wipe(settings, tmp_path)
    for size in (0, 1, 10, len(whole) // 3, len(whole) // 2, len(whole) - 2000):
        out.write_bytes(whole[:size])
        refused(out)


def test_a_backup_with_a_flipped_byte_restores_all_or_nothing(backed_up, settings, tmp_path):
    out, before = backed_up
    whole = out.read_bytes()
    wipe(settings, tmp_path)
    draw = random.Random(1)
    spoilt = 0
    for place in [draw.randrange(12, len(whole) - 8) for _ in range(25)]:
        changed = bytearray(whole)
        changed[place] ^= 1 << draw.randrange(8)
        out.write_bytes(bytes(changed))
        try:
            archive.restore(out)
        except InputError as error:
            spoken(error.problems)
            assert empty()
            spoilt += 1
        else:  # the byte said nothing (a name or a date of the packing)
            assert everything() == before
            wipe(settings, tmp_path)
            shutil.rmtree(settings.DATA_DIR)
    assert spoilt >= 20


def rebuilt(source: Path, change: dict[str, bytes | None]) -> None:
    """The archive with some members changed, left out (None) or added, its packing whole."""
    out = io.BytesIO()
    with tarfile.open(source) as old, tarfile.open(fileobj=out, mode="w:gz") as new:
        members = {m.name: old.extractfile(m).read() for m in old}
        for name, content in (members | change).items():
            if content is not None:
                info = tarfile.TarInfo(name)
                info.size = len(content)
                new.addfile(info, io.BytesIO(content))
    source.write_bytes(out.getvalue())


def test_a_changed_missing_or_added_member_restores_nothing(backed_up, settings, tmp_path):
    out, _ = backed_up
    whole = out.read_bytes()
    with tarfile.open(out) as opened:
        names = opened.getnames()
    table = "tables/ledger.monthlyreport.jsonl"
    content = next(n for n in names if n.startswith("files/"))
    wipe(settings, tmp_path)
    for change in (
        {table: None}, {content: None}, {content: b"changed"}, {table: b"changed"},
        {"manifest.json": None}, {"manifest.json": b"{}"}, {"manifest.json": b"[]"},
        {"manifest.json": b'{"format": 9, "sha256": {}}'}, {"files/../../evil": b"x"},
        {"extra.txt": b"x"},
    ):  # fmt: skip
        out.write_bytes(whole)
        rebuilt(out, change)
        refused(out)
    out.write_text("not an archive at all")
    refused(out)


def test_a_backup_whose_figures_were_changed_with_care_is_found_by_the_audit(
    backed_up, settings, tmp_path
):
    """Every digest of the manifest is right; the log still knows what the figure was."""
    import gzip
    import hashlib

    out, _ = backed_up
    table = "tables/ledger.monthlyreport.jsonl"
    with tarfile.open(out) as opened:
        rows = gzip.decompress(opened.extractfile(table).read())
        manifest = json.load(opened.extractfile("manifest.json"))
    changed = gzip.compress(rows.replace(b'"percent": "8.00"', b'"percent": "80.00"', 1))
    assert gzip.decompress(changed) != rows
    manifest["sha256"][table] = hashlib.sha256(changed).hexdigest()
    rebuilt(out, {table: changed, "manifest.json": json.dumps(manifest).encode()})
    wipe(settings, tmp_path)
    refused(out)


def taken_in(source: Path, folder: Path, url: str) -> tuple[Installation, dict[str, object]]:
    """An empty installation that took in the backup, and what it then says of itself."""
    home = Installation(folder, url)
    home.run("manage", "migrate", "--verbosity", "0")
    assert "rows restored" in home.run("restore", str(source))
    assert home.run("audit", "verify").strip().endswith("0 findings")
    return home, json.loads(home.inside(COMPARE))


def files_of(home: Installation) -> dict[str, bytes]:
    return {
        f"{folder}/{path.relative_to(home.folder / folder)}": path.read_bytes()
        for folder in ("files", "snapshots")
        for path in (home.folder / folder).rglob("*")
        if path.is_file()
    }


@pytest.mark.slow
def test_a_backup_moves_to_sqlite_and_from_there_to_postgresql_and_numbers_go_on(
    backed_up, tmp_path
):
    out, (rows, contents) = backed_up
    counts = {name: len(content) for name, content in rows.items()}
    home, found = taken_in(out, tmp_path / "lite", "")
    assert (found["vendor"], found["rows"], found["findings"]) == ("sqlite", counts, 0)
    assert found["new_report"] > max(r["pk"] for r in rows["ledger.MonthlyReport"])
    assert files_of(home) == contents
    if not os.environ.get("SONGHUA_DATABASE_URL"):
        return
    with own_database(True) as url:
        counts["ledger.MonthlyReport"] += 1  # the report and the entry made after the first move
        counts["ledger.AuditEntry"] += 1
        counts["ledger.MonthWindow"] = found["windows"]
        home.run("backup", "--out", str(tmp_path / "lite.songhua"))
        other, again = taken_in(tmp_path / "lite.songhua", tmp_path / "post", url)
        assert (again["vendor"], again["rows"], again["findings"]) == ("postgresql", counts, 0)
        assert again["new_report"] > found["new_report"]
        assert files_of(other) == contents


COMPARE = """
import json
from django.apps import apps
from django.db import connection
from songhua.console.ledger.services import audit
rows = {m._meta.label: m._default_manager.count()
        for label in ("people", "ledger") for m in apps.get_app_config(label).get_models()}
people = {u.username: u for u in city.User.objects.all()}
town = city.City({}, people)
with city.on("2024-03-04"):
    code = "P-1" if city.MonthlyReport.objects.filter(month="2024-02-01").exists() else "H-2"
    made = town.report(code, "2024-02", 16)
print(json.dumps({"vendor": connection.vendor, "rows": rows, "new_report": made.pk,
                  "windows": apps.get_model("ledger", "MonthWindow").objects.count(),
                  "findings": len(audit.verify())}))
"""


def test_a_backup_that_could_not_be_finished_leaves_no_file(city, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "_data_files", lambda: [("files/x", tmp_path / "gone")])
    with pytest.raises(FileNotFoundError):
        archive.backup(tmp_path / "a.songhua")
    assert list(tmp_path.glob("*songhua*")) == []


@pytest.mark.slow
def test_the_command_line_names_what_is_wrong_with_a_backup_and_fails(tmp_path):
    home = Installation(tmp_path / "home", "")
    home.run("manage", "migrate", "--verbosity", "0")
    (tmp_path / "spoilt").write_text("not an archive")
    done = subprocess.run(
        [sys.executable, "-m", "songhua.cli", "restore", str(tmp_path / "spoilt")],
        env=home.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "备份" in done.stderr and "backup" in done.stderr and "Traceback" not in done.stderr

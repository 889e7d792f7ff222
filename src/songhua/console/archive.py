"""Backup and restore: every record and every file in one archive that any engine can take in.

The archive is a tar of ``tables/<model>.jsonl``, ``files/<sha256>``, ``snapshots/*.parquet``,
``datasets/*.parquet``, ``exchange/*.parquet``, ``evidence-log/``, ``intakes/``, ``telemetry/`` and
``manifest.json`` with the SHA-256 of each member. Because it holds records and not a database file,
it is also the way from SQLite to PostgreSQL and back.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import sqlite3
import tarfile
import zlib
from contextlib import closing
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.management.color import no_style
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

import songhua
from songhua.console import clock
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import Model

FORMAT = 1
FOLDERS = ("files", "snapshots", "datasets", "exchange", "evidence-log", "intakes", "telemetry")
LEFT_OUT = {"telemetry/duty.json"}  # how to reach the broker, with its password
CLOSING = ("-wal", "-shm")  # of a database that is written to: `_content` takes what they hold
UNREADABLE = (
    tarfile.TarError, EOFError, KeyError, TypeError, ValueError, OSError, zlib.error
)  # fmt: skip


class Exact(DjangoJSONEncoder):
    """Instants to the microsecond: Django's own encoder cuts them, and their digests with them."""

    def default(self, value: object) -> object:
        """An instant as ISO 8601; everything else as Django writes it."""
        if isinstance(value, datetime):
            return value.isoformat()
        return super().default(value)


def _models() -> list[type[Model]]:
    return [
        model
        for label in (
            "people",
            "ledger",
            "runs",
            "subsidies",
            "innovation",
            "growth",
            "registers",
            "cooperation",
            "consultation",
            "exchange",
            "heating",
        )
        for model in apps.get_app_config(label).get_models()
    ]


def _data_files() -> Iterator[tuple[str, Path]]:
    for folder in FOLDERS:
        root = Path(settings.DATA_DIR) / folder
        for path in sorted(root.rglob("*")):
            inside = path.relative_to(root).parts  # the folder itself may lie beneath a hidden one
            if path.is_file() and not any(p.startswith(".") for p in inside):
                shown = (path.name,) if folder == "files" else inside
                name = "/".join((folder, *shown))
                if name not in LEFT_OUT and not name.endswith(CLOSING):
                    yield name, path


def _content(path: Path) -> bytes:
    """A file as it is; of a database one state as a whole, whoever writes to it."""
    if path.suffix != ".sqlite":
        return path.read_bytes()
    with closing(sqlite3.connect(path)) as held:
        return bytes(held.serialize())


def backup(out: Path) -> str:
    """Write the archive beside `out`, rename it there when whole, and say what it holds."""
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(out.name + ".partial")
    digests: dict[str, str] = {}
    rows = 0
    try:
        with tarfile.open(partial, "w:gz", compresslevel=3) as archive, transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            for model in _models():
                content, count = _table(model)
                rows += count
                _add(archive, f"tables/{model._meta.label_lower}.jsonl", content, digests)
            for name, path in _data_files():
                _add(archive, name, _content(path), digests)
            manifest = {
                "format": FORMAT, "songhua": songhua.__version__,
                "made_at": clock.now().isoformat(), "sha256": digests,
            }  # fmt: skip
            _add(archive, "manifest.json", json.dumps(manifest, indent=1).encode(), {})
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return f"{out}: {rows} 行、{len(digests)} 个文件 / {rows} rows, {len(digests)} members"


def _table(model: type[Model]) -> tuple[bytes, int]:
    stream = io.BytesIO()
    count = 0
    # Compressed in memory while it is written; a table of a million rows stays small.
    with gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=3, mtime=0) as packed:
        for row in model._default_manager.order_by("pk").iterator(chunk_size=2000):
            packed.write(serializers.serialize("jsonl", [row], cls=Exact).encode())
            count += 1
    return stream.getvalue(), count


def _add(archive: tarfile.TarFile, name: str, content: bytes, digests: dict[str, str]) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))
    digests[name] = hashlib.sha256(content).hexdigest()


def restore(source: Path) -> str:
    """Take in an archive: whole, or not at all. Only an installation without records takes one."""
    from songhua.console.ledger.services import audit

    if any(model._default_manager.exists() for model in _models()):
        raise Conflict(Problem(str(source), "restore_not_empty"))
    digests = _checked_whole(source)
    with transaction.atomic():
        total = sum(
            _take_in(gzip.decompress(content).splitlines())
            for _, content in _members(source, digests, ("tables/",))
        )
        with connection.cursor() as cursor:
            for sql in connection.ops.sequence_reset_sql(no_style(), _models()):
                cursor.execute(sql)
        findings = audit.verify(contents=False)
        if findings:
            raise InputError([Problem(f.subject, "restore_damaged", f.zh) for f in findings])
        for name, content in _members(source, digests, tuple(f"{f}/" for f in FOLDERS)):
            _place(name, content)
    return f"{total} 行已恢复，审计链完整 / {total} rows restored, the audit chain holds"


def _checked_whole(source: Path) -> dict[str, str]:
    """The digests that the manifest gives, once every member was read and has its own."""
    try:
        with tarfile.open(source) as archive:
            stream = archive.extractfile("manifest.json")
            assert stream is not None
            manifest = json.load(stream)
            names = set(archive.getnames())
        if manifest["format"] != FORMAT:
            raise InputError(Problem(str(source), "restore_format", str(manifest["format"])))
        digests: dict[str, str] = dict(manifest["sha256"])
        if missing := digests.keys() - names:
            shown = ", ".join(sorted(missing)[:5])
            raise InputError(Problem(str(source), "restore_unreadable", shown))
        for _ in _members(source, digests, ("",)):
            pass
    except UNREADABLE as error:
        raise InputError(Problem(str(source), "restore_unreadable", str(error))) from error
    return digests


def _members(
    source: Path, digests: dict[str, str], beginnings: tuple[str, ...]
) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(source) as archive:
        for member in archive:
            if member.name != "manifest.json" and member.name.startswith(beginnings):
                yield member.name, _checked(archive, member, digests)


def _checked(archive: tarfile.TarFile, member: tarfile.TarInfo, digests: dict[str, str]) -> bytes:
    stream = archive.extractfile(member)
    content = stream.read() if stream else b""
    if digests.get(member.name) != hashlib.sha256(content).hexdigest():
        raise InputError(Problem(member.name, "restore_damaged", member.name))
    return content


def _take_in(lines: Iterable[bytes], batch: int = 1000) -> int:
    objects = serializers.deserialize("jsonl", (line.decode() for line in lines))
    total = 0
    while chunk := list(islice(objects, batch)):
        # Raw rows: keys are kept, nothing is recomputed, constraints are checked at commit.
        type(chunk[0].object)._base_manager.bulk_create([item.object for item in chunk])
        for item in chunk:
            for name, keys in (item.m2m_data or {}).items():
                if keys:
                    getattr(item.object, name).set(keys)
        total += len(chunk)
    return total


def _place(name: str, content: bytes) -> None:
    folder, _, file = name.partition("/")
    parts = file.split("/")
    if folder not in FOLDERS or not all(parts) or any(part.startswith(".") for part in parts):
        raise InputError(Problem(name, "restore_unreadable", name))
    root = Path(settings.DATA_DIR) / folder
    target = root / file[:2] / file if folder == "files" else root / file
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)

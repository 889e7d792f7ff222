"""A log in a folder of its own, to be handed over: entries, index, checkpoints, public keys."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from songhua.exchange.log import folder as form
from songhua.exchange.log.checkpoints import Checkpoint
from songhua.exchange.log.files import ROW, FileStore
from songhua.exchange.log.tree import rows
from songhua.exchange.log.verification import verify
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from songhua.exchange.log.keys import PublicKey


def export(store: FileStore, target: Path, keys: Iterable[PublicKey]) -> Checkpoint:
    """Copy the log up to its newest checkpoint into `target`, with `keys`; that checkpoint.

    Raises ``log_no_checkpoint`` where nothing was signed yet, ``log_exists`` where `target` holds
    a log.
    """
    newest = store.newest()
    if newest is None:
        raise InputError(Problem(str(store.folder), "log_no_checkpoint"))
    signed = Checkpoint.of(newest)
    form.create(target, store.origin, store.hasher.digest)
    parts = {form.ENTRIES: store.end(signed.size), form.INDEX: rows(signed.size) * ROW.size}
    for name, size in parts.items():
        _copy(store.folder / name, target / name, size)
    last = form.note_path(store.folder, signed.size)  # later ones sign what is not handed over
    for note in (store.folder / form.CHECKPOINTS).glob("*.note"):
        if note.name <= last.name:
            shutil.copyfile(note, target / form.CHECKPOINTS / note.name)
    form.write_keys(target / form.KEYS, keys)
    return signed


def import_log(source: Path, target: Path, keys: Collection[PublicKey]) -> None:
    """Take over an exported log into a new folder, once it is verified against `keys`.

    Raises every finding as `InputError`; ``log_exists`` where `target` holds a log.
    """
    findings = verify(source, keys)
    if findings:
        raise InputError(findings)
    found = form.describe(source)
    form.create(target, found.origin, found.digest)
    shutil.copytree(source, target, dirs_exist_ok=True)


def _copy(source: Path, target: Path, size: int) -> None:
    with source.open("rb") as taken, target.open("wb") as given:
        while size:
            part = taken.read(min(size, 1 << 20))
            given.write(part)
            size -= len(part)

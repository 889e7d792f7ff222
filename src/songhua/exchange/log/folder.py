"""The folder of a log, on duty or exported: what it is called, its checkpoints, its public keys.

log.json          {"digest": …, "origin": …}
entries           the records, one after another
index             a row of 40 bytes for each complete subtree: hash, end of its last record
checkpoints/      a signed note for each size
keys/             public keys, for whoever has no better source
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from songhua.exchange.log.checkpoints import Checkpoint
from songhua.exchange.log.keys import PublicKey
from songhua.exchange.log.notes import Note
from songhua.kit.errors import Conflict, InputError, Problem, require

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from songhua.exchange.log.tree import Digest

DESCRIPTION, ENTRIES, INDEX, CHECKPOINTS, KEYS = (
    "log.json",
    "entries",
    "index",
    "checkpoints",
    "keys",
)


@dataclass(frozen=True)
class Description:
    """The name under which a log signs, and its hash."""

    origin: str
    digest: Digest

    def encode(self) -> str:
        """The one way of writing it."""
        return json.dumps({"digest": self.digest, "origin": self.origin}, ensure_ascii=False) + "\n"


def create(folder: Path, origin: str, digest: Digest = "sha256") -> None:
    """Begin a log in a folder that holds none. Raises ``log_exists``."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / DESCRIPTION).exists():
        raise Conflict(Problem(str(folder), "log_exists"))
    Checkpoint(origin, 0, bytes(32)).text()  # the origin must fit on a line
    (folder / CHECKPOINTS).mkdir()
    replace(folder / DESCRIPTION, Description(origin, digest).encode())


def describe(folder: Path) -> Description:
    """Read ``log.json``. Raises ``log_malformed`` unless it is exactly as it was written."""
    try:
        written = read(folder / DESCRIPTION)
        found = Description(**json.loads(written))
        sound = found.encode() == written and found.digest in ("sha256", "sm3")
    except (ValueError, TypeError):
        sound = False
    require(sound, DESCRIPTION, "log_malformed")
    return found


def note_path(folder: Path, size: int) -> Path:
    """Where the checkpoint of `size` is kept."""
    return folder / CHECKPOINTS / f"{size:020d}.note"


def read_note(path: Path) -> Note:
    """One signed note. Raises ``note_malformed``."""
    return Note.parse(read(path), path.name)


def write_keys(folder: Path, keys: Iterable[PublicKey]) -> None:
    """Put public keys into `folder`, a line in a file each."""
    folder.mkdir(exist_ok=True)
    for key in keys:
        (folder / f"{key.id.hex()}.vkey").write_text(key.encode() + "\n", encoding="utf-8")


def read_key(path: Path) -> PublicKey:
    """One public key. Raises ``key_malformed``."""
    try:
        return PublicKey.parse(read(path))
    except InputError as error:
        raise InputError(Problem(path.name, "key_malformed")) from error


def read(path: Path) -> str:
    """The text of a file, to the byte. Raises ``file_unreadable``."""
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(Problem(str(path), "log_file_unreadable", type(error).__name__)) from error


def replace(path: Path, text: str) -> None:
    """Write a file whole or not at all, and for good."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as stream:
        stream.write(text.encode())
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)
    settle(path.parent)


def settle(folder: Path) -> None:
    """Make the names in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

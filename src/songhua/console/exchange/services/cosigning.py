"""The second department: it co-signs what it can prove to continue what it signed before.

What goes out is a checkpoint with the proof that it continues an earlier one; what comes back is
the same note with a signature more. The witness's secret key never comes here, and what is signed
is taken from anybody, for the signature itself says whose it is.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console.exchange.models import Event
from songhua.console.exchange.services import evidence
from songhua.console.ledger.services import audit
from songhua.console.ledger.services.rows import office_only
from songhua.exchange.log import folder, verification
from songhua.exchange.log.checkpoints import Checkpoint
from songhua.exchange.log.evidence import EvidenceLog
from songhua.exchange.log.export import export
from songhua.exchange.log.files import FileStore
from songhua.exchange.log.keys import PublicKey
from songhua.exchange.log.notes import Note
from songhua.exchange.log.witness import Asked
from songhua.kit.errors import InputError, Problem, require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from songhua.console.people.models import User
    from songhua.exchange.log.locating import Finding

WITNESSES = "witnesses"  # folder of their public keys, beside the log's files
COSIGNED = "cosigned.note"  # in it: the newest checkpoint that one of them signed


@dataclass(frozen=True)
class Standing:
    """The newest checkpoint, who co-signed it, the newest that any witness co-signed, and how many
    events wait to be sealed."""

    note: Note
    checkpoint: Checkpoint
    signers: tuple[PublicKey, ...]
    cosigned: Checkpoint | None
    waiting: int


def witnesses() -> list[PublicKey]:
    """The public keys of the departments that co-sign."""
    kept = evidence.root() / WITNESSES
    return [folder.read_key(path) for path in sorted(kept.glob("*.vkey"))]


def trust(actor: User, line: str) -> PublicKey:
    """Take a department's public key, as `songhua log key` printed it, for that of a witness."""
    office_only(actor)
    key = PublicKey.parse(line)
    require(key.cosigns, key.name, "witness_key")
    with transaction.atomic():
        audit.hold()
        audit.record(actor, "witness_trusted", f"witness:{key.name}", key=key.encode())
        evidence.record("witness_trusted", key=key.encode(), by=actor.username)
        folder.write_keys(evidence.root() / WITNESSES, [key])
    return key


def asked(since: int) -> Asked:
    """The newest checkpoint, with the proof that it continues the one of size `since`. Raises
    ``log_no_checkpoint`` before the first, ``log_size`` where `since` is beyond it."""
    with FileStore(evidence.root()) as store:
        note = store.newest()
        if note is None:
            raise InputError(Problem(store.origin, "log_no_checkpoint"))
        signed = EvidenceLog(store, evidence.signing_key())
        proof = signed.consistency(since, Checkpoint.of(note).size)
        return Asked(store.hasher.digest, note, tuple(proof))


def accept(text: str) -> Note:
    """Keep what a witness co-signed. Raises `InputError` unless the log and a witness that we
    trust have signed, and nobody of them wrongly."""
    known, note = witnesses(), Note.parse(text)
    if not note.verified(known):
        raise InputError(Problem("note", "exchange_not_cosigned"))
    with evidence.held() as store:
        ours = EvidenceLog(store, evidence.signing_key())
        size = Checkpoint.of(note).size
        require(size <= store.size, store.origin, "log_not_signed")
        kept, before = ours.cosigned(note, known), cosigned()
        if before is None or before.size <= size:
            folder.replace(evidence.root() / WITNESSES / COSIGNED, kept.encode())
        return kept


def cosigned() -> Checkpoint | None:
    """The newest checkpoint that a witness signed."""
    path = evidence.root() / WITNESSES / COSIGNED
    return Checkpoint.of(folder.read_note(path)) if path.exists() else None


def standing() -> Standing | None:
    """Where the log stands; None before its first checkpoint."""
    if not (evidence.root() / folder.DESCRIPTION).exists():
        return None
    with FileStore(evidence.root()) as store:
        note = store.newest()
    if note is None:
        return None
    signed = Checkpoint.of(note)
    last = Event.objects.order_by("-index").values_list("index", flat=True).first()
    waiting = 0 if last is None else max(0, last + 1 - signed.size)
    return Standing(note, signed, tuple(note.verified(witnesses())), cosigned(), waiting)


@contextmanager
def exported() -> Iterator[Path]:
    """The log as it is handed over, in a folder that lasts as long as the block."""
    with tempfile.TemporaryDirectory(prefix="evidence-log-") as made:
        target = Path(made) / "evidence-log"
        keys = [evidence.signing_key().public, *witnesses()]
        with FileStore(evidence.root()) as store:
            export(store, target, keys)
        yield target


def archived() -> Path:
    """An export as a ZIP file, which the caller removes."""
    with exported() as made:
        kept = Path(tempfile.mkdtemp(prefix="evidence-log-zip-")) / "evidence-log"
        return Path(shutil.make_archive(str(kept), "zip", made.parent, made.name))


def verify() -> list[Finding]:
    """Everything that does not hold of the log as it stands now, computed from its entries. That
    the newest checkpoint still waits for a witness is no finding: `standing` tells it."""
    with exported() as made:
        findings = verification.verify(made, [evidence.signing_key().public, *witnesses()])
    return [one for one in findings if one.code != "log_cosignature_missing"]

"""The witness: a second department that signs only what continues what it signed before."""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from songhua.exchange.log.checkpoints import Checkpoint
from songhua.exchange.log.folder import read, replace
from songhua.exchange.log.notes import Note
from songhua.exchange.log.proofs import verify_consistency
from songhua.exchange.log.tree import Digest, Hasher
from songhua.kit.errors import Conflict, InputError, Problem, require

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from songhua.exchange.log.keys import PublicKey, SigningKey


@dataclass(frozen=True)
class Asked:
    """What a log sends to its witness: a checkpoint, and the proof that it continues the last."""

    digest: Digest
    note: Note
    proof: tuple[bytes, ...]

    def encode(self) -> str:
        """As JSON, hashes in hexadecimal."""
        proof = [part.hex() for part in self.proof]
        found = {"digest": self.digest, "checkpoint": self.note.encode(), "proof": proof}
        return json.dumps(found, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def parse(cls, text: str) -> Asked:
        """Read `encode`'s text. Raises ``witness_asked_malformed``."""
        try:
            found = json.loads(text)
            proof = tuple(map(bytes.fromhex, found["proof"]))
            return cls(Hasher(found["digest"]).digest, Note.parse(found["checkpoint"]), proof)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError(Problem("checkpoint", "witness_asked_malformed")) from error


class Witness:
    """Co-signs the checkpoints of one log; `state` is the file that remembers the last one."""

    def __init__(
        self, key: SigningKey, log: PublicKey, state: Path, digest: Digest = "sha256"
    ) -> None:
        require(key.public.cosigns, key.public.name, "witness_key")
        self._key, self._log, self._state, self._hasher = key, log, state, Hasher(digest)

    def seen(self) -> Checkpoint | None:
        """The last checkpoint co-signed: the log's next proof must begin at its size."""
        if not self._state.exists():
            return None
        found = json.loads(read(self._state))
        return Checkpoint(found["origin"], found["size"], bytes.fromhex(found["root"]))

    def cosign(self, note: Note, proof: Sequence[bytes], at: datetime) -> Note:
        """The note with the witness's signature, made at `at`, after the state is durable.

        `proof` is of consistency from the size of `seen` to the note's. The first checkpoint is
        taken as it is. Raises `Conflict`: ``witness_shrunk``, ``witness_fork``; `InputError` where
        the log has not signed or its signature is wrong.
        """
        signed = Checkpoint.of(note)
        own = signed.origin == self._log.name and bool(note.verified([self._log]))
        require(own, signed.origin, "log_not_signed")
        with self._alone():
            seen = self.seen()
            if seen is not None:
                self._continues(seen, signed, proof)
            state = {"origin": signed.origin, "size": signed.size, "root": signed.root.hex()}
            replace(self._state, json.dumps(state, ensure_ascii=False) + "\n")
            return note.signed(self._key, at)

    def _continues(self, seen: Checkpoint, signed: Checkpoint, proof: Sequence[bytes]) -> None:
        place = f"{seen.size} → {signed.size}"
        if signed.size < seen.size:
            raise Conflict(Problem(place, "witness_shrunk"))
        holds = seen.origin == signed.origin and verify_consistency(
            self._hasher, seen.size, signed.size, seen.root, signed.root, proof
        )
        if not holds:
            raise Conflict(Problem(place, "witness_fork"))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        lock = os.open(self._state.with_name(self._state.name + ".lock"), os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

"""A receipt: one entry's place in a signed log, to be checked by anybody with the public keys."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from songhua.exchange.log.checkpoints import Checkpoint
from songhua.exchange.log.notes import Note
from songhua.exchange.log.proofs import verify_inclusion
from songhua.exchange.log.tree import Hasher
from songhua.kit.errors import InputError, Problem, require

if TYPE_CHECKING:
    from collections.abc import Collection

    from songhua.exchange.log.keys import PublicKey
    from songhua.exchange.log.tree import Digest


@dataclass(frozen=True)
class Receipt:
    """Entry `index` has the hash `leaf`; `proof` leads from it to the root that `note` signs."""

    digest: Digest
    index: int
    leaf: bytes
    proof: tuple[bytes, ...]
    note: Note

    def encode(self) -> str:
        """The receipt as JSON, hashes in hexadecimal."""
        found = {
            "digest": self.digest,
            "index": self.index,
            "leaf": self.leaf.hex(),
            "proof": [part.hex() for part in self.proof],
            "checkpoint": self.note.encode(),
        }
        return json.dumps(found, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def parse(cls, text: str) -> Receipt:
        """Read `encode`'s text. Raises ``receipt_malformed``."""
        try:
            found: dict[str, Any] = json.loads(text)
            made = cls(
                found["digest"], found["index"], bytes.fromhex(found["leaf"]),
                tuple(map(bytes.fromhex, found["proof"])), Note.parse(found["checkpoint"]),
            )  # fmt: skip
            sound = made.encode() == text
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError(Problem("receipt", "receipt_malformed")) from error
        require(sound, "receipt", "receipt_malformed")
        return made

    def verify(self, entry: bytes, keys: Collection[PublicKey]) -> Checkpoint:
        """The checkpoint under which `entry` stands.

        `keys` must all have signed: the log's, and those of the witnesses one insists on. Raises
        ``receipt_wrong`` or the note's own errors.
        """
        hasher, signed = Hasher(self.digest), Checkpoint.of(self.note)
        signers = self.note.verified(keys)
        missing = [key.name for key in keys if key not in signers]
        require(not missing, "receipt", "log_cosignature_missing", ", ".join(missing))
        require(any(_owns(key, signed) for key in signers), "receipt", "log_not_signed")
        place = self.index, signed.size
        holds = hasher.leaf(entry) == self.leaf and verify_inclusion(
            hasher, *place, self.leaf, self.proof, signed.root
        )
        require(holds, "receipt", "receipt_wrong", self.index)
        return signed


def _owns(key: PublicKey, signed: Checkpoint) -> bool:
    return key.name == signed.origin and not key.cosigns

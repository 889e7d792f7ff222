"""Signed notes (C2SP signed-note): a text, a blank line, one line for each signature."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from songhua.exchange.log.keys import strict_base64
from songhua.kit.errors import require

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from songhua.exchange.log.keys import PublicKey, SigningKey

LIMIT = 100  # signatures on one note; the specification asks for at least 16
_DASH = "— "


@dataclass(frozen=True)
class Signature:
    """One line under a note: whose it says it is, the key's id, and the signature."""

    name: str
    key_id: bytes
    value: bytes

    def by(self, key: PublicKey) -> bool:
        """Whether it claims to be of `key`: name and id together say which key."""
        return (self.name, self.key_id) == (key.name, key.id)


@dataclass(frozen=True)
class Note:
    """A text that ends in a newline, and its signatures."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def encode(self) -> str:
        """The note as it is passed on."""
        lines = [
            f"{_DASH}{each.name} {base64.b64encode(each.key_id + each.value).decode()}\n"
            for each in self.signatures
        ]
        return f"{self.text}\n{''.join(lines)}"

    @classmethod
    def parse(cls, text: str, where: str = "note") -> Note:
        """Read a signed note, with nothing yet verified. Raises ``note_malformed``."""
        body, blank, under = text.rpartition("\n\n")
        lines = under.removesuffix("\n").split("\n")
        sound = bool(blank and under.endswith("\n") and len(lines) <= LIMIT)
        require(sound and min(text.replace("\n", " ")) >= " ", where, "note_malformed")
        return cls(body + "\n", tuple(_signature(line, where) for line in lines))

    def signed(self, key: SigningKey, at: datetime | None = None) -> Note:
        """The note with one signature more; a witness's needs the instant."""
        value = key.sign(self.text.encode(), at)
        return self.merged(Note(self.text, (Signature(key.public.name, key.public.id, value),)))

    def merged(self, other: Note) -> Note:
        """The signatures of both notes of one text; of one key, the other's."""
        found = {(each.name, each.key_id): each for each in self.signatures + other.signatures}
        return Note(self.text, tuple(found.values()))

    def verified(self, keys: Iterable[PublicKey], where: str = "note") -> list[PublicKey]:
        """Those of `keys` that signed. Signatures of other keys are passed over.

        Raises ``note_wrong_signature`` where a signature of one of `keys` does not hold.
        """
        signers = []
        for key in keys:
            claimed = [each for each in self.signatures if each.by(key)]
            for each in claimed:
                holds = key.verify(self.text.encode(), each.value)
                require(holds, where, "note_wrong_signature", key.name)
            signers += [key] if claimed else []
        return signers


def _signature(line: str, where: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    data = strict_base64(encoded) or b""
    sound = line.startswith(_DASH) and bool(name and space) and "+" not in name and len(data) > 4
    require(sound, where, "note_malformed", line)
    return Signature(name, data[:4], data[4:])

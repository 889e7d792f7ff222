"""Checkpoints (C2SP tlog-checkpoint): a log's origin, size and root as the text of a note."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from songhua.exchange.log.keys import strict_base64
from songhua.kit.errors import require

if TYPE_CHECKING:
    from songhua.exchange.log.notes import Note

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class Checkpoint:
    """The first `size` entries of the log `origin` have this root; extensions are opaque lines.

    >>> Checkpoint("example.com/log", 0, bytes(32)).text().splitlines()[:2]
    ['example.com/log', '0']
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """The note text that is signed. Raises ``checkpoint_malformed``."""
        root = base64.b64encode(self.root).decode()
        text = "".join(f"{x}\n" for x in (self.origin, str(self.size), root, *self.extensions))
        require(Checkpoint.parse(text) == self, "checkpoint", "checkpoint_malformed")
        return text

    @classmethod
    def parse(cls, text: str, where: str = "checkpoint") -> Checkpoint:
        """Read a note text strictly. Raises ``checkpoint_malformed``."""
        lines = text.split("\n")
        sound = len(lines) > 3 and lines[-1] == "" and all(lines[:-1])
        require(sound, where, "checkpoint_malformed")
        origin, size, encoded, *extensions = lines[:-1]
        root = strict_base64(encoded) or b""
        sound = bool(_SIZE.fullmatch(size)) and len(root) == 32
        require(sound, where, "checkpoint_malformed", size)
        return cls(origin, int(size), root, tuple(extensions))

    @classmethod
    def of(cls, note: Note, where: str = "checkpoint") -> Checkpoint:
        """What a note says, nothing verified."""
        return cls.parse(note.text, where)

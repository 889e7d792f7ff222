"""Which encoding a text file is in, found by decoding all of it strictly and in pieces."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CHUNK = 1024 * 1024
_SAMPLE = 4096
_EVIDENCE = 4  # characters
_CONTROL = bytes(c for c in range(32) if c not in b"\t\n\x0b\x0c\r\x1a")
_CONTROLS = re.compile(f"[{re.escape(_CONTROL.decode())}]")
_CHINESE = re.compile("[\u0800-\uffff]")  # three bytes in UTF-8, hardly ever met by chance
_STRANGE = re.compile("[\u0180-\u036f\u0500-\u07ff]")  # Armenian, say: two bytes, as 站 in GB18030


@dataclass
class _Trial:
    """What decoding with one codec met: Chinese and strange characters, and the fault that ended
    it, if one did, at a byte (from 0) and a line (from 1)."""

    codec: str
    chinese: int = 0
    strange: bool = False
    fault: tuple[int, int] | None = None

    def see(self, text: str) -> None:
        if self.chinese < _EVIDENCE and not text.isascii():
            self.chinese += len(_CHINESE.findall(text))
            self.strange = self.strange or _STRANGE.search(text) is not None


def detect(source: Path, where: str, tick: Callable[[int], None]) -> str:
    """The codec of a text file: utf-8, gb18030 (which contains GBK), utf-16-le or utf-16-be.

    A mark at the start stays in the decoded text as U+FEFF. `tick` hears of the bytes gone
    through. Raises `InputError` naming the byte and the line where the text stops being text.
    """
    trials: list[_Trial] = []
    for codec in _candidates(source):
        trials.append(trial := _decoded(source, codec, where, tick))
        doubtful = trial.strange and not trial.chinese and codec == "utf-8"
        if trial.fault is None and not doubtful:
            return codec
        if trial.fault and codec == "utf-8" and trial.chinese >= _EVIDENCE:
            break  # damaged UTF-8: GB18030 would read on and invent text
    if readable := [trial.codec for trial in trials if trial.fault is None]:
        return readable[-1]
    offset, line = max(trial.fault for trial in trials if trial.fault)
    raise InputError(Problem(where, "table_encoding", str(offset), row=line))


def _candidates(source: Path) -> tuple[str, ...]:
    with source.open("rb") as stream:
        sample = stream.read(_SAMPLE)
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    # Half of every comma, digit and line break of UTF-16 is zero, always the same half.
    if sample.startswith(codecs.BOM_UTF16_LE) or (odd * 16 > len(sample) and odd > 4 * even):
        return ("utf-16-le",)
    if sample.startswith(codecs.BOM_UTF16_BE) or (even * 16 > len(sample) and even > 4 * odd):
        return ("utf-16-be",)
    return "utf-8", "gb18030"


def _decoded(source: Path, codec: str, where: str, tick: Callable[[int], None]) -> _Trial:
    decoder, trial = codecs.getincrementaldecoder(codec)("strict"), _Trial(codec)
    start, line = 0, 1
    with source.open("rb") as stream:
        while True:
            chunk = stream.read(CHUNK)
            begin = start - len(decoder.getstate()[0])
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                good = error.object[: error.start].decode(codec)
                trial.see(good)
                trial.fault = begin + error.start, line + _lines(good)
                return trial
            if (found := _control(text)) is not None:
                offset = begin + len(text[:found].encode(codec))
                row = line + _lines(text[:found])
                raise InputError(Problem(where, "upload_binary", str(offset), row=row))
            if not chunk:
                return trial
            trial.see(text)
            line += _lines(text)
            start += len(chunk)
            tick(start)


def _control(text: str) -> int | None:
    """Where the first control character stands."""
    plain = text.encode()
    if len(plain.translate(None, _CONTROL)) == len(plain):
        return None
    found = _CONTROLS.search(text)
    return found.start() if found else None


def _lines(text: str) -> int:
    """The lines that end in `text`, with whichever mark ends them."""
    return max(text.count("\n"), text.count("\r"))

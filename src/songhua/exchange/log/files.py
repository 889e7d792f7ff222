"""A log on disk: one writer, many readers, nothing acknowledged before it is durable.

Entries go first and are made durable; then the index, which is derived from them and rebuilt from
them where it is missing. A write that broke off is cut away when the next writer opens the log;
what was cut stays in the folder beside it.
"""

from __future__ import annotations

import fcntl
import os
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Self

from songhua.exchange.log import folder as form
from songhua.exchange.log.checkpoints import Checkpoint
from songhua.exchange.log.records import HEAD, packed, records
from songhua.exchange.log.stores import joined
from songhua.exchange.log.tree import Frontier, Hasher, row, rows
from songhua.kit.errors import Conflict, Problem, require

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from songhua.exchange.log.notes import Note

ROW = struct.Struct(">32sQ")
BATCH = 4096  # entries made durable together, and looked at again when a writer opens the log


@dataclass(frozen=True)
class Recovery:
    """What opening cut away: bytes of a broken write, and entries that had been acknowledged
    (more than none only where a disk or a person broke its word)."""

    torn_bytes: int
    lost_entries: int


class FileStore:
    """The log in `folder`, which `folder.create` has made; a `Store`.

    A writer holds the folder until it is closed. Raises ``log_in_use`` where another one does,
    ``log_damaged`` where an entry that was acknowledged is not what was written.
    """

    def __init__(self, folder: Path, *, write: bool = False) -> None:
        found = form.describe(folder)
        self.folder, self.origin, self.hasher = folder, found.origin, Hasher(found.digest)
        self._frontier: Frontier | None = None
        self.recovery = Recovery(0, 0)
        flags = os.O_RDWR | os.O_CREAT if write else os.O_RDONLY | os.O_CREAT
        self._entries = os.open(folder / form.ENTRIES, flags, 0o644)
        self._index = os.open(folder / form.INDEX, flags, 0o644)
        if write:
            try:
                self._hold()
                self.recovery = self._recover()
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Let the folder go."""
        os.close(self._entries)
        os.close(self._index)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def size(self) -> int:
        return self._frontier.size if self._frontier else self._indexed()

    def node(self, level: int, index: int) -> bytes:
        digest: bytes = self._row(row(level, index))[0]
        return digest

    def entry(self, index: int) -> bytes:
        require(0 <= index < self.size, "index", "log_size", index)
        start = self.end(index) + HEAD.size
        return os.pread(self._entries, self.end(index + 1) - start, start)

    def end(self, leaves: int) -> int:
        """Bytes that the records of the first `leaves` entries take."""
        return int(self._row(row(0, leaves - 1))[1]) if leaves else 0

    def append(self, entries: Iterable[bytes]) -> range:
        if self._frontier is None:
            raise RuntimeError("this log was opened for reading")
        first = self._frontier.size
        for batch in _batches(entries):
            written = [packed(entry) for entry in batch]
            _write(self._entries, b"".join(written), self.end(self.size))
            self._add(batch)
        return range(first, self.size)

    def newest(self) -> Note | None:
        path = max((self.folder / form.CHECKPOINTS).glob("*.note"), default=None)
        return form.read_note(path) if path else None

    def keep(self, note: Note) -> Note:
        path = form.note_path(self.folder, Checkpoint.of(note).size)
        before = max((self.folder / form.CHECKPOINTS).glob("*.note"), default=path)
        kept = joined(form.read_note(path) if path.exists() else None, note)
        form.replace(path, kept.encode())
        if before.name < path.name and self._passing(before, path):
            before.unlink()
        return kept

    def _passing(self, before: Path, path: Path) -> bool:
        """Whether a checkpoint may go when the next one is kept: it is not the last of its day, and
        nobody but the log has signed it. Checkpoints come by the second; whoever needs a proof from
        an older one gets it from the entries."""
        days = {datetime.fromtimestamp(each.stat().st_mtime, UTC).date() for each in (before, path)}
        signers = {signature.name for signature in form.read_note(before).signatures}
        return len(days) == 1 and signers <= {self.origin}

    def _hold(self) -> None:
        try:
            fcntl.flock(self._entries, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Conflict(Problem(str(self.folder), "log_in_use")) from error

    def _indexed(self) -> int:
        """Leaves whose rows are all in the index."""
        held = os.fstat(self._index).st_size // ROW.size
        leaves = held // 2
        while rows(leaves + 1) <= held:
            leaves += 1
        return leaves

    def _row(self, place: int) -> tuple[bytes, int]:
        digest, end = ROW.unpack(os.pread(self._index, ROW.size, place * ROW.size))
        return digest, end

    def _add(self, batch: Sequence[bytes]) -> None:
        """Index entries whose records are durable."""
        assert self._frontier is not None
        end, grown, made = self.end(self.size), self._frontier.copy(), []
        for entry in batch:
            end += HEAD.size + len(entry)
            made += [ROW.pack(digest, end) for digest in grown.add(self.hasher.leaf(entry))]
        _write(self._index, b"".join(made), rows(self._frontier.size) * ROW.size)
        self._frontier = grown

    def _recover(self) -> Recovery:
        """Read again what the last batch may have left half done; cut what is not whole."""
        known = self._indexed()
        self._frontier = Frontier.of(self, max(0, known - BATCH))
        for batch in _batches(self._whole(known)):
            self._add(batch)
        end, held = self.end(self.size), os.fstat(self._entries).st_size
        torn = held - end
        # A write that broke off leaves too few bytes. Enough of them that are no records, or so
        # few that earlier batches are gone, is something else.
        if torn < 0 or (self.size < known and held >= self.end(known)):
            raise Conflict(Problem(f"{form.ENTRIES} {self.size}", "log_damaged"))
        if torn:
            kept = self.folder / f"torn-{end:020d}"
            kept.write_bytes(os.pread(self._entries, torn, end))
            os.ftruncate(self._entries, end)
            os.fsync(self._entries)
        os.ftruncate(self._index, rows(self.size) * ROW.size)
        form.settle(self.folder)
        return Recovery(torn, max(0, known - self.size))

    def _whole(self, known: int) -> Iterator[bytes]:
        with os.fdopen(os.dup(self._entries), "rb") as stream:
            stream.seek(self.end(self.size))
            for index, (entry, sound) in enumerate(records(stream), self.size):
                if not sound and index >= known:
                    return
                if not sound:
                    raise Conflict(Problem(f"{form.ENTRIES} {index}", "log_damaged"))
                yield entry


def _batches(entries: Iterable[bytes]) -> Iterator[list[bytes]]:
    left = iter(entries)
    while batch := list(islice(left, BATCH)):
        yield batch


def _write(handle: int, data: bytes, place: int) -> None:
    """Write all of `data` at `place` and wait until it is durable."""
    view = memoryview(data)
    while view:
        done = os.pwrite(handle, view, place)
        view, place = view[done:], place + done
    os.fsync(handle)

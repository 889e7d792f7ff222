"""Checking an exported log offline: everything is computed anew from the entries.

What an export cannot show by itself is that its end was cut off together with the checkpoints that
signed it, or that all of it was written and signed anew: a checkpoint kept elsewhere shows both.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from songhua.exchange.log import folder as form
from songhua.exchange.log.checkpoints import Checkpoint
from songhua.exchange.log.files import ROW
from songhua.exchange.log.locating import Finding, located, span
from songhua.exchange.log.records import HEAD, records
from songhua.exchange.log.tree import Frontier, Hasher
from songhua.kit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from songhua.exchange.log.keys import PublicKey
    from songhua.exchange.log.notes import Note


@dataclass(frozen=True)
class _Signed:
    """A checkpoint that the log signed, and the file that says so."""

    place: str
    note: Note
    checkpoint: Checkpoint

    @property
    def size(self) -> int:
        return self.checkpoint.size


@dataclass
class _Computed:
    """What the entries themselves give: roots at the sizes asked for, and what is unsound."""

    roots: dict[int, bytes]
    size: int = 0
    index_holds: bool = True
    findings: list[Finding] = field(default_factory=list)


def verify(
    export: Path, keys: Collection[PublicKey], checkpoints: Sequence[Path] = ()
) -> list[Finding]:
    """Everything about the log in `export` that does not hold; nothing where all of it does.

    `keys` are trusted: the log's, whose name is the log's origin, and its witnesses', each of whom
    must have co-signed the newest checkpoint. `checkpoints` are signed notes kept elsewhere.
    """
    try:
        described = form.describe(export)
    except InputError as error:
        return list(error.problems)
    if not any(key.name == described.origin and not key.cosigns for key in keys):
        return [Finding(described.origin, "log_key_missing")]
    findings = _keys(export, keys)
    inside = _signed((export / form.CHECKPOINTS).glob("*"), described.origin, keys, findings)
    outside = _signed(checkpoints, described.origin, keys, findings)
    if not inside:
        return [*findings, Finding(form.CHECKPOINTS, "log_no_checkpoint")]
    findings += _cosigned(inside[-1], keys)
    signed = sorted([*inside, *outside], key=lambda each: (each.size, each.checkpoint.root))
    try:
        findings += _entries(export, Hasher(described.digest), signed)
    except OSError as error:
        findings.append(Finding(str(export), "log_file_unreadable", type(error).__name__))
    return findings


def _keys(export: Path, keys: Collection[PublicKey]) -> list[Finding]:
    """The keys inside an export are not believed; one that contradicts the trusted is told."""
    findings: list[Finding] = []
    for path in sorted((export / form.KEYS).glob("*")):
        try:
            found = form.read_key(path)
        except InputError as error:
            findings += error.problems
            continue
        rivals = [k for k in keys if (k.name, k.kind) == (found.name, found.kind)]
        if rivals and found not in rivals:
            findings.append(Finding(path.name, "log_key_differs", found.name))
    return findings


def _signed(
    paths: Iterable[Path], origin: str, keys: Collection[PublicKey], findings: list[Finding]
) -> list[_Signed]:
    """The checkpoints that the log signed, smallest first; what is wrong goes to `findings`."""
    found = []
    for path in paths:
        try:
            note = form.read_note(path)
            checkpoint = Checkpoint.of(note, path.name)
        except InputError as error:
            findings += error.problems
            continue
        signers = []
        for key in keys:
            try:
                signers += note.verified([key], path.name)
            except InputError as error:
                findings += error.problems
        if checkpoint.origin == origin and any(
            key.name == origin and not key.cosigns for key in signers
        ):
            found.append(_Signed(path.name, note, checkpoint))
        else:
            findings.append(Finding(path.name, "log_not_signed"))
    return sorted(found, key=lambda each: each.size)


def _cosigned(newest: _Signed, keys: Collection[PublicKey]) -> list[Finding]:
    """The newest checkpoint of the export must bear every witness's signature."""
    return [
        Finding(newest.place, "log_cosignature_missing", key.name)
        for key in keys
        if key.cosigns and not any(each.by(key) for each in newest.note.signatures)
    ]


def _compute(export: Path, hasher: Hasher, sizes: Collection[int]) -> _Computed:
    """One pass over the entries, beside the index."""
    frontier, end = Frontier(hasher), 0
    done = _Computed({0: hasher.empty()})
    with (export / form.ENTRIES).open("rb") as entries, (export / form.INDEX).open("rb") as index:
        for entry, sound in records(entries):
            if not sound:
                done.findings.append(Finding(f"{form.ENTRIES} {frontier.size}", "log_checksum"))
            end += HEAD.size + len(entry)
            made = b"".join(ROW.pack(each, end) for each in frontier.add(hasher.leaf(entry)))
            done.index_holds = done.index_holds and index.read(len(made)) == made
            if frontier.size in sizes:
                done.roots[frontier.size] = frontier.root()
        done.index_holds = done.index_holds and not index.read(1)
        torn = entries.seek(0, io.SEEK_END) - end
    if torn:
        done.findings.append(Finding(f"{form.ENTRIES} {frontier.size}", "log_torn", str(torn)))
    done.size = frontier.size
    return done


def _entries(export: Path, hasher: Hasher, signed: Sequence[_Signed]) -> Iterator[Finding]:
    """The entries held against every signed root, `signed` being sorted by size."""
    computed = _compute(export, hasher, {each.size for each in signed})
    yield from computed.findings
    fits = [each for each in signed if computed.roots.get(each.size) == each.checkpoint.root]
    yield from _forks(signed, fits)
    covered = fits[-1].size if fits else 0
    unmet = [each.checkpoint for each in signed if not fits or each.size > covered]
    if unmet:
        yield from located(export, hasher, covered, unmet, computed.size)
    elif computed.size > covered:
        yield Finding(span(covered, computed.size - 1), "log_uncovered")
    elif not computed.index_holds:
        yield Finding(form.INDEX, "log_index_wrong")


def _forks(signed: Sequence[_Signed], fits: Sequence[_Signed]) -> Iterator[Finding]:
    """Pairs of signed statements of which only one can be true: two roots of one size, or an old
    root that the entries contradict while they bear out a newer one."""
    pairs = [(a, b) for a, b in pairwise(signed) if a.size == b.size]
    told = {each.size for each in fits}
    pairs += [(a, b) for a in signed for b in fits[-1:] if a.size < b.size and a.size not in told]
    for one, other in pairs:
        if one.size < other.size or one.checkpoint.root != other.checkpoint.root:
            yield Finding(f"{one.place} ↔ {other.place}", "log_forked", str(one.size))

"""The catalogue for other catalogues: DCAT-AP documents, made once for each state of it.

A document is written in parts of a few hundred datasets, so that it needs little memory however
many there are, and sent while it is made. The finished file serves whoever asks next, until
anything in the catalogue has changed.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Count, Max

from songhua.console.exchange import records, selectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import QuerySet

    from songhua.console.exchange.models import Entry

FORMS = {
    "ttl": ("turtle", "text/turtle; charset=utf-8"),
    "jsonld": ("json-ld", "application/ld+json"),
    "rdf": ("xml", "application/rdf+xml"),
}
PART = 250
_SPACES = {
    "dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/", "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
}  # fmt: skip
_ROOT = re.compile(rb"<rdf:RDF[^>]*>|</rdf:RDF>")


def state(rows: QuerySet[Entry], base: str, form: str) -> str:
    """What a document is made of, as a digest: it changes with any of its datasets."""
    found = rows.aggregate(n=Count("pk"), newest=Max("modified_at"))
    said = f"{base} {form} {found['n']} {found['newest']}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def document(
    rows: QuerySet[Entry], base: str, publisher: str, form: str, made: str
) -> Iterator[bytes]:
    """The document of these datasets in pieces; `made` is their `state`."""
    file = _folder() / f"{made}.{form}"
    if file.exists():
        yield from _pieces(file)
        return
    work = file.with_name(f".{secrets.token_hex(8)}")
    try:
        with work.open("wb") as out:
            for piece in _written(rows, base, publisher, form):
                out.write(piece)
                yield piece
        work.replace(file)
    finally:
        work.unlink(missing_ok=True)
    _forget(file)


def _folder() -> Path:
    made = Path(settings.DATA_DIR) / "catalogue-documents"
    made.mkdir(parents=True, exist_ok=True)
    return made


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while piece := stream.read(1 << 16):
            yield piece


def _forget(newest: Path, most: int = 12) -> None:
    """Keep the documents that were made last: the states of each form and audience."""
    kept = sorted(newest.parent.glob("[!.]*"), key=os.path.getmtime, reverse=True)
    for old in kept[most:]:
        old.unlink(missing_ok=True)


def _written(
    rows: QuerySet[Entry], base: str, publisher: str, form: str
) -> Iterator[bytes]:  # fmt: skip
    from songhua.exchange.catalogue.dcat import serialise, to_dcat

    parts = (
        serialise(to_dcat(part, base, publisher), FORMS[form][0]) for part in _parts(rows)
    )  # fmt: skip
    if form == "ttl":
        yield from parts
    elif form == "jsonld":
        yield from _joined((part.strip()[1:-1] for part in parts), b"[", b",", b"]")
    else:
        spaces = " ".join(f'xmlns:{name}="{space}"' for name, space in _SPACES.items())
        head = f'<?xml version="1.0" encoding="utf-8"?>\n<rdf:RDF {spaces}>'.encode()
        yield from _joined((_ROOT.split(part)[1] for part in parts), head, b"", b"</rdf:RDF>\n")


def _joined(parts: Iterable[bytes], head: bytes, between: bytes, foot: bytes) -> Iterator[bytes]:
    yield head
    for number, part in enumerate(parts):
        yield between + part if number else part
    yield foot


def _parts(rows: QuerySet[Entry]) -> Iterator[list[records.Listed]]:
    """At least one part, for an empty catalogue is a catalogue too."""
    shown = selectors.stocked(rows).order_by("pk").defer("published", "found_by", "extras")
    part = list(shown[:PART])
    while True:
        yield [records.listed(entry, selectors.tables(entry)) for entry in part]
        if len(part) < PART:
            return
        part = list(shown.filter(pk__gt=part[-1].pk)[:PART])
        if not part:
            return

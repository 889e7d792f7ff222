"""A small log on disk, signed by its department and co-signed by a second one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from songhua.exchange.log import folder
from songhua.exchange.log.evidence import EvidenceLog
from songhua.exchange.log.export import export
from songhua.exchange.log.files import FileStore
from songhua.exchange.log.keys import SigningKey, generate
from songhua.exchange.log.witness import Witness

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN = "data.example.gov.cn/log"
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)


@dataclass(frozen=True)
class City:
    """The department that keeps the log, and the one that watches it."""

    key: SigningKey
    second: SigningKey
    digest: str

    @property
    def trusted(self):
        return [self.key.public, self.second.public]

    def begin(self, path: Path) -> Path:
        folder.create(path, ORIGIN, self.digest)
        return path

    def open(self, path: Path) -> EvidenceLog:
        return EvidenceLog(FileStore(path, write=True), self.key)

    def witness(self, state: Path) -> Witness:
        return Witness(self.second, self.key.public, state, self.digest)

    def exported(self, path: Path, *batches, state: Path | None = None) -> Path:
        """A log of the batches, with a co-signed checkpoint after each, as an export."""
        log = self.open(self.begin(path / "log"))
        watching = self.witness(state or path / "state.json")
        for batch in batches:
            log.append(batch)
            note, seen = log.checkpoint(), watching.seen()
            proof = log.consistency(seen.size if seen else 0, log.store.size)
            log.cosigned(watching.cosign(note, proof, AT), [self.second.public])
        export(log.store, path / "export", self.trusted)
        log.store.close()
        return path / "export"


KINDS = {"sha256": ("ed25519", "ed25519_cosignature"), "sm3": ("sm2", "sm2_cosignature")}


def _city(digest):
    own, second = KINDS[digest]
    return City(generate(ORIGIN, own), generate("audit.example.gov.cn", second), digest)


@pytest.fixture(scope="session", params=KINDS)
def city(request):
    return _city(request.param)


@pytest.fixture(scope="session")
def plain_city():
    """With SHA-256 and Ed25519, where the algorithms make no difference."""
    return _city("sha256")
